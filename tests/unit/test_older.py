"""A data folder of an earlier version opens, and what stands on people's screens still counts."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from msgspec.structs import replace

from responder.core.changes import Prompt, Question
from responder.core.model import Level, Person, PersonId, Role, encode
from responder.core.spoken import Verb
from responder.storage.drawer import Drawer
from responder.storage.sealing import Keyring
from tests.builders import HERON, OWL
from tests.unit.test_dispatcher import REPORT, House, said


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


async def paged(house: House) -> tuple[Question, ...]:
    """Everybody was paged when the program stopped; what they were asked."""
    async with house.opened() as dispatcher:
        await house.settle_in()
        await dispatcher.receive([said("r", REPORT)])
        return tuple(dispatcher.world.questions.all.values())


def age(path: Path, keys: Keyring) -> None:
    """Make the database what the program wrote before questions: a record for each answer."""
    db = sqlite3.connect(path, isolation_level=None)
    for question in Drawer(db, keys, lambda _: None).load(Question):
        for prompt in question.prompts:
            _add_row(db, keys, question, prompt)
    db.execute("DELETE FROM drawer WHERE kind = 'question'")
    db.execute("DELETE FROM migration WHERE number = 4")
    db.close()


def _add_row(db: sqlite3.Connection, keys: Keyring, question: Question, prompt: Prompt) -> None:
    key_name = question.sealed_under
    row = {
        "token": prompt.token,
        "person": question.person,
        "message": question.message,
        "number": prompt.number,
        "action": prompt.action,
        "at": prompt.at,
        "sealed_under": key_name,
        "label": prompt.label,
    }
    id = keys.id_hash("prompt", prompt.token)
    sealed = keys.seal("prompt", id, key_name, encode(row))
    db.execute(
        "INSERT INTO drawer (kind, id, key_name, sealed) VALUES ('prompt', ?, ?, ?)",
        (id, key_name, sealed),
    )


async def test_buttons_with_a_record_each_become_questions_again(house: House) -> None:
    asked = await paged(house)
    age(house.database, house.keys)
    async with house.opened() as dispatcher:
        assert tuple(dispatcher.world.questions.all.values()) == asked
    async with house.opened() as dispatcher:
        assert len(dispatcher.world.questions.all) == len(asked)


def with_blocked_coordinators(house: House) -> None:
    """Make the database what the program wrote while a block left somebody a coordinator."""
    db = sqlite3.connect(house.database, isolation_level=None)
    drawer = Drawer(db, house.keys.twin(), lambda _: None)
    roles = (Role.COORDINATOR, Role.VERIFIER)
    drawer.put(
        replace(person, granted=Level.BLOCKED, roles=roles)
        for person in drawer.load(Person)
        if person.id == OWL
    )
    db.execute("DELETE FROM migration WHERE number = 6")
    db.execute("DROP TABLE older")
    db.close()


async def test_who_was_blocked_by_an_earlier_version_coordinates_no_more(house: House) -> None:
    async with house.opened():
        await house.settle_in()
    with_blocked_coordinators(house)
    async with house.opened() as dispatcher:
        roles = {person.id: person.roles for person in dispatcher.world.everybody.values()}
        assert roles[PersonId(OWL)] == (Role.VERIFIER,)
        assert roles[PersonId(HERON)] == (Role.RESPONDER,)


async def test_what_is_brought_up_to_date_once_is_left_alone_afterwards(house: House) -> None:
    async with house.opened():
        await house.settle_in()
    with_blocked_coordinators(house)
    for _ in range(2):
        async with house.opened() as dispatcher:
            owl = dispatcher.world.everybody[PersonId(OWL)]
            given = replace(owl, roles=(Role.COORDINATOR,))
            await dispatcher.do(lambda desk, given=given: desk.put(given))  # type: ignore[misc]
    async with house.opened() as dispatcher:
        assert dispatcher.world.everybody[PersonId(OWL)].roles == (Role.COORDINATOR,)


async def test_a_button_of_an_earlier_version_does_what_it_did(house: House) -> None:
    asked = await paged(house)
    prompts = (p for q in asked if q.person == PersonId(HERON) for p in q.prompts)
    going = next(p for p in prompts if p.action.verb == Verb.ACCEPT)
    age(house.database, house.keys)
    async with house.opened() as dispatcher:
        await dispatcher.receive([said(HERON, token=going.token)])
        call = house.incident.call(PersonId(HERON))
        assert call is not None and call.answered_at is not None

"""`/help`: each person reads what they may do now, and all that they read is answered."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from responder.core.model import Level, Person, PersonId, Role, State
from responder.core.phrases import LANGUAGES, say
from responder.core.talk.commands import Name, parse, shown_name
from responder.core.talk.welcoming import Step
from responder.playbook_files import shelf
from tests.builders import WORDS, a_member, an_incident, put_playbook
from tests.unit.desk_kit import OWL, WREN, Evening, coordinator, on

SHIPPED = shelf.folder(Path(__file__).parents[2] / "playbooks").found
SCREEN = 1_000
"""Characters that one screen of a phone shows."""
STRANGER = on("telegram", "")
HIDDEN = {Name.START, Name.HELP}
"""`/start` is what Telegram sends by itself; `/help` is what they have just found."""


def people() -> dict[str, Person]:
    """One of each: what they are for decides what they read."""
    return {
        "stranger": replace(STRANGER, id=PersonId("stranger"), granted=Level.UNKNOWN),
        "verifier": on("telegram", "Teal", roles=(Role.VERIFIER,), granted=Level.KNOWN),
        "responder": on("telegram", "Swift"),
        "coordinator": coordinator("Owl", "telegram"),
        "all": on("telegram", "Rook", roles=tuple(Role), welcome=(Step.SPEAKS,)),
        "blocked": on("telegram", "Shrike", granted=Level.BLOCKED),
    }


def evening(who: str, language: str = "en", *, busy: bool = False) -> Evening:
    """That person among others; when `busy`, all that there can be to do is there."""
    person = replace(people()[who], language=language, language_chosen=True)
    found = Evening(person, coordinator("Lark"), people=(coordinator("Finch"),))
    if busy:
        found.world.lockable = True
        put_playbook(found.world, SHIPPED["mutual-aid"])
        found.world.pager_link = "https://pager.example/#register"
        found.says(person.id, "/language en" if language == "en" else "/language es")
        found.says(person.id, "/report")
        found.says(person.id, f"police, {WORDS}, Northside")
        incident = an_incident(State.PAGING).incident
        found.world.put(incident)
    return found


def named_in(text: str) -> list[Name]:
    """The commands that a help text names."""
    found = (parse(f"/{word}", slashless=False) for word in re.findall(r"/(\w+)", text))
    return [one.name for one in found if one is not None]


def help_of(who: str, language: str = "en", *, busy: bool = False) -> tuple[Evening, str]:
    found = evening(who, language, busy=busy)
    person = people()[who].id
    found.says(person, "/help")
    return found, found.told(person)


@pytest.mark.parametrize("busy", [False, True])
@pytest.mark.parametrize("who", [who for who in people() if who != "blocked"])
def test_all_that_help_names_is_answered(who: str, busy: bool) -> None:
    found, text = help_of(who, busy=busy)
    person = people()[who].id
    refused = say("en", "chat.not_member", help="help")
    for name in named_in(text):
        fresh = evening(who, busy=busy)
        told = fresh.says(person, f"/{name}").told(person)
        assert told != refused, f"{who} reads of /{name} and may not"
    assert found.world.person(person) is not None


def test_every_command_is_named_for_somebody() -> None:
    read = {name for who in people() for name in named_in(help_of(who, busy=True)[1])}
    assert read | HIDDEN == set(Name)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("who", [who for who in people() if who != "blocked"])
def test_help_fits_one_screen_of_a_phone(who: str, language: str) -> None:
    _, text = help_of(who, language, busy=True)
    assert 0 < len(text) <= SCREEN, len(text)


def test_a_stranger_reads_nothing_of_what_members_do() -> None:
    _, text = help_of("stranger")
    assert set(named_in(text)) == {
        *(Name.REPORT, Name.RIGHTS, Name.FORGET, Name.LANGUAGE, Name.JOIN),
    }


@pytest.mark.parametrize("name", [Name.NOTE, Name.END, Name.LESSON, Name.LOCK])
def test_coordinators_read_of_an_order_only_when_it_would_do_something(name: Name) -> None:
    assert name not in named_in(help_of("coordinator")[1])
    assert name in named_in(help_of("coordinator", busy=True)[1])


def test_safe_and_cancel_appear_with_a_report() -> None:
    assert not {Name.SAFE, Name.CANCEL} & set(named_in(help_of("stranger")[1]))
    assert {Name.SAFE, Name.CANCEL} <= set(named_in(help_of("stranger", busy=True)[1]))


def test_a_lone_coordinator_reads_nothing_that_takes_two() -> None:
    alone = Evening(people=(coordinator("Owl", "telegram"), a_member("Wren")))
    assert Name.EXPORT not in named_in(alone.says(OWL, "/help").told(OWL))


def test_what_is_only_named_is_explained_when_asked_for() -> None:
    found = Evening().says(OWL, "/help /off")
    assert say("en", "chat.help.off") in found.told(OWL)
    found.says(WREN, "/help lock")
    assert say("en", "chat.help.lock") not in found.told(WREN), "nor anything that is not theirs"


def test_somebody_blocked_who_is_still_heard_is_offered_no_report() -> None:
    story = an_incident(State.OUT)
    mate = story.incident.team[0].person
    found = Evening(people=())
    found.world = story.world
    found.world.put(replace(found.person(mate), granted=Level.BLOCKED))
    text = found.says(mate, "/help").told(mate)
    assert "speak to one of our coordinators" in text
    assert "report - " not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_name_that_help_shows_can_be_written_as_it_stands(language: str) -> None:
    for name in Name:
        shown = shown_name(language, name)
        assert parse(f"/{shown}", slashless=False) is not None, shown

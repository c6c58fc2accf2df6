"""A canary word in every field that a person can fill; none of them is ever found in plain bytes.

During a whole story and after it every byte of the data folder, the log (at its most talkative),
and the standard output is searched for each canary, and for every address, token and code.
"""

from __future__ import annotations

import base64
import re
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from tests.e2e.process import NUMBER, PIN, Town
from tests.e2e.test_stories import GO, a_pair_goes, a_photo

CANARIES = {
    "call sign": "Zibeline",
    "other call sign": "Quetzalin",
    "verifier": "Hoatzinor",
    "coordinator": "Turacoval",
    "emergency contact": "call Umbrette at the bakery",
    "duress phrase": "the walnut lantern is out",
    "alias": "Cobblemarsh",
    "report": "tourmaline",
    "place": "Obsidian Lane",
    "answer": "vermilion jackets",
    "question": "periwinkle gate",
    "reply": "chartreuse awning",
    "caption": "heliotrope shutters",
    "mate": "cerulean van",
    "note": "saffron protocol",
    "reason": "amaranth reason",
    "rest": "ultramarine afterthought",
}
UNSAID = {"duress phrase", "reason", "rest"}
"""Nobody need be sent these; all others went through the whole process."""
_FIRST_ACCOUNT = 7_348_201_000
"""Telegram's small numbers would be found in anything."""


def forms(words: str) -> Iterator[bytes]:
    """The ways in which words may lie about."""
    for text in (words, words.lower(), words.upper()):
        yield text.encode()
        yield text.encode("utf-16-le")
        yield base64.b64encode(text.encode())[:-4]


def secrets_of(town: Town) -> dict[str, str]:
    """Every address, number, token and code that there is by now."""
    found = {"our token": town.telegram.token, "our number": NUMBER}
    for user in town.signal._users.values():
        found |= {f"{user.name}'s number": user.number, f"{user.name}'s uuid": user.uuid}
    for account in town.telegram.users.values():
        found[f"{account.name}'s account"] = str(account.id)
        for message in account.messages:
            for row in message.buttons:
                found |= {f"a button of {account.name}, {label}": data for label, data in row}
    for member in town.members.values():
        found |= {f"a code of {member.call_sign}, {code}": code for code in member.codes}
    return found


def plain_bytes(town: Town) -> dict[str, bytes]:
    """All that lies about in plain: files with their names, output, log."""
    found = {str(p): p.read_bytes() for p in town.data.rglob("*") if p.is_file()}
    found["the names of files"] = "\n".join(found).encode()
    for number, life in enumerate(town.lives):
        found[f"output {number}"] = bytes(life.out.data)
        found[f"log {number}"] = bytes(life.err.data)
    assert any(name.endswith("network.db") for name in found), "there is nothing to search"
    return found


def nothing_lies_about(town: Town) -> None:
    """Fail where a canary or a secret is found, saying which and where."""
    wanted = CANARIES | secrets_of(town)
    everything = plain_bytes(town)
    found = [
        f"{what} in {where}"
        for what, words in wanted.items()
        for where, data in everything.items()
        if any(form in data for form in forms(words))
    ]
    assert not found


def keys_of_incidents(town: Town) -> dict[str, bytes]:
    """The names of the keys of incidents and reports, and the wrapped keys, from a copy."""
    copy = town.folder / "look"
    shutil.copytree(town.data, copy, ignore=shutil.ignore_patterns("*.sock"))
    raw = sqlite3.connect(copy / "network.db")
    rows = raw.execute("SELECT name, wrapped FROM wrapped_key").fetchall()
    raw.close()
    shutil.rmtree(copy)
    return {name: key for name, key in rows if re.match("incident:|report:", name)}


def lie_about(keys: dict[str, bytes], folder: Path) -> bool:
    """Whether one of the wrapped keys can be found in any file of the folder."""
    files = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    return any(key in data for key in keys.values() for data in files)


async def members_join(town: Town) -> None:
    """Two responders, a verifier, a coordinator, each with all that can be set."""
    say = CANARIES
    await town.member(
        say["call sign"],
        emergency_contact=say["emergency contact"],
        duress_phrase=say["duress phrase"],
    )
    await town.member(say["other call sign"], "telegram", "signal")
    await town.member(say["verifier"], roles=("verifier",))
    await town.member(say["coordinator"], roles=("coordinator",))


async def a_report_is_checked(town: Town) -> None:
    """Two neighbours whom nobody knows report the same; one is asked back, and it is confirmed."""
    say = CANARIES
    fox = town.members[say["verifier"]]
    mara, sol = town.telegram.user("Mara"), town.signal.user("Sol")
    await mara.writes(
        f"Police stop a {say['report']} car on the corner of {say['place']}, Northside"
    )
    await fox.reads(say["place"])
    await mara.sees("Are you safe where you are?")
    await mara.writes(say["answer"])
    await fox.answers("Ask a question")
    await fox.reads("Write the question")
    await fox.phone.writes(f"Can you see the {say['question']}?")
    await mara.sees(say["question"])
    await mara.writes(f"No, only the {say['reply']}")
    await sol.writes(f"Police in {say['alias']}")
    await sol.sees("We have put it together")
    await sol.sends_location(*PIN)
    nothing_lies_about(town)
    await fox.answers("Confirm")


async def a_team_is_out(town: Town) -> None:
    """The pair goes, gets a picture and a note, writes to each other, one is under duress."""
    say = CANARIES
    heron, wren, owl = (
        town.members[say[name]] for name in ("call sign", "other call sign", "coordinator")
    )
    sol = town.signal.user("Sol")
    await a_pair_goes(heron, wren)
    await sol.sends_attachment(a_photo(), "image/jpeg", say["caption"])
    await heron.phone.sees("sent by the reporter")
    await heron.phone.writes(f"there is a {say['mate']}")
    await wren.reads(say["mate"])
    await wren.reads(GO)
    await owl.answers("Add a note")
    await owl.reads("Write the note in your next message")
    await owl.phone.writes(say["note"])
    await wren.reads(say["note"])
    await heron.phone.writes(say["duress phrase"])
    await owl.reads("Quiet alarm")
    nothing_lies_about(town)


async def it_ends(town: Town) -> None:
    """Silence opens the emergency contact; a coordinator ends it, giving reasons."""
    say = CANARIES
    owl = town.members[say["coordinator"]]
    for minutes in (21, 6):
        await town.passes(minutes=minutes)
    await owl.reads(say["emergency contact"])
    for _ in range(2):
        for incident in await town.ask("incident.list"):
            await town.ask("incident.end", code=incident["code"], reason=say["reason"])
    mara = town.telegram.users[_FIRST_ACCOUNT + 2]
    await mara.sees("It is over")
    await mara.writes(say["rest"])
    nothing_lies_about(town)


async def test_no_canary_lies_about_in_plain_during_a_story_or_after_it() -> None:
    """Every field filled, every step searched; killed in the middle; forgotten in the end."""
    async with Town(alias=CANARIES["alias"]) as town:
        town.telegram._next["user"] = _FIRST_ACCOUNT
        await town.starts()
        await members_join(town)
        await a_report_is_checked(town)
        await a_team_is_out(town)
        await town.dies()
        nothing_lies_about(town)
        await town.starts()
        await it_ends(town)
        assert {what for what, words in CANARIES.items() if not town.readers(words)} <= UNSAID
        keys = keys_of_incidents(town)
        assert len(keys) >= 3 and lie_about(keys, town.data)
        await town.passes(days=2)
        await town.passes(days=40)
        assert not keys_of_incidents(town).keys() & keys.keys()
        assert not lie_about(keys, town.data)
        assert await town.stops() == 0
        nothing_lies_about(town)
        assert not lie_about(keys, town.data)

"""The earlier texts of each playbook: which there were, since when, from whose file; and back.

What it is for
    `keep` puts what was just taken in beside what was in force before; `history` and `edition`
    answer the command line, which writes an older text back as the file.

Rules it keeps
    * The text is kept as it stood in its file, with its comments; shared parts are named by it and
      not kept, so going back says where they have changed since.
    * The last twenty of each playbook are kept.
    * What an incident runs on is kept elsewhere and by itself: nothing here changes it (L9).

What it must not know
    Files: the shelf has read them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Final

from responder.core.admin import args
from responder.core.admin.args import AdminFault, Args, NotNow
from responder.core.changes import Edition
from responder.core.desk import Desk
from responder.dispatching.dispatcher import Dispatcher
from responder.playbook_files.shelf import Stock

KEPT: Final = 20
"""Texts of one playbook, the one in force among them."""
OPS: Final = frozenset({"playbook.history", "playbook.edition", "playbook.gone_back"})
"""The operations that `perform` knows."""


class _Id(Args):
    id: str


class _Numbered(_Id):
    number: int | None = None
    standing: str = ""


async def keep(dispatcher: Dispatcher, stock: Stock) -> None:
    """Keep the texts that came with this stock, where they are new."""
    kept = await dispatcher.store.load(Edition)
    await dispatcher.do(lambda desk: _keep(desk, kept, stock))


def _keep(desk: Desk, kept: Iterable[Edition], stock: Stock) -> None:
    mine: dict[str, list[Edition]] = {}
    for one in sorted(kept, key=lambda e: e.number):
        mine.setdefault(one.playbook, []).append(one)
    for id, playbook in stock.found.items():
        before = mine.get(id, [])
        newest = before[-1] if before else None
        source = stock.sources.get(id)
        if source is None or (
            newest and (newest.digest, newest.source) == (playbook.digest, source.text)
        ):
            continue
        number = newest.number + 1 if newest else 1
        fresh = Edition(
            id=f"{id}:{number}",
            playbook=id,
            number=number,
            digest=playbook.digest,
            since=desk.at,
            account=source.account,
            source=source.text,
        )
        desk.put(fresh)
        for old in [*before, fresh][:-KEPT]:
            desk.delete(old)


async def perform(dispatcher: Dispatcher, op: str, given: Mapping[str, object]) -> object:
    """Do one of `OPS` and return its answer, plain JSON."""
    asked = args.read(_Numbered if op != "playbook.history" else _Id, given)
    mine = [one for one in await dispatcher.store.load(Edition) if one.playbook == asked.id]
    mine.sort(key=lambda e: e.number)
    if not mine:
        known = {one.playbook for one in await dispatcher.store.load(Edition)}
        raise AdminFault(f"No text of a playbook {asked.id!r} is kept.{_hint(asked.id, known)}")
    if not isinstance(asked, _Numbered):
        return _history(dispatcher, mine)
    found = _named(mine, asked.number, asked.standing)
    if op == "playbook.gone_back":
        detail = f"to {found.number}"
        await dispatcher.do(lambda desk: desk.audit("playbook.back", asked.id, detail=detail))
    return {
        "number": found.number,
        "digest": found.digest,
        "source": found.source,
        "newest": mine[-1].number,
        "newest_source": mine[-1].source,
    }


def _hint(id: str, known: Iterable[str]) -> str:
    return args.did_you_mean(id, sorted(known))


def mark(text: str) -> str:
    """What a text is known by: whoever asks tells so which one stands in the file."""
    return sha256(text.encode()).hexdigest()


def _named(mine: list[Edition], number: int | None, standing: str) -> Edition:
    """The text of that number; without one, the last that is another than stands in the file."""
    if number is not None:
        found = next((one for one in mine if one.number == number), None)
        if found is None:
            raise AdminFault(
                f"There is no text {number}: {mine[0].number} to {mine[-1].number} are kept. See: "
                f"responder playbook history {mine[0].playbook}"
            )
        return found
    others = [one for one in mine if mark(one.source) != (standing or mark(mine[-1].source))]
    if not others:
        raise NotNow("There is no other text to go back to: this one is the only one that is kept.")
    return others[-1]


def _history(dispatcher: Dispatcher, mine: list[Edition]) -> list[dict[str, object]]:
    world = dispatcher.world
    current = world.playbooks.get(mine[0].playbook)
    first: dict[str, int] = {}
    rows: list[dict[str, object]] = []
    for one in mine:
        same = first.setdefault(one.source, one.number)
        rows.append(
            {
                "number": one.number,
                "since": args.shown(one.since, args.zone_of(world)),
                "account": one.account,
                "same_as": same if same != one.number else None,
                "in_force": one is mine[-1]
                and current is not None
                and one.digest == current.digest,
            }
        )
    return rows[::-1]

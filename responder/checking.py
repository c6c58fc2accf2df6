"""What `responder check` looks at: files, keys, playbooks, people, and each bot's platform.

Rules it keeps
    * Everything is looked at, and all that is wrong is told at once, each with what to do.
    * A *fault* keeps the network from running or opens it to others; a *note* is what a
      coordinator should know.
    * No secret and no address is ever in a finding; members go by call sign.

What it must not know
    Terminals; how a finding is shown.
"""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final, NamedTuple

from responder.config import LOCKED_FILE, Settings
from responder.core import pairing, roster
from responder.core.model import Neighbourhood, Person, Place, Record, Role
from responder.core.playbook import Fault, Playbook, friendly
from responder.core.world import World
from responder.playbook_files import shelf
from responder.ports import Channel
from responder.storage import library
from responder.storage.keyfile import KeyFile
from responder.storage.sealing import SealingError

_SOON: Final = timedelta(days=30)
_NAMED: Final = 12
_AHEAD: Final = timedelta(hours=48)
_SHOWN: Final = 3
_PAIR: Final = 2


class Weight(StrEnum):
    """How much a finding matters."""

    GOOD = "good"
    NOTE = "note"
    FAULT = "fault"


class Finding(Record):
    """One thing that was found, in `part` of the network; a fault makes the check fail."""

    part: str
    text: str
    weight: Weight = Weight.NOTE


# --- files and keys -------------------------------------------------------------------------------


def files(settings: Settings, config: Path) -> list[Finding]:
    """Who else on this machine could read or change what the network lives on."""
    network = settings.network
    found: list[Finding] = []
    if settings.telegram.token is not None and settings.telegram.token_file is None:
        found += _open_to_others(config, 0o077, "600", "holds a token")
    if not network.data_dir.is_dir():
        text = f"There is no data folder {network.data_dir}: responder init makes a network."
        return [*found, Finding(part="files", text=text, weight=Weight.FAULT)]
    found += _open_to_others(network.data_dir, 0o077, "700", "holds the database")
    for path in sorted(network.data_dir.iterdir()):
        if path.is_file():
            found += _open_to_others(path, 0o077, "600", "belongs to the database")
    found += _open_to_others(network.playbooks_dir, 0o022, "755", "holds the playbooks")
    for secret in (network.passphrase_file, settings.telegram.token_file):
        if secret is not None:
            found += _open_to_others(secret, 0o077, "600", "holds a secret")
    return found


def _open_to_others(path: Path, forbidden: int, mode: str, why: str) -> Iterator[Finding]:
    try:
        status = path.stat()
    except OSError as error:
        yield Finding(
            part="files", text=f"{path} cannot be read: {error.strerror}.", weight=Weight.FAULT
        )
        return
    if status.st_mode & forbidden:
        verb = "change" if forbidden == 0o022 else "open"
        text = f"{path} {why}, and other accounts can {verb} it. Run: chmod {mode} {path}"
        yield Finding(part="files", text=text, weight=Weight.FAULT)
    if stat.S_ISREG(status.st_mode) and why.startswith("belongs") and _foreign(status):
        text = f"{path} belongs to another account than this one: the network may not open it."
        yield Finding(part="files", text=text, weight=Weight.FAULT)


def _foreign(status: os.stat_result) -> bool:
    return status.st_uid != os.geteuid()


def keys(settings: Settings) -> list[Finding]:
    """Whether the key file is there, whole, closed to others, and opens."""
    network = settings.network
    file = KeyFile(network.key_file)
    if (network.data_dir / LOCKED_FILE).exists():
        text = "The network is locked. Open it at this machine's own terminal: responder unlock"
        return [Finding(part="keys", text=text, weight=Weight.FAULT)]
    passphrase = network.passphrase.get_secret_value() if network.passphrase else None
    found = []
    try:
        locked = file.wants_passphrase
        if locked and passphrase is None:
            text = "The key file is locked, and no passphrase was given: it was not tried."
            found.append(Finding(part="keys", text=text))
        else:
            file.load(passphrase)
        if locked != (network.key == "passphrase"):
            text = f'network.key says "{network.key}", but the key file says otherwise.'
            found.append(Finding(part="keys", text=text))
    except SealingError as error:
        found.append(Finding(part="keys", text=str(error), weight=Weight.FAULT))
    if network.key_file.resolve().is_relative_to(network.data_dir.resolve()):
        text = (
            "The key file lies in the data folder: a copy of the folder is a copy of the key."
            " Keep it elsewhere and set network.key_file."
        )
        found.append(Finding(part="keys", text=text))
    return found


def channels(settings: Settings) -> list[Finding]:
    """Whether there is a bot to write to, and one that pages may go over."""
    if not settings.telegram.on and not settings.signal.on:
        text = "No bot is switched on: give signal.number or telegram.token, or nobody can write."
        return [Finding(part="bots", text=text, weight=Weight.FAULT)]
    if not settings.signal.on:
        text = (
            "Telegram can read what its bots carry, so no page goes over it, and no other bot is"
            " switched on: give signal.number, or nobody is ever paged."
        )
        return [Finding(part="bots", text=text)]
    return []


# --- playbooks ------------------------------------------------------------------------------------


def playbooks(paths: Iterable[Path]) -> tuple[dict[str, Playbook], list[Fault]]:
    """The sound playbooks in files and folders, by id, and every fault of the others."""
    stock = shelf.files(paths)
    return stock.found, list(stock.faults)


def timers(settings: Settings, found: Mapping[str, Playbook]) -> list[Finding]:
    """Whether messages on phones outlive what the network itself keeps."""
    if not settings.signal.on or not found:
        return []
    shortest = min(found.values(), key=lambda playbook: playbook.retention.reports_s)
    if settings.signal.disappearing.total_seconds() <= shortest.retention.reports_s:
        return []
    stays = friendly(int(settings.signal.disappearing.total_seconds()))
    text = (
        f"On Signal messages stay for {stays}, longer than `{shortest.id}` keeps its reports"
        f" ({friendly(shortest.retention.reports_s)}): shorten signal.disappearing."
    )
    return [Finding(part="signal", text=text)]


# --- people ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Network:
    """What the checks of people share: who responds, and who of them a page can reach."""

    world: World
    at: datetime
    responders: tuple[Person, ...]
    reached: tuple[Person, ...]

    def today(self, place: Neighbourhood) -> date:
        return self.world.today(place.id, self.at)

    def could_pair(self, people: Sequence[Person], playbook: Playbook, place: Place) -> bool:
        return pairing.could_pair(
            people,
            playbook.team,
            today=self.world.today(place, self.at),
            vouchers=self.world.vouchers(people),
        )


def people(world: World, at: datetime) -> list[Finding]:
    """Whether the people there are could do what the playbooks ask; changes nothing."""
    responders = tuple(p for p in world.members() if p.has(Role.RESPONDER))
    reached = tuple(p for p in responders if world.private(p))
    network = _Network(world, at, responders, reached)
    texts = [
        *_former_places(world),
        *_unreached(network),
        *_roles(network),
        *_trainings(network),
        *_teams(network),
        *_rosters(network),
        *_coverage(network),
    ]
    return [Finding(part="people", text=text) for text in texts]


def _names(people: Sequence[Person]) -> str:
    named = ", ".join(p.call_sign for p in people[:_NAMED])
    return named + (f" and {len(people) - _NAMED} more" if len(people) > _NAMED else "")


def _former_places(world: World) -> Iterator[str]:
    for place in library.places_in(world, library.FORMER_PLACES):
        called = f" ({place.name})" if place.name != place.id else ""
        yield (
            f"The config has no neighbourhood `{place.id}`{called}, but members, shifts, reports or"
            " incidents still name it: it is served as it was last known. Put it back into the"
            " config, or move its members and shifts to another one."
        )


def _unreached(network: _Network) -> Iterator[str]:
    without = [p for p in network.responders if p not in network.reached]
    if without:
        yield (
            f"No page reaches {_names(without)}: neither Signal nor a registered phone that works."
            " Give each a join code: responder member code CALL-SIGN"
        )


def _roles(network: _Network) -> Iterator[str]:
    world = network.world
    for role, lack in (
        (Role.RESPONDER, "nobody can be paged"),
        (Role.VERIFIER, "no report below the trust line can be confirmed"),
        (Role.COORDINATOR, "nobody hears an alarm"),
    ):
        holders = [p for p in world.members() if p.has(role)]
        if not holders:
            yield f"Nobody is a {role}: {lack}."
        elif not any(world.private(p) for p in holders) and role is not Role.RESPONDER:
            yield f"No {role} has Signal or a registered phone: {lack}."


def _trainings(network: _Network) -> Iterator[str]:
    places = list(network.world.neighbourhoods.values())
    days = {network.today(place) for place in places}
    for playbook in network.world.playbooks.values():
        for name in playbook.team.training if network.responders else ():
            have = [p for p in network.responders if pairing.trained(p, (name,), min(days))]
            if not have:
                yield f"{playbook.id} asks for the training {name}, and no responder has it."
                continue
            over = [
                p
                for p in network.responders
                if p not in have and any(t.name == name for t in p.trainings)
            ]
            if over:
                yield (
                    f"The training {name} of {_names(over)} has expired: {playbook.id} does not"
                    " page them. Renew it: responder member train CALL-SIGN NAME:YYYY-MM-DD"
                )
            ending = [p for p in have if not pairing.trained(p, (name,), max(days) + _SOON)]
            if ending:
                yield f"The training {name} of {_names(ending)} expires within 30 days."


def _teams(network: _Network) -> Iterator[str]:
    if not network.responders:
        return
    if len(network.reached) < _PAIR:
        yield "No team could form for any playbook until a page reaches two responders or more."
        return
    world = network.world
    for playbook in world.playbooks.values():
        lacking = []
        for place in world.neighbourhoods.values():
            local = [p for p in network.reached if place.id in _served(world, p)]
            if not network.could_pair(local, playbook, place.id):
                lacking.append(place)
        if not lacking:
            continue
        if not network.could_pair(network.reached, playbook, lacking[0].id):
            yield (
                f"{playbook.id}: no sound team could form in the whole network, whoever is on call:"
                " look at trainings, skills, experience, vouches and keep-apart rules."
            )
        else:
            names = ", ".join(place.name for place in lacking)
            yield f"{playbook.id}: no sound team could form of the people of {names} alone."


def _served(world: World, person: Person) -> set[Place]:
    """The neighbourhoods in which this person ever is on call."""
    shifts = {s.neighbourhood for s in world.shifts() if s.person == person.id}
    return shifts | set(person.neighbourhoods)


def _rosters(network: _Network) -> Iterator[str]:
    if not network.responders:
        return
    covered = {s.neighbourhood for s in network.world.shifts()}
    for place in network.world.neighbourhoods.values():
        if place.id not in covered and not network.world.on_call(place.id, network.at):
            yield f"{place.name} has no shift: people are on call there only by /oncall."


class _Spell(NamedTuple):
    """A stretch of time in which nobody, or one person alone, is on call and reached."""

    start: datetime
    end: datetime
    alone: Person | None


def _coverage(network: _Network) -> Iterator[str]:
    """Who is missing on the rosters of the next two days: nobody goes alone."""
    shifts = network.world.shifts()
    covered = {s.neighbourhood for s in shifts}
    for place in network.world.neighbourhoods.values():
        spells = _thin(network, place) if place.id in covered else ()
        empty = [spell for spell in spells if spell.alone is None]
        if empty:
            yield (
                f"{place.name}: nobody whom a page reaches is on call {_spells(place, empty)}."
                " Until somebody is, other neighbourhoods are asked, where the playbook says so."
            )
        lone: dict[str, list[_Spell]] = {}
        for spell in spells:
            if spell.alone is not None:
                lone.setdefault(spell.alone.call_sign, []).append(spell)
        for call_sign, theirs in lone.items():
            yield (
                f"{place.name}: {call_sign} is on call alone {_spells(place, theirs)}."
                " A team takes two: responder shift add"
            )


def _thin(network: _Network, place: Neighbourhood) -> list[_Spell]:
    """The stretches of the next two days with fewer than two, joined where they touch."""
    world, at, until = network.world, network.at, network.at + _AHEAD
    reached = {p.id for p in network.reached}
    found: list[_Spell] = []
    while at < until:
        change = roster.next_change(place, at, world.shifts(), world.overrides())
        end = min(change or until, until)
        there = sorted(world.on_call(place.id, at) & reached)
        if len(there) < 2:
            alone = world.person(there[0]) if there else None
            joined = found and found[-1].end == at and found[-1].alone == alone
            start = found.pop().start if joined else at
            found.append(_Spell(start, end, alone))
        at = end
    return found


def _spells(place: Neighbourhood, spells: Sequence[_Spell]) -> str:
    """The stretches in the neighbourhood's own time; "now" is a time too."""
    zone = roster.zone(place.time_zone)
    shown = [
        f"{s.start.astimezone(zone):%a %H:%M} to {s.end.astimezone(zone):%a %H:%M}"
        for s in spells[:_SHOWN]
    ]
    more = len(spells) - _SHOWN
    return ", ".join(shown) + (f" and {more} times more" if more > 0 else "") + " (next 48 hours)"


# --- platforms ------------------------------------------------------------------------------------


async def online(bots: Mapping[str, Channel], wait: timedelta) -> list[Finding]:
    """Ask every bot's platform whether these settings work, all at once."""
    return list(await asyncio.gather(*(_asked(bot, wait) for bot in bots.values())))


async def _asked(bot: Channel, wait: timedelta) -> Finding:
    try:
        async with asyncio.timeout(wait.total_seconds()):
            await bot.start()
            health = await bot.health()
    except TimeoutError:
        waited = round(wait.total_seconds())
        text = f"{bot.name}: no answer within {waited} s (check.wait)."
        return Finding(part="online", text=text, weight=Weight.FAULT)
    finally:
        await bot.close()
    weight = Weight.GOOD if health.ok else Weight.FAULT
    return Finding(part="online", text=f"{bot.name}: {health.detail}", weight=weight)

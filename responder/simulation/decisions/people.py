"""L3 over decisions: whoever is paged or sent is looked at anew, from records alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import combinations
from typing import Final

from responder.core import effects
from responder.core.effects import Card, Tell
from responder.core.model import CallState, Incident, Level, Mate, Person, PersonId, Role, Stage
from responder.core.playbook import Team
from responder.simulation.decisions.ledger import Ledger, Look
from responder.simulation.laws.notes import OPEN
from responder.simulation.laws.reckoning import apart, offered, pages_tonight

_NEVER: Final = 99


def only_the_right_people(ledger: Ledger, look: Look, tell: Tell) -> None:
    """Nothing forbids a page: looked at as things stood before it was decided."""
    who = ledger.reckoning.everybody.get(tell.to)
    if who is None:
        ledger.fail(f"L3: {tell.to} was paged and is forgotten")
    elif tell.replaces is None:
        for reason in _forbidden(ledger, look, who, tell):
            ledger.fail(f"L3: {who.id} was paged for {look.after.code} and is {reason}")


def _forbidden(ledger: Ledger, look: Look, person: Person, tell: Tell) -> Iterator[str]:
    incident, at = look.after, look.at
    playbook = ledger.playbook(incident)
    call = next((c for c in incident.calls if c.message == tell.message), None)
    wave = playbook.waves[call.wave] if call else None
    if tell.card is Card.REQUEST:
        here = ledger.world.neighbourhoods[incident.neighbourhood]
        if not offered(person, incident, {here.id, *here.adjacent}, at):
            yield "asked for what they do not offer here and now"
    elif wave is None or not ledger.on_call(person, wave.whom, incident.neighbourhood, at):
        yield "not on call there"
    if ledger.rests.get(person.id, at) > at:
        yield "resting"
    most = min(ledger.limits.pages_a_night, person.pages_a_night or _NEVER)
    if pages_tonight(ledger.paged[person.id], at) >= most:
        yield "past the limit"
    if not _trained(person, playbook.team, at):
        yield "not trained"
    if not person.has(Role.RESPONDER):
        yield "no responder"
    if "consent" in person.welcome:
        yield "still thinking about joining"
    if ledger.reckoning.level(person.id) is Level.BLOCKED:
        yield "blocked"
    if person.id in ledger.taken:
        yield "in a team"
    if not ledger.private(person):
        yield "without a private channel"
    yield from _met(ledger, incident, person)


def _met(ledger: Ledger, incident: Incident, person: Person) -> Iterator[str]:
    known = ledger.reckoning.everybody
    others = [s.reporter for s in incident.sources] + [m.person for m in incident.team]
    for id in others:
        if id == person.id:
            yield "a part of it"
        elif id in known and apart(person, known[id]):
            yield f"to be kept apart from {id}"


def _trained(person: Person, team: Team, at: datetime) -> bool:
    day = at.date()
    have = {t.name for t in person.trainings if t.expires_on is None or t.expires_on >= day}
    return have >= set(team.training)


def paged_once(ledger: Ledger, look: Look) -> None:
    """Nobody has two open pages for one incident; each page counts against that person's night."""
    asks = (Card.PAGE, Card.REQUEST)
    paged = [t.to for t in look.tells if t.card in asks and t.replaces is None]
    noted = [e.person for e in look.effects if isinstance(e, effects.Paged)]
    if paged != noted:
        ledger.fail(f"L3: the pages for {look.after.code} are not counted")
    waits = [c.person for c in look.after.calls if c.state is CallState.PAGED]
    if len(waits) != len(set(waits)):
        ledger.fail(f"L3: somebody has two open pages for {look.after.code}")


def sound_team(ledger: Ledger, look: Look, tell: Tell) -> None:
    """Whoever gets a brief or "go" is in a team that may go together."""
    incident = look.after
    known = ledger.reckoning.everybody
    team = [known[m.person] for m in incident.active if m.person in known]
    need = ledger.playbook(incident).team
    new = sum(not p.experienced for p in team)
    if len(team) < 2 or 2 * new > len(team):
        ledger.fail(f"L3: newcomers pair on {incident.code}")
    if len(team) - new < need.experienced:
        ledger.fail(f"L3: too little experience on {incident.code}")
    if not {s for p in team for s in p.skills} >= set(need.skills):
        ledger.fail(f"L3: a skill is missing on {incident.code}")
    for one, other in combinations(team, 2):
        if apart(one, other):
            ledger.fail(f"L3: {one.id} and {other.id} must be kept apart")
        if ledger.reckoning.tied(one, other):
            ledger.fail(f"L3: {one.id} and {other.id} were let in by one member alone")
    reporters = ledger.reporters(incident)
    for member in team:
        if any(r.id == member.id or apart(member, r) for r in reporters):
            ledger.fail(f"L3: {member.id} would meet a reporter of {incident.code}")
        if not _trained(member, need, look.at):
            ledger.fail(f"L3: {member.id} goes for {incident.code} and is not trained")


def one_team_each(ledger: Ledger, look: Look) -> None:
    """Whoever is in a team is taken by it and by no other; whoever is taken has a part in it."""
    incident, taken = look.after, ledger.taken_by[look.after.id]
    for effect in look.effects:
        if isinstance(effect, effects.Assign) and effect.person in ledger.taken:
            ledger.fail(f"L3: {effect.person} is taken twice")
    now = _taken_after(look, taken)
    if incident.state not in OPEN:
        if now:
            ledger.fail(f"L3: {sorted(now)} are taken by {incident.code}, which is over")
        return
    for mate in incident.team:
        if mate.stage is not Stage.OUT_SAFE and mate.person not in now:
            ledger.fail(f"L3: {mate.person} is in {incident.code} and not taken by it")
    if len(now) > sum(_holds(m) for m in incident.team):
        team = {m.person for m in incident.team if _holds(m)}
        waits = {c.person for c in incident.calls if c.state is CallState.ACCEPTED}
        if now - team - waits:
            ledger.fail(f"L3: {sorted(now - team - waits)} are taken for nothing")


def _holds(mate: Mate) -> bool:
    return mate.stage is not Stage.OUT_SAFE


def _taken_after(look: Look, taken: set[PersonId]) -> set[PersonId]:
    now = set(taken)
    for effect in look.effects:
        if isinstance(effect, effects.Assign):
            now.add(effect.person)
        elif isinstance(effect, effects.Release):
            now.discard(effect.person)
    return now


def nobody_taken_for_ever(ledger: Ledger) -> None:
    """Once all is over nobody is still taken."""
    held = sorted(ledger.taken) + [
        p for p in ledger.reckoning.everybody if ledger.world.busy_in(p) is not None
    ]
    if held:
        ledger.fail(f"L3: {held} are taken for ever")


STEP: Final = (paged_once, one_team_each)
TELLS: Final = {
    Card.PAGE: (only_the_right_people,),
    Card.REQUEST: (only_the_right_people,),
    Card.BRIEF: (sound_team,),
    Card.GO: (sound_team,),
}
LAST: Final = (nobody_taken_for_ever,)

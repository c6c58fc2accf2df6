"""L8, forgetting works: when a time is over the key is destroyed, and nothing hangs on it."""

from __future__ import annotations

from typing import Final

from responder.core.changes import key_of
from responder.core.model import Level
from responder.core.spoken import Verb
from responder.simulation.laws.book import CANARY, Book, Step
from responder.simulation.laws.notes import OPEN


def nothing_outlives_its_key(book: Book, step: Step) -> None:
    """Nothing is written, and no message sealed, under a key that was destroyed."""
    for record in step.changes.puts.values():
        key = key_of(record)
        book.must(key not in book.destroyed, f"L8: a record is written under the lost {key}")
    for key in step.changes.destroyed:
        kind, _, id = key.partition(":")
        kept = (
            (kind == "report" and id in book.world.reports)
            or (kind == "incident" and id in book.world.incidents)
            or (kind == "person" and id in book.world.everybody)
        )
        book.must(not kept, f"L8: {key} is destroyed and the {kind} is kept")
    for message in step.changes.messages:
        key = message.sealed_under
        # The last word to somebody forgotten names its address, and goes with the network's key.
        book.must(key not in book.destroyed, f"L8: {message.card} is sealed under the lost {key}")


def shredded_is_gone(book: Book, step: Step) -> None:
    """After the shredding nothing of the incident is left in memory, and its key is destroyed."""
    for touched in step.touched:
        if touched.after is not None or touched.before is None:
            continue
        id, world = touched.before.id, book.world
        book.must(f"incident:{id}" in book.destroyed, f"L8: the key of {id} is left")
        left = [r.id for r in world.reports.values() if r.incident == id]
        book.must(not left, f"L8: reports {left} outlive their incident")
        sessions = [
            s.person
            for s in world.sessions.values()
            if s.incident == id or (s.draft and s.draft.incident == id)
        ]
        book.must(not sessions, f"L8: the sessions of {sessions} outlive the incident")
        questions = [
            q
            for q in world.questions.all.values()
            if q.sealed_under == f"incident:{id}" or any(p.action.incident == id for p in q.prompts)
        ]
        book.must(not questions, f"L8: questions about {id} are left")


def words_go_in_time(book: Book, step: Step) -> None:
    """Once their time is over an incident holds no words, and its reports' keys are gone."""
    for before, now in step.changed:
        if step.kind != "tick" or before.words_until is None or before.words_until > step.at:
            continue
        book.must(not now.words and not now.place, f"L8: {now.code} keeps its words too long")
        for source in before.sources:
            key = f"report:{source.report}"
            book.must(key in book.destroyed, f"L8: the key of {source.report} is left")


def nothing_comes_back_too_late(book: Book, step: Step) -> None:
    """Of a backup nothing is served that would be gone by now, however it went on after it."""
    if step.kind != "restore" or book.copied_at is None:
        return
    for incident in book.world.incidents.values():
        kept = book.playbook(incident.id).retention
        most_s = min(kept.reports_s, kept.incident_s)
        young = (step.at - book.copied_at).total_seconds() < most_s
        book.must(young, f"L8: {incident.code} comes back from a backup, past its time")


def places_go_with_the_end(book: Book, step: Step) -> None:
    """The exact place is forgotten when the response is over."""
    for incident in book.over(step):
        told = incident.place or incident.pin or any(w.place or w.pin for w in incident.words)
        book.must(not told, f"L8: {incident.code} is over and keeps its place")


def forgotten_on_request(book: Book, step: Step) -> None:
    """/forget destroys all reports of that person, but for those a team still needs."""
    if step.pressed != Verb.FORGET or not step.sure or step.by is None:
        return
    for report in sorted(book.reports_of[step.by]):
        if f"report:{report}" in book.destroyed:
            continue
        where = [
            i for i in book.world.incidents.values() if any(s.report == report for s in i.sources)
        ]
        needed = any(i.state in OPEN and (i.team or len(i.sources) > 1) for i in where)
        marked = all(s.forget for i in where for s in i.sources if s.report == report)
        book.must(needed and marked, f"L8: {step.by} asked to be forgotten; {report} is left")


def all_is_forgotten(book: Book) -> None:
    """In the end every report's and every incident's key is destroyed, and no word is left."""
    book.must(not book.world.reports, f"L8: {list(book.world.reports)} are left for ever")
    for report in book.reports:
        book.must(f"report:{report}" in book.destroyed, f"L8: the key of report {report} is left")
    for incident in book.opened_with:
        key = f"incident:{incident}"
        book.must(key in book.destroyed, f"L8: the key of incident {incident} is left")
    disk = book.seen.disk
    for where, record in disk.records.items():
        book.must(key_of(record) not in book.destroyed, f"L8: {where} outlives its key")
        told = CANARY.search(repr(record))
        book.must(not told, f"L8: the words of a report are left in a {where[0]}")


def strangers_are_forgotten(book: Book) -> None:
    """In the end nobody is on record for whom nobody stands, and who joined nothing."""
    for person in book.world.everybody.values():
        stranger = (
            not person.call_sign
            and not person.vouches
            and person.granted is Level.UNKNOWN
            and person.id in book.reports_of
        )
        book.must(not stranger, f"L8: {person.id} is on record for ever")


STATE: Final = ()
STEP: Final = (
    nothing_outlives_its_key,
    shredded_is_gone,
    words_go_in_time,
    nothing_comes_back_too_late,
    places_go_with_the_end,
    forgotten_on_request,
)
LEAVING: Final = ()
LAST: Final = (all_is_forgotten, strangers_are_forgotten)

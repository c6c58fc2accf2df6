"""What each reader is told, and above all what not (laws L1 and L4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from responder.core.cards import MANNERS, SEES, WRITERS, Faces, NotForThem
from responder.core.cards import desk as cards_desk
from responder.core.cards import reporter as cards_reporter
from responder.core.cards import responder as cards_responder
from responder.core.cards.scene import PAGE_LIMIT, TEXT_LIMIT
from responder.core.clean import clean, one_line, quote, shorten
from responder.core.effects import AlarmKind, Card, Tell
from responder.core.messages import Urgency
from responder.core.model import (
    Address,
    Alarm,
    Call,
    CallState,
    Incident,
    IncidentId,
    Level,
    Mate,
    MessageId,
    Neighbourhood,
    Network,
    Note,
    Outcome,
    Person,
    PersonId,
    Pin,
    Place,
    Recruiting,
    ReportId,
    Role,
    Source,
    Stage,
    State,
    Verification,
    Words,
)
from responder.core.phrases import LANGUAGES, say
from responder.core.playbook import Lines, Playbook, load
from responder.core.spoken import Face, Verb
from responder.core.view import View

SHIPPED = Path(__file__).parents[2] / "playbooks"
PLAYBOOKS = {
    name: load((SHIPPED / f"{name}.yaml").read_text(encoding="utf-8"), f"{name}.yaml")
    for name in ("copwatch", "hate-incident", "de-escalation")
}
HATE = PLAYBOOKS["hate-incident"]

NOW = datetime(2025, 7, 1, 2, 40, tzinfo=UTC)
"""22:40 the evening before, at the neighbourhood's own clock."""

HERON, WREN, OTTER, BADGER = (PersonId(p) for p in ("heron", "wren", "otter", "badger"))
NEIGHBOUR = PersonId("id-of-the-neighbour")

PLACE = "behind the blue kiosk"
WORDS = "three men shout at a girl"
PIN = Pin(latitude=41.234567, longitude=-71.765432)
SECRET = (PLACE, WORDS, "41.234567", "71.765432", "41.23457")
IDENTITY = (NEIGHBOUR, "Magpie", "+15550001234", "aunt Rosa")

PEOPLE = {
    p.id: p
    for p in (
        Person(id=HERON, call_sign="Heron", roles=(Role.RESPONDER,), emergency_contact="Ida, 7"),
        Person(id=WREN, call_sign="Wren", roles=(Role.RESPONDER, Role.COORDINATOR)),
        Person(id=OTTER, call_sign="Otter", roles=(Role.COORDINATOR, Role.VERIFIER)),
        Person(id=BADGER, call_sign="Badger", roles=(Role.RESPONDER,)),
        Person(
            id=NEIGHBOUR,
            call_sign="Magpie",
            addresses=(Address(channel="signal", handle="+15550001234"),),
            emergency_contact="aunt Rosa",
        ),
    )
}
NETWORK = Network(name="Northside Watch", emergency={"en": "Call 911.", "es": "Llama al 911."})

REPORTER_CARDS = tuple(cards_reporter.WRITERS)
PARAMS: dict[Card, Sequence[dict[str, str]]] = {
    Card.ON_THE_WAY: ({"minutes": "12"}, {"minutes": "1"}, {"minutes": ""}),
    Card.QUESTION: ({"text": "Is it still going on?"},),
    Card.CONTROLS: ({"noted": "there"}, {"noted": "check-in"}, {"noted": "more"}, {}),
    Card.UPDATE: (
        {"what": "text", "text": f"{WORDS} {PLACE}"},
        {"text": WORDS},
        *(
            {"what": what, "text": ""}
            for what in ("safe", "cancelled", "forgotten", "more-asked", "no-more", "silent")
        ),
        {"what": "note", "text": "Come home early."},
        {"what": "mate", "text": f"I am {PLACE}"},
    ),
    Card.NUDGE: ({}, {"again": "1"}, {"again": "2"}),
    Card.LEAVE: ({}, {"again": "1"}),
    Card.STAND_DOWN: ({}, {"again": "1"}),
    Card.VERIFY: ({"running": "id-3f=3F,id-4a=4A,id-5b=5B,id-6c=6C"}, {"running": ""}),
    Card.VERIFY_MORE: ({"text": WORDS},),
    Card.VERIFY_CLOSED: tuple(
        {"how": how}
        for how in ("confirmed", "not-confirmed", "merged", "corroborated", "expired", "gone")
    ),
    Card.ALARM: tuple({"kind": kind, "repeats": r} for kind in AlarmKind for r in ("0", "2")),
    Card.UNREACHED: ({"card": "asked"}, {"card": "page"}),
}


class OneNeighbourhood:
    """A view that answers what a card may ask, and fails on every other question."""

    def __init__(self, time_zone: str = "America/New_York") -> None:
        self.here = Neighbourhood(
            id=Place("riverside"), name="Riverside", time_zone=time_zone, aliases=("the docks",)
        )

    def person(self, person: PersonId) -> Person | None:
        return PEOPLE.get(person)

    def neighbourhood(self, place: Place) -> Neighbourhood:
        assert place == self.here.id
        return self.here


def a_mate(person: PersonId, **changes: Any) -> Mate:
    mate = Mate(person=person, stage=Stage.GONE, went=True, due=NOW + timedelta(minutes=20))
    return replace(mate, **changes)


def an_incident(**changes: Any) -> Incident:
    report = ReportId("r1")
    return replace(
        Incident(
            id=IncidentId("i7"),
            code="7K",
            opened_at=NOW,
            playbook="digest",
            schema=1,
            kind="hate-incident",
            neighbourhood=Place("riverside"),
            state=State.OUT,
            sources=(
                Source(report=report, reporter=NEIGHBOUR, at=NOW, level=Level.KNOWN, counts=True),
            ),
            words=(Words(report=report, text=WORDS, place=PLACE, pin=PIN),),
            place=PLACE,
            pin=PIN,
            team=(a_mate(HERON), a_mate(WREN)),
        ),
        **changes,
    )


def shown(
    card: Card,
    to: PersonId = HERON,
    incident: Incident | None = None,
    *,
    about: PersonId | None = None,
    language: str = "en",
    playbook: Playbook = HATE,
    view: OneNeighbourhood | None = None,
    params: dict[str, str] | None = None,
) -> Face:
    tell = Tell(to=to, card=card, message=MessageId("i7.1"), params=params or {}, about=about)
    reader = replace(PEOPLE[to], language=language)
    world = cast(View, view or OneNeighbourhood())
    return Faces(incident or an_incident(), playbook, world, NETWORK).face(tell, reader)


def for_whom(card: Card) -> PersonId:
    if card in REPORTER_CARDS:
        return NEIGHBOUR
    return OTTER if card in cards_desk.WRITERS else HERON


def every_face(incident: Incident, language: str, *cards: Card) -> list[tuple[Card, Face]]:
    """Each card with each of its params, to somebody who may read it."""
    return [
        (card, shown(card, for_whom(card), incident, about=WREN, language=language, params=params))
        for card in cards or tuple(Card)
        for params in PARAMS.get(card, ({},))
    ]


def verbs(seen: Face) -> list[str]:
    return [offer.action.verb for row in seen.rows for offer in row]


def labels(seen: Face) -> list[str]:
    return [offer.label for row in seen.rows for offer in row]


def everything(seen: Face) -> str:
    actions = [f"{o.action.arg} {o.action.incident}" for row in seen.rows for o in row]
    return "\n".join((seen.text, seen.notice, seen.thread, *labels(seen), *actions))


# --- complete ---------------------------------------------------------------------------------


def test_every_card_has_words_and_manners() -> None:
    assert set(WRITERS) == set(MANNERS) == set(Card)
    written = [*cards_reporter.WRITERS, *cards_responder.WRITERS, *cards_desk.WRITERS]
    assert len(written) == len(set(written))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("card", Card)
def test_every_card_speaks_every_language(card: Card, language: str) -> None:
    for _, seen in every_face(an_incident(), language, card):
        assert seen.text.strip()
        assert seen.notice.strip()
        assert len(seen.text) <= TEXT_LIMIT
        assert "{" not in everything(seen)


@pytest.mark.parametrize("card", SEES)
def test_a_card_that_many_share_is_what_each_would_read_alone(card: Card) -> None:
    world = cast(View, OneNeighbourhood())
    noted = replace(an_incident(), notes=(Note(at=NOW, by=OTTER, text="quiet"),))
    for incident in (noted, replace(noted, past=(OTTER,))):
        together = Faces(incident, HATE, world, NETWORK)
        for reader in PEOPLE.values():
            for language in LANGUAGES:
                tell = Tell(to=reader.id, card=card, message=MessageId("i7.1"))
                alone = shown(card, reader.id, incident, language=language, playbook=HATE)
                assert together.face(tell, replace(reader, language=language)) == alone


def test_a_language_that_is_not_spoken_here_becomes_english() -> None:
    assert shown(Card.GO, language="fi") == shown(Card.GO, language="en")


def test_the_words_follow_the_reader() -> None:
    english, spanish = (shown(Card.BRIEF, language=tongue) for tongue in ("en", "es"))
    assert HATE.title.in_("es") in spanish.text
    assert HATE.title.in_("es") not in english.text


@pytest.mark.parametrize("card", Card)
def test_only_reporters_words_may_go_over_any_channel(card: Card) -> None:
    assert MANNERS[card].open == (card in REPORTER_CARDS)


def test_what_must_arrive_is_watched() -> None:
    must = {Card.PAGE, Card.REQUEST, Card.BRIEF, Card.GO}
    must |= {Card.LEAVE, Card.STAND_DOWN, Card.HOLD_BACK}
    must |= {Card.NUDGE, Card.VERIFY, Card.DROPPED, *REPORTER_CARDS}
    assert {card for card, manner in MANNERS.items() if manner.watched} == must


def test_danger_leaves_first() -> None:
    first = {card for card, manner in MANNERS.items() if manner.urgency is Urgency.LEAVE}
    assert first == {Card.LEAVE, Card.STAND_DOWN, Card.HOLD_BACK, Card.BACK, Card.DROPPED}
    duress = shown(Card.ALARM, OTTER, about=HERON, params={"kind": "duress"})
    assert duress.urgency is Urgency.LEAVE


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_drill_says_so_first_everywhere(language: str) -> None:
    mark = say(language, "card.drill")
    for _, seen in every_face(an_incident(drill=True), language):
        assert seen.text.startswith(mark)
        assert seen.notice.startswith(mark)
    for _, seen in every_face(an_incident(), language):
        assert mark not in everything(seen)


# --- need to know -------------------------------------------------------------------------------

PRIVATE_CARDS = (
    Card.PAGE,
    Card.ENOUGH,
    Card.WAITING,
    Card.RELEASED,
    Card.LEFT,
    Card.LEAVE,
    Card.STAND_DOWN,
    Card.HOLD_BACK,
    Card.THANKS,
    *REPORTER_CARDS,
)
"""Cards without place and words of a report, whoever reads them."""

mates = st.builds(
    a_mate,
    st.just(HERON),
    stage=st.sampled_from([s for s in Stage if s is not Stage.OUT_SAFE]),
    went=st.booleans(),
    held_back=st.booleans(),
    role=st.sampled_from(["", "support", "no-such-role"]),
    missed=st.integers(0, 4),
)
incidents = st.builds(
    an_incident,
    state=st.sampled_from(State),
    drill=st.booleans(),
    team=st.tuples(mates, st.builds(a_mate, st.just(WREN), stage=st.sampled_from(Stage))).filter(
        lambda team: team[1].stage is not Stage.OUT_SAFE
    ),
    past=st.sampled_from([(), (BADGER,), (HERON, WREN)]),
    outcome=st.sampled_from([None, *Outcome]),
    notes=st.sampled_from([(), (Note(at=NOW, by=OTTER, text=f"{WORDS} {PLACE}"),)]),
    verification=st.builds(Verification, urgent=st.booleans()),
    recruiting=st.builds(Recruiting, wave=st.integers(-1, 3)),
    duress=st.sampled_from([(), (WREN,)]),
)
tongues = st.sampled_from(LANGUAGES)
a_few = settings(max_examples=25, deadline=None)
"""Each example renders every card; more of them find nothing that the first ones do not."""


@a_few
@given(incidents, tongues)
def test_place_and_words_stand_only_where_they_may(incident: Incident, language: str) -> None:
    for card, seen in every_face(incident, language):
        hidden = everything(seen) if card in PRIVATE_CARDS else seen.notice + str(labels(seen))
        for secret in SECRET:
            assert secret not in hidden, f"{card} tells {secret}"


@a_few
@given(incidents, tongues)
def test_nothing_tells_who_reported(incident: Incident, language: str) -> None:
    for card, seen in every_face(incident, language):
        for secret in IDENTITY:
            assert secret not in everything(seen), f"{card} tells {secret}"


@a_few
@given(incidents, tongues)
def test_notices_and_labels_say_nothing_to_a_stranger(incident: Incident, language: str) -> None:
    for card, seen in every_face(incident, language):
        if card in REPORTER_CARDS:
            continue
        outside = seen.notice + "".join(labels(seen))
        for secret in ("7K", "Riverside", "Heron", "Wren", "Otter", HATE.title.in_(language)):
            assert secret not in outside, f"{card} tells {secret}"


@a_few
@given(incidents, tongues)
def test_reporters_never_hear_who_comes(incident: Incident, language: str) -> None:
    for card, seen in every_face(incident, language, *REPORTER_CARDS):
        for secret in ("Heron", "Wren", "Otter", "Badger", "7K"):
            assert secret not in everything(seen), f"{card} tells {secret}"


@a_few
@given(incidents)
def test_an_unconfirmed_reporter_learns_nothing_of_a_response(incident: Incident) -> None:
    doubtful = replace(incident, sources=(replace(incident.sources[0], counts=False),))
    nothing = replace(doubtful, team=(), past=(), calls=())
    for card in (Card.HELD, Card.JOINED, Card.OVER, Card.EXPIRED, Card.REPORTER_BACK):
        assert shown(card, NEIGHBOUR, doubtful) == shown(card, NEIGHBOUR, nothing)


# --- the page -------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("playbook", PLAYBOOKS.values(), ids=PLAYBOOKS)
@pytest.mark.parametrize("drill", [False, True])
def test_a_shipped_page_fits_one_screen_uncut(
    playbook: Playbook, language: str, drill: bool
) -> None:
    incident = an_incident(drill=drill)
    page = shown(Card.PAGE, BADGER, incident, language=language, playbook=playbook)
    assert len(page.text) <= PAGE_LIMIT
    for part in (playbook.title.in_(language), "Riverside", "7K", playbook.needed.in_(language)):
        assert part in page.text


def test_a_page_is_answered_with_one_tap() -> None:
    page = shown(Card.PAGE, BADGER)
    assert [(o.action.verb, o.action.arg) for row in page.rows for o in row] == [
        (Verb.ACCEPT, "10"),
        (Verb.ACCEPT, "20"),
        (Verb.ACCEPT, "40"),
        (Verb.DECLINE, ""),
    ]
    assert {offer.action.incident for row in page.rows for offer in row} == {"i7"}


# --- the brief ------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_brief_holds_all_that_a_team_needs(language: str) -> None:
    team = (a_mate(HERON, role=HATE.team.roles[0].id), a_mate(WREN, role=HATE.team.roles[1].id))
    brief = shown(Card.BRIEF, HERON, an_incident(team=team), language=language)
    mine, theirs = (role.title.in_(language) for role in HATE.team.roles[:2])
    needed = (PLACE, "41.234567, -71.765432", WORDS, f"Wren ({theirs})", mine, "22:40")
    playbook = (HATE.brief.meet, HATE.brief.text, HATE.silent)
    lines = (*HATE.safety.in_(language), *HATE.disengage.in_(language))
    for part in (*needed, *(w.in_(language) for w in playbook), *lines):
        assert part in brief.text
    assert "http" not in brief.text
    assert verbs(brief) == [Verb.HAVE_IT, Verb.DECLINE]


@pytest.mark.parametrize(
    "team",
    [
        (),
        (a_mate(HERON),),
        (a_mate(WREN), a_mate(BADGER)),
        (a_mate(HERON), a_mate(WREN, told_leave=True)),
        (a_mate(HERON), a_mate(WREN, stage=Stage.OUT_SAFE)),
    ],
)
@pytest.mark.parametrize("card", [Card.BRIEF, Card.MEDIA])
def test_nobody_gets_the_brief_alone(card: Card, team: tuple[Mate, ...]) -> None:
    with pytest.raises(NotForThem) as refusal:
        shown(card, HERON, an_incident(team=team))
    assert not any(secret in str(refusal.value) for secret in (*SECRET, HERON))


def test_words_of_an_unconfirmed_report_never_reach_the_team() -> None:
    other = ReportId("r2")
    doubtful = Source(report=other, reporter=BADGER, at=NOW, level=Level.UNKNOWN)
    rumour = Words(report=other, text="they have guns", place="the bridge")
    base = an_incident()
    incident = replace(base, sources=(*base.sources, doubtful), words=(*base.words, rumour))
    for card in (Card.BRIEF, Card.TEAM_CHANGED):
        seen = shown(card, HERON, incident)
        assert "guns" not in seen.text
        assert "bridge" not in seen.text
    assert "guns" in shown(Card.BOARD, OTTER, incident).text


def test_a_flood_of_words_is_cut_and_no_safety_line_is() -> None:
    told = tuple(Words(report=ReportId("r1"), text="far too much " * 900) for _ in range(9))
    playbook = HATE.model_copy(
        update={"safety": Lines({"en": tuple(f"rule {n} " + "x" * 90 for n in range(9))})}
    )
    brief = shown(Card.BRIEF, HERON, an_incident(words=told), playbook=playbook)
    assert len(brief.text) <= TEXT_LIMIT
    assert "…" in brief.text
    assert all(line in brief.text for line in playbook.safety.in_("en"))
    assert say("en", "card.more-reports", number=4) in brief.text


def test_every_report_keeps_a_share_of_the_room() -> None:
    words = [Words(report=ReportId("r1"), text="noise " * 2000)]
    words += [Words(report=ReportId("r1"), text=f"short {n}") for n in range(3)]
    brief = shown(Card.BRIEF, HERON, an_incident(words=tuple(words)))
    assert all(f"> short {n}" in brief.text for n in range(3))
    assert len(brief.text) <= TEXT_LIMIT


# --- out there ------------------------------------------------------------------------------------


def test_go_names_the_first_check_in_by_the_local_clock() -> None:
    go = shown(Card.GO)
    assert "23:00" in go.text
    assert verbs(go) == [
        Verb.THERE,
        Verb.CHECK_IN,
        Verb.MORE,
        Verb.LEAVE,
        Verb.DONE,
        Verb.DECLINE,
    ]
    assert "04:00" in shown(Card.GO, view=OneNeighbourhood("Europe/London")).text


def test_the_controls_stay_the_same_after_a_press() -> None:
    for noted in ("there", "check-in", "more"):
        assert shown(Card.CONTROLS, params={"noted": noted}).rows == shown(Card.GO).rows


@a_few
@given(incidents, tongues)
def test_duress_shows_to_nobody_near(incident: Incident, language: str) -> None:
    alarm = Alarm(kind=AlarmKind.DURESS, again_at=NOW, about=HERON)
    reason = Note(at=NOW, by=OTTER, text="police informed about Heron")
    calm = replace(incident, duress=(), alarms=(), notes=())
    tense = replace(incident, duress=(HERON,), alarms=(alarm,), notes=(reason,))
    near = [card for card in cards_responder.WRITERS] + list(REPORTER_CARDS)
    assert every_face(calm, language, *near) == every_face(tense, language, *near)
    board = [shown(Card.BOARD, WREN, i, language=language) for i in (calm, tense)]
    assert board[0] == board[1]


def test_nobody_near_is_sent_the_quiet_alarm() -> None:
    gone = an_incident(team=(), past=(WREN,))
    for incident in (an_incident(), gone):
        with pytest.raises(NotForThem):
            shown(Card.ALARM, WREN, incident, about=HERON, params={"kind": "duress"})


def test_a_board_near_does_not_wait_for_the_quiet_alarm() -> None:
    out = tuple(a_mate(p, stage=Stage.OUT_SAFE, told_leave=True) for p in (HERON, WREN))
    incident = an_incident(state=State.LEAVING, team=out)
    assert say("en", "card.state.aftercare") in shown(Card.BOARD, WREN, incident).text
    assert say("en", "card.state.leaving") in shown(Card.BOARD, OTTER, incident).text


def test_who_is_left_alone_is_told_to_hold_back_and_how_to_answer() -> None:
    alone = an_incident(state=State.PAGING, team=(a_mate(HERON, held_back=True),))
    told = shown(Card.HOLD_BACK, HERON, alone)
    assert say("en", "card.hold-back") in told.text
    assert verbs(told) == [Verb.CHECK_IN, Verb.LEAVE, Verb.OUT]
    assert shown(Card.CONTROLS, HERON, alone, params={"noted": "check-in"}).rows == told.rows
    assert told.urgency is Urgency.LEAVE


def test_who_has_not_gone_yet_is_told_to_stay() -> None:
    home = a_mate(HERON, held_back=True, went=False, stage=Stage.READY, due=None)
    told = shown(Card.HOLD_BACK, HERON, an_incident(state=State.PAGING, team=(home,)))
    assert say("en", "card.hold-back.not-gone") in told.text
    assert verbs(told) == [Verb.DECLINE]


def test_news_with_a_place_waits_until_somebody_is_there_again() -> None:
    alone = an_incident(state=State.PAGING, team=(a_mate(HERON, held_back=True),))
    for what in ("text", "mate"):
        told = shown(Card.UPDATE, HERON, alone, about=WREN, params={"what": what, "text": PLACE})
        assert told.text == say("en", "card.update.later")
    note = shown(Card.UPDATE, HERON, alone, params={"what": "note", "text": "Go to the station."})
    assert "> Go to the station." in note.text
    assert PLACE not in shown(Card.TEAM_CHANGED, HERON, alone).text


def test_a_changed_team_reads_who_is_with_it_and_what_is_known() -> None:
    incident = an_incident(state=State.BRIEFING)
    told = shown(Card.TEAM_CHANGED, HERON, incident)
    for part in ("Wren", PLACE, WORDS, say("en", "card.team-changed.wait")):
        assert part in told.text


def test_whoever_leaves_is_counted_with_one_button() -> None:
    leaving = an_incident(state=State.LEAVING, team=(a_mate(HERON, told_leave=True),))
    for card in (Card.LEAVE, Card.STAND_DOWN, Card.NUDGE, Card.CONTROLS, Card.BACK):
        assert verbs(shown(card, HERON, leaving)) == [Verb.OUT]
    assert shown(Card.STAND_DOWN, BADGER, leaving).rows == ()
    assert verbs(shown(Card.THANKS, HERON, leaving)) == [Verb.HARD]


def test_a_brief_that_waits_can_be_answered_after_an_outage() -> None:
    team = (a_mate(HERON, went=False, stage=Stage.BRIEFED, due=None), a_mate(WREN))
    back = shown(Card.BACK, HERON, an_incident(state=State.BRIEFING, team=team))
    assert verbs(back) == [Verb.HAVE_IT, Verb.DECLINE]


def test_the_debrief_remembers_the_pair() -> None:
    told = shown(Card.DEBRIEF, HERON, an_incident(team=(), past=(HERON, WREN)))
    assert "Wren" in told.text
    assert "Heron" not in told.text
    assert HATE.debrief.text.in_("en") in told.text


# --- verifiers ------------------------------------------------------------------------------------


def test_a_verifier_reads_the_report_and_levels_but_no_names() -> None:
    source = Source(report=ReportId("r2"), reporter=BADGER, at=NOW, level=Level.UNKNOWN)
    base = an_incident(state=State.HELD, team=(), verification=Verification(urgent=True))
    incident = replace(base, sources=(*base.sources, source, replace(source, gone=True)))
    card = shown(Card.VERIFY, OTTER, incident)
    for part in (PLACE, WORDS, "1 known, 1 unknown", "22:40", "Riverside", "Urgent"):
        assert part in card.text
    assert "Badger" not in everything(card)


def test_a_verifier_can_merge_into_three_running_incidents_at_most() -> None:
    card = shown(Card.VERIFY, OTTER, params=PARAMS[Card.VERIFY][0])
    merges = [o for row in card.rows for o in row if o.action.verb == Verb.MERGE]
    assert [o.action.arg for o in merges] == ["id-3f", "id-4a", "id-5b"]
    assert merges[0].label == "Same as incident 3F"
    assert verbs(card)[:3] == [Verb.CONFIRM, Verb.NOT_CONFIRMED, Verb.ASK]
    assert Verb.MERGE not in verbs(shown(Card.VERIFY, OTTER, params={"running": ""}))


def test_nobody_reads_a_verifiers_card_about_their_own_report() -> None:
    with pytest.raises(NotForThem):
        shown(Card.VERIFY, NEIGHBOUR)
    assert WORDS not in shown(Card.VERIFY_MORE, NEIGHBOUR, params={"text": WORDS}).text


# --- coordinators ---------------------------------------------------------------------------------


def test_a_board_shows_how_it_stands() -> None:
    calls = [
        Call(person=BADGER, wave=0, message=MessageId(f"i7.{n}"), at=NOW, state=state)
        for n, state in enumerate((CallState.DECLINED, CallState.PAGED, CallState.ACCEPTED))
    ]
    board = shown(
        Card.BOARD,
        OTTER,
        an_incident(
            calls=tuple(calls),
            recruiting=Recruiting(wave=1),
            alarms=(Alarm(kind=AlarmKind.DURESS, again_at=NOW, about=HERON),),
            notes=(Note(at=NOW, by=OTTER, text="I am on it"),),
        ),
    )
    parts = ("7K", "Riverside", PLACE, WORDS, "Heron", "23:00", "Waves so far: 2", "> I am on it")
    for part in (*parts, "Paged: 3, said yes: 1, cannot: 1", "1 known", "duress"):
        assert part in board.text
    assert verbs(board) == [Verb.NOTE, Verb.WIDEN, Verb.END, Verb.LEAVE_ORDER]
    assert board.silent


def test_a_board_closes_to_whoever_is_no_coordinator_or_reported_it() -> None:
    mine = an_incident(
        sources=(Source(report=ReportId("r1"), reporter=OTTER, at=NOW, level=Level.KNOWN),)
    )
    for board in (shown(Card.BOARD, BADGER), shown(Card.BOARD, OTTER, mine)):
        assert board.text == say("en", "card.board.not-yours")
        assert board.rows == ()


def test_a_board_names_what_is_wrong_and_with_whom() -> None:
    alarms = tuple(
        Alarm(kind=kind, again_at=NOW, about=None if kind is AlarmKind.NO_TEAM else HERON)
        for kind in AlarmKind
    )
    leaving = (a_mate(HERON, told_leave=True), a_mate(WREN, held_back=True))
    board = shown(Card.BOARD, OTTER, an_incident(alarms=alarms, team=leaving, place="", pin=None))
    for kind in AlarmKind:
        assert say("en", f"card.board.alarm.{kind}", mate="Heron") in board.text
    for part in ("told to leave", "holding back"):
        assert part in board.text


def test_a_closed_board_has_nothing_to_press() -> None:
    closed = an_incident(state=State.CLOSED, team=(), outcome=Outcome.RESPONDED)
    assert shown(Card.BOARD, OTTER, closed).rows == ()


def test_an_overdue_alarm_opens_the_emergency_contact() -> None:
    every = HATE.check_in
    due = NOW + timedelta(seconds=every.grace_s + every.repeat_s)
    incident = an_incident(team=(a_mate(HERON, missed=2, due=due), a_mate(WREN)))
    alarm = shown(
        Card.ALARM, OTTER, incident, about=HERON, params={"kind": "overdue", "repeats": "1"}
    )
    for part in ("Heron", "22:40", "> Ida, 7", PLACE, "Reminder 1"):
        assert part in alarm.text
    assert verbs(alarm) == [Verb.ACCOUNTED, Verb.LEAVE_ORDER, Verb.END]
    assert alarm.rows[0][0].action.arg == HERON


@a_few
@given(incidents, tongues)
def test_the_emergency_contact_opens_nowhere_else(incident: Incident, language: str) -> None:
    for card, seen in every_face(incident, language):
        if card is not Card.ALARM:
            assert "Ida, 7" not in everything(seen)
    for kind in (AlarmKind.NO_TEAM, AlarmKind.DURESS, AlarmKind.NOT_TOLD):
        alarm = shown(Card.ALARM, OTTER, incident, about=HERON, params={"kind": kind})
        assert "Ida, 7" not in everything(alarm)


def test_the_quiet_alarm_warns_against_giving_it_away() -> None:
    alarm = shown(Card.ALARM, OTTER, about=HERON, params={"kind": "duress"})
    assert "Do not call or write" in alarm.text
    assert verbs(alarm) == [Verb.ACCOUNTED]


def test_an_alarm_without_a_team_offers_to_widen_or_end() -> None:
    alarm = shown(Card.ALARM, OTTER, an_incident(team=()), params={"kind": "no-team"})
    assert verbs(alarm) == [Verb.WIDEN, Verb.END]


@pytest.mark.parametrize(("lost", "told"), [(0, ""), (2, "seem to have arrived: 2.")])
def test_pages_that_reached_nobody_are_told_with_the_alarm_and_on_the_board(
    lost: int, told: str
) -> None:
    states = (CallState.DECLINED, *[CallState.FAILED] * lost)
    calls = tuple(
        Call(person=BADGER, wave=0, message=MessageId(f"i7.{n}"), at=NOW, state=state)
        for n, state in enumerate(states)
    )
    incident = an_incident(team=(), calls=calls, state=State.PAGING)
    for card in (Card.ALARM, Card.BOARD):
        sheet = shown(card, OTTER, incident, params={"kind": "no-team"})
        assert told in sheet.text and ("to have arrived" in sheet.text) is bool(lost)


def test_a_reporter_who_was_not_reached_stays_nameless() -> None:
    told = shown(Card.UNREACHED, OTTER, about=NEIGHBOUR, params={"card": "asked"})
    assert "Magpie" not in told.text
    assert "Heron" in shown(Card.UNREACHED, OTTER, about=HERON, params={"card": "leave"}).text


# --- reporters ------------------------------------------------------------------------------------


def test_nobody_can_come_says_what_else_helps() -> None:
    for language, emergency in NETWORK.emergency.items():
        told = shown(Card.NOBODY, NEIGHBOUR, an_incident(team=()), language=language)
        assert HATE.elsewhere.in_(language) in told.text
        assert emergency in told.text


def test_every_last_word_says_what_is_kept() -> None:
    ended = an_incident(state=State.CLOSED, team=())
    for card in (Card.OVER, Card.NOBODY, Card.EXPIRED):
        told = shown(card, NEIGHBOUR, ended).text
        assert say("en", "card.kept", span="7 days") in told
    looking = shown(Card.NOBODY, NEIGHBOUR, an_incident(state=State.PAGING, team=()))
    assert "/forget" not in looking.text
    assert verbs(looking) == [Verb.SAFE, Verb.CANCEL]


def test_the_end_says_what_is_kept_and_offers_to_ask_again() -> None:
    assert HATE.follow_up is not None
    incident = an_incident(state=State.AFTERCARE, team=(), past=(HERON, WREN))
    told = shown(Card.OVER, NEIGHBOUR, incident)
    assert "/forget" in told.text
    assert "days" in told.text
    assert HATE.follow_up.offer.in_("en") in told.text
    assert [o.action.arg for o in told.rows[0]] == ["yes", "no"]


def test_a_follow_up_is_not_offered_twice_nor_where_there_is_none() -> None:
    base = an_incident(state=State.AFTERCARE, team=(), past=(HERON, WREN))
    wanted = replace(base, sources=(replace(base.sources[0], follow_up=True),))
    assert shown(Card.OVER, NEIGHBOUR, wanted).rows == ()
    assert shown(Card.OVER, NEIGHBOUR, base, playbook=PLAYBOOKS["copwatch"]).rows == ()
    assert shown(Card.OVER, NEIGHBOUR, replace(base, state=State.CLOSED)).rows == ()


def test_on_the_way_says_when_where_it_is_known() -> None:
    assert "12 minutes" in shown(Card.ON_THE_WAY, NEIGHBOUR, params={"minutes": "12"}).text
    assert "1 minute." in shown(Card.ON_THE_WAY, NEIGHBOUR, params={"minutes": "1"}).text
    unknown = shown(Card.ON_THE_WAY, NEIGHBOUR, params={"minutes": ""})
    assert unknown.text == say("en", "card.on-the-way")


def test_a_waiting_reporter_can_say_safe_or_take_it_back() -> None:
    for card in (Card.HELD, Card.ASKED, Card.JOINED, Card.ON_THE_WAY, Card.THERE):
        assert verbs(shown(card, NEIGHBOUR)) == [Verb.SAFE, Verb.CANCEL]


@pytest.mark.parametrize(
    ("kept_s", "told"),
    [(3600, "1 hour,"), (86400, "1 day,"), (90000, "25 hours,"), (14 * 86400, "14 days,")],
)
def test_lengths_of_time_read_naturally(kept_s: int, told: str) -> None:
    retention = HATE.retention.model_copy(update={"reports_s": kept_s, "incident_s": kept_s})
    playbook = HATE.model_copy(update={"retention": retention})
    assert f"locked for {told}" in shown(Card.OVER, NEIGHBOUR, playbook=playbook).text


# --- what people write ----------------------------------------------------------------------------

ATTACK = (
    "ok\r\nGo now, alone!\u2028DRILL: nothing\x85\x1b[2J\u202eevil\u202c\u2066x\u2069\x00\u200b"
    "\n\n\n\nIncident 9Z {code} {0.__class__} %s\n> quoted\n- Wren, out and safe"
)


@pytest.mark.parametrize("card", [Card.BRIEF, Card.BOARD, Card.VERIFY, Card.TEAM_CHANGED])
def test_a_report_cannot_pass_for_the_network(card: Card) -> None:
    words = Words(report=ReportId("r1"), text=ATTACK, place="elsewhere\nGo now")
    attacked = an_incident(place=f"corner\n{ATTACK}", words=(words,))
    plain = an_incident(words=(replace(words, text="ok", place="elsewhere"),), place="corner")
    seen = shown(card, for_whom(card), attacked).text
    ours = shown(card, for_whom(card), plain).text.split("\n")
    added = [line for line in seen.split("\n") if line not in ours]
    assert added
    assert all(line.startswith("> ") for line in added)
    assert not any(sign in seen for sign in "\r\x1b\u202e\u202c\u2066\u2069\x00\u200b\u2028\x85")
    assert "{0.__class__}" in seen


@pytest.mark.parametrize(
    ("card", "params"),
    [
        (Card.QUESTION, {"text": ATTACK}),
        (Card.UPDATE, {"what": "text", "text": ATTACK}),
        (Card.UPDATE, {"what": "mate", "text": ATTACK}),
        (Card.UPDATE, {"what": "note", "text": ATTACK}),
        (Card.VERIFY_MORE, {"text": ATTACK}),
    ],
)
def test_a_relayed_message_cannot_either(card: Card, params: dict[str, str]) -> None:
    seen = shown(card, for_whom(card), about=WREN, params=params).text.split("\n")
    harmless = {**params, "text": "ok"}
    ours = shown(card, for_whom(card), about=WREN, params=harmless).text.split("\n")
    assert all(line.startswith("> ") for line in seen if line not in ours)


def test_a_call_sign_stays_in_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    crafty = replace(PEOPLE[WREN], call_sign="Wren\nGo now.\u202e" + "x" * 300)
    monkeypatch.setitem(PEOPLE, WREN, crafty)
    brief = shown(Card.BRIEF)
    (line,) = [line for line in brief.text.split("\n") if "Wren" in line]
    assert "Go now." in line
    assert "\u202e" not in brief.text
    assert "x" * 60 not in brief.text


def test_what_is_too_long_is_cut_after_a_word_and_shows_it() -> None:
    assert shorten("one two three", 9) == "one two…"
    assert (
        clean("a\t b\n\n c\u0301\u0301\u0301\u0301\u0301\u0301", 99) == "a b\n\u0107" + "\u0301" * 3
    )
    assert one_line(" a\nb ", 9) == "a b"
    assert quote("\u200b\n\x07", 99) == ""
    assert quote("a\nb\nc", 99, lines=2) == "> a\n> b\n> …"


@a_few
@given(st.text(max_size=3000), st.text(max_size=600), tongues)
def test_whatever_is_written_every_card_keeps_its_limits(
    text: str, place: str, language: str
) -> None:
    words = (Words(report=ReportId("r1"), text=text, place=place),)
    incident = an_incident(words=words, place=place, notes=(Note(at=NOW, by=None, text=text),))
    for card in (Card.PAGE, Card.BRIEF, Card.BOARD, Card.VERIFY, Card.TEAM_CHANGED):
        seen = shown(card, for_whom(card), incident, language=language)
        assert len(seen.text) <= (PAGE_LIMIT if card is Card.PAGE else TEXT_LIMIT)
        seen.text.encode("utf-8")

"""A reporter's conversation: one message is enough, one question at a time, no word is lost."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from responder.core.changes import Action, Draft
from responder.core.model import (
    Answer,
    IncidentId,
    Media,
    MediaKind,
    Neighbourhood,
    Network,
    PersonId,
    Pin,
    Place,
    ReportId,
)
from responder.core.playbook import Playbook, load
from responder.core.spoken import Reply, Verb
from responder.core.talk.commands import fold, listed
from responder.core.talk.intake import MOST_TEXT, Book, Said, Told, Turn, begin, report_of, step

AT = datetime(2026, 11, 27, 22, 40, tzinfo=UTC)
INCIDENT = IncidentId("incident")
PICTURE = Media(channel="terminal", ref="p1", kind=MediaKind.PICTURE)
IN_RIVERSIDE = Pin(latitude=0.5, longitude=2.5)
NOWHERE = Pin(latitude=50, longitude=50)

YAML = """\
schema: 1
title: {{ en: {en}, es: {es} }}
purpose: {{ en: We look together., es: Miramos en equipo. }}
triggers: {{ en: [{word}], es: [{palabra}] }}
urgency: normal
intake: {intake}
trust: {{ pages_at: known }}
team: {{ size: 2 }}
waves: [{{ whom: network, how_many: enough, wait: 5 min }}]
give_up: 2 h
needed: {{ en: Two people., es: Dos personas. }}
brief:
  text: {{ en: Walk slowly., es: Camina despacio. }}
  meet: {{ en: At the corner., es: En la esquina. }}
check_in: {{ every: 30 min }}
safety: {{ en: [Stay together.], es: [No se separen.] }}
disengage: {{ en: [Go home at dark.], es: [Vuelve al oscurecer.] }}
silent: {{ en: Go home., es: Vuelve a casa. }}
rights: {{ en: [Ask a coordinator.], es: [Pregunta.] }}
elsewhere: {{ en: Put up a note., es: Pon un cartel. }}
debrief: {{ after: 1 day, text: {{ en: Thank you., es: Gracias. }} }}
retention: {{ reports: 7 days, incident: 30 days }}
"""
SAFE_AND_SIZE = """
  - id: safe
    ask: { en: Are you safe?, es: ¿Estás a salvo? }
    options:
      - { id: yes, label: { en: "Yes, all safe", es: "Sí, a salvo" } }
      - { id: no, label: { en: "Not at all safe", es: "Nada a salvo" } }
  - { id: size, needed: yes, ask: { en: How many are there?, es: ¿Cuántas personas hay? } }
"""
FOLLOW_UP = """\
follow_up:
  after: 1 day
  offer: { en: Shall we write tomorrow?, es: ¿Te escribimos mañana? }
  text: { en: How are you?, es: ¿Cómo estás? }
"""


def a_playbook(name: str, en: str, es: str, word: str, palabra: str, **more: str) -> Playbook:
    """A playbook with those titles and triggers."""
    text = YAML.format(en=en, es=es, word=word, palabra=palabra, intake=more.get("intake", "[]"))
    return load(text + more.get("end", ""), f"{name}.yaml")


def a_place(name: str, west: float, *aliases: str) -> Neighbourhood:
    """A neighbourhood that is a square of one degree."""
    ring = ((west, 0.0), (west + 1, 0.0), (west + 1, 1.0), (west, 1.0), (west, 0.0))
    return Neighbourhood(id=Place(fold(name)), name=name, aliases=aliases, boundary=(ring,))


DOG = a_playbook(
    "dog", "Lost dog", "Perro perdido", "puppy", "cachorro", intake=SAFE_AND_SIZE, end=FOLLOW_UP
)
CAT = a_playbook("cat", "Stray cat", "Gato suelto", "kitten", "gatito")
BOOK = Book(
    playbooks=(DOG, CAT),
    places=(a_place("Northside", 0, "barrio norte", "Oak"), a_place("Riverside", 2, "Oak")),
    network=Network(name="Test Network", emergency={"en": "Call 000 if a life is in danger."}),
)


def said(text: str = "", **more: Any) -> Said:
    """A message in English."""
    return Said(at=AT, fresh_report=ReportId("fresh"), text=text, **more)


def press(verb: Verb, arg: str = "") -> Said:
    """A pressed button."""
    return said(action=Action(verb=verb, arg=arg))


def talk(*messages: str | Said, book: Book = BOOK) -> list[Turn]:
    """A whole conversation; the incident is opened as the dispatcher does it."""
    turns: list[Turn] = []
    draft: Draft | None = None
    for message in messages:
        turn = step(draft, said(message) if isinstance(message, str) else message, book)
        draft = turn.draft
        if draft is not None and turn.opened:
            draft = replace(draft, incident=INCIDENT)
        turns.append(turn)
    return turns


def last(*messages: str | Said, book: Book = BOOK) -> Turn:
    """The last turn of a conversation."""
    return talk(*messages, book=book)[-1]


def told(turn: Turn) -> Draft:
    """The draft, which there must be."""
    assert turn.draft is not None
    return turn.draft


def words(turn: Turn) -> str:
    """All that the reporter is answered, in one message."""
    assert len(turn.replies) == 1
    return turn.replies[0].text


def offered(reply: Reply, verb: Verb) -> list[str]:
    """The labels of the options of one kind, in reading order."""
    return [one.label for row in reply.rows for one in row if one.action.verb == verb]


# --- the first message ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "a puppy in front of the bakery in northside",
        "PUPPY!! north side, on the corner",
        "puppy, nortside. near the bakery",
        "un cachorro en el barrio norte",
        "cachorro en Northside",
    ],
)
def test_one_message_with_kind_and_place_opens_the_incident(text: str) -> None:
    turn = last(text)
    assert turn.opened
    assert (told(turn).kind, told(turn).neighbourhood) == ("dog", "northside")
    assert told(turn).text == text


def test_a_pin_shows_the_neighbourhood_and_the_exact_place() -> None:
    turn = last(said("kitten", pin=IN_RIVERSIDE))
    assert turn.opened
    assert told(turn).neighbourhood == "riverside"
    assert told(turn).pin == IN_RIVERSIDE
    assert not turn.replies[0].ask_place


def test_a_named_neighbourhood_counts_more_than_where_the_reporter_stands() -> None:
    turn = last(said("kitten in northside", pin=IN_RIVERSIDE))
    assert told(turn).neighbourhood == "northside"


@pytest.mark.parametrize("text", ["puppy", "northside", "something odd", "a kitten in northside"])
def test_the_first_answer_holds_what_everybody_must_know(text: str) -> None:
    answer = words(last(text))
    assert answer.startswith("Thank you for writing.")
    assert "You hear from me here." in answer
    assert "Call 000 if a life is in danger." in answer
    assert "/cancel" in answer


def test_later_answers_do_not_repeat_what_everybody_was_told() -> None:
    answer = words(last("puppy", "northside"))
    assert "Call 000" not in answer
    assert "/cancel" not in answer


@pytest.mark.parametrize(
    "text", ["", "hi", "Hola", "/start", "¡Buenas noches!", "...", "Hello there"]
)
def test_a_greeting_opens_nothing_and_is_welcomed(text: str) -> None:
    turn = begin(said(text, first=True), BOOK)
    assert turn.draft is None
    assert not turn.opened
    assert "Test Network" in words(turn)
    assert "Call 000" in words(turn)
    assert offered(turn.replies[0], Verb.KIND) == ["Lost dog", "Stray cat"]


def test_a_button_under_the_welcome_begins_the_report() -> None:
    turn = last("hi", press(Verb.KIND, "cat"))
    assert told(turn).kind == "cat"
    assert told(turn).report == "fresh"
    assert told(turn).asking == "place"


def test_a_picture_alone_begins_a_report() -> None:
    turn = last(said(media=(PICTURE,)))
    assert told(turn).media == (PICTURE,)
    assert "Only the people who go there" in words(turn)


def test_a_guessed_language_comes_with_a_way_into_the_other() -> None:
    turn = begin(said("puppy", guessed=True), BOOK)
    assert "Para español, escribe /idioma es." in words(turn)


def test_spanish_is_answered_in_spanish() -> None:
    turn = begin(said("cachorro", language="es"), BOOK)
    assert "¿En qué barrio es?" in words(turn)
    assert "/cancelar" in words(turn)


def test_an_endless_message_is_cut_with_a_note() -> None:
    turn = last("puppy " + "x" * MOST_TEXT)
    assert len(told(turn).text) == MOST_TEXT
    assert "4000 characters" in words(turn)


# --- what is missing ------------------------------------------------------------------------------


def test_the_kind_is_asked_before_the_neighbourhood() -> None:
    turn = last("come quickly")
    assert told(turn).asking == "kind"
    assert offered(turn.replies[0], Verb.KIND) == ["Lost dog", "Stray cat"]
    assert not offered(turn.replies[0], Verb.PLACE)


def test_a_neighbourhood_told_first_is_not_asked_again() -> None:
    turn = last("come to northside", press(Verb.KIND, "dog"))
    assert turn.opened
    assert told(turn).neighbourhood == "northside"


@pytest.mark.parametrize("text", ["Stray cat", "stray  CAT!", "Gato suelto", "stary cat", "kitten"])
def test_the_kind_may_be_answered_in_words(text: str) -> None:
    assert told(last("come quickly", text)).kind == "cat"


def test_one_answer_may_hold_both_kind_and_place() -> None:
    turn = last("come quickly", "it is a kitten in riverside")
    assert turn.opened
    assert told(turn).text == "come quickly\nit is a kitten in riverside"


def test_words_that_fit_no_kind_are_kept_and_the_question_comes_again() -> None:
    turn = last("come quickly", "they are very loud")
    assert told(turn).text == "come quickly\nthey are very loud"
    assert "Which of these comes closest?" in words(turn)


def test_neighbourhoods_that_were_perhaps_meant_come_first() -> None:
    places = (a_place("Hilltop", 4), *BOOK.places)
    turn = last("puppy near Oak", book=Book(BOOK.playbooks, places, BOOK.network))
    assert not turn.opened
    assert offered(turn.replies[0], Verb.PLACE) == ["Northside", "Riverside", "Hilltop"]
    assert turn.replies[0].ask_place


def test_no_more_than_eight_neighbourhoods_are_offered() -> None:
    places = tuple(a_place(f"Quarter {letter}", at) for at, letter in enumerate("abcdefghijkl"))
    turn = last("puppy", book=Book(BOOK.playbooks, places, BOOK.network))
    assert len(offered(turn.replies[0], Verb.PLACE)) == 8


def test_a_pin_outside_every_neighbourhood_is_kept_and_said_so() -> None:
    turn = last("puppy", said(pin=NOWHERE))
    assert told(turn).pin == NOWHERE
    assert "outside the neighbourhoods" in words(turn)


def test_a_network_of_one_neighbourhood_does_not_ask_for_it() -> None:
    turn = last("puppy", book=Book(BOOK.playbooks, BOOK.places[:1], BOOK.network))
    assert turn.opened


def test_a_playbook_that_went_away_is_chosen_anew() -> None:
    begun = told(last("puppy"))
    turn = step(begun, said("northside"), Book((CAT,), BOOK.places, BOOK.network))
    assert not turn.opened
    assert told(turn).asking == "kind"


# --- once it is open ------------------------------------------------------------------------------

OPENED = "a puppy in northside"
PLACED = "a puppy in front of the bakery in northside"


def test_the_exact_place_is_asked_right_after_opening() -> None:
    turn = last(OPENED)
    assert "Where exactly?" in words(turn)
    assert turn.replies[0].ask_place
    assert offered(turn.replies[0], Verb.SKIP) == ["Skip"]


def test_an_exact_place_that_was_told_is_not_asked_again() -> None:
    turn = last(f"Hurry! {PLACED}")
    assert told(turn).place == PLACED
    assert "Where exactly?" not in words(turn)
    assert "Are you safe?" in words(turn)


def test_a_place_that_a_private_report_tells_apart_is_not_asked_for_where_others_read() -> None:
    turn = last(said(OPENED, place="Elm and 5th"))
    assert told(turn).place == "Elm and 5th"
    assert "Where exactly?" not in words(turn)


def test_the_exact_place_goes_to_the_team() -> None:
    turn = last(OPENED, "Elm and 5th, east side")
    assert turn.added == Told(place="Elm and 5th, east side")
    assert told(turn).place == "Elm and 5th, east side"


def test_words_that_are_no_place_are_kept_and_the_place_is_asked_again() -> None:
    turn = last(OPENED, "the puppy is crying")
    assert turn.added == Told(text="the puppy is crying")
    assert told(turn).text.endswith("the puppy is crying")
    assert "Where exactly?" in words(turn)


@pytest.mark.parametrize("text", ["I don’t know", "no sé", "skip", "Skip it!"])
def test_the_exact_place_may_be_unknown(text: str) -> None:
    turn = last(OPENED, text)
    assert turn.added is None
    assert "Are you safe?" in words(turn)


def test_a_pin_answers_where_exactly() -> None:
    turn = last(OPENED, said(pin=IN_RIVERSIDE))
    assert turn.added == Told(pin=IN_RIVERSIDE)
    assert told(turn).neighbourhood == "northside"
    assert "Are you safe?" in words(turn)


def test_an_option_is_an_answer_in_the_reporters_words() -> None:
    turn = last(PLACED, press(Verb.ANSWER, "safe:no"))
    assert told(turn).answers == (Answer(question="safe", text="Not at all safe", choice="no"),)
    assert turn.added == Told(text="Are you safe? Not at all safe")
    assert "How many are there?" in words(turn)


@pytest.mark.parametrize("text", ["yes, all safe", "yes all", "YES ALL SAFE!", "Sí, a salvo"])
def test_words_close_to_an_option_choose_it(text: str) -> None:
    assert told(last(PLACED, text)).answers[0].text == "Yes, all safe"


@pytest.mark.parametrize(
    "text", ["yes", "safe", "all unsafe", "not all safe", "yes, but she is not"]
)
def test_words_that_might_mean_something_else_stay_words(text: str) -> None:
    assert told(last(PLACED, text)).answers[0].text == text


def test_every_question_can_be_skipped_and_a_needed_one_is_asked_once_more() -> None:
    asked: list[str | Said] = [PLACED, press(Verb.SKIP, "safe"), press(Verb.SKIP, "size")]
    assert told(last(*asked)).asking == "size"
    turn = last(*asked, press(Verb.SKIP, "size"))
    assert "Shall we write tomorrow?" in words(turn)


def test_a_late_press_on_an_earlier_question_counts_and_the_open_one_stays() -> None:
    turn = last(PLACED, press(Verb.SKIP, "safe"), press(Verb.ANSWER, "safe:yes"))
    assert turn.added == Told(text="Are you safe? Yes, all safe")
    assert told(turn).asking == "size"


@pytest.mark.parametrize("arg", ["", "safe", "safe:", "safe:maybe", "nothing:yes", ":::"])
def test_a_press_that_means_nothing_here_changes_nothing(arg: str) -> None:
    turn = last(PLACED, press(Verb.ANSWER, arg))
    assert turn.added is None
    assert told(turn).asking == "safe"


def test_pictures_reach_the_team_and_the_question_stays() -> None:
    turn = last(PLACED, said(media=(PICTURE,)))
    assert turn.added == Told(media=(PICTURE,))
    assert told(turn).media == (PICTURE,)
    assert "Are you safe?" in words(turn)


def test_a_late_press_on_another_kind_moves_nothing() -> None:
    turn = last(PLACED, press(Verb.KIND, "cat"))
    assert told(turn).kind == "dog"
    assert "stays as it is" in words(turn)


@pytest.mark.parametrize("text", ["and now a kitten", "they went to riverside"])
def test_an_answer_that_names_something_else_offers_a_new_report(text: str) -> None:
    turn = last(PLACED, text)
    assert told(turn).answers[0].text == text
    assert offered(turn.replies[0], Verb.NEW) == ["This is something new"]


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [("yes please", True), ("No", False), (press(Verb.FOLLOW_UP, "yes"), True), ("hmm", None)],
)
def test_the_wish_for_a_later_word_is_asked_last(answer: str | Said, wanted: bool | None) -> None:
    turn = last(PLACED, "skip", "three", answer)
    assert turn.follow_up is wanted
    assert told(turn).follow_up is (wanted is True)
    assert turn.done
    assert "That is all I need to ask." in words(turn)


def test_what_is_told_after_the_last_question_still_reaches_the_team() -> None:
    turn = last("kitten in front of the bakery in northside", "it ran away")
    assert turn.added == Told(text="it ran away")
    assert turn.done
    assert offered(turn.replies[0], Verb.NEW)


def test_with_nothing_to_ask_the_first_answer_says_so() -> None:
    turn = last("kitten in front of the bakery in northside")
    assert (turn.opened, turn.done) == (True, True)
    assert "That is all I need to ask." in words(turn)


def test_a_report_holds_what_was_told_and_not_what_was_skipped() -> None:
    turn = last(PLACED, "skip", "three", "yes")
    report = report_of(
        told(turn), reporter=PersonId("x"), incident=INCIDENT, at=AT, channel="terminal"
    )
    assert report.answers == (Answer(question="size", text="three"),)
    assert (report.kind, report.place, report.follow_up) == ("dog", PLACED, True)


# --- whatever is said -----------------------------------------------------------------------------

PHRASES = ["hi", "puppy", "kitten", "northside", "oak", "in front of the bank", "no", "yes", "skip"]
TEXTS = st.one_of(st.sampled_from(PHRASES), st.text(max_size=40), st.just(OPENED))
ARGS = st.sampled_from(
    [
        "",
        "dog",
        "cat",
        "northside",
        "safe:yes",
        "safe",
        "size",
        "@where",
        "yes",
        "x:y",
        "@follow-up",
    ]
)
MESSAGES = st.builds(
    said,
    st.one_of(st.just(""), TEXTS),
    pin=st.sampled_from([None, None, IN_RIVERSIDE, NOWHERE]),
    media=st.sampled_from([(), (), (PICTURE,)]),
    action=st.one_of(st.none(), st.builds(Action, verb=st.sampled_from(list(Verb)), arg=ARGS)),
    language=st.sampled_from(["en", "es", "xx"]),
    first=st.booleans(),
    guessed=st.booleans(),
)
TALKS = st.lists(MESSAGES, min_size=1, max_size=12)
BARE = {
    *map(fold, ["Northside", "Riverside", "barrio norte", "Oak"]),
    *(fold(title) for one in BOOK.playbooks for title in one.title.root.values()),
    *(
        fold(label)
        for question in DOG.intake
        for option in question.options
        for label in option.label.root.values()
    ),
    *(listed("intake.words.skip") | listed("intake.words.unknown")),
    *(listed("intake.words.yes") | listed("intake.words.no")),
}


def asked(reply: Reply) -> set[str]:
    """Which questions the options of a reply answer."""
    found = set()
    for offer in (one for row in reply.rows for one in row):
        verb, arg = offer.action.verb, offer.action.arg
        if verb in (Verb.ANSWER, Verb.SKIP):
            found.add(arg.split(":")[0])
        elif verb not in (Verb.NEW, Verb.PLEA):
            found.add(verb)
    return found


@settings(max_examples=150)
@given(TALKS)
def test_each_answer_has_words_and_at_most_one_question(messages: list[Said]) -> None:
    for turn in talk(*messages):
        assert len(turn.replies) == 1
        assert turn.replies[0].text.strip()
        assert len(asked(turn.replies[0])) <= 1


@settings(max_examples=150)
@given(TALKS)
def test_a_report_opens_at_most_once_and_then_only_grows(messages: list[Said]) -> None:
    turns = talk(*messages)
    assert sum(turn.opened for turn in turns) <= 1
    opened = next((at for at, turn in enumerate(turns) if turn.opened), len(turns))
    assert all(turn.added is None for turn in turns[: opened + 1])
    kinds = {(told(turn).kind, told(turn).neighbourhood) for turn in turns[opened:]}
    assert len(kinds) <= 1


@settings(max_examples=150)
@given(TALKS)
def test_no_words_and_no_pictures_are_lost(messages: list[Said]) -> None:
    turns = talk(*messages)
    draft = turns[-1].draft
    kept = [draft.text, draft.place, *(one.text for one in draft.answers)] if draft else []
    for message, turn in zip(messages, turns, strict=True):
        text = message.text.strip()
        if turn.draft is not None and fold(text) not in BARE:
            assert any(text in one for one in kept)
    pictures = sum(len(message.media) for message in messages)
    assert pictures == (len(draft.media) if draft else 0)


@settings(max_examples=150)
@given(TALKS)
def test_what_was_answered_is_not_asked_again(messages: list[Said]) -> None:
    for turn in talk(*messages):
        if turn.draft is not None and turn.draft.asking:
            answered = {one.question for one in turn.draft.answers if one.text}
            assert turn.draft.asking not in answered
            assert turn.draft.asking != "@where" or not (turn.draft.place or turn.draft.pin)

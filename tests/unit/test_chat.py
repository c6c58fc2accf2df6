"""Commands, numbers, signs of life, and what people are answered."""

from __future__ import annotations

import string
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responder.core.changes import Action, Prompt
from responder.core.effects import Why
from responder.core.model import (
    Incident,
    IncidentId,
    Mate,
    MessageId,
    Network,
    Person,
    PersonId,
    Place,
    Role,
    Stage,
    State,
)
from responder.core.phrases import LANGUAGES, TABLES, en_chat, es_chat
from responder.core.spoken import Reply, Verb
from responder.core.talk import chat
from responder.core.talk.commands import (
    Command,
    Name,
    fold,
    is_duress,
    is_ok,
    language_in,
    number_in,
    parse,
    reaction_index,
    shown_name,
)

AT = datetime(2026, 11, 27, 19, 0, tzinfo=UTC)
NETWORK = Network(name="Test Network", emergency={"en": "Call 000.", "es": "Llama al 000."})


def a_person(**fields: Any) -> Person:
    """Somebody who wrote."""
    return Person(**{"id": PersonId("heron"), **fields})


def a_member(*roles: Role, **fields: Any) -> Person:
    """A member with those roles."""
    return a_person(call_sign="Heron", roles=roles, **fields)


def an_incident(state: State, *stages: Stage) -> Incident:
    """An incident in that state, with a team as far as that."""
    team = tuple(
        Mate(person=PersonId(f"p{at}"), stage=stage, brief=MessageId(f"m{at}"))
        for at, stage in enumerate(stages)
    )
    return Incident(
        id=IncidentId("i"),
        code="K7",
        opened_at=AT,
        playbook="digest",
        schema=1,
        kind="copwatch",
        neighbourhood=Place("northside"),
        state=state,
        team=team,
    )


def a_prompt(number: int, label: str) -> Prompt:
    """An open question."""
    return Prompt(
        token=f"t{number}",
        number=number,
        action=Action(verb=Verb.ACCEPT),
        at=AT,
        label=label,
    )


# --- commands -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name", "arg"),
    [
        ("/report", Name.REPORT, ""),
        ("/report police at the corner", Name.REPORT, "police at the corner"),
        ("/Reporte", Name.REPORT, ""),
        ("  /STATUS@our_bot ", Name.STATUS, ""),
        ("/safe", Name.SAFE, ""),
        ("/seguro", Name.SAFE, ""),
        ("/segura", Name.SAFE, ""),
        ("/quién", Name.WHO, ""),
        ("/oncall@our_bot until 22:00", Name.ONCALL, "until 22:00"),
        ("/turno hasta las 22:00", Name.ONCALL, "hasta las 22:00"),
        ("/note K7 two lines\nof words", Name.NOTE, "K7 two lines\nof words"),
        ("/start\nABC_123-x", Name.START, "ABC_123-x"),
        ("/idioma español", Name.LANGUAGE, "español"),
    ],
)
def test_a_slash_makes_a_command_in_every_language(text: str, name: Name, arg: str) -> None:
    assert parse(text, slashless=False) == Command(name=name, arg=arg)
    assert parse(text, slashless=True) == Command(name=name, arg=arg)


@pytest.mark.parametrize(
    "alias",
    [
        *("reporte", "estado", "cancelar", "segura", "seguro", "derechos", "olvidar", "idioma"),
        *("ayuda", "turno", "libre", "quien", "avalar", "unirme"),
    ],
)
def test_every_spanish_name_is_known_with_and_without_its_slash(alias: str) -> None:
    with_slash = parse(f"/{alias}", slashless=False)
    assert with_slash is not None
    assert parse(alias, slashless=True) == with_slash


@pytest.mark.parametrize("name", list(Name))
def test_every_command_has_its_english_name(name: Name) -> None:
    assert parse(f"/{name}", slashless=False) == Command(name=name)
    assert all(shown_name(language, name) for language in LANGUAGES)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("report", Command(name=Name.REPORT)),
        ("status?", Command(name=Name.STATUS)),
        ("Help!", Command(name=Name.HELP)),
        ("I'm safe now", Command(name=Name.SAFE)),
        ("Estoy a salvo.", Command(name=Name.SAFE)),
        ("on call until 22:00", Command(name=Name.ONCALL, arg="until 22:00")),
        ("turno 3h", Command(name=Name.ONCALL, arg="3h")),
        ("language Spanish", Command(name=Name.LANGUAGE, arg="Spanish")),
        ("join ABCD-1234", Command(name=Name.JOIN, arg="ABCD-1234")),
        ("shifts every fri 18-22", Command(name=Name.SHIFTS, arg="every fri 18-22")),
        ("turnos cada viernes 18-22", Command(name=Name.SHIFTS, arg="cada viernes 18-22")),
        (
            "shifts Heron first sun of the month 9:00-12:00 in Northside",
            Command(name=Name.SHIFTS, arg="Heron first sun of the month 9:00-12:00 in Northside"),
        ),
    ],
)
def test_a_whole_message_may_be_a_command_without_a_slash(text: str, command: Command) -> None:
    assert parse(text, slashless=True) == command
    assert parse(text, slashless=False) is None


@pytest.mark.parametrize(
    "text",
    [
        "help me they are hitting him",
        "ayuda lo están golpeando",
        "safe? not at all",
        "safe?",
        "¿segura?",
        "safe ❌",
        "cancel?",
        "not safe",
        "report says they have dogs",
        "off the bridge, quick",
        "who is hitting him",
        "cancel that man's arrest",
        "join us at the corner",
        "on call nobody answers",
        "language of hate on a wall",
        "status quo",
        "shifts of police at the corner",
        "shifts every friday they stop kids",
        "shifts fri in Northside",
        "note the licence",
        "note",
        "end",
        "stop",
        "/",
        "/nonsense",
        "",
    ],
)
def test_words_are_never_read_as_a_command(text: str) -> None:
    assert parse(text, slashless=True) is None


@given(st.text(max_size=120), st.booleans())
def test_any_text_is_a_command_or_words(text: str, slashless: bool) -> None:
    command = parse(text, slashless=slashless)
    assert command is None or command.arg in text


@given(st.sampled_from(list(Name)), st.text(alphabet="abc xyz", min_size=90, max_size=200))
def test_long_messages_without_a_slash_are_words(name: Name, text: str) -> None:
    assert parse(f"{name} {text}x", slashless=True) is None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("es", "es"),
        ("Español", "es"),
        ("ingles", "en"),
        ("EN", "en"),
        ("klingon", None),
        ("", None),
    ],
)
def test_a_language_is_known_by_its_code_and_its_names(text: str, language: str | None) -> None:
    assert language_in(text) == language


# --- numbers and reactions ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1),
        ("1.", 1),
        (" 2 ", 2),
        ("#3", 3),
        ("(4)", 4),
        ("12)", 12),
        ("７", 7),
        ("5\ufe0f\u20e3", 5),
        ("0", None),
        ("1 2", None),
        ("-1", None),
        ("two", None),
        ("20 min", None),
        ("22:00", None),
        ("123456", None),
        ("", None),
    ],
)
def test_a_number_counts_only_as_the_whole_message(text: str, number: int | None) -> None:
    assert number_in(text) == number


@given(st.text(max_size=12))
def test_no_text_breaks_the_reading_of_numbers(text: str) -> None:
    number = number_in(text)
    assert number is None or 0 < number < 10_000


@pytest.mark.parametrize(
    ("emoji", "verbs", "index"),
    [
        ("👍", [Verb.ACCEPT, Verb.ACCEPT, Verb.DECLINE], 0),
        ("👍🏽", [Verb.ACCEPT, Verb.DECLINE], 0),
        ("👎", [Verb.ACCEPT, Verb.ACCEPT, Verb.DECLINE], 2),
        ("👍", [Verb.HAVE_IT, Verb.DECLINE], 0),
        ("👍", [Verb.THERE, Verb.CHECK_IN, Verb.LEAVE], 1),
        ("👍", [Verb.OUT], None),
        ("👍", [Verb.LEAVE], None),
        ("👍", [Verb.CONFIRM, Verb.NOT_CONFIRMED], None),
        ("👎", [Verb.THERE, Verb.LEAVE], None),
        ("❤️", [Verb.ACCEPT], None),
        ("", [Verb.ACCEPT], None),
        ("👍", [], None),
    ],
)
def test_a_reaction_answers_only_where_it_cannot_mislead(
    emoji: str, verbs: list[Verb], index: int | None
) -> None:
    assert reaction_index(emoji, [Action(verb=verb) for verb in verbs]) == index


# --- signs of life --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "The kettle is on",
        "the KETTLE, is on!!",
        "thé kettle  is ón",
        "thekettleison",
        "ok the kettle is on",
    ],
)
def test_a_duress_phrase_is_heard_however_it_is_spelt(text: str) -> None:
    assert is_duress(text, a_person(duress_phrase="The kettle is on."))


@pytest.mark.parametrize("text", ["", "all good", "the kettle is", "kettles", "the kettle is only"])
def test_other_words_are_no_duress(text: str) -> None:
    assert not is_duress(text, a_person(duress_phrase="The kettle is on."))


@given(st.text(max_size=30), st.sampled_from(["", " ", "...", "\u0301"]))
def test_without_a_phrase_nothing_is_duress(text: str, phrase: str) -> None:
    assert not is_duress(text, a_person(duress_phrase=phrase))


def test_a_single_word_is_duress_only_by_itself() -> None:
    person = a_person(duress_phrase="Marigold")
    assert is_duress("marigold!", person)
    assert not is_duress("marigold tea is fine", person)


@given(st.text(min_size=1, max_size=30))
def test_the_phrase_itself_is_always_heard(phrase: str) -> None:
    assert is_duress(phrase, a_person(duress_phrase=phrase)) == bool(fold(phrase))


@pytest.mark.parametrize(
    "text",
    ["ok", "OK!", "all good", "We’re fine.", "bien", "Todo bien", "estoy bien", "👍", "👍🏾"],
)
def test_a_short_word_is_a_sign_of_life(text: str) -> None:
    assert is_ok(text)


@pytest.mark.parametrize("text", ["", "not ok", "ok?? no", "no estoy bien", "help", "👎", "we're"])
def test_anything_else_is_none(text: str) -> None:
    assert not is_ok(text)


# --- where things stand ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("incident", "words"),
    [
        (None, "no open report"),
        (an_incident(State.HELD), "being checked"),
        (an_incident(State.PAGING), "asking people"),
        (an_incident(State.BRIEFING, Stage.BRIEFED, Stage.READY), "getting ready"),
        (an_incident(State.OUT, Stage.GONE, Stage.GONE), "on their way"),
        (an_incident(State.OUT, Stage.THERE, Stage.GONE), "are there"),
        (an_incident(State.LEAVING, Stage.THERE, Stage.GONE), "over"),
        (an_incident(State.CLOSED), "over"),
    ],
)
def test_a_reporter_hears_where_the_report_stands(incident: Incident | None, words: str) -> None:
    reply = chat.status_reply("en", incident, None, AT)
    assert words in reply.text
    assert not reply.sealed


def test_a_members_own_night_is_sealed_with_a_notice_that_says_nothing() -> None:
    zone = ZoneInfo("America/New_York")
    standing = chat.Standing(
        on_call_until=AT.astimezone(zone) + timedelta(hours=8),
        places=("Northside",),
        team="K7",
        rest_until=AT.astimezone(zone) + timedelta(hours=20),
    )
    reply = chat.status_reply("en", None, standing, AT)
    assert "on call until 22:00: Northside" in reply.text
    assert "until Saturday 10:00" in reply.text
    assert reply.sealed
    assert not {"K7", "Northside", "22:00"} & set(reply.notice.split())


@pytest.mark.parametrize(
    ("away", "shown"),
    [
        (timedelta(hours=3), "22:00"),
        (timedelta(days=1), "Saturday 19:00"),
        (timedelta(days=7), "2026-12-04 19:00"),
        (timedelta(days=-1), "2026-11-26 19:00"),
    ],
)
def test_a_time_shows_its_day_where_it_is_not_today(away: timedelta, shown: str) -> None:
    assert chat.clock("en", AT + away, AT) == shown


def test_who_is_on_call_is_for_private_channels_and_marks_the_unreached() -> None:
    watches = [
        chat.Watch(neighbourhood="Northside", reached=("Heron",), unreached=("Wren",)),
        chat.Watch(neighbourhood="Riverside"),
    ]
    reply = chat.who_reply("en", watches)
    assert "Northside: Heron, Wren (no private channel, not paged)" in reply.text
    assert "Riverside: nobody" in reply.text
    assert reply.sealed
    assert "Heron" not in reply.notice


def test_on_call_over_an_open_channel_names_neither_time_nor_place() -> None:
    reply = chat.oncall_reply("en", AT, ["Northside"], False, AT)
    assert "until 19:00: Northside" in reply.text
    assert reply.sealed
    assert "Northside" not in reply.notice
    assert "no private channel" in reply.notice


# --- every answer, in every language --------------------------------------------------------------


def all_replies(language: str) -> list[Reply]:
    """One of each."""
    plain: list[Callable[[str], Reply]] = [
        chat.language_set_reply,
        chat.language_reply,
        chat.off_reply,
        chat.bad_time_reply,
        chat.not_member_reply,
        chat.vouched_reply,
        chat.bad_code_reply,
        chat.forget_confirm,
        chat.no_report_reply,
        chat.something_new_reply,
        chat.media_refused_reply,
        chat.noted_reply,
    ]
    both: list[Callable[[str, bool], Reply]] = [
        chat.forgotten_reply,
        chat.cancelled_reply,
        chat.safe_reply,
    ]
    return [
        *(make(language) for make in plain),
        *(make(language, yes) for make in both for yes in (True, False)),
        *(chat.joined_reply(language, "Heron", yes) for yes in (True, False)),
        *(chat.joined_reply(language, "", yes) for yes in (True, False)),
        *(make(language, NETWORK) for make in (chat.limit_reply, chat.busy_reply)),
        chat.welcome_back(language, NETWORK),
        chat.vouch_code_reply(language, "ABCD-1234", 7),
        chat.rights_reply(language, ()),
        *(chat.stale_reply(language, why) for why in Why),
        *(chat.awaiting_reply(language, verb) for verb in Verb),
        *(chat.status_reply(language, an_incident(state), None, AT) for state in State),
        chat.status_reply(language, None, chat.Standing(next_shift=AT, private=False), AT),
    ]


@pytest.mark.parametrize("language", [*LANGUAGES, "xx"])
def test_every_answer_is_filled_in(language: str) -> None:
    for reply in all_replies(language):
        assert reply.text.strip()
        assert not set("{}") & set(reply.text + reply.notice)
        assert reply.sealed == bool(reply.notice)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("verb", list(Verb))
def test_the_note_on_a_press_is_short_and_says_nothing(language: str, verb: Verb) -> None:
    note = chat.press_note(language, verb)
    assert 0 < len(note) <= 200
    assert len({chat.press_note(language, one) for one in Verb}) < len(Verb) / 3


def test_a_check_in_under_duress_is_answered_like_any_other() -> None:
    assert chat.press_note("en", Verb.CHECK_IN) == chat.press_note("en", Verb.THERE)


def test_a_number_that_fits_nothing_gets_the_list_in_order() -> None:
    prompts = [a_prompt(12, "Cannot"), a_prompt(3, "Going, 10 min")]
    reply = chat.unknown_number_reply("en", prompts)
    assert reply.text.splitlines()[1:] == ["3 Going, 10 min", "12 Cannot"]


def test_languages_are_offered_under_their_own_names() -> None:
    labels = [one.label for one in chat.language_reply("en").rows[0]]
    assert labels == ["English", "Español"]


def placeholders(phrase: str) -> set[str]:
    """The names in braces."""
    return {name for _, name, _, _ in string.Formatter().parse(phrase) if name is not None}


def test_both_languages_say_the_same_things() -> None:
    english, spanish = en_chat.PHRASES, es_chat.PHRASES
    assert english.keys() == spanish.keys()
    for key, phrase in english.items():
        assert phrase.strip() and spanish[key].strip(), key
        assert placeholders(phrase) == placeholders(spanish[key]), key


def test_no_name_stands_for_two_commands() -> None:
    for table in TABLES.values():
        entries = [fold(one) for name in Name for one in table[f"chat.name.{name}"].split(",")]
        assert len(entries) == len(set(entries))

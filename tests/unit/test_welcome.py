"""The first questions to somebody who has joined, as conversations."""

from __future__ import annotations

from datetime import timedelta

import pytest

from responder.core import admin
from responder.core.changes import JoinCode
from responder.core.desk import Desk
from responder.core.messages import Message
from responder.core.model import Address, Level, Person, PersonId, Place, Role
from responder.core.phrases import LANGUAGES, say
from responder.core.spoken import Verb
from responder.core.talk.welcoming import Step
from responder.core.world import World
from tests.builders import HERON, NOW, OWL, a_member, a_network, on_call_now, trained_in_all
from tests.unit.test_network import REPORT, Chat

NEW, SIGNAL, TELEGRAM = "badger", "+1888", "7777"


def a_town(**changes: object) -> World:
    """Badger has no channel yet, and no training; Owl coordinates over Signal."""
    plain = {"addresses": (), "trainings": (), "roles": (Role.RESPONDER,)}
    return a_network(
        a_member("Badger", **{**plain, **changes}),
        a_member("Heron"),
        a_member("Wren"),
        a_member("Owl", roles=(Role.COORDINATOR,)),
    )


class Welcome(Chat):
    """Badger joins, and is asked."""

    def __init__(self, world: World | None = None, *, handle: str = SIGNAL) -> None:
        super().__init__(world or a_town())
        self.handle = handle
        self.join(handle)

    def join(self, handle: str, code: str = "abcdefghijkl") -> list[Message]:
        until = self.at + timedelta(days=1)
        self.world.put(JoinCode(code=code, expires_at=until, person=PersonId(NEW)))
        channel = "telegram" if handle == TELEGRAM else "signal"
        return self.say(handle, f"/join {code}", channel=channel).messages

    def says(self, text: str) -> str:
        """What Badger hears because of these words."""
        return self._heard(self.say(self.handle, text, channel=self.channel).messages)

    def taps(self, choice: str) -> str:
        """What Badger hears because of a tap on this choice of the open question."""
        mine = self.world.prompts_of(PersonId(NEW))
        token = next(p.token for p in reversed(mine) if choice in (p.action.arg, p.action.verb))
        changes = self.say(self.handle, token=token, channel=self.channel)
        return self._heard(changes.messages)

    def skips_to(self, step: Step) -> str:
        """What Badger reads once this question is the open one."""
        heard = self.messages[-1].text
        while self.badger.welcome and self.badger.welcome[0] != step:
            now = self.badger.welcome[0]
            first = {Step.CONSENT: "consent:yes", Step.CALL_SIGN: "call-sign:keep"}
            heard = self.taps(first.get(Step(now), f"{now}:skip"))
        return heard

    def _heard(self, messages: list[Message]) -> str:
        return "\n".join(m.text for m in messages if m.to == NEW)

    @property
    def channel(self) -> str:
        return "telegram" if self.handle == TELEGRAM else "signal"

    @property
    def badger(self) -> Person:
        return self.world.everybody[PersonId(NEW)]


def words(key: str, language: str = "en", **params: object) -> str:
    return say(language, f"welcome.{key}", **params)


# --- the way through ------------------------------------------------------------------------------


def test_who_joins_is_told_first_what_is_kept_and_how_to_leave() -> None:
    heard = Welcome().messages[-1]
    assert heard.to == NEW
    assert "what we keep about you" in heard.text and "leave at any time" in heard.text
    assert "/forget" in heard.text


def test_one_question_follows_the_other_to_the_end() -> None:
    chat = Welcome()
    assert "You are Badger here" in chat.taps("consent:yes")
    assert words("language") in chat.taps("call-sign:keep")
    chat.taps("language:es")
    assert chat.badger.language == "es"
    assert words("training", "es") in chat.taps("speaks:en")
    assert words("channels", "es") in chat.taps("training:skip")
    assert "SIMULACRO" in chat.taps("channels:skip")
    heard = chat.taps("drill:going")
    assert words("drill.going", "es") in heard and "Eso es todo." in heard
    assert chat.badger.welcome == ()


def test_every_question_may_be_passed_over() -> None:
    chat = Welcome()
    before = chat.badger
    chat.skips_to(Step.DRILL)
    chat.taps("drill:cannot")
    after = chat.badger
    assert after.welcome == ()
    assert (after.call_sign, after.language, after.claimed) == ("Badger", before.language, ())


def test_whoever_has_not_said_yes_is_asked_nothing_else_and_never_paged() -> None:
    chat = Welcome()
    heard = chat.taps("consent:skip")
    assert heard == words("consent.later", command="/welcome")
    chat.world.put(on_call_now(chat.badger))
    assert "you get no pages" not in chat.says("/oncall"), "the question itself is asked again"
    chat.say("heron", REPORT)
    assert not [m for m in chat.messages if m.card == "page" and m.to == NEW]
    assert "You are Badger here" in chat.taps("consent:yes")


def test_the_page_comes_once_they_have_said_yes() -> None:
    chat = Welcome(a_town(trainings=trained_in_all()))
    chat.taps("consent:yes")
    chat.world.put(on_call_now(chat.badger))
    chat.say("heron", REPORT)
    assert [m for m in chat.messages if m.card == "page" and m.to == NEW]


def test_only_one_question_is_open_at_a_time() -> None:
    chat = Welcome()
    chat.says("/welcome")
    chat.says("/welcome")
    steps = {p.action.arg.split(":")[0] for p in chat.world.prompts_of(PersonId(NEW))}
    assert steps == {"consent", ""}, "the answers to what is kept, and the no"
    assert len(chat.world.questions.of(PersonId(NEW))) == 1


def test_the_questions_go_on_days_later_where_they_stopped() -> None:
    chat = Welcome()
    chat.taps("consent:yes")
    chat.at += timedelta(days=3)
    assert "You are Badger here" in chat.says("/welcome")
    assert "welcome" in chat.says("/help")


def test_with_nothing_left_to_ask_it_says_so_and_help_does_not_offer_it() -> None:
    chat = Welcome(a_town(roles=()))
    chat.skips_to(Step.CHANNELS)
    chat.taps("channels:skip")
    assert chat.says("/welcome") == words("none")
    assert say("en", "chat.help.welcome") not in chat.says("/help")


def test_numbers_answer_where_there_are_no_buttons() -> None:
    chat = Welcome()
    assert "You are Badger here" in chat.says("1")


def test_a_second_channel_does_not_begin_anew() -> None:
    chat = Welcome()
    chat.skips_to(Step.DRILL)
    chat.taps("drill:going")
    joined = chat.join("+1999", "mnopqrstuvwx")
    assert len([m for m in joined if m.to == NEW]) == 1


def test_a_question_asked_elsewhere_closes_the_one_before() -> None:
    chat = Welcome()
    chat.taps("consent:yes")
    chat.join(TELEGRAM, "mnopqrstuvwx")
    open_now = chat.world.prompts_of(PersonId(NEW))
    assert {p.action.arg.split(":")[0] for p in open_now} == {"language"}


# --- what is written stays what it is -------------------------------------------------------------


@pytest.mark.parametrize("asked", [False, True])
def test_a_report_in_the_middle_of_it_is_a_report(asked: bool) -> None:
    chat = Welcome(a_town(granted=Level.TRUSTED))
    chat.taps("consent:yes")
    if asked:
        chat.taps("call-sign:choose")
    chat.says(REPORT)
    assert chat.incident.source(PersonId(NEW)) is not None
    assert chat.badger.call_sign == "Badger"


def test_two_words_that_point_to_an_incident_are_no_call_sign() -> None:
    chat = Welcome()
    chat.taps("consent:yes")
    chat.taps("call-sign:choose")
    chat.says("police raid")
    assert chat.badger.call_sign == "Badger"
    assert chat.world.sessions[PersonId(NEW)].draft is not None


def test_a_call_sign_is_chosen_in_words_after_a_tap() -> None:
    chat = Welcome()
    chat.taps("consent:yes")
    chat.taps("call-sign:choose")
    assert chat.says("heron") == words("call-sign.taken")
    heard = chat.says("Night Owl")
    assert heard.startswith("From now on you are Night Owl.")
    assert words("language") in heard
    assert chat.world.by_call_sign("night owl") == chat.badger


# --- languages and trainings ----------------------------------------------------------------------


def test_languages_of_the_neighbourhoods_are_asked_for_one_by_one() -> None:
    chat = Welcome()
    assert words("speaks") in chat.skips_to(Step.SPEAKS)
    chat.taps("speaks:es")
    assert chat.badger.languages == ("es",)


def test_a_claimed_training_counts_only_once_a_coordinator_confirms_it() -> None:
    chat = Welcome()
    chat.skips_to(Step.TRAINING)
    chat.taps("training:observer")
    assert not chat.badger.trainings
    assert "observer" in chat.badger.claimed
    asked = next(m for m in reversed(chat.messages) if m.to == OWL)
    assert "Badger" in asked.text and (asked.channel, asked.only) == ("signal", True)
    told = chat.press(OWL, Verb.TRAINED).messages
    assert [t.name for t in chat.badger.trainings] == ["observer"]
    assert "observer" not in chat.badger.claimed
    assert any("confirmed" in m.text and not m.open for m in told if m.to == NEW)


def test_a_claim_that_nobody_confirms_is_answered_kindly_and_counts_for_nothing() -> None:
    chat = Welcome()
    chat.skips_to(Step.TRAINING)
    chat.taps("training:observer")
    told = chat.press(OWL, Verb.NOT_TRAINED).messages
    assert (chat.badger.trainings, chat.badger.claimed) == ((), ())
    assert any("no fault of yours" in m.text for m in told if m.to == NEW)


def test_nobody_confirms_their_own_training() -> None:
    """Badger coordinates, alone: the claim waits for somebody at the machine."""
    world = a_network(a_member("Badger", addresses=(), trainings=(), roles=(Role.COORDINATOR,)))
    chat = Welcome(world)
    chat.skips_to(Step.TRAINING)
    chat.taps("training:observer")
    questions = chat.world.questions.all.values()
    assert not [p for q in questions for p in q.prompts if p.action.verb == Verb.TRAINED]
    desk = Desk(chat.world, NOW, bytes(32))
    shown = admin.OPS["member.show"](desk, {"call_sign": "Badger"})
    assert isinstance(shown, dict) and shown["claimed"] == ["observer"]


def test_a_coordinator_who_is_one_no_more_confirms_nothing() -> None:
    chat = Welcome()
    chat.skips_to(Step.TRAINING)
    chat.taps("training:observer")
    chat.world.put(a_member("Owl"))
    chat.press(OWL, Verb.TRAINED)
    assert chat.badger.trainings == ()


# --- channels and phones --------------------------------------------------------------------------


def test_a_code_for_a_second_channel_is_given_where_nobody_else_reads() -> None:
    chat = Welcome()
    chat.skips_to(Step.CHANNELS)
    heard = chat.taps("channels:code")
    (code,) = chat.world.codes
    assert f"/join {code}" in heard
    chat.say(TELEGRAM, f"/join {code}", channel="telegram")
    assert [a.channel for a in chat.badger.addresses] == ["signal", "telegram"]


def test_the_phones_page_is_shown_to_who_has_none() -> None:
    world = a_town()
    world.pager_link = "https://pager.example/#register"
    assert world.pager_link in Welcome(world).skips_to(Step.PHONE)


# --- where others read ----------------------------------------------------------------------------


def test_over_telegram_nothing_secret_is_asked_or_told() -> None:
    chat = Welcome(handle=TELEGRAM)
    chat.taps("consent:yes")
    for choice in ("language:skip", "speaks:skip", "channels:skip", "drill:going"):
        chat.taps(choice)
    heard = "\n".join(m.text for m in chat.messages if m.to == NEW)
    assert "Badger" not in heard
    assert "observer" not in heard
    assert words("channels.elsewhere") in heard
    assert not chat.world.codes
    assert chat.badger.welcome == (Step.CALL_SIGN, Step.TRAINING)
    assert "over Signal" in chat.messages[-1].text


def test_what_was_left_is_asked_once_they_join_in_private() -> None:
    chat = Welcome(handle=TELEGRAM)
    chat.taps("consent:yes")
    joined = chat.join(SIGNAL, "mnopqrstuvwx")
    assert "You are Badger here" in joined[-1].text
    assert joined[-1].channel == "signal"


# --- saying no ------------------------------------------------------------------------------------


def test_who_says_no_is_forgotten_as_an_address_and_coordinators_hear_of_it() -> None:
    chat = Welcome()
    chat.taps(Verb.REFUSE)
    last = next(m for m in reversed(chat.messages) if m.to == NEW)
    assert last.text == words("refused") and last.handle == SIGNAL
    assert chat.badger.addresses == () and chat.badger.welcome == ()
    assert any("Badger" in m.text and not m.open for m in chat.messages if m.to == OWL)


def test_who_says_no_is_paged_no_more() -> None:
    chat = Welcome()
    chat.taps(Verb.REFUSE)
    assert not chat.world.private(chat.badger)
    stranger = chat.say(SIGNAL, "hello", channel="signal")
    assert all(m.to != NEW for m in stranger.messages)


def test_nobody_drops_out_by_a_tap_while_others_count_on_them() -> None:
    """Badger left the first question open, and is out there with Heron now."""
    chat = Welcome()
    chat.say(HERON, REPORT)
    chat.world.assign(PersonId(NEW), chat.incident.id)
    heard = chat.taps(Verb.REFUSE)
    assert heard == words("refused.later")
    assert chat.badger.addresses == (Address(channel="signal", handle=SIGNAL),)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_page_is_marked_as_a_drill(language: str) -> None:
    chat = Welcome(a_town(language=language, language_chosen=True, neighbourhoods=(Place("x"),)))
    assert say(language, "card.drill") in chat.skips_to(Step.DRILL)
    assert not chat.world.incidents

"""What a message offers is one open question; an answer stands in one question at a time."""

from __future__ import annotations

from responder.core.asking import Asking
from responder.core.changes import Action, Changes, Prompt
from responder.core.ids import Ids
from responder.core.model import IncidentId, MessageId, PersonId
from responder.core.spoken import Offer, Verb
from tests.builders import HERON, NOW, a_small_network

KEY = "incident:i"


class Desk:
    """Questions put to Heron, each input with changes of its own."""

    def __init__(self) -> None:
        self.world = a_small_network()
        self.changes = Changes()
        self.asking = Asking(self.world, self.changes, Ids(b"n" * 32), NOW)

    def ask(self, message: str, *verbs: Verb, incident: str = "i") -> list[str]:
        """The tokens under that message."""
        actions = [Action(verb=verb, incident=IncidentId(incident)) for verb in verbs]
        row = tuple(Offer(label=action.verb, action=action) for action in actions)
        rows = self.asking.ask((row,), PersonId(HERON), MessageId(message), KEY)
        return [choice.token for choices in rows for choice in choices]

    def open_under(self, message: str) -> tuple[Prompt, ...]:
        question = self.world.questions.under(MessageId(message))
        return question.prompts if question else ()


def test_what_one_message_offers_is_one_record() -> None:
    desk = Desk()
    tokens = desk.ask("m1", Verb.ACCEPT, Verb.DECLINE)
    assert [p.token for p in desk.open_under("m1")] == tokens
    assert list(desk.changes.puts) == [("question", "m1")]


def test_an_answer_that_a_newer_message_offers_keeps_token_and_number_and_moves_there() -> None:
    desk = Desk()
    leave, done = desk.ask("m1", Verb.LEAVE, Verb.DONE)
    before = desk.world.questions.prompt(leave)
    assert desk.ask("m2", Verb.LEAVE) == [leave]
    after = desk.world.questions.prompt(leave)
    assert before and after and after.number == before.number
    assert [p.token for p in desk.open_under("m1")] == [done]
    assert [p.token for p in desk.open_under("m2")] == [leave]


def test_a_question_whose_last_answer_moved_away_is_gone() -> None:
    desk = Desk()
    desk.ask("m1", Verb.LEAVE)
    desk.ask("m2", Verb.LEAVE, Verb.DONE)
    assert desk.open_under("m1") == ()
    assert ("question", "m1") in desk.changes.deletes


def test_an_edit_that_offers_the_same_writes_nothing() -> None:
    desk = Desk()
    tokens = desk.ask("m1", Verb.NOTE, Verb.END)
    desk.changes.puts.clear()
    assert desk.ask("m1", Verb.NOTE, Verb.END) == tokens
    assert not desk.changes.puts


def test_an_edit_that_offers_less_closes_the_rest() -> None:
    desk = Desk()
    note, end = desk.ask("m1", Verb.NOTE, Verb.END)
    assert desk.ask("m1", Verb.NOTE) == [note]
    assert desk.world.questions.holding(end) is None


def test_what_was_pressed_is_known_until_it_is_offered_anew() -> None:
    desk = Desk()
    (leave,) = desk.ask("m1", Verb.LEAVE)
    desk.asking.pressed(desk.open_under("m1")[0])
    assert desk.open_under("m1")[0].pressed
    assert desk.ask("m2", Verb.LEAVE) == [leave]
    assert not desk.open_under("m2")[0].pressed


def test_nothing_about_a_forgotten_incident_stays_open() -> None:
    desk = Desk()
    desk.ask("m1", Verb.NOTE, incident="i")
    (other,) = desk.ask("m2", Verb.NOTE, incident="j")
    desk.asking.close_about(IncidentId("i"))
    assert desk.open_under("m1") == ()
    assert desk.world.questions.holding(other)


def test_numbers_of_something_to_do_are_not_given_again_while_any_of_it_is_open() -> None:
    desk = Desk()
    desk.ask("m1", Verb.HAVE_IT, Verb.DECLINE)
    desk.ask("m1", Verb.DECLINE, Verb.THERE)
    assert [p.number for p in desk.open_under("m1")] == [2, 3]

"""Whatever anybody sends, as anybody: nothing breaks, everybody is answered, nothing is smuggled.

Nights are made of hostile acts: texts of every kind, forged tokens, other people's tokens, presses
that were made before, numbers, reactions, commands. The people are everybody that there is: two
strangers, a reporter, members on call and in a team, a verifier, a coordinator.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from responder.core.changes import Changes
from responder.core.incident import due
from responder.core.model import PersonId, State
from responder.core.talk.commands import Name
from tests.unit.test_network import REPORT, Chat, out

MEMBERS = ("heron", "wren", "otter", "badger", "owl", "fox")
PEOPLE = (*MEMBERS, "r", "x", "k", "+1666", "+1777")

BAIT = "https://evil.example/x @eve /banish tg://evil <b>bold</b> [x](http://evil.example) `code`"
HIDDEN = re.compile("[\u0000-\u0008\u000b-\u001f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
TAPPABLE = re.compile(r"https?://|tg://|evil\.example|(?:^|\s)@eve|(?:^|\s)/banish")

TEXTS = st.one_of(
    st.text(max_size=60),
    st.text(
        alphabet=st.sampled_from("\u202e\u2066\u200f\u200d\ufe0f\u0301👩🏽‍🚒🏳️‍🌈ﷺ<>&/@.:\n1a "),
        max_size=60,
    ),
    st.sampled_from([f"/{name}" for name in Name]),
    st.builds("/{} {}".format, st.sampled_from(sorted(Name)), st.text(max_size=30)),
    st.integers(-3, 999).map(str),
    st.sampled_from(
        ["", " ", BAIT, f"{REPORT} {BAIT}", "help", "a" * 70_000, "👨‍👩‍👧‍👦" * 5_000, "\n" * 9_000]
    ),
)


@dataclass(frozen=True)
class Act:
    """One thing that one of them does; `pick` chooses among the tokens that there are."""

    person: str
    way: str
    text: str
    pick: int


ACTS = st.builds(
    Act,
    st.sampled_from(PEOPLE),
    st.sampled_from(["says", "says", "presses", "forges", "steals", "repeats", "reacts", "waits"]),
    TEXTS,
    st.integers(0, 10_000),
)

SMUGGLERS = (
    Act("r", "says", f"they have dogs {BAIT}", 0),
    Act("x", "says", f"{REPORT} {BAIT}", 0),
    Act("+1666", "says", f"hate attack in riverside {BAIT}", 0),
)


class Siege:
    """A network with a team out there, and people who try things."""

    def __init__(self) -> None:
        self.chat = out()
        self.pressed: list[str] = []
        self.chat.messages.clear()

    def tokens(self, person: PersonId, *, own: bool) -> list[str]:
        """Tokens of this person, or of all others."""
        return sorted(
            prompt.token
            for question in self.chat.world.questions.all.values()
            if (question.person == person) is own
            for prompt in question.prompts
        )

    def does(self, act: Act) -> Changes | None:
        """The act; None where there is nothing to do it with, or only time passes."""
        person = self.chat.world.at_address("signal", act.person)
        who = person.id if person else PersonId(act.person)
        match act.way:
            case "waits":
                self.chat.wait(act.pick)
                return None
            case "says":
                return self.chat.say(act.person, act.text)
            case "forges":
                return self.chat.say(act.person, token=act.text or "x")
            case "reacts":
                return self.chat.say(act.person, reaction=act.text or "👍")
            case "presses":
                there = self.tokens(who, own=True)
            case "steals":
                there = self.tokens(who, own=False)
            case _:
                there = self.pressed
        if not there:
            return None
        self.pressed.append(there[act.pick % len(there)])
        return self.chat.say(act.person, token=self.pressed[-1])


@settings(max_examples=150, deadline=None)
@given(st.lists(ACTS, max_size=25))
def test_nothing_that_anybody_sends_breaks_the_network(acts: list[Act]) -> None:
    siege = Siege()
    for act in acts:
        siege.does(act)
    for incident in siege.chat.world.incidents.values():
        assert incident.state is State.CLOSED or due(incident) is not None


@settings(max_examples=150, deadline=None)
@given(st.lists(ACTS, max_size=15))
def test_nobody_smuggles_anything_into_other_peoples_messages(acts: list[Act]) -> None:
    siege = Siege()
    for act in (*SMUGGLERS, *acts):
        siege.does(act)
    assert any("evil. example" in message.text for message in siege.chat.messages)
    for message in siege.chat.messages:
        assert not HIDDEN.search(message.text), message.text
        assert not TAPPABLE.search(message.text), message.text
        assert len(message.text) <= 4096


@settings(max_examples=100, deadline=None)
@given(TEXTS, st.sampled_from(["+1888", "r", "otter", "fox"]))
def test_whoever_writes_is_answered(text: str, person: str) -> None:
    chat = Chat()
    changes = chat.say(person, text)
    assert changes.messages or changes.press_note


@given(st.text(max_size=200), st.sampled_from(MEMBERS))
def test_a_forged_press_changes_nothing_and_says_so(token: str, person: str) -> None:
    chat = Chat()
    changes = chat.say(person, token=token or "x")
    assert changes.press_note or changes.messages
    assert not chat.world.incidents


@given(st.integers(0, 10_000), st.sampled_from(PEOPLE))
def test_somebody_elses_button_does_nothing_for_me(pick: int, person: str) -> None:
    siege = Siege()
    before = siege.chat.incident
    changes = siege.does(Act(person, "steals", "", pick))
    assert changes is not None
    assert siege.chat.incident == before
    assert changes.press_note

"""English: a way to a person, for words that fit no kind."""

from __future__ import annotations

from typing import Final

PHRASES: Final[dict[str, str]] = {
    "plea.asked": (
        "A coordinator gets your words, without your name. You hear when somebody takes it. It "
        "is not a call for help: nobody is asked to come."
    ),
    "plea.already": (
        "Your words are with the coordinators already. You hear when somebody takes it."
    ),
    "plea.many": "Too many people are waiting for a coordinator just now. Please try again later.",
    "plea.nobody": "We are sorry: no coordinator can be reached this way at the moment.",
    "plea.passed": "Passed on to the coordinator.",
    "plea.somebody": (
        "A coordinator has read your message, and answers you here. You can go on writing."
    ),
    "plea.answer": "A coordinator writes:\n{text}",
    "plea.late": (
        "We are sorry: nobody could answer you in a day. Please write again if you still need us."
    ),
    "plea.notice": (
        "Somebody asks for a coordinator. No hurry. The words are on your private channel."
    ),
    "plea.told": (
        "Somebody asks for a coordinator: what they write fits none of our "
        "kinds. Nobody is paged.\n"
        "{text}"
    ),
    "plea.more": "They write:\n{text}",
    "plea.wordless": "(no words yet)",
    "plea.yours": (
        "It is yours, and they know that somebody reads it. What you answer "
        "goes on without your name."
    ),
    "plea.taken": "Another coordinator has taken it. Thank you.",
    "plea.over": "That is over: they took it back, reported something, or a day has passed.",
    "plea.sent": "Sent.",
    "plea.button.take-plea": "I take it",
    "plea.button.answer-plea": "Answer",
}

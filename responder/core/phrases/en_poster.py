"""English: the words of `responder poster`, a printed page for a neighbourhood."""

from __future__ import annotations

from typing import Final

PHRASES: Final[dict[str, str]] = {
    "poster.title": "Is something happening?",
    "poster.title.tell": "Tell us.",
    "poster.place": "{network}, {place}",
    "poster.telegram": "Telegram",
    "poster.telegram.note": "Telegram can read what you write there.",
    "poster.signal": "Signal",
    "poster.signal.note": "Nobody in between can read what you write there.",
    "poster.how": "How to report",
    "poster.how.1": "Scan a code, or write to us. You need not tell us your name.",
    "poster.how.2": "Say what is happening, and where. One message is enough.",
    "poster.how.3": "Stay where you are safe. No answer within a minute? Write again.",
    "poster.then": (
        "Trained neighbours look at it. If some can go, they go in twos at least: to watch, to "
        "support and to calm."
    ),
    "poster.rights": "Your rights, in short",
    "poster.foot": (
        "We are neighbours who volunteer: no police, no emergency service, and we cannot always "
        "come. Write {forget} to us, and what you sent is destroyed."
    ),
}

"""A terminal as a channel: several made-up members sit at one screen and keyboard.

What it is for
    `responder demo` hands in who typed which line and shows what each of them is sent. Nothing
    leaves the machine, so the channel counts as end-to-end private.

Rules it keeps
    * It has no buttons: options are printed as "number  label" lines and answered with the number.
    * It adds signs and never a word of its own: it does not know the reader's language.
    * When the lines end, `run` ends.

What it must not know
    What a line means, who the members are, and how the screen is drawn.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

from bots.wording import with_numbers, with_repeat_mark
from responder.core.model import Media
from responder.ports import Health, Inbound, Outbound, Pace, Receive, Rejected, Sent

EDIT_MARK = "\N{LOWER RIGHT PENCIL}"
"""Stands before a message that takes the place of an earlier one."""
DELETE_MARK = "\N{ERASE TO THE LEFT}"
"""Stands alone where an earlier message is taken back."""
FILE_MARK = "\N{PAPERCLIP}"

Lines = AsyncIterator[tuple[str, str]]
"""Who typed (a handle), and what."""
Show = Callable[[str, str], None]
"""Puts a text before the one who has this handle."""


def _now() -> datetime:
    return datetime.now(UTC)


class Terminal:
    """The `responder.ports.Channel` of one terminal.

    `lines` are the typed lines, `show` prints to one member, `clock` gives the aware UTC time of a
    line (the demo's clock may run fast).
    """

    name = "terminal"
    private = True
    buttons = False
    pace = Pace(per_second=1000.0, per_chat_s=0.0, at_once=1)

    def __init__(self, lines: Lines, show: Show, clock: Callable[[], datetime] = _now) -> None:
        self._lines = lines
        self._show = show
        self._clock = clock
        # Keys stay unique over restarts on the same database.
        self._run = secrets.token_hex(6)
        self._taken = 0
        self._sent = 0

    async def start(self) -> None:
        """Nothing to open: the terminal is there."""

    async def run(self, receive: Receive) -> None:
        """Hand in line after line until there are no more; a failure to commit ends it."""
        async for handle, text in self._lines:
            if text.strip():
                await receive([self._inbound(handle, text.strip())])

    def _inbound(self, handle: str, text: str) -> Inbound:
        self._taken += 1
        return Inbound(
            channel=self.name,
            key=f"{self._run}-{self._taken}",
            handle=handle,
            at=self._clock(),
            text=text,
        )

    async def send(self, out: Outbound) -> Sent:
        """Print the message with its options; an edit is printed anew, led by a sign."""
        text = with_repeat_mark(with_numbers(out.text, out.rows), out.repeat)
        if out.edits:
            text = f"{EDIT_MARK} {text}"
        files = [f"{FILE_MARK} {file.mime}, {len(file.data):,} B" for file in out.attachments]
        self._show(out.handle, "\n".join([text, *files]))
        self._sent += 1
        return Sent(ref=out.edits or f"{self._run}-{self._sent}")

    async def delete(self, handle: str, ref: str) -> None:
        """Print the sign that an earlier message counts no more."""
        self._show(handle, DELETE_MARK)

    async def answer_press(self, press: str, text: str) -> None:
        """Nothing to answer: there are no buttons."""

    async def media(self, item: Media, limit: int) -> bytes:
        """Always `Rejected`: nobody can type a picture."""
        raise Rejected("a terminal carries no pictures and no voice")

    async def forget_media(self, item: Media) -> None:
        """Nothing to delete: a terminal holds no media."""

    async def health(self) -> Health:
        """Always well: the terminal asks nobody."""
        return Health(ok=True, detail="this terminal")

    async def close(self) -> None:
        """Nothing to close: whoever made the lines ends them."""

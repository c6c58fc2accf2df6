"""The terminal as a channel: what is typed comes in, what is sent is shown, nothing is added."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import pytest

from bots.terminal import DELETE_MARK, EDIT_MARK, FILE_MARK, Terminal
from bots.wording import REPEAT_MARK
from responder.core.model import Media, MediaKind
from responder.ports import Attachment, Channel, Inbound, Option, Outbound, Rejected

NIGHT = datetime(2026, 3, 1, 23, 40, tzinfo=UTC)


class Screen:
    """Keeps what each member was shown."""

    def __init__(self) -> None:
        self.shown: list[tuple[str, str]] = []

    def show(self, handle: str, text: str) -> None:
        self.shown.append((handle, text))


class Desk:
    """Takes messages in, as the dispatcher would."""

    def __init__(self) -> None:
        self.taken: list[Inbound] = []

    async def receive(self, messages: Sequence[Inbound]) -> None:
        self.taken.extend(messages)


async def typed(*lines: tuple[str, str]) -> AsyncIterator[tuple[str, str]]:
    for line in lines:
        yield line


def a_terminal(screen: Screen, *lines: tuple[str, str]) -> Terminal:
    return Terminal(typed(*lines), screen.show, clock=lambda: NIGHT)


def a_page() -> Outbound:
    going, cannot = (
        Option(label="Going", token="a", number=7),
        Option(label="Cannot", token="b", number=8),
    )
    return Outbound(handle="wren", text="Riverside, two needed.", rows=((going, cannot),))


async def test_lines_of_several_members_come_in_in_order() -> None:
    desk = Desk()
    await a_terminal(Screen(), ("wren", "hello"), ("otter", " 7 ")).run(desk.receive)
    assert [(one.handle, one.text, one.at) for one in desk.taken] == [
        ("wren", "hello", NIGHT),
        ("otter", "7", NIGHT),
    ]
    assert {one.channel for one in desk.taken} == {"terminal"}


async def test_keys_are_unique_also_after_a_restart() -> None:
    desk = Desk()
    for _ in range(3):
        await a_terminal(Screen(), ("wren", "hello"), ("wren", "hello")).run(desk.receive)
    assert len({one.key for one in desk.taken}) == 6


async def test_an_empty_line_says_nothing() -> None:
    desk = Desk()
    await a_terminal(Screen(), ("wren", ""), ("wren", "  \t")).run(desk.receive)
    assert desk.taken == []


async def test_options_are_lines_with_their_numbers() -> None:
    screen = Screen()
    await a_terminal(screen).send(a_page())
    assert screen.shown == [("wren", "Riverside, two needed.\n\n7  Going\n8  Cannot")]


async def test_an_edit_is_shown_again_with_a_sign_and_keeps_its_reference() -> None:
    screen = Screen()
    terminal = a_terminal(screen)
    first = await terminal.send(a_page())
    again = await terminal.send(Outbound(handle="wren", text="Over.", edits=first.ref))
    other = await terminal.send(a_page())
    assert screen.shown[1] == ("wren", f"{EDIT_MARK} Over.")
    assert (again.ref, other.ref == first.ref) == (first.ref, False)


async def test_a_repeat_and_a_deletion_show_as_signs() -> None:
    screen = Screen()
    terminal = a_terminal(screen)
    sent = await terminal.send(Outbound(handle="wren", text="Leave now.", repeat=True))
    await terminal.delete("wren", sent.ref)
    assert screen.shown == [("wren", f"{REPEAT_MARK} Leave now."), ("wren", DELETE_MARK)]


async def test_attachments_are_named_by_kind_and_size() -> None:
    screen = Screen()
    picture = Attachment(mime="image/png", data=bytes(1200), name="picture.png")
    await a_terminal(screen).send(Outbound(handle="wren", text="", attachments=(picture,)))
    assert screen.shown[0][1].splitlines()[-1] == f"{FILE_MARK} image/png, 1,200 B"


async def test_a_terminal_fits_the_port_and_is_private_without_buttons() -> None:
    terminal: Channel = a_terminal(Screen())
    await terminal.start()
    assert (terminal.name, terminal.private, terminal.buttons) == ("terminal", True, False)
    assert (await terminal.health()).ok
    await terminal.close()


async def test_there_are_no_pictures_at_a_terminal() -> None:
    item = Media(channel="terminal", ref="1", kind=MediaKind.PICTURE)
    with pytest.raises(Rejected):
        await a_terminal(Screen()).media(item, 100)

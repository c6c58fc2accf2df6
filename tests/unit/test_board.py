"""The live screen: what it shows at eighty columns, what it hides, and what it asks first."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import DataTable, Input, Label, Static

from responder import app as network
from responder import calling
from responder.board import screen as board
from responder.board.looks import once
from responder.board.screen import Board
from responder.calling import NotRunning
from responder.config import load
from responder.control import Control
from responder.core.phrases import LANGUAGES
from tests.unit.test_cli import a_member, call, folder, no_surroundings, template

__all__ = ["folder", "no_surroundings", "template"]

NOW = datetime(2026, 11, 27, 21, 0, tzinfo=UTC)
SIZE = (80, 24)


def an_incident(code: str = "K7-Q2", **changes: Any) -> dict[str, Any]:
    mate = {"call_sign": "Heron", "stage": "gone", "role": "", "missed": 1}
    return {
        "code": code,
        "kind": "copwatch",
        "title": {"en": "Police stop", "es": "Intervención policial"},
        "neighbourhood": "northside",
        "where": "Northside",
        "state": "out",
        "drill": False,
        "opened_at": "2026-11-27T20:45+00:00",
        "next_due": "2026-11-27T21:10+00:00",
        "team": ["Heron"],
        "alarms": [],
        "members": [{**mate, "due": "2026-11-27T21:10+00:00"}],
        **changes,
    }


class Network:
    """Answers as a running network would, and keeps what it was asked."""

    def __init__(self, *incidents: dict[str, Any]) -> None:
        self.incidents = list(incidents)
        self.asked: list[tuple[str, dict[str, object]]] = []
        self.down = False
        self.well = True

    async def __call__(self, op: str, args: Mapping[str, object]) -> Any:
        self.asked.append((op, dict(args)))
        if self.down:
            raise NotRunning("The network is not running.")
        answers: dict[str, Any] = {
            "incident.list": self.incidents,
            "incident.show": {"place": "5th and Main", "words": ["two kids stopped"]},
            "shift.oncall": [
                {
                    "name": "Northside",
                    "people": [
                        {"call_sign": "Heron", "paged": True},
                        {"call_sign": "Wren", "paged": False},
                    ],
                }
            ],
            "status": {"watch": {"content": True, "channels": {"signal": {"well": self.well}}}},
            "audit.list": [
                {
                    "at": "2026-11-27T20:40+00:00",
                    "what": "member.add",
                    "about": "Otter",
                    "by": "Owl",
                }
            ],
        }
        return answers[op] if op in answers else {"code": args["code"], "state": "out", "notes": []}

    def did(self, op: str) -> list[dict[str, object]]:
        return [args for asked, args in self.asked if asked == op]


def a_board(network: Network) -> Board:
    return Board(network, now=lambda: NOW)


def words(app: Board) -> str:
    """Everything that stands on the screen."""
    table = app.screen_stack[0].query_one(DataTable)
    rows = [str(cell) for row in range(table.row_count) for cell in table.get_row_at(row)]
    parts = [str(app.screen_stack[0].query_one(f"#{part}", Static).content) for part in _PARTS]
    return "\n".join([*parts, *rows])


_PARTS = ("head", "detail", "oncall", "state")


async def test_the_screen_shows_clocks_teams_on_call_channels_and_audit() -> None:
    app = a_board(Network(an_incident(alarms=["overdue"])))
    async with app.run_test(size=SIZE):
        shown = words(app)
    for part in ("K7-Q2", "15 min", "10 min", "OVERDUE", "Heron: on the way", "missed 1"):
        assert part in shown
    for part in (
        "Northside: Heron; not paged: Wren",
        "Channel signal: well",
        "member.add Otter by Owl",
    ):
        assert part in shown


async def test_the_board_speaks_spanish_where_the_network_does() -> None:
    app = Board(Network(an_incident(alarms=["no-team"])), "es", now=lambda: NOW)
    async with app.run_test(size=SIZE) as pilot:
        shown = words(app)
        for part in ("Todo está bien", "fuera", "SIN EQUIPO", "Heron: en camino", "De turno ahora"):
            assert part in shown
        await pilot.press("l")
        asked = "\n".join(str(label.content) for label in app.screen.query(Label))
        assert "K7-Q2" in asked and "Escribe sí" in asked
        await pilot.press("s", "í", "enter")


async def test_what_is_wrong_stands_there_in_words_and_with_its_incident() -> None:
    network = Network(an_incident(alarms=["overdue", "no-team"]), an_incident("B3-X9"))
    network.well = False
    app = a_board(network)
    async with app.run_test(size=SIZE) as pilot:
        shown = words(app)
        assert "Channel signal: DOES NOT WORK" in shown
        assert "K7-Q2 OVERDUE, NO TEAM" in shown
        await pilot.press("down")
        assert words(app).count("B3-X9") == 2, "in its row, and over its team"


async def test_yes_is_understood_in_either_language() -> None:
    network = Network(an_incident())
    app = a_board(network)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("p", "s", "í", "enter")
        await app.workers.wait_for_complete()
        assert network.did("incident.widen") == [{"code": "K7-Q2"}]


async def test_every_key_of_the_board_fits_on_its_last_line() -> None:
    for language in LANGUAGES:
        app = Board(Network(), language, now=lambda: NOW)
        async with app.run_test(size=SIZE):
            shown = [b.binding for b in app.screen.active_bindings.values() if b.binding.show]
            assert [b.key for b in shown] == ["w", "p", "l", "n", "e", "q"]
            assert len("".join(f" {b.key} {b.description} " for b in shown)) <= SIZE[0]


async def test_places_and_words_stay_hidden_until_a_key_is_pressed() -> None:
    network = Network(an_incident())
    app = a_board(network)
    async with app.run_test(size=SIZE) as pilot:
        assert "5th" not in words(app)
        assert not network.did("incident.show"), "the network's audit would say that it was read"
        await pilot.press("w")
        assert "5th and Main | two kids stopped" in words(app)
        await pilot.press("w")
        assert "5th" not in words(app)


def test_what_was_told_twice_stands_on_the_screen_once() -> None:
    assert once(["5th and Main", "5th and Main / two kids at 5th and Main"]) == (
        "two kids at 5th and Main"
    )
    assert once(["", "5th / two kids", "5th / an argument"]) == "5th | two kids | an argument"


async def test_long_words_leave_the_team_on_the_screen() -> None:
    network = Network(an_incident())
    app = a_board(network)
    async with app.run_test(size=SIZE) as pilot:
        before = app.query_one("#detail").size.height
        await pilot.press("w")
        await pilot.pause()
        shown = str(app.query_one("#detail", Static).content).splitlines()
        assert shown[1].startswith("Heron") and shown[-1].startswith("5th and Main")
        assert app.query_one("#detail").size.height > before


async def test_words_hide_by_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board, "SHOWN_S", 0.01)
    app = a_board(Network(an_incident()))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("w")
        while app.shows_words:
            await pilot.pause(0.01)
        assert "5th" not in words(app)


async def test_words_of_one_incident_never_stand_under_another() -> None:
    app = a_board(Network(an_incident(), an_incident("B3-X9")))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("w", "down")
        assert app.chosen == "B3-X9"
        assert "5th" not in words(app)


async def test_nothing_is_done_before_it_is_asked_once_more() -> None:
    network = Network(an_incident())
    app = a_board(network)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("l")
        await pilot.press("escape")
        await pilot.press("l", "n", "o", "enter")
        await pilot.press("e", "enter")
        assert not network.did("incident.leave") and not network.did("incident.end")
        await pilot.press("l", *"yes", "enter")
        await app.workers.wait_for_complete()
        assert network.did("incident.leave") == [{"code": "K7-Q2"}]


async def test_an_end_takes_its_reason_along_and_a_note_its_words() -> None:
    network = Network(an_incident())
    app = a_board(network)
    async with app.run_test(size=SIZE) as pilot:
        for key, text in (("e", "all home"), ("n", "stay together")):
            await pilot.press(key)
            app.screen.query_one(Input).value = text
            await pilot.press("enter")
            await app.workers.wait_for_complete()
    assert network.did("incident.end") == [{"code": "K7-Q2", "reason": "all home"}]
    assert network.did("incident.note") == [{"code": "K7-Q2", "text": "stay together"}]


async def test_keys_without_an_incident_do_nothing() -> None:
    network = Network()
    app = a_board(network)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("w", "p", "l", "n", "e")
        assert len(app.screen_stack) == 1
        assert "Nothing is open." in words(app)


async def test_the_choice_stays_on_its_incident_when_a_newer_one_comes() -> None:
    network = Network(an_incident())
    app = a_board(network)
    async with app.run_test(size=SIZE):
        network.incidents.insert(0, an_incident("B3-X9"))
        await app.refresh_often()
        assert app.chosen == "K7-Q2"


async def test_a_network_that_went_away_is_said_and_what_was_known_stays() -> None:
    network = Network(an_incident())
    app = a_board(network)
    async with app.run_test(size=SIZE):
        network.down = True
        await app.refresh_often()
        assert "not running" in words(app) and "K7-Q2" in words(app)


async def test_eighty_columns_are_enough_for_a_long_list() -> None:
    app = a_board(Network(*(an_incident(f"K{n:02}-Q2") for n in range(30))))
    async with app.run_test(size=SIZE):
        table = app.query_one(DataTable)
        assert table.virtual_size.width <= table.scrollable_content_region.width
        assert table.max_scroll_y > 0


async def test_a_running_network_answers_all_that_the_screen_asks(folder: Path) -> None:
    settings = load(folder / "config.toml")
    await asyncio.to_thread(a_member)

    async def ask(op: str, args: Mapping[str, object]) -> Any:
        return await calling.ask(settings.control_socket, op, args)

    async with (
        network.offline(settings) as dispatcher,
        Control(dispatcher, settings.control_socket),
    ):
        app = Board(ask)
        async with app.run_test(size=SIZE):
            shown = words(app)
    assert "Open incidents: 0." in shown
    assert "Northside: nobody" in shown
    assert "member.add Heron at the machine" in shown


def test_without_a_running_network_the_terminal_says_so(folder: Path) -> None:
    refused = call("board")
    assert refused.exit_code == 3
    assert "responder run" in refused.stderr


async def test_the_clock_goes_on_while_a_question_is_asked() -> None:
    network = Network(an_incident())
    app = a_board(network)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("l")
        network.incidents.append(an_incident("B3-X9"))
        await app.refresh_often()
        assert "B3-X9" in words(app)


async def test_the_frequent_question_is_the_cheap_one() -> None:
    network = Network(an_incident())
    app = a_board(network)
    async with app.run_test(size=SIZE):
        network.asked.clear()
        await app.refresh_often()
        assert [op for op, _ in network.asked] == ["incident.list"]

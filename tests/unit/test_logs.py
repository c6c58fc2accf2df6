"""The log holds what is on its list and nothing else, whichever way a word tries to get in."""

from __future__ import annotations

import ast
import asyncio
import json
import logging
import re
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from responder import logs
from responder.errors import ResponderError

CANARY = "Wren at 5 Elm Street"
ROOT = Path(logs.__file__).parent.parent


class Log:
    """The lines of one log file, read back."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]

    @property
    def last(self) -> dict[str, Any]:
        return self.lines[-1]


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Log]:
    """A log of its own; other tests of this process may have loaded signalbot and silenced it."""
    theirs = logging.getLogger("signalbot")
    for name, value in {"handlers": [], "propagate": True, "level": logging.NOTSET}.items():
        monkeypatch.setattr(theirs, name, value)
    close = logs.configure("debug", tmp_path / "log", json=True)
    yield Log(tmp_path / "log")
    close()


def raised(error: Exception) -> Exception:
    """The error as it is once it has been raised, with its traceback."""
    try:
        raise error
    except Exception as caught:
        return caught


# --- the list ---------------------------------------------------------------------------------


def test_listed_fields_are_written(log: Log) -> None:
    structlog.get_logger().info("page_sent", channel="signal", count=2, code="R7K2", seconds=0.5)
    line = log.last
    assert {"channel": "signal", "count": 2, "code": "R7K2", "seconds": 0.5}.items() <= line.items()
    assert (line["event"], line["level"]) == ("page_sent", "info")
    assert "dropped_fields" not in line


def test_fields_that_are_not_listed_are_dropped_and_counted(log: Log) -> None:
    structlog.get_logger().info("page_sent", text=CANARY, handle="+15550100001", count=1)
    assert log.last["dropped_fields"] == 2
    assert "Wren" not in log.text
    assert "5550100001" not in log.text


@pytest.mark.parametrize("field", sorted(logs.FIELDS))
@pytest.mark.parametrize("value", [CANARY, "+15550100001", "15550100001", [CANARY], {"a": CANARY}])
def test_no_listed_field_takes_a_persons_words_or_number(
    log: Log, field: str, value: object
) -> None:
    structlog.get_logger().info("page_sent", **{field: value})
    assert log.last["dropped_fields"] == 1
    assert "Elm" not in log.text
    assert "5550100001" not in log.text


@pytest.mark.parametrize("name", [CANARY, "", "a" * 61, f"said_{CANARY}"])
def test_an_event_that_is_no_name_is_not_written(log: Log, name: str) -> None:
    structlog.get_logger().info(name)
    assert (log.last["event"], log.last["dropped_fields"]) == ("unnamed", 1)
    assert "Elm" not in log.text


def test_arguments_put_into_an_event_are_not_written(log: Log) -> None:
    structlog.get_logger().info("page_sent %s", CANARY)
    assert log.last["event"] == "unnamed"
    assert "Elm" not in log.text


def test_bound_fields_pass_the_same_list(log: Log) -> None:
    structlog.get_logger().bind(call_sign="Wren", channel="signal").info("page_sent")
    assert (log.last["channel"], log.last["dropped_fields"]) == ("signal", 1)


def test_error_takes_a_class_or_its_name(log: Log) -> None:
    structlog.get_logger().info("page_failed", error=TimeoutError)
    assert log.last["error"] == "TimeoutError"


# --- exceptions -------------------------------------------------------------------------------


def test_an_exception_is_its_class_and_our_frames(log: Log) -> None:
    try:
        logs.configure("loud")
    except KeyError:
        structlog.get_logger().exception("commit_failed")
    assert log.last["error"] == "KeyError"
    assert re.fullmatch(r"responder/logs\.py:\d+", log.last["where"])


def test_the_text_of_an_exception_is_not_written(log: Log) -> None:
    try:
        raise ValueError(CANARY)
    except ValueError:
        structlog.get_logger().exception("commit_failed")
    assert log.last["error"] == "ValueError"
    assert "Elm" not in log.text


def test_the_text_of_our_own_errors_is_written(log: Log) -> None:
    structlog.get_logger().error("refused", exc_info=ResponderError("make a new key file"))
    assert log.last["message"] == "make a new key file"


def test_what_led_to_an_exception_is_named_by_class(log: Log) -> None:
    inner = raised(KeyError(CANARY))
    outer = OSError(CANARY)
    outer.__cause__ = ExceptionGroup(CANARY, [inner, TimeoutError(CANARY)])
    structlog.get_logger().error("commit_failed", exc_info=outer)
    assert log.last["caused_by"] == "ExceptionGroup < KeyError < TimeoutError"
    assert "Elm" not in log.text


# --- libraries and crashes --------------------------------------------------------------------


@pytest.mark.parametrize("name", ["aiogram.event", "signalbot", "aiosqlite", "aiohttp.access"])
def test_a_library_is_heard_without_its_words(log: Log, name: str) -> None:
    try:
        raise OSError(CANARY)
    except OSError:
        logging.getLogger(name).exception("said %s", CANARY, extra={"who": CANARY})
    assert (log.last["event"], log.last["logger"]) == ("library", name)
    assert (log.last["level"], log.last["error"]) == ("error", "OSError")
    assert "Elm" not in log.text


def test_a_handler_that_a_library_brings_later_has_nothing_to_print(
    log: Log, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs = logging.getLogger("signalbot")
    handler = logging.StreamHandler(sys.stderr)
    theirs.addHandler(handler)
    try:
        theirs.error("envelope %s", CANARY, exc_info=raised(OSError(CANARY)))
    finally:
        theirs.removeHandler(handler)
    assert capsys.readouterr().err == "library\n"
    assert log.last["error"] == "OSError"


def test_a_broken_format_of_a_library_shows_nothing(
    log: Log, capsys: pytest.CaptureFixture[str]
) -> None:
    logging.getLogger("aiogram").error("%d", CANARY)
    logging.getLogger(CANARY).error("x")
    assert log.last["logger"] == "other"
    assert "Elm" not in log.text + "".join(capsys.readouterr())


async def test_the_event_loop_complains_without_words(log: Log) -> None:
    loop = asyncio.get_running_loop()
    loop.call_exception_handler({"message": CANARY, "exception": OSError(CANARY)})
    assert (log.last["logger"], log.last["error"]) == ("asyncio", "OSError")
    assert "Elm" not in log.text


def test_a_warning_is_heard_without_its_words(log: Log) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(False)
        logging.captureWarnings(True)
        warnings.warn(CANARY, stacklevel=1)
    assert log.last["logger"] == "py.warnings"
    assert "Elm" not in log.text


def test_a_crash_shows_nothing_on_standard_error(
    log: Log, capsys: pytest.CaptureFixture[str]
) -> None:
    error = raised(ValueError(CANARY))
    sys.excepthook(ValueError, error, error.__traceback__)
    args = threading.ExceptHookArgs((ValueError, error, None, None))
    threading.excepthook(args)
    assert [line["event"] for line in log.lines] == ["crashed", "crashed"]
    assert "Elm" not in log.text + "".join(capsys.readouterr())


# --- where it goes ----------------------------------------------------------------------------


def test_the_file_is_its_owners_only(log: Log) -> None:
    structlog.get_logger().info("started")
    assert log.path.stat().st_mode & 0o777 == 0o600


def test_lines_for_people_are_keys_and_values_on_standard_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    close = logs.configure("info")
    structlog.get_logger().info("page_sent", channel="signal", text=CANARY)
    structlog.get_logger().debug("unheard")
    close()
    line = capsys.readouterr().err
    assert "level=info event=page_sent channel=signal dropped_fields=1\n" in line
    assert line.count("\n") == 1


def test_closing_leaves_everything_as_it_was(tmp_path: Path) -> None:
    def world() -> tuple[object, ...]:
        root = logging.getLogger()
        hooks = (sys.excepthook, threading.excepthook, sys.unraisablehook)
        made: Callable[..., Any] = logging.getLogRecordFactory()
        return (list(root.handlers), root.level, made, hooks, structlog.get_config())

    before = world()
    logs.configure("info", tmp_path / "log")()
    assert world() == before


def test_every_event_in_the_source_is_a_literal() -> None:
    """The list can't tell a name from a call sign; so no event is ever put together."""
    levels = {"debug", "info", "warning", "error", "critical", "exception"}
    wrong = []
    for file in [*ROOT.glob("responder/**/*.py"), *ROOT.glob("bots/*.py")]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            owner = ast.unparse(node.func.value)
            if node.func.attr not in levels or not re.search(r"\blog\b|_log\b|get_logger", owner):
                continue
            first = node.args[0] if len(node.args) == 1 else None
            constant = isinstance(first, ast.Name) and first.id.isupper()
            if not constant and not isinstance(first, ast.Constant):
                wrong.append(f"{file.relative_to(ROOT)}:{node.lineno}")
    assert wrong == []


def test_every_field_in_the_source_is_on_the_list() -> None:
    """A field that the list drops tells nobody anything: put it on the list or leave it out."""
    wrong = []
    for file in [*ROOT.glob("responder/**/*.py"), *ROOT.glob("bots/*.py")]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if re.fullmatch(r"(self\.)?_?log", ast.unparse(node.func.value)):
                names = {word.arg for word in node.keywords if word.arg} - {"exc_info"}
                if unknown := names - logs.FIELDS.keys():
                    wrong.append(f"{file.relative_to(ROOT)}:{node.lineno} {sorted(unknown)}")
    assert wrong == []

"""The log: what the program did, and nothing that anyone said, is called, or where they are.

What it is for
    `configure` once; then `structlog.get_logger()` anywhere, also in a bot:
    `log.info("page_sent", channel="signal", count=2)`.

Rules it keeps
    * An allow-list: a field that is not on it, or whose value has not that field's shape, is left
      out and counted in `dropped_fields`. What nobody thought of stays out.
    * An event is a literal in the source, one word of small letters (a test reads every call);
      what does not look like one becomes `unnamed`.
    * Of an exception remain its class, the classes behind it, and our own frames as file:line.
      The text of a `ResponderError` is kept: ours hold no personal data by rule.
    * Libraries log through the same list: of their records remain logger, level and the class of
      the exception; their text is never even put together, since it may quote a message.

What it must not know
    Settings, and what its callers do.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import threading
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import ExitStack
from enum import Enum
from pathlib import Path
from typing import Any, TextIO

import structlog

from responder.errors import ResponderError

Check = Callable[[object], bool]

_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40, "critical": 50}
_OWN = ("responder", "bots")
_ROOT = Path(__file__).resolve().parent.parent
_FRAMES = 8
_EVENT = re.compile(r"[a-z][a-z0-9]*([._-][a-z0-9]+){0,8}")
_LOGGER = re.compile(r"[A-Za-z_][A-Za-z_.]{0,60}")


# --- the list -------------------------------------------------------------------------------------


def _shaped(pattern: str) -> Check:
    """A check for text of one shape; a value of an enum counts as its text."""
    form = re.compile(pattern)
    return lambda value: isinstance(value, str) and form.fullmatch(value) is not None


def _amount(value: object) -> bool:
    return isinstance(value, int | float) and abs(value) < 1e15


_WORD = _shaped(r"[a-z]([a-z_-]|(?<!\d\d\d)\d){0,31}")
_CODE = _shaped(r"(?=[A-Z0-9-]*[A-Z])[A-Z0-9-]{1,12}")
_CLASS = _shaped(r"[A-Za-z_][A-Za-z0-9_]{0,60}( < [A-Za-z_][A-Za-z0-9_]{0,60}){0,8}")
_VERSION = _shaped(r"\d{1,4}(\.\d{1,4}){0,3}")

FIELDS: dict[str, Check] = {
    "after_s": _amount,
    "attempt": _amount,
    "captcha": _amount,
    "caused_by": _CLASS,
    "channel": _WORD,
    "code": _CODE,
    "count": _amount,
    "error": _CLASS,
    "fate": _WORD,
    "kind": _WORD,
    "language": _WORD,
    "method": _shaped(r"[a-z]{1,12}([A-Z][a-z]{1,15}){1,5}"),
    "outcome": _WORD,
    "pid": _amount,
    "port": _amount,
    "reason": _shaped(r"[A-Za-z][A-Za-z_-]{0,39}( \d{1,5})?"),
    "schema": _amount,
    "seconds": _amount,
    "signal": _shaped(r"SIG[A-Z]{2,8}"),
    "state": _WORD,
    "status": _amount,
    "urgency": _amount,
    "version": _VERSION,
    "waiting": _amount,
    "wave": _amount,
    "webhook": _amount,
}
"""Every field that a caller may log, and the shape that its values have."""

_FROM = "_from_library"
UNNAMED = "unnamed"
LIBRARY = "library"
CRASHED = "crashed"


# --- exceptions -----------------------------------------------------------------------------------


def _own_frames(error: BaseException) -> list[str]:
    """The last frames of our own code on the way to the error, as "bots/terminal.py:80"."""
    found: list[str] = []
    trace = error.__traceback__
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if file.is_relative_to(_ROOT):
            inside = file.relative_to(_ROOT)
            if inside.parts[0] in _OWN:
                found.append(f"{inside.as_posix()}:{trace.tb_lineno}")
        trace = trace.tb_next
    return found[-_FRAMES:]


def _behind(error: BaseException) -> Iterator[BaseException]:
    """The errors that led to this one: members of a group, then causes, at most eight."""
    waiting: list[BaseException] = [error]
    seen = {id(error)}
    while waiting and len(seen) <= 8:
        one = waiting.pop(0)
        members = list(one.exceptions) if isinstance(one, BaseExceptionGroup) else []
        cause = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
        for other in [*members, *([cause] if cause else [])]:
            if id(other) not in seen:
                seen.add(id(other))
                waiting.append(other)
                yield other


def _told(error: BaseException) -> dict[str, object]:
    """What the log says of an exception."""
    told: dict[str, object] = {"error": type(error).__name__}
    if behind := [type(other).__name__ for other in _behind(error)]:
        told["caused_by"] = " < ".join(behind[:8])
    if isinstance(error, ResponderError):
        told["message"] = str(error)
    if frames := _own_frames(error):
        told["where"] = " < ".join(reversed(frames))
    return told


def _exception_of(exc_info: object) -> BaseException | None:
    """The exception that a caller's `exc_info` stands for: itself, a triple, or "the current"."""
    match exc_info:
        case BaseException():
            return exc_info
        case (_, BaseException() as error, _):
            return error
        case None | False:
            return None
    return sys.exc_info()[1]


# --- structlog ------------------------------------------------------------------------------------


def _only_listed(
    _logger: object, _method: str, fields: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Build the line anew from what the list allows."""
    given = str(fields.pop("event", ""))
    named = len(given) <= 60 and _EVENT.fullmatch(given) is not None
    line: dict[str, Any] = {
        "at": fields.pop("at"),
        "level": fields.pop("level"),
        "event": given if named else UNNAMED,
    }
    error = _exception_of(fields.pop("exc_info", None))
    library = fields.pop(_FROM, None)
    dropped = 0 if named else 1
    for name, value in sorted(fields.items()):
        plain = value.value if isinstance(value, Enum) else value
        plain = plain.__name__ if name == "error" and isinstance(plain, type) else plain
        if name in FIELDS and (plain is None or FIELDS[name](plain)):
            line[name] = plain
        else:
            dropped += 1
    if library is not None:
        line["logger"] = library if _LOGGER.fullmatch(library) else "other"
    if error is not None:
        line.update(_told(error))
    if dropped:
        line["dropped_fields"] = dropped
    return line


def configure(
    level: str = "info", file: Path | None = None, *, json: bool = False
) -> Callable[[], None]:
    """Send the log to a file (made with mode 0600) or to standard error.

    `level` is "debug", "info", "warning" or "error". Libraries are heard from "warning" on, and
    at "debug" as much as the rest. Returns what closes the file and leaves all as it was before.
    """
    stream: TextIO = sys.stderr
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        stream = os.fdopen(handle, "a", encoding="utf-8", buffering=1)
    before = structlog.get_config()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            _only_listed,
            structlog.processors.JSONRenderer() if json else structlog.processors.LogfmtRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.WriteLoggerFactory(file=stream),
        cache_logger_on_first_use=False,
    )
    undo = ExitStack()
    undo.callback(structlog.configure, **before)
    if stream is not sys.stderr:
        undo.callback(stream.close)
    _route_libraries(_LEVELS[level], undo)
    _catch_crashes(undo)
    return undo.close


# --- what does not come through structlog ---------------------------------------------------------


class _Foreign(logging.Handler):
    """Takes what libraries log and passes on where it came from, never what it says."""

    def emit(self, record: logging.LogRecord) -> None:
        level = max(floor for floor in _LEVELS.values() if floor <= max(record.levelno, 10))
        error = getattr(record, _FROM, None)
        structlog.get_logger().log(level, LIBRARY, exc_info=error, **{_FROM: record.name})


def _emptied(*args: Any, **kwargs: Any) -> logging.LogRecord:
    """A record without its text: a library may bring a handler of its own at any time."""
    record = logging.LogRecord(*args, **kwargs)
    setattr(record, _FROM, _exception_of(record.exc_info))
    record.msg, record.args = LIBRARY, None
    record.exc_info = record.exc_text = record.stack_info = None
    return record


def _route_libraries(level: int, undo: ExitStack) -> None:
    root = logging.getLogger()
    undo.callback(root.setLevel, root.level)
    undo.callback(setattr, root, "handlers", root.handlers)
    undo.callback(logging.setLogRecordFactory, logging.getLogRecordFactory())
    undo.callback(logging.captureWarnings, False)
    # What a failing handler prints to standard error would hold the arguments of the message.
    undo.callback(setattr, logging, "raiseExceptions", logging.raiseExceptions)
    root.setLevel(level if level <= logging.DEBUG else max(level, logging.WARNING))
    root.handlers = [_Foreign()]
    logging.setLogRecordFactory(_emptied)
    logging.captureWarnings(True)
    logging.raiseExceptions = False


def _catch_crashes(undo: ExitStack) -> None:
    """Keep the text of uncaught exceptions out of standard error as well."""

    def crashed(error: BaseException | None) -> None:
        if error is not None and not isinstance(error, KeyboardInterrupt | SystemExit):
            structlog.get_logger().critical(CRASHED, exc_info=error)

    undo.callback(setattr, sys, "excepthook", sys.excepthook)
    undo.callback(setattr, sys, "unraisablehook", sys.unraisablehook)
    undo.callback(setattr, threading, "excepthook", threading.excepthook)
    sys.excepthook = lambda _kind, error, _trace: crashed(error)
    sys.unraisablehook = lambda args: crashed(args.exc_value)
    threading.excepthook = lambda args: crashed(args.exc_value)

"""The start of the process that serves: what it must not load or look through before it sends.

What it is for
    After a crash a page may be waiting. `lean` comes before anything else is imported, `settled`
    once the network listens.

What it must not know
    What is started.
"""

from __future__ import annotations

import gc
import resource
import sys
from typing import Final

COLLECT_AFTER: Final = (20_000, 20, 20)
"""What a message leaves behind goes by itself; a thousand of them on their way are no garbage, and
looking through them after each 700 objects is a tenth of their cost."""
_UNUSED: Final = ("rich", "better_exceptions")
"""What structlog loads for coloured tracebacks, where it is there: a tenth of a lean start.

Our log shows no traceback, and prints in no colour.
"""


def lean() -> None:
    """Load structlog without what it draws with, and collect no garbage for now.

    What a start makes, it keeps: to look through all of it again and again takes a quarter of the
    time. Whatever loads those libraries later gets them.
    """
    gc.disable()
    hidden = [name for name in _UNUSED if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type] # None: "not there"
    try:
        import structlog  # noqa: F401 - loaded here so that it finds none of them
    finally:
        for name in hidden:
            del sys.modules[name]


def leave_no_core() -> None:
    """See to it that a process which dies by a bug leaves no picture of its memory on the disk.

    Keys and words are in it. A service manager may forbid it as well; whoever starts us by hand
    has none.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def settled() -> None:
    """Collect garbage from now on, rarely, and pass over what is there by now."""
    gc.set_threshold(*COLLECT_AFTER)
    gc.freeze()
    gc.enable()

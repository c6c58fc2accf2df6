"""One-time codes and call signs: how they look, for whoever makes or reads one.

What it must not know
    Who is named, and by whom.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

CALL_SIGN: Final = re.compile(r"[^\W\d_][\w' -]{0,28}\w", re.UNICODE)
"""What can be spoken as a name: a letter first, 2 to 30 letters, digits, blanks or hyphens."""
CODE_LASTS: Final = timedelta(days=7)


def join_code(id: str) -> str:
    """A one-time code as people copy it: twelve characters, sixty bits."""
    return id[:12]

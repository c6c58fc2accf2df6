"""Spanish: the words of an incident's messages."""

from __future__ import annotations

from typing import Final

PHRASES: Final[dict[str, str]] = {}

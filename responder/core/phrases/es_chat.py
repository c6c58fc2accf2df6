"""Spanish: the words of conversations and commands."""

from __future__ import annotations

from typing import Final

PHRASES: Final[dict[str, str]] = {}

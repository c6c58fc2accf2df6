"""The base class of everything that this package raises on purpose, and what ends every command.

A message says in plain words what is wrong and what a coordinator can do next. It never holds a
person's words, place, name or address, nor a key or a token: exceptions end up in logs.
"""

from __future__ import annotations


class ResponderError(Exception):
    """Something that a coordinator can put right, told in plain words."""


class Locked(ResponderError):
    """The network was locked, and nothing opens it but its passphrase."""

    def __init__(self) -> None:
        super().__init__(
            "The network is locked. Open it at this machine's own terminal: responder unlock"
        )

"""The one base class of everything that this package raises on purpose.

A message says in plain words what is wrong and what a coordinator can do next. It never holds a
person's words, place, name or address, nor a key or a token: exceptions end up in logs.
"""

from __future__ import annotations


class ResponderError(Exception):
    """Something that a coordinator can put right, told in plain words."""

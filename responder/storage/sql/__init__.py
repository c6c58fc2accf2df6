"""The SQL of the store: numbered migrations, and every query by its name.

Rules it keeps
    * Migrations only go forward; each is applied together with its record, in one transaction.
    * A database that a newer program wrote is refused and left as it is.
    * Queries are plain SQL that PostgreSQL would take too, but for the style of placeholders.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from responder.errors import ResponderError


class NewerDatabase(ResponderError):
    """The database was written by a newer version of the program."""


@dataclass(frozen=True)
class Migration:
    """One numbered step of the schema, as SQL text of whole statements."""

    number: int
    text: str

    def statements(self) -> Iterator[str]:
        """Each statement by itself, so that none commits what went before it."""
        statement = ""
        for line in self.text.splitlines(keepends=True):
            statement += line
            if sqlite3.complete_statement(statement):
                yield statement
                statement = ""
        if statement.strip():
            yield statement


@cache
def migrations() -> tuple[Migration, ...]:
    """All migrations that this program knows, in order."""
    files = (file for file in resources.files(__name__).iterdir() if _number(file.name))
    known = [Migration(_number(file.name), file.read_text("utf-8")) for file in files]
    return tuple(sorted(known, key=lambda migration: migration.number))


@cache
def queries() -> dict[str, str]:
    """Every query of `queries.sql` by its name."""
    text = resources.files(__name__).joinpath("queries.sql").read_text("utf-8")
    _, *parts = re.split(r"^-- name: (\w+)\n", text, flags=re.MULTILINE)
    return {name: query.strip() for name, query in zip(parts[::2], parts[1::2], strict=True)}


@cache
def repeated(name: str, times: int) -> str:
    """A query whose starred part stands there so many times."""
    return re.sub(
        r"(\([^()]*\)|\?)\*", lambda starred: ", ".join([starred[1]] * times), queries()[name]
    )


def migrate(db: sqlite3.Connection, known: Sequence[Migration] | None = None) -> None:
    """Bring the schema up to date; the connection must be in autocommit mode.

    `NewerDatabase` where the database has seen a migration that this program does not know.
    """
    steps = migrations() if known is None else known
    applied = _applied(db)
    if applied > max((step.number for step in steps), default=0):
        raise NewerDatabase(
            "The data folder was written by a newer version of this program. "
            "Install that version again; nothing was changed."
        )
    for step in steps:
        if step.number > applied:
            _apply(db, step)


def _number(name: str) -> int:
    found = re.fullmatch(r"(\d{4})_\w+\.sql", name)
    return int(found[1]) if found else 0


def _applied(db: sqlite3.Connection) -> int:
    if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'migration'").fetchone():
        return 0
    (number,) = db.execute("SELECT max(number) FROM migration").fetchone()
    return int(number)


def _apply(db: sqlite3.Connection, step: Migration) -> None:
    db.execute("BEGIN IMMEDIATE")
    try:
        for statement in step.statements():
            db.execute(statement)
        db.execute("INSERT INTO migration (number) VALUES (?)", (step.number,))
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise

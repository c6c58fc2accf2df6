"""Migrations go forward only, whole or not at all; every query fits the schema."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from responder.storage import sql
from responder.storage.sealing import Keyring
from responder.storage.store import (
    Store,
)

NOW = datetime(2025, 3, 1, 23, 40, tzinfo=UTC)
WORDS = "canary-words"


def applied(db: sqlite3.Connection) -> list[int]:
    return [number for (number,) in db.execute("SELECT number FROM migration ORDER BY number")]


def test_an_empty_file_gets_the_whole_schema_and_a_second_run_changes_nothing() -> None:
    db = sqlite3.connect(":memory:", isolation_level=None)
    sql.migrate(db)
    schema = db.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
    sql.migrate(db)
    tables = {name for name, text in schema if (text or "").startswith("CREATE TABLE")}
    assert tables == {
        "address", "assignment", "audit", "audit_head", "data_key", "delivery", "drawer",
        "free_slot", "inbox", "incident_index", "key_generation", "key_slot", "migration", "older",
        "outbox", "recall", "slip",
    }  # fmt: skip
    assert db.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall() == schema
    assert applied(db) == [step.number for step in sql.migrations()]
    db.close()


def test_migrations_are_numbered_without_a_gap() -> None:
    numbers = [step.number for step in sql.migrations()]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_migration_that_fails_leaves_nothing_of_itself() -> None:
    db = sqlite3.connect(":memory:", isolation_level=None)
    known = [step.number for step in sql.migrations()]
    broken = sql.Migration(
        known[-1] + 1, "CREATE TABLE half (a TEXT);\nINSERT INTO nowhere VALUES (1);\n"
    )
    with pytest.raises(sqlite3.OperationalError):
        sql.migrate(db, [*sql.migrations(), broken])
    assert applied(db) == known
    assert db.execute("SELECT 1 FROM sqlite_master WHERE name = 'half'").fetchone() is None
    db.close()


def test_a_semicolon_inside_of_words_or_a_trigger_ends_no_statement() -> None:
    text = (
        "-- a note; with a semicolon\nCREATE TABLE t (a TEXT DEFAULT ';');\n"
        "CREATE TRIGGER r AFTER INSERT ON t BEGIN\n  DELETE FROM t;\n  DELETE FROM t;\nEND;\n"
    )
    db = sqlite3.connect(":memory:", isolation_level=None)
    statements = list(sql.Migration(2, text).statements())
    assert len(statements) == 2
    for statement in statements:
        db.execute(statement)
    db.close()


async def test_a_database_of_a_newer_program_is_refused_unchanged(
    tmp_path: Path,
) -> None:
    path, ring = tmp_path / "data" / "network.db", Keyring.random()
    await (await Store.open(path, ring)).close()
    db = sqlite3.connect(path)
    with db:
        db.execute("INSERT INTO migration (number) VALUES (99)")
    db.close()
    with pytest.raises(sql.NewerDatabase, match="newer version"):
        await Store.open(path, ring)


def test_every_query_fits_the_schema() -> None:
    db = sqlite3.connect(":memory:", isolation_level=None)
    sql.migrate(db)
    for name in sql.queries():
        query = sql.repeated(name, 2)
        values = [None] * query.count("?") or dict.fromkeys(sql_names(query))
        steps = db.execute(f"EXPLAIN {query}", values).fetchall()
        assert steps, f"{name} does nothing"
    db.close()


def test_what_is_starred_stands_there_once_for_each_row() -> None:
    assert "VALUES (?, ?), (?, ?), (?, ?))" in sql.repeated("sent_for_good", 3)
    assert sql.repeated("owners", 2).endswith("IN (?, ?)")
    assert sql.repeated("settle", 2) == sql.queries()["settle"]


def sql_names(query: str) -> set[str]:
    return {word.strip("(),")[1:] for word in query.split() if word.strip("(),").startswith(":")}

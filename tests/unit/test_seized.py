"""What a thief learns is counted from what lies there, and nothing of it is quoted."""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from msgspec.structs import replace
from pydantic import SecretStr

from responder.config import LogSettings, Settings, SignalSettings, TelegramSettings
from responder.core import incident as incidents
from responder.core.aside import ASIDE
from responder.core.changes import KINDS, Changes, Device, Draft, Session, Setting, Stored, Tally
from responder.core.early import EARLY
from responder.core.halves import HALF
from responder.core.model import Care, Person, PersonId, ReportId
from responder.custody import seized
from responder.custody.rotation import rotate
from responder.custody.seized import Sight, machine
from responder.custody.seized.database import remains
from responder.custody.seized.words import HEADINGS, WORDS, told
from responder.sealed.phones import KEYS as PAGER_KEYS
from responder.storage.keyfile import Cost, KeyFile
from responder.storage.store import Store
from tests.builders import NOW, a_report, a_small_network
from tests.unit.stored import a_message, a_sending, filled, with_random_ids
from tests.unit.test_backup import a_story, changes_of, end, everything, the_settings

CHEAP = Cost(memory_kib=1024, passes=2, lanes=1)
CONFIG = """
[network]
name = "Canary Watch"
[telegram]
token = "123456:canary-token"
[signal]
number = "+15550100000"
[[neighbourhood]]
id = "northside"
name = "Canaryside"
"""


@dataclass
class Place:
    settings: Settings
    config: Path
    database: Path
    store: Store

    def look(self) -> list[Sight]:
        return seized.look(self.settings, self.config, self.database)

    def with_key(self) -> list[Sight]:
        keys = KeyFile(self.settings.network.key_file).load()
        return seized.look_with_key(self.database, keys)


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    """A network with eight people, one open incident, one closed, and messages on their way."""
    settings = the_settings(tmp_path, playbooks_dir=Path(__file__).parents[2] / "playbooks")
    settings.network.data_dir.mkdir(mode=0o700)
    keys = KeyFile(settings.network.key_file).create()
    database = settings.network.data_dir / "network.db"
    config = tmp_path / "config.toml"
    config.write_text(CONFIG)
    async with await Store.open(database, keys, due_of=incidents.due) as store:
        world = a_small_network()
        await store.commit(changes_of(everything(world)))
        await a_story(store, world, "open", "r")
        ended = await a_story(store, world, "ended", "k")
        await end(store, world, ended, NOW)
        await store.waiting()  # all that stands on slips is filed for it
        yield Place(settings, config, database, store)


def figures(sights: list[Sight], part: str, *names: str) -> tuple[Any, ...]:
    """The figures of the one sight of this part that has all these names."""
    (found,) = [s for s in sights if s.part == part and set(names) <= set(s.figures)]
    return tuple(found.figures[name] for name in names)


def says(sights: list[Sight], key: str) -> bool:
    start = WORDS[key].partition("{")[0]
    return any(s.text.startswith(start) for s in sights if s.part == key.partition(".")[0])


async def test_without_the_key_rows_are_counted_and_dated(place: Place) -> None:
    await place.store.commit(
        Changes(settled=[a_sending((await place.store.waiting())[0].message.id)])
    )
    sights = place.look()
    assert figures(sights, "database", "people", "members_written")[0] == 9
    assert figures(sights, "database", "incidents", "open", "reports", "pieces") == (2, 1, 2, 2)
    messages, first = figures(sights, "database", "messages", "first")
    assert messages >= 6 and first.startswith("2025-")
    assert figures(sights, "database", "channels") == ("signal 1",)


async def test_urgency_and_teams_are_counted_as_they_lie_there(place: Place) -> None:
    message = a_message("urgent", under="person:heron", urgency=0)
    await place.store.commit(
        Changes(messages=[message], assigned=[(PersonId("heron"), "i"), (PersonId("wren"), "i")])  # type: ignore[list-item]
    )
    sights = place.look()
    assert figures(sights, "database", "urgent") == (1,)
    assert figures(sights, "database", "people", "incidents")[1] == 1


async def test_the_spread_of_sizes_is_measured(place: Place) -> None:
    sizes = [s.figures for s in place.look() if "smallest" in s.figures]
    report = next(s for s in sizes if s["kind"] == "report")
    db = sqlite3.connect(place.database)
    (least, most) = db.execute(
        "SELECT min(length(sealed)), max(length(sealed)) FROM drawer WHERE kind = 'report'"
    ).fetchone()
    db.close()
    assert (report["count"], report["smallest"], report["largest"]) == (2, least, most)


async def test_the_key_beside_the_data_is_said_first(place: Place) -> None:
    first = place.look()[0]
    assert first.part == "key" and "whoever takes this disk has both" in first.text
    assert "passphrase" in first.text


async def test_a_locked_key_is_said_with_the_price_of_a_guess(place: Place) -> None:
    file = KeyFile(place.settings.network.key_file)
    await rotate(file, place.store, new_passphrase="heron wren otter badger", cost=CHEAP)
    assert figures(place.look(), "key", "memory_mib", "passes") == (1, 2)


async def test_a_passphrase_on_the_same_disk_is_said(place: Place) -> None:
    file = KeyFile(place.settings.network.key_file)
    await rotate(file, place.store, new_passphrase="heron wren otter badger", cost=CHEAP)
    written = place.config.parent / "words"
    written.write_text("heron wren otter badger")
    network = place.settings.network.model_copy(update={"passphrase_file": written})
    place.settings = place.settings.model_copy(update={"network": network})
    assert says(place.look(), "key.passphrase-beside")
    assert says(place.look(), "config.secret-files")


async def test_a_missing_key_is_said(place: Place) -> None:
    place.settings.network.key_file.unlink()
    assert says(place.look(), "key.absent")


async def test_the_config_is_searched_for_places_numbers_and_tokens(place: Place) -> None:
    sights = [s for s in place.look() if s.part == "config"]
    keys = [s.figures["keys"] for s in sights]
    assert keys == [
        "neighbourhood.id, neighbourhood.name, network.name",
        "signal.number",
        "telegram.token",
    ]


async def test_no_name_number_token_or_word_is_printed(place: Place) -> None:
    told = json.dumps([[s.text, s.figures] for s in (*place.look(), *place.with_key())])
    assert "anary" not in told and "+1555" not in told and "heron" not in told.casefold()


async def test_with_the_key_names_and_words_are_counted(place: Place) -> None:
    sights = place.with_key()
    assert figures(sights, "opened", "people", "call_signs", "addresses") == (9, 6, 9)
    worded, placed, reports, oldest = figures(
        sights, "opened", "worded", "placed", "reports", "oldest"
    )
    assert (worded, reports) == (2, 2) and placed >= 1
    assert oldest == NOW.strftime("%Y-%m-%d %H:%M UTC")
    assert figures(sights, "opened", "rows") == (0,)


async def test_with_the_key_what_waits_apart_is_counted(place: Place) -> None:
    apart = [Setting(name=f"{where}x", value="v") for where in (ASIDE, HALF, EARLY)]
    again = Setting(name=f"{HALF}y", value="v")
    await place.store.commit(changes_of([*apart, again]))
    assert figures(place.with_key(), "opened", "failed", "halves", "early") == (1, 2, 1)


async def test_with_the_key_the_pagers_keys_are_told_and_phones_counted(place: Place) -> None:
    assert not says(place.with_key(), "opened.pager")
    phone = Device(id="d", person=PersonId("heron"), key="k", words=("one",), registered_at=NOW)
    await place.store.commit(changes_of([Setting(name=PAGER_KEYS, value="{}"), phone]))
    assert says(place.with_key(), "opened.pager")
    assert figures(place.with_key(), "opened", "phones") == (1,)


async def test_what_is_destroyed_is_told_from_what_is_left_for_counting(place: Place) -> None:
    closed = [t for t in await place.store.load(Tally)]
    gone = Tally(id="g", kind="copwatch", neighbourhood="northside", week="w", outcome="o")  # type: ignore[arg-type]
    await place.store.commit(changes_of([gone, replace(gone, id="h")]))
    tallies, destroyed = figures(place.with_key(), "opened", "tallies", "gone")
    assert (tallies, destroyed) == (len(closed) + 2, 2)


async def test_a_destroyed_key_shows_as_an_empty_place(place: Place) -> None:
    before = figures(place.look(), "remains", "empty")
    await place.store.commit(Changes(destroyed=["report:report-open"]))
    assert figures(place.look(), "remains", "empty") == (before[0] + 1,)


async def test_with_the_key_what_a_killed_process_left_on_a_slip_is_counted_too(
    place: Place,
) -> None:
    (before,) = figures(place.with_key(), "opened", "reports")
    new = a_report(PersonId("new"))
    await place.store.commit(changes_of([new]))
    await place.store.commit(changes_of([replace(new, text="another word")]))
    assert figures(place.with_key(), "opened", "reports") == (before + 1,)


async def test_an_envelope_that_was_damaged_is_counted(place: Place) -> None:
    db = sqlite3.connect(place.database)
    db.execute("UPDATE drawer SET sealed = zeroblob(80) WHERE kind = 'report'")
    db.commit()
    db.close()
    assert figures(place.with_key(), "opened", "rows") == (2,)


async def test_another_networks_key_opens_nothing(place: Place, tmp_path: Path) -> None:
    other = KeyFile(tmp_path / "other.key").create()
    assert [s.figures.keys() for s in seized.look_with_key(place.database, other)] == [{"reason"}]


def test_free_pages_and_copies_in_the_log_are_found(tmp_path: Path) -> None:
    path = tmp_path / "network.db"
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA secure_delete = OFF")
    db.execute("CREATE TABLE t (x)")
    db.executemany("INSERT INTO t VALUES (?)", [(b"x" * 3000,) for _ in range(200)])
    db.execute("DELETE FROM t")
    (free,) = db.execute("PRAGMA freelist_count").fetchone()
    found = list(remains(path))
    assert found[0].figures["dirty"] > 100
    assert free - 2 <= found[0].figures["free"] <= free
    db.execute("PRAGMA journal_mode = WAL")
    for _ in range(5):
        db.execute("INSERT INTO t VALUES (1)")
    assert figures(list(remains(path)), "remains", "older")[0] >= 4
    db.close()


async def test_our_own_database_keeps_no_copy_in_its_free_pages(place: Place) -> None:
    await place.store.commit(Changes(destroyed=["incident:" + "x", "report:report-open"]))
    await place.store.prune(NOW - timedelta(days=2))
    assert figures(place.look(), "remains", "free", "dirty") == (0, 0)


async def test_looking_changes_nothing(tmp_path: Path) -> None:
    settings = the_settings(tmp_path)
    settings.network.data_dir.mkdir(mode=0o700)
    keys = KeyFile(settings.network.key_file).create()
    database = settings.network.data_dir / "network.db"
    await (await Store.open(database, keys)).close()
    before = {p.name: p.read_bytes() for p in settings.network.data_dir.iterdir()}
    seized.look(settings, tmp_path / "none.toml", database)
    seized.look_with_key(database, keys)
    assert {p.name: p.read_bytes() for p in settings.network.data_dir.iterdir()} == before


async def test_the_log_is_read_for_times_and_events(place: Place, tmp_path: Path) -> None:
    log = tmp_path / "responder.log"
    log.write_text(
        '{"at": "2025-06-14T20:00:00Z", "event": "running"}\n'
        "at=2025-06-15T21:30:00Z level=info event=page_sent\n"
    )
    sights = seized.look(
        place.settings.model_copy(update={"log": LogSettings(file=log)}),
        place.config,
        place.database,
    )
    assert figures(sights, "log", "lines", "events", "first", "last") == (
        2,
        2,
        "2025-06-14T20:00",
        "2025-06-15T21:30",
    )


async def test_a_log_that_has_not_begun_has_no_lines_and_no_times(place: Place) -> None:
    log = LogSettings(file=place.config.with_name("responder.log"))
    settings = place.settings.model_copy(update={"log": log})
    assert says(seized.look(settings, place.config, place.database), "log.empty")


async def test_the_signal_services_folder_is_counted(place: Place, tmp_path: Path) -> None:
    folder = tmp_path / "signal"
    (folder / "data" / "1.d").mkdir(parents=True)
    (folder / "attachments").mkdir()
    (folder / "attachments" / "a.jpg").write_bytes(b"12345")
    accounts = {"accounts": [{"number": "+15550100000", "path": "1"}]}
    (folder / "data" / "accounts.json").write_text(json.dumps(accounts))
    db = sqlite3.connect(folder / "data" / "1.d" / "account.db")
    db.execute("CREATE TABLE recipient (number TEXT, profile_given_name TEXT)")
    people = [("+15550100001", "Mara"), ("+15550100002", None)]
    db.executemany("INSERT INTO recipient VALUES (?, ?)", people)
    db.execute("CREATE TABLE message_send_log_content (content BLOB)")
    db.execute("CREATE TABLE message_send_log (address TEXT)")
    db.execute("INSERT INTO message_send_log_content VALUES ('the bakery')")
    db.executemany("INSERT INTO message_send_log VALUES (?)", [("heron",), ("wren",)])
    db.commit()
    db.close()
    signal = SignalSettings(service_dir=folder)
    settings = place.settings.model_copy(update={"signal": signal})
    sights = seized.look(settings, place.config, place.database)
    assert figures(sights, "signal", "accounts", "files") == (1, 3)
    assert figures(sights, "signal", "recipients", "names") == (2, 1)
    assert figures(sights, "signal", "sent", "times") == (1, 2)
    assert figures(sights, "signal", "attachments", "bytes") == (1, 5)


async def test_what_this_account_may_not_read_of_the_services_folder_is_said(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the service has an account of its own; for an administrator nothing is closed."""
    (tmp_path / "signal").mkdir()
    (tmp_path / "signal" / "accounts.json").write_text("{}")
    monkeypatch.setattr(os, "access", lambda _, mode: mode != os.R_OK)
    signal = SignalSettings(service_dir=tmp_path / "signal")
    settings = place.settings.model_copy(update={"signal": signal})
    sights = seized.look(settings, place.config, place.database)
    assert figures(sights, "signal", "closed") == (1,)
    assert not says(sights, "signal.absent")


async def test_what_belongs_together_without_the_key_is_counted(place: Place) -> None:
    """Who was paged shows by the keys of the messages, who reports by that of the conversation."""
    sights = place.look()
    db = sqlite3.connect(place.database)
    about = "FROM outbox WHERE key_name LIKE 'incident:%'"
    (tied, to) = db.execute(
        f"SELECT count(DISTINCT person), count(DISTINCT key_name) {about}"
    ).fetchone()
    db.close()
    assert tied > 2 and to == 2
    assert figures(sights, "database", "tied", "tied_to") == (tied, to)
    (before,) = figures(sights, "database", "reporters")
    draft = Draft(report=ReportId("report-open"), begun_at=NOW)
    await place.store.commit(changes_of([Session(person=PersonId("heron"), draft=draft)]))
    await place.store.waiting()  # a slip shows nothing of it
    assert figures(place.look(), "database", "reporters") == (before + 1,)


async def test_who_must_be_a_member_is_counted(place: Place) -> None:
    (before,) = figures(place.look(), "database", "marked")
    cares = [Care(person=PersonId(name)) for name in ("heron", "new")]
    await place.store.commit(changes_of([*cares, Person(id=PersonId("new"))]))
    await place.store.waiting()
    assert figures(place.look(), "database", "marked") == (before + 1,)


def test_our_commands_in_the_shells_history_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HISTFILE", raising=False)
    assert figures(list(machine.history(tmp_path)), "history", "lines") == (0,)
    (tmp_path / ".bash_history").write_text(
        "ls\nresponder member add Otter\nsudo -iu responder\n"
        "cd x && /opt/responder/venv/bin/responder incident show K7\nman responder\n"
    )
    (found,) = machine.history(tmp_path)
    assert found.figures == {"lines": 2} and "Otter" not in found.text


@pytest.mark.parametrize(
    ("uuid", "areas"), [("CRYPT-PLAIN-swap", 1), ("LVM-something", 2), (None, 2)]
)
def test_swap_that_is_not_known_to_be_encrypted_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uuid: str | None, areas: int
) -> None:
    table = tmp_path / "swaps"
    table.write_text(
        "Filename Type Size Used Priority\n/dev/zram0 partition 2048 0 1\n"
        "/dev/dm-7 partition 4096 0 -2\n/swapfile file 1024 0 -3\n"
    )
    if uuid is not None:
        (tmp_path / "dm-7" / "dm").mkdir(parents=True)
        (tmp_path / "dm-7" / "dm" / "uuid").write_text(uuid)
    monkeypatch.setattr(machine, "_SWAPS", table)
    monkeypatch.setattr(machine, "_BLOCKS", tmp_path)
    assert figures(list(machine.swap()), "memory", "areas") == (areas,)


@pytest.mark.parametrize("kind", KINDS, ids=KINDS.get)
async def test_with_the_key_a_record_of_any_kind_shows_in_some_figure(
    place: Place, kind: type[Stored]
) -> None:
    """What is not named was looked for, says the command: so nothing may be passed over."""
    before = [s.figures for s in place.with_key()]
    await place.store.commit(changes_of([with_random_ids(filled(kind, "other"))]))
    assert [s.figures for s in place.with_key()] != before


def test_a_number_is_followed_by_the_word_that_fits_it() -> None:
    one, two = (told("database.teams", {"people": n, "incidents": n}) for n in (1, 2))
    assert one.startswith("1 person is on their way in 1 incident right now")
    assert two.startswith("2 people are on their way in 2 incidents right now")


@pytest.mark.parametrize("key", WORDS)
def test_no_sentence_has_a_one_before_a_word_for_many(key: str) -> None:
    names = {name for _, name, _, _ in Formatter().parse(WORDS[key]) if name}
    said = told(key, dict.fromkeys(names, 1))
    assert not re.search(r"\b1 (?!address |bytes|passes|is|was)([a-z]+s|people)\b", said)


async def test_what_was_not_looked_at_is_said(place: Place) -> None:
    sights = place.look()
    assert says(sights, "signal.not-named") and says(sights, "log.standard-error")
    place.database = place.database.with_name("none.db")
    assert says(place.look(), "database.absent")


def test_every_sentence_has_its_figures_and_a_heading() -> None:
    for key, text in WORDS.items():
        assert key.partition(".")[0] in HEADINGS
        assert text[0].isupper() or text.startswith("{")
        assert all(name is None or name for _, name, _, _ in Formatter().parse(text))


def test_a_token_in_settings_is_never_shown() -> None:
    telegram = TelegramSettings(token=SecretStr("123456:canary"))
    assert "canary" not in repr(telegram)

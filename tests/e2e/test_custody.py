"""What is done to the whole of a network with the real commands: lost and restored, locked and
opened at a terminal, its key replaced while it runs, its audit touched by somebody with the disk.

Each way back is walked as docs/operations.md says it.
"""

from __future__ import annotations

import asyncio
import os
import pty
import shutil
import sqlite3
import sys
from collections.abc import AsyncIterator

import pytest_asyncio

from tests.e2e.nursery import ROOT
from tests.e2e.process import Town
from tests.e2e.signal_users import FakeUser as SignalUser
from tests.e2e.test_locking import PASSPHRASE, lies_about, starts_with_a_passphrase
from tests.e2e.test_stories import a_pair_is_out
from tests.ports import PATIENCE_S

BACKUP = "four grey owls wait outside"


@pytest_asyncio.fixture
async def town() -> AsyncIterator[Town]:
    """A running network: Heron and Otter go, Owl coordinates."""
    async with Town() as town:
        await town.starts()
        for name in ("Heron", "Otter"):
            await town.member(name)
        await town.member("Owl", roles=("coordinator",))
        yield town


def moves_to_a_new_machine(town: Town) -> None:
    """The old machine is gone; the config and the playbooks were kept apart."""
    lost = town.home.rename(town.folder / "lost")
    town.home.mkdir(mode=0o700)
    for name in ("config.toml", "northside.geojson"):
        shutil.copy(lost / name, town.home / name)
    shutil.copytree(lost / "playbooks", town.home / "playbooks")
    shutil.rmtree(lost)


async def it_ends(town: Town, neighbour: SignalUser) -> None:
    """Heron says that it is done, both are out, and the neighbour hears so."""
    pair = [town.members[name] for name in ("Heron", "Otter")]
    await pair[0].answers("Done")
    for mate in pair:
        await mate.answers("I am out")
    await neighbour.sees("It is over, and our people have left")


async def test_a_lost_server_comes_back_from_its_backup_with_a_team_still_out(town: Town) -> None:
    neighbour = await a_pair_is_out(town, "Mara")
    kept = town.folder / "network.sealed"
    town._env["RESPONDER_BACKUP_PASSPHRASE"] = BACKUP
    assert (await town.cli("backup", str(kept)))["open_incidents"] == 1
    await town.dies()
    moves_to_a_new_machine(town)

    restored = await town.cli("restore", str(kept))
    assert (restored["members"], restored["incidents"], restored["new_key_file"]) == (3, 1, True)
    await town.passes(minutes=10)
    await town.starts()
    for name in ("Heron", "Otter"):
        await town.members[name].reads("The network was silent for a while and works again")
    await it_ends(town, neighbour)
    (line,) = [one for one in await town.cli("audit", "list") if one["what"] == "backup.restored"]
    assert line["by"] == "the machine"


async def test_a_backup_that_was_touched_makes_no_network(town: Town) -> None:
    kept = town.folder / "network.sealed"
    town._env["RESPONDER_BACKUP_PASSPHRASE"] = BACKUP
    await town.cli("backup", str(kept))
    await town.dies()
    moves_to_a_new_machine(town)
    data = bytearray(kept.read_bytes())
    data[len(data) // 2] ^= 1
    kept.write_bytes(data)
    refused = await town.command("restore", str(kept))
    assert await refused.ended() == 3 and "was changed or cut short" in refused.told
    assert not (town.data / "network.db").exists() and not (town.home / "network.key").exists()


async def test_the_key_is_replaced_while_a_team_is_out_and_nobody_notices(town: Town) -> None:
    old = (town.home / "network.key").read_bytes()
    neighbour = await a_pair_is_out(town, "Mara")
    rotated = await town.cli("key", "rotate", "--yes")
    assert (rotated["generation"], rotated["locked"]) == (1, False)
    await it_ends(town, neighbour)
    assert await town.stops() == 0
    (town.home / "network.key").write_bytes(old)
    refused = await town.command("run")
    assert await refused.ended() == 3 and "another network key" in refused.told


async def test_whoever_touches_the_audit_on_the_disk_is_found_out(town: Town) -> None:
    assert await town.stops() == 0
    whole = await town.cli("audit", "verify")
    assert whole["faults"] == []
    db = sqlite3.connect(town.data / "network.db")
    db.execute("DELETE FROM audit WHERE number = 3")
    db.execute("UPDATE audit SET sealed = zeroblob(length(sealed)) WHERE number = 5")
    db.commit()
    db.close()
    verify = await town.command("audit", "verify", "--noted", whole["mark"])
    assert await verify.ended() == 1
    assert "Line 3 was removed." in verify.told and "Line 5 was changed." in verify.told


# --- locked at the machine, opened at its terminal ------------------------------------------------


async def typed(town: Town, words: str, *args: str) -> tuple[int, str]:
    """Run this command at a terminal, and type these words when it asks; its code and output."""
    ours, theirs = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-c", "from responder.cli import main; main()", *args, "--config", str(town.config)),
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=theirs,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    os.close(theirs)
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE_S):
        asked = await process.stdout.readuntil(b"Passphrase")
        # What was typed before the question is thrown away, as at any terminal.
        asked += await process.stdout.readuntil(b": ")
        os.write(ours, f"{words}\n".encode())
        told, _ = await process.communicate()
    os.close(ours)
    return process.returncode or 0, (asked + told).decode()


async def test_locked_at_the_machine_only_the_passphrase_at_its_terminal_opens_it() -> None:
    async with Town() as town:
        await starts_with_a_passphrase(town)
        await a_pair_is_out(town, "Mara")
        assert (await town.cli("lock", "--yes"))["called_back"] == 1
        for name in ("Heron", "Otter"):
            await town.members[name].reads("Leave now")
            await town.members[name].reads("The network is closed now")
        assert await town.process.ended() == 4

        again = await town.command("run")
        assert await again.ended() == 4, "the passphrase in its environment opens nothing"
        by_itself = await town.command("unlock")
        assert await by_itself.ended() == 3 and "own terminal" in by_itself.told
        code, told = await typed(town, "not the passphrase", "unlock")
        assert code == 3 and "does not open" in told
        code, told = await typed(town, PASSPHRASE, "unlock")
        assert code == 0 and "Open again" in told
        await town.starts()
        await town.members["Heron"].answers("I am out")
        assert not lies_about(town, PASSPHRASE)

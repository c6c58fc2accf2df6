"""The pager's site: strict, whole, and the same for static hosts and the own server."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from responder.sealed.pager_files import (
    HEADERS,
    HEADERS_FILE,
    PagerFolderError,
    build,
    files,
    handler,
)
from tests.pager_kit import some_facts

Client = TestClient[web.Request, web.Application]


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    app = web.Application()
    app.router.add_get("/pager/{path:.*}", handler(some_facts()))
    async with TestClient(TestServer(app)) as client:
        yield client


OUR_OWN = {"'none'", "'self'", "blob:"}
"""All that the page may load from: itself, what it opened, nothing."""


async def test_the_page_is_served_with_the_strict_policy(client: Client) -> None:
    answer = await client.get("/pager/")
    policy = answer.headers["Content-Security-Policy"]
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    directives = {name: rest for name, *rest in map(str.split, policy.split(";"))}
    assert directives["script-src"] == directives["connect-src"] == ["'self'"]
    assert not {name for name in directives if name.startswith("script-src-")}
    assert {source for rest in directives.values() for source in rest} <= OUR_OWN
    assert answer.headers["Referrer-Policy"] == "no-referrer"


async def test_every_file_is_served_as_what_it_is(client: Client) -> None:
    for name, file in files(some_facts()).items():
        answer = await client.get(f"/pager/{name}")
        assert (answer.status, await answer.read()) == (200, file.body)
        assert answer.headers["Content-Type"] == file.mime
        assert HEADERS.items() <= dict(answer.headers).items()


@pytest.mark.parametrize("path", ["x.js", "../pager_files.py", "%2e%2e/errors.py", "sub/"])
async def test_nothing_else_is_served(client: Client, path: str) -> None:
    answer = await client.get(f"/pager/{path}")
    assert answer.status == 404


async def test_what_a_phone_has_is_not_sent_again(client: Client) -> None:
    first = await client.get("/pager/app.js")
    again = await client.get("/pager/app.js", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status, await again.read()) == (304, b"")
    assert "Set-Cookie" not in first.headers


def test_the_page_says_the_same_policy_for_hosts_that_send_none() -> None:
    page = files(some_facts())["index.html"].body.decode()
    told = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert told is not None
    assert HEADERS["Content-Security-Policy"] == f"{told[1]}; frame-ancestors 'none'"


def test_no_file_asks_another_host_for_anything() -> None:
    allowed = {"http://www.w3.org/2000/svg", "https://t.me/northside_bot"}
    for name, file in files(some_facts()).items():
        if name.endswith(".png"):
            continue
        found = set(re.findall(r"https?://[^\s\"'`<>)]+", file.body.decode()))
        assert found <= allowed, name


def test_no_script_writes_to_the_console_or_makes_markup_of_words() -> None:
    banned = ("console.", "innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", "localStorage")
    for name, file in files(some_facts()).items():
        if name.endswith(".js"):
            assert not [word for word in banned if word in file.body.decode()], name


def test_no_word_is_missing_in_a_language() -> None:
    text = files(some_facts())["words.js"].body.decode()
    english, spanish = re.split(r"\nconst es = ", text)
    keys = [re.findall(r'^  "([\w.-]+)":', half, re.M) for half in (english, spanish)]
    slots = [re.findall(r"\{\w+\}", half.split("export")[0]) for half in (english, spanish)]
    assert keys[0] == keys[1]
    assert len(keys[0]) > 80
    assert sorted(slots[0]) == sorted(slots[1])


def test_the_facts_are_public_ones_only() -> None:
    told = json.loads(files(some_facts())["network.json"].body)
    assert sorted(told) == [
        "bot_link",
        "emergency",
        "languages",
        "name",
        "network_id",
        "report_public",
        "sign_public",
    ]


def test_the_worker_keeps_every_file_and_is_new_with_every_change() -> None:
    site = files(some_facts())
    worker = site["sw.js"].body.decode()
    kept = set(json.loads(re.findall(r"const FILES = (\[.*\]);", worker)[0]))
    assert kept == {"./", *site} - {"index.html", "sw.js"}
    assert worker == files(some_facts())["sw.js"].body.decode()
    assert worker != files(some_facts(name="Another"))["sw.js"].body.decode()


def test_a_static_host_gets_the_same_site_in_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "site"
    build(folder, some_facts())
    written = build(folder, some_facts())
    site = {name: file.body for name, file in files(some_facts()).items()}
    assert sorted(path.name for path in written) == sorted([*site, HEADERS_FILE])
    found = {path.name: path.read_bytes() for path in folder.iterdir()}
    told = found.pop(HEADERS_FILE).decode()
    assert found == site
    assert all(f"  {name}: {value}\n" in told for name, value in HEADERS.items())


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(PagerFolderError, match="Name a folder"):
        build(tmp_path / "taken", some_facts())

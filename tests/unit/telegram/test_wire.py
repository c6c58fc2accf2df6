"""Answers in whatever pieces they come, and servers that do what servers do at their worst."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from bots.telegram import wire as wires
from bots.telegram.wire import Answer, Broken, NotConnected, Reader, Server, Wire

HEAD = b"HTTP/1.1 200 OK\r\n"
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def plain(body: bytes, status: int = 200) -> bytes:
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body)


def chunked(pieces: list[bytes]) -> bytes:
    parts = b"".join(b"%x\r\n%b\r\n" % (len(one), one) for one in pieces if one)
    return HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + parts + b"0\r\n\r\n"


def cut_at(data: bytes, marks: list[int]) -> list[bytes]:
    ends = sorted({mark % (len(data) + 1) for mark in marks} | {0, len(data)})
    return [data[a:b] for a, b in pairwise(ends)]


def read(pieces: list[bytes]) -> list[Answer]:
    reader = Reader()
    for piece in pieces:
        reader.feed(piece)
    return reader.answers


# --- answers --------------------------------------------------------------------------------------


@given(st.binary(max_size=300), st.sampled_from([200, 400, 429, 502]), st.lists(st.integers(0)))
def test_an_answer_is_the_same_in_whatever_pieces_it_comes(
    body: bytes, status: int, marks: list[int]
) -> None:
    assert read(cut_at(plain(body, status), marks)) == [(status, body)]


@given(st.lists(st.binary(max_size=60), max_size=6), st.lists(st.integers(0)))
def test_chunks_are_put_together_in_whatever_pieces_they_come(
    pieces: list[bytes], marks: list[int]
) -> None:
    assert read(cut_at(chunked(pieces), marks)) == [(200, b"".join(pieces))]


@given(st.lists(st.binary(max_size=80)) | st.lists(st.binary()).map(lambda ps: [HEAD, *ps]))
def test_garbage_is_an_answer_or_broken_and_nothing_else(pieces: list[bytes]) -> None:
    reader = Reader()
    try:
        for piece in pieces:
            reader.feed(piece)
        reader.end()
    except Broken as fault:
        assert str(fault).isidentifier()


@given(st.integers(0, 60), st.binary(min_size=1, max_size=3))
def test_a_damaged_answer_never_reads_past_its_end(at: int, wrong: bytes) -> None:
    whole = plain(b'{"ok":true}') * 2
    reader = Reader()
    with suppress(Broken):
        reader.feed(whole[:at] + wrong + whole[at:])
    assert all(len(body) <= len(whole) + len(wrong) for _, body in reader.answers)


def test_word_that_an_answer_will_come_is_no_answer() -> None:
    assert read([b"HTTP/1.1 100 Continue\r\n\r\n", plain(b"{}")]) == [(200, b"{}")]


def test_an_answer_without_a_length_ends_with_the_connection() -> None:
    reader = Reader()
    reader.feed(b"HTTP/1.1 502 Bad Gateway\r\n\r\n<html>")
    assert reader.answers == []
    reader.end()
    assert reader.answers == [(502, b"<html>")] and not reader.reusable


@pytest.mark.parametrize("sent", [b"", HEAD, HEAD + b"Content-Le"])
def test_a_connection_that_ends_before_the_head_is_broken(sent: bytes) -> None:
    reader = Reader()
    reader.feed(sent)
    with pytest.raises(Broken):
        reader.end()


def test_a_head_without_end_is_given_up() -> None:
    reader = Reader()
    with pytest.raises(Broken, match="HeadTooLong"):
        for _ in range(100):
            reader.feed(HEAD + b"X-Long: " + b"x" * 1000 if not reader.answers else b"")
            for _ in range(100):
                reader.feed(b"x" * 1000)


def test_a_body_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wires, "BODY_LIMIT", 5000)
    reader = Reader()
    reader.feed(HEAD + b"\r\n")
    with pytest.raises(Broken):
        for _ in range(10):
            reader.feed(b"x" * 1000)


# --- connections ----------------------------------------------------------------------------------


@asynccontextmanager
async def talking(*talks: Talk) -> AsyncIterator[tuple[Wire, list[int]]]:
    """A wire to a server that holds one talk on each connection, and their number so far."""
    left, met = list(talks), [0]

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        met[0] += 1
        try:
            await left.pop(0)(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    wire = Wire(Server.of(f"http://127.0.0.1:{port}"), most=2)
    try:
        yield wire, met
    finally:
        wire.close()
        server.close()
        await server.wait_closed()


async def post(wire: Wire, body: bytes = b"{}", within_s: float = 5.0) -> Answer:
    return await wire.post(wire.server.head("/m"), body, within_s, 5.0)


async def asked(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    size = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    return head + await reader.readexactly(size)


def saying(*answers: bytes) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            await asked(reader)
            writer.write(answer)
        await reader.read()

    return talk


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(plain(await asked(reader)))


async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


def mute_after(answers: int) -> Talk:
    return saying(*[plain(b"{}")] * answers)


async def test_one_connection_carries_request_after_request() -> None:
    async with talking(echo) as (wire, met):
        for number in range(5):
            status, said = await post(wire, b"%d" % number)
            assert status == 200 and said.startswith(b"POST /m HTTP/1.1\r\nHost: 127.0.0.1:")
            assert said.endswith(b"Content-Length: 1\r\n\r\n%d" % number)
    assert met == [1]


async def test_more_requests_than_connections_wait_for_their_turn() -> None:
    async with talking(echo, echo) as (wire, met):
        answers = await asyncio.gather(*(post(wire, b"%d" % n) for n in range(9)))
        assert [body[-1:] for _, body in answers] == [b"%d" % n for n in range(9)]
    assert met == [2]


@pytest.mark.parametrize(
    "last",
    [
        HEAD + b"Content-Length: 2\r\nConnection: close\r\n\r\n{}",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        plain(b"{}") + plain(b"{}"),
        plain(b"{}") + b"garbage",
    ],
)
async def test_a_connection_that_may_not_be_used_again_is_not(last: bytes) -> None:
    async with talking(saying(last, plain(b"wrong")), echo) as (wire, met):
        await asyncio.wait([asyncio.ensure_future(post(wire))])
        status, said = await post(wire, b"next")
        assert status == 200 and said.endswith(b"next")
    assert met == [2]


async def test_a_connection_that_the_server_closed_meanwhile_is_replaced() -> None:
    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asked(reader)
        writer.write(plain(b"{}"))

    async with talking(once, echo) as (wire, met):
        await post(wire)
        while wire.known:
            await asyncio.sleep(0)
        assert (await post(wire))[0] == 200
    assert met == [2]


async def test_a_connection_that_idled_for_long_is_not_trusted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(wires, "KEEP_S", -1.0)
    async with talking(echo, echo) as (wire, met):
        await post(wire)
        await post(wire)
    assert met == [2]


async def test_silence_breaks_the_request_and_the_connection() -> None:
    async with talking(mute, echo) as (wire, met):
        with pytest.raises(Broken, match="TimeoutError"):
            await post(wire, within_s=0.02)
        assert (await post(wire))[0] == 200
    assert met == [2]


async def test_who_gives_up_takes_the_connection_along() -> None:
    async with talking(mute, echo) as (wire, met):
        task = asyncio.create_task(post(wire))
        while not met[0]:
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert (await post(wire))[0] == 200
    assert met == [2]


async def test_nothing_is_sent_where_no_connection_comes_free() -> None:
    async with talking(mute, mute) as (wire, _):
        busy = [asyncio.create_task(post(wire)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(NotConnected):
            await wire.post(wire.server.head("/m"), b"{}", 5.0, 0.01)
        wire.close()
        assert all(
            isinstance(e, Broken) for e in await asyncio.gather(*busy, return_exceptions=True)
        )


def certified(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What a server called localhost needs for TLS, and a client that believes it."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now, day = datetime.now(UTC), timedelta(days=1)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now - day, now + day)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    signed = made.add_extension(names, critical=True).sign(key, hashes.SHA256())
    (folder / "cert.pem").write_bytes(signed.public_bytes(Encoding.PEM))
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key.pem").write_bytes(private)
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return server, ssl.create_default_context(cafile=folder / "cert.pem")


async def test_answers_of_every_size_arrive_whole_over_tls(tmp_path: Path) -> None:
    server_tls, client_tls = certified(tmp_path)
    sizes = (1, 200, 70_000, 2_000_000, 10)
    talk = saying(*(plain(b"z" * size) for size in sizes))
    server = await asyncio.start_server(talk, "localhost", 0, ssl=server_tls)
    wire = Wire(Server.of(f"https://localhost:{server.sockets[0].getsockname()[1]}"), most=2)
    wire._tls = client_tls
    assert [len((await post(wire, within_s=60.0))[1]) for _ in sizes] == list(sizes)
    assert len(wire.known) == 1
    wire.close()
    server.close()


# --- requests without a task ----------------------------------------------------------------------


def post_now(
    wire: Wire, body: bytes = b"{}", within_s: float = 30.0
) -> asyncio.Future[Answer | Broken]:
    """The answer to a request that was sent at once."""
    told: asyncio.Future[Answer | Broken] = asyncio.get_running_loop().create_future()
    assert wire.post_now(wire.server.head("/m"), body, within_s, told.set_result)
    return told


async def test_what_has_a_free_connection_leaves_at_once_and_its_answer_is_told() -> None:
    async with talking(echo) as (wire, met):
        await post(wire)
        for number in range(3):
            answer = await post_now(wire, b"%d" % number)
            assert not isinstance(answer, Broken) and answer[1][-1:] == b"%d" % number
    assert met == [1]


async def test_without_a_free_connection_nothing_is_sent_at_once() -> None:
    async with talking(echo, echo) as (wire, met):
        assert not wire.post_now(wire.server.head("/m"), b"{}", 5.0, print)
        await post(wire)
        one = post_now(wire, b"1")
        assert not wire.post_now(wire.server.head("/m"), b"2", 5.0, print)
        assert not isinstance(await one, Broken)
    assert met == [1]


async def test_requests_sent_at_once_count_among_those_that_are_open() -> None:
    async with talking(mute_after(1), mute_after(1), echo) as (wire, met):
        await asyncio.gather(post(wire), post(wire))
        silent = [post_now(wire), post_now(wire)]
        with pytest.raises(NotConnected):
            await wire.post(wire.server.head("/m"), b"{}", 5.0, 0.01)
        assert met == [2]
        wire.close()
        assert [str(answer) for answer in await asyncio.gather(*silent)] == ["Closed"] * 2
        assert (await post(wire))[0] == 200


async def test_each_request_has_its_own_time_though_one_alarm_serves_all() -> None:
    async with talking(mute_after(1), mute_after(1)) as (wire, _):
        await asyncio.gather(post(wire), post(wire))
        late, soon = post_now(wire, b"{}", 30.0), post_now(wire, b"{}", 0.01)
        assert str(await soon) == "TimeoutError" and not late.done()
        wire.close()
        assert str(await late) == "Closed"


async def test_a_closed_port_is_not_connected() -> None:
    async with talking() as (wire, _):
        pass
    with pytest.raises(NotConnected, match="ConnectionRefusedError"):
        await post(wire)


def test_a_name_and_password_in_the_url_are_sent_as_a_header() -> None:
    server = Server.of("https://heron:a%20b@bots.example:8443/under/")
    assert (server.host, server.port, server.secure) == ("bots.example", 8443, True)
    head = server.head("/m")
    assert head.startswith(b"POST /under/m HTTP/1.1\r\nHost: bots.example:8443\r\n")
    assert b"Authorization: Basic " + base64.b64encode(b"heron:a b") in head

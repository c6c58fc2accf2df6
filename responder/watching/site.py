"""/health and /metrics, for programs on this machine: a small site on a loopback address.

Rules it keeps
    * /health answers 200 while all is well and 503 otherwise, with reasons in plain words and no
      name, code or number of anybody.
    * Nothing else is answered, nothing is logged of who asked, and no answer is kept by a cache.

What it must not know
    How the figures came to be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable

from aiohttp import web

from responder.watching import words
from responder.watching.metrics import Metrics
from responder.watching.watch import Watch

_NOT_KEPT = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_TEXT = "text/plain; version=0.0.4; charset=utf-8"
"""Prometheus' text format, as prometheus_client writes it."""


def reasons(watch: Watch) -> list[str]:
    """Why all is not well, without a word about anybody; empty while it is."""
    found = []
    if not watch.turning:
        found.append(words.WRITER[0])
    if not watch.awake:
        found.append(words.ASLEEP[0])
    for sort, count in Counter(one.sort for one in watch.worries).items():
        found.append(words.what(sort) + (f" ({count} times)" if count > 1 else ""))
    return found


def application(watch: Watch, metrics: Metrics) -> web.Application:
    """The site."""

    async def health(_: web.Request) -> web.Response:
        told = {
            "content": watch.content,
            "running_since": watch.since.isoformat(timespec="seconds"),
            "reasons": reasons(watch),
        }
        status = 200 if watch.content else 503
        return web.json_response(told, status=status, headers=_NOT_KEPT)

    async def figures(_: web.Request) -> web.Response:
        body = metrics.exposition()
        return web.Response(body=body, headers={**_NOT_KEPT, "Content-Type": _TEXT})

    site = web.Application()
    site.router.add_get("/health", health)
    site.router.add_get("/metrics", figures)
    return site


async def serve(site: web.Application, listen: str) -> Callable[[], Awaitable[None]]:
    """Serve a site at host:port without an access log; returns what stops it. Raises `OSError`."""
    runner = web.AppRunner(site, access_log=None)
    await runner.setup()
    host, _, port = listen.rpartition(":")
    try:
        await web.TCPSite(runner, host.strip("[]"), int(port)).start()
    except OSError:
        await runner.cleanup()
        raise
    return runner.cleanup

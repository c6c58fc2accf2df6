"""The pager's files: for a static host, and for the network's own small web server.

What it is for
    `files` turns the folder `responder/pager` and a network's public facts into the whole site,
    `build` writes it to a folder, `handler` serves it.

Rules it keeps
    * Nothing but public facts goes in; what is after the '#' of a link never comes here.
    * Every answer carries the strict policy: no other host's script, style, frame or request.
    * The same facts give the same bytes; one changed byte gives the service worker a new name, so
      that phones take all new files over together.

What it must not know
    Who asks: no cookie, no log, no count.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from aiohttp import web

from responder.errors import ResponderError
from responder.sealed.framing import url64
from responder.sealed.pages import (
    PagerFacts,
)

_FOLDER: Final = Path(__file__).parent.parent / "pager"
_MIMES: Final = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".txt": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}
_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        # Pictures and voice that this very page has opened; a blob lives in it alone.
        "img-src 'self' blob:",
        "media-src blob:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
    )
)
HEADERS: Final[Mapping[str, str]] = {
    # A policy in the page itself cannot name frame-ancestors: only the header can.
    "Content-Security-Policy": f"{_POLICY}; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "no-cache",
}
"""What every answer carries; `build` writes them down for a static host to send too."""
HEADERS_FILE: Final = "_headers"
"""Read by many static hosts: which headers go with which files."""
_MARKER: Final = re.compile(rb"@[A-Z]+@")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class PagerFolderError(ResponderError):
    """The pager cannot be written where it was asked to be."""


class File(NamedTuple):
    """One file of the site."""

    mime: str
    body: bytes


def files(facts: PagerFacts) -> Mapping[str, File]:
    """The whole site: relative path to type and bytes; the page itself is `index.html`."""
    found = {
        path.name: _filled(path.read_bytes(), {b"@POLICY@": _POLICY.encode()})
        for path in sorted(_FOLDER.iterdir())
        if path.suffix in _MIMES
    }
    found["network.json"] = _network(facts)
    worker = found.pop("sw.js")
    kept = sorted({"./", *found} - {"index.html"})
    found["sw.js"] = _filled(
        worker,
        {b"@DIGEST@": _digest(found, worker), b"@FILES@": json.dumps(kept).encode()},
    )
    return {name: File(_MIMES[Path(name).suffix], body) for name, body in sorted(found.items())}


def build(folder: Path, facts: PagerFacts) -> tuple[Path, ...]:
    """Write the site into the folder, for any static host that serves it over https.

    Beside it lies what that host should send with every file, as some hosts read it by themselves.
    Files of an earlier build are replaced; other files stay. `PagerFolderError` with what to do.
    """
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        site = {name: file.body for name, file in files(facts).items()}
        for name, body in {**site, HEADERS_FILE: _headers()}.items():
            _replace(folder / name, body)
            written.append(folder / name)
    except OSError as error:
        raise PagerFolderError(
            f"The pager cannot be written to {folder}: {error.strerror}. "
            "Name a folder that this account may write to."
        ) from None
    return tuple(written)


def _headers() -> bytes:
    lines = (f"  {name}: {value}" for name, value in HEADERS.items())
    return "\n".join(("/*", *lines, "")).encode()


def handler(facts: PagerFacts) -> Handler:
    """What an aiohttp route `GET /{path:.*}` (under any prefix) answers; unknown paths are 404.

    Give the server `access_log=None`: who opened the pager when is nobody's business.
    """
    site = files(facts)
    etags = {name: f'"{hashlib.sha256(file.body).hexdigest()[:32]}"' for name, file in site.items()}

    async def serve(request: web.Request) -> web.StreamResponse:
        name = request.match_info.get("path", "") or "index.html"
        file = site.get(name)
        if file is None:
            return web.Response(status=404, text="Not here.", headers=HEADERS)
        headers = {**HEADERS, "ETag": etags[name]}
        if request.headers.get("If-None-Match") == etags[name]:
            return web.Response(status=304, headers=headers)
        return web.Response(body=file.body, headers={**headers, "Content-Type": file.mime})

    return serve


def _network(facts: PagerFacts) -> bytes:
    """What the page is told of its network; all of it is public."""
    public = {
        "network_id": facts.network_id,
        "name": facts.name,
        "bot_link": facts.bot_link,
        "sign_public": url64(facts.sign_public),
        "report_public": url64(facts.report_public),
        "languages": list(facts.languages),
        "emergency": facts.emergency,
    }
    return json.dumps(public, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"


def _digest(found: Mapping[str, bytes], worker: bytes) -> bytes:
    hasher = hashlib.sha256(worker)
    for name, body in sorted(found.items()):
        hasher.update(name.encode() + b"\0" + hashlib.sha256(body).digest())
    return hasher.hexdigest()[:16].encode()


def _filled(body: bytes, filling: Mapping[bytes, bytes]) -> bytes:
    return _MARKER.sub(lambda match: filling.get(match[0], match[0]), body)


def _replace(path: Path, body: bytes) -> None:
    # A web server may be reading the folder: a half-written script must never be seen.
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_bytes(body)
    fresh.chmod(0o644)
    os.replace(fresh, path)

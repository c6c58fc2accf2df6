"""A real Chromium without a window, driven over its own debugging protocol.

Debian's `chromium` is found on the PATH, or named by RESPONDER_CHROMIUM. Where there is none, tests
that need it skip and say so; with RESPONDER_NEED_BROWSER=1 they fail instead. The browser gets a
fresh profile, and no name but this machine's own resolves in it.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import shutil
from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.ports import PATIENCE_S

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--remote-debugging-port=0",
)


def find_chromium() -> str:
    """The browser's path; skips the test, or fails it where CI demands a browser."""
    named = os.environ.get("RESPONDER_CHROMIUM", "")
    path = named or next(filter(None, map(shutil.which, _NAMES)), "")
    if path:
        return path
    told = "NO CHROMIUM on this machine: the pager is NOT tested. Run: apt-get install chromium"
    if os.environ.get("RESPONDER_NEED_BROWSER") == "1":
        pytest.fail(told)
    pytest.skip(told)


class ScriptFailed(AssertionError):
    """What the page's script threw."""


class Tab:
    """One tab: goes places, evaluates, waits for what the page shows, takes pictures of it."""

    def __init__(self, browser: Browser, session: str, context: str) -> None:
        self._browser = browser
        self._session = session
        self.context = context

    async def call(self, method: str, **params: object) -> dict[str, Any]:
        """One command of the debugging protocol, for this tab."""
        return await self._browser.call(method, params, self._session)

    async def go(self, url: str) -> None:
        """Open the address as a person would, and wait until the pager has shown something."""
        await self.call("Page.navigate", url="about:blank")
        await self.wait("location.href === 'about:blank'")
        await self.call("Page.navigate", url=url)
        await self.wait("document.querySelector('main h1') !== null")

    async def run(self, script: str) -> Any:
        """What the expression comes to, awaited; it must be JSON."""
        answer = await self.call(
            "Runtime.evaluate",
            expression=script,
            awaitPromise=True,
            returnByValue=True,
            userGesture=True,
        )
        if "exceptionDetails" in answer:
            raise ScriptFailed(answer["exceptionDetails"].get("exception", {}).get("description"))
        return answer["result"].get("value")

    async def wait(self, condition: str) -> None:
        """Until the expression is true in the page."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                # A navigation may take the page away in the middle of the question.
                with contextlib.suppress(ScriptFailed, RuntimeError):
                    if await self.run(f"Boolean({condition})"):
                        return
                await asyncio.sleep(0.02)

    async def text(self, selector: str = "main") -> str:
        """The words as a person sees them."""
        return str(await self.run(f"document.querySelector({json.dumps(selector)}).innerText"))

    async def title(self) -> str:
        """The screen's heading."""
        return await self.text("main h1")

    async def tap(self, words: str) -> None:
        """The button, link or fold with exactly these words."""
        found = (
            "[...document.querySelectorAll('button, a, summary')]"
            f".find((e) => e.innerText.trim() === {json.dumps(words)})"
        )
        await self.wait(found)
        await self.run(f"{found}.click()")

    async def picture(self, path: Path) -> None:
        """The whole page as a PNG."""
        size = await self.run("[innerWidth, Math.max(innerHeight, document.body.scrollHeight)]")
        clip = {"x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1}
        shot = await self.call("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))

    def said(self) -> list[str]:
        """What the page wrote to the console or threw, so far."""
        return self._browser.said[self._session]


class Browser:
    """The running browser; `tab` opens one, in a profile of its own where asked."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.said: defaultdict[str, list[str]] = defaultdict(list)

    async def call(
        self, method: str, params: dict[str, object] | None = None, session: str = ""
    ) -> dict[str, Any]:
        """One command, answered or `RuntimeError`."""
        number = len(self._waiting)
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        message: dict[str, object] = {"id": number, "method": method, "params": params or {}}
        if session:
            message["sessionId"] = session
        await self._socket.send_json(message)
        async with asyncio.timeout(PATIENCE_S):
            return await answer

    async def tab(self, *, phone: bool = True, language: str = "en-US") -> Tab:
        """A tab in a fresh profile: nothing that another one stored is there."""
        made = await self.call("Target.createBrowserContext")
        return await self.tab_in(made["browserContextId"], phone=phone, language=language)

    async def tab_in(self, context: str, *, phone: bool = True, language: str = "en-US") -> Tab:
        """A further tab in the profile of another one."""
        target = await self.call(
            "Target.createTarget", {"url": "about:blank", "browserContextId": context}
        )
        attached = await self.call(
            "Target.attachToTarget", {"targetId": target["targetId"], "flatten": True}
        )
        tab = Tab(self, attached["sessionId"], context)
        for domain in ("Page", "Runtime", "Network", "Log"):
            await tab.call(f"{domain}.enable")
        if phone:
            await tab.call(
                "Emulation.setDeviceMetricsOverride",
                width=390,
                height=844,
                deviceScaleFactor=2,
                mobile=True,
            )
        await tab.call(
            "Emulation.setUserAgentOverride",
            userAgent="Mozilla/5.0 (Linux; Android 15) Chrome/140 Mobile",
            acceptLanguage=language,
        )
        return tab

    async def listen(self) -> None:
        """Hand out answers until the browser goes."""
        async for frame in self._socket:
            message = json.loads(frame.data)
            if "id" in message:
                self._answer(message)
            else:
                self._note(message)

    def _answer(self, message: dict[str, Any]) -> None:
        answer = self._waiting[message["id"]]
        if answer.done():
            return
        if "error" in message:
            answer.set_exception(RuntimeError(message["error"]["message"]))
        else:
            answer.set_result(message["result"])

    def _note(self, message: dict[str, Any]) -> None:
        method, params = message["method"], message["params"]
        said = self.said[message.get("sessionId", "")]
        if method == "Runtime.consoleAPICalled":
            said.append(f"console.{params['type']}")
        elif method == "Runtime.exceptionThrown":
            said.append(str(params["exceptionDetails"].get("text")))
        elif method == "Log.entryAdded":
            said.append(str(params["entry"]["text"]))


@contextlib.asynccontextmanager
async def chromium(profile: Path) -> AsyncIterator[Browser]:
    """A browser with a fresh profile folder, ended and gone afterwards."""
    process = await asyncio.create_subprocess_exec(
        find_chromium(),
        *_FLAGS,
        f"--user-data-dir={profile}",
        "about:blank",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        address = await _debugging_address(profile, process)
        async with (
            aiohttp.ClientSession() as client,
            client.ws_connect(address, max_msg_size=0) as socket,
        ):
            browser = Browser(socket)
            listening = asyncio.create_task(browser.listen())
            try:
                yield browser
            finally:
                with contextlib.suppress(RuntimeError, TimeoutError, ConnectionError):
                    await browser.call("Browser.close")
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError, TimeoutError):
                await asyncio.wait_for(process.wait(), 5)
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _debugging_address(profile: Path, process: asyncio.subprocess.Process) -> str:
    """Chromium writes its port and path into its profile once it listens."""
    file = profile / "DevToolsActivePort"
    async with asyncio.timeout(PATIENCE_S):
        while True:
            if process.returncode is not None:
                pytest.fail(f"Chromium ended by itself with {process.returncode}")
            lines = file.read_text().splitlines() if file.exists() else []
            if len(lines) == 2:
                return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
            await asyncio.sleep(0.02)

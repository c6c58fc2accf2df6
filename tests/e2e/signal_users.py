"""Made-up people who use Signal: what they send, and what stands on their screens.

Rules it keeps
    * Nothing here sleeps for time to pass: whoever waits is woken by what it waits for.

What it must not know
    The service's HTTP side.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.ports import PATIENCE_S


class Service(Protocol):
    """The service that these people's phones talk to."""

    number: str

    def tick(self) -> int:
        """The next instant, in milliseconds."""

    def keep(self, data: bytes, mime: str) -> str:
        """Keep a file; the id under which it is kept."""

    async def deliver(self, envelope: dict[str, Any]) -> int:
        """Bring an envelope to our account; its timestamp."""

    async def until(self, there: Callable[[], Any], timeout_s: float = PATIENCE_S) -> Any:
        """What is there, once something is."""


@dataclass
class Shown:
    """A message on somebody's screen; `ref` is the timestamp by which it is edited or deleted."""

    ref: int
    text: str
    attachments: list[bytes] = field(default_factory=list)
    edited: bool = False


class FakeUser:
    """A person with a phone. `screen` is the chat with the bot, oldest first."""

    def __init__(self, server: Service, name: str, number: str, *, hides_uuid: bool) -> None:
        self._server = server
        self.name = name
        self.number = number
        self.uuid = "" if hides_uuid else str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{name}.test"))
        self.screen: list[Shown] = []
        self.registered = True
        self.trusted = True
        self.timer_s = 0

    @property
    def handle(self) -> str:
        return self.uuid or self.number

    def envelope(self, **parts: Any) -> dict[str, Any]:
        """An envelope from this person, as signal-cli writes one; parts go in by their names."""
        now = self._server.tick()
        return {
            "source": self.handle,
            "sourceNumber": self.number,
            "sourceUuid": self.uuid or None,
            "sourceName": self.name,
            "sourceDevice": 1,
            "timestamp": now,
            "serverReceivedTimestamp": now + 40,
            "serverDeliveredTimestamp": now + 41,
            **parts,
        }

    async def writes(self, text: str, **parts: Any) -> int:
        """Send a text; hands back its timestamp."""
        return await self._says(message=text, **parts)

    async def reacts(
        self, emoji: str, to: str, *, remove: bool = False, timeout_s: float = PATIENCE_S
    ) -> int:
        """React to the newest message on the screen that holds `to`, once there is one."""
        shown = await self.sees(to, timeout_s=timeout_s)
        return await self._says(
            reaction={
                "emoji": emoji,
                "targetAuthor": self._server.number,
                "targetAuthorNumber": self._server.number,
                "targetAuthorUuid": None,
                "targetSentTimestamp": shown.ref,
                "isRemove": remove,
            }
        )

    async def sends_attachment(self, data: bytes, mime: str, text: str = "") -> str:
        """Send a file; hands back the id under which the service keeps it."""
        ref = self._server.keep(data, mime)
        attachment = {"contentType": mime, "filename": None, "id": ref, "size": len(data)}
        extra = {"width": None, "height": None, "caption": None, "uploadTimestamp": None}
        await self._says(
            message=text or None, attachments=[attachment | extra | {"isVoiceNote": False}]
        )
        return ref

    async def edits(self, original: int, text: str) -> int:
        """Change an earlier message of this person's own."""
        envelope = self.envelope()
        data = data_message(envelope["timestamp"], message=text)
        envelope["editMessage"] = {"targetSentTimestamp": original, "dataMessage": data}
        return await self._server.deliver(envelope)

    async def sends_location(self, latitude: float, longitude: float) -> int:
        """Share a place, as the apps do it: a link and a picture of the map."""
        ref = self._server.keep(b"map", "image/jpeg")
        picture = {"contentType": "image/jpeg", "id": ref, "size": 3, "isVoiceNote": False}
        link = f"https://maps.google.com/maps?q={latitude}%2C{longitude}"
        return await self._says(message=link, attachments=[picture])

    async def answers(self, label: str, *, after: int = 0, timeout_s: float = PATIENCE_S) -> int:
        """Answer with the number of the newest option of this label, once there is one.

        Only messages with a reference above `after` count.
        """
        line = re.compile(rf"^(\d+)  .*{re.escape(label)}", re.MULTILINE)
        shown = await self._newest(
            lambda text: line.search(text) is not None, label, after, timeout_s
        )
        found = line.search(shown.text)
        assert found is not None
        return await self.writes(found[1])

    async def sees(self, fragment: str, *, after: int = 0, timeout_s: float = PATIENCE_S) -> Shown:
        """The newest message on the screen that holds `fragment`, once there is one.

        Only messages with a reference above `after` count.
        """
        return await self._newest(lambda text: fragment in text, fragment, after, timeout_s)

    async def sets_timer(self, seconds: int) -> int:
        """Let messages of this conversation disappear after so long; 0 for never."""
        self.timer_s = seconds
        return await self._says(isExpirationUpdate=True)

    def leaves(self) -> None:
        """Delete the account: nothing reaches this person from now on."""
        self.registered = False

    async def _says(self, **content: Any) -> int:
        envelope = self.envelope()
        timer = {"expiresInSeconds": self.timer_s}
        envelope["dataMessage"] = data_message(envelope["timestamp"], **timer | content)
        return await self._server.deliver(envelope)

    async def _newest(
        self, fits: Callable[[str], bool], what: str, after: int, timeout_s: float
    ) -> Shown:
        def there() -> Shown | None:
            found = [one for one in self.screen if one.ref > after and fits(one.text)]
            return found[-1] if found else None

        try:
            shown: Shown = await self._server.until(there, timeout_s)
        except TimeoutError:
            seen = "\n---\n".join(one.text for one in self.screen)
            raise AssertionError(f"{self.name} waited for {what!r} and sees:\n{seen}") from None
        return shown


def data_message(timestamp: int, **content: Any) -> dict[str, Any]:
    """What somebody wrote, as signal-cli writes it; parts go in by their names."""
    plain = {"timestamp": timestamp, "message": None, "expiresInSeconds": 0, "viewOnce": False}
    return plain | {"isExpirationUpdate": False} | content

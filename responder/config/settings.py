"""The settings as frozen records: one class a section of the file, one field a key.

Rules it keeps
    * `config.example.toml` is the manual: every key stands there, with its default and its unit.
    * A secret is a `SecretStr` and shows in no repr.

What it must not know
    Where the values came from: `load` reads the file, the environment and the files of secrets.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StrictBool, StrictInt

from responder import shipped
from responder.config.values import (
    Address,
    Asking,
    BotName,
    Boundary,
    Duration,
    FilePath,
    Id,
    Language,
    Languages,
    Listen,
    Loopback,
    Number,
    Page,
    Probing,
    Timer,
    TimeZone,
    Token,
    UrlPath,
    Words,
)
from responder.core.model import Limits, Neighbourhood, Place
from responder.core.phrases import LANGUAGES

LOCKED_FILE: Final = "locked"
"""The mark in the data folder of a network that was locked."""


class Section(BaseModel):
    """Base of all sections: frozen, refuses unknown keys, quotes no value in an error."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=True
    )

    @classmethod
    def keys(cls) -> list[str]:
        """The keys as they stand in the file."""
        fields = cls.model_fields.items()
        return [field.alias or name for name, field in fields if not field.exclude]


class NetworkSettings(Section):
    """The network itself: its name, its languages, its own words, its files."""

    name: Words
    emergency_line: dict[Language, Words]
    closed: dict[Language, Words] = {}
    languages: Languages = LANGUAGES
    data_dir: FilePath = Path("data")
    playbooks_dir: FilePath = Field(default_factory=shipped.playbooks_dir)
    key: Literal["file", "passphrase"] = "file"
    key_file: FilePath = Path("network.key")
    passphrase_file: FilePath | None = None
    passphrase: SecretStr | None = Field(default=None, exclude=True)


class TelegramSettings(Section):
    """The Telegram bot; on when it has a token and `enabled` does not say otherwise."""

    enabled: StrictBool | None = None
    token: Token | None = None
    token_file: FilePath | None = None
    bot_name: BotName | None = None
    api_url: Address = "https://api.telegram.org"
    delete_reports: StrictBool = False

    @property
    def on(self) -> bool:
        """Whether this bot runs."""
        return self.token is not None if self.enabled is None else self.enabled


class SignalSettings(Section):
    """The Signal bot; on when it has a number and `enabled` does not say otherwise."""

    enabled: StrictBool | None = None
    number: Number | None = Field(default=None, repr=False)
    service_url: Address = "http://127.0.0.1:8080"
    receive: Literal["websocket", "webhook"] = "websocket"
    webhook_listen: Listen = "127.0.0.1:8090"
    webhook_path: UrlPath = "/signal"
    probe_number: Number | None = Field(default=None, repr=False)
    probe_every: Probing = timedelta(minutes=2)
    disappearing: Timer = timedelta(hours=24)
    service_dir: FilePath | None = None

    @property
    def on(self) -> bool:
        """Whether this bot runs."""
        return self.number is not None if self.enabled is None else self.enabled


class PagerSettings(Section):
    """The page on members' phones that opens what only they may read."""

    url: Page | None = None
    listen: Listen | None = None

    @property
    def page(self) -> str | None:
        """Where the page lies, as its files need it: without a slash at its end, browsers would
        look for them one folder above."""
        return f"{self.url}/" if self.url else None


class WatchSettings(Section):
    """Who outside the network is told how it is."""

    listen: Loopback | None = None
    heartbeat_url: Address | None = None


class NeighbourhoodSettings(Section):
    """One unit of routing. `boundary` is a GeoJSON file in the text, rings once it is read."""

    id: Id
    name: Words
    time_zone: TimeZone
    aliases: tuple[Words, ...] = ()
    languages: tuple[Language, ...] = ()
    adjacent: tuple[str, ...] = ()
    boundary: Boundary = ()


class LimitSettings(Section):
    """The network's own rules of care and trust, the same for every playbook."""

    pages_a_night: StrictInt = Field(default=3, ge=1, le=50)
    rest: Duration = timedelta(hours=24)
    vouches_for_known: StrictInt = Field(default=1, ge=1)
    vouches_for_trusted: StrictInt = Field(default=3, ge=1)
    reports_per_10_min: StrictInt = Field(default=12, ge=1)
    unknown_held: StrictInt = Field(default=20, ge=1)


class RetentionSettings(Section):
    """How long is kept what belongs to no incident; playbooks say it for theirs."""

    unfinished_reports: Duration = timedelta(hours=24)
    strangers: Duration = timedelta(days=7)


class ReachSettings(Section):
    """Whether and how often members are asked by themselves whether they are reached."""

    every: Asking = timedelta(days=30)


class CheckSettings(Section):
    """How `responder check --online` asks."""

    wait: Duration = timedelta(seconds=10)


class LogSettings(Section):
    """Where the log goes; it names no person, place or word of a report at any level."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    file: FilePath | None = None
    json_lines: StrictBool = Field(default=False, alias="json")


class ControlSettings(Section):
    """The socket by which the command line speaks to a running network."""

    socket: FilePath | None = None


class Settings(Section):
    """All settings of one network."""

    network: NetworkSettings
    neighbourhood: tuple[NeighbourhoodSettings, ...] = Field(min_length=1)
    telegram: TelegramSettings = TelegramSettings()
    signal: SignalSettings = SignalSettings()
    pager: PagerSettings = PagerSettings()
    watch: WatchSettings = WatchSettings()
    limits_: LimitSettings = Field(default=LimitSettings(), alias="limits")
    retention: RetentionSettings = RetentionSettings()
    reach: ReachSettings = ReachSettings()
    check: CheckSettings = CheckSettings()
    log: LogSettings = LogSettings()
    control: ControlSettings = ControlSettings()

    @property
    def control_socket(self) -> Path:
        """The socket's path: the one that is set, else `control.sock` in the data folder."""
        return self.control.socket or self.network.data_dir / "control.sock"

    def neighbourhoods(self) -> tuple[Neighbourhood, ...]:
        """The neighbourhoods as the core knows them; adjacency holds in both directions."""
        pairs = {(a.id, b) for a in self.neighbourhood for b in a.adjacent}
        pairs |= {(b, a) for a, b in pairs}
        order = [place.id for place in self.neighbourhood]
        return tuple(
            Neighbourhood(
                id=Place(one.id),
                name=one.name,
                aliases=one.aliases,
                languages=one.languages or self.network.languages,
                adjacent=tuple(Place(other) for other in order if (one.id, other) in pairs),
                time_zone=one.time_zone,
                boundary=one.boundary,
            )
            for one in self.neighbourhood
        )

    def limits(self) -> Limits:
        """The limits as the core knows them."""
        have = self.limits_
        return Limits(
            pages_a_night=have.pages_a_night,
            rest_s=int(have.rest.total_seconds()),
            vouches_for_known=have.vouches_for_known,
            vouches_for_trusted=have.vouches_for_trusted,
            reports_per_10_min=have.reports_per_10_min,
            unknown_held=have.unknown_held,
        )

"""The kinds of values that settings are made of, each with the words for what is wrong with one.

Rules it keeps
    * A refusal (`ValueError`) says what a right value looks like and never quotes the wrong one.
    * A path is relative to the folder of the configuration file, which comes in as the
      validation context `{"base": folder}`; without a context, to the working directory.
"""

from __future__ import annotations

import json
import re
from datetime import timedelta
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, BeforeValidator, SecretStr, ValidationInfo

from responder.core.phrases import LANGUAGES
from responder.core.places import boundary_from_geojson

_UNITS = {"s": 1, "min": 60, "h": 3600, "d": 86400}
_LENGTH = re.compile(r"(?<!\d)(\d{1,6})\s*(s|min|h|d)")
"""Six digits: enough for a month in seconds, and in days still a time that a calendar knows."""

ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def _duration(value: object) -> object:
    if isinstance(value, timedelta):
        return value
    text = value.strip() if isinstance(value, str) else ""
    parts: list[tuple[str, str]] = _LENGTH.findall(text)
    if not parts or _LENGTH.sub("", text).strip():
        raise ValueError('must be a length of time with its unit, such as "90 s", "30 min", "24 h"')
    return timedelta(seconds=sum(int(number) * _UNITS[unit] for number, unit in parts))


def _timer(value: timedelta) -> timedelta:
    """A brief must stay readable while a team is out; Signal's apps offer four weeks at most."""
    if value and not timedelta(hours=1) <= value <= timedelta(days=28):
        raise ValueError('must be from "1 h" to "28 d", or "0 s" for no timer')
    return value


def _probing(value: timedelta) -> timedelta:
    """Two and a half minutes and the wait for an answer stay below five minutes."""
    if value and not timedelta(seconds=1) <= value <= timedelta(seconds=150):
        raise ValueError('must be from "1 s" to "150 s", or "0 s" for never')
    return value


def _asking(value: timedelta) -> timedelta:
    """Oftener than weekly is a nuisance; rarer than quarterly finds nobody in time."""
    if value and not timedelta(days=7) <= value <= timedelta(days=92):
        raise ValueError('must be from "7 d" to "92 d", or "0 s" for never')
    return value


def _path(value: object, info: ValidationInfo) -> object:
    if isinstance(value, str) and not value:
        raise ValueError("must not be empty; leave the line out for the default")
    if not isinstance(value, str | Path):
        raise ValueError("must be a path in quotes")
    base = info.context["base"] if info.context else Path()
    return base / Path(value).expanduser()


def _address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError('must be an address such as "http://127.0.0.1:8080"')
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("must hold no user name, password, question mark or #")
    return value.rstrip("/")


def _listen(value: str) -> str:
    host, _, port = value.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ValueError('must be an address and a port to listen on, such as "127.0.0.1:8090"')
    return value


def _loopback(value: str) -> str:
    if not _is_here(_listen(value).rpartition(":")[0].strip("[]")):
        raise ValueError('must be an address of this machine alone, such as "127.0.0.1:9464"')
    return value


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _page(value: str) -> str:
    parts = urlsplit(_address(value))
    if parts.scheme != "https" and not _is_here(parts.hostname or ""):
        raise ValueError(
            "must begin with https://, with a certificate that phones accept: browsers keep no key "
            "for other pages"
        )
    return _address(value)


def _language(value: str) -> str:
    if value not in LANGUAGES:
        raise ValueError("is a language that the program does not speak: " + ", ".join(LANGUAGES))
    return value


def _number(value: str) -> str:
    if not re.fullmatch(r"\+[0-9]{7,15}", value):
        raise ValueError("must be the whole number with + and country code, digits only")
    return value


def _id(value: str) -> str:
    if not ID.fullmatch(value) or len(value) > 40:
        raise ValueError('must be small letters, digits and single hyphens, such as "old-town"')
    return value


def _words(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be empty")
    return value.strip()


def _some(value: tuple[str, ...]) -> tuple[str, ...]:
    if not value:
        raise ValueError("must not be empty; leave the line out for the default")
    return value


def _time_zone(value: str) -> str:
    # To list every zone takes longer than to read the rest of the file: only for a hint.
    if _is_zone(value):
        return value
    zones = available_timezones()
    cities = {zone.rpartition("/")[2]: zone for zone in sorted(zones, reverse=True)}
    near = get_close_matches(value.replace(" ", "_"), [*zones, *cities], n=1, cutoff=0.6)
    hint = f'; did you mean "{cities.get(near[0], near[0])}"?' if near else ""
    raise ValueError(f'must be a time zone such as "Europe/Madrid"{hint}')


def _is_zone(value: str) -> bool:
    """Whether it is one that `available_timezones` lists; copies of the database are not."""
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return value.partition("/")[0] not in {"posix", "right", "posixrules"}


def _boundary(value: object, info: ValidationInfo) -> object:
    """Read the GeoJSON file that a path names; finished rings pass as they are."""
    if isinstance(value, tuple):
        return value
    path = Path(str(_path(value, info)))
    try:
        return boundary_from_geojson(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ValueError(f"names a file that cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        raise ValueError("names a file that is not GeoJSON text") from None


def _token(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"\d+:\S+", value.get_secret_value()):
        raise ValueError("does not look like a token: digits, a colon, letters (from BotFather)")
    return value


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Probing = Annotated[Duration, AfterValidator(_probing)]
Timer = Annotated[Duration, AfterValidator(_timer)]
Asking = Annotated[Duration, AfterValidator(_asking)]
FilePath = Annotated[Path, BeforeValidator(_path)]
Address = Annotated[str, AfterValidator(_address)]
Words = Annotated[str, AfterValidator(_words)]
Language = Annotated[str, AfterValidator(_language)]
Languages = Annotated[tuple[Language, ...], AfterValidator(_some)]
Id = Annotated[str, AfterValidator(_id)]
Token = Annotated[SecretStr, AfterValidator(_token)]
Rings = tuple[tuple[tuple[float, float], ...], ...]
Listen = Annotated[str, AfterValidator(_listen)]
Page = Annotated[str, AfterValidator(_page)]
"""The address of a page that browsers keep keys for; without https on this machine alone."""
Loopback = Annotated[str, AfterValidator(_loopback)]
"""An address and port that nobody but this machine reaches."""
Number = Annotated[str, AfterValidator(_number)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]
Boundary = Annotated[Rings, BeforeValidator(_boundary)]

_BOT_NAME = re.compile(r"^[A-Za-z][A-Za-z0-9_]{3,30}[Bb][Oo][Tt]$")


def _bot_name(text: str) -> str:
    if not _BOT_NAME.match(text):
        raise ValueError("is not a bot's name; BotFather's names end in bot, write it without @")
    return text


BotName = Annotated[str, AfterValidator(_bot_name)]
"""A Telegram bot's name, without the @."""

_URL_PATH = re.compile(r"^/[A-Za-z0-9_-]{1,100}$")


def _url_path(text: str) -> str:
    if not _URL_PATH.match(text):
        raise ValueError("is not a path: a slash, then letters, digits, - or _, like /signal")
    return text


UrlPath = Annotated[str, AfterValidator(_url_path)]
"""The path of an address that we listen on."""

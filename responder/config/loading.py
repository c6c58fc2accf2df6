"""From a TOML file to `Settings`, or to all its faults at once.

Rules it keeps
    * Sections are checked one by one, so that a fault in one hides no fault in another.
    * A secret is taken from the environment, else from the file that the settings name, else from
      the settings themselves.
    * pydantic's own words are used nowhere: they may quote a value.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from responder.config.faults import ConfigFaults, Fault, did_you_mean
from responder.config.reading import MANUAL, read
from responder.config.settings import (
    CheckSettings,
    ControlSettings,
    LimitSettings,
    LogSettings,
    NeighbourhoodSettings,
    NetworkSettings,
    PagerSettings,
    ReachSettings,
    RetentionSettings,
    Section,
    Settings,
    SignalSettings,
    TelegramSettings,
    WatchSettings,
)
from responder.config.values import ID
from responder.core.phrases import LANGUAGES

TOKEN_VARIABLE = "RESPONDER_TELEGRAM_TOKEN"  # noqa: S105 - the name of a variable
PASSPHRASE_VARIABLE = "RESPONDER_PASSPHRASE"  # noqa: S105 - the name of a variable
SOCKET_PATH_BYTES = 107
"""The longest path that Linux takes for a socket: `sun_path` in unix(7), less its closing zero."""

_SECTIONS: dict[str, type[Section]] = {
    "network": NetworkSettings,
    "telegram": TelegramSettings,
    "signal": SignalSettings,
    "pager": PagerSettings,
    "watch": WatchSettings,
    "neighbourhood": NeighbourhoodSettings,
    "limits": LimitSettings,
    "retention": RetentionSettings,
    "reach": ReachSettings,
    "check": CheckSettings,
    "log": LogSettings,
    "control": ControlSettings,
}
_NAMES = frozenset(_SECTIONS).union(LANGUAGES, *(kind.keys() for kind in _SECTIONS.values()))
_WRONG = {
    "missing": "is missing",
    "extra_forbidden": "is not a key that is known here",
    "string_type": "must be text in quotes",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "tuple_type": "must be a list in square brackets",
    "dict_type": "must be a table",
    "model_type": "must be a table",
}

S = TypeVar("S", bound=Section)


def load(path: Path, env: Mapping[str, str] | None = None) -> Settings:
    """The settings that stand in the file; `ConfigFaults` with all faults where there are any.

    `env` is the environment, `os.environ` unless given: it may hold the token and the passphrase.
    """
    base = path.resolve().parent
    loader = _Loader(base, os.environ if env is None else env)
    raw = read(path, _NAMES)
    if isinstance(raw, Fault):
        raise ConfigFaults(path, [raw])
    settings = loader.settings(raw)
    if settings is None:
        raise ConfigFaults(path, loader.faults)
    return settings


class _Loader:
    """Checks one file section by section, so that a fault in one hides no fault in another."""

    def __init__(self, base: Path, env: Mapping[str, str]) -> None:
        self.base = base
        self.env = env
        self.faults: list[Fault] = []

    def fault(self, key: str, wrong: str, meant: str = "") -> None:
        self.faults.append(Fault(key=key, wrong=wrong, meant=meant))

    def settings(self, raw: dict[str, Any]) -> Settings | None:
        for key in raw.keys() - _SECTIONS.keys():
            self.fault(key, "is not a section that is known", _where_is(key, list(_SECTIONS)))
        network = self.network(raw)
        places = self.neighbourhoods(raw, network)
        telegram = self.telegram(raw)
        signal = self.section(SignalSettings, raw.get("signal", {}), "signal")
        if signal and signal.enabled and not signal.number:
            self.fault("signal.number", "is missing", "or set signal.enabled = false")
        pager = self.section(PagerSettings, raw.get("pager", {}), "pager")
        watch = self.section(WatchSettings, raw.get("watch", {}), "watch")
        limits = self.section(LimitSettings, raw.get("limits", {}), "limits")
        if limits and limits.vouches_for_trusted < limits.vouches_for_known:
            self.fault("limits.vouches_for_trusted", "must not be below vouches_for_known")
        retention = self.section(RetentionSettings, raw.get("retention", {}), "retention")
        reach = self.section(ReachSettings, raw.get("reach", {}), "reach")
        check = self.section(CheckSettings, raw.get("check", {}), "check")
        log = self.section(LogSettings, raw.get("log", {}), "log")
        control = self.section(ControlSettings, raw.get("control", {}), "control")
        if not (network and telegram and signal and limits and retention and check):
            return None
        if not (log and control and places and pager and watch and reach):
            return None
        settings = Settings(
            network=network,
            neighbourhood=places,
            telegram=telegram,
            signal=signal,
            pager=pager,
            watch=watch,
            limits=limits,
            retention=retention,
            reach=reach,
            check=check,
            log=log,
            control=control,
        )
        if len(os.fsencode(settings.control_socket)) > SOCKET_PATH_BYTES:
            wrong = f"is longer than the {SOCKET_PATH_BYTES} bytes that a socket's path may have"
            self.fault("control.socket", wrong, "name a shorter one, such as /run/responder.sock")
        return None if self.faults else settings

    def section(self, kind: type[S], raw: object, key: str) -> S | None:
        """One section, or None with its faults noted."""
        if not isinstance(raw, dict):
            self.fault(key, "must be a table", f"write [{key}] on a line of its own")
            return None
        try:
            return kind.model_validate(raw, context={"base": self.base})
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                self.faults.append(_translated(detail, kind, key))
            return None

    def network(self, raw: dict[str, Any]) -> NetworkSettings | None:
        section = raw.get("network", {})
        if isinstance(section, dict):
            if "passphrase" in section:
                meant = f"use network.passphrase_file or the variable {PASSPHRASE_VARIABLE}"
                self.fault("network.passphrase", "must not stand in this file", meant)
            section = {k: v for k, v in section.items() if k != "passphrase"}
            self.secret(section, "network", "passphrase", PASSPHRASE_VARIABLE)
        network = self.section(NetworkSettings, section, "network")
        for language in network.languages if network else ():
            if network and language not in network.emergency_line:
                meant = "say whom to call if someone is in danger of their life"
                self.fault(f"network.emergency_line.{language}", "is missing", meant)
        return network

    def telegram(self, raw: dict[str, Any]) -> TelegramSettings | None:
        section = raw.get("telegram", {})
        if isinstance(section, dict):
            section = dict(section)
            self.secret(section, "telegram", "token", TOKEN_VARIABLE)
        telegram = self.section(TelegramSettings, section, "telegram")
        if telegram and telegram.enabled and telegram.token is None:
            meant = f"or set {TOKEN_VARIABLE}, telegram.token_file, or telegram.enabled = false"
            self.fault("telegram.token", "is missing", meant)
        return telegram

    def secret(self, section: dict[str, Any], at: str, name: str, variable: str) -> None:
        """Put the secret into the section: the environment's, else the file's, else its own."""
        file = section.get(f"{name}_file")
        if self.env.get(variable):
            section[name] = self.env[variable].strip()
        elif isinstance(file, str) and file:
            try:
                text = (self.base / Path(file).expanduser()).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                reason = getattr(error, "strerror", None) or "not text"
                self.fault(f"{at}.{name}_file", f"names a file that cannot be read: {reason}")
                return
            if text:
                section[name] = text
            else:
                self.fault(f"{at}.{name}_file", "names a file that is empty")

    def neighbourhoods(
        self, raw: dict[str, Any], network: NetworkSettings | None
    ) -> tuple[NeighbourhoodSettings, ...]:
        tables = raw.get("neighbourhood", [])
        if not isinstance(tables, list) or not tables:
            meant = "write one [[neighbourhood]] at least, in double brackets"
            self.fault("neighbourhood", "is missing", meant)
            return ()
        ids = [table.get("id") for table in tables if isinstance(table, dict)]
        known = [id for id in ids if isinstance(id, str)]
        places: list[NeighbourhoodSettings] = []
        names: dict[str, str] = {}
        for number, table in enumerate(tables, 1):
            key = f"neighbourhood[{number}]"
            place = self.section(NeighbourhoodSettings, table, key)
            if place:
                self.neighbourhood(place, key, known, names, network)
                places.append(place)
        return tuple(places)

    def neighbourhood(
        self,
        place: NeighbourhoodSettings,
        key: str,
        known: list[str],
        names: dict[str, str],
        network: NetworkSettings | None,
    ) -> None:
        """Check one neighbourhood against the others; `names` gathers who is called what."""
        called = {name.casefold() for name in (place.id, place.name, *place.aliases)}
        if place.id in names.values():
            self.fault(f"{key}.id", f'"{place.id}" is the id of an earlier neighbourhood')
        elif clash := sorted({names[name] for name in called if name in names}):
            meant = "reporters could mean either; a name or alias belongs to one"
            self.fault(key, f'shares a name or alias with "{clash[0]}"', meant)
        names.update({name: place.id for name in called})
        for other in place.adjacent:
            if other == place.id:
                self.fault(f"{key}.adjacent", "names the neighbourhood itself")
            elif other not in known:
                shown = f'"{other}"' if len(other) <= 40 and ID.fullmatch(other) else "an id"
                hint = did_you_mean(other, [id for id in known if id != place.id])
                self.fault(f"{key}.adjacent", f"names {shown} that no neighbourhood has", hint)
        for language in place.languages:
            if network and language not in network.languages:
                self.fault(f"{key}.languages", f"{language} is not among network.languages")


def _translated(detail: ErrorDetails, kind: type[Section], section: str) -> Fault:
    """A fault in plain words; pydantic's own text is used only where it quotes no value."""
    key = section
    for part in detail["loc"]:
        key += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if part != "[key]" else ""
    context = detail.get("ctx", {})
    name = str(detail["loc"][0]) if detail["loc"] else ""
    match detail["type"]:
        case "value_error":
            return Fault(key=key, wrong=str(context["error"]))
        case "literal_error":
            known = re.findall(r"'([^']*)'", str(context["expected"]))
            hint = did_you_mean(str(detail["input"]), known)
            return Fault(key=key, wrong="must be one of: " + ", ".join(known), meant=hint)
        case "greater_than_equal":
            return Fault(key=key, wrong=f"must be at least {context['ge']}")
        case "less_than_equal":
            return Fault(key=key, wrong=f"must be at most {context['le']}")
        case "extra_forbidden":
            hint = _where_is(name, kind.keys())
            return Fault(key=key, wrong=_WRONG["extra_forbidden"], meant=hint)
        case other:
            return Fault(key=key, wrong=_WRONG.get(other, "is not as it must be"), meant=MANUAL)


def _where_is(key: str, near: list[str]) -> str:
    """What an unknown key may stand for: a similar one here, or the same one elsewhere."""
    if hint := did_you_mean(key, near):
        return hint
    homes = [name for name, section in _SECTIONS.items() if key in set(section.keys())]
    return f"did you mean it under [{homes[0]}]?" if homes else MANUAL

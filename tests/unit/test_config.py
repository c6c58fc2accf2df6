"""The settings file: the example is the manual, all faults come at once, secrets stay inside."""

from __future__ import annotations

import re
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from responder import shipped
from responder.config import ConfigFaults, Settings, load
from responder.core.model import Place

CANARY = "123456:CANARY-of-a-token"

HEAD = """
[network]
name = "Made-up network"
[network.emergency_line]
en = "Call the emergency number."
es = "Llama al número de emergencias."
"""
PLACES = """
[[neighbourhood]]
id = "riverside"
name = "Riverside"
time_zone = "Europe/Madrid"
adjacent = ["northside"]
[[neighbourhood]]
id = "northside"
name = "Northside"
time_zone = "Europe/Madrid"
"""


def a_file(folder: Path, *parts: str) -> Path:
    path = folder / "config.toml"
    path.write_text("\n".join(parts), encoding="utf-8")
    return path


def settings_of(folder: Path, *parts: str, env: dict[str, str] | None = None) -> Settings:
    return load(a_file(folder, *parts), env or {})


def faults_of(folder: Path, *parts: str, env: dict[str, str] | None = None) -> dict[str, str]:
    """The faults by key, each as its whole line."""
    with pytest.raises(ConfigFaults) as caught:
        load(a_file(folder, *parts), env or {})
    return {fault.key: str(fault) for fault in caught.value.faults}


# --- the example is the manual -------------------------------------------------------------------


def example_with_everything_on() -> dict[str, Any]:
    text = shipped.example_config().read_text(encoding="utf-8")
    return tomllib.loads(re.sub(r"^#(?=\S)", "", text, flags=re.MULTILINE))


def sections() -> list[tuple[str, Any]]:
    found = []
    for field, info in Settings.model_fields.items():
        kind = info.annotation
        if field == "neighbourhood":
            kind = kind.__args__[0]  # type: ignore[union-attr]
        found.append((info.alias or field, kind))
    return found


def test_every_setting_stands_in_the_example() -> None:
    example = example_with_everything_on()
    for name, kind in sections():
        table = example[name][0] if name == "neighbourhood" else example[name]
        assert sorted(table) == sorted(kind.keys()), name


def test_every_key_of_the_example_is_explained_above_it() -> None:
    lines = shipped.example_config().read_text(encoding="utf-8").splitlines()
    first_block = lines[: lines.index('id = "northside"')]
    keys = [n for n, line in enumerate(first_block) if re.match(r"#?[a-z_]+ = ", line)]
    bare = [
        lines[n]
        for n in keys
        if not lines[n - 1].startswith(("# ", "[network.", "#[network."))
        and not re.match(r"#?[a-z_]+ = ", lines[n - 1])
    ]
    assert bare == []


def test_the_example_loads_as_it_is_and_holds_the_defaults(tmp_path: Path) -> None:
    text = shipped.example_config().read_text(encoding="utf-8")
    example = settings_of(tmp_path, text)
    bare = settings_of(tmp_path, HEAD, PLACES)
    required = {"network": {"name", "emergency_line"}, "neighbourhood": set[str]()}
    for name in ("telegram", "signal", "limits_", "retention", "check", "log", "control"):
        assert getattr(example, name) == getattr(bare, name), name
    assert example.network.model_dump(exclude=required["network"]) == bare.network.model_dump(
        exclude=required["network"]
    )


def test_the_example_loads_with_everything_switched_on(tmp_path: Path) -> None:
    text = shipped.example_config().read_text(encoding="utf-8")
    text = re.sub(r"^#(?=\S)", "", text, flags=re.MULTILINE)
    text = text.replace('passphrase_file = "/run/responder/passphrase"', "")
    text = text.replace('boundary = "riverside.geojson"', "")
    (tmp_path / "telegram.token").write_text(CANARY)
    settings = settings_of(tmp_path, text)
    assert settings.telegram.on
    assert settings.signal.on


# --- what comes out ------------------------------------------------------------------------------


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, HEAD, PLACES, '[log]\nfile = "logs/out.log"')
    assert settings.network.data_dir == tmp_path / "data"
    assert settings.log.file == tmp_path / "logs/out.log"
    assert settings.control_socket == tmp_path / "data/control.sock"


def test_adjacency_is_healed_in_both_directions(tmp_path: Path) -> None:
    riverside, northside = settings_of(tmp_path, HEAD, PLACES).neighbourhoods()
    assert riverside.adjacent == (Place("northside"),)
    assert northside.adjacent == (Place("riverside"),)
    assert northside.languages == ("en", "es")


def test_limits_are_handed_to_the_core_in_its_own_units(tmp_path: Path) -> None:
    limits = settings_of(tmp_path, HEAD, PLACES, '[limits]\nrest = "1 d 12 h"').limits()
    assert limits.rest_s == timedelta(hours=36).total_seconds()
    assert limits.pages_a_night == 3


def test_settings_cannot_be_changed(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, HEAD, PLACES)
    with pytest.raises(ValueError, match="frozen"):
        settings.network.name = "other"  # type: ignore[misc]


def test_a_boundary_is_read_beside_the_file(tmp_path: Path) -> None:
    ring = "[[0, 0], [0, 1], [1, 1], [0, 0]]"
    (tmp_path / "north.geojson").write_text(f'{{"type": "Polygon", "coordinates": [{ring}]}}')
    settings = settings_of(tmp_path, HEAD, PLACES, 'boundary = "north.geojson"')
    assert len(settings.neighbourhoods()[1].boundary) == 1


def test_a_boundary_that_cannot_be_used_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "broken.geojson").write_text('{"type": "Poi')
    missing = faults_of(tmp_path, HEAD, PLACES, 'boundary = "none.geojson"')
    broken = faults_of(tmp_path, HEAD, PLACES, 'boundary = "broken.geojson"')
    assert "cannot be read" in missing["neighbourhood[2].boundary"]
    assert "neighbourhood[2].boundary" in broken


# --- faults --------------------------------------------------------------------------------------


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    faults = faults_of(
        tmp_path,
        '[network]\nnam = "x"\nlanguages = ["fr"]\nkey = "fil"',
        '[network.emergency_line]\nen = "Call."',
        '[telegram]\nenabled = true\napi_url = "ftp://x"',
        '[signal]\nnumber = "0155501"\nreceive = "websockt"',
        '[limits]\nrest = "24"\npages_a_night = 0',
        PLACES.replace('["northside"]', '["nortside"]'),
        "[limmits]",
    )
    assert set(faults) == {
        "network.name",
        "network.nam",
        "network.languages[1]",
        "network.key",
        "telegram.api_url",
        "signal.number",
        "signal.receive",
        "limits.rest",
        "limits.pages_a_night",
        "neighbourhood[1].adjacent",
        "limmits",
    }
    assert 'did you mean "name"?' in faults["network.nam"]
    assert 'did you mean "northside"?' in faults["neighbourhood[1].adjacent"]
    assert 'did you mean "websocket"?' in faults["signal.receive"]


@pytest.mark.parametrize(
    ("more", "key", "words"),
    [
        ("[limits]\npages_a_night = true", "limits.pages_a_night", "whole number"),
        ('[limits]\nrest = "soon"', "limits.rest", "with its unit"),
        ("[limits]\nvouches_for_known = 4", "limits.vouches_for_trusted", "below"),
        ("[limits]\npages_a_night = 99", "limits.pages_a_night", "at most 50"),
        ("[log]\nfile = 3", "log.file", "path"),
        ('[log]\nlevel = "verbose"', "log.level", "one of: debug"),
        ('[pager]\nurl = "http://pager.example.org/"', "pager.url", "https://"),
        ('[pager]\nurl = "https://pager.example.org/#a"', "pager.url", "question mark or #"),
        ('[signal]\nwebhook_listen = "8090"', "signal.webhook_listen", "port"),
        ("[signal]\nenabled = true", "signal.number", "missing"),
        ("[telegram]\nenabled = true", "telegram.token", "RESPONDER_TELEGRAM_TOKEN"),
        ('[telegram]\ntoken_file = "none"', "telegram.token_file", "cannot be read"),
        ('[telegram]\nservice_url = ""', "telegram.service_url", "under [signal]"),
        ('[control]\nsocket = "' + "x" * 200 + '"', "control.socket", "107 bytes"),
    ],
)
def test_each_fault_says_what_is_wrong(tmp_path: Path, more: str, key: str, words: str) -> None:
    assert words in faults_of(tmp_path, HEAD, PLACES, more)[key]


@pytest.mark.parametrize("url", ["https://p.example/a/", "http://127.0.0.1:8085", "http://[::1]/"])
def test_the_pager_lies_where_browsers_keep_keys(tmp_path: Path, url: str) -> None:
    settings = load(a_file(tmp_path, HEAD, PLACES, f'[pager]\nurl = "{url}"'), {})
    assert settings.pager.page == url.rstrip("/") + "/"


@pytest.mark.parametrize(
    ("old", "new", "key", "words"),
    [
        ('id = "northside"', 'id = "riverside"', "neighbourhood[2].id", "earlier"),
        ('name = "Northside"', 'name = "RIVERSIDE"', "neighbourhood[2]", "shares a name"),
        ('["northside"]', '["riverside"]', "neighbourhood[1].adjacent", "itself"),
        ("Europe/Madrid", "europe/madird", "neighbourhood[1].time_zone", '"Europe/Madrid"?'),
        ("Europe/Madrid", "Madrid", "neighbourhood[2].time_zone", '"Europe/Madrid"?'),
        ("Europe/Madrid", "Europe", "neighbourhood[1].time_zone", "must be a time zone"),
        ('id = "riverside"', 'id = "River Side"', "neighbourhood[1].id", "small letters"),
    ],
)
def test_neighbourhoods_are_checked_against_each_other(
    tmp_path: Path, old: str, new: str, key: str, words: str
) -> None:
    assert words in faults_of(tmp_path, HEAD, PLACES.replace(old, new))[key]


def test_the_emergency_line_is_due_in_every_language(tmp_path: Path) -> None:
    faults = faults_of(tmp_path, re.sub("^es = .*$", "", HEAD, flags=re.M), PLACES)
    assert "danger of their life" in faults["network.emergency_line.es"]


def test_a_network_without_neighbourhoods_is_told_so(tmp_path: Path) -> None:
    assert "[[neighbourhood]]" in faults_of(tmp_path, HEAD)["neighbourhood"]
    assert "[[neighbourhood]]" in faults_of(tmp_path, HEAD, "[neighbourhood]")["neighbourhood"]


def test_a_section_that_is_no_table_is_told_so(tmp_path: Path) -> None:
    assert "[limits]" in faults_of(tmp_path, "limits = 3", HEAD, PLACES)["limits"]


def test_a_missing_or_broken_file_is_one_plain_fault(tmp_path: Path) -> None:
    with pytest.raises(ConfigFaults, match="responder init"):
        load(tmp_path / "none.toml", {})
    broken = faults_of(tmp_path, "[network]", "name = x", "key = 1")
    assert list(broken) == ["line 2 (name)"]


# --- secrets -------------------------------------------------------------------------------------


def test_the_environment_goes_before_the_file_and_the_file_before_the_settings(
    tmp_path: Path,
) -> None:
    (tmp_path / "token").write_text("2:file\n")
    own, named = '[telegram]\ntoken = "1:own"', 'token_file = "token"'
    env = {"RESPONDER_TELEGRAM_TOKEN": "3:environment"}
    won = [
        settings_of(tmp_path, HEAD, PLACES, own),
        settings_of(tmp_path, HEAD, PLACES, own, named),
        settings_of(tmp_path, HEAD, PLACES, own, named, env=env),
    ]
    tokens = [s.telegram.token.get_secret_value() for s in won if s.telegram.token]
    assert tokens == ["1:own", "2:file", "3:environment"]


def test_a_bot_runs_when_its_token_is_there_unless_switched_off(tmp_path: Path) -> None:
    token = f'[telegram]\ntoken = "{CANARY}"'
    assert settings_of(tmp_path, HEAD, PLACES, token).telegram.on
    assert not settings_of(tmp_path, HEAD, PLACES, token, "enabled = false").telegram.on
    assert not settings_of(tmp_path, HEAD, PLACES).telegram.on


def test_a_passphrase_comes_from_outside_the_file_only(tmp_path: Path) -> None:
    env = {"RESPONDER_PASSPHRASE": "canary words"}
    settings = settings_of(tmp_path, HEAD, PLACES, env=env)
    assert settings.network.passphrase is not None
    assert settings.network.passphrase.get_secret_value() == "canary words"
    inside = HEAD.replace("[network]", '[network]\npassphrase = "canary"')
    assert "RESPONDER_PASSPHRASE" in faults_of(tmp_path, inside, PLACES)["network.passphrase"]


def test_no_repr_shows_a_secret(tmp_path: Path) -> None:
    env = {"RESPONDER_TELEGRAM_TOKEN": CANARY, "RESPONDER_PASSPHRASE": CANARY}
    settings = settings_of(tmp_path, HEAD, PLACES, env=env)
    assert "CANARY" not in f"{settings!r} {settings} {settings.model_dump_json()}"


@pytest.mark.parametrize(
    "line",
    [
        f'[telegram]\ntoken = "bot {CANARY}"',
        f'[telegram]\ntokn = "{CANARY}"',
        f"[telegram]\ntoken = {CANARY}",
        f'[telegram]\napi_url = "{CANARY}"',
        f'[telegram]\nenabled = "{CANARY}"',
        f'[signal]\nreceive = "{CANARY}"',
        f'[signal]\nnumber = "{CANARY}"',
        f'[limits]\nrest = "{CANARY}"',
        f'[log]\nlevel = "{CANARY}"',
        f'[log]\njson = "{CANARY}"',
        f'[control]\nsocket = ["{CANARY}"]',
        PLACES.replace('["northside"]', f'["{CANARY}"]'),
        PLACES.replace('"Northside"', f'["{CANARY}"]'),
    ],
)
def test_no_fault_shows_a_misplaced_secret(tmp_path: Path, line: str) -> None:
    with pytest.raises(ConfigFaults) as caught:
        load(a_file(tmp_path, HEAD, PLACES, line), {})
    assert "CANARY" not in f"{caught.value} {caught.value!r} {caught.value.__cause__!r}"
    assert caught.value.__suppress_context__ or caught.value.__context__ is None

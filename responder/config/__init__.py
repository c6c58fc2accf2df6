"""The settings: one TOML file in, frozen typed records out, every fault at once.

What it is for
    A coordinator edits `config.toml`; `load` either returns `Settings` or raises `ConfigFaults`
    with all that is wrong in it, each fault with its dotted key, what is wrong and what is meant.

What it must not know
    The store, the bots, the core's decisions.
"""

from responder.config.faults import ConfigFaults, Fault
from responder.config.loading import PASSPHRASE_VARIABLE, TOKEN_VARIABLE, load
from responder.config.settings import (
    LOCKED_FILE,
    CheckSettings,
    ControlSettings,
    LimitSettings,
    LogSettings,
    NeighbourhoodSettings,
    NetworkSettings,
    PagerSettings,
    ReachSettings,
    RetentionSettings,
    Settings,
    SignalSettings,
    TelegramSettings,
    WatchSettings,
)

__all__ = [
    "LOCKED_FILE",
    "PASSPHRASE_VARIABLE",
    "TOKEN_VARIABLE",
    "CheckSettings",
    "ConfigFaults",
    "ControlSettings",
    "Fault",
    "LimitSettings",
    "LogSettings",
    "NeighbourhoodSettings",
    "NetworkSettings",
    "PagerSettings",
    "ReachSettings",
    "RetentionSettings",
    "Settings",
    "SignalSettings",
    "TelegramSettings",
    "WatchSettings",
    "load",
]

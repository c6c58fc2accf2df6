"""Every word that people are sent, per language: `say(language, key, ...)`.

Rules it keeps
    * One table per language and room (`en_cards`, `en_chat`, ...), all with the same keys and the
      same placeholders; a test holds them together.
    * What people wrote is only ever put into a placeholder, never read as a template.

What it must not know
    Incidents, people, channels. A playbook's own words stand in the playbook.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from responder.core.phrases import (
    en_cards,
    en_chat,
    en_demo,
    en_desk,
    en_drills,
    en_graph,
    en_help,
    en_orders,
    en_phones,
    en_pleas,
    en_poster,
    en_rosters,
    en_screens,
    en_show,
    en_welcome,
    es_cards,
    es_chat,
    es_demo,
    es_desk,
    es_drills,
    es_graph,
    es_help,
    es_orders,
    es_phones,
    es_pleas,
    es_poster,
    es_rosters,
    es_screens,
    es_show,
    es_welcome,
)

LANGUAGES: Final = ("en", "es")
_FIELD: Final = re.compile(r"\{(\w+)\}")

TABLES: Final[dict[str, dict[str, str]]] = {
    "en": {
        **en_cards.PHRASES,
        **en_chat.PHRASES,
        **en_desk.PHRASES,
        **en_drills.PHRASES,
        **en_demo.PHRASES,
        **en_graph.PHRASES,
        **en_help.PHRASES,
        **en_orders.PHRASES,
        **en_phones.PHRASES,
        **en_pleas.PHRASES,
        **en_poster.PHRASES,
        **en_rosters.PHRASES,
        **en_screens.PHRASES,
        **en_show.PHRASES,
        **en_welcome.PHRASES,
    },
    "es": {
        **es_cards.PHRASES,
        **es_chat.PHRASES,
        **es_desk.PHRASES,
        **es_drills.PHRASES,
        **es_demo.PHRASES,
        **es_graph.PHRASES,
        **es_help.PHRASES,
        **es_orders.PHRASES,
        **es_phones.PHRASES,
        **es_pleas.PHRASES,
        **es_poster.PHRASES,
        **es_rosters.PHRASES,
        **es_screens.PHRASES,
        **es_show.PHRASES,
        **es_welcome.PHRASES,
    },
}


_WHOLE: Final[dict[str, dict[str, str]]] = {
    language: {key: text for key, text in table.items() if "{" not in text and "}" not in text}
    for language, table in TABLES.items()
}
"""The phrases into which nothing is put: most of them."""


_PARTED: Final[dict[str, dict[str, str]]] = {
    language: {key: _FIELD.sub(r"%(\1)s", text.replace("%", "%%")) for key, text in table.items()}
    for language, table in TABLES.items()
}
"""The same phrases as `%` takes them, which puts words in at half the cost of `format`."""


def say(language: str, key: str, /, **params: object) -> str:
    """The phrase in that language, English where the language is not spoken here.

    `KeyError` for a phrase or a placeholder that does not exist: our own bug, caught by a test.
    """
    return filled(language, key, params)


def filled(language: str, key: str, params: Mapping[str, object]) -> str:
    """As `say`, for whoever has the words that are put in at hand as a mapping."""
    if language not in TABLES:
        language = "en"
    whole = _WHOLE[language].get(key)
    return _PARTED[language][key] % params if whole is None else whole

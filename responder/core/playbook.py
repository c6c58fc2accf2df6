"""YAML text to `Playbook`, with every fault named by line and column.

What it is for
    A playbook is the part of the network that coordinators write themselves. This is the door to
    it: `load` a coordinator's text, `dump` the resolved playbook to the text that an incident is
    frozen with, `restore` it, and ask which playbook a person's words match.

Rules it keeps
    * A text is a playbook without fault or none at all; what is wrong is told completely, in words
      that say what to write instead.
    * `restore(dump(p)) == p`, and `p.digest` is the sha256 of `dump(p)`: an incident runs to its
      end on the playbook that it opened with (L9).

What it must not know
    The disk: the command line reads files. The words of any one playbook.
"""

from __future__ import annotations

from responder.core.playbooks.check import (
    LANGUAGES,
    decoded,
    load,
    load_bytes,
    restore,
    warnings,
)
from responder.core.playbooks.comparing import Difference, compare, friendly
from responder.core.playbooks.drafting import Answers, draft
from responder.core.playbooks.drawing import draw
from responder.core.playbooks.faults import Fault, PlaybookFaults
from responder.core.playbooks.matching import matches, near_misses
from responder.core.playbooks.path import Aside, Station, stations
from responder.core.playbooks.records import (
    SCHEMA,
    Brief,
    CheckIn,
    Choice,
    Corroboration,
    Debrief,
    FollowUp,
    Lines,
    Playbook,
    Question,
    Retention,
    Role,
    Team,
    Trust,
    Wave,
    Words,
    dump,
    seconds,
)
from responder.core.playbooks.schema import schema
from responder.core.playbooks.sharing import NOTHING_SHARED, Shared, includes, read_shared

__all__ = [
    "LANGUAGES",
    "NOTHING_SHARED",
    "SCHEMA",
    "Answers",
    "Aside",
    "Brief",
    "CheckIn",
    "Choice",
    "Corroboration",
    "Debrief",
    "Difference",
    "Fault",
    "FollowUp",
    "Lines",
    "Playbook",
    "PlaybookFaults",
    "Question",
    "Retention",
    "Role",
    "Shared",
    "Station",
    "Team",
    "Trust",
    "Wave",
    "Words",
    "compare",
    "decoded",
    "draft",
    "draw",
    "dump",
    "friendly",
    "includes",
    "load",
    "load_bytes",
    "matches",
    "near_misses",
    "read_shared",
    "restore",
    "schema",
    "seconds",
    "stations",
    "warnings",
]

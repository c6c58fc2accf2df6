"""A playbook rehearsed with tonight's roster, again and again, by the network's own decisions."""

from __future__ import annotations

from dataclasses import replace as changed
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from responder.commands.rehearsing import told
from responder.core.admin import AdminFault
from responder.core.admin.rehearsal import Facts
from responder.core.answers import Counts, Measured
from responder.core.model import Care, Level, Limits, Person, PersonId, Role, Training, encode
from responder.core.playbook import Playbook
from responder.playbook_files.rehearsal import Rehearsal, rehearse
from tests.builders import NORTHSIDE, NOW, a_member, a_playbook, neighbourhoods, on_call_now
from tests.unit.test_admin import Town

COPWATCH = a_playbook("copwatch")
PRIVATE = "private"


def people(many: int, **changes: Any) -> tuple[Person, ...]:
    """So many responders, all of whom can be asked."""
    address = msgspec.structs.replace(a_member("x").addresses[0], channel=PRIVATE)
    return tuple(a_member(f"Heron {n}", addresses=(address,), **changes) for n in range(many))


def facts(*present: Person, on_call: bool = True) -> Facts:
    """A Saturday evening at northside with these people."""
    return Facts(
        at=NOW,
        place=NORTHSIDE,
        people=present,
        shifts=(),
        overrides=tuple(on_call_now(person) for person in present if on_call),
        care=(),
        neighbourhoods=neighbourhoods(),
        limits=Limits(),
    )


def played(present: Facts, playbook: Playbook = COPWATCH, runs: int = 200) -> Rehearsal:
    return rehearse(present, playbook, runs)


def test_with_many_people_a_team_nearly_always_forms() -> None:
    result = played(facts(*people(40)))
    assert result.chance > 0.95
    median, late = result.percentile(0.5), result.percentile(0.9)
    assert median is not None and late is not None and 0 < median <= late < 30


def test_one_person_alone_never_goes() -> None:
    assert played(facts(*people(1))).chance == 0


def test_two_newcomers_never_make_a_team() -> None:
    assert played(facts(*people(2, experienced=False))).chance == 0


def test_two_who_say_yes_three_times_in_ten_come_together_about_once_in_eleven() -> None:
    assert played(facts(*people(2)), runs=2_000).chance == pytest.approx(0.09, abs=0.025)


def test_whoever_is_paged_and_not_needed_is_counted_as_woken_for_nothing() -> None:
    result = played(facts(*people(40)))
    assert all(many >= 0 for many in result.for_nothing)
    assert sum(result.for_nothing) == sum(result.paged) - 2 * len(result.minutes)
    assert sum(result.waves.values()) == sum(result.paged)
    assert result.reached[1] == result.runs


def test_it_says_why_people_who_live_near_could_not_be_asked() -> None:
    able, untrained, resting = people(3)
    untrained = replace(untrained, trainings=(Training(name="first-aid"),))
    tired = Care(person=resting.id, rest_until=NOW + timedelta(days=1))
    present = replace(facts(able, untrained, resting), care=(tired,))
    result = played(present, runs=10)
    assert (result.free, dict(result.barred)) == (1, {"training": 1, "resting": 1})
    off = played(facts(*people(2), on_call=False), runs=10)
    assert (off.free, dict(off.barred)) == (0, {"off-call": 2})


def test_the_same_seed_gives_the_same_result() -> None:
    present = facts(*people(12))
    one, other = (rehearse(present, COPWATCH, 50, seed=7) for _ in range(2))
    assert one == other
    assert changed(one, runs=51) != one
    assert rehearse(present, COPWATCH, 50, seed=8).minutes != one.minutes


def test_what_leaves_the_network_for_it_names_nobody() -> None:
    town = Town()
    town.joins("Heron", emergency_contact="a sister", duress_phrase="purple teapot")
    told = msgspec.json.encode(town.do("rehearsal.facts", at="fri 23:00")).decode()
    for secret in ('"Heron"', "h-Heron", "a sister", "purple"):
        assert secret not in told
    found = msgspec.convert(town.do("rehearsal.facts", neighbourhood="riverside"), Facts)
    (person,) = found.people
    assert person.has(Role.RESPONDER) and person.granted is Level.TRUSTED
    assert person.id == PersonId("p-Heron")


def test_the_hour_is_the_next_of_that_weekday_in_the_neighbourhoods_own_time() -> None:
    town = Town()
    found = msgspec.convert(town.do("rehearsal.facts", at="fri 23:00"), Facts)
    # The town's clock says Sunday; Friday at eleven in Chicago is Saturday at five in the morning.
    assert f"{found.at:%a %d %H:%M}" == "Sat 28 05:00"
    with pytest.raises(AdminFault, match="write fri 23:00, "):
        town.do("rehearsal.facts", at="some day")


HALF = Counts(yes=(20, 0, 0, 0, 0, 0), no=(20, 0, 0, 0, 0, 0))
"""Of forty who were asked, twenty said yes."""


def test_what_was_measured_there_goes_before_what_the_playbook_assumes() -> None:
    """Two people who say yes five times in ten come together one time in four."""
    present = replace(facts(*people(2)), measured=Measured(counts=HALF, part="evening"))
    result = played(present, runs=1_000)
    assert result.chance == pytest.approx(0.25, abs=0.05)
    said = "\n".join(told(result, COPWATCH, "Northside", NOW, "UTC", present.measured))
    assert "of 40 people paged for this in Northside in the evening, 50% said yes" in said
    assert "between 35% and 65%" in said
    assert "The playbook says 30%" in said and "Assumed, not measured" not in said


def test_the_network_hands_out_what_it_measured_for_that_kind_alone() -> None:
    town = Town()
    value = encode(HALF).decode()
    town.world.settings["answers:copwatch:northside:evening"] = value
    asked = {"at": "fri 20:00", "neighbourhood": "northside"}
    found = msgspec.convert(town.do("rehearsal.facts", kind="copwatch", **asked), Facts)
    assert found.measured == Measured(counts=HALF, part="evening")
    other = msgspec.convert(town.do("rehearsal.facts", kind="hate-incident", **asked), Facts)
    assert other.measured is None


def test_the_result_says_what_to_do_where_a_team_is_too_rare() -> None:
    rare, usual = (
        "\n".join(told(played(facts(*people(many))), COPWATCH, "Northside", NOW, "UTC"))
        for many in (2, 40)
    )
    assert "responder shift coverage" in rare
    assert "too rare" not in usual
    assert "2 people could be asked" in rare and "Assumed, not measured" in usual

"""What coordinators order at the machine, each operation over a real world."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from responder import shipped
from responder.core import network
from responder.core.admin import OPS, AdminFault, NotNow, story
from responder.core.changes import Changes, StoryLine
from responder.core.desk import Desk
from responder.core.model import (
    Address,
    Incident,
    Level,
    Neighbourhood,
    Network,
    Override,
    Person,
    PersonId,
    Place,
    Role,
    Stage,
    State,
    Training,
    Vouch,
    encode,
)
from responder.core.spoken import Inbound, Verb
from responder.core.world import World
from responder.playbook_files import shelf
from tests.builders import HERON, an_incident

NOW = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
PLACES = (
    Neighbourhood(id=Place("northside"), name="Northside", time_zone="America/Chicago"),
    Neighbourhood(
        id=Place("riverside"), name="Riverside", aliases=("la ribera",), time_zone="Europe/Madrid"
    ),
)
BOOKS = tuple(shelf.folder(shipped.playbooks_dir()).found.values())


class Town:
    """A world, and one desk after another for it."""

    def __init__(self) -> None:
        self.world = World(Network(name="Made up"), PLACES, private_channels=("signal",))
        self.count = 0
        for playbook in BOOKS:
            self.world.playbooks[playbook.id] = self.world.texts[playbook.digest] = playbook

    def desk(self) -> Desk:
        self.count += 1
        return Desk(self.world, NOW, self.count.to_bytes(32, "big"))

    def do(self, op: str, **args: Any) -> Any:
        """The answer of an operation, which must be plain JSON."""
        desk = self.desk()
        answer = OPS[op](desk, args)
        assert isinstance(encode(answer), bytes)
        self.changes: Changes = desk.changes
        return answer

    def refused(self, op: str, **args: Any) -> str:
        """What an operation says when it refuses; it must have changed nothing."""
        desk = self.desk()
        with pytest.raises(AdminFault) as caught:
            OPS[op](desk, args)
        assert desk.changes.empty
        return str(caught.value)

    def person(self, call_sign: str) -> Person:
        found = self.world.by_call_sign(call_sign)
        assert found is not None
        return found

    def joins(self, call_sign: str, **fields: Any) -> Person:
        """A member who is there already, on Signal."""
        person = Person(
            id=PersonId(f"p-{call_sign}"),
            call_sign=call_sign,
            **{
                "addresses": (Address(channel="signal", handle=f"h-{call_sign}"),),
                "roles": (Role.RESPONDER,),
                "granted": Level.TRUSTED,
                "neighbourhoods": (Place("northside"),),
                **fields,
            },
        )
        self.world.put(person)
        return person

    def says(self, handle: str, text: str) -> Changes:
        self.count += 1
        inbound = Inbound(
            channel="signal", key=str(self.count), handle=handle, at=NOW, text=text, language="en"
        )
        nonce = self.count.to_bytes(32, "big")
        return network.hear(self.world, inbound, NOW, nonce)

    def answers(self, call_sign: str, verb: Verb) -> None:
        """Send the number of the first open answer that means this."""
        prompts = self.world.prompts_of(PersonId(f"p-{call_sign}"))
        number = next(p.number for p in prompts if p.action.verb == verb)
        self.says(f"h-{call_sign}", str(number))

    def incident(self) -> Incident:
        (one,) = self.world.incidents.values()
        return one


@pytest.fixture
def town() -> Town:
    return Town()


@pytest.fixture
def out(town: Town) -> Town:
    """A town in which Heron and Wren are out on one incident, and Otter coordinates."""
    books = town.world.playbooks.values()
    trainings = tuple(Training(name=t) for t in {t for b in books for t in b.team.training})
    skills = tuple({s for b in books for s in b.team.skills})
    for name, old_hand in (("Heron", True), ("Wren", False)):
        person = town.joins(name, trainings=trainings, skills=skills, experienced=old_hand)
        start, end = NOW - timedelta(hours=1), NOW + timedelta(hours=8)
        over = Override(id=name, person=person.id, start=start, end=end, available=True)
        town.world.put(over)
    town.joins("Otter", roles=(Role.COORDINATOR, Role.VERIFIER))
    town.world.put(
        Person(
            id=PersonId("r"),
            granted=Level.TRUSTED,
            addresses=(Address(channel="signal", handle="h-r"),),
        )
    )
    town.says("h-r", "Cops are stopping kids in northside, corner of Main and 3rd!")
    for verb in (Verb.ACCEPT, Verb.HAVE_IT):
        for name in ("Heron", "Wren"):
            town.answers(name, verb)
    assert town.incident().state is State.OUT
    return town


# --- adding members ------------------------------------------------------------------------------


def test_a_new_member_gets_a_code_that_ties_a_first_channel(town: Town) -> None:
    made = town.do("member.add", call_sign="Heron", roles=["responder"], level="known")
    assert made["expires_at"] == "2026-11-29T14:00-06:00"
    town.says("h-new", f"join {made['code']}")
    assert town.person("heron").addresses == (Address(channel="signal", handle="h-new"),)


def test_everything_that_can_be_said_of_a_member_is_kept(town: Town) -> None:
    town.do(
        "member.add",
        call_sign="Heron",
        roles=["responder", "verifier"],
        neighbourhoods=["Northside", "La Ribera"],
        languages=["es", "pt"],
        language="es",
        skills=["first-aid"],
        trainings=["observer:2027-06-30", "de-escalation"],
        experienced=True,
        level="trusted",
        emergency_contact="a friend",
        duress_phrase="blue heron flies",
        pages_a_night=1,
    )
    heron = town.person("Heron")
    assert heron.neighbourhoods == ("northside", "riverside")
    assert heron.roles == (Role.RESPONDER, Role.VERIFIER)
    assert [t.name for t in heron.trainings] == ["observer", "de-escalation"]
    assert (heron.granted, heron.granted_by) == (Level.TRUSTED, None)
    assert heron.language_chosen


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"call_sign": "heron"}, "choose another call sign"),
        ({"call_sign": "7"}, "begins with a letter"),
        ({"roles": ["respnder"]}, "Did you mean responder?"),
        ({"neighbourhoods": ["northsid"]}, "Did you mean Northside?"),
        ({"language": "de"}, "does not speak"),
        ({"trainings": ["observer:soon"]}, "observer:2027-06-30"),
        ({"skills": ["First Aid"]}, "first-aid"),
        ({"level": "blocked"}, "member block"),
        ({"duress_phrase": "all ok"}, "by accident"),
        ({"duress_phrase": "12"}, "by accident"),
        ({"duress_phrase": "help"}, "by accident"),
        ({"pages_a_night": 99}, "0 to 50"),
        ({"experienced": "yes"}, "bool"),
        ({"shoe_size": 4}, "shoe_size"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_word_of_help(
    town: Town, wrong: dict[str, Any], says: str
) -> None:
    town.joins("Heron")
    assert says in town.refused("member.add", **{"call_sign": "Wren", **wrong})


def test_a_skill_that_no_playbook_asks_for_is_noted(town: Town) -> None:
    made = town.do("member.add", call_sign="Heron", roles=["responder"], skills=["juggling"])
    assert any("No playbook asks for the skill juggling" in note for note in made["notes"])


def test_a_second_channel_gets_a_code_of_its_own(town: Town) -> None:
    town.joins("Heron")
    town.says("h-second", f"join {town.do('member.code', call_sign='heron')['code']}")
    assert [a.handle for a in town.person("Heron").addresses] == ["h-Heron", "h-second"]


# --- editing and looking -------------------------------------------------------------------------


def test_a_change_leaves_alone_what_is_not_named(town: Town) -> None:
    before = town.joins("Heron", skills=("legal",))
    town.do("member.set", call_sign="heron", languages=["es"], rename="Kite")
    assert town.person("Kite") == replace(before, languages=("es",), call_sign="Kite")
    assert "Nothing about Kite" in town.refused("member.set", call_sign="Kite", languages=["es"])


def test_channels_are_put_in_order_and_dropped(town: Town) -> None:
    both = (Address(channel="telegram", handle="1"), Address(channel="signal", handle="2"))
    town.joins("Heron", addresses=both)
    town.do("member.set", call_sign="Heron", prefer="signal")
    assert [a.channel for a in town.person("Heron").addresses] == ["signal", "telegram"]
    town.do("member.set", call_sign="Heron", drop_channel="telegram")
    assert town.world.at_address("telegram", "1") is None
    assert "has not joined over" in town.refused("member.set", call_sign="Heron", prefer="sms")


def test_trainings_are_renewed_and_dropped_by_name(town: Town) -> None:
    town.joins("Heron", trainings=(Training(name="observer"), Training(name="old")))
    town.do("member.train", call_sign="Heron", trainings=["observer:2027-06-30"], drop=["old"])
    assert [(t.name, str(t.expires_on)) for t in town.person("Heron").trainings] == [
        ("observer", "2027-06-30")
    ]


def test_no_list_and_no_view_of_a_member_shows_how_to_reach_them(town: Town) -> None:
    town.joins("Heron", emergency_contact="CANARY-friend", duress_phrase="CANARY-words")
    for answer in (town.do("member.list"), town.do("member.show", call_sign="Heron")):
        told = encode(answer).decode()
        assert "CANARY" not in told
        assert "h-Heron" not in told
        assert "signal" in told


def test_the_list_is_narrowed_by_role_and_neighbourhood(town: Town) -> None:
    town.joins("Heron")
    town.joins("Wren", roles=(Role.VERIFIER,), neighbourhoods=(Place("riverside"),))
    assert [m["call_sign"] for m in town.do("member.list", role="verifier")] == ["Wren"]
    assert [m["call_sign"] for m in town.do("member.list", neighbourhood="Northside")] == ["Heron"]


# --- trust ---------------------------------------------------------------------------------------


def test_a_vouch_counts_from_trusted_members_alone(town: Town) -> None:
    town.joins("Heron")
    town.joins("Wren", granted=Level.UNKNOWN)
    told = town.do("member.vouch", by="Heron", **{"for": "Wren"})
    assert told["levels"] == [{"call_sign": "Wren", "before": "unknown", "after": "known"}]
    assert "only the word of trusted" in town.refused("member.vouch", by="Wren", **{"for": "Heron"})
    assert "themselves" in town.refused("member.vouch", by="Wren", **{"for": "wren"})


def test_removing_somebody_reopens_the_vouches_that_they_gave(town: Town) -> None:
    town.joins("Otter", roles=(Role.COORDINATOR,))
    heron = town.joins("Heron", duress_phrase="x y")
    town.joins("Wren", granted=Level.UNKNOWN, vouches=(Vouch(by=heron.id, at=NOW),))
    told = town.do("member.remove", call_sign="Heron")
    at_once, reopened = (message.text for message in town.changes.messages)
    assert at_once.startswith("At the machine, Heron was removed")
    assert "Wren" in reopened
    assert told["levels"] == [{"call_sign": "Wren", "before": "known", "after": "unknown"}]
    assert town.world.by_call_sign("Heron") is None


@pytest.mark.parametrize("roles", [["coordinator", "responder"], ["responder"]])
def test_power_that_the_machine_gives_or_takes_is_told_to_coordinators(
    town: Town, roles: list[str]
) -> None:
    town.joins("Otter", roles=(Role.COORDINATOR,))
    had = (Role.RESPONDER,) if "coordinator" in roles else (Role.COORDINATOR,)
    heron = town.joins("Heron", roles=had)
    town.do("member.set", call_sign="Heron", roles=roles)
    told = {message.to: message.text for message in town.changes.messages}
    assert "Heron was " in told[PersonId("p-Otter")]
    assert (heron.id in told) is (roles == ["responder"]), "whoever loses it hears of it too"
    town.do("member.set", call_sign="Heron", language="es")
    assert not town.changes.messages


def test_whoever_is_removed_leaves_no_shift_and_no_open_code(town: Town) -> None:
    heron = town.joins("Heron")
    town.do("shift.add", call_sign="Heron", when="fri 18:00-22:00")
    code = town.do("member.code", call_sign="Heron")["code"]
    town.do("member.remove", call_sign="Heron")
    assert town.world.shifts() == ()
    assert code not in town.world.codes
    assert town.world.everybody[heron.id].roles == ()


@pytest.mark.parametrize("op", ["member.remove", "member.block"])
def test_whoever_is_removed_or_blocked_is_out_of_every_incident_at_once(op: str) -> None:
    evening = an_incident(State.BRIEFING)
    heron = PersonId(HERON)
    assert evening.incident.mate(heron) and evening.world.busy_in(heron)
    OPS[op](Desk(evening.world, evening.at, b"n" * 32), {"call_sign": "Heron"})
    assert evening.world.incidents[evening.incident.id].mate(heron) is None
    assert evening.world.busy_in(heron) is None


def test_a_removed_member_who_is_out_is_still_counted(out: Town) -> None:
    told = out.do("member.remove", call_sign="Wren")
    code = out.incident().code
    assert any(f"incident accounted {code} Wren" in note for note in told["notes"])
    out.do("incident.accounted", code=code, call_sign="wren", reason="rang me, is home")
    mate = out.incident().mate(PersonId("p-Wren"))
    assert mate is not None
    assert mate.stage is Stage.OUT_SAFE


def test_a_block_holds_until_it_is_lifted(town: Town) -> None:
    town.joins("Heron")
    town.do("member.block", call_sign="Heron")
    assert town.world.level(PersonId("p-Heron")) is Level.BLOCKED
    assert "blocked already" in town.refused("member.block", call_sign="Heron")
    told = town.do("member.unblock", call_sign="Heron")
    assert told["level"] == "unknown"
    assert told["notes"]


def test_a_reporter_is_blocked_by_the_report_and_never_named(out: Town) -> None:
    told = out.do("member.block", incident=out.incident().code)
    assert told["who"] == f"whoever gave that report of {out.incident().code}"
    assert out.world.level(PersonId("r")) is Level.BLOCKED


def test_a_member_who_reported_cannot_be_found_out_by_blocking(out: Town) -> None:
    reporter = out.world.everybody[PersonId("r")]
    out.world.put(replace(reporter, call_sign="Badger"))
    said = out.refused("member.block", incident=out.incident().code)
    assert "Badger" not in said


def test_two_people_are_kept_apart_and_let_together_again(town: Town) -> None:
    heron, wren = town.joins("Heron"), town.joins("Wren")
    town.do("member.keep_apart", call_sign="Heron", other="Wren")
    assert town.person("Heron").keep_apart == (wren.id,)
    town.do("member.keep_apart", call_sign="Wren", other="Heron", undo=True)
    assert town.person("Heron") == heron


def test_two_who_are_out_together_are_parted_by_a_new_rule(out: Town) -> None:
    together = [mate.person for mate in out.incident().active]
    one, other = (out.world.everybody[id].call_sign for id in together[:2])
    out.do("member.keep_apart", call_sign=one, other=other)
    assert any(mate.told_leave for mate in out.incident().team)
    assert set(together) - {mate.person for mate in out.incident().active if mate.went}


def test_a_member_is_kept_apart_from_a_reporter_whom_nobody_sees(out: Town) -> None:
    code = out.incident().code
    out.do("member.keep_apart", call_sign="Otter", incident=code, report=1)
    assert out.person("Otter").keep_apart == (PersonId("r"),)
    assert out.do("member.show", call_sign="Otter")["keep_apart"] == 1
    assert "reports 1 to 1" in out.refused(
        "member.keep_apart", call_sign="Otter", incident=code, report=2
    )


# --- rosters -------------------------------------------------------------------------------------


def test_a_weekly_shift_puts_somebody_on_call_in_local_time(town: Town) -> None:
    town.joins("Heron")
    made = town.do("shift.add", call_sign="Heron", when="sunday 13-18")
    assert made["when"] == "every sun 13:00-18:00"
    northside = town.do("shift.oncall")[0]
    assert [p["call_sign"] for p in northside["people"]] == ["Heron"]
    assert northside["people"][0]["until"] == "2026-11-22T18:00-06:00"
    assert town.do("shift.oncall", at="2026-11-22 19:00")[0]["people"] == []


def test_a_shift_that_makes_no_sense_is_refused(town: Town) -> None:
    town.joins("Heron")
    town.do("shift.add", call_sign="Heron", when="fri 18:00-22:00")
    assert "very shift" in town.refused("shift.add", call_sign="Heron", when="fri 18-22")
    assert "is over already" in town.refused(
        "shift.add", call_sign="Heron", when="2025-11-27 18-22"
    )
    assert "fri 18:00-22:00" in town.refused("shift.add", call_sign="Heron", when="fri")
    assert "Did you mean Heron?" in town.refused("shift.add", call_sign="Hern", when="fri 1-2")


def words_to(town: Town, call_sign: str) -> str:
    """What the last operation told that member."""
    mine = town.person(call_sign).id
    return "\n".join(m.text for m in town.changes.messages if m.to == mine)


def test_whoever_is_put_on_call_at_the_machine_hears_of_it() -> None:
    town = Town()
    town.joins("Heron")
    made = town.do("shift.add", call_sign="Heron", when="weekends 10-14")
    assert made["told"] and "A coordinator put you on call" in words_to(town, "Heron")
    assert town.do("shift.remove", id=made["id"])["told"]
    assert "took a shift of yours away" in words_to(town, "Heron")


def test_whoever_has_no_channel_yet_is_not_said_to_have_been_told() -> None:
    town = Town()
    town.joins("Heron", addresses=())
    assert not town.do("shift.add", call_sign="Heron", when="fri 18-22")["told"]
    assert not town.changes.messages


def test_an_exception_made_at_the_machine_is_told_and_so_is_its_end() -> None:
    town = Town()
    town.joins("Heron", language="es")
    made = town.do("shift.override", call_sign="Heron", available=False, end="3h")
    assert "anotó que no estás de turno" in words_to(town, "Heron")
    assert "/turno" in words_to(town, "Heron")
    town.do("shift.remove", id=made["id"])
    assert "retiró una excepción" in words_to(town, "Heron")


def test_a_second_shift_at_the_same_time_is_named_with_the_first() -> None:
    town = Town()
    town.joins("Heron")
    first = town.do("shift.add", call_sign="Heron", when="fri 18:00-22:00")
    (note,) = town.do("shift.add", call_sign="Heron", when="weekdays 21:00-23:00")["notes"][-1:]
    assert "every fri 18:00-22:00" in note and first["short"] in note
    assert not [n for n in town.do("shift.add", call_sign="Heron", when="fri 10-12")["notes"]
                if "already" in n]  # fmt: skip


def test_a_shift_goes_by_the_first_letters_of_its_id(town: Town) -> None:
    town.joins("Heron")
    made = town.do("shift.add", call_sign="Heron", when="fri 18:00-22:00")
    assert "No shift" in town.refused("shift.remove", id="zzz")
    town.do("shift.remove", id=made["short"])
    found = town.do("shift.list")
    assert (found["shifts"], found["overrides"]) == ([], [])


def test_shifts_are_listed_by_neighbourhood_and_the_next_to_begin_first() -> None:
    town = Town()
    town.joins("Heron", neighbourhoods=(Place("northside"), Place("riverside")))
    for place, text in (
        ("riverside", "sun 9-12"), ("northside", "last sat of the month 9-12"),
        ("northside", "fri 18-22"), ("northside", "2026-11-23 9-12"), ("northside", "mon 7-9"),
    ):  # fmt: skip
        town.do("shift.add", call_sign="Heron", when=text, neighbourhood=place)
    listed = [
        (s["neighbourhood"], s["next"], s["when"][:9]) for s in town.do("shift.list")["shifts"]
    ]
    assert [one[:2] for one in listed] == [
        ("northside", "2026-11-23"), ("northside", "2026-11-23"), ("northside", "2026-11-27"),
        ("northside", "2026-11-28"), ("riverside", "2026-11-22"),
    ]  # fmt: skip
    assert listed[0][2] == "every mon"


def test_an_override_wins_over_a_shift_and_can_be_taken_back(town: Town) -> None:
    town.joins("Heron")
    town.do("shift.add", call_sign="Heron", when="sun 13-18")
    made = town.do("shift.override", call_sign="Heron", available=False, end="3h")
    assert (made["start"], made["end"]) == ("2026-11-22T14:00-06:00", "2026-11-22T17:00-06:00")
    assert town.do("shift.oncall", neighbourhood="northside")[0]["people"] == []
    town.do("shift.remove", id=made["id"])
    assert town.do("shift.oncall", neighbourhood="northside")[0]["people"]


def test_an_override_reads_local_dates_and_refuses_the_past(town: Town) -> None:
    town.joins("Heron")
    made = town.do(
        "shift.override",
        call_sign="Heron",
        available=True,
        start="2026-11-27 18:00",
        end="2026-11-27 23:00",
        neighbourhood="riverside",
    )
    assert made["start"] == "2026-11-27T18:00+01:00"
    past = {"start": "2026-11-01 18:00", "end": "2026-11-01 20:00"}
    assert "is over" in town.refused("shift.override", call_sign="Heron", available=True, **past)


# --- incidents -----------------------------------------------------------------------------------


def test_the_list_names_the_team_and_no_place(out: Town) -> None:
    (line,) = out.do("incident.list")
    assert (line["state"], sorted(line["team"])) == ("out", ["Heron", "Wren"])
    assert "Main" not in str(line)
    assert "Main" not in str(out.do("incident.show", code=line["code"]))
    assert "Main" in str(out.do("incident.show", code=line["code"], words=True))


def test_a_reporter_has_no_name_in_the_papers(out: Town) -> None:
    reporter = out.world.everybody[PersonId("r")]
    out.world.put(replace(reporter, call_sign="Badger"))
    incident = out.incident()
    line = StoryLine(id="1", incident=incident.id, at=NOW, name="x", about=PersonId("r"))
    assert story(out.world, incident, [line])[0]["about"] == "a reporter"
    assert "Badger" not in str(out.do("incident.show", code=incident.code, words=True))


def test_ending_stands_people_down_and_says_so_once_more_to_close_the_count(out: Town) -> None:
    code = out.incident().code
    assert out.do("incident.end", code=code, reason="it is over")["state"] == "leaving"
    assert {m.card for m in out.changes.messages} >= {"stand-down"}
    out.do("incident.end", code=code, reason="both rang me")
    assert out.incident().state in (State.AFTERCARE, State.CLOSED)
    assert "Give a reason" in out.refused("incident.end", code=code, reason=" ")


def test_leave_is_ordered_once(out: Town) -> None:
    code = out.incident().code
    out.do("incident.leave", code=code)
    desk = out.desk()
    with pytest.raises(NotNow, match="already"):
        OPS["incident.leave"](desk, {"code": code})


def test_a_note_reaches_the_team_unless_it_is_for_the_papers(out: Town) -> None:
    code = out.incident().code
    out.do("incident.note", code=code, text="The side gate is open.")
    assert "side gate" in "".join(m.text for m in out.changes.messages if m.card == "update")
    out.do("incident.note", code=code, text="Only for us.", to_team=False)
    assert not [m for m in out.changes.messages if m.card == "update"]


def test_widening_needs_somebody_to_be_sought(out: Town) -> None:
    assert "nobody is being sought" in out.refused("incident.widen", code=out.incident().code)


def test_accounting_asks_for_somebody_of_the_team(out: Town) -> None:
    code = out.incident().code
    said = out.refused("incident.accounted", code=code, call_sign="Hron", reason="seen")
    assert "Did you mean Heron?" in said
    out.do("incident.accounted", code=code, call_sign="heron", reason="seen")
    assert [n.text for n in out.incident().notes] == ["seen"]


def test_an_unknown_code_says_where_to_look(town: Town) -> None:
    assert "responder incident list" in town.refused("incident.show", code="Q9")

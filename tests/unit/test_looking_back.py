"""After an incident: its timeline, what it taught, and a month in numbers that names nobody."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import pytest

from responder.commands import incident_words
from responder.core.admin import OPS, AdminFault, titles
from responder.core.changes import Tally
from responder.core.desk import Desk
from responder.core.looking_back import numbers, timeline
from responder.core.model import CallState, Level, Outcome, PersonId, Place, Role, State
from responder.core.phrases import LANGUAGES, say
from responder.core.talk import lessons
from responder.core.world import World
from tests.builders import HERON, NOW, OWL, PLACE, WORDS, an_incident
from tests.unit.test_drills import says

STORY: list[dict[str, str | None]] = [
    {"at": "2026-11-27T19:00-06:00", "name": "opened", "about": "", "by": "", "detail": "trusted"},
    {"at": "2026-11-27T19:01-06:00", "name": "paged", "about": "Wren", "by": "", "detail": "0"},
    {"at": "2026-11-27T19:03-06:00", "name": "declined", "about": "Wren", "by": "", "detail": ""},
    {"at": "2026-11-27T19:02-06:00", "name": "accepted", "about": "Heron", "by": "", "detail": ""},
    {"at": "2026-11-27T19:09-06:00", "name": "identified", "about": "Fox", "by": "", "detail": ""},
]
NOTES = [{"at": "2026-11-27T19:05-06:00", "by": "Owl", "text": "<b>two cars</b>"}]


# --- the timeline ---------------------------------------------------------------------------------


def test_the_timeline_tells_in_order_what_happened_and_after_how_long() -> None:
    assert timeline.lines(timeline.moments(STORY)) == [
        "27 November 2026",
        "19:00  +  0 min  the report came in",
        "19:01  +  1 min  Wren: asked to come",
        "19:02  +  2 min  Heron: said yes",
        "19:03  +  3 min  somebody could not come",
    ]


def test_the_picture_is_whole_loads_nothing_and_holds_notes_only_where_asked_for() -> None:
    bare = timeline.draw("Incident A7", timeline.moments(STORY))
    full = timeline.draw("Incident A7", timeline.moments(STORY, NOTES))
    for picture in (bare, full):
        root = ET.fromstring(picture)
        assert root.tag.endswith("svg")
        assert "http" not in picture.replace("http://www.w3.org/2000/svg", "")
    assert "two cars" not in bare and "&lt;b&gt;two cars" in full


def test_a_night_that_passes_midnight_names_both_days_in_lines_and_picture() -> None:
    late = [{"at": "2026-11-27T23:59-06:00", "name": "opened"}]
    found = timeline.moments([*late, {"at": "2026-11-28T00:03-06:00", "name": "paged"}])
    told = timeline.lines(found, "es")
    assert [told[0], told[2]] == ["27 de noviembre de 2026", "28 de noviembre de 2026"]
    picture = timeline.draw("Incidente A7", found, "es")
    assert picture.index(told[0]) < picture.index("23:59") < picture.index(told[2])


def test_who_has_no_call_sign_is_named_in_the_language_too() -> None:
    notes = [{"at": "2026-11-27T19:05-06:00", "by": "the machine", "text": "hall"}]
    story = [{"at": "2026-11-27T19:00-06:00", "name": "cancelled", "by": "a reporter"}]
    told = "\n".join(timeline.lines(timeline.moments(story, notes, "es"), "es"))
    assert "quien avisó: " in told and "nota (en la máquina): hall" in told
    assert "machine" not in told and "reporter" not in told


def test_an_empty_story_says_so() -> None:
    assert timeline.lines([]) == ["Nothing was noted."]
    assert "No se anotó nada" in timeline.draw("Incidente A7", [], "es")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_of_a_true_story_has_words(language: str) -> None:
    names = {"opened", "paged", "accepted", "teamed", "has-brief", "go", "done", "out-safe"}
    found = [{"at": "2026-11-27T19:00-06:00", "name": name} for name in sorted(names)]
    words = {one.text for one in timeline.moments(found, language=language)}
    assert len(words) == len(names) and not words & names


# --- lessons --------------------------------------------------------------------------------------


def out() -> World:
    return an_incident(State.OUT).world


def do(world: World, op: str, **given: object) -> Any:
    return OPS[op](Desk(world, NOW, f"{op}{given}".encode().ljust(32, b"n")[-32:]), given)


def test_a_lesson_outlives_its_incident_and_says_nothing_of_it() -> None:
    world = out()
    (incident,) = world.incidents.values()
    do(world, "incident.lesson", code=incident.code, text="Two cars were too many.")
    desk = Desk(world, NOW, b"n" * 32)
    desk.shred(incident)
    (lesson,) = do(world, "lesson.list")
    assert (lesson["month"], lesson["kind"]) == ("2025-06", "copwatch")
    stored = "".join(v for k, v in world.settings.items() if k.startswith(lessons.LESSON))
    for word in (incident.code, incident.id, PLACE, WORDS, "northside", HERON):
        assert f'"{word}"' not in stored and word not in lesson["text"]


def test_a_coordinator_keeps_a_lesson_in_chat_and_nobody_else_does() -> None:
    world = out()
    (incident,) = world.incidents.values()
    says(world, HERON, f"/lesson {incident.code} Ours")
    assert not lessons.all_of(world)
    says(world, OWL, f"/lesson {incident.code}")
    says(world, OWL, f"/lesson {incident.code} Two cars were too many.", after_s=60)
    assert [one.text for one in lessons.all_of(world)] == ["Two cars were too many."]
    assert world.everybody[PersonId(OWL)].has(Role.COORDINATOR)


def test_a_lesson_can_be_forgotten() -> None:
    world = out()
    kept = do(world, "incident.lesson", code=next(iter(world.incidents.values())).code, text="x")
    with pytest.raises(AdminFault):
        do(world, "lesson.drop", id="")
    do(world, "lesson.drop", id=kept["id"])
    assert do(world, "lesson.list") == []


# --- numbers --------------------------------------------------------------------------------------


def tallies(*sorts: tuple[str, str, int], week: str = "2026-W47") -> list[Tally]:
    """(kind, neighbourhood, how many), each with a team after five minutes."""
    return [
        Tally(
            id=f"{kind}{place}{week}{n}",
            kind=kind,
            neighbourhood=Place(place),
            week=week,
            outcome="responded",
            minutes_to_team=5 + n,
        )
        for kind, place, many in sorts
        for n in range(many)
    ]


def test_a_week_belongs_to_the_month_of_its_thursday() -> None:
    assert numbers.month_of("2026-W53") == "2026-12"
    assert numbers.month_of("2026-W01") == "2026-01"
    assert numbers.month_of("nonsense") == ""


def test_a_month_is_counted_by_kind_place_week_and_outcome() -> None:
    found = numbers.figures(
        [
            *tallies(("copwatch", "northside", 4), ("hate-incident", "northside", 5)),
            *tallies(("copwatch", "northside", 9), week="2026-W40"),
        ],
        "2026-11",
    )
    assert found.incidents == "9"
    assert found.parts["kind"] == {"copwatch": "4", "hate-incident": "5"}
    assert found.parts["week"] == {"2026-W47": "9"}
    assert (found.minutes_middle, found.minutes_most) == ("7", "9")


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ({"a": 9, "b": 1}, {"a": "not told", "b": "<3"}),
        ({"a": 9, "b": 2, "c": 4}, {"a": "9", "b": "<3", "c": "not told"}),
        ({"a": 9, "b": 1, "c": 1}, {"a": "not told", "b": "<3", "c": "<3"}),
        ({"a": 9, "b": 2, "c": 2}, {"a": "not told", "b": "<3", "c": "<3"}),
        ({"a": 9, "b": 2, "c": 1}, {"a": "9", "b": "<3", "c": "<3"}),
        ({"a": 9, "b": 3}, {"a": "9", "b": "3"}),
    ],
)
def test_no_small_count_is_told_or_given_away_by_the_sum(
    counts: dict[str, int], told: dict[str, str]
) -> None:
    assert numbers.guarded(counts) == told


def test_a_sum_that_would_give_small_counts_away_is_not_told() -> None:
    found = numbers.figures(
        tallies(("copwatch", "northside", 2), ("other", "northside", 2)), "2026-11"
    )
    assert found.parts["kind"] == {"copwatch": "<3", "other": "<3"}
    assert found.incidents == "not told"
    assert found.parts["neighbourhood"] == {"northside": "not told"}


def test_few_incidents_tell_no_minutes() -> None:
    found = numbers.figures(tallies(("copwatch", "northside", 2)), "2026-11")
    assert found.incidents == "<3" and not found.minutes_middle and not found.minutes_most


def test_the_page_holds_its_plots_and_asks_nobody_for_anything() -> None:
    found = numbers.figures(tallies(("copwatch", "<north>", 4), ("other", "x", 1)), "2026-11")
    page = numbers.page(found, "A & B")
    assert page.count("<svg") == 4 and "default-src 'none'" in page
    assert "A &amp; B" in page and "&lt;north&gt;" in page and "<script" not in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "").replace("http-equiv", "")


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", ("November 2026 in numbers", "By week", "week of 16 Nov", "a team went",
                "not told")),
        ("es", ("noviembre de 2026 en números", "Por semana", "semana del 16 nov", "fue un equipo",
                "no se dice")),
    ],
)  # fmt: skip
def test_the_page_speaks_the_language_of_the_meeting(language: str, told: tuple[str, ...]) -> None:
    found = numbers.figures(tallies(("copwatch", "northside", 4), ("other", "x", 1)), "2026-11")
    page = numbers.page(found, "Lab", language)
    assert f'lang="{language}"' in page
    assert all(words in page for words in told)


def test_kinds_and_neighbourhoods_stand_in_the_numbers_by_their_names() -> None:
    names = titles.all_of(out())
    found = numbers.figures(
        tallies(("copwatch", "northside", 4), ("gone", "x", 3)), "2026-11", names
    )
    assert set(found.names["kind"]) == {"copwatch"}, "no name of what is not counted"
    page = numbers.page(found, "Lab", "es")
    assert "Intervención policial" in page and "copwatch" not in page
    assert "Northside" in page and ">gone<" in page, "a kind that is no more keeps its id"


def test_two_kinds_of_one_title_stay_two() -> None:
    world = out()
    world.playbooks["second"] = world.playbooks["copwatch"].model_copy(update={"id": "second"})
    kinds = titles.all_of(world)["kind"]
    assert kinds["copwatch"]["en"] != kinds["second"]["en"]


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", ("Police stop, Northside", "state ", "Team", "on the way", "What happened")),
        ("es", ("Intervención policial, Northside", "estado", "Equipo", "en camino", "Qué pasó")),
    ],
)
def test_an_incident_reads_as_words_and_points_to_its_timeline(
    language: str, told: tuple[str, ...]
) -> None:
    world = out()
    (incident,) = world.incidents.values()
    answer = do(world, "incident.show", code=incident.code)
    shown = "\n".join(incident_words.lines(answer, STORY, language))
    assert all(words in shown for words in told)
    assert f"incident show {incident.code} --timeline" in shown
    assert not [raw for raw in ("copwatch", "northside", "_", WORDS, PLACE) if raw in shown]
    with_words = do(world, "incident.show", code=incident.code, words=True)
    assert PLACE in "\n".join(incident_words.lines(with_words, STORY, language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_outcome_level_and_answer_to_a_page_has_words(language: str) -> None:
    for part, values in (("state", State), ("page", CallState), ("level", Level)):
        told = {say(language, f"incident.{part}.{one}", number=2) for one in values}
        assert len(told) == len(values)
    assert all(say(language, f"numbers.outcome.{one}") for one in Outcome)


def test_every_outcome_has_words_on_the_page() -> None:
    found = numbers.figures((), "2026-11")
    labels = {numbers.label(found, "outcome", outcome.value, "es") for outcome in Outcome}
    assert len(labels) == len(Outcome) and not labels & {outcome.value for outcome in Outcome}

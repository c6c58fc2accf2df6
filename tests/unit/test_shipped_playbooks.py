"""The three playbooks that we ship: whole, in both languages, and true to what they promise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from responder.core.playbook import (
    LANGUAGES,
    Lines,
    Playbook,
    PlaybookFaults,
    Words,
    load,
    load_bytes,
    matches,
)

FOLDER = Path(__file__).parents[2] / "playbooks"
SHIPPED = {
    path.stem: load_bytes(path.read_bytes(), path.name) for path in sorted(FOLDER.glob("*.yaml"))
}
EACH = pytest.mark.parametrize("playbook", SHIPPED.values(), ids=SHIPPED)


def texts(part: object, language: str) -> Iterator[str]:
    """Every text that people may be sent, in one language."""
    match part:
        case Words():
            yield part.root[language]
        case Lines():
            yield from part.root[language]
        case tuple():
            for item in part:
                yield from texts(item, language)
        case _ if hasattr(part, "__pydantic_fields__"):
            for _, inner in part:  # type: ignore[attr-defined]
                yield from texts(inner, language)


def test_three_playbooks_are_shipped() -> None:
    """No more, no fewer."""
    assert list(SHIPPED) == ["copwatch", "de-escalation", "hate-incident"]


@EACH
def test_every_text_stands_in_every_language(playbook: Playbook) -> None:
    """The same number of texts in each, none of them left in another's words."""
    english, spanish = (list(texts(playbook, language)) for language in LANGUAGES)
    assert len(english) == len(spanish) > 30
    same = {en for en, es in zip(english, spanish, strict=True) if en == es}
    assert same <= {"No"}


@EACH
def test_nobody_new_goes_without_an_experienced_partner(playbook: Playbook) -> None:
    """A pair at least, trained, one of them experienced, each with a role."""
    team = playbook.team
    assert (team.size, team.at_least, team.experienced) == (2, 2, 1)
    assert team.training
    assert len(team.roles) == team.size


@EACH
def test_waves_widen_from_the_neighbourhood_to_the_coordinators(playbook: Playbook) -> None:
    """All four steps, in their order."""
    steps = [wave.whom for wave in playbook.waves]
    assert steps == ["neighbourhood", "adjacent", "network", "coordinators"]


@EACH
def test_sentences_are_short_enough_to_read_aloud(playbook: Playbook) -> None:
    """At most 30 words a sentence, in both languages."""
    for language in LANGUAGES:
        for text in texts(playbook, language):
            for sentence in re.split(r"[.?!]\s+", text):
                assert len(sentence.split()) <= 30, sentence


@EACH
def test_no_text_holds_a_number_to_call(playbook: Playbook) -> None:
    """A network puts in its own lawyer's line; we invent none."""
    for language in LANGUAGES:
        for text in texts(playbook, language):
            assert not re.search(r"\d{3}", text), text


@EACH
def test_spanish_says_tu(playbook: Playbook) -> None:
    """One voice throughout: nobody is addressed as usted."""
    told = " ".join(texts(playbook, "es")).lower()
    assert not re.search(r"\b(usted|ustedes|vos|vosotros)\b", told)


@EACH
def test_no_question_asks_for_status_proof_or_a_name(playbook: Playbook) -> None:
    """What we do not hold cannot be taken from us."""
    for question in playbook.intake:
        asked = question.ask.in_("en").lower()
        assert not re.search(r"immigra|status|papers|proof|prove|why were you|your name", asked)
        assert not question.needed


def test_copwatch_asks_by_salute_and_keeps_its_distance() -> None:
    """Size, activity, uniform, time, equipment; the program asks for the location itself."""
    copwatch = SHIPPED["copwatch"]
    ids = [question.id for question in copwatch.intake]
    assert ids == ["safe", "size", "activity", "uniform", "time", "equipment"]
    brief = copwatch.brief.text.in_("en")
    for promise in ("only to watch", "Do not argue", "Do not follow anyone", "films the recorder"):
        assert promise.lower() in " ".join(brief.split()).lower()


def test_hate_incident_cares_for_the_person_first() -> None:
    """Their choice, no proof, no police without consent, a word a day later."""
    playbook = SHIPPED["hate-incident"]
    brief = playbook.brief.text.in_("en")
    for promise in ("they decide", "Never ask for proof", "unless the person wants it"):
        assert promise in " ".join(brief.split())
    assert playbook.follow_up is not None
    assert playbook.follow_up.after_s == 24 * 3600


def test_de_escalation_pairs_a_lead_and_a_second() -> None:
    """With an exit plan, and leave to step back."""
    playbook = SHIPPED["de-escalation"]
    assert [role.id for role in playbook.team.roles] == ["lead", "second"]
    assert "exit plan" in playbook.brief.text.in_("en")
    assert "stepping back is the right thing" in playbook.brief.text.in_("en")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Police are stopping kids on the corner", "copwatch"),
        ("hay policias, se llevan a un niño detenido", "copwatch"),
        ("the cops have two people in handcuffs", "copwatch"),
        ("someone is being harassed on the bus", "hate-incident"),
        ("Están acosando a una señora en el bus", "hate-incident"),
        ("a man is yelling racist slurs at a woman", "hate-incident"),
        ("an argument outside the bar is about to turn", "de-escalation"),
        ("los vecinos discuten y gritan", "de-escalation"),
    ],
)
def test_what_neighbours_write_finds_its_playbook(text: str, kind: str) -> None:
    """Whatever language the platform hints at."""
    for language in LANGUAGES:
        assert matches(SHIPPED.values(), text, language)[0] == kind


# --- the guide ------------------------------------------------------------------------------------

GUIDE = (FOLDER.parent / "docs" / "playbooks.md").read_text(encoding="utf-8")
SLIPS = {
    "`waves:` spelt `wavs:`": ("\nwaves:", "\nwavs:"),
    "`verify_wait: 4`": ("verify_wait: 4 min", "verify_wait: 4"),
    "`size: 1`": ("size: 2\n", "size: 1\n"),
    "`whom: neighborhood`": ("whom: neighbourhood", "whom: neighborhood"),
    "`how_many: 1` in the first wave": ("how_many: enough", "how_many: 1"),
    "`pages_at: unknown`": ("pages_at: known", "pages_at: unknown"),
    "the Spanish title deleted": ("\n  es: Intervención policial", ""),
    "`en: 2` as the title": ("en: Police stop", "en: 2"),
    "`give_up` a second time": ("give_up: 15 min", "give_up: 15 min\ngive_up: 20 min"),
    "one Spanish safety line deleted": ("    - Ten las manos a la vista y muévete despacio.\n", ""),
    "`Ask for {name}.` in the brief": ("You are there to watch, and", "Ask for {name}, and"),
    "`title: Police: a stop`": ("title:\n", "title: Police: a stop\n"),
}


def slip(old: str, new: str) -> list[str]:
    """What the check says of the shipped copwatch playbook with one thing changed."""
    text = (FOLDER / "copwatch.yaml").read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(PlaybookFaults) as caught:
        load(text.replace(old, new, 1), "playbooks/copwatch.yaml")
    return [str(fault) for fault in caught.value.faults]


@pytest.mark.parametrize(("written", "change"), SLIPS.items(), ids=list(SLIPS))
def test_the_guide_shows_what_the_check_really_says(written: str, change: tuple[str, str]) -> None:
    """Every common fault in the guide is the program's own output."""
    told = "<br>".join(f"`` {fault} ``" for fault in slip(*change))
    assert f"| {written} | {told} |" in GUIDE


def keys(model: type[BaseModel], above: str = "") -> Iterator[str]:
    """Every key of the format, as the guide writes it: `team: size`."""
    for info in model.model_fields.values():
        yield f"{above}{info.alias}"
        for part in (info.annotation, *get_args(info.annotation)):
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from keys(part, f"{above}{info.alias}: ")


def test_the_guide_explains_every_key() -> None:
    """A key that is not explained cannot be used."""
    wanted = {key for key in keys(Playbook) if key != "id" and not key.endswith("None")}
    in_a_sentence = {key for key in wanted if key.startswith(("intake: options:", "team: roles:"))}
    headings = {key.split(": ")[0] for key in wanted if ": " in key}
    rows = set(re.findall(r"^\| `([^`]+)` \|", GUIDE, re.MULTILINE))
    assert wanted - in_a_sentence - headings <= rows

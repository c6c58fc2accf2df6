"""The playbooks that we ship: whole, in both languages, and true to what they promise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from responder.core.playbook import LANGUAGES, Lines, Playbook, PlaybookFaults, Words, load, matches
from responder.playbook_files import shelf

FOLDER = Path(__file__).parents[2] / "playbooks"
SHIPPED = shelf.folder(FOLDER).found
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


def plain(text: str) -> str:
    """The text on one line, in small letters: what a promise is looked for in."""
    return " ".join(text.split()).lower()


def test_nine_playbooks_are_shipped_without_a_fault_or_a_warning() -> None:
    """No more, no fewer; the parts that they share are sound too."""
    stock = shelf.files([FOLDER], warn=True)
    assert (stock.faults, stock.warnings) == ((), ())
    assert list(SHIPPED) == [
        "copwatch",
        "de-escalation",
        "hate-incident",
        "immigration-witness",
        "legal-support",
        "mutual-aid",
        "neighbour-check",
        "safety-marshal",
        "welfare-check",
    ]


@EACH
def test_every_text_stands_in_every_language(playbook: Playbook) -> None:
    """The same number of texts in each, none of them left in another's words."""
    english, spanish = (list(texts(playbook, language)) for language in LANGUAGES)
    assert len(english) == len(spanish) > 30
    same = {en for en, es in zip(english, spanish, strict=True) if en == es}
    assert same <= {"No"}


def test_no_part_is_shared_in_vain() -> None:
    """Each stands in two playbooks at least."""
    parts = shelf.parts(FOLDER).parts
    texts = [path.read_text(encoding="utf-8") for path in FOLDER.glob("*.yaml")]
    for name in parts:
        assert sum(f"include: {name}\n" in text for text in texts) >= 2, name


@EACH
def test_nobody_new_goes_without_an_experienced_partner(playbook: Playbook) -> None:
    """A pair at least, trained, one of them experienced, each with a role."""
    team = playbook.team
    assert (team.at_least, team.experienced) == (2, 1)
    assert team.size == (4 if playbook.id == "safety-marshal" else 2)
    assert team.training
    assert len(team.roles) == team.size


@EACH
def test_waves_widen_from_the_neighbourhood_to_the_coordinators(playbook: Playbook) -> None:
    """All four steps, in their order; where people offer help beforehand, they come first."""
    steps = [wave.whom for wave in playbook.waves]
    first = ["offers"] if playbook.offers else []
    assert steps == [*first, "neighbourhood", "adjacent", "network", "coordinators"]


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


@EACH
def test_every_team_hears_when_to_leave_and_that_a_no_is_fine(playbook: Playbook) -> None:
    """Together, at any time, without a reason; and never into a fight."""
    told = plain(" ".join(texts(playbook, "en")))
    assert "you can say no or step back at any time" in told
    assert "if your partner wants to leave" in told or "when your partner says the word" in told
    assert "leave together" in told
    assert "laws differ from place to place" in plain(" ".join(playbook.rights.in_("en")))


@EACH
def test_no_text_asks_anybody_to_confront(playbook: Playbook) -> None:
    """Each of these words stands only where it is forbidden."""
    for text in texts(playbook, "en"):
        for sentence in re.split(r"[.?!;:]\s+", plain(text)):
            if re.search(r"\b(confront|chase|block(?!s? away)|restrain|push)", sentence):
                assert re.search(r"\b(not|no|never|nobody|none)\b", sentence), sentence


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


PROMISES = {
    "legal-support": (
        "never on a jail phone",
        "never talk about what happened",
        "do not speak of papers or status",
        "they decide",
    ),
    "immigration-witness": (
        "do not argue, block, chase, warn, hide or advise anyone",
        "never ask about papers or status",
        "send no names of those affected over this network",
        "never the faces of those who are affected",
    ),
    "safety-marshal": (
        "at our own event, not guards",
        "never go over to the other group",
        "never form a chain, block, push, hold or chase",
        "knows every exit",
    ),
    "neighbour-check": (
        "call for emergency help first",
        "do not walk or drive into water on a street",
        "bring drinking water",
        "do not break a door open",
    ),
    "mutual-aid": (
        "if you cannot do it, say so now: that is fine",
        "never alone with a child",
        "do not ask why they need it",
        "give no advice on it",
    ),
    "welfare-check": (
        "the person decides",
        "only if someone is in direct danger",
        "no police and no authorities without their consent",
        "not to review the call",
    ),
}


@pytest.mark.parametrize("kind", PROMISES)
def test_a_brief_holds_what_its_kind_promises(kind: str) -> None:
    """The sentences that keep people safe there."""
    brief = plain(SHIPPED[kind].brief.text.in_("en"))
    for promise in PROMISES[kind]:
        assert promise in brief


def test_legal_support_keeps_what_a_lawyer_starts_from_and_nothing_of_the_case() -> None:
    """When, who took them, where, number, charges, hold, lawyer; medicine and age come first."""
    ids = [question.id for question in SHIPPED["legal-support"].intake]
    facts = ["when", "agency", "facility", "booking", "charges", "hold", "lawyer"]
    assert ids == ["safe", "medical", "minor", *facts, "contact"]


def test_immigration_is_verified_first_and_asks_by_salute() -> None:
    """A known person's word does not page; a false alarm would empty a street."""
    playbook = SHIPPED["immigration-witness"]
    assert playbook.trust.pages_at == "trusted"
    assert playbook.trust.corroboration is not None
    assert playbook.trust.corroboration.reports == 3
    ids = [question.id for question in playbook.intake]
    assert ids == ["safe", "seen", "size", "activity", "uniform", "time", "equipment"]


def test_mutual_aid_hurries_nobody() -> None:
    """Low urgency, waves of an hour and more, signs of life as far apart as can be."""
    playbook = SHIPPED["mutual-aid"]
    assert playbook.urgency == "low"
    assert min(wave.wait_s for wave in playbook.waves) >= 3600
    assert playbook.check_in.every_s == 2 * 3600


@pytest.mark.parametrize(
    "kind", ["legal-support", "mutual-aid", "neighbour-check", "welfare-check"]
)
def test_what_concerns_one_person_is_not_put_together_with_another(kind: str) -> None:
    """Two reports from one street are two doors, and no second report is waited for."""
    playbook = SHIPPED[kind]
    assert playbook.join_within_s == 60
    assert playbook.trust.corroboration is None


# --- the words that point to a kind ---------------------------------------------------------------


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

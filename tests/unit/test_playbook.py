"""A coordinator's YAML: read whole, or refused with every fault at its line and column."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from responder.core.model import Level
from responder.core.playbook import (
    Playbook,
    PlaybookFaults,
    dump,
    load,
    load_bytes,
    matches,
    restore,
    seconds,
)

GOOD = """\
schema: 1
title: { en: Lost dog, es: Perro perdido }
purpose: { en: We look together., es: Buscamos en equipo. }
triggers: { en: [lost dog, puppy], es: [perro perdido] }
urgency: low
intake:
  - id: colour
    ask: { en: Which colour?, es: ¿De qué color? }
    needed: yes
    options:
      - { id: brown, label: { en: Brown, es: Marrón } }
      - { id: black, label: { en: Black, es: Negro } }
trust:
  pages_at: known
  corroboration: { reports: 2, within: 10 min }
team:
  size: 3
  training: [leash]
  roles:
    - { id: caller, title: { en: Caller, es: Quien llama } }
waves:
  - { whom: neighbourhood, how_many: 4, wait: 90 s }
  - { whom: network, how_many: enough, wait: 1 h 30 min }
give_up: 2 h
needed: { en: Two people., es: Dos personas. }
brief:
  text: { en: Walk slowly., es: Camina despacio. }
  meet: { en: At the corner., es: En la esquina. }
check_in: { every: 30 min }
safety: { en: [Stay together.], es: [No se separen.] }
disengage: { en: [Go home at dark.], es: [Vuelve al oscurecer.] }
silent: { en: Go home., es: Vuelve a casa. }
rights: { en: [Ask a coordinator.], es: [Pregunta.] }
elsewhere: { en: Put up a note., es: Pon un cartel. }
debrief: { after: 1 day, text: { en: Thank you., es: Gracias. } }
retention: { reports: 7 days, incident: 30 days }
"""


def lost_dog(*, name: str = "lost-dog.yaml", **changes: str) -> Playbook:
    """The good playbook, with top-level keys exchanged for other YAML."""
    lines = [line for line in GOOD.splitlines() if line.split(":")[0] not in changes]
    return load("\n".join(lines + [f"{key}: {value}" for key, value in changes.items()]), name)


def faults(text: str, name: str = "lost-dog.yaml") -> list[str]:
    """Every fault of the text, as it is printed."""
    with pytest.raises(PlaybookFaults) as caught:
        load(text, name)
    return [str(fault) for fault in caught.value.faults]


def test_friendly_lengths_of_time_become_seconds() -> None:
    """People write units; the program counts seconds."""
    playbook = lost_dog()
    assert [wave.wait_s for wave in playbook.waves] == [90, 5400]
    assert playbook.give_up_s == 7200
    assert playbook.retention.reports_s == 7 * 86400
    assert seconds("2 weeks") == 14 * 86400


def test_what_is_left_out_has_its_default() -> None:
    """A short playbook is a whole one."""
    playbook = lost_dog()
    assert (playbook.acceptance, playbook.team.at_least, playbook.brief.within_s) == (0.3, 2, 180)
    assert (playbook.check_in.grace_s, playbook.check_in.repeat_s) == (300, 300)
    assert (playbook.follow_up, playbook.rest_s, playbook.hard_call) == (None, None, False)


def test_the_name_of_the_file_is_the_id() -> None:
    """Wherever the file lies."""
    assert lost_dog(name="some/folder/lost-dog.yaml").id == "lost-dog"


def test_words_fall_back_to_english() -> None:
    """A person whose language the playbook lacks still gets words."""
    title = lost_dog().title
    assert title.in_("es-MX") == "Perro perdido"
    assert title.in_("fr") == "Lost dog"
    assert lost_dog().safety.in_("fr") == ("Stay together.",)


def test_a_word_stays_a_word_in_yaml() -> None:
    """`no` and `12:30` are texts where texts are due, and an answer where one is."""
    playbook = lost_dog(silent="{ en: no, es: 12:30 }", hard_call="no")
    assert (playbook.silent.in_("en"), playbook.silent.in_("es")) == ("no", "12:30")
    assert playbook.hard_call is False


def test_none_is_written_out_where_nothing_is_meant() -> None:
    """An emptied key is a fault; `none` is a decision."""
    assert lost_dog(follow_up="none").follow_up is None
    assert faults(GOOD + "follow_up:\n") == [
        "lost-dog.yaml:37:1: `follow_up` is empty; write what belongs there or delete it"
    ]


def test_a_playbook_does_not_change() -> None:
    """What an incident runs on stays what it was."""
    with pytest.raises(ValueError, match="frozen"):
        lost_dog().urgency = "high"  # type: ignore[misc]


# (what is exchanged, for what, the one fault that it makes)
ONE_FAULT = {
    "unknown key": (
        "urgency: low",
        "urgency: low\nurgancy: low",
        "6:1: unknown key `urgancy`; did you mean `urgency`?",
    ),
    "unknown key inside": (
        "whom: network, how_many",
        "whom: network, how_mny: 2, how_many",
        "23:22: unknown key `how_mny`; did you mean `how_many`?",
    ),
    "key in seconds": (
        "every: 30 min",
        "every: 30 min, grace_s: 60",
        "29:28: unknown key `grace_s`; did you mean `grace`?",
    ),
    "duplicate key": (
        "give_up: 2 h",
        "give_up: 2 h\ngive_up: 3 h",
        "25:1: `give_up` stands here a second time (first on line 24); delete one of the two",
    ),
    "missing key": (
        "urgency: low\n",
        "",
        "1:1: `urgency` is missing; add `urgency:` (how urgent this is beside other incidents)",
    ),
    "missing key inside": (
        "  size: 3\n",
        "",
        "16:1: `size` is missing; add `size:` (how many go together if they can be found)",
    ),
    "number for words": (
        "en: Go home.,",
        "en: 12,",
        "32:15: `en` must be words, not the number 12; "
        'put quotes around it if it is a text: "like this"',
    ),
    "words for a number": (
        "size: 3",
        "size: three",
        "17:9: `size` must be a whole number, not `three`; did you mean `3`, without quotes?",
    ),
    "boolean for words": (
        "en: Go home.,",
        "en: true,",
        '32:15: `en` must be words, not `true`; put quotes around it if it is a text: "like this"',
    ),
    "one text for all languages": (
        "{ en: Go home., es: Vuelve a casa. }",
        "Go home.",
        "32:9: there is no language over these words; write `en:` and `es:` beneath the key",
    ),
    "word for a list": (
        "[leash]",
        "leash",
        "18:13: `training` must be a list, not `leash`; "
        "write each entry on its own line, after `- `",
    ),
    "value for keys": (
        "{ every: 30 min }",
        "30 min",
        "29:11: `check_in` must have keys beneath it, not `30 min`; "
        "write them below, two spaces further in",
    ),
    "missing language": (
        "en: Two people., es: Dos personas.",
        "en: Two people.",
        "25:1: no text in `es`; add `es:` beneath the key",
    ),
    "missing language of a list": (
        "{ en: [Ask a coordinator.], es: [Pregunta.] }",
        "{ es: [Pregunta.] }",
        "33:1: no text in `en`; add `en:` beneath the key",
    ),
    "fewer lines in one language": (
        "[Stay together.]",
        "[Stay together., Walk.]",
        "30:44: `es` has fewer lines than `en`: 1, not 2; translate every line, one for one",
    ),
    "empty text": (
        "en: Go home.,",
        "en: '',",
        "32:15: `en` is empty; write what belongs there",
    ),
    "no unit": (
        "give_up: 2 h",
        "give_up: 2",
        "24:10: 2 has no unit; did you mean `2 s` or `2 min`?",
    ),
    "no length of time": (
        "give_up: 2 h",
        "give_up: soon",
        "24:10: this is not a length of time; write `90 s`, `5 min`, `2 h` or `3 days`",
    ),
    "too long a time": (
        "give_up: 2 h",
        "give_up: 3 days",
        "24:10: `3 days` is out of bounds; write between 5 min and 12 h",
    ),
    "wrong choice": (
        "urgency: low",
        "urgency: nromal",
        "5:10: `urgency` cannot be `nromal`; did you mean `normal`?",
    ),
    "another spelling": (
        "whom: neighbourhood",
        "whom: neighborhood",
        "22:13: `whom` cannot be `neighborhood`; did you mean `neighbourhood`?",
    ),
    "neither yes nor no": (
        "needed: yes",
        "needed: maybe",
        "9:13: this is neither yes nor no; write `yes` or `no`",
    ),
    "another schema": (
        "schema: 1",
        "schema: 2",
        "1:9: schema 2 is not known here; write `schema: 1`",
    ),
    "share above one": (
        "urgency: low",
        "urgency: low\nacceptance: 30",
        "6:13: this is no share of people; did you mean `0.3`?",
    ),
    "alone": (
        "size: 3",
        "size: 1",
        "17:9: a team of 1 would send somebody alone, and nobody goes alone; write 2 or more",
    ),
    "alone at least": (
        "size: 3",
        "size: 3\n  at_least: 1",
        "18:13: a team of 1 would send somebody alone, and nobody goes alone; write 2 or more",
    ),
    "unknown people page": (
        "pages_at: known",
        "pages_at: unknown",
        "14:13: `unknown` would let someone whom nobody vouches for page people by their word "
        "alone; write `known` or `trusted`; the others are verified first",
    ),
    "one report agrees with itself": (
        "reports: 2, within",
        "reports: 1, within",
        "15:29: reports agree with one another only when there are two or more of them; "
        "write 2 or more, or `corroboration: none`",
    ),
    "more at least than in all": (
        "size: 3",
        "size: 3\n  at_least: 4",
        "18:13: at_least is 4, but the team has only 3; write a number from 2 to 3",
    ),
    "too many experienced": (
        "size: 3",
        "size: 3\n  experienced: 3",
        "18:16: 3 experienced members cannot be in a team of 2; write 2 or less",
    ),
    "wave of one": (
        "how_many: 4",
        "how_many: 1",
        "22:38: up to this wave one person is asked, so it can never form a pair; "
        "write `enough`, `all`, or 2 or more",
    ),
    "wave of nobody": (
        "how_many: 4",
        "how_many: 0",
        "22:38: `0` is no number of people; write `enough`, `all`, or a number of people from 1",
    ),
    "one wave, of nobody": (
        "how_many: 4, wait: 90 s }\n  - { whom: network, how_many: enough, wait: 1 h 30 min }",
        "how_many: 0, wait: 90 s }",
        "22:38: `0` is no number of people; write `enough`, `all`, or a number of people from 1",
    ),
    "coordinators first": (
        "whom: neighbourhood, how_many: 4, wait: 90 s }\n  - { whom: network",
        "whom: coordinators, how_many: 4, wait: 90 s }\n  - { whom: coordinators",
        "22:13: the first wave asks the coordinators, who are the last resort; "
        "begin with `neighbourhood`",
    ),
    "waves that narrow": (
        "whom: network",
        "whom: neighbourhood, how_many: all, wait: 60 s }\n  - { whom: network, how_many: 2, "
        "wait: 60 s }\n  - { whom: adjacent",
        "25:13: `adjacent` comes after `network`, but waves only widen; "
        "the order is offers, neighbourhood, adjacent, network, coordinators",
    ),
    "waves smaller than the team": (
        "how_many: 4, wait: 90 s }\n  - { whom: network, how_many: enough, wait: 1 h 30 min }",
        "how_many: 2, wait: 90 s }",
        "21:1: the team needs 3, but all waves together ask only 2; "
        "write `how_many: enough` in at least one wave",
    ),
    "placeholder": (
        "en: Walk slowly.",
        'en: "Walk to {place}."',
        "27:15: nothing fills in `{place}`; texts go out as they stand; "
        "write the text in full; place, partner and times are added by the program",
    ),
    "page line too long": (
        "en: Two people.",
        f"en: {'x' * 601}",
        "25:15: this text has 601 characters; at most 600 fit; shorten it",
    ),
    "brief too long": (
        "en: Walk slowly.",
        f"en: {'x' * 3450}",
        "27:15: text, meet, safety, disengage and silent have 3507 characters together; "
        "shorten them to 3500: a brief must fit in one message",
    ),
    "own question": (
        "id: colour",
        "id: place",
        "7:9: the program asks `place` itself; delete the question, or choose another id",
    ),
    "id used twice": (
        "id: black",
        "id: brown",
        "12:15: the id `brown` is used twice; choose another",
    ),
    "bad id": (
        "id: colour",
        "id: Colour 2",
        "7:9: `Colour 2` is no id; "
        "write small letters, digits and hyphens, beginning with a letter",
    ),
    "same trigger": (
        "[lost dog, puppy]",
        "[lost dog, puppy, LOST DOGS]",
        "4:35: `LOST DOGS` is the same as `lost dog`; "
        "delete one; case, accents and plurals make no difference",
    ),
    "short trigger": (
        "[lost dog, puppy]",
        "[lost dog, do]",
        "4:28: `do` is too short: it would be found in reports about anything; "
        "write 3 letters or more",
    ),
    "grace too long": (
        "every: 30 min",
        "every: 10 min, grace: 20 min",
        "29:35: `grace` is longer than `every`: nobody would notice a missed sign of life; "
        "make it shorter than `every`",
    ),
    "reports outlast their incident": (
        "reports: 7 days",
        "reports: 60 days",
        "36:23: the reports would be kept longer than the incident that they belong to; "
        "make it as long as `incident`, or shorter",
    ),
    "anchor": (
        "en: Go home.,",
        "en: &home Go home.,",
        "32:15: `&home` names this part; delete it; nothing may refer to it",
    ),
    "tag": (
        "en: Go home.,",
        "en: !secret Go home.,",
        "32:15: a word that begins with `!` is a tag; delete it, or quote the whole text",
    ),
    "syntax": (
        "give_up: 2 h",
        "give_up: 2 h: 3",
        "24:13: YAML cannot be read here: mapping values are not allowed here; "
        "put quotes around a text that has a colon in it, and check the indent",
    ),
    "tab": (
        "  size: 3",
        "\tsize: 3",
        "17:1: YAML cannot be read here: found character '\\t' that cannot start any token; "
        "indent with spaces, never with the tab key",
    ),
    "second document": (
        "30 days }",
        "30 days }\n---\nschema: 1",
        "37:1: a second document begins here; "
        "keep one playbook a file and delete the line with `---`",
    ),
}


@pytest.mark.parametrize(("old", "new", "told"), ONE_FAULT.values(), ids=ONE_FAULT)
def test_a_fault_names_its_line_and_column(old: str, new: str, told: str) -> None:
    """One thing wrong: one fault, at the very place, with what was meant."""
    assert GOOD.count(old) >= 1
    assert faults(GOOD.replace(old, new, 1)) == [f"lost-dog.yaml:{told}"]


def test_all_faults_are_told_at_once_and_in_order() -> None:
    """A coordinator mends the file in one go."""
    text = GOOD.replace("size: 3", "size: 1").replace("urgency: low", "urgancy: low")
    text = text.replace("reports: 7 days", "reports: 7").replace("how_many: 4", "how_many: 1")
    places = [fault.split(" ")[0] for fault in faults(text)]
    assert places == [
        "lost-dog.yaml:1:1:",
        "lost-dog.yaml:5:1:",
        "lost-dog.yaml:17:9:",
        "lost-dog.yaml:22:38:",
        "lost-dog.yaml:36:23:",
    ]


def test_an_empty_file_and_a_bare_list_are_faults() -> None:
    """There is nothing to run on."""
    assert faults("") == ["lost-dog.yaml:1:1: the file is empty; write it"]
    assert faults("- a")[0].startswith("lost-dog.yaml:1:1: a playbook is a list of keys")


def test_a_file_with_an_unfit_name_is_a_fault() -> None:
    """The name becomes the id that reports and incidents carry."""
    told = faults(GOOD, "Lost Dog.yaml")
    assert told[0].startswith("Lost Dog.yaml:1:1: `Lost Dog` is no name for a playbook")


def test_a_bomb_of_aliases_or_brackets_is_refused_at_once() -> None:
    """Nothing is expanded, nothing is descended into."""
    bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
    assert any(":3:5: `*b` stands for another part" in fault for fault in faults(bomb))
    assert "levels deep" in faults("[" * 60_000)[-1]
    assert "at most" in faults("x" * 70_000)[0]


def test_bytes_that_are_no_utf8_are_a_fault_with_its_place() -> None:
    """An editor that saves Latin-1 is the usual reason."""
    with pytest.raises(PlaybookFaults) as caught:
        load_bytes("schema: 1\ntitle: { es: Policía }".encode("latin-1"), "a.yaml")
    assert str(caught.value).startswith("a.yaml:2:19: this is not UTF-8 text")


def test_a_byte_order_mark_does_not_matter() -> None:
    """Some editors put one at the front."""
    assert load_bytes(b"\xef\xbb\xbf" + GOOD.encode(), "lost-dog.yaml") == lost_dog()


def test_the_network_chooses_which_languages_are_due() -> None:
    """One more language is due in every text; one less is welcome all the same."""
    assert load(GOOD, "lost-dog.yaml", languages=("en",)) == lost_dog()
    with pytest.raises(PlaybookFaults) as caught:
        load(GOOD, "lost-dog.yaml", languages=("en", "pt"))
    assert {fault.what for fault in caught.value.faults} == {"no text in `pt`"}


# --- frozen text ----------------------------------------------------------------------------------


def test_a_frozen_playbook_comes_back_the_same() -> None:
    """L9: an incident runs on what it opened with, to the last word."""
    playbook = lost_dog()
    again = restore(dump(playbook))
    assert again == playbook
    assert again.digest == playbook.digest == hashlib.sha256(dump(playbook).encode()).hexdigest()


def test_layout_and_comments_do_not_change_the_digest() -> None:
    """The digest is of what is meant, not of how it is written down."""
    reordered = "# a note\n" + "\n".join(GOOD.splitlines()[1:]) + "\n\nschema: 1\n"
    assert load(reordered, "lost-dog.yaml").digest == lost_dog().digest
    assert lost_dog(urgency="normal").digest != lost_dog().digest


def test_frozen_text_is_not_judged_by_later_rules() -> None:
    """A wait that today's check refuses must not strand a running incident."""
    frozen = json.loads(dump(lost_dog()))
    frozen["waves"][0]["wait_s"] = 1
    assert restore(json.dumps(frozen)).waves[0].wait_s == 1


@pytest.mark.parametrize(
    ("part", "key", "value"),
    [("team", "size", 1), ("team", "at_least", 1), ("trust", "pages_at", "unknown")],
)
def test_no_frozen_text_gets_round_a_law(part: str, key: str, value: object) -> None:
    """L1 and L2 hold whatever is on the disk."""
    frozen = json.loads(dump(lost_dog()))
    frozen[part][key] = value
    with pytest.raises(PlaybookFaults):
        restore(json.dumps(frozen))


def test_friendly_spellings_are_no_frozen_text() -> None:
    """The two forms do not mix."""
    frozen = json.loads(dump(lost_dog()))
    frozen["give_up_s"] = "2 h"
    with pytest.raises(PlaybookFaults):
        restore(json.dumps(frozen))


# --- trigger words --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["LOST DOG!", "two lost dogs here", "some puppies", "Perros perdidos", "PÉRRO PERDIDO"],
)
def test_case_accents_and_plurals_do_not_matter(text: str) -> None:
    """Frightened people do not spell."""
    assert matches([lost_dog()], text, "en") == ("lost-dog",)


@pytest.mark.parametrize("text", ["", "puppyish", "dog lost", "hello", "\x00 🐕"])
def test_parts_of_words_do_not_match(text: str) -> None:
    """A trigger is whole words in their order."""
    assert matches([lost_dog()], text, "en") == ()


def test_the_longer_match_comes_first() -> None:
    """More of the words said is the better guess."""
    cat = lost_dog(name="cat.yaml", triggers="{ en: [cat, dog], es: [gato] }")
    assert matches([cat, lost_dog()], "a lost dog", "en") == ("lost-dog", "cat")
    assert matches([lost_dog(), cat], "a dog and a cat, no puppy", "en") == ("cat", "lost-dog")


def test_between_equals_language_then_urgency_decide() -> None:
    """The reporter's own language says more."""
    one = lost_dog(name="one.yaml", triggers="{ en: [pan], es: [olla] }")
    two = lost_dog(name="two.yaml", triggers="{ en: [pot], es: [pan] }")
    urgent = lost_dog(name="urgent.yaml", triggers="{ en: [pan], es: [olla] }", urgency="high")
    assert matches([one, two], "pan", "es") == ("two", "one")
    assert matches([one, urgent], "pan", "en") == ("urgent", "one")


def test_levels_are_the_networks_own() -> None:
    """The trust line compares with people's levels."""
    assert lost_dog().trust.pages_at is Level.KNOWN


# --- whatever comes in ----------------------------------------------------------------------------


def loads_or_faults(data: bytes | str) -> None:
    """Anything else than a playbook or its faults fails the test."""
    try:
        load_bytes(data, "x.yaml") if isinstance(data, bytes) else load(data, "x.yaml")
    except PlaybookFaults as refused:
        assert refused.faults
        assert all(fault.line >= 1 and fault.column >= 1 for fault in refused.faults)
        assert str(refused).encode()


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(st.binary(max_size=80), st.text(max_size=80), st.text("\n\t :-[]{}&*!|>'\"%@\\a1"))
)
def test_no_text_raises_anything_but_faults(data: bytes | str) -> None:
    """Bytes, text, and text made of what YAML cares about."""
    loads_or_faults(data)
    assert matches([], str(data), "en") == ()


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(GOOD)), st.integers(0, 12), st.text("\n :-[]{}&*!|>'\"\\a1", max_size=4))
def test_no_slip_of_the_hand_raises_anything_but_faults(at: int, gone: int, typed: str) -> None:
    """A good playbook with a few characters lost and a few typed."""
    loads_or_faults(GOOD[:at] + typed + GOOD[at + gone :])
    assert lost_dog().id == "lost-dog"


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_restore_raises_nothing_but_faults(text: str) -> None:
    """A damaged drawer is a fault with words, not a crash."""
    with pytest.raises(PlaybookFaults):
        restore(text)

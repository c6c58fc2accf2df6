"""The conversation with a reporter: message after message, from first words to a whole report.

What it is for
    `step` takes what a person said and gives back the draft of their report, the one answer to
    send, and whether the incident is to be opened now. It is the same for every bot.

Rules it keeps
    * One message is enough to start. The incident opens as soon as kind and neighbourhood are
      known; everything after that enriches it and may be passed over.
    * One question at a time, and none about what was told already.
    * No word that somebody wrote is dropped: it stands in the draft's text, place or answers.
    * Names, papers and proof are never asked for.

What it must not know
    Who the person is, how far they are trusted, and over which channel they write.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from msgspec.structs import replace

from responder.core.changes import Action, Draft
from responder.core.model import (
    Answer,
    IncidentId,
    Media,
    Neighbourhood,
    Network,
    PersonId,
    Pin,
    Place,
    Record,
    Report,
    ReportId,
)
from responder.core.phrases import LANGUAGES, say
from responder.core.places import Gazetteer, containing
from responder.core.playbook import Playbook, Question, matches
from responder.core.spoken import Reply, Verb
from responder.core.talk.chat import emergency_line, something_new_offer
from responder.core.talk.commands import Name, fold, listed, shown_name
from responder.core.talk.questions import (
    FOLLOW_UP,
    KIND,
    MORE,
    PLACE,
    WHERE,
    chosen,
    follow_up_question,
    kind_question,
    own_question,
    place_question,
    where_question,
    yes_or_no,
)

MOST_TEXT: Final = 4000
"""Characters of one message that are kept; whoever wrote more is told."""


class Said(Record):
    """One message of a reporter, or one press of theirs.

    `fresh_report` is the id that a draft begun by this message gets. `first`: this person never
    wrote before. `guessed`: nobody told us their language, so the others are offered too. `place`
    says where, once more, if that was written apart.
    """

    at: datetime
    fresh_report: ReportId
    text: str = ""
    place: str = ""
    pin: Pin | None = None
    media: tuple[Media, ...] = ()
    action: Action | None = None
    language: str = "en"
    first: bool = False
    guessed: bool = False


@dataclass(frozen=True)
class Book:
    """What a conversation looks things up in: playbooks, neighbourhoods, the network's words."""

    playbooks: tuple[Playbook, ...]
    places: tuple[Neighbourhood, ...]
    network: Network
    gazetteer: Gazetteer | None = None
    """The names of `places`, where somebody has made them ready."""

    @property
    def names(self) -> Gazetteer:
        """What places are looked up in by their names."""
        return self.gazetteer or Gazetteer(self.places)

    def playbook(self, kind: str) -> Playbook | None:
        """The playbook of that id, None where there is none now."""
        return next((one for one in self.playbooks if one.id == kind), None)

    def place(self, id: Place | None) -> Neighbourhood | None:
        """The neighbourhood of that id, None where there is none now."""
        return self.names.place(id) if id else None


class Told(Record):
    """What enriches an incident that is open already: the content of `events.Added`."""

    text: str = ""
    place: str = ""
    pin: Pin | None = None
    media: tuple[Media, ...] = ()
    wants: str | None = None


class Turn(Record):
    """What follows from one message.

    `draft` is the whole draft as it stands now; None: there is none, nothing was told. `opened`:
    kind and neighbourhood are known for the first time, so the incident is to be opened from this
    draft, and its id to be put into it. `added` goes to an incident opened earlier. `follow_up`
    is the reporter's wish, where they just said it. `done`: nothing is left to ask; the draft may
    be put away once the report is stored.
    """

    draft: Draft | None = None
    replies: tuple[Reply, ...] = ()
    opened: bool = False
    added: Told | None = None
    follow_up: bool | None = None
    done: bool = False


def begin(said: Said, book: Book) -> Turn:
    """The answer to somebody who is telling nothing yet."""
    return step(None, said, book)


def step(draft: Draft | None, said: Said, book: Book) -> Turn:
    """Takes one message into the draft and asks for what is missing; never raises."""
    if _wants_the_rest(said) and (draft is None or draft.asking == KIND):
        return Turn(draft=draft, replies=(_other_kinds(draft, said, book),))
    if draft is None and not _meaningful(said, book):
        return Turn(replies=(_welcome(said, book),))
    cut = len(said.text) > MOST_TEXT
    said = replace(said, text=said.text[:MOST_TEXT].strip())
    if draft is not None and _complete(draft, book):
        return _enriched(draft, said, book, cut)
    return _gathered(draft, said, book, cut)


def report_of(
    draft: Draft, *, reporter: PersonId, incident: IncidentId, at: datetime, channel: str
) -> Report:
    """The report that a draft with a kind and a neighbourhood amounts to so far."""
    assert draft.neighbourhood is not None, "a report needs a neighbourhood"
    return Report(
        id=draft.report,
        reporter=reporter,
        at=at,
        kind=draft.kind,
        neighbourhood=draft.neighbourhood,
        incident=incident,
        text=draft.text,
        place=draft.place,
        pin=draft.pin,
        answers=tuple(one for one in draft.answers if one.text and one.question != FOLLOW_UP),
        media=draft.media,
        follow_up=draft.follow_up,
        channel=channel,
    )


# --- until the incident opens ---------------------------------------------------------------------


def _complete(draft: Draft, book: Book) -> bool:
    """Whether enough is known to page: a playbook that went away must be chosen anew."""
    known = book.playbook(draft.kind) and book.place(draft.neighbourhood)
    return draft.incident is not None or known is not None


def _meaningful(said: Said, book: Book) -> bool:
    """Whether a first message says anything to begin a report with."""
    if said.pin or said.media or not _greets(said.text[:MOST_TEXT]):
        return True
    return _press_kind(said.action, book) is not None or _press_place(said.action, book) is not None


def _greets(text: str) -> bool:
    """Whether the words are mere politeness, or there are none."""
    return listed("intake.words.greeting").issuperset(fold(text).split())


def _welcome(said: Said, book: Book) -> Reply:
    opening = "intake.welcome" if said.first else "intake.welcome_back"
    lines = (
        say(said.language, opening, network=book.network.name),
        emergency_line(book.network, said.language),
        *_other_languages(said, book),
    )
    return _reply(lines, kind_question(said.language, book.playbooks))


def _gathered(draft: Draft | None, said: Said, book: Book, cut: bool) -> Turn:
    before = draft or Draft(report=said.fresh_report, begun_at=said.at)
    after = _placed(_heard(_pressed(before, said.action, book), said, book), said, book)
    opened = _complete(after, book)
    asking = _next(after, book) if opened else PLACE if book.playbook(after.kind) else KIND
    again = draft is not None and draft.asking == asking
    after = replace(after, asking=asking)
    lines = [say(said.language, "intake.thanks" if draft else "intake.received")]
    lines += _notes(said, cut)
    if opened:
        lines.append(_opened(after, said, book))
    if draft is None:
        lines += _first_answer(said, book, opened)
    if opened and not asking:
        lines.append(say(said.language, "intake.done"))
    reply = _reply(lines, _asking(after, said, book, again))
    return Turn(draft=after, replies=(reply,), opened=opened, done=opened and not asking)


def _wants_the_rest(said: Said) -> bool:
    """Whether none of the kinds that were offered is it."""
    return said.action is not None and (said.action.verb, said.action.arg) == (Verb.KIND, MORE)


def _other_kinds(draft: Draft | None, said: Said, book: Book) -> Reply:
    told = draft.text if draft else ""
    return kind_question(said.language, book.playbooks, told=told, rest=True)


def _press_kind(action: Action | None, book: Book) -> Playbook | None:
    return book.playbook(action.arg) if action and action.verb == Verb.KIND else None


def _press_place(action: Action | None, book: Book) -> Neighbourhood | None:
    return book.place(Place(action.arg)) if action and action.verb == Verb.PLACE else None


def _pressed(draft: Draft, action: Action | None, book: Book) -> Draft:
    if kind := _press_kind(action, book):
        return replace(draft, kind=kind.id)
    if place := _press_place(action, book):
        return replace(draft, neighbourhood=place.id)
    return draft


def _heard(draft: Draft, said: Said, book: Book) -> Draft:
    """The draft with the message's words, and with the kind and place that they name."""
    text = said.text
    if not text:
        return draft
    kind = book.playbook(draft.kind) or _kind_in(text, said.language, book)
    place = book.place(draft.neighbourhood) or book.place(book.names.find(text).place)
    draft = replace(draft, kind=kind.id if kind else "", neighbourhood=place.id if place else None)
    if fold(text) in _names_of(kind, place):
        return draft
    where = draft.place or said.place or _exact_place_in(text)
    return replace(draft, text=_joined(draft.text, text), place=where)


def _kind_in(text: str, language: str, book: Book) -> Playbook | None:
    for kind in matches(book.playbooks, text, language):
        return book.playbook(kind)
    titled = chosen(text, [one.title for one in book.playbooks])
    return None if titled is None else book.playbooks[titled]


def _names_of(kind: Playbook | None, place: Neighbourhood | None) -> set[str]:
    """Messages that say nothing but the kind or the neighbourhood that is known by now."""
    titles: Iterable[str] = kind.title.root.values() if kind else ()
    names = (place.name, *place.aliases) if place else ()
    return {fold(one) for one in (*titles, *names)}


def _placed(draft: Draft, said: Said, book: Book) -> Draft:
    """The draft with pin and media; a pin shows the neighbourhood where no words name it."""
    pin = said.pin or draft.pin
    place = draft.neighbourhood
    if place is None and pin is not None:
        place = containing(pin, book.places)
    if place is None and pin is None and draft.kind and len(book.places) == 1:
        # A network of one neighbourhood has nothing to ask here.
        place = book.places[0].id
    return replace(draft, neighbourhood=place, pin=pin, media=(*draft.media, *said.media))


_CLAUSE: Final = re.compile(r"[.!?;\n]+")


def _exact_place_in(text: str) -> str:
    """The clause that tells an exact place, such as a corner; empty where none clearly does."""
    for clause in _CLAUSE.split(text):
        if any(f" {word} " in f" {fold(clause)} " for word in listed("intake.words.place")):
            return clause.strip()
    return ""


# --- once it is open ------------------------------------------------------------------------------


def _enriched(draft: Draft, said: Said, book: Book, cut: bool) -> Turn:
    after, pressed = _answered_by_press(draft, said, book)
    after, heard = _answered_by_words(after, said, book)
    after = replace(after, pin=said.pin or after.pin, media=(*after.media, *said.media))
    wants = _sought(after, book)
    told = Told(
        text=_joined(pressed, heard.text),
        place=heard.place,
        pin=said.pin,
        media=said.media,
        wants=wants if wants != _sought(draft, book) else None,
    )
    asking = _next(after, book)
    after = replace(after, asking=asking)
    more = told != Told() and not draft.asking
    lines = [say(said.language, "chat.added" if more else "intake.thanks")]
    lines += [*_notes(said, cut), *_already_open(draft, said, book)]
    if draft.asking and not asking:
        lines.append(say(said.language, "intake.done"))
    reply = _reply(lines, _asking(after, said, book))
    if more or _elsewhere(draft, said, book):
        reply = replace(reply, rows=(*reply.rows, (something_new_offer(said.language),)))
    wish = _wish(after) if _wish(after) != _wish(draft) else None
    return Turn(
        draft=after if wish is None else replace(after, follow_up=wish),
        replies=(reply,),
        added=told if told != Told() else None,
        follow_up=wish,
        done=not asking,
    )


def _answered_by_press(draft: Draft, said: Said, book: Book) -> tuple[Draft, str]:
    """The draft after a press, and the line that tells the team; late presses count as well."""
    action = said.action
    match action.verb if action else "":
        case Verb.SKIP if action and draft.asking and action.arg == draft.asking:
            return _passed(draft, action.arg), ""
        case Verb.FOLLOW_UP if action:
            return _with_answer(draft, FOLLOW_UP, "yes" if action.arg == "yes" else "no"), ""
        case Verb.ANSWER if action:
            return _press_answer(draft, action.arg, said.language, book)
    return draft, ""


def _press_answer(draft: Draft, arg: str, language: str, book: Book) -> tuple[Draft, str]:
    name, _, choice = arg.partition(":")
    question = _question(draft, name, book)
    for option in question.options if question else ():
        if question and option.id == choice:
            label = option.label.in_(language)
            answered = _with_answer(draft, name, label, option.id)
            return answered, _line(question, label, language)
    return draft, ""


def _answered_by_words(draft: Draft, said: Said, book: Book) -> tuple[Draft, Told]:
    text, asking = said.text, draft.asking
    if not text:
        return draft, Told()
    if asking and fold(text) in listed("intake.words.skip"):
        return _passed(draft, asking), Told()
    if asking == WHERE:
        return _words_for_where(draft, said, book)
    if asking == FOLLOW_UP:
        wanted = yes_or_no(text)
        if wanted is not None:
            return _with_answer(draft, FOLLOW_UP, "yes" if wanted else "no"), Told()
        draft = _passed(draft, FOLLOW_UP)
    elif question := _question(draft, asking, book):
        option = chosen(text, [one.label for one in question.options])
        meant = None if option is None else question.options[option]
        words = meant.label.in_(said.language) if meant else text
        line = _line(question, words, said.language)
        return _with_answer(draft, asking, words, meant.id if meant else ""), Told(text=line)
    return replace(draft, text=_joined(draft.text, text)), Told(text=text)


def _words_for_where(draft: Draft, said: Said, book: Book) -> tuple[Draft, Told]:
    """The exact place, unless the words clearly tell what happens and not where."""
    text = said.text
    if fold(text) in listed("intake.words.unknown"):
        return _passed(draft, WHERE), Told()
    where = _exact_place_in(text) or any(c.isdigit() for c in text)
    if _greets(text) or (not where and matches(book.playbooks, text, said.language)):
        return replace(draft, text=_joined(draft.text, text)), Told(text=text)
    return replace(draft, place=text, asking=""), Told(place=text)


def _question(draft: Draft, name: str, book: Book) -> Question | None:
    playbook = book.playbook(draft.kind)
    return next((one for one in playbook.intake if one.id == name), None) if playbook else None


def _line(question: Question, answer: str, language: str) -> str:
    """An answer as the team reads it."""
    return say(language, "intake.answer", ask=question.ask.in_(language), answer=answer)


def _with_answer(draft: Draft, question: str, text: str, choice: str = "") -> Draft:
    answer = Answer(question=question, text=text, choice=choice)
    answers = tuple(one for one in draft.answers if one != answer)
    return replace(draft, answers=(*answers, answer), asking="")


def _passed(draft: Draft, question: str) -> Draft:
    """An answer without words marks a question that was passed over; each time counts."""
    return replace(draft, answers=(*draft.answers, Answer(question=question, text="")), asking="")


def _wish(draft: Draft) -> bool | None:
    """Whether the reporter wants to be asked after later, as last said."""
    said = [one.text for one in draft.answers if one.question == FOLLOW_UP and one.text]
    return said[-1] == "yes" if said else None


def _sought(draft: Draft, book: Book) -> str | None:
    """Which help that people offer is asked for; "" for none of it, None where nobody said yet."""
    playbook = book.playbook(draft.kind)
    if playbook is None or playbook.offers is None:
        return None
    told = [one for one in draft.answers if one.question == playbook.offers.question]
    words = [one.choice for one in told if one.text]
    return words[-1] if words else "" if told else None


def _next(draft: Draft, book: Book) -> str:
    """The one thing to ask next of an open incident, empty where nothing is left.

    First of all what the search for people waits for.
    """
    answered = {one.question for one in draft.answers if one.text}
    passed = Counter(one.question for one in draft.answers if not one.text)
    kind = book.playbook(draft.kind)
    if kind and kind.offers and _sought(draft, book) is None:
        return kind.offers.question
    if not draft.place and not draft.pin and not passed[WHERE]:
        return WHERE
    playbook = book.playbook(draft.kind)
    if playbook is None:
        return ""
    left = [one for one in playbook.intake if one.id not in answered]
    for question in left:
        if not passed[question.id]:
            return question.id
    for question in left:
        if question.needed and passed[question.id] == 1:
            return question.id
    if playbook.follow_up and FOLLOW_UP not in answered and not passed[FOLLOW_UP]:
        return FOLLOW_UP
    return ""


def _elsewhere(draft: Draft, said: Said, book: Book) -> bool:
    """Whether these words name another kind or neighbourhood than the incident's."""
    place = book.names.find(said.text).place
    kinds = matches(book.playbooks, said.text, said.language)
    other_place = place is not None and place != draft.neighbourhood
    return other_place or (bool(kinds) and draft.kind not in kinds)


# --- words ----------------------------------------------------------------------------------------


def _asking(draft: Draft, said: Said, book: Book, again: bool = False) -> Reply | None:
    """The question that the draft waits for an answer to."""
    language, playbook = said.language, book.playbook(draft.kind)
    if draft.asking == WHERE:
        return where_question(language)
    if draft.asking == FOLLOW_UP and playbook and playbook.follow_up:
        return follow_up_question(language, playbook.follow_up.offer, draft.incident)
    if _complete(draft, book):
        question = _question(draft, draft.asking, book)
        return own_question(language, question) if question else None
    if draft.asking == KIND:
        return kind_question(language, book.playbooks, told=draft.text, again=again)
    likely = book.names.find(draft.text).candidates
    outside = draft.pin is not None
    return place_question(language, book.places, likely, outside=outside, again=again)


def _reply(lines: Sequence[str], question: Reply | None) -> Reply:
    """One message: what there is to say, then the one question with its options."""
    if question is None:
        return Reply(text="\n\n".join(lines))
    return replace(question, text="\n\n".join((*lines, question.text)))


def _joined(before: str, more: str) -> str:
    return "\n".join(part for part in (before, more) if part)


def _notes(said: Said, cut: bool) -> list[str]:
    """What there is to say of the message itself."""
    notes = [say(said.language, "intake.cut", most=MOST_TEXT)] if cut else []
    return [*notes, say(said.language, "intake.media")] if said.media else notes


def _opened(draft: Draft, said: Said, book: Book) -> str:
    kind, place = book.playbook(draft.kind), book.place(draft.neighbourhood)
    title = kind.title.in_(said.language) if kind else ""
    care = kind.sayings.told("care", said.language) if kind else ""
    told = say(said.language, "intake.opened", kind=title, place=place.name if place else "")
    return f"{told} {care or say(said.language, 'intake.opened.care')}"


def _first_answer(said: Said, book: Book, opened: bool) -> list[str]:
    """What the very first answer always holds besides."""
    return [
        *([] if opened else [say(said.language, "intake.next")]),
        emergency_line(book.network, said.language),
        say(said.language, "intake.cancel", cancel=shown_name(said.language, Name.CANCEL)),
        *_other_languages(said, book),
    ]


def _already_open(draft: Draft, said: Said, book: Book) -> list[str]:
    """What a late press on another kind or neighbourhood is told: nothing moves silently."""
    kind, place = _press_kind(said.action, book), _press_place(said.action, book)
    if (kind is None or kind.id == draft.kind) and (
        place is None or place.id == draft.neighbourhood
    ):
        return []
    return [say(said.language, "intake.already", report=shown_name(said.language, Name.REPORT))]


def _other_languages(said: Said, book: Book) -> list[str]:
    if not said.guessed:
        return []
    spoken = [one for one in book.network.languages if one in LANGUAGES]
    return [
        say(one, "intake.language", language=shown_name(one, Name.LANGUAGE), code=one)
        for one in spoken
        if one != said.language
    ]

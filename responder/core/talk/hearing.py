"""What one message from one person sets in motion.

What it is for
    A message may be a press, a number, a reaction, a command, a sign of life, words for a running
    incident, or the beginning of a report. Here it is found out which, and worked off at the desk.

Rules it keeps
    * Whoever writes gets an answer, except a person who was blocked or writes far too much.
    * Words are never lost to a misreading: what fits nothing else belongs to a report.
    * Duress is looked for before anything else, and its answer is that of a normal check-in.
    * A press by the wrong person, of an unknown token or a second time changes nothing and says so.

What it must not know
    Platforms, storage, the clock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from responder.core import events
from responder.core.changes import Action, Prompt
from responder.core.desk import Desk
from responder.core.effects import Why
from responder.core.incident import response
from responder.core.model import Incident, IncidentId, Level, MessageId, PersonId, State
from responder.core.playbook import matches
from responder.core.spoken import WORK, Inbound, Verb
from responder.core.talk import (
    chat,
    commanding,
    commands,
    explaining,
    locking,
    phones,
    to_a_person,
    welcoming,
)
from responder.core.talk.commands import Name
from responder.core.talk.conversation import Conversation

_WINDOW: Final = timedelta(minutes=10)
_MAY_MORE: Final = 5
_ALWAYS_HEARD: Final = frozenset({Name.CANCEL, Name.SAFE, Name.FORGET})
_FEW_WORDS: Final = 4
_WAITS_FOR_WORDS: Final = timedelta(minutes=10)
"""After so long what somebody writes is no answer to an old press."""

_AWAITS: Final = frozenset({Verb.ASK, Verb.END, Verb.NOTE, Verb.ACCOUNTED, Verb.ANSWER_PLEA})
"""Presses that want words: the next text is their argument."""

_LISTS: Final = frozenset({Verb.MEMBER, Verb.MEMBERS, Verb.INCIDENT, Verb.TEXTS, Verb.ORDER_YES})
"""What a list offers one after the other, and what may be refused only over this channel."""
_STAYS_OPEN: Final = frozenset({*WORK, Verb.SAFE, Verb.WIDEN, Verb.LEAVE_ORDER, *_AWAITS, *_LISTS})
"""Answers that can be given again; what a responder does is closed by the message that follows."""

_MOVES_PEOPLE: Final = WORK | {Verb.LEAVE_ORDER}
_BEFORE_IT_CLOSES: Final = frozenset({*WORK, Verb.HARD}) - {Verb.ACCEPT, Verb.MORE}
"""What still counts of those who are out there once the network was locked."""

_SAYS_NOTHING: Final = frozenset({Verb.FOLLOW_UP, Verb.HARD, Verb.WIDEN})
"""Presses after which no other message shows that they counted."""


def hear(desk: Desk, inbound: Inbound, target: MessageId | None = None) -> None:
    """Work off one message. `target` is our own message that a reaction was put on."""
    talk = Conversation(desk, inbound)
    if _shut_out(talk) or _too_much(talk):
        return
    if locking.is_locked(talk.world) and not _comes_back(talk):
        locking.closed_reply(talk)
        return
    if inbound.phone is not None:
        phones.sign(talk, inbound.phone)
    elif inbound.token or inbound.reaction:
        _press(talk, target)
    elif not _sign_of_life(talk):
        if locking.is_locked(talk.world):
            _last_words(talk)
        else:
            _text(talk)


def _text(talk: Conversation) -> None:
    inbound, awaiting = talk.inbound, talk.session.awaiting
    since = talk.session.awaiting_since
    if awaiting is not None and (since is None or talk.desk.at - since > _WAITS_FOR_WORDS):
        awaiting = None
        talk.keep(awaiting=None)
    command = commands.parse(inbound.text, slashless=inbound.channel in explaining.SLASHLESS)
    if command is not None and not _cries_for_help(talk, command):
        if awaiting is not None:
            talk.keep(awaiting=None)
        commanding.command(talk, command)
    elif _presses_by_number(talk):
        talk.keep(awaiting=None)
        _number(talk)
    elif awaiting is not None and awaiting.verb != Verb.WELCOME and inbound.text.strip():
        _awaited(talk, awaiting)
    elif welcoming.named(talk, awaiting):
        return
    elif not (_number(talk) or _label(talk) or _reached(talk) or _unclear(talk)):
        _words(talk)


def _last_words(talk: Conversation) -> None:
    """Once the network was locked: answers, and words for the team; nothing new begins."""
    team = talk.team
    if _number(talk) or _label(talk):
        return
    if team is not None and talk.inbound.text and team.mate(talk.person.id):
        _words(talk)
    else:
        locking.closed_reply(talk)


def _cries_for_help(talk: Conversation, command: commands.Command) -> bool:
    """Whether "help", without a slash, comes from somebody who is out there: then it is a cry."""
    bare = not talk.inbound.text.lstrip().startswith("/")
    return command.name is Name.HELP and bare and talk.team is not None


def _shut_out(talk: Conversation) -> bool:
    """Whether this person was blocked; one who is out there is heard until they are back."""
    blocked = talk.world.level(talk.person.id) is Level.BLOCKED
    return blocked and talk.team is None and _lately(talk) is None


def _comes_back(talk: Conversation) -> bool:
    """Whether this person is out there, or has just come back."""
    team = talk.team
    return (team is not None and team.mate(talk.person.id) is not None) or bool(_lately(talk))


def _too_much(talk: Conversation) -> bool:
    """Whether this person writes more than one may; told so once in ten minutes."""
    now, session = talk.desk.at, talk.session
    recent = tuple(at for at in session.recent if now - at < _WINDOW)
    limit = talk.world.limits.reports_per_10_min
    if talk.person.member or _is_heard(talk):
        limit *= _MAY_MORE
    if len(recent) < limit or talk.team is not None or _answers(talk) or _ends_it(talk):
        recent = (*recent, now)[-limit:]
        talk.keep(recent=recent, channel=talk.inbound.channel, active_at=now)
        return False
    told = session.told_limit_at
    if told is None or now - told >= _WINDOW:
        talk.keep(recent=recent, told_limit_at=now)
        talk.say(chat.limit_reply, talk.world.network)
    return True


def _is_heard(talk: Conversation) -> bool:
    """Whether people act on what this person says, or a question of ours waits for an answer."""
    draft, reported = talk.session.draft, talk.reported
    source = reported.source(talk.person.id) if reported else None
    return (source is not None and source.counts) or (draft is not None and bool(draft.asking))


def _ends_it(talk: Conversation) -> bool:
    """Whether this takes something back or says that somebody is safe: never too much either."""
    slashless = talk.inbound.channel in explaining.SLASHLESS
    command = commands.parse(talk.inbound.text, slashless=slashless)
    if command is not None:
        return command.name in _ALWAYS_HEARD
    return _lately(talk) is not None and commands.is_duress(talk.inbound.text, talk.person)


def _answers(talk: Conversation) -> bool:
    """Whether this presses a button of ours: never too much, whatever was written before."""
    question = talk.world.questions.holding(talk.inbound.token)
    return question is not None and question.person == talk.person.id


# --- presses --------------------------------------------------------------------------------------


def _press(talk: Conversation, target: MessageId | None) -> None:
    prompt = _pressed(talk, target)
    if prompt is not None:
        if talk.session.awaiting is not None:
            talk.keep(awaiting=None)
        _act(talk, _take(talk, prompt))
    elif talk.inbound.token:
        stale = chat.stale_reply(talk.person.language, Why.ALREADY)
        talk.desk.changes.press_note = stale.text


def _pressed(talk: Conversation, target: MessageId | None) -> Prompt | None:
    """What this person answers with it; nothing by somebody else's token."""
    questions, token = talk.world.questions, talk.inbound.token
    if token:
        question = questions.holding(token)
    else:
        question = questions.under(target) if target is not None else None
    if question is None or question.person != talk.person.id:
        return None
    if token:
        return question.prompt(token)
    offered = [p.action for p in question.prompts]
    index = commands.reaction_index(talk.inbound.reaction, offered)
    return question.prompts[index] if index is not None else None


def _take(talk: Conversation, prompt: Prompt) -> Action:
    """The answer's action; a question that can be answered only once is closed with it."""
    talk.desk.changes.press_note = chat.press_note(talk.person.language, prompt.action.verb)
    if talk.inbound.channel not in talk.world.private_channels:
        phones.answered(talk)
    if prompt.action.verb in _STAYS_OPEN:
        talk.desk.asking.pressed(prompt)
    elif question := talk.world.questions.holding(prompt.token):
        talk.desk.asking.close(question.message)
    return prompt.action


def _number(talk: Conversation) -> bool:
    """A number answers the open question that carries it; one that fits none gets the list."""
    number = commands.number_in(talk.inbound.text)
    prompts = talk.world.prompts_of(talk.person.id)
    if number is None:
        return False
    if not prompts and talk.session.draft is None:
        talk.say(chat.unknown_number_reply, prompts)
        return True
    fits = [p for p in prompts if p.number == number]
    draft = talk.session.draft
    waits = talk.session.question
    question = talk.world.questions.under(waits) if waits is not None else None
    asked = question.prompts if question is not None else ()
    since = max((p.at for p in asked), default=talk.desk.at)
    free = all(p.action.verb == Verb.SKIP for p in asked)
    # Where no question of the report waits, as with a plea, a number is what it always is.
    live = any(not asked or p in asked or p.at > since or _moves_people(p) for p in fits)
    if draft and draft.asking and free and not live:
        # A free question waits ("how many?"): the number is its answer, not an older press.
        return False
    if not fits:
        talk.say(chat.unknown_number_reply, prompts)
        return True
    _act(talk, _take(talk, fits[0]))
    return True


def _presses_by_number(talk: Conversation) -> bool:
    """Whether a number moves people who are out there, or sends them home, while we wait for words.

    "Leave now" must not become a note, nor an answer to somebody else.
    """
    number = commands.number_in(talk.inbound.text)
    if number is None or talk.session.awaiting is None:
        return False
    prompts = talk.world.prompts_of(talk.person.id)
    return any(p.number == number and _moves_people(p) for p in prompts)


def _moves_people(prompt: Prompt) -> bool:
    return prompt.action.verb in _MOVES_PEOPLE


def _label(talk: Conversation) -> bool:
    """Whoever writes the words of an option means it: "I am out", "Going, 10 min"."""
    prompts = talk.world.prompts_of(talk.person.id)
    said = commands.fold(talk.inbound.text) if prompts else ""
    meant = next((p for p in reversed(prompts) if said and commands.fold(p.label) == said), None)
    if meant is None:
        return False
    _act(talk, _take(talk, meant))
    return True


def _reached(talk: Conversation) -> bool:
    """Whoever was asked whether a drill reaches them, and says "ok", has answered it."""
    if not commands.is_ok(talk.inbound.text):
        return False
    asked = [p for p in talk.world.prompts_of(talk.person.id) if p.action.verb == Verb.REACHABLE]
    if not asked:
        return False
    _act(talk, _take(talk, asked[-1]))
    return True


def _unclear(talk: Conversation) -> bool:
    """A few words from somebody who was paged or briefed are an answer: which one, they must say.

    Taken as a report, a "yes" to a page would begin a new one, and nobody would go.
    """
    prompts = talk.world.prompts_of(talk.person.id)
    waits = [p for p in prompts if p.action.verb in (Verb.ACCEPT, Verb.HAVE_IT)]
    few = 0 < len(talk.inbound.text.split()) <= _FEW_WORDS
    media = talk.inbound.pin or talk.inbound.media
    if not waits or not few or media:
        return False
    if matches(talk.world.playbooks.values(), talk.inbound.text, talk.person.language):
        return False
    talk.say(chat.unknown_number_reply, [p for p in prompts if p.action.verb in WORK])
    return True


def _act(talk: Conversation, action: Action) -> None:
    make = _EVENTS.get(action.verb)
    if locking.is_locked(talk.world) and action.verb not in _BEFORE_IT_CLOSES:
        locking.closed_reply(talk)
    elif action.verb in _AWAITS:
        talk.await_words(action)
    elif make is not None and action.incident:
        refused = talk.happen(action.incident, make(talk.desk.at, talk.person.id, action))
        if refused is None and action.verb in _SAYS_NOTHING:
            talk.say(chat.noted_reply)
    else:
        commanding.press(talk, action)


def _awaited(talk: Conversation, action: Action) -> None:
    """The words that a press was waiting for."""
    talk.keep(awaiting=None)
    if action.verb == Verb.ANSWER_PLEA:
        to_a_person.answered(talk, action)
        return
    if action.incident is None:
        return
    event = with_words(talk.desk.at, talk.person.id, action, talk.inbound.text.strip())
    if talk.happen(action.incident, event) is None:
        talk.say(chat.noted_reply)


# --- words ----------------------------------------------------------------------------------------


def _sign_of_life(talk: Conversation) -> bool:
    """Whether the words are a team member's check-in, normal or under duress."""
    text = talk.inbound.text
    part = talk.team or _lately(talk)
    if part is None or not text:
        return False
    duress = commands.is_duress(text, talk.person)
    if not duress and not commands.is_ok(text):
        return False
    mate = part.mate(talk.person.id)
    event = events.CheckedIn(at=talk.desk.at, by=talk.person.id, duress=duress)
    if talk.desk.apply(part, event) is not None:
        return False
    if mate is None or not response.out_there(mate):
        waits = [p for p in talk.world.prompts_of(talk.person.id) if p.action.verb in WORK]
        if waits:
            talk.say(chat.unknown_number_reply, waits)
        else:
            talk.say(chat.noted_reply)
    return True


def _lately(talk: Conversation) -> Incident | None:
    """The response from which this person came back a short while ago."""
    been = [
        i
        for i in talk.world.docket.of(talk.person.id)
        if i.state in (State.LEAVING, State.AFTERCARE)
        and (talk.person.id in i.past or i.mate(talk.person.id))
    ]
    return max(been, key=lambda i: i.opened_at, default=None)


def _words(talk: Conversation) -> None:
    """Words that are no answer to a press: for the team, for the open report, or a new one."""
    team, text = talk.team, talk.inbound.text
    if team is not None and text and team.mate(talk.person.id):
        said = events.Added(at=talk.desk.at, by=talk.person.id, text=text)
        if talk.happen(team.id, said) is None:
            talk.say(chat.noted_reply)
        return
    talk.tell(text=text)


# --- what a press amounts to ----------------------------------------------------------------------


def with_words(at: datetime, by: PersonId, action: Action, text: str) -> events.Event:
    """The event that a press with words amounts to."""
    match action.verb:
        case Verb.END:
            return events.Ended(at=at, by=by, reason=text)
        case Verb.ASK:
            return events.ReporterAsked(at=at, by=by, text=text)
        case Verb.ACCOUNTED:
            return events.AccountedFor(at=at, by=by, person=PersonId(action.arg), reason=text)
        case _:
            return events.Noted(at=at, by=by, text=text, to_team=True)


_Make = Callable[[datetime, PersonId, Action], events.Event]

_EVENTS: Final[Mapping[str, _Make]] = {
    Verb.ACCEPT: lambda at, by, a: events.Accepted(at=at, by=by, eta_s=_minutes(a.arg)),
    Verb.DECLINE: lambda at, by, _: events.Declined(at=at, by=by),
    Verb.HAVE_IT: lambda at, by, _: events.HaveIt(at=at, by=by),
    Verb.THERE: lambda at, by, _: events.There(at=at, by=by),
    Verb.CHECK_IN: lambda at, by, _: events.CheckedIn(at=at, by=by),
    Verb.MORE: lambda at, by, _: events.MoreNeeded(at=at, by=by),
    Verb.LEAVE: lambda at, by, _: events.LeaveNow(at=at, by=by),
    Verb.DONE: lambda at, by, _: events.Done(at=at, by=by),
    Verb.OUT: lambda at, by, _: events.OutSafe(at=at, by=by),
    Verb.HARD: lambda at, by, _: events.HardCall(at=at, by=by),
    Verb.CONFIRM: lambda at, by, _: events.Confirmed(at=at, by=by),
    Verb.NOT_CONFIRMED: lambda at, by, _: events.NotConfirmed(at=at, by=by),
    Verb.MERGE: lambda at, by, a: events.Merged(at=at, by=by, into=IncidentId(a.arg)),
    Verb.WIDEN: lambda at, by, _: events.Widened(at=at, by=by),
    Verb.LEAVE_ORDER: lambda at, by, _: events.LeaveOrdered(at=at, by=by),
    Verb.FOLLOW_UP: lambda at, by, a: events.FollowUpWanted(at=at, by=by, wanted=a.arg == "yes"),
}
"""What a press without words amounts to, where it belongs to an incident."""


def _minutes(arg: str) -> int | None:
    return int(arg) * 60 if arg.isdigit() else None

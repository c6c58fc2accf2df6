"""Answers to commands and presses: each a `Reply` in the reader's own language.

Rules it keeps
    * Every function here only reads; what a command changes is done elsewhere, and told here.
    * What members alone may read is sealed, with a notice that says nothing to anybody else.
    * What goes to a reporter never says who comes, how many they are, or from where.
    * No function tells a stranger whether somebody is a member.

What it must not know
    Channels, tokens, and how what it tells came about.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from responder.core.changes import Action, Prompt
from responder.core.effects import Why
from responder.core.model import (
    Incident,
    IncidentId,
    Network,
    Record,
    Stage,
    State,
)
from responder.core.phrases import LANGUAGES, say
from responder.core.playbook import Playbook
from responder.core.spoken import Offer, Reply, Verb
from responder.core.talk.commands import Name, shown_name

# --- help, rights, language -----------------------------------------------------------------------


def emergency_line(network: Network, language: str) -> str:
    """When and whom to call if someone is in danger of their life, in the network's own words."""
    own = network.emergency
    return own.get(language) or own.get("en") or say(language, "chat.emergency")


def rights_reply(language: str, playbooks: Iterable[Playbook], kind: str | None = None) -> Reply:
    """The rights that the playbooks tell: of that kind, or of all where it is none of theirs."""
    known = tuple(playbooks)
    told = [one for one in known if one.id == kind] or list(known)
    if not told:
        return Reply(text=say(language, "chat.rights.none"))
    parts = [
        "\n".join((one.title.in_(language), *(f"- {line}" for line in one.rights.in_(language))))
        for one in told
    ]
    return Reply(text="\n\n".join((say(language, "chat.rights"), *parts)))


def language_reply(language: str, languages: Sequence[str] = LANGUAGES) -> Reply:
    """Asks which language to write in; each is offered under its own name."""
    spoken = [one for one in languages if one in LANGUAGES] or list(LANGUAGES)
    offers = tuple(
        Offer(
            label=say(one, "chat.language_name"),
            action=Action(verb=Verb.LANGUAGE, arg=one),
        )
        for one in spoken
    )
    return Reply(text=say(language, "chat.language"), rows=(offers,))


def language_set_reply(language: str) -> Reply:
    """Says, in the language that was just chosen, that it was."""
    return Reply(text=say(language, "chat.language_set"))


# --- where things stand ---------------------------------------------------------------------------


class Standing(Record):
    """What a member is told of their own night; every time in the member's own time zone.

    `places` are names of neighbourhoods, `team` the code of the incident whose team they are in.
    """

    on_call_until: datetime | None = None
    next_shift: datetime | None = None
    places: tuple[str, ...] = ()
    team: str = ""
    rest_until: datetime | None = None
    private: bool = True


class Watch(Record):
    """Who is on call in one neighbourhood: call signs; `unreached` have no private channel."""

    neighbourhood: str
    reached: tuple[str, ...] = ()
    unreached: tuple[str, ...] = ()


def clock(language: str, moment: datetime, now: datetime) -> str:
    """The time of day of an instant, with its weekday or date where that is not today's.

    Shown in the zone that `moment` is in; `now` may be in any.
    """
    away = (moment.date() - now.astimezone(moment.tzinfo).date()).days
    time = f"{moment:%H:%M}"
    if away == 0:
        return time
    if 0 < away < len(weekdays := say(language, "chat.weekdays").split(",")):
        return say(language, "chat.weekday_time", day=weekdays[moment.weekday()], time=time)
    return say(language, "chat.date_time", day=f"{moment:%Y-%m-%d}", time=time)


def status_reply(
    language: str, incident: Incident | None, standing: Standing | None, now: datetime
) -> Reply:
    """Where this person's report stands, in plain words; for a member also their own night."""
    report = say(language, f"chat.status.{_stage(incident)}")
    if standing is None:
        return Reply(text=report)
    own = _standing_lines(language, standing, now)
    text = "\n".join((report, *own) if incident else own)
    return Reply(text=text, sealed=True, notice=say(language, "chat.sealed"))


def _stage(incident: Incident | None) -> str:
    """The phrase for an incident's state, as far as it concerns who reported it."""
    if incident is None:
        return "none"
    if incident.state is State.OUT and any(mate.stage is Stage.THERE for mate in incident.team):
        return "there"
    match incident.state:
        case State.HELD | State.PAGING | State.BRIEFING | State.OUT:
            return str(incident.state)
        case State.LEAVING | State.AFTERCARE | State.CLOSED:
            return "over"


def _standing_lines(language: str, standing: Standing, now: datetime) -> tuple[str, ...]:
    lines = []
    if standing.team:
        lines.append(say(language, "chat.standing.team", code=standing.team))
    if standing.on_call_until is not None:
        until = clock(language, standing.on_call_until, now)
        places = ", ".join(standing.places)
        lines.append(say(language, "chat.standing.on_call", until=until, places=places))
    else:
        lines.append(say(language, "chat.standing.off"))
    if standing.next_shift is not None:
        next_shift = clock(language, standing.next_shift, now)
        lines.append(say(language, "chat.standing.next", at=next_shift))
    if standing.rest_until is not None:
        until = clock(language, standing.rest_until, now)
        lines.append(say(language, "chat.standing.rest", until=until))
    if not standing.private:
        lines.append(say(language, "chat.not_private"))
    return tuple(lines)


def who_reply(language: str, watches: Sequence[Watch]) -> Reply:
    """Who is on call where; for members only, and over private channels only."""
    lines = [say(language, "chat.who")]
    for watch in watches:
        marked = [say(language, "chat.who.unreached", name=name) for name in watch.unreached]
        names = ", ".join((*watch.reached, *marked)) or say(language, "chat.who.nobody")
        lines.append(say(language, "chat.who.line", place=watch.neighbourhood, names=names))
    return Reply(text="\n".join(lines), sealed=True, notice=say(language, "chat.sealed"))


# --- members --------------------------------------------------------------------------------------


def oncall_reply(
    language: str, until: datetime, places: Sequence[str], private: bool, now: datetime
) -> Reply:
    """Says until when (in the zone of `until`) and where this member is on call now."""
    lines = [
        say(
            language,
            "chat.oncall",
            until=clock(language, until, now),
            places=", ".join(places),
            off=shown_name(language, Name.OFF),
        )
    ]
    if not private:
        lines.append(say(language, "chat.not_private"))
    notice = "\n".join((say(language, "chat.noted"), *lines[1:]))
    return Reply(text="\n".join(lines), sealed=True, notice=notice)


def off_reply(language: str) -> Reply:
    """Says that this member is off call now."""
    return Reply(text=say(language, "chat.off", oncall=shown_name(language, Name.ONCALL)))


def bad_time_reply(language: str) -> Reply:
    """Says how to write until when."""
    return Reply(text=say(language, "chat.bad_time", oncall=shown_name(language, Name.ONCALL)))


def not_member_reply(language: str) -> Reply:
    """Answers a members' command from anybody who may not use it; the same for all of them."""
    return Reply(text=say(language, "chat.not_member", help=shown_name(language, Name.HELP)))


def vouch_code_reply(language: str, code: str, days: int) -> Reply:
    """Hands a member the one-time code that carries their vouch, and a way to take it back."""
    join = shown_name(language, Name.JOIN)
    label = say(language, "member.button.uncode")
    back = Offer(label=label, action=Action(verb=Verb.UNCODE, arg=code))
    text = say(language, "chat.vouch_code", code=code, days=days, join=join)
    return Reply(text=text, rows=((back,),))


def vouched_reply(language: str) -> Reply:
    """Tells somebody that a member stands for them now."""
    return Reply(text=say(language, "chat.vouched"))


def joined_reply(language: str, call_sign: str, private: bool) -> Reply:
    """Welcomes a member on this channel; without a private one it says what is still missing.

    `call_sign` is empty where others can read the channel: they need not learn it.
    """
    key = "chat.joined" if call_sign else "chat.joined.unnamed"
    parts = [say(language, key, call_sign=call_sign)]
    if not private:
        parts.append(say(language, "chat.not_private"))
    return Reply(text="\n\n".join(parts))


def bad_code_reply(language: str) -> Reply:
    """Says that a code is unknown, used or too old, and what to do."""
    return Reply(text=say(language, "chat.bad_code"))


# --- reporters ------------------------------------------------------------------------------------


def forget_confirm(language: str, incident: IncidentId | None = None) -> Reply:
    """Asks before anything is destroyed."""
    yes = Offer(
        label=say(language, "chat.forget_yes"),
        action=Action(verb=Verb.FORGET, incident=incident),
    )
    return Reply(text=say(language, "chat.forget_confirm"), rows=((yes,),))


def forgotten_reply(language: str, kept: bool) -> Reply:
    """Says that all is destroyed, or (`kept`) that it will be once the team is back."""
    return Reply(text=say(language, "chat.forgotten_later" if kept else "chat.forgotten"))


def cancelled_reply(language: str, team: bool = False) -> Reply:
    """Says that the report is taken back; with a `team` out, that they have been told."""
    return Reply(text=say(language, "chat.cancelled_team" if team else "chat.cancelled"))


def safe_reply(language: str, team: bool = False) -> Reply:
    """Answers "I am safe now"; with a `team` out, that they have been told."""
    cancel = shown_name(language, Name.CANCEL)
    return Reply(text=say(language, "chat.safe_team" if team else "chat.safe", cancel=cancel))


def no_report_reply(language: str) -> Reply:
    """Says that there is no open report, and how to make one."""
    return Reply(text=say(language, "chat.no_report"))


def something_new_offer(language: str) -> Offer:
    """The one tap that makes a new report of what was just written."""
    return Offer(label=say(language, "chat.something_new"), action=Action(verb=Verb.NEW))


def something_new_reply(language: str) -> Reply:
    """Says that the words went to the open report, and offers to make them a new one."""
    return Reply(text=say(language, "chat.added"), rows=((something_new_offer(language),),))


def media_refused_reply(language: str) -> Reply:
    """Says which pictures and files are not taken."""
    return Reply(text=say(language, "chat.media_refused"))


def welcome_back(language: str, network: Network) -> Reply:
    """Greets somebody who wrote before and has nothing open."""
    head = say(language, "chat.welcome_back", help=shown_name(language, Name.HELP))
    return Reply(text="\n\n".join((head, emergency_line(network, language))))


# --- limits, questions, presses -------------------------------------------------------------------


def limit_reply(language: str, network: Network) -> Reply:
    """Asks somebody who wrote very much to slow down."""
    text = say(language, "chat.limit")
    return Reply(text="\n\n".join((text, emergency_line(network, language))))


def busy_reply(language: str, network: Network) -> Reply:
    """Answers an unknown person while a flood is on."""
    return Reply(text="\n\n".join((say(language, "chat.busy"), emergency_line(network, language))))


def stale_reply(language: str, why: Why) -> Reply:
    """Says why a press changed nothing."""
    return Reply(text=say(language, f"chat.stale.{why}"))


def unknown_number_reply(language: str, prompts: Iterable[Prompt]) -> Reply:
    """Lists the open questions' numbers to somebody who answered with one that fits none."""
    lines = [
        say(language, "chat.number.line", number=one.number, label=one.label)
        for one in sorted(prompts, key=lambda prompt: prompt.number)
    ]
    if not lines:
        return Reply(text=say(language, "chat.number.none"))
    return Reply(text="\n".join((say(language, "chat.number"), *lines)))


_AWAITED: Final = {
    Verb.ASK: "ask",
    Verb.NOTE: "note",
    Verb.ACCOUNTED: "accounted",
    Verb.ANSWER_PLEA: "answer",
}


def awaiting_reply(language: str, verb: str) -> Reply:
    """Asks for the words that a press still wants: a question, a note, or a reason."""
    return Reply(text=say(language, f"chat.awaiting.{_AWAITED.get(Verb(verb), 'reason')}"))


def noted_reply(language: str) -> Reply:
    """Says that it was taken down, and nothing else."""
    return Reply(text=say(language, "chat.noted"))


_PRESSED: Final = {
    Verb.ACCEPT: "thanks",
    Verb.DECLINE: "declined",
    Verb.REACHABLE: "thanks",
    Verb.NOT_FREE: "thanks",
    Verb.CONFIRM: "thanks",
    Verb.NOT_CONFIRMED: "thanks",
    Verb.ASK: "write",
    Verb.END: "write",
    Verb.NOTE: "write",
    Verb.ACCOUNTED: "write",
}


def press_note(language: str, verb: str) -> str:
    """The short line that takes the spinner off a pressed button; it tells nothing of anything."""
    return say(language, f"chat.pressed.{_PRESSED.get(Verb(verb), 'noted')}")

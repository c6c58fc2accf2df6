"""The first questions to somebody who has joined: one at a time, each may be passed over.

What it is for
    Consent, call sign, languages, trainings, a second channel, the phone, and one look at a page
    before the first real one. What is left to ask stands on the person: it can be gone on with
    days later, and over another channel.

Rules it keeps
    * Nobody must answer; but until somebody says yes to what is kept, nobody asks them to go (L3),
      and no other question is asked.
    * Only tapping answers, and what is written stays what it was, a report too.
      One exception is asked for by a tap: the words of a new call sign.
    * Call sign and trainings are asked where nobody else reads.
    * A training that somebody claims counts for nothing until a coordinator confirms it.
    * Whoever says no is not asked again and not written to again.

What it must not know
    Channels beyond their names, storage.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final

from msgspec.structs import replace

from responder.core.changes import Action, JoinCode
from responder.core.desk import Desk
from responder.core.model import CONSENT, Person, PersonId, Role, Training
from responder.core.phrases import LANGUAGES, TABLES, say
from responder.core.playbook import matches
from responder.core.spoken import Offer, Reply, Verb
from responder.core.talk import commands
from responder.core.talk.commands import Name
from responder.core.talk.conversation import Conversation
from responder.core.talk.naming import CALL_SIGN, CODE_LASTS, join_code

_MOST_WORDS: Final = 2
"""A longer text is no call sign but something that people must hear."""


class Step(StrEnum):
    """The questions, in the order in which they are asked."""

    CONSENT = CONSENT
    CALL_SIGN = "call-sign"
    LANGUAGE = "language"
    SPEAKS = "speaks"
    TRAINING = "training"
    CHANNELS = "channels"
    PHONE = "phone"
    DRILL = "drill"


_PRIVATELY: Final = frozenset({Step.CALL_SIGN, Step.TRAINING})
"""Asked only where nobody else reads."""
_SKIP: Final = "skip"


# --- which question comes next --------------------------------------------------------------------


def begin(talk: Conversation, *, first: bool) -> None:
    """Somebody joined over a channel; with `first` they had none before."""
    if first:
        _keep(talk, welcome=tuple(step.value for step in Step))
    if talk.person.welcome:
        _ask(talk)


def go_on(talk: Conversation, _: str) -> None:
    """`/welcome`: the question that waits, once more."""
    if talk.person.welcome:
        _ask(talk)
    else:
        _say(talk, "none")


def _ask(talk: Conversation) -> None:
    """Ask what comes next; older questions are closed, so that one is open at a time."""
    _close(talk)
    left = tuple(Step(step) for step in talk.person.welcome if _asks_anything(talk, Step(step)))
    _keep(talk, welcome=tuple(step.value for step in left))
    private = _private(talk)
    here = [step for step in left if private or step not in _PRIVATELY]
    if here:
        talk.reply(_QUESTIONS[here[0]](talk))
    elif left:
        _say(talk, "later", command=_command(talk, Name.WELCOME))
    else:
        _say(talk, "end", help=_command(talk, Name.HELP))


def _asks_anything(talk: Conversation, step: Step) -> bool:
    """Whether the question makes sense for this person, as things stand."""
    person, world = talk.person, talk.world
    match step:
        case Step.LANGUAGE:
            return len(_written(talk)) > 1
        case Step.SPEAKS:
            return bool(_spoken(talk))
        case Step.TRAINING:
            return bool(_trainings(talk))
        case Step.CHANNELS:
            return len(person.addresses) < 2
        case Step.PHONE:
            # Whoever has no private channel was told of the page as they joined.
            has_one = bool(world.devices_of(person.id))
            return bool(world.pager_link) and not has_one and world.private(person)
        case Step.DRILL:
            return person.has(Role.RESPONDER)
        case _:
            return True


def remind(talk: Conversation) -> None:
    """Whoever wants to be asked and has not said yes to what is kept is asked for that again."""
    if not talk.person.agreed:
        _ask(talk)


def _written(talk: Conversation) -> list[str]:
    return [one for one in talk.world.network.languages if one in LANGUAGES]


def _spoken(talk: Conversation) -> list[str]:
    """Languages of the network and its neighbourhoods that this person has not named yet."""
    places = talk.world.neighbourhoods.values()
    known = [*talk.world.network.languages, *(one for place in places for one in place.languages)]
    own = {talk.person.language, *talk.person.languages}
    return [one for one in dict.fromkeys(known) if one not in own]


def _trainings(talk: Conversation) -> list[str]:
    """Trainings that playbooks ask for, and that this person neither has nor claims."""
    asked = {name for one in talk.world.playbooks.values() for name in one.team.training}
    return sorted(asked - {t.name for t in talk.person.trainings} - set(talk.person.claimed))


# --- the questions --------------------------------------------------------------------------------


def _question(talk: Conversation, key: str, *choices: tuple[str, str], **params: object) -> Reply:
    """A question with one choice a row: each its label and the argument of its press."""
    rows = tuple(
        (Offer(label=label, action=Action(verb=Verb.WELCOME, arg=arg)),) for label, arg in choices
    )
    return Reply(text=say(talk.person.language, f"welcome.{key}", **params), rows=rows)


def _label(talk: Conversation, key: str) -> str:
    return say(talk.person.language, f"welcome.{key}")


def _choice(talk: Conversation, key: str, step: Step, choice: str) -> tuple[str, str]:
    return _label(talk, key), f"{step}:{choice}"


def _skip(talk: Conversation, step: Step, key: str = "skip") -> tuple[str, str]:
    return _choice(talk, key, step, _SKIP)


def _consent(talk: Conversation) -> Reply:
    asked = _question(
        talk,
        "consent",
        _choice(talk, "consent.yes", Step.CONSENT, "yes"),
        command=_command(talk, Name.WELCOME),
        forget=_command(talk, Name.FORGET),
    )
    no = Offer(label=_label(talk, "consent.no"), action=Action(verb=Verb.REFUSE))
    later = Offer(
        label=_label(talk, "skip"), action=Action(verb=Verb.WELCOME, arg=f"{Step.CONSENT}:{_SKIP}")
    )
    return replace(asked, rows=(*asked.rows, (no,), (later,)))


def _call_sign(talk: Conversation) -> Reply:
    return _question(
        talk,
        "call-sign",
        _choice(talk, "call-sign.keep", Step.CALL_SIGN, "keep"),
        _choice(talk, "call-sign.choose", Step.CALL_SIGN, "choose"),
        call_sign=talk.person.call_sign,
    )


def _language(talk: Conversation) -> Reply:
    choices = [(_named(one), f"{Step.LANGUAGE}:{one}") for one in _written(talk)]
    return _question(talk, "language", *choices, _skip(talk, Step.LANGUAGE))


def _speaks(talk: Conversation) -> Reply:
    choices = [(_named(one), f"{Step.SPEAKS}:{one}") for one in _spoken(talk)]
    return _question(talk, "speaks", *choices, _skip(talk, Step.SPEAKS, "enough"))


def _named(language: str) -> str:
    """A language under its own name, where we know it; else its code."""
    return say(language, "chat.language_name") if language in TABLES else language


def _training(talk: Conversation) -> Reply:
    choices = [(name, f"{Step.TRAINING}:{name}") for name in _trainings(talk)]
    return _question(talk, "training", *choices, _skip(talk, Step.TRAINING, "enough"))


def _channels(talk: Conversation) -> Reply:
    """Where others read, a code would be theirs as well: a coordinator hands one over there."""
    if not _private(talk):
        done = _skip(talk, Step.CHANNELS, "done")
        return _question(talk, "channels.elsewhere", done, _skip(talk, Step.CHANNELS))
    code = _choice(talk, "channels.code", Step.CHANNELS, "code")
    return _question(talk, "channels", code, _skip(talk, Step.CHANNELS))


def _phone(talk: Conversation) -> Reply:
    done = _skip(talk, Step.PHONE, "done")
    return _question(talk, "phone", done, _skip(talk, Step.PHONE), link=talk.world.pager_link)


def _drill(talk: Conversation) -> Reply:
    language = talk.person.language
    going = say(language, "card.button.going.10"), f"{Step.DRILL}:going"
    cannot = say(language, "card.button.cannot"), f"{Step.DRILL}:cannot"
    return _question(talk, "drill", going, cannot, drill=say(language, "card.drill"))


_QUESTIONS: Final[Mapping[Step, Callable[[Conversation], Reply]]] = {
    Step.CONSENT: _consent,
    Step.CALL_SIGN: _call_sign,
    Step.LANGUAGE: _language,
    Step.SPEAKS: _speaks,
    Step.TRAINING: _training,
    Step.CHANNELS: _channels,
    Step.PHONE: _phone,
    Step.DRILL: _drill,
}


# --- the answers ----------------------------------------------------------------------------------


def press(talk: Conversation, arg: str) -> None:
    """One question was answered; the next one is asked."""
    name, _, choice = arg.partition(":")
    step = Step(name)
    if name not in talk.person.welcome:
        _say(talk, "over")
        return
    if step in _PRIVATELY and not _private(talk):
        _say(talk, "later", command=_command(talk, Name.WELCOME))
        return
    if step is Step.CONSENT and choice == _SKIP:
        _close(talk)
        _say(talk, "consent.later", command=_command(talk, Name.WELCOME))
        return
    take = _ANSWERS.get(step)
    if take is not None and choice != _SKIP and not take(talk, choice):
        return
    _settled(talk, step)
    _ask(talk)


def _settled(talk: Conversation, step: Step) -> None:
    _keep(talk, welcome=tuple(one for one in talk.person.welcome if one != step))


def _took_call_sign(talk: Conversation, choice: str) -> bool:
    if choice == "keep":
        return True
    waits = Action(verb=Verb.WELCOME, arg=Step.CALL_SIGN)
    talk.keep(awaiting=waits, awaiting_since=talk.desk.at)
    _say(talk, "call-sign.write")
    return False


def named(talk: Conversation, awaiting: Action | None) -> bool:
    """Take what was written as the new call sign, if one was asked for and this can be one.

    What looks like a report is none: it falls through to whoever hears reports.
    """
    text = " ".join(talk.inbound.text.split())
    waits = awaiting is not None and awaiting.verb == Verb.WELCOME
    if not waits or not _may_be_name(talk, text):
        return False
    taken = talk.world.by_call_sign(text)
    if taken is not None and taken.id != talk.person.id:
        _say(talk, "call-sign.taken")
        return True
    talk.keep(awaiting=None)
    _keep(talk, call_sign=text)
    talk.desk.audit("member.rename", talk.person.id, talk.person.id)
    _say(talk, "call-sign.set", call_sign=text)
    _settled(talk, Step.CALL_SIGN)
    _ask(talk)
    return True


def _may_be_name(talk: Conversation, text: str) -> bool:
    draft = talk.session.draft
    if talk.team is not None or (draft is not None and draft.asking):
        # Something else is going on, and what they say belongs to it.
        return False
    if not CALL_SIGN.fullmatch(text) or len(text.split()) > _MOST_WORDS or not _private(talk):
        return False
    means = matches(talk.world.playbooks.values(), text, talk.person.language)
    return not means and not commands.is_ok(text)


def _took_language(talk: Conversation, choice: str) -> bool:
    _keep(talk, language=choice, language_chosen=True)
    return True


def _took_speaks(talk: Conversation, choice: str) -> bool:
    _keep(talk, languages=tuple(dict.fromkeys((*talk.person.languages, choice))))
    if _spoken(talk):
        _ask(talk)
        return False
    return True


def _took_training(talk: Conversation, choice: str) -> bool:
    if choice in _trainings(talk):
        _keep(talk, claimed=(*talk.person.claimed, choice))
        talk.desk.audit("member.claim", talk.person.id, talk.person.id, detail=choice)
        _ask_whether(talk, choice)
        _say(talk, "training.asked", training=choice)
    if _trainings(talk):
        _ask(talk)
        return False
    return True


def _took_channels(talk: Conversation, _: str) -> bool:
    if not _private(talk):
        return True
    code = join_code(talk.desk.ids.next())
    expires_at = talk.desk.at + CODE_LASTS
    talk.desk.put(JoinCode(code=code, expires_at=expires_at, person=talk.person.id))
    talk.desk.audit("member.code", talk.person.id, talk.person.id)
    _say(talk, "channels.made", code=code, days=CODE_LASTS.days)
    return True


def _took_drill(talk: Conversation, choice: str) -> bool:
    _say(talk, "drill.going" if choice == "going" else "drill.cannot")
    return True


_ANSWERS: Final[Mapping[Step, Callable[[Conversation, str], bool]]] = {
    Step.CALL_SIGN: _took_call_sign,
    Step.LANGUAGE: _took_language,
    Step.SPEAKS: _took_speaks,
    Step.TRAINING: _took_training,
    Step.CHANNELS: _took_channels,
    Step.DRILL: _took_drill,
}
"""What an answer changes; False where the question stays open."""


def refuse(talk: Conversation) -> bool:
    """They do not want to be kept: forget how to write to them. False while they are out there.

    The last word to them is the caller's: their address stands in this message alone now.
    """
    if Step.CONSENT not in talk.person.welcome:
        _say(talk, "over")
        return False
    if talk.team is not None:
        _say(talk, "refused.later")
        return False
    _close(talk)
    call_sign = talk.person.call_sign
    _keep(talk, addresses=(), welcome=(), offers=())
    talk.desk.audit("member.refuse", talk.person.id, talk.person.id)
    talk.desk.person_gone(talk.person.id)
    talk.desk.tell_coordinators("welcome_refused", call_sign=call_sign)
    return True


# --- a claimed training ---------------------------------------------------------------------------


def _ask_whether(talk: Conversation, training: str) -> None:
    """Each coordinator is asked over a channel that nobody else reads, and nowhere else."""
    world, person = talk.world, talk.person
    for other in world.with_role(Role.COORDINATOR):
        private = world.private_channels
        there = next((a.channel for a in other.addresses if a.channel in private), "")
        if other.id == person.id or not there:
            continue
        arg = f"{person.id}:{training}"
        offers = tuple(
            (Offer(label=say(other.language, f"welcome.{key}"), action=Action(verb=verb, arg=arg)),)
            for key, verb in (("yes", Verb.TRAINED), ("no", Verb.NOT_TRAINED))
        )
        text = say(
            other.language, "desk.welcome_claim", call_sign=person.call_sign, training=training
        )
        talk.desk.reply(other, Reply(text=text, rows=offers), there)


def judge(talk: Conversation, verb: str, arg: str) -> None:
    """A coordinator says whether somebody has the training that they claim."""
    id, _, training = arg.partition(":")
    person = talk.world.person(PersonId(id))
    if not talk.person.has(Role.COORDINATOR) or talk.person.id == id:
        _say(talk, "over")
    elif not _private(talk):
        _say(talk, "training.private")
    elif person is None or not person.member or training not in person.claimed:
        _say(talk, "over")
    else:
        _judged(talk.desk, person, training, counts=verb == Verb.TRAINED)
        talk.desk.audit("member.train", person.id, talk.person.id, detail=f"{verb} {training}")
        _say(talk, "training.noted")


def _judged(desk: Desk, person: Person, training: str, *, counts: bool) -> None:
    claimed = tuple(name for name in person.claimed if name != training)
    trainings = person.trainings
    if counts and all(t.name != training for t in trainings):
        trainings = (*trainings, Training(name=training))
    desk.put(replace(person, claimed=claimed, trainings=trainings))
    key = "welcome.training.counts" if counts else "welcome.training.not"
    text = say(person.language, key, training=training)
    notice = say(person.language, "phone.notice.read")
    desk.reply(person, Reply(text=text, notice=notice, sealed=True), "")


# --- small things ---------------------------------------------------------------------------------


def _private(talk: Conversation) -> bool:
    return talk.inbound.channel in talk.world.private_channels


def _command(talk: Conversation, name: Name) -> str:
    return "/" + commands.shown_name(talk.person.language, name)


def _keep(talk: Conversation, **changes: object) -> None:
    talk.person = replace(talk.person, **changes)
    talk.desk.put(talk.person)


def _say(talk: Conversation, key: str, **params: object) -> None:
    talk.reply(Reply(text=say(talk.person.language, f"welcome.{key}", **params)))


def _close(talk: Conversation) -> None:
    """Nothing that was asked here before can be answered any more."""
    if talk.session.awaiting is not None and talk.session.awaiting.verb == Verb.WELCOME:
        talk.keep(awaiting=None)
    for question in talk.world.questions.of(talk.person.id):
        if any(p.action.verb in (Verb.WELCOME, Verb.REFUSE) for p in question.prompts):
            talk.desk.asking.close(question.message)

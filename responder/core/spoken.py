"""What people are shown and may answer, before a channel gives it its form.

Rules it keeps
    * `Verb` names everything that a button or a number can mean; nothing else can be pressed.
    * An `Offer` carries its action in the clear; it becomes a random token before it leaves.

What it must not know
    Channels and tokens.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

from responder.core.changes import Action
from responder.core.messages import Urgency
from responder.core.model import Media, Pin, Record


class Verb(StrEnum):
    """What a press means. In brackets: `Action.arg`. Where it says so, `incident` is set."""

    # responders (incident)
    ACCEPT = "accept"  # [minutes to arrival]
    DECLINE = "decline"
    HAVE_IT = "have-it"
    THERE = "there"
    CHECK_IN = "check-in"
    MORE = "more"
    LEAVE = "leave"
    DONE = "done"
    OUT = "out"
    HARD = "hard"
    # verifiers (incident)
    CONFIRM = "confirm"
    ASK = "ask"  # then awaits the question's words
    NOT_CONFIRMED = "not-confirmed"
    MERGE = "merge"  # [id of the running incident]
    # coordinators (incident)
    END = "end"  # then awaits the reason
    NOTE = "note"  # then awaits the words
    WIDEN = "widen"
    TAKE_PLEA = "take-plea"  # [report id] I answer whoever wrote that
    ANSWER_PLEA = "answer-plea"  # [report id], then awaits the words
    LEAVE_ORDER = "leave-order"
    ACCOUNTED = "accounted"  # [person id], then awaits how it is known
    # reporters
    KIND = "kind"  # [playbook id]
    PLACE = "place"  # [neighbourhood id]
    ANSWER = "answer"  # ["question id:choice id"]
    SKIP = "skip"  # [question id]
    NEW = "new"  # what I just wrote is something new
    PLEA = "plea"  # none of the kinds: let a coordinator read it
    SAFE = "safe"  # (incident)
    CANCEL = "cancel"  # (incident, or none for a draft)
    FORGET = "forget"  # yes, forget what I sent
    FOLLOW_UP = "follow-up"  # (incident) ["yes" or "no"]
    # rosters
    TAKE = "take"  # [opening id] I take that time
    KEEP = "keep"  # [opening id] I keep the turn that I gave away
    GIVE = "give"  # [a turn] I give it away
    SWAP = "swap"  # [a turn] which turns of others could it be swapped for?
    SWAP_WITH = "swap-with"  # [my turn, then theirs]
    SWAP_YES = "swap-yes"  # [swap id] agreed
    SWAP_NO = "swap-no"  # [swap id]
    UNSHIFT = "unshift"  # [shift id] take a shift away
    RESHIFT = "reshift"  # [the shift] put it back
    NOT_FOR_ME = "not-for-me"  # [shift id] a coordinator put it there, and it does not suit
    KEEP_SHIFT = "keep-shift"  # [the shift] a coordinator took it away, and I want to keep it
    # standing offers
    GIVE_HELP = "give-help"  # ["kind:help"] I offer that from now on
    KEEP_HELP = "keep-help"  # [offer id] not any more
    # phones
    PHONE_YES = "phone-yes"  # [device id] it is theirs
    PHONE_NO = "phone-no"  # [device id] it is not theirs
    PHONE_OFF = "phone-off"  # [device id] it is lost
    # those who have just joined
    WELCOME = "welcome"  # ["step:choice"]
    REFUSE = "refuse"  # do not keep anything about me
    TRAINED = "trained"  # ["person id:training"] a coordinator knows that it is true
    NOT_TRAINED = "not-trained"  # ["person id:training"]
    # anyone
    LANGUAGE = "language"  # [language code]
    OFF = "off"  # go off call
    LOCK = "lock"  # a second coordinator agrees to lock the network
    REACHABLE = "reachable"  # [drill id:channel, or none for a monthly check]
    NOT_FREE = "not-free"  # [drill id:channel] reached as well, and could not have gone
    DRILL = "drill"  # [neighbourhood id] a coordinator begins one
    # coordinators, about members and grave orders
    ORDER = "order"  # ["what:person id"] ask a second coordinator (`orders.What`)
    ORDER_YES = "order-yes"  # [order id] a second coordinator agrees
    ORDER_NO = "order-no"  # [order id]
    MEMBERS = "members"  # [how many to pass over] the next of the list
    MEMBER = "member"  # [person id] show that member
    TRUST = "trust"  # ["person id:level"]
    BLOCK = "block"  # [person id]
    STAND_FOR = "stand-for"  # [person id] vouch
    UNVOUCH = "unvouch"  # [person id] take that word back
    UNTRUST = "untrust"  # ["person id:level before:who gave it:level now"] undo
    INCIDENT = "incident"  # [incident id] show it; no `incident`: the list outlives it
    TEXTS = "texts"  # [playbook id] show the texts that are kept of it
    BACK = "back"  # ["playbook id:number"] go back to that text? then asked whether they are sure
    BACK_YES = "back-yes"  # ["playbook id:number"]
    UNDRILL = "undrill"  # [drill id] stop it
    SWAP_OF = "swap-of"  # [somebody's turn] which turns could a coordinator swap it for?
    SWAP_FOR = "swap-for"  # [one's turn, then another's] a coordinator swaps them
    UNSWAP = "unswap"  # [ids of the exceptions that a swap took]
    UNCODE = "uncode"  # [join code] the vouch in it is taken back


WORK: Final = frozenset(
    {
        Verb.ACCEPT,
        Verb.DECLINE,
        Verb.HAVE_IT,
        Verb.THERE,
        Verb.CHECK_IN,
        Verb.MORE,
        Verb.LEAVE,
        Verb.DONE,
        Verb.OUT,
    }
)
"""What a responder can answer; a newer message with such answers closes the older ones."""


class Offer(Record):
    """One thing to tap: its words in the reader's language, and what it does."""

    label: str
    action: Action


class Reply(Record):
    """An answer in a conversation, in the reader's language. It goes back where they wrote."""

    text: str
    rows: tuple[tuple[Offer, ...], ...] = ()
    ask_place: bool = False
    sealed: bool = False
    """It holds words for members only: over a channel that is not private, `notice` goes."""
    notice: str = ""


class Face(Record):
    """A card as one reader sees it, in that reader's language.

    `text` for end-to-end private channels; `notice` content-free for the others. With `open` the
    text may go over any channel. `lasts_s`: after so many seconds it is not sent any more.
    """

    text: str
    notice: str = ""
    rows: tuple[tuple[Offer, ...], ...] = ()
    urgency: Urgency = Urgency.NEWS
    open: bool = False
    silent: bool = False
    watched: bool = False
    thread: str = ""


class PhoneSign(Record):
    """What a phone's pager says through the bot: it registers, or it opened a probe.

    `key` and `words` for a registration (`other_network`: it trusts another network's keys),
    `proof` for a probe.
    """

    key: str = ""
    words: tuple[str, ...] = ()
    proof: str = ""
    other_network: bool = False
    unfinished: bool = False
    """Parts of a private report are still to come."""
    unopened: bool = False
    """A private report that does not open: a part is missing, or it was changed."""


class ToldPart(Record):
    """That a message is a part of the private report `report`, which comes in several.

    `text` is what is new in it, still sealed; with `whole` the message completes the report.
    """

    report: str
    text: str = ""
    whole: bool = False


class LockSign(StrEnum):
    """What became of the words after /lock, which nobody but the shell ever sees."""

    RIGHT = "right"
    WRONG = "wrong"
    TOO_MANY = "too-many"
    """They were not looked at: this person gave too many wrong ones."""
    NOT_HERE = "not-here"
    """They were not looked at: others read this channel."""


class Inbound(Record):
    """One message from one person, as the platform delivered it.

    `key` is unique on its channel and the same for every delivery of the same message: it makes
    the message count once. `token` is the data of a pressed button; `reaction` an emoji put on
    our message `target` (a platform's message reference, as in `Sent.ref`). `press` is what the
    platform needs to take the spinner off a pressed button. `language` is the platform's hint.
    `edited` marks a person's change to an earlier message of theirs. `ref` is the platform's
    reference of the message itself, where it can be deleted. `place` is where it is, once more, if
    the sender wrote that apart: only a private report does.
    """

    channel: str
    key: str
    handle: str
    at: datetime
    text: str = ""
    token: str = ""
    press: str = ""
    reaction: str = ""
    target: str = ""
    pin: Pin | None = None
    media: tuple[Media, ...] = ()
    language: str = ""
    edited: bool = False
    phone: PhoneSign | None = None
    """Read from `text` before the message is worked off; a bot leaves it empty."""
    part: ToldPart | None = None
    """Read from `text` too."""
    lock: LockSign | None = None
    """Read from `text` too; what was read is taken out of it."""
    ref: str = ""
    place: str = ""
    unsay: bool = False
    """It is to be deleted where it was written, once it is on disk; a bot leaves it to others."""

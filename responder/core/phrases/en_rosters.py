"""English: shifts, coverage, who takes over, care."""

from __future__ import annotations

from typing import Final

PHRASES: Final[dict[str, str]] = {
    "chat.name.shifts": "shifts, my shifts",
    "chat.name.coverage": "coverage",
    "chat.name.care": "care",
    "chat.name.awake": "awake",
    "chat.name.handover": "handover",
    "chat.help.care": "your pages, hard calls and rest",
    "chat.help.awake": "say that you are awake, for example until 02:00: you are asked first",
    "chat.help.handover": "the note for who comes on call: place, then words",
    "shift.days": "mon,tue,wed,thu,fri,sat,sun",
    "shift.days-apart": "mon,tue,wed,thu,fri,sat,sun",
    "shift.apart": "2nd,3rd,4th",
    "shift.ordinals": "first,second,third,fourth,last",
    "shift.daily": "every day {hours}",
    "shift.weekly": "every {days} {hours}",
    "shift.apart-weeks": "every {apart} {days} {hours}",
    "shift.monthly": "{nth} {day} of the month {hours}",
    "shift.from": "{when} from {day}",
    "shift.until": "{when} until {day}",
    "roster.care.own": (
        "Pages tonight: {tonight} of at most {most}; in two days: {lately}. Hard calls: {hard}."
    ),
    "roster.care.rest": "You rest until {until}; nobody pages you.",
    "roster.care.never": "Saying no, or nothing, counts nowhere.",
    "roster.care.all": "Everybody who was paged lately, or rests:",
    "roster.care.line": "{call_sign}: {tonight} of {most} tonight, hard calls {hard}{rest}",
    "roster.care.resting": ", rests until {until}",
    "roster.awake": "Thank you. Until {until} you are asked before those who sleep, while on call.",
    "roster.awake.bad": "I did not understand the time. Write for example: /{awake} until 02:00",
    "roster.handover": "Note for {place}: {text}",
    "roster.handover.done": "Noted. Told to those on call now: {told}. Others get it as they come.",
    "roster.handover.gone": "There is no note any more.",
    "chat.help.shifts": "your next shifts: give away, swap, take an open one",
    "chat.help.coverage": "how well the coming days are covered",
    "roster.notice": "It is about the roster. The words are on your private channel.",
    "roster.time": "{place}, {day} {date}, {start} to {end}",
    "roster.button.take": "I take it",
    "roster.button.take-n": "Take {number}",
    "roster.button.keep": "I keep it after all",
    "roster.button.give": "Give away {number}",
    "roster.button.back": "Give it away again",
    "roster.button.swap": "Swap {number}",
    "roster.button.swap-with": "Ask for {number}",
    "roster.button.swap-yes": "Yes, swap",
    "roster.button.swap-no": "Rather not",
    "roster.ask.gap": (
        "{when}: with those who are on call now, no team could form. Could you be on call then? "
        "If not, just do nothing; nobody keeps count."
    ),
    "roster.ask.given": (
        "{when}: somebody cannot make it. Could you take over? Whoever says so first has it. If "
        "not, just do nothing; nobody keeps count."
    ),
    "roster.ask.open": (
        "{when}: somebody is wanted for this shift. Could you take it? If not, just do nothing; "
        "nobody keeps count."
    ),
    "roster.ask.over": "{when}: nobody more is wanted then. Thank you; there is nothing to do.",
    "roster.ask.swap": (
        "{call_sign} would like to swap: you would take {theirs}, and {call_sign} would take "
        "{yours}. Saying no needs no reason."
    ),
    "roster.told.gap": "Roster: {when}: no team could form. Asked whether they take it: {asked}.",
    "roster.told.nobody": (
        "Roster: {when}: somebody is wanted, and nobody could be asked. Please look for somebody: "
        "responder shift coverage shows who is missing."
    ),
    "roster.told.untaken": "Roster: {when}: nobody has taken it so far. Please look for somebody.",
    "roster.told.taken": "Roster: {call_sign} takes {when}.",
    "roster.told.swap": "Roster: {one} and {other} have swapped turns.",
    "roster.told.put": (
        "{by} put you on call in {place}: {when}. If that does not suit you, one tap is enough; "
        "nobody asks why."
    ),
    "roster.told.away": (
        "{by} took a shift of yours away: {when}, {place}. You are not on call then any more. "
        "If you want to keep it, one tap is enough."
    ),
    "roster.told.many": (
        "{by} put you on call:\n{lines}\nIf something of it does not suit you, tell a coordinator; "
        "nobody asks why."
    ),
    "roster.told.line": "- {when}, {place}",
    "roster.told.more": "- and {number} more",
    "roster.told.on": (
        "{by} put you on call for a time: {when}. If that does not suit you, write /off."
    ),
    "roster.told.off": (
        "{by} noted that you are off call: {when}. If that is not so, write /oncall."
    ),
    "roster.told.exception-over": (
        "{by} took an exception of yours back: {when}. Your usual shifts hold again. If that does "
        "not suit you, write /off or /oncall."
    ),
    "roster.a-coordinator": "A coordinator",
    "roster.button.not-for-me": "Not for me",
    "roster.button.keep-shift": "I want to keep it",
    "roster.objected": "That is fine: the shift is gone, and coordinators know.",
    "roster.kept-shift": "It is yours again: {when}, {place}. Coordinators know.",
    "roster.told.objected": (
        "Roster: the shift of {call_sign} does not suit them, and is gone: {when}, {place}."
    ),
    "roster.told.kept-shift": (
        "Roster: {call_sign} wants to keep the shift that was taken away, and has it again: "
        "{when}, {place}."
    ),
    "roster.owner.told": "{call_sign} has been told.",
    "roster.owner.untold": "{call_sign} has no channel yet: please tell them yourself.",
    "roster.given": "{call_sign} takes over: {when}. You are off call then.",
    "roster.taken": "Thank you. You are on call: {when}.",
    "roster.gave": (
        "{when}: asked whether they take it: {asked}. You stay on call until somebody does; then "
        "you hear of it."
    ),
    "roster.gave.nobody": (
        "{when}: there is nobody whom I could ask. You stay on call; coordinators know that you "
        "would like to give it away."
    ),
    "roster.kept": "It stays yours. Thank you.",
    "roster.button.undo": "Undo",
    "roster.put": "{call_sign} is on call in {place}: {when}.",
    "roster.put.bad": (
        "I could not read that as a shift. Write for example: every fri 18:00-22:00, or every 2nd "
        "sat 10:00-14:00, or first sun of the month 9:00-12:00, or weekends 10-14, or "
        "tomorrow 18:00-22:00"
    ),
    "roster.put.no-place": "I know no neighbourhood {name}. Here there are: {places}",
    "roster.put.nobody": "I know no member {name}. Write the call sign first, then the shift.",
    "roster.put.nobody.near": "I know no member {name}. Did you mean {near}?",
    "roster.put.where": "In which neighbourhood? Write it at the end, for example: in Northside",
    "roster.put.known": "That very shift is there already.",
    "roster.put.past": "That day is over already: check the date.",
    "roster.put.twice": "There is a shift at that time already, from {day} on: {when}, {place}.",
    "roster.unput": "Taken back. That shift is gone.",
    "roster.swap.asked": "I have asked. You hear from me; until then nothing changes.",
    "roster.swap.no": "The swap you asked for does not work out. Nothing has changed.",
    "roster.swap.done": "Swapped. You are on call: {when}.",
    "roster.swap.done-for-you": (
        "A coordinator swapped two turns, as they understood you. You are on call: {when}. If that "
        "does not suit you, tell a coordinator."
    ),
    "roster.swap.declined": "That is fine. Nothing has changed.",
    "roster.swap.which": "{when} could be swapped for one of these. Whom shall I ask?",
    "roster.swap.line": "{number}. {call_sign}: {when}",
    "roster.swap.none": "{when}: I find nobody whose turn it could be swapped for.",
    "roster.refused.taken": "That is settled already. Nothing more to do.",
    "roster.refused.not-now": "That does not fit now: rest, limits or trainings stand against it.",
    "roster.refused.yours": "You are on call then already.",
    "roster.refused.asked": "The others have been asked about it already.",
    "roster.shifts": "Your next times on call:",
    "roster.shifts.none": "You have no shift in the next two weeks.",
    "roster.shifts.open": "Somebody is wanted here:",
    "roster.shifts.line": "{number}. {when}",
    "roster.coverage": "The next {days} days:",
    "roster.coverage.counts": "Hours, all neighbourhoods: {empty} nobody, {alone} one alone. "
    "Gaps in the shifts: {gaps}.",
    "roster.coverage.place": "{place}: {empty} h nobody, {alone} h one alone, {covered} h covered",
    "roster.coverage.gap": "Gap: {when}",
    "roster.coverage.limit": "At their limit tonight: {names}",
}

"""English: members in chat, and grave orders that take two coordinators."""

from __future__ import annotations

from typing import Final

PHRASES: Final[dict[str, str]] = {
    "chat.name.members": "members",
    "chat.name.trust": "trust",
    "chat.name.export": "export",
    "chat.name.incidents": "incidents",
    "chat.name.playbooks": "playbooks",
    "chat.name.numbers": "numbers",
    "chat.help.incidents": "what is open, with its buttons",
    "chat.help.playbooks": "what is in force, and the way back",
    "chat.help.numbers": "a month in numbers, like 2026-11",
    "explain.also": "Also: {names}\n{help} and one of these names says what it does.",
    "explain.handover": "Write the neighbourhood first: /handover Northside The gate is locked.",
    "overview.list": "Open incidents:",
    "overview.none": "No incident is open that you coordinate.",
    "overview.counted": "Open incidents: {number}. The list is on your private channel.",
    "errand.notice": "The answer is on your private channel.",
    "errand.playbooks": "Playbooks in force: {number}",
    "errand.text": "text {number}, since {since}",
    "errand.in_force": "in force",
    "errand.texts": "{title}, the last texts that are kept:",
    "errand.faults": "Not taken in, so the last good text stays in force:",
    "errand.no_faults": "No changed file was refused.",
    "errand.button.texts": "Texts of {number}",
    "errand.button.back": "Back to text {number}",
    "errand.button.yes": "Yes, go back",
    "errand.back.sure": (
        "{title}: shall text {number} be in force again? New incidents run on it within seconds; "
        "those that are open keep theirs."
    ),
    "errand.back": "{title}: {by} put text {number} back. It is in force within seconds.",
    "errand.fault": "That was not done: {fault}",
    "errand.month": "Write a month like this: /numbers 2026-11",
    "errand.numbers": "Incidents in {month}: {incidents}",
    "errand.numbers.minutes": (
        "Minutes until a team had formed: {middle} in the middle, {most} at most in nine of ten."
    ),
    "errand.numbers.hidden": "not told",
    "turning.shifts": "{call_sign}, shifts: {number}",
    "turning.line": "{number}. {when}, {place}",
    "turning.ahead": "On call next:",
    "turning.button.away": "Take away {number}",
    "turning.button.swap-for": "Swap for {number}",
    "turning.swap.which": "{when} can be swapped for one of these. Both hear of it at once.",
    "turning.swapped": "Swapped, and both have been told.",
    "turning.unswapped": "A swap was undone: your own turn is yours again.",
    "turning.undone": "Undone, and both have been told.",
    "chat.help.members": "trust, blocks, roles of everybody",
    "chat.help.trust": "give a level: name, then known or trusted",
    "chat.help.export": "the whole roster; takes two coordinators",
    "member.notice": "It is about members. The words are on your private channel.",
    "member.list": "Members: {number}",
    "member.level.trusted": "trusted",
    "member.level.known": "known",
    "member.level.unknown": "unknown, unproven",
    "member.level.blocked": "blocked",
    "member.role.responder": "responder",
    "member.role.verifier": "verifier",
    "member.role.coordinator": "coordinator",
    "member.on_call": "on call now",
    "member.rests": "Rests until {until}; nobody pages them.",
    "member.not_private": "No page reaches them: no Signal and no registered phone.",
    "member.vouched_by": "Stand for them: {names}",
    "member.vouches_for": "They stand for: {names}",
    "member.nobody": "No member has that call sign. /members lists them all.",
    "member.not_yourself": "That is for others to say: nobody changes their own standing.",
    "member.already": "It is so already. Nothing has changed.",
    "member.changed_since": "It has changed since, so there is nothing to take back here.",
    "member.level": "{call_sign} is {level} now.",
    "member.blocked": (
        "{call_sign} is blocked: nothing they write counts, nobody pages them, and they are out "
        "of every incident. Undo gives the level back, not the place in a team."
    ),
    "member.moved": "The level of others moved with it. Please look at them again: {names}",
    "member.vouched": "You stand for {call_sign} now.",
    "member.unvouched": "You do not stand for {call_sign} any more.",
    "member.uncoded": "That code is worth nothing any more.",
    "member.told.level": "{by} set the trust level of {call_sign}: {level}.",
    "member.told.blocked": "{by} blocked {call_sign}. Undo it on /members {call_sign}",
    "member.button.show": "Show {number}",
    "member.button.more": "More",
    "member.button.undo": "Undo",
    "member.button.level.trusted": "Trusted",
    "member.button.level.known": "Known",
    "member.button.level.unknown": "By vouches alone",
    "member.button.block": "Block",
    "member.button.unblock": "Unblock",
    "member.button.vouch": "I stand for them",
    "member.button.unvouch": "Take my word back",
    "member.button.uncode": "Take it back",
    "member.button.order.coordinator": "Make coordinator",
    "member.button.order.no-coordinator": "Coordinator no more",
    "member.button.order.block": "Block",
    "member.button.order.remove": "Remove",
    "order.notice": "Two coordinators must decide. The words are on your private channel.",
    "order.button.stop": "Stop it",
    "order.button.yes": "I agree",
    "order.button.no": "I do not",
    "order.what.coordinator": "{call_sign} becomes a coordinator",
    "order.what.no-coordinator": "{call_sign} stops being a coordinator",
    "order.what.block": "{call_sign}, a coordinator, is blocked",
    "order.what.remove": "{call_sign} is removed from the network for good",
    "order.what.export": "{by} is sent the whole roster, with names and places",
    "order.machine.coordinator": (
        "responder member set {call_sign} with --role for each role, coordinator among them"
    ),
    "order.machine.no-coordinator": (
        "responder member set {call_sign} with --role for each role that stays"
    ),
    "order.machine.block": "responder member block {call_sign}",
    "order.machine.remove": "responder member remove {call_sign}",
    "order.machine.export": "responder shift export",
    "order.question": (
        "{by} asks for this: {what}. It happens only if a second coordinator agrees within "
        "{minutes} minutes. If you are not sure, ask {by} another way first."
    ),
    "order.asked": (
        "Asked: {what}. Coordinators who may agree: {asked}. After {minutes} minutes it is void."
    ),
    "order.alone": (
        "Not done: {what}. A second coordinator must agree, and there is none who may. Whoever "
        "looks after the machine can do it: {machine}"
    ),
    "order.done": "Done: {what}. {by} asked for it, {other} agreed.",
    "order.refused": "Not done: {what}. {other} does not agree with what {by} asked for.",
    "order.void": (
        "Not done: {what}. {by} asked for it, and nobody agreed within {minutes} minutes."
    ),
    "order.late": "That is over: it was decided, or its half hour has passed.",
    "order.own": "You asked for it yourself. A second coordinator must agree.",
    "order.about_you": "It is about you, so others decide it.",
    "order.changed": (
        "That would change nothing any more, or whoever asked is no coordinator any more. So "
        "nothing has happened."
    ),
    "order.other_channel": (
        "Whoever asked did so over {channel} too, and {channel} could press both buttons. Please "
        "agree over Signal, or ask again from there."
    ),
    "order.export.line": "{call_sign} {when} in {place}",
    "order.export.none": "There are no shifts.",
    "desk.machine.coordinator": (
        "At the machine, {call_sign} was made a coordinator. If none of you knows of it, somebody "
        "else may hold the machine."
    ),
    "desk.machine.no_coordinator": (
        "At the machine, {call_sign} was taken off the coordinators. If none of you knows of it, "
        "somebody else may hold the machine."
    ),
    "desk.machine.removed": (
        "At the machine, {call_sign} was removed from the network. If none of you knows of it, "
        "somebody else may hold the machine."
    ),
    "desk.machine.export": (
        "At the machine, the shifts were exported, with names. If none of you knows of it, "
        "somebody else may hold the machine."
    ),
    "desk.machine.backup": (
        "At the machine, a backup was written. If none of you knows of it, somebody else may hold "
        "the machine."
    ),
}

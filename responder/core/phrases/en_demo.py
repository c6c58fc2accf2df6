"""English: the words of `responder demo`, its narrator and its made-up people.

Entries under `demo.live.words.` are apart by commas and recognised in every language.
"""

from __future__ import annotations

from typing import Final

_FRAME: Final[dict[str, str]] = {
    "demo.title": "responder demo: {title}",
    "demo.about": (
        "The people are made up. All else is what a network runs on: the same decisions, database, "
        "outbox and playbooks. Nothing leaves this machine, and the folder that holds it all is "
        "deleted at the end."
    ),
    "demo.about.time": "Nobody waits here: the demo's clock jumps ahead, and says so.",
    "demo.about.phones": (
        "Each box is what one person's phone shows. A pencil marks a message that changed; only "
        "what is new in it is shown."
    ),
    "demo.end": "The story is at its end. Its database and its keys are deleted.",
    "demo.end.try": "At a terminal, `responder demo` lets you play it yourself.",
    "demo.emergency": "If someone is in danger of their life, call the emergency number first.",
    "demo.same": "The rest reads as on the phone of {name}.",
    "demo.name.reporter": "Reporter",
    "demo.name.you": "You",
    "demo.name.stranger": "Stranger",
    "demo.weekdays": "Monday,Tuesday,Wednesday,Thursday,Friday,Saturday,Sunday",
    "demo.clock.minute": "The clock jumps ahead by a minute, to {time}.",
    "demo.clock.minutes": "The clock jumps ahead by {minutes} minutes, to {time}.",
    "demo.clock.long": "The clock jumps ahead to {day}, {time}.",
    "demo.broken": "The story did not reach its end: {why}",
    "demo.broken.tap": "{name} was not asked what the story has them answer.",
    "demo.broken.due": "nothing is due any more, though the story is not over.",
    "demo.broken.none": "there is no incident.",
    "demo.broken.state": "the incident should be {wanted}, and is {reached}.",
    "demo.broken.team": "another team was formed than the story needs.",
    "demo.broken.kept": "a report was kept longer than its playbook says.",
    "demo.unknown": "There is no such story. There are: {stories}",
}

_WHO: Final[dict[str, str]] = {
    "demo.paged": "Paged: {names}. They hear what and roughly where, not the exact place.",
    "demo.not-paged": "Not paged, and why:",
    "demo.barred.removed": "has left the network",
    "demo.barred.blocked": "is blocked",
    "demo.barred.not-responder": "coordinates, and does not go out",
    "demo.barred.verifier": "checks reports, and does not go out",
    "demo.barred.reporter": "reported it",
    "demo.barred.keep-apart": "asked to be kept apart from somebody who is in this",
    "demo.barred.no-consent": "did not say yes yet to what is kept about them",
    "demo.barred.no-private-channel": "has Telegram only, which others can read: no pages yet",
    "demo.barred.training": "lacks the training that this needs: {training}",
    "demo.barred.busy": "is in a team already",
    "demo.barred.off-call": "is off call tonight",
    "demo.barred.resting": "rests after a hard call, until {until}",
    "demo.barred.limit": "was paged often enough for one night",
    "demo.barred.already-paged": "was paged before",
    "demo.barred.later": "is on call in {there}: asked next if {here} has too few",
    "demo.who.experienced": "experienced",
    "demo.who.new": "new",
    "demo.who.verifier": "checks reports",
    "demo.who.coordinator": "coordinates",
    "demo.who.on-call": "on call",
    "demo.who.off-call": "off call",
    "demo.who.team": "in a team now",
}

_COMMON: Final[dict[str, str]] = {
    "demo.there": "They have met, walked the last part together, and are there.",
    "demo.check-in": (
        "The team owes a sign of life. Whoever is late is reminded, then coordinators are alarmed."
    ),
    "demo.count": "Over. Whoever was sent is counted until out.",
    "demo.rest": "Everybody is out. A day later those who went look back together.",
    "demo.closed": "Closed. What is kept now has a date on which it is destroyed.",
    "demo.forgotten": (
        "The keys are destroyed, first of the report, then of the incident: no copy can be read."
    ),
}

_COPWATCH: Final[dict[str, str]] = {
    "demo.story.copwatch": "a police stop",
    "demo.words.copwatch": (
        "Police have stopped two boys at the corner of Main and 3rd in Northside. They look scared."
    ),
    "demo.copwatch.report": "A neighbour whom the network trusts writes one message.",
    "demo.copwatch.intake": "People are asked at once; the questions come after.",
    "demo.copwatch.no": "A no needs no reason.",
    "demo.copwatch.alone": "Nobody goes alone: Heron waits until a second person says yes.",
    "demo.copwatch.apart": (
        "Badger says yes too, but asked to be kept apart from Heron. That makes no pair."
    ),
    "demo.copwatch.pair": (
        "Wren says yes: a pair, one experienced and one new. Only now, and only these two, read "
        "the exact place. The others can rest."
    ),
    "demo.copwatch.first-has-it": "Heron has read the brief. It is not time to go yet.",
    "demo.copwatch.more": "The reporter adds something; it reaches the team.",
    "demo.words.copwatch.more": "Four officers and two cars. A third car is just coming.",
    "demo.copwatch.go": "Wren has the brief too. Now that both have it, the word is: go.",
    "demo.copwatch.done": "The boys are let go. Heron says that it is done.",
    "demo.copwatch.hard": "It was hard on Wren: a tap, and both rest before the next page.",
}

_HATE: Final[dict[str, str]] = {
    "demo.story.hate-incident": "a hate incident",
    "demo.words.hate": (
        "A man is harassing a woman because of her headscarf, at the bus stop outside the library "
        "in Riverside."
    ),
    "demo.hate.report": (
        "Somebody writes whom nobody in the network knows. That pages no one yet: a verifier is "
        "asked first."
    ),
    "demo.hate.intake": "Meanwhile one question at a time, and each can be skipped.",
    "demo.hate.follow-up": "The last one: may somebody ask how it went?",
    "demo.hate.ask": "Robin asks back. Neither learns who the other is.",
    "demo.words.hate.ask": "Is she alone, and is he still there?",
    "demo.words.hate.answer": "He got on a bus. She sits there alone and is shaking.",
    "demo.hate.confirm": "Robin stands for it. Now people are asked.",
    "demo.hate.widen": (
        "Otter is alone on call in Riverside. With that yes nobody is left to ask there, so the "
        "next wave asks Northside at once."
    ),
    "demo.hate.pair": "Wren comes over from Northside: a pair.",
    "demo.hate.brief": "Both read the brief. The person who was harmed decides what happens.",
    "demo.hate.ok": 'A tap is a sign of life, and so is a plain "ok".',
    "demo.words.ok": "ok",
    "demo.hate.safe": "The reporter feels safe. That stands nobody down: the team decides.",
    "demo.words.safe": "/safe",
    "demo.hate.done": "She is home. Otter says that it is done.",
}

_TENSE: Final[dict[str, str]] = {
    "demo.story.de-escalation": "a tense situation",
    "demo.words.tense": (
        "An argument is about to turn into a fight, in front of the corner shop on Elm Street in "
        "Northside."
    ),
    "demo.tense.report": "A neighbour whom the network trusts sees an argument turn.",
    "demo.tense.new": "Wren and Sparrow have said yes. Both are new, and two new ones do not pair.",
    "demo.tense.pair": "Badger is experienced: a pair with Wren, who said yes first.",
    "demo.tense.unread": "Badger has the brief. Wren does not answer it.",
    "demo.tense.replace": (
        "A brief that stays unread counts as a partner who left. Badger was told to hold back, "
        "and Sparrow, who had said yes before, is asked again."
    ),
    "demo.tense.go": "A new pair, and a new brief for both. They go once both have it.",
    "demo.tense.leave": "Somebody pulls a knife. Sparrow taps: leave now. Both are told at once.",
    "demo.tense.silent": "Sparrow is out. Badger has not been heard of, so Badger is asked again.",
    "demo.tense.out": "Badger was helping somebody away, and is out too.",
}

_LIVE: Final[dict[str, str]] = {
    "demo.live.title": "play it yourself",
    "demo.live.you": (
        "You are a neighbour whom the network trusts. Write what happens and where, in your own "
        "words, as on a phone. The neighbourhoods are Northside and Riverside. For example:"
    ),
    "demo.live.idle": (
        "If you do nothing for a while, the made-up people go on by themselves. Enter on an empty "
        "line lets them go on at once. `help` shows what else you can do."
    ),
    "demo.live.answer": (
        "Answer as any of them: `heron 1`, for example. Or wait and they answer by themselves."
    ),
    "demo.live.help": "You can type:",
    "demo.live.help.words": "any words",
    "demo.live.help.words.what": "you write to the network; /status, /safe, /cancel work too",
    "demo.live.help.stranger": "stranger: words",
    "demo.live.help.stranger.what": "the same, from somebody whom nobody knows",
    "demo.live.help.answer": "heron 1",
    "demo.live.help.answer.what": "Heron answers with a number; words work as well",
    "demo.live.help.who": "who",
    "demo.live.help.who.what": "who is in the network, and who is not paged and why",
    "demo.live.help.wait": "wait 10 min",
    "demo.live.help.wait.what": "set the clock ahead; `wait` alone: to what is due next",
    "demo.live.help.quit": "quit",
    "demo.live.help.quit.what": "end the demo",
    "demo.live.words.help": "help, ?",
    "demo.live.words.who": "who",
    "demo.live.words.wait": "wait, sleep",
    "demo.live.words.quit": "quit, exit, bye, q",
    "demo.live.words.reporter": "reporter",
    "demo.live.words.stranger": "stranger, unknown",
    "demo.live.declines": "{name} cannot come tonight.",
    "demo.live.accepts": "{name} says yes.",
    "demo.live.have-it": "{name} has read the brief.",
    "demo.live.there": "{name} arrives.",
    "demo.live.check-in": "{name} gives a sign of life.",
    "demo.live.done": "{name} says that it is done.",
    "demo.live.out": "{name} is out.",
    "demo.live.confirm": "{name} checked it, and stands for it.",
    "demo.live.pair": (
        "A pair. From here on, and only for them, the exact place is told. They go when both have "
        "the brief."
    ),
    "demo.live.alone": "Nobody goes alone: {name} waits until a second person says yes.",
    "demo.live.held": "Nobody knows who wrote this: a verifier is asked before anyone is paged.",
    "demo.live.go": "Everybody has the brief: now they go, together.",
    "demo.live.leaving": "Everybody is called back, and counted until out.",
    "demo.live.over": (
        "That was the way of one report, from the first word to the debrief. Write another one, "
        "or `quit`."
    ),
    "demo.live.no-time": "I did not understand how long. For example: wait 10 min",
    "demo.live.nothing-due": "Nothing is due. Write what happens and where, or `help`.",
    "demo.live.swift": "{name} has no phone at this terminal.",
    "demo.live.bye": "The folder with its database and its keys is deleted. Take care.",
}

PHRASES: Final[dict[str, str]] = {
    **_FRAME,
    **_WHO,
    **_COMMON,
    **_COPWATCH,
    **_HATE,
    **_TENSE,
    **_LIVE,
}

"""English: the words of conversations and commands.

A key with `.words.` or `.name.` in it holds entries to recognise, apart by commas; case, accents
and punctuation do not matter there. The first entry of a name is the one that readers are shown.
"""

from __future__ import annotations

from typing import Final

_INTAKE: Final[dict[str, str]] = {
    "intake.welcome": (
        "Hello, this is {network}: neighbours who come, two or more together, to observe and to "
        "support people. Tell me in your own words what is happening and where. I never ask for "
        "your name or your papers."
    ),
    "intake.welcome_back": (
        "Hello again, this is {network}. Tell me in your own words what is happening and where."
    ),
    "intake.received": "Thank you for writing. Your message has arrived.",
    "intake.thanks": "Thank you, I have that.",
    "intake.cut": (
        "It was very long: I kept the first {most} characters. Please send the rest as a new "
        "message if it matters."
    ),
    "intake.media": (
        "Only the people who go there get to see or hear what you sent. It is not published."
    ),
    "intake.next": (
        "As soon as I know what it is and in which neighbourhood, your report goes on its way to "
        "people who can help. You hear from me here."
    ),
    "intake.opened": (
        "Your report is on its way: {kind}, {place}. Someone checks it first, or people on call "
        "are asked to come right away. You hear from me here."
    ),
    "intake.opened.care": "Keep your distance and look after yourself.",
    "intake.cancel": "To take it back, write /{cancel}.",
    "intake.language": "For English write /{language} {code}.",
    "intake.kind": "What is happening? Choose one, or write it in your own words.",
    "intake.kind_again": "I am not sure yet what it is. Which of these comes closest?",
    "intake.kind_rest": (
        "None of those? Perhaps it is one of these. You can also just write it in your own words."
    ),
    "intake.something_else": "Something else",
    "intake.to_a_person": "Ask a coordinator",
    "intake.place": (
        "Which neighbourhood is it in? Choose one, write its name, or share your location."
    ),
    "intake.place_again": (
        "I do not know that place yet. Which neighbourhood is it in, or near? You can also share "
        "your location."
    ),
    "intake.which": "Which of these neighbourhoods is it? You can also share your location.",
    "intake.outside": (
        "That point lies outside the neighbourhoods that we cover. Which one is nearest?"
    ),
    "intake.where": (
        "Where exactly? A corner, the side of the street, a bus line and its direction, or share "
        "your location. If you wrote it already, just skip this."
    ),
    "intake.skip": "Skip",
    "intake.yes": "Yes",
    "intake.no": "No",
    "intake.answer": "{ask} {answer}",
    "intake.done": (
        "That is all I need to ask. We keep you posted here; write any time if something changes."
    ),
    "intake.already": (
        "This report is on its way already and stays as it is. For something else, write /{report}."
    ),
    "intake.words.greeting": (
        "hi, hello, hey, there, good, morning, afternoon, evening, day, start, test, ok, okay, "
        "thanks, thank, you, how, are"
    ),
    "intake.words.skip": "skip, skip it, skip this, next, pass",
    "intake.words.unknown": (
        "i don't know, don't know, no idea, not sure, i'm not sure, i am not sure, unknown, "
        "i wrote it already, i already said"
    ),
    "intake.words.yes": "yes, y, yeah, yep, yes please, please, please do, sure, ok, okay",
    "intake.words.no": "no, n, nope, no thanks, no thank you, rather not, please don't",
    "intake.words.place": (
        "corner of, at the corner, on the corner, street corner, intersection of, in front of, "
        "across from, next to, right outside, outside of, outside the, bus stop, bus line, "
        "block of, between the"
    ),
}

_NAMES: Final[dict[str, str]] = {
    "chat.name.report": "report",
    "chat.name.status": "status",
    "chat.name.cancel": "cancel",
    "chat.name.safe": "safe, i am safe, i'm safe, i am safe now, i'm safe now",
    "chat.name.rights": "rights, my rights",
    "chat.name.forget": "forget, forget me",
    "chat.name.language": "language",
    "chat.name.help": "help",
    "chat.name.oncall": "oncall, on call",
    "chat.name.off": "off, off call",
    "chat.name.who": "who",
    "chat.name.devices": "devices, phones",
    "chat.name.vouch": "vouch",
    "chat.name.join": "join",
    "chat.name.start": "start",
    "chat.name.end": "end",
    "chat.name.note": "note",
    "chat.name.lock": "lock",
    "chat.name.drill": "drill",
    "chat.name.lesson": "lesson",
    "chat.words.until": "until, till, to, for",
    "chat.words.language.en": "english, inglés",
    "chat.words.language.es": "spanish, español",
    "chat.words.ok": (
        "ok, okay, k, ok ok, fine, good, safe, all good, all ok, all okay, all fine, all safe, "
        "all well, i'm ok, i'm okay, i'm fine, i'm good, i am ok, i am okay, i am fine, "
        "we're ok, we're okay, we're fine, we're good, we are ok, we are okay, we are fine, "
        "everything is fine, everything ok, everything okay, everything's fine"
    ),
}

_HELP: Final[dict[str, str]] = {
    "chat.emergency": "If someone is in danger of their life, call the emergency number first.",
    "chat.help.intro": (
        "This is {network}. To report something, just write what is happening and where, in your "
        "own words. No command is needed."
    ),
    "chat.help.intro_blocked": (
        "This is {network}. We cannot take reports from you at the moment. If you think that is "
        "a mistake, speak to one of our coordinators."
    ),
    "chat.help.command": "{command} - {what}",
    "chat.help.report": "tell us about something that is happening now",
    "chat.help.status": "where your report stands",
    "chat.help.cancel": "take your report back",
    "chat.help.safe": "tell us that you are safe now",
    "chat.help.rights": "your rights, in short",
    "chat.help.forget": "destroy what you sent us",
    "chat.help.language": "change the language",
    "chat.help.oncall": "be on call, for example until 22:00",
    "chat.help.off": "be off call from now on",
    "chat.help.who": "who is on call now",
    "chat.help.devices": "your phones for sealed pages",
    "chat.help.vouch": "stand for somebody whom you know well",
    "chat.help.join": "use a code that somebody gave you",
    "chat.help.end": "end an incident: code, then why",
    "chat.help.note": "a note for an incident: code, then words",
    "chat.help.drill": "ask those on call somewhere for one tap",
    "chat.help.lesson": "keep what one taught: code, then words, no names",
    "chat.help.lock": "close the network: two coordinators, or over Signal the passphrase",
    "chat.rights": "Your rights, in short:",
    "chat.rights.none": (
        "This network has not written down any rights yet. Please ask a coordinator."
    ),
    "chat.language": "Which language shall I write to you in?",
    "chat.language_name": "English",
    "chat.language_set": "From now on I write to you in English.",
}

_STATUS: Final[dict[str, str]] = {
    "chat.sealed": "The answer is for your private channel only. Please ask me there.",
    "chat.not_private": (
        "You have no private channel with us yet, so nobody pages you. Ask a coordinator for a "
        "join code for Signal and send it to us from there."
    ),
    "chat.weekdays": "Monday,Tuesday,Wednesday,Thursday,Friday,Saturday,Sunday",
    "chat.weekday_time": "{day} {time}",
    "chat.date_time": "{day} {time}",
    "chat.status.none": "You have no open report. To make one, just write what is happening.",
    "chat.status.held": "Your report is being checked. You hear from us as soon as that is done.",
    "chat.status.paging": "We are asking people on call to come. You hear from us here.",
    "chat.status.briefing": "People have said yes and are getting ready together.",
    "chat.status.out": "People are on their way, together.",
    "chat.status.there": "Our people are there.",
    "chat.status.over": "The response to your report is over.",
    "chat.standing.team": "You are in the team of {code}.",
    "chat.standing.on_call": "You are on call until {until}: {places}.",
    "chat.standing.off": "You are off call.",
    "chat.standing.next": "Your next shift begins {at}.",
    "chat.standing.rest": "You are resting until {until}; nobody pages you.",
    "chat.who": "On call now:",
    "chat.who.line": "{place}: {names}",
    "chat.who.nobody": "nobody",
    "chat.who.unreached": "{name} (no private channel, not paged)",
}

_MEMBERS: Final[dict[str, str]] = {
    "chat.oncall": "Thank you. You are on call until {until}: {places}. To stop, write /{off}.",
    "chat.off": "You are off call. Rest well. To be on call again, write /{oncall}.",
    "chat.bad_time": "I did not understand the time. Write for example: /{oncall} until 22:00",
    "chat.not_member": "That does not work here. /{help} shows what does.",
    "chat.vouch_code": (
        "This code carries your word for one person: {code}\n"
        "Give it only to somebody whom you know well, best from hand to hand. They send me "
        "/{join} and the code. It works once, for {days} days."
    ),
    "chat.vouched": "Somebody in the network stands for you now. Your word counts for more.",
    "chat.joined": "Welcome, {call_sign}. This channel is yours now.",
    "chat.joined.unnamed": "Welcome. This channel is yours now.",
    "chat.bad_code": (
        "That code does not work: it may be misspelt, used or too old. Please ask whoever gave it "
        "to you for a new one."
    ),
}

_REPORTERS: Final[dict[str, str]] = {
    "chat.forget_confirm": (
        "Shall I destroy what you sent us? It cannot be brought back. If not, just do nothing."
    ),
    "chat.forget_yes": "Yes, forget it",
    "chat.forgotten": "Done. What you sent us is destroyed. Take care.",
    "chat.forgotten_later": (
        "People are out there because of your report, so we keep it until they are back. Then it "
        "is destroyed. They have been told. Take care."
    ),
    "chat.cancelled": "Your report is taken back. Thank you for telling us. Write any time.",
    "chat.cancelled_team": (
        "Your report is taken back. The people who are on it have been told; they decide "
        "themselves how to go on. Thank you for telling us."
    ),
    "chat.safe": (
        "Good to hear that you are safe. Your report goes on; to take it back, write /{cancel}."
    ),
    "chat.safe_team": (
        "Good to hear that you are safe. The people who are on it have been told. To take your "
        "report back, write /{cancel}."
    ),
    "chat.no_report": "You have no open report. To make one, just write what is happening.",
    "chat.added": "Added to your report. Not the same thing?",
    "chat.something_new": "This is something new",
    "chat.media_refused": (
        "I can take pictures and voice messages that are not too large, no videos or files. "
        "Please describe it in words."
    ),
    "chat.welcome_back": (
        "Hello again. If something is happening, just write what and where. /{help} shows the rest."
    ),
}

_LIMITS: Final[dict[str, str]] = {
    "chat.limit": (
        "You wrote a lot in a short time, and I cannot take more at the moment. Please wait a few "
        "minutes, then write the most important thing in one message."
    ),
    "chat.busy": (
        "Very many people are writing to us at the moment, so nobody can look at your message yet. "
        "It is kept. Please write again in ten minutes, and we try again."
    ),
    "chat.stale.already": "That is decided already. Nothing more to do.",
    "chat.stale.enough": "Enough people have said yes. Thank you for being there.",
    "chat.stale.over": "That is over already. Nothing more to do.",
    "chat.stale.not-yours": "That is no longer yours to answer.",
    "chat.stale.busy": "You are in a team already. One at a time.",
    "chat.stale.not-due": "It is not time for that yet.",
    "chat.number": "That number fits nothing that is open. These do:",
    "chat.number.line": "{number} {label}",
    "chat.number.none": "There is nothing open to answer with a number. Just write in words.",
    "chat.awaiting.ask": "Write the question in your next message. It goes on without your name.",
    "chat.awaiting.answer": "Write the answer in your next message. It goes on without your name.",
    "chat.awaiting.note": "Write the note in your next message.",
    "chat.awaiting.accounted": "Write in your next message how you know that they are all right.",
    "chat.awaiting.reason": "Write the reason in your next message.",
    "chat.noted": "Noted. Thank you.",
    "chat.pressed.noted": "Noted.",
    "chat.pressed.thanks": "Thank you.",
    "chat.pressed.declined": "That is fine. Thank you for answering.",
    "chat.pressed.write": "Please write it now.",
}

PHRASES: Final[dict[str, str]] = {
    **_INTAKE,
    **_NAMES,
    **_HELP,
    **_STATUS,
    **_MEMBERS,
    **_REPORTERS,
    **_LIMITS,
}

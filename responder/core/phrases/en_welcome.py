"""English: the questions to somebody who has just joined."""

from __future__ import annotations

from typing import Final

PHRASES: Final[dict[str, str]] = {
    "chat.name.welcome": "welcome",
    "chat.help.welcome": "go on with the questions from when you joined",
    "desk.welcome_refused": (
        "{call_sign} read what we keep about members, and said no. Their channel is taken out: "
        "nothing reaches them any more. Please do not press them. To take them out of the list "
        "too: responder member remove {call_sign}"
    ),
    "desk.welcome_claim": (
        "{call_sign} says: I have the training {training}. It counts when somebody who knows it "
        "is true confirms it. Do you?"
    ),
    "welcome.yes": "Yes",
    "welcome.skip": "Not now",
    "welcome.done": "Done",
    "welcome.enough": "No more",
    "welcome.no": "No",
    # --- what is kept ---
    "welcome.consent": (
        "A few short questions, one at a time. You may skip them and go on later with {command}.\n"
        "\n"
        "First, what we keep about you: your call sign, how to write to you here, your languages, "
        "neighbourhoods and trainings, when you are on call, and how often you were paged. No "
        "real name, no picture, no address. It lies sealed on the network's own machine. "
        "Coordinators see your call sign, not your number.\n"
        "\n"
        "{forget} destroys what you report to us. You can leave at any time, without a reason: "
        "tell a coordinator, and nobody writes to you any more.\n"
        "\n"
        "Is that all right with you? Until you say yes, nobody asks you to go anywhere."
    ),
    "welcome.consent.later": (
        "That is fine, take your time. Until you say yes, you get no pages. To answer, write "
        "{command}"
    ),
    "welcome.consent.yes": "Yes, that is all right",
    "welcome.consent.no": "No, take me out",
    "welcome.refused": (
        "You are out. We forgot how to write to you, and nobody will page you. Thank you for "
        "reading it, and take care."
    ),
    "welcome.refused.later": (
        "People count on you out there right now. Say no again when you are back, or tell a "
        "coordinator."
    ),
    # --- call sign ---
    "welcome.call-sign": (
        "You are {call_sign} here. Others see this name when you go together. It should tell "
        "nothing about who you are."
    ),
    "welcome.call-sign.keep": "Keep it",
    "welcome.call-sign.choose": "Choose another",
    "welcome.call-sign.write": "Write the name that you want: one or two words, no real name.",
    "welcome.call-sign.taken": "Somebody has that name already. Write another one.",
    "welcome.call-sign.set": "From now on you are {call_sign}.",
    # --- languages ---
    "welcome.language": "In which language shall we write to you?",
    "welcome.speaks": "Do you speak one of these too? We look for it when somebody needs it.",
    # --- training ---
    "welcome.training": (
        "Do you have one of these trainings? Tap it, and a coordinator is asked to confirm it. "
        "Without one you are welcome all the same."
    ),
    "welcome.training.asked": "Noted: {training}. A coordinator is asked to confirm it.",
    "welcome.training.counts": "Your training {training} is confirmed. It counts from now on.",
    "welcome.training.not": (
        "Your training {training} could not be confirmed yet. That is no fault of yours: talk to "
        "a coordinator, there may be a course soon."
    ),
    "welcome.training.noted": "Thank you. They are told.",
    "welcome.training.private": "Please answer that where nobody else can read it.",
    # --- channels ---
    "welcome.channels": (
        "If this app fails one night, we need a second way to you. Does the network use another "
        "app that you have? With a code you add it yourself."
    ),
    "welcome.channels.elsewhere": (
        "If this app fails one night, we need a second way to you. Ask a coordinator for a code "
        "for another app of the network's."
    ),
    "welcome.channels.code": "Give me a code",
    "welcome.channels.made": (
        "In the other app, write this to the network:\n"
        "/join {code}\n"
        "It works once, for {days} days. Whoever holds it becomes you: show it to nobody."
    ),
    # --- phone ---
    "welcome.phone": (
        "With a page on your phone, what is sealed for you opens there and nowhere else. To "
        "register this phone, open this on it: {link}"
    ),
    # --- the first drill ---
    "welcome.drill": (
        "{drill}\n"
        "\n"
        "Last, so that you have seen it once: a real page looks like this. It says what and "
        "roughly where, and asks whether you can go. Tap Going."
    ),
    "welcome.drill.going": (
        "That is all there is to it. In earnest, you would now wait until a second person says "
        "yes: nobody goes alone. Then both of you learn the exact place."
    ),
    "welcome.drill.cannot": (
        "That is a good answer too. You never need a reason, and it never counts against you. "
        "Whoever can go taps Going, and waits until a second person says yes."
    ),
    # --- the end ---
    "welcome.later": (
        "The other questions are asked only where nobody else can read the answers: write "
        "{command} to us over Signal when you have joined there."
    ),
    "welcome.end": "That is all. Good that you are here. {help} shows what you can do.",
    "welcome.none": "No question is waiting for you.",
    "welcome.over": "That question is settled already.",
}

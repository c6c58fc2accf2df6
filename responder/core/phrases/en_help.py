"""English: standing offers of help."""

from __future__ import annotations

from typing import Final

PHRASES: Final[dict[str, str]] = {
    "chat.name.offer": "offer, i offer",
    "chat.name.offers": "offers, my offers",
    "chat.help.offer": "offer help beforehand: food, a ride, what your network asks for",
    "chat.help.offers": "what you offer, and taking it back",
    "help.notice": "It is about what you offer. The words are on your private channel.",
    "help.which": "What would you like to offer? You are asked when somebody near you needs it.",
    "help.which.words": (
        "You can also write when and where: {offer} ride weekdays 9:00-12:00 in Northside"
    ),
    "help.line": "{number}. {what}",
    "help.offer": "{what}; {when}; {where}",
    "help.always": "any day",
    "help.nowhere": "no neighbourhood yet: ask a coordinator to add yours",
    "help.made": "Thank you. You offer: {what}.",
    "help.training": "You are asked once you have this training: {names}.",
    "help.hours": (
        "It stands until you take it back ({offers}). You are asked between 9:00 and 20:00, never "
        "at night, and you may say no each time."
    ),
    "help.mine": "What you offer:",
    "help.none": "You offer nothing at the moment. To offer something, write {offer}",
    "help.counts": "People who offer help, by neighbourhood:",
    "help.counts.line": "{place}: {what}",
    "help.count": "{what} {people}",
    "help.count.none": "nobody yet",
    "help.nothing": "In this network nothing can be offered beforehand yet.",
    "help.not-responder": (
        "Those who offer help are asked to go, two together, so they need to be responders. Ask a "
        "coordinator to make you one: it puts you on no shift."
    ),
    "help.bad": "I did not understand when. Write for example: {offer} ride weekdays 9:00-12:00",
    "help.most": "You offer a lot already. Take something back first: {offers}",
    "help.back": "Taken back. Nobody asks you for it any more.",
    "help.gone": "That is not offered any more.",
    "help.button.give": "Offer {number}",
    "help.button.back": "Take it back",
    "help.button.back-n": "Take back {number}",
}

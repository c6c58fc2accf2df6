"""English: the words about a member's phone and its pager."""

from __future__ import annotations

from typing import Final

PHRASES: Final[dict[str, str]] = {
    "phone.registered": (
        "This phone is registered. Its words are: {words}. Compare them with those on the phone. "
        "Now somebody who knows you confirms it: read the words to a coordinator, or confirm it "
        "yourself on your private channel."
    ),
    "phone.confirm": (
        "{call_sign} registered a phone with the words: {words}. Ask {call_sign} in person or by "
        "voice for the words. Are they the same?"
    ),
    "phone.confirm_own": (
        "A phone was registered in your name, with the words: {words}. Is it yours, and does it "
        "show the same words?"
    ),
    "phone.yes": "Yes, the same",
    "phone.no": "No, remove it",
    "phone.confirmed": "The phone is confirmed. It now gets a sealed page to try it out.",
    "phone.other_channel": (
        "This cannot be confirmed here. It takes a coordinator, or your own private channel."
    ),
    "phone.removed": "The phone is removed. Nothing is sealed to it any more.",
    "phone.gone": "That phone is not registered any more.",
    "phone.too_many": "You have {most} phones already. Remove one first: /devices",
    "phone.other_network": (
        "That phone belongs to another network, or a character was lost on the way. Open the "
        "pager of this network and register once more."
    ),
    "phone.probe": "Please open this on your phone, so that we know that sealed pages reach you.",
    "phone.old_probe": "That was an older page. Open the newest one, please.",
    "phone.proved": "Your phone works. From now on pages can reach you here, sealed for it alone.",
    "phone.proved_again": "Thank you, your phone still works.",
    "phone.list": "Your phones:",
    "phone.none": "You have no phone registered.",
    "phone.list.works": "{number}. {words} (since {day}): works.",
    "phone.list.unproved": "{number}. {words} (since {day}): open the page sent to try it.",
    "phone.list.new": "{number}. {words} (since {day}): waits to be confirmed.",
    "phone.off": "Remove {number}",
    "phone.how": "To register a phone, open this on it: {link}",
    "phone.report_goes_on": "That is one part of your report. Please send the other parts too.",
    "phone.report_unopened": (
        "That report could not be opened: a part is missing or was changed on the way. "
        "Copy it whole, or open the page anew and write it again."
    ),
    "phone.report_privately": "To write it so that {channel} cannot read it, open this: {link}",
    "phone.open": "Open",
    "phone.open_more": "Open, part {number}",
}

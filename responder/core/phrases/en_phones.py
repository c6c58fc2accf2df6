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
        "This cannot be confirmed here: others can read this channel. It takes the private channel "
        "of a coordinator or your own."
    ),
    "phone.already": "That phone is confirmed already. Thank you.",
    "phone.removed": "The phone is removed. Nothing is sealed to it any more.",
    "phone.taken": (
        "Your phone with the words {words} was taken off by a coordinator. Nothing is sealed to it "
        "any more. If that surprises you, ask them in person or by voice."
    ),
    "phone.silent": (
        "Your phone with the words {words} did not open the page sent to try it, so pages do not "
        "go to it any more. Write /devices to get a new one, and open it there."
    ),
    "phone.lapsed": (
        "Nobody confirmed the phone with the words {words} for a week, so it is not registered any "
        "more. If it is yours, register it again: /devices says how."
    ),
    "phone.unopened": (
        "The last {times} messages for your phone with the words {words} stayed unopened, so they "
        "come to your private channel first from now on. Nothing was lost. To use the phone again, "
        "open the page that follows."
    ),
    "phone.second": (
        "(This waits for you on your other channel too, unopened. One answer is enough, here or "
        "there.)"
    ),
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
    "phone.instead": "Or register this phone for sealed pages: {link}",
    "phone.how": "To register a phone, open this on it: {link}",
    "phone.report_goes_on": (
        "That is one part of your report. Please send the other parts too. If nothing more comes "
        "from us after the last of them, send all of them once more."
    ),
    "phone.report_unopened": (
        "That report could not be opened: a part is missing or was changed on the way. "
        "Copy it whole, or open the page anew and write it again."
    ),
    "phone.report_privately": "To write it so that {channel} cannot read it, open this: {link}",
    "phone.media_elsewhere": (
        "What was sent along cannot be shown on this phone. It can be seen over Signal: ask "
        "a coordinator who has it."
    ),
    "phone.open": "Open",
    "phone.open.part": "Open, part {part}",
    "phone.open.on": "Open on phone {number}",
    "phone.open.on.part": "Open on phone {number}, part {part}",
    "phone.clear": "Clear it from the phone",
    "phone.clear.on": "Clear it from phone {number}",
    # --- instead of notices that name another channel: what stands above "Open" ---
    "phone.notice.needed": "Something needs you. Open it on your phone.",
    "phone.notice.request": "A question for you, without hurry. Open it on your phone.",
    "phone.notice.read-now": "There is something for you to read now. Open it on your phone.",
    "phone.notice.read": "There is something for you to read. Open it on your phone.",
    "phone.notice.ready": "Everybody is ready. Open it on your phone.",
    "phone.notice.well": "Are you all right? Please tap an answer. The words open on your phone.",
    "phone.notice.board": "An overview for you. Open it on your phone.",
    "phone.notice.alarm": "A coordinator is needed now. Open it on your phone.",
}

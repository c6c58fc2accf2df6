"""English: short words to coordinators that belong to no single incident."""

from __future__ import annotations

from typing import Final

PHRASES: Final[dict[str, str]] = {
    "desk.notice": "Something needs a coordinator. The words are on your private channel.",
    "desk.unreachable": (
        "{call_sign} cannot be reached over {channel} any more: the address is blocked or gone. "
        "Ask them to write to the bot again, or give them a new join code."
    ),
    "desk.set_aside": (
        "A message could not be worked off and was put aside, sealed. Nothing else was lost. "
        "Please tell whoever looks after the machine: responder aside list says more."
    ),
    "desk.aside_sender": (
        "Your message has arrived, but our program failed at it, so nobody has acted on it yet. It "
        "is kept, sealed, and our people know. Please say it again in other words."
    ),
    "desk.stuck": (
        "The network cannot work off what is due on {code}: by itself it pages, asks and reminds "
        "nobody there any more. Please look after those who are out on it yourselves, and tell "
        "whoever looks after the machine. It is tried again every minute."
    ),
    "desk.worry.no-deadline": (
        "By our own fault nothing is planned any more on {code}: the network pages, asks and "
        "reminds nobody there by itself. Please look after it yourselves, and tell whoever looks "
        "after the machine."
    ),
    "desk.worry.nobody-asked": (
        "People are needed on {code}, and no request to come has left so far. Please call people "
        "yourselves, and tell whoever looks after the machine."
    ),
    "desk.worry.unwatched": (
        "By our own fault nobody waits for a sign of life of those who are out on {code}. Please "
        "ask them yourselves how they are, and tell whoever looks after the machine."
    ),
    "desk.worry.nobody-to-alarm": (
        "People are out on {code}, and if they fall silent no coordinator would hear of it: none "
        "of you is reached privately. Please keep in touch with them yourselves, and write to the "
        "bot on Signal."
    ),
    "desk.worry.unsent": (
        "Messages about {code} have been waiting to leave for {minutes} min. They are tried on and "
        "on. Please call those who must know."
    ),
    "desk.worry.not-escalated": (
        "A message about {code} reached nobody, and the network could not act on that yet. Please "
        "look after those who are out on it yourselves, and tell whoever looks after the machine."
    ),
    "desk.playbook_fault": (
        "A changed playbook has a fault and was not taken in; the last good one still holds.\n"
        "{fault}"
    ),
    "deaf.began": (
        "{channel} has been deaf since {since}: what people write there does not arrive, and "
        "perhaps what we send there neither. Members who have another way are still reached "
        "over it; call the others. Whoever looks after the machine: restart the {channel} "
        "service, then run responder check --online"
    ),
    "deaf.ended": (
        "{channel} hears again. What was written there between {since} and {until} may be lost."
        " Those who wait for something there are asked to write again."
    ),
    "deaf.gap": (
        "What was written on {channel} between {since} and {until} may be lost: nobody listened "
        "there. Those who wait for something there are asked to write again. Of somebody who wrote "
        "for the first time then, we know nothing."
    ),
    "deaf.repeat": (
        "What you wrote to us between {since} and {until} may not have arrived. If you got no "
        "answer to it, please write it again."
    ),
    "lock.asked": "A second coordinator has ten minutes to agree. Then the network closes at once.",
    "lock.needs_passphrase": (
        "This network's key has no passphrase, so locking it would lock nothing. Whoever looks "
        "after the machine can set one: responder key rotate --new-passphrase"
    ),
    "lock.second": (
        "{call_sign} wants to lock the network: teams are told to leave, everybody on call hears "
        "that it is closed, and nothing works until somebody opens it at the machine. Do you agree?"
    ),
    "lock.by_words": (
        "Delete the message with the passphrase on your phone now, we can't: hold it, Delete, "
        "Delete for everyone."
    ),
    "lock.wrong": (
        "This is not the passphrase. Tries left in this hour: {left}. A second coordinator can "
        "agree instead: write /lock without any words after it. Delete the message on your "
        "phone."
    ),
    "lock.too_many": (
        "Too many wrong passphrases in this hour: the words were not even looked at. Write "
        "/lock without any words after it, and a second coordinator can agree. Delete the "
        "message on your phone."
    ),
    "lock.not_here": (
        "{channel} has read what you wrote, so the passphrase does not count here, and it "
        "should be changed at the machine: responder key rotate --new-passphrase\n"
        "To close the network now, write /lock without any words after it, and a second "
        "coordinator can agree; or write /lock and the passphrase over Signal. Look whether "
        "your message is gone from this chat, and delete it if not."
    ),
    "lock.tried": (
        "From {call_sign}'s Signal came three wrong passphrases for /lock. If that was not "
        "{call_sign}, somebody has the phone: ask another way, and take the address off at the "
        "machine: responder member set {call_sign} --drop-channel signal"
    ),
    "lock.yes": "Lock it now",
    "lock.too_late": "Nobody asked for that in the last ten minutes. To ask, write /lock",
    "lock.closed": "The network is closed now. Please do not go out for it. {where}",
    "lock.where": "A coordinator tells you in person what comes next.",
    "desk.vouches_reopened": (
        "{call_sign} was removed, so their word for others does not count any more. "
        "Please look at these people again: {people}."
    ),
}

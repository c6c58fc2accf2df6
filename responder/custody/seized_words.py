"""Every word in which `responder seized` says what somebody who took the machine learns.

Rules it keeps
    * A sentence says what is learned, not how; every number in it is a figure that was computed.
    * What can be done about it stands in the same place.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

HEADINGS: Final[Mapping[str, str]] = {
    "key": "The key",
    "database": "The database, without the key",
    "remains": "What deleting leaves behind",
    "config": "The config",
    "playbooks": "The playbooks",
    "log": "The log",
    "folder": "The data folder",
    "signal": "The Signal service's folder",
    "opened": "The database, with the key",
}

WORDS: Final[Mapping[str, str]] = {
    "key.beside": (
        "The key lies on the same disk as the data and opens by itself: whoever takes this disk "
        "has both, and reads all that stands under --with-key. To change that, lock the key with "
        'a passphrase (responder key rotate --new-passphrase, then network.key = "passphrase"), '
        "or keep network.key_file on a stick that is pulled after the start."
    ),
    "key.passphrase-beside": (
        "The key is locked, but its passphrase stands in a file on the same disk "
        "(network.passphrase_file): whoever takes this disk has all of it. Type the passphrase at "
        "the start instead."
    ),
    "key.locked": (
        "The key lies on the same disk, locked with a passphrase: each guess costs {memory_mib} "
        "MiB of memory and {passes} passes (Argon2id). A sentence of four words picked by chance "
        "holds; a name or a date does not."
    ),
    "key.elsewhere": (
        "The key file lies on another disk than the data. Whoever takes both has all of it."
    ),
    "key.absent": (
        "No key file was found where the config says it is: whoever takes this disk alone reads "
        "nothing that is sealed."
    ),
    "key.unclear": "The key file could not be looked at: {reason}",
    "database.absent": "There is no database here.",
    "database.unclear": "The database could not be looked at ({reason}).",
    "database.people": (
        "{people} people are counted, under random numbers, members and strangers alike: "
        "{members_written} of them were ever written to. Not who they are."
    ),
    "database.incidents": (
        "{incidents} incidents, {open} of them not over; {reports} reports; {pieces} pictures or "
        "voice messages. Not what, not where. The next thing is due {next_due}."
    ),
    "database.teams": (
        "{people} people are on their way in {incidents} incidents right now, by their numbers."
    ),
    "database.messages": (
        "{messages} messages, {waiting} of them waiting, {urgent} of the most urgent kind (leave "
        "now, stand down), from {first} to {last}: when, how urgent, and which number each went "
        "to. Nobody's words. One person alone was sent {most}."
    ),
    "database.channels": "How they went: {channels}.",
    "database.inbox": (
        "{inbox} messages came in from {first} to {last}: when, and nothing else of them."
    ),
    "database.sizes": (
        "An envelope is as long as what is in it, so long ones tell from short ones. {kind}: "
        "{count}, from {smallest} to {largest} bytes, half of them below {median}."
    ),
    "database.kinds": "How much there is of each kind: {kinds}.",
    "database.audit": "{audit} lines of the audit, sealed: how many, not what they say or when.",
    "remains.pages": (
        "{free} pages of the file are free, and {dirty} of them still hold copies of what was "
        "there: sealed bytes, whose keys may be gone."
    ),
    "remains.log": (
        "The database's own log holds {frames} pages, {older} of them older versions of others: "
        "{bytes} bytes."
    ),
    "remains.slots": (
        "{empty} places in which a key stood are empty: what was sealed under those {empty} keys "
        "or more is gone for everybody."
    ),
    "folder.file": "{name}: {bytes} bytes, last changed {changed}.",
    "config.absent": "The config could not be read: {reason}",
    "config.places": (
        "It names the network and its places in the clear: {keys}, {places} neighbourhoods. Who "
        "reads it knows which network this is, and which streets are its own."
    ),
    "config.numbers": "Phone numbers stand in it in the clear, in {keys}.",
    "config.tokens": (
        "Secrets stand in it in the clear, in {keys}: who has them writes as the network's bot "
        "and reads what people send it. Put them into the environment or a file on another disk."
    ),
    "config.secret-files": "It names files that hold secrets, on this same disk: {keys}.",
    "config.no-secrets": "No token and no passphrase stands in it.",
    "playbooks.clear": (
        "{playbooks} playbooks lie in the clear, {bytes} bytes: what the network watches for and "
        "what its people do. They are written so that anybody may read them."
    ),
    "log.file": (
        "{lines} lines from {first} to {last}, {events} different events: when the network ran, "
        "when messages left, what failed. No name, place or word. Kept until somebody deletes it."
    ),
    "log.empty": "Nothing stands in the log file yet.",
    "log.standard-error": (
        "The log goes to standard error: the machine's own journal keeps it, with its times, as "
        "long as that journal is set to."
    ),
    "signal.not-named": (
        "The config does not name the Signal service's folder (signal.service_dir), so it was not "
        "looked at. If it lies on this disk, whoever takes the disk has the Signal account itself."
    ),
    "signal.absent": "There is no folder at signal.service_dir.",
    "signal.account": (
        "It holds the Signal account itself, not sealed: {accounts} account(s) whose number stands "
        "in the clear, in {files} files of {bytes} bytes. Whoever has it reads and writes as the "
        "network until the number is registered anew. Encrypt the disk."
    ),
    "signal.contacts": (
        "It gives away whom the network knows on Signal: {recipients} people and groups with their "
        "numbers or ids, {sessions} sessions."
    ),
    "signal.sent": (
        "{sent} messages that the network sent lie there with their words, not sealed, and {times} "
        "times where one of them went: the Signal service keeps that for a day."
    ),
    "signal.attachments": "{attachments} pictures and other files, {bytes} bytes, not sealed.",
    "opened.locked": "The key did not open, so nothing more was learned: {reason}",
    "opened.people": (
        "{people} people: {call_signs} call signs, {addresses} addresses and phone numbers, "
        "{contacts} emergency contacts, {vouches} vouches that say who knows whom."
    ),
    "opened.rosters": "{shifts} shifts and exceptions: who is where, and when.",
    "opened.drills": (
        "{drills} drills and {checks} monthly checks: who was reached, on which channel, how fast."
    ),
    "opened.incidents": (
        "The words of {worded} incidents, {placed} exact places, {reports} reports with who gave "
        "them, {stories} lines of what happened, back to {oldest}."
    ),
    "opened.media": "{pieces} pictures and voice messages of incidents that are kept.",
    "opened.conversations": (
        "{drafts} reports that are being told, {waiting} messages with their words that have not "
        "left, {codes} join codes."
    ),
    "opened.set-aside": (
        "{failed} messages that the program failed at, {halves} private reports of which a part is "
        "missing, {early} answers that came too early."
    ),
    "opened.pager": (
        "The keys that sign pages and open private reports, and {phones} members' phones. Whoever "
        "kept what passed through the channels reads every private report that was ever sent with "
        "them, the forgotten ones too. Pages already sent open on those phones alone."
    ),
    "opened.audit": "{lines} lines of the audit: who changed what, back to {oldest}.",
    "opened.gone": (
        "{tallies} incidents were ever closed. {gone} of them are destroyed, and no key reads "
        "them: what is left of each is its kind, neighbourhood, week, minutes and outcome, and in "
        "one sum with others how many said yes."
    ),
    "opened.unreadable": "{rows} envelopes do not open even with the key: damaged, or of no use.",
}

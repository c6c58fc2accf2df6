"""Every word in which `responder seized` says what somebody who took the machine learns.

Rules it keeps
    * A sentence says what is learned, not how; every number in it is a figure that was computed.
    * What can be done about it stands in the same place.
    * A number is followed by the word that fits it: "{incidents:incident|incidents}".
"""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from typing import Any, Final

HEADINGS: Final[Mapping[str, str]] = {
    "key": "The key",
    "database": "The database, without the key",
    "remains": "What deleting leaves behind",
    "config": "The config",
    "playbooks": "The playbooks",
    "log": "The log",
    "history": "What the shell remembers",
    "memory": "Memory on disk",
    "folder": "The data folder",
    "signal": "The Signal service's folder",
    "opened": "The database, with the key",
}

WORDS: Final[Mapping[str, str]] = {
    "key.beside": (
        "The key lies on the same disk as the data and opens by itself: whoever takes this disk "
        "has both, and reads all that stands under --with-key. To change that, lock the key with a "
        'passphrase (responder key rotate --new-passphrase, then network.key = "passphrase"), or '
        "keep network.key_file on a stick that is pulled after the start."
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
        "{people:person is|people are} counted, under random numbers, members and strangers alike: "
        "{members_written} of them were written to in the last days. {marked} have shifts, a phone "
        "or an account of care, and so are members. Not who they are."
    ),
    "database.incidents": (
        "{incidents:incident|incidents}, {open} of them not over; {reports:report|reports}; "
        "{pieces:picture or voice message|pictures or voice messages}. Not what, not where. The "
        "next thing is due {next_due}."
    ),
    "database.teams": (
        "{people:person is|people are} on their way in {incidents:incident|incidents} right now, "
        "by their numbers."
    ),
    "database.messages": (
        "{messages:message|messages}, {waiting} of them waiting, {urgent} of the most urgent kind "
        "(leave now, stand down), from {first} to {last}: when, how urgent, and which number each "
        "went to. Nobody's words. One person alone was sent {most}."
    ),
    "database.ties": (
        "What belongs together shows: {tied:number was|numbers were} written to about "
        "{tied_to:incident that is|incidents that are} kept, and {reporters:number|numbers} "
        "reported. So who went with whom, and how often, but not who that is."
    ),
    "database.slips": (
        "{slips:note|notes} of what was just decided and has just left, not filed yet; sealed."
    ),
    "database.channels": "How they went: {channels}.",
    "database.inbox": (
        "{inbox:message|messages} came in from {first} to {last}: when, and nothing else of them."
    ),
    "database.sizes": (
        "Envelopes are as long as what is in them. {kind}: {count}, from {smallest} to {largest} "
        "bytes, half of them {median} at most."
    ),
    "database.kinds": "How much there is of each kind: {kinds}.",
    "database.audit": (
        "{audit:line|lines} of the audit, sealed: how many, not what they say or when."
    ),
    "remains.pages": (
        "{free:page|pages} of the file not in use, and {dirty} of them still hold copies of what "
        "was there: sealed bytes, whose keys may be gone."
    ),
    "remains.log": (
        "The database's own log holds {frames:page|pages}, {older} of them older versions of "
        "others: {bytes} bytes, sealed. It is overwritten when a key is destroyed and at the end."
    ),
    "remains.slots": (
        "{empty:place|places} in which a key stood, empty now: what was sealed under as many keys "
        "or more is gone for everybody."
    ),
    "folder.file": "{name}: {bytes} bytes, last changed {changed}.",
    "config.absent": "The config could not be read: {reason}",
    "config.places": (
        "It names the network and its places in the clear: {keys}, "
        "{places:neighbourhood|neighbourhoods}. Who reads it knows which network this is, and "
        "which streets are its own."
    ),
    "config.numbers": "Phone numbers stand in it in the clear, in {keys}.",
    "config.tokens": (
        "Secrets stand in it in the clear, in {keys}: who has them writes as the network's bot and "
        "reads what people send it. Put them into the environment or a file on another disk."
    ),
    "config.secret-files": "It names files that hold secrets, on this same disk: {keys}.",
    "config.no-secrets": "No token and no passphrase stands in it.",
    "playbooks.clear": (
        "{playbooks:playbook lies|playbooks lie} in the clear, {bytes} bytes: what the network "
        "watches for and what its people do. They are written so that anybody may read them."
    ),
    "log.file": (
        "{lines:line|lines} from {first} to {last}, {events:different event|different events}: "
        "when the network ran, when messages left, what failed. No name, place or word. Kept until "
        "somebody deletes it."
    ),
    "log.empty": "Nothing stands in the log file yet.",
    "log.standard-error": (
        "The log goes to standard error: the machine's own journal keeps it, with its times, as "
        "long as that journal is set to."
    ),
    "history.commands": (
        "{lines:command|commands} of yours stand in the clear, with call signs and incidents in "
        "them: whoever takes this disk reads whom you added and when. Delete them, and keep the "
        "shell from writing them down: see docs/operations.md."
    ),
    "memory.swap": (
        "{areas:area|areas} of swap, {mib} MiB, not known to be encrypted: parts of memory may lie "
        "there for long, the network's keys and words among them, unless it runs under a unit that "
        "says MemorySwapMax=0. Encrypt it, or switch it off."
    ),
    "signal.closed": (
        "{closed:file or folder|files and folders} there can't be read by this account, so this is "
        "not all: run it once more as an administrator."
    ),
    "signal.not-named": (
        "The config does not name the Signal service's folder (signal.service_dir), so it was not "
        "looked at. If it lies on this disk, whoever takes the disk has the Signal account itself."
    ),
    "signal.absent": "There is no folder at signal.service_dir.",
    "signal.account": (
        "It holds the Signal account itself, not sealed: {accounts:account whose number "
        "stands|accounts whose numbers stand} in the clear, in {files:file|files} of {bytes} "
        "bytes. Whoever has it reads and writes as the network until the number is registered "
        "anew. Encrypt the disk."
    ),
    "signal.contacts": (
        "It gives away whom the network knows on Signal: {recipients:person or group|people and "
        "groups} with their numbers or ids, {names} with the name that they gave themselves, "
        "{sessions:session|sessions}."
    ),
    "signal.sent": (
        "{sent:message|messages} that the network sent with the words, not sealed, and "
        "{times:time|times} where one of them went: the Signal service keeps that for a day."
    ),
    "signal.attachments": (
        "{attachments:picture or other file|pictures and other files} that came with messages, "
        "{bytes} bytes, not sealed."
    ),
    "signal.faces": "{faces:face|faces} from people's profiles, {bytes} bytes, not sealed.",
    "signal.unread": (
        "{unread:message that has|messages that have} come in and not been handed on, {bytes} "
        "bytes."
    ),
    "opened.locked": "The key did not open, so nothing more was learned: {reason}",
    "opened.people": (
        "{people:person|people}: {call_signs:call sign|call signs}, {addresses:address or phone "
        "number|addresses and phone numbers}, {contacts:emergency contact|emergency contacts}, "
        "{vouches:vouch that says|vouches that say} who knows whom."
    ),
    "opened.rosters": "{shifts:shift or exception|shifts and exceptions}: who is where, and when.",
    "opened.care": (
        "What {cares:member|members} carried: {pages:time|times} at which one of them was paged in "
        "the last two days, {hard:hard call|hard calls}, who rests until when."
    ),
    "opened.drills": (
        "{drills:drill|drills} and {checks:monthly check|monthly checks}: who was reached, on "
        "which channel, how fast."
    ),
    "opened.incidents": (
        "The words of {worded:incident|incidents}, {placed:exact place|exact places}, "
        "{reports:report|reports} with who gave them, {stories:line|lines} of what happened, back "
        "to {oldest}."
    ),
    "opened.media": (
        "{pieces:picture or voice message|pictures and voice messages} of what is kept."
    ),
    "opened.conversations": (
        "{drafts:report that is|reports that are} being told, {waiting:message|messages} with the "
        "words that have not left, {codes:join code|join codes}. When {wrote:person|people} last "
        "wrote."
    ),
    "opened.questions": (
        "{questions:open question|open questions}, to whom, and the {answers:token|tokens} by "
        "which an answer counts."
    ),
    "opened.arrived": (
        "Which message on whose screen is ours, {arrived:time|times}: a platform's number for it."
    ),
    "opened.notes": (
        "{settings:small fact|small facts} that the network keeps for itself: lessons and notes "
        "that coordinators wrote, open requests, when it lived last; {pleas:plea|pleas} to a "
        "coordinator, with the words."
    ),
    "opened.texts": "{texts:text|texts} of playbooks, the earlier ones too.",
    "opened.set-aside": (
        "{failed:message|messages} that the program failed at, {halves:private report|private "
        "reports} of which a part is missing, {early:answer|answers} that came too early."
    ),
    "opened.pager": (
        "The keys that sign pages and open private reports. Whoever kept what passed through the "
        "channels reads every private report that was ever sent with them, the forgotten ones too. "
        "Pages already sent open on members' phones alone."
    ),
    "opened.phones": "{phones:phone|phones} on which sealed pages open, by the public keys.",
    "opened.audit": "{lines:line|lines} of the audit: who changed what, back to {oldest}.",
    "opened.gone": (
        "{tallies:incident was|incidents were} ever closed. {gone:is|are} destroyed, and no key "
        "reads them: what is left of each is its kind, neighbourhood, week, minutes and outcome, "
        "and in one sum with others how many said yes."
    ),
    "opened.unreadable": (
        "{rows:envelope does|envelopes do} not open even with the key: damaged, or of no use."
    ),
}


class _Counting(Formatter):
    """Takes, of the two words after a number's name, the one that fits it."""

    def format_field(self, value: Any, format_spec: str) -> str:
        one, bar, many = format_spec.partition("|")
        return f"{value} {one if value == 1 else many}" if bar else str(value)


def told(key: str, figures: Mapping[str, Any]) -> str:
    """The sentence of that key, with these figures in it."""
    return _Counting().vformat(WORDS[key], (), figures)

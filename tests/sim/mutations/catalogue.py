"""What is broken on purpose: old text, new text, and a sentence on what goes wrong by it.

The old text must stand in its file exactly once: a mutation that does not fit any more fails
loudly, so that none is ever passed over.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Tier(StrEnum):
    """Who looks for it: nights of the simulator, the real store killed between two effects, or
    decisions alone, for which none is meant but which catch many that are meant for nights.
    """

    NIGHTS = "nights"
    REAL = "real"
    DECISIONS = "decisions"


@dataclass(frozen=True)
class Mutation:
    """One fault. `file` is a path inside `responder/`; `law` the one that it must break."""

    name: str
    law: str
    why: str
    file: str
    old: str
    new: str
    tier: Tier = Tier.NIGHTS


MUTATIONS = (
    Mutation(
        "drop the partner check",
        "L1",
        "a single member counts as a team",
        "core/pairing.py",
        "    if len(team) < max(_SIZE, at_least):\n        return Unsound.TOO_FEW\n",
        "",
    ),
    Mutation(
        "go before everybody has the brief",
        "L1",
        "the first who has read it sends all",
        "core/incident/response.py",
        "    if any(m.stage is Stage.BRIEFED for m in active):\n        return\n",
        "",
    ),
    Mutation(
        "do not hold back whoever is left",
        "L1",
        "a partner leaves and the other one is told nothing",
        "core/incident/response.py",
        "    for mate in active:\n        _hold_back(case, mate)\n",
        "",
    ),
    Mutation(
        "let a failed brief pass",
        "L1",
        "whoever never got the brief counts as a partner",
        "core/incident/response.py",
        "        case Card.BRIEF | Card.GO:\n",
        "        case Card.GO:\n",
    ),
    Mutation(
        "no last look before a message leaves",
        "L3",
        "what was right when it was decided leaves whatever has happened since",
        "core/network.py",
        "    if message.incident is None:\n        return True\n    incident =",
        "    return True\n    incident =",
    ),
    Mutation(
        "page before trust",
        "L2",
        "an unknown person's report pages at once",
        "core/trust.py",
        "        case Level.UNKNOWN:\n            return Route.HOLD\n",
        "        case Level.UNKNOWN:\n            return Route.PAGE\n",
    ),
    Mutation(
        "let strangers agree into a page",
        "L2",
        "reports of people for whom nobody stands count as corroboration",
        "core/incident/verification.py",
        "if case.view.independent([s.reporter for s in agreeing], rule.reports):",
        "if len(agreeing) + len(case.incident.sources) > rule.reports:",
    ),
    Mutation(
        "one voucher is enough for two",
        "L2",
        "two people of one and the same voucher corroborate each other",
        "core/trust.py",
        "    return len(among) >= _AGREEING and len(sources) >= _AGREEING\n",
        "    return len(among) >= _AGREEING\n",
    ),
    Mutation(
        "a verifier verifies their own report",
        "L2",
        "nobody looks at who reported",
        "core/trust.py",
        "        reporter.id == verifier.id\n        or verifier.id in on_record(reporter)\n",
        "        verifier.id == ''\n",
    ),
    Mutation(
        "expire upwards",
        "L2",
        "a report that nobody confirmed in time is treated as confirmed",
        "core/incident/verification.py",
        '        _end(case, Outcome.EXPIRED, "expired")\n',
        '        _page(case, "confirmed")\n',
    ),
    Mutation(
        "do not hurry",
        "L2",
        "more reports of strangers make the search for a verifier no more urgent",
        "core/incident/verification.py",
        "    case.settle_place()\n    _hasten(case)\n",
        "    case.settle_place()\n",
    ),
    Mutation(
        "skip rest",
        "L3",
        "people who rest are paged",
        "core/barring.py",
        "        if care.rest_until is not None and self._at < care.rest_until:\n"
        "            return Barred.RESTING\n",
        "",
    ),
    Mutation(
        "skip the night's limit",
        "L3",
        "the same few are paged all night",
        "core/barring.py",
        "        if past_limit(person, care, self._at, self._limits, self._time_zone):\n"
        "            return Barred.LIMIT\n",
        "",
    ),
    Mutation(
        "skip training",
        "L3",
        "people are paged whose training ran out, or who never had it",
        "core/barring.py",
        "        if not trained(person, self._training, self._today):\n"
        "            return Barred.TRAINING\n",
        "",
    ),
    Mutation(
        "skip keep-apart in a team",
        "L3",
        "two go together who must never meet",
        "core/pairing.py",
        "from responder.core.trust import NETWORK, Vouchers, kept_apart, on_record\n",
        "from responder.core.trust import NETWORK, Vouchers, on_record\n"
        "kept_apart = lambda one, other: False\n",
    ),
    Mutation(
        "skip keep-apart from the reporter",
        "L3",
        "somebody is paged whom the reporter must not meet",
        "core/barring.py",
        "        if person.id in self._shun or not self._others.isdisjoint(person.keep_apart):\n"
        "            return Barred.KEEP_APART\n",
        "",
    ),
    Mutation(
        "two newcomers pair",
        "L3",
        "nobody experienced is with them",
        "core/pairing.py",
        "    if len(team) - experienced > experienced:\n        return Unsound.NEWCOMERS\n",
        "",
    ),
    Mutation(
        "two of one voucher pair",
        "L3",
        "one careless member lets in two who go alone together",
        "core/pairing.py",
        "    return voucher is not None and voucher == _only_voucher(other, vouchers)\n",
        "    return False\n",
    ),
    Mutation(
        "forget who was let go",
        "L3",
        "taken and let go in one transaction, somebody is taken for ever on disk",
        "core/desk.py",
        "                    self.changes.assigned.remove(taken)\n",
        "                    pass\n",
    ),
    Mutation(
        "the exact place in a page",
        "L4",
        "everybody who is asked learns where, before anybody said yes",
        "core/desk.py",
        "            text=face.text,\n",
        "            text=face.text + (f' {incident.place}' if tell.card is Card.PAGE else ''),\n",
    ),
    Mutation(
        "the place in a notice",
        "L4",
        "a channel that its operator reads learns where",
        "core/desk.py",
        "            notice=face.notice,\n",
        "            notice=face.notice and f'{face.notice} {incident.place}',\n",
    ),
    Mutation(
        "name the reporter",
        "L4",
        "the team is told who reported",
        "core/desk.py",
        "            text=face.text,\n",
        "            text=face.text + ''.join(f' {s.reporter}' for s in incident.sources),\n",
    ),
    Mutation(
        "words of an unconfirmed report reach the team",
        "L4",
        "what nobody stands for is told to those who are out",
        "core/incident/reports.py",
        "        if counts:\n            response.update(",
        "        if source:\n            response.update(",
    ),
    Mutation(
        "no stand-down",
        "L5",
        "whoever had to leave is never told that it is over",
        "core/incident/closing.py",
        "        case.tell(mate.person, Card.STAND_DOWN)\n",
        "        pass\n",
    ),
    Mutation(
        "reporters hear nothing of the end",
        "L5",
        "who reported is left waiting",
        "core/incident/closing.py",
        "    case.news(_last_word(outcome), otherwise=Card.EXPIRED)\n",
        "",
    ),
    Mutation(
        "an end clears duress",
        "L5",
        "the response is over, and nobody asks after the one under duress",
        "core/incident/closing.py",
        "    return tuple(a for a in case.incident.alarms if a.kind == AlarmKind.DURESS)\n",
        "    return ()\n",
    ),
    Mutation(
        "an alarm rings once",
        "L5",
        "coordinators who slept through it are not asked again",
        "core/incident/deciding.py",
        "            case.ring(again)\n",
        "",
    ),
    Mutation(
        "count out whoever is missing",
        "L5",
        "the first word of an end counts out those who have not been heard of",
        "core/incident/closing.py",
        "    if incident.state is not State.LEAVING or unaccounted(case):\n",
        "    if incident.state is not State.LEAVING:\n",
    ),
    Mutation(
        "forget a failed page",
        "L6",
        "a page that reached nobody is waited for all the same",
        "core/network.py",
        "    if incident is not None and message.watched:\n",
        "    if incident is not None and message.watched and message.card != Card.PAGE:\n",
    ),
    Mutation(
        "memory runs ahead of the disk",
        "L6",
        "a page is counted in memory alone, and forgotten with the process",
        "core/desk.py",
        "        self.put(replace(care, paged_at=(*recent, self.at)))\n",
        "        self.world.put(replace(care, paged_at=(*recent, self.at)))\n",
    ),
    Mutation(
        "forget a deadline",
        "L7",
        "a wave that nobody answers is never looked at again",
        "core/incident/deciding.py",
        "        incident.recruiting.until,\n",
        "        incident.recruiting.until and incident.recruiting.until.replace(year=9999),\n",
    ),
    Mutation(
        "forget signs of life",
        "L7",
        "a check-in that is missed is nobody's affair",
        "core/incident/deciding.py",
        "        times += (mate.due, mate.brief_by)\n",
        "        times += (mate.brief_by,)\n",
    ),
    Mutation(
        "do not widen",
        "L7",
        "a wave whose time is over is followed by nothing",
        "core/incident/recruiting.py",
        "        return\n    next_wave(case, case.incident.recruiting.wave + 1)\n",
        "        return\n",
    ),
    Mutation(
        "briefs may stay unread",
        "L7",
        "a brief that nobody opens holds up the team for ever",
        "core/incident/response.py",
        "if now and now.stage is Stage.BRIEFED and now.brief_by and now.brief_by <= case.at:\n",
        "if now and now.stage is Stage.OUT_SAFE:\n",
    ),
    Mutation(
        "a clock set back",
        "L7",
        "an hour's leap back makes every wait an hour longer",
        "core/incident/waking.py",
        "    return until and min(until, case.later(seconds))\n",
        "    return until\n",
    ),
    Mutation(
        "keep the key of a report",
        "L8",
        "a report is deleted, and every copy of the database still opens it",
        "core/desk.py",
        '        self.destroy(f"report:{report_id}")\n        if report is None:\n',
        "        if report is None:\n",
    ),
    Mutation(
        "keep the key of an incident",
        "L8",
        "an incident is shredded, and every copy of the database still opens it",
        "core/desk.py",
        '        self.destroy(f"incident:{incident.id}")\n',
        "",
    ),
    Mutation(
        "keep the place after the end",
        "L8",
        "where it was stays on record for a month",
        "core/incident/closing.py",
        '        place="",\n        pin=None,\n        words=tuple(Words',
        "        words=tuple(Words",
    ),
    Mutation(
        "read the playbook anew",
        "L9",
        "an incident goes on by whatever text is in force now",
        "core/world.py",
        "        return self.texts[digest]\n",
        "        return self.playbooks[self.texts[digest].id]\n",
    ),
    Mutation(
        "a picture before the go",
        "L4",
        "whoever still reads the brief gets the pictures with those who went",
        "core/incident/response.py",
        "        if mate.went:\n            case.show(mate.person, Card.MEDIA, media)\n",
        "        case.show(mate.person, Card.MEDIA, media)\n",
    ),
    Mutation(
        "a picture that nobody confirmed",
        "L4",
        "the team sees what a stranger sent, whom nobody stands for",
        "core/incident/response.py",
        "Card.MEDIA, case.incident.team_media)",
        "Card.MEDIA, case.told_media)",
    ),
    Mutation(
        "a drill without its mark",
        "L4",
        "people take practice for something that happens",
        "core/rehearsing/drills.py",
        '        text=mark + say(language, "drill.ask"),\n',
        '        text=say(language, "drill.ask"),\n',
    ),
    Mutation(
        "a drill beside the real",
        "L3",
        "people are asked to practise while they are needed",
        "core/rehearsing/drills.py",
        "        or _real(world, one.neighbourhood)\n"
        "        or not _needed(world).isdisjoint(one.asked)\n",
        "",
    ),
    Mutation(
        "page whoever has not agreed",
        "L3",
        "somebody is paged who has not said yes to what is kept about them",
        "core/barring.py",
        "        if not person.agreed:\n            return Barred.NO_CONSENT\n",
        "",
    ),
    Mutation(
        "ask at night for what was offered",
        "L3",
        "whoever offered food is woken for it",
        "core/offering.py",
        "    return ASKED_FROM <= at.astimezone(roster.zone(time_zone)).time() < ASKED_UNTIL\n",
        "    return True\n",
    ),
    Mutation(
        "lock without leave-now",
        "L5",
        "the network closes, and those who are out there hear nothing",
        "core/talk/locking.py",
        "            called_back += desk.apply(incident, ordered) is None\n",
        "            called_back += ordered.by is None\n",
    ),
    Mutation(
        "one coordinator locks alone",
        "L5",
        "who asked for the lock agrees to it too",
        "core/talk/locking.py",
        "    if first is not None and first != talk.person.id:\n        lock(",
        "    if first is not None:\n        lock(",
    ),
    Mutation(
        "forget a part",
        "L6",
        "of a private report in parts only the last one is kept",
        "core/halves.py",
        "texts=(*half.texts, part.text)",
        "texts=(part.text,)",
    ),
    Mutation(
        "an unopened page stays where it is",
        "L7",
        "a page that nobody opens on a phone goes no other way",
        "core/unopened.py",
        "    return arrived_at + max(wait, timedelta())\n",
        "    return None\n",
    ),
    Mutation(
        "keep parts for ever",
        "L8",
        "a private report that is never finished is never swept away",
        "core/sweeping.py",
        "    halves.sweep(desk)\n",
        "",
    ),
    Mutation(
        "keep the key of a report half told",
        "L8",
        "the pictures of what somebody began to tell lie there for ever",
        "core/talk/conversation.py",
        "        self._let_go_of(self.session.draft, turn.draft)\n",
        "",
    ),
    Mutation(
        "send twice after a crash",
        "L6",
        "what was acknowledged leaves again",
        "storage/drawer.py",
        '        self._together("sent_for_good", sent)\n',
        "",
        Tier.REAL,
    ),
    Mutation(
        "do not mark a repeat",
        "L6",
        "what may have come before the crash comes again as if it were new",
        "storage/drawer.py",
        '                repeat=state == "claimed",\n',
        "                repeat=False,\n",
        Tier.REAL,
    ),
)

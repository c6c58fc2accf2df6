"""The path of an incident by a playbook: stations one after the other, and where one may leave it.

Rules it keeps
    * It is read off the playbook: every number in it is one that the network really goes by.

What it must not know
    How it is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from responder.core.phrases import say
from responder.core.playbooks.comparing import friendly
from responder.core.playbooks.records import Playbook, Wave


@dataclass(frozen=True)
class Aside:
    """What happens to those for whom a station does not go well."""

    title: str
    line: str


@dataclass(frozen=True)
class Station:
    """One step of the path, with what is to be known about it."""

    title: str
    lines: tuple[str, ...]
    aside: Aside | None = None


def stations(playbook: Playbook, language: str) -> tuple[Station, ...]:
    """The path from the report to the forgetting, in this language."""
    road = _Road(playbook, language)
    return (
        road.report(),
        road.trust(),
        *road.waves(),
        road.team(),
        road.brief(),
        road.out(),
        road.leaving(),
        road.after(),
        road.forgetting(),
    )


def length_of_time(seconds: int, language: str) -> str:
    """A length of time; the few words in it are translated."""
    text = friendly(seconds)
    if language == "es":
        for english, spanish in (("weeks", "semanas"), ("week", "semana")):
            text = text.replace(english, spanish)
        text = text.replace("days", "días").replace("day", "día")
    return text


class _Road:
    """Each station in turn."""

    def __init__(self, playbook: Playbook, language: str) -> None:
        self.book = playbook
        self.language = language

    def say(self, key: str, **params: object) -> str:
        return say(self.language, f"graph.{key}", **params)

    def time(self, seconds: int) -> str:
        return length_of_time(seconds, self.language)

    def report(self) -> Station:
        asked = len(self.book.intake)
        questions = (
            self.say("report.asks", count=asked) if asked else self.say("report.no-questions")
        )
        joins = self.say("report.joins", within=self.time(self.book.join_within_s))
        return Station(self.say("report"), (questions, *self.waits(), joins))

    def waits(self) -> Iterator[str]:
        offers = self.book.offers
        asked = [q for q in self.book.intake if offers and q.id == offers.question]
        if offers and asked:
            ask = asked[0].ask.in_(self.language)
            yield self.say("report.waits", wait=self.time(offers.wait_s), ask=ask)

    def trust(self) -> Station:
        trust = self.book.trust
        lines = [
            self.say(f"trust.{trust.pages_at.value}"),
            self.say("trust.verify", wait=self.time(trust.verify_wait_s)),
        ]
        if trust.corroboration:
            agree = trust.corroboration
            within = self.time(agree.within_s)
            lines.append(self.say("trust.agree", reports=agree.reports, within=within))
        no = Aside(self.say("trust.no"), self.say("trust.no.word"))
        return Station(self.say("trust"), tuple(lines), no)

    def waves(self) -> Iterator[Station]:
        last = len(self.book.waves)
        nobody = Aside(
            self.say("nobody"), self.say("nobody.word", wait=self.time(self.book.give_up_s))
        )
        for number, wave in enumerate(self.book.waves, 1):
            how = f"{self.many(wave)}. {self.say('wave.wait', wait=self.time(wave.wait_s))}"
            lines = (self.say(f"wave.{wave.whom}"), how)
            yield Station(
                self.say("wave", number=number), lines, nobody if number == last else None
            )

    def many(self, wave: Wave) -> str:
        if isinstance(wave.how_many, int):
            return self.say("wave.some", count=wave.how_many)
        return self.say(f"wave.{wave.how_many}")

    def team(self) -> Station:
        team = self.book.team
        lines = [self.say("team.size", size=team.size, least=team.at_least)]
        if team.training:
            lines.append(self.say("team.training", names=", ".join(team.training)))
        if team.experienced:
            lines.append(self.say("team.experienced", count=team.experienced))
        if team.roles:
            names = ", ".join(role.title.in_(self.language) for role in team.roles)
            lines.append(self.say("team.roles", names=names))
        lines.append(self.say("team.surplus"))
        return Station(self.say("team"), tuple(lines))

    def brief(self) -> Station:
        line = self.say("brief.within", within=self.time(self.book.brief.within_s))
        no = Aside(self.say("brief.no"), self.say("brief.no.word"))
        return Station(self.say("brief"), (line,), no)

    def out(self) -> Station:
        check = self.book.check_in
        silence = self.say(
            "silence.word", grace=self.time(check.grace_s), repeat=self.time(check.repeat_s)
        )
        every = self.say("go.check-in", every=self.time(check.every_s))
        return Station(self.say("go"), (every,), Aside(self.say("silence"), silence))

    def leaving(self) -> Station:
        return Station(self.say("leave"), (self.say("leave.word"),))

    def after(self) -> Station:
        book, lines = self.book, []
        if book.hard_call:
            rest = self.say("after.rest", rest=self.time(book.rest_s)) if book.rest_s else ""
            lines.append(rest or self.say("after.rest-rule"))
        lines.append(self.say("after.debrief", after=self.time(book.debrief.after_s)))
        if book.follow_up:
            lines.append(self.say("after.follow-up", after=self.time(book.follow_up.after_s)))
        return Station(self.say("after"), tuple(lines))

    def forgetting(self) -> Station:
        kept = self.book.retention
        line = self.say(
            "forget.word", reports=self.time(kept.reports_s), incident=self.time(kept.incident_s)
        )
        return Station(self.say("forget"), (line,))

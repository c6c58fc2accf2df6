"""Which way a message takes while a channel is shut or deaf, and what that costs the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from responder.core.messages import Urgency
from responder.core.model import IncidentId, MessageId, Person, PersonId
from responder.ports import Pace, RetryLater
from tests.unit.outbox_kit import (
    ONE_AT_A_TIME,
    FakeDesk,
    FakeStore,
    Network,
    a_word,
    someone,
    words,
)


class CountingDesk(FakeDesk):
    """Counts how often somebody is looked up."""

    looked_up: Counter[str]

    def person(self, person: PersonId) -> Person | None:
        self.looked_up[person] += 1
        return super().person(person)


async def test_what_waits_for_a_slow_channel_is_not_looked_at_whenever_another_goes_on() -> None:
    behind = [someone(f"bird-{n}", "signal", "terminal") for n in range(300)]
    looked_up = CountingDesk.looked_up = Counter[str]()
    slow = Pace(per_second=1.0, per_chat_s=0.0)
    async with Network(
        *behind, someone("wren", "terminal"), desk=CountingDesk, signal=slow
    ) as network:
        network.add(*(a_word(f"to-{person.id}", person.id) for person in behind))
        await network.after(1)
        looked_up.clear()
        for n in range(50):
            network.add(a_word(f"m{n}", "wren"))
            await network.after(0.1)
        assert network.terminal.texts == words(*(f"m{n}" for n in range(50)))
        assert sum(looked_up[person.id] for person in behind) < 10 * len(behind)


async def test_news_go_round_a_channel_that_seems_to_deliver_nothing() -> None:
    people = someone("wren", "signal", "terminal"), someone("heron", "signal")
    async with Network(*people) as network:
        network.deaf.add("signal")
        network.add(a_word("news", "wren", urgency=Urgency.NEWS), a_word("only way", "heron"))
        await network.after(1)
        assert (network.terminal.texts, network.signal.texts) == (words("news"), words("only way"))


async def test_what_waited_for_a_channel_leaves_by_urgency_once_it_opens() -> None:
    people = [someone(f"bird-{n}", "signal") for n in range(3)]
    async with Network(*people) as network:
        network.signal.answers.append(RetryLater("too many", 30.0))
        for urgency, person in zip(
            (Urgency.NEWS, Urgency.QUIET, Urgency.PAGE), people, strict=True
        ):
            network.add(a_word(urgency.name, person.id, urgency=urgency))
            await network.after(1)
        await network.after(60)
        assert network.signal.texts == words("PAGE", "NEWS", "QUIET")


async def test_each_report_of_many_has_its_first_page_on_the_way_before_anybodys_second() -> None:
    people = [someone(f"bird-{n}", "signal") for n in range(6)]
    async with Network(*people, signal=ONE_AT_A_TIME) as network:
        for n, person in enumerate(people):
            incident = IncidentId("early" if n < 3 else "late")
            page = a_word(f"{incident} {n % 3}", person.id, incident=incident)
            network.add(page)
        await network.after(10)
        assert network.signal.texts == words(
            "early 0", "late 0", "early 1", "late 1", "early 2", "late 2"
        )


async def test_a_new_way_to_somebody_is_found_while_their_only_channel_is_shut() -> None:
    async with Network(someone("wren", "signal"), someone("heron", "signal")) as network:
        network.signal.answers.append(RetryLater("too many", 600.0))
        for person in ("wren", "heron"):
            network.add(a_word(f"to-{person}", person, urgency=Urgency.PAGE))
            await network.after(1)
        network.desk.people[PersonId("heron")] = someone("heron", "signal", "terminal")
        await network.after(60)
        assert network.terminal.texts == words("to-heron")


async def test_nothing_goes_to_an_address_that_was_given_up_while_it_was_claimed() -> None:
    class Slow(FakeStore):
        async def claim(self, messages: Iterable[MessageId]) -> frozenset[MessageId]:
            network.desk.people[PersonId("heron")] = someone("heron", "terminal")
            return await super().claim(messages)

    async with Network(someone("heron", "signal"), store=Slow()) as network:
        network.add(a_word("page", "heron", urgency=Urgency.PAGE))
        await network.after(1)
        assert (network.signal.texts, network.terminal.texts) == ([], words("page"))

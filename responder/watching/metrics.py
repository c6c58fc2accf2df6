"""Figures for Prometheus: what was taken in, sent and decided, and how long people waited.

Rules it keeps
    * A label is one of the program's own words (a state, a card, a channel, an urgency, a sort of
      worry). No id, no code, no neighbourhood, no playbook's name: those are somebody's words.
    * What stands still is read when it is asked for; only what passes is counted on the way.
    * The library's own registry is not used: it would tell of the interpreter and whatever else
      registers itself there.

What it must not know
    Who asks, and over which way.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final

import prometheus_client as prometheus
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from responder.core import aside
from responder.core.auditing import Sort
from responder.core.changes import KINDS, Changes
from responder.core.effects import Card
from responder.core.messages import Fate, Message, Settled, Urgency
from responder.core.model import Incident, IncidentId, Report, ReportId, State
from responder.dispatching.dispatcher import Dispatcher
from responder.watching.watch import Outbox, Watch

_SECONDS: Final = (0.05, 0.25, 1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600)
_COMMIT_S: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5)
_CARDS: Final = frozenset(Card) | {"reply"}
_INCIDENT, _REPORT = KINDS[Incident], KINDS[Report]

prometheus.disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics:
    """All figures of one network. `committed`, `settled` and `timed` are told what passes."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        outbox: Outbox,
        watch: Watch,
        *,
        now: Callable[[], datetime],
        heartbeat: Callable[[], datetime | None] = lambda: None,
    ) -> None:
        self._dispatcher = dispatcher
        world = dispatcher.world
        self._reports: set[ReportId] = set(world.reports)
        self._paged = {i.id for i in world.incidents.values() if i.calls}
        self._teamed = {i.id for i in world.incidents.values() if i.teamed_at}
        self.registry = prometheus.CollectorRegistry(auto_describe=True)
        self._taken_in = prometheus.Counter(
            "responder_reports", "Reports taken in.", ["channel"], registry=self.registry
        )
        self._messages = prometheus.Counter(
            "responder_messages",
            "Messages that met their fate, by card, by the last channel tried, and by fate.",
            ["card", "channel", "fate"],
            registry=self.registry,
        )
        self._page_s = prometheus.Histogram(
            "responder_first_page_seconds",
            "From a report that opens an incident to its first page sent, checking included.",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._pair_s = prometheus.Histogram(
            "responder_pair_seconds",
            "From a report that opens an incident to its first team of two or more.",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._commit_s = prometheus.Histogram(
            "responder_commit_seconds",
            "How long the writer waited for the disk, a group of inputs at a time.",
            buckets=_COMMIT_S,
            registry=self.registry,
        )
        prometheus.ProcessCollector(namespace="responder", registry=self.registry)
        self.registry.register(_Standing(dispatcher, outbox, watch, now, heartbeat))

    def exposition(self) -> bytes:
        """All figures, in Prometheus' text format."""
        return prometheus.generate_latest(self.registry)

    # --- what passes ------------------------------------------------------------------------------

    def committed(self, changes: Changes) -> None:
        """A transaction is on disk."""
        for record in changes.puts.values():
            match record:
                case Report() if record.id not in self._reports:
                    self._reports.add(record.id)
                    self._taken_in.labels(record.channel or "none").inc()
                case Incident() if record.teamed_at and record.id not in self._teamed:
                    self._teamed.add(record.id)
                    waited = record.teamed_at - record.opened_at
                    self._pair_s.observe(waited.total_seconds())
                case _:
                    pass
        for kind, id in changes.deletes:
            if kind == _REPORT:
                self._reports.discard(ReportId(id))
            elif kind == _INCIDENT:
                self._paged.discard(IncidentId(id))
                self._teamed.discard(IncidentId(id))

    def settled(self, message: Message, fate: Settled) -> None:
        """A message has its fate, on disk."""
        if not fate.last:
            return
        card = message.card if message.card in _CARDS else "other"
        self._messages.labels(card, fate.channel or "none", fate.fate.value).inc()
        if message.card != Card.PAGE or fate.fate is not Fate.SENT:
            return
        incident = self._dispatcher.world.incidents.get(message.incident or IncidentId(""))
        if incident is not None and incident.id not in self._paged:
            self._paged.add(incident.id)
            self._page_s.observe((fate.at - incident.opened_at).total_seconds())

    def timed(self, seconds: float) -> None:
        """A group was committed in so many seconds."""
        self._commit_s.observe(seconds)


class _Standing(Collector):
    """What is read in the moment in which somebody asks."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        outbox: Outbox,
        watch: Watch,
        now: Callable[[], datetime],
        heartbeat: Callable[[], datetime | None],
    ) -> None:
        self._dispatcher, self._outbox, self._watch = dispatcher, outbox, watch
        self._now, self._heartbeat = now, heartbeat

    def collect(self) -> Iterator[Metric]:
        """Every figure that stands."""
        world, watch = self._dispatcher.world, self._watch
        states = Tally(i.state.value for i in world.incidents.values())
        yield _by("responder_incidents", "Incidents, by state.", "state", states, State)
        depth = {u.name.lower(): n for u, n in self._outbox.depth().items()}
        names = [u.name.lower() for u in Urgency]
        told = "Messages that wait or are under way, by urgency."
        yield _by("responder_outbox_waiting", told, "urgency", depth, names)
        now = self._now()
        ages = {
            u.name.lower(): max((now - at).total_seconds(), 0.0)
            for u, at in self._outbox.oldest().items()
        }
        told = "How old the oldest message is that waits, by urgency."
        yield _by("responder_outbox_oldest_seconds", told, "urgency", ages, names)
        up = {name: float(one.well) for name, one in watch.channels.items()}
        yield _by("responder_channel_up", "Whether a channel works.", "channel", up, up)
        sorts = Tally(one.sort.value for one in watch.worries)
        yield _by("responder_worries", "What the auditor worries about.", "sort", sorts, Sort)
        yield GaugeMetricFamily(
            "responder_content", "Whether the auditor is content.", float(watch.content)
        )
        last = self._heartbeat()
        yield GaugeMetricFamily(
            "responder_heartbeat_timestamp_seconds",
            "When the heartbeat was last heard; 0 for never.",
            last.timestamp() if last else 0.0,
        )
        aside_count = sum(name.startswith(aside.ASIDE) for name in world.settings)
        yield GaugeMetricFamily(
            "responder_set_aside",
            "Messages that could not be worked off and are kept.",
            aside_count,
        )


def _by(
    name: str, told: str, label: str, values: Mapping[str, float], all: Iterable[str]
) -> GaugeMetricFamily:
    """One figure for each of `all`, 0 where there is none: a line that is missing alarms nobody."""
    family = GaugeMetricFamily(name, told, labels=[label])
    for one in all:
        family.add_metric([str(one)], float(values.get(one, 0)))
    return family

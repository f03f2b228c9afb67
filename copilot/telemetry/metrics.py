"""Counters, histograms and gauges in Prometheus's own form, in a registry of their own."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from copilot.meter import Gauges

PREFIX = "advisor_copilot_"
_BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
COUNTERS = {
    "proposals": ("Suggestions begun, by what the customer wants", ("intent", "state", "by")),
    "candidates": ("Candidates that passed the guard, by who wrote them and what they do", ("origin", "move")),
    "verdicts": ("The guard's words on whole texts; `work` says on whose way", ("work", "outcome")),
    "findings": ("Checks named by the guard, each once a text", ("check", "severity")),
    "entries": ("Entries of the record, so releases, held texts and referrals", ("kind",)),
    "decisions": ("Decisions of compliance", ("outcome",)),
    "model_requests": ("Requests to the model, by how they ended", ("outcome",)),
    "sign_ins": ("Attempts to sign in, by how they ended", ("way", "outcome")),
    "failures": ("Work that ended in an error, by its kind", ("work", "error")),
}
HISTOGRAMS = {
    "step_seconds": ("Time of a stage", ("work", "step")),
    "work_seconds": ("Time of a whole suggestion, release or referral", ("work",)),
    "first_candidate_seconds": ("Time to the first candidate that may be shown", ()),
    "model_request_seconds": ("Time of a request to the model, waiting included", ("outcome",)),
}
GAUGES = {
    "review_cases": "Cases that wait for compliance",
    "review_unclaimed": "Those of them that nobody has taken",
    "review_oldest_seconds": "Age of the oldest of them",
    "accounts_locked": "Accounts locked by failed sign-ins",
    "index_passages": "Passages in the index",
    "index_behind": "1 while the index is behind the shelf or could not be built",
    "model_ready": "1 while the model answers; 0 also where only scripts are set",
    "model_running": "Requests to the model that wait or are being answered",
    "model_queue": "Requests that wait for the model on this machine",
    "model_queue_entered_total": "Requests whose turn came",
    "model_queue_seconds_total": "Seconds that those waited for it",
}


class _Readings(Collector):
    """The gauges, read for each scrape. One that cannot be read is left out and counted; the others are there."""

    def __init__(self, gauges: Gauges, unreadable: Counter) -> None:
        self._gauges, self._unreadable = gauges, unreadable

    def collect(self) -> Iterator[Metric]:
        for name, told in GAUGES.items():
            look = self._gauges.get(name)
            if look is None:
                continue
            try:
                value = float(look())
            except Exception:  # a database that is away must not take the other metrics with it
                self._unreadable.labels(gauge=name).inc()
                continue
            made = CounterMetricFamily if name.endswith("_total") else GaugeMetricFamily
            yield made(PREFIX + name, told, value)


class Metrics:
    """All of them. A name or a label that is not in the tables above is a KeyError or a ValueError."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        ProcessCollector(registry=self._registry)
        self._counters = {
            name: Counter(PREFIX + name, told, labels, registry=self._registry)
            for name, (told, labels) in COUNTERS.items()
        }
        self._histograms = {
            name: Histogram(PREFIX + name, told, labels, registry=self._registry, buckets=_BUCKETS)
            for name, (told, labels) in HISTOGRAMS.items()
        }
        self._unreadable = Counter(
            f"{PREFIX}unreadable", "Gauges that could not be read", ("gauge",), registry=self._registry
        )

    def count(self, what: str, **labels: str) -> None:
        """One more."""
        self._counters[what].labels(**labels).inc()

    def time(self, what: str, seconds: float, **labels: str) -> None:
        """How long it took."""
        histogram = self._histograms[what]
        (histogram.labels(**labels) if labels else histogram).observe(seconds)

    def read(self, gauges: Gauges) -> None:
        """Read these, too, from now on."""
        self._registry.register(_Readings(gauges, self._unreadable))

    def text(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return generate_latest(self._registry)

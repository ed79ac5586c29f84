"""What a relay counts, as Prometheus reads it."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest


class Metrics:
    """The counters of one relay, in a registry of their own so that several can run in one process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.accepted = Counter("cascade_relay_accepted", "Callbacks kept", ["kind"], registry=self._registry)
        self.duplicates = Counter(
            "cascade_relay_duplicates", "Callbacks that were kept already", registry=self._registry
        )
        self.refused = Counter(
            "cascade_relay_refused", "Requests refused, by reason", ["reason"], registry=self._registry
        )
        self.readers = Gauge(
            "cascade_relay_readers", "Requests for events that are open", registry=self._registry
        )
        self.commit = Histogram(
            "cascade_relay_commit_seconds",
            "Time of one commit with all its callbacks",
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5),
            registry=self._registry,
        )

    def text(self) -> bytes:
        """The exposition format."""
        return generate_latest(self._registry)

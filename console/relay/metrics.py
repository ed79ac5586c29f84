"""What a relay counts, as Prometheus reads it."""

from __future__ import annotations

import time
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from console.relay.cursors import Position

_MOST_READERS: Final = 10_000
_FORGOTTEN: Final = 600.0


class Metrics:
    """The counters of one relay, in a registry of their own so that several can run in one process."""

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        self.accepted = Counter("cascade_relay_accepted", "Callbacks kept", ["kind"], registry=registry)
        self.duplicates = Counter(
            "cascade_relay_duplicates", "Callbacks that were kept already", registry=registry
        )
        self.refused = Counter(
            "cascade_relay_refused", "Requests refused, by reason", ["reason"], registry=registry
        )
        self.probes = Counter("cascade_relay_probes", "Signed probes answered", registry=registry)
        self.served = Counter("cascade_relay_pages", "Pages of events answered", registry=registry)
        self.readers = Gauge("cascade_relay_readers", "Requests for events that are open", registry=registry)
        self.parked = Gauge(
            "cascade_relay_readers_waiting", "Readers that wait for an event", registry=registry
        )
        self.commit = Histogram(
            "cascade_relay_commit_seconds",
            "Time of one commit with all its callbacks",
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0),
            registry=registry,
        )
        self.failed = Counter(
            "cascade_relay_commit_failures", "Commits that failed, whose callbacks got 503", registry=registry
        )
        self.waiting = Gauge(
            "cascade_relay_uncommitted", "Callbacks received and not committed yet", registry=registry
        )
        self.oldest = Gauge(
            "cascade_relay_oldest_uncommitted_seconds", "Age of the oldest of them", registry=registry
        )
        self.blocked = Gauge(
            "cascade_relay_lock_held_seconds",
            "How long one session has held the database's lock for writers",
            registry=registry,
        )
        self.newest = Gauge("cascade_relay_newest_position", "Number of the newest event", registry=registry)
        self.lag = Gauge(
            "cascade_relay_reader_lag_events",
            "Numbers between the newest event and the reader furthest behind, of the last 10 minutes",
            registry=registry,
        )
        self.lag_seconds = Gauge(
            "cascade_relay_reader_lag_seconds", "Since when that reader has been behind", registry=registry
        )
        self.connections = Gauge("cascade_relay_connections", "Open connections", registry=registry)

    def text(self) -> bytes:
        """The exposition format."""
        return generate_latest(self._registry)


class Lag:
    """How far readers are behind. A reader is known by the cursor it will come back with."""

    def __init__(self) -> None:
        # The place a reader has reached → when it was last heard of, and since when it is behind.
        self._places: dict[Position, tuple[float, float]] = {}

    def moved(self, came_with: Position | None, goes_with: Position, *, behind: bool) -> None:
        """A reader was answered. ``behind``: there was more than its page could hold."""
        now = time.monotonic()
        _, since = self._places.pop(came_with, (now, now)) if came_with is not None else (now, now)
        if len(self._places) >= _MOST_READERS:
            del self._places[next(iter(self._places))]
        self._places[goes_with] = (now, since if behind else now)

    def worst(self, newest: Position) -> tuple[int, float]:
        """Numbers and seconds that the reader furthest behind is behind; 0, 0: none is."""
        now = time.monotonic()
        self._places = {
            place: (heard, since)
            for place, (heard, since) in self._places.items()
            if now - heard < _FORGOTTEN and place.number <= newest.number
        }
        behind = [
            (newest.number - place.number, now - since)
            for place, (_, since) in self._places.items()
            if place.number < newest.number
        ]
        return max(behind, default=(0, 0.0))

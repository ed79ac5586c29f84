"""What a relay does by itself while nobody looks: retention, renewed certificates, a word in the log."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from console.relay.config import RelayConfig
from console.relay.metrics import Metrics
from console.relay.store import Store, StoreUnavailable

log = logging.getLogger(__name__)

_EVERY: Final = 60.0
_PRUNE_EVERY: Final = 3600.0
_PRUNE_PAUSE: Final = 0.05
"""Between two batches of a prune, so that callbacks get their turn."""


class Maintenance:
    """Does its rounds once a minute. Argument ``reload_tls`` takes up a renewed certificate."""

    def __init__(
        self, store: Store, metrics: Metrics, config: RelayConfig, *, reload_tls: Callable[[], None] | None
    ) -> None:
        self._store = store
        self._metrics = metrics
        self._config = config
        self._reload_tls = reload_tls
        self._told: dict[str, float] = {}

    async def run(self) -> None:
        """Until cancelled."""
        pruned = float("-inf")
        while True:
            if self._config.retention_days is not None and time.monotonic() - pruned >= _PRUNE_EVERY:
                pruned = time.monotonic()
                with contextlib.suppress(StoreUnavailable):  # in an hour again
                    await self.prune(self._config.retention_days)
            await asyncio.sleep(_EVERY)
            if self._reload_tls is not None:
                await asyncio.to_thread(self._reload_tls)
            self.tell()

    async def prune(self, days: int) -> None:
        """Remove what is older than so many days, a little at a time."""
        removed = await prune_all(self._store, days)
        if removed:
            log.info("retention", extra={"removed": removed, "older_than_days": days})

    def tell(self) -> None:
        """Say in one line what was taken and refused since the last time, if anything was."""
        counts: dict[str, float] = {}
        for family in (self._metrics.accepted, self._metrics.duplicates, self._metrics.refused):
            for metric in family.collect():
                for sample in metric.samples:
                    if sample.name.endswith("_total"):
                        name = sample.name.removeprefix("cascade_relay_").removesuffix("_total")
                        key = ":".join((name, *sample.labels.values()))
                        counts[key] = sample.value
        new = {key: int(count - self._told.get(key, 0)) for key, count in counts.items()}
        self._told = counts
        if any(new.values()):
            log.info("the last minute", extra={"counts": {key: count for key, count in new.items() if count}})


async def prune_all(store: Store, days: int) -> int:
    """Remove all events older than so many days, batch by batch; returns how many.

    Raises:
        StoreUnavailable: the store does not serve.
    """
    before = datetime.now(UTC) - timedelta(days=days)
    removed = 0
    while count := await store.prune(before):
        removed += count
        await asyncio.sleep(_PRUNE_PAUSE)
    return removed

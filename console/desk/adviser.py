"""What the journal teaches about how soon Viber delivers, for whoever sets a fallback time.

Only the window runs it (:meth:`Adviser.run`): it counts what an older journal left uncounted, a little
at a time, and makes the curves anew some time after messages changed. Reading happens on the journal's
thread, estimating on another; the loop only waits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from console.cascade.advice import Basis, basis, curves
from console.cascade.survival import Curve
from console.desk.bulletin import Bulletin
from console.desk.ledger import Ledger
from console.desk.values import Change
from console.desk.watchers import Watchers
from console.journal.durations import Counted, counted, observed

STEP: Final = 20
"""Messages counted at once: some 10 ms of the journal's thread, so that nobody waits for it."""
_AT_REST: Final = 1.0
"""Seconds after the start before anything is done: starting comes first."""
_BETWEEN_STEPS: Final = 0.05
_BETWEEN_CURVES: Final = 10.0
"""Seconds a change may wait for its effect on the curve, which one message hardly moves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The curves as they are now."""

    curves: Mapping[str | None, Curve] = field(default_factory=dict)
    """By region code; ``None`` for all countries together."""
    counted: Counted | None = None
    """How far the journal has been counted; ``None`` before the first look."""

    def basis(self, region: str | None) -> Basis:
        """The region's own curve where it has enough deliveries, else that of all countries."""
        return basis(self.curves, region)


async def look(ledger: Ledger, now: datetime) -> Known:
    """Read what is known now and make the curves."""
    seen, progress = await ledger.off(lambda: (observed(ledger.db.db, now), counted(ledger.db.db)))
    return Known(curves=await asyncio.to_thread(curves, seen), counted=progress)


class Adviser:
    """Keeps the curves of one journal. Belongs to one event loop."""

    def __init__(self, ledger: Ledger, bulletin: Bulletin, clock: Callable[[], datetime]) -> None:
        self._ledger = ledger
        self._bulletin = bulletin
        self._clock = clock
        self._watchers = Watchers[()]()
        self._news = asyncio.Event()
        self.known = Known()

    def watch(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call ``callback`` on the loop's thread when :attr:`known` changed; returns how to stop."""
        return self._watchers.add(callback)

    async def run(
        self,
        *,
        at_rest: float = _AT_REST,
        between_steps: float = _BETWEEN_STEPS,
        between_curves: float = _BETWEEN_CURVES,
    ) -> None:
        """Keep the curves up to date until cancelled; all times in seconds."""
        unwatch = self._bulletin.watch(self._heard)
        try:
            await asyncio.sleep(at_rest)
            while True:
                try:
                    self._news.clear()
                    await self.refresh()
                    if self._all_counted():
                        await self._news.wait()
                        await asyncio.sleep(between_curves)
                    else:
                        await self._count(between_steps, between_curves)
                except Exception as error:
                    if not self._ledger.is_trouble(error):
                        raise
                    await asyncio.sleep(between_curves)
        finally:
            unwatch()

    async def refresh(self) -> None:
        """Make the curves anew now, and tell who watches if anything came of it."""
        known = await look(self._ledger, self._clock())
        if known != self.known:
            self.known = known
            self._watchers.tell()

    async def _count(self, between_steps: float, for_seconds: float) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + for_seconds
        while not (await self._ledger.off(lambda: self._ledger.db.count_durations(STEP))).all:
            await asyncio.sleep(between_steps)
            if loop.time() >= until:
                return

    def _all_counted(self) -> bool:
        return self.known.counted is not None and self.known.counted.all

    def _heard(self, change: Change) -> None:
        if change.message_ids or change.history_changed:
            self._news.set()

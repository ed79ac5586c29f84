"""Provider time, and the work that is due in it.

The sandbox's world runs on *provider seconds*: real seconds times the speed factor. All that
is still to happen is dated in it, so that changing the speed changes everything at once.
"""

from __future__ import annotations

import asyncio
import heapq
import time
from collections.abc import Callable
from typing import Generic, TypeVar

Item = TypeVar("Item")


class ProviderClock:
    """Provider seconds since the sandbox's data were begun.

    ``speed`` is how many provider seconds pass in one real second (greater than 0) and may be
    changed at any time. ``real`` is a monotonic clock in seconds, injected by tests.
    """

    def __init__(
        self, *, speed: float = 1.0, start: float = 0.0, real: Callable[[], float] = time.monotonic
    ) -> None:
        self._real = real
        self._anchor = (real(), start)
        self._speed = _checked(speed)

    @property
    def speed(self) -> float:
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        speed = _checked(speed)
        self._anchor = (self._real(), self.now())
        self._speed = speed

    def now(self) -> float:
        """Provider seconds."""
        real, provider = self._anchor
        return provider + (self._real() - real) * self._speed

    def real_until(self, due: float) -> float:
        """Real seconds until the provider moment ``due``; 0 when it has come."""
        return max(0.0, (due - self.now()) / self._speed)


def _checked(speed: float) -> float:
    if not 0 < speed < float("inf"):
        raise ValueError(f"speed must be a positive number, not {speed}")
    return speed


class Agenda(Generic[Item]):
    """Work due in provider time, handed to ``work`` when its moment has come.

    Items of one moment are handed over in the order they were added. ``work`` must not block.
    """

    def __init__(self, clock: ProviderClock, work: Callable[[Item], None]) -> None:
        self._clock = clock
        self._work = work
        self._due: list[tuple[float, int, Item]] = []
        self._added = 0
        self._woken = asyncio.Event()

    def add(self, due: float, item: Item) -> None:
        """Have ``item`` worked on at the provider moment ``due``."""
        self._added += 1
        heapq.heappush(self._due, (due, self._added, item))
        self._woken.set()

    def wake(self) -> None:
        """Look at the clock again: its speed has changed."""
        self._woken.set()

    def __len__(self) -> int:
        return len(self._due)

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            self._woken.clear()
            while self._due and self._due[0][0] <= self._clock.now():
                self._work(heapq.heappop(self._due)[2])
            await self._wait()

    async def _wait(self) -> None:
        if not self._due:
            await self._woken.wait()
            return
        try:
            async with asyncio.timeout(self._clock.real_until(self._due[0][0])):
                await self._woken.wait()
        except TimeoutError:
            pass

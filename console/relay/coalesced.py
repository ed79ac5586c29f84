"""Many who ask the same at once share one answer that is fresh for each of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Coalesced(Generic[T]):
    """Calls ``work`` as seldom as freshness allows.

    Whoever asks gets an answer whose work began after they asked: those who come while the work
    is under way share the next round. So any number of callers cost two rounds at a time at most.
    """

    def __init__(self, work: Callable[[], Awaitable[T]]) -> None:
        self._work = work
        self._running: asyncio.Task[T] | None = None
        self._next: asyncio.Task[T] | None = None

    async def __call__(self) -> T:
        if self._running is None:
            self._running = self._begun(None)
            return await asyncio.shield(self._running)
        if self._next is None:
            self._next = self._begun(self._running)
        return await asyncio.shield(self._next)

    def _begun(self, before: asyncio.Task[T] | None) -> asyncio.Task[T]:
        task = asyncio.create_task(self._round(before))
        task.add_done_callback(seen)
        return task

    async def _round(self, before: asyncio.Task[T] | None) -> T:
        if before is not None:
            await asyncio.wait([before])
        try:
            return await self._work()
        finally:
            self._running, self._next = self._next, None


def seen(task: asyncio.Task[Any]) -> None:
    """A shared task's error is its callers' to handle; that all of them may have gone is no news."""
    if not task.cancelled():
        task.exception()

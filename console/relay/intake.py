"""From callbacks to commits: whatever waits shares one transaction, and 200 is said after it.

While one batch is being committed the next one gathers, so that under load one flush to disk
serves hundreds of callbacks and a lone callback waits for nobody. The queue is bounded and so is
the time in it: Telesign waits five seconds for an answer, so a 503 after four still reaches it.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from console.relay.coalesced import Coalesced
from console.relay.store import NewEvent, Store, StoreUnavailable

MOST_WAITING: Final = 4096
"""Callbacks that may wait; at any rate a relay is made for, they could not be stored in time."""
LONGEST_WAIT: Final = 4.0
_LOOK: Final = 0.25


class _Waiting:
    __slots__ = ("answer", "event", "since")

    def __init__(self, event: NewEvent | None, answer: asyncio.Future[bool], since: float) -> None:
        self.event = event
        """``None`` asks for a probe of the store."""
        self.answer = answer
        self.since = since


class Intake:
    """Owns the writing side of a store. Used on one event loop.

    Args:
        store: open.
        committed: called on the loop after each commit that kept something new.
        measured: told how long each commit took, in seconds, and whether it failed.
    """

    def __init__(
        self, store: Store, *, committed: Callable[[], None], measured: Callable[[float, bool], None]
    ) -> None:
        self._store = store
        self._committed = committed
        self._measured = measured
        self._queue: deque[_Waiting] = deque()
        self._current: list[_Waiting] = []
        self._there = asyncio.Event()
        self._closed = False
        self._writer: asyncio.Task[None] | None = None
        self._watch: asyncio.Task[None] | None = None
        self.probe = Coalesced(self._probe)

    async def put(self, event: NewEvent) -> bool:
        """Keep a callback. Returns once it is durable; ``False``: it was kept already.

        Raises:
            StoreUnavailable: it is not known to be kept.
        """
        return await self._queued(event)

    async def _probe(self) -> bool:
        return await self._queued(None)

    async def _queued(self, event: NewEvent | None) -> bool:
        if self._closed:
            raise StoreUnavailable("the relay is stopping")
        if len(self._queue) >= MOST_WAITING:
            raise StoreUnavailable("too many callbacks wait to be stored")
        if self._writer is None:
            self._writer = asyncio.create_task(self._write(), name="relay-intake")
            self._watch = asyncio.create_task(self._give_up(), name="relay-intake-watch")
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._queue.append(_Waiting(event, answer, time.monotonic()))
        self._there.set()
        return await answer

    @property
    def waiting(self) -> int:
        """Callbacks that are not committed yet."""
        return len(self._queue) + len(self._current)

    @property
    def oldest_seconds(self) -> float:
        """How long the oldest of them has been waiting."""
        first = self._current[0] if self._current else self._queue[0] if self._queue else None
        return 0.0 if first is None else time.monotonic() - first.since

    async def close(self) -> None:
        """Take no more, and commit what was taken."""
        self._closed = True
        self._there.set()
        if self._writer is not None and self._watch is not None:
            await self._writer
            self._watch.cancel()
            await asyncio.wait([self._watch])

    async def _write(self) -> None:
        while self._queue or not self._closed:
            if not self._queue:
                self._there.clear()
                await self._there.wait()
                continue
            taken = [self._queue.popleft() for _ in range(min(len(self._queue), self._store.max_batch))]
            self._current = [each for each in taken if not each.answer.done()]
            if self._current:
                await self._commit(self._current)
            self._current = []

    async def _commit(self, batch: list[_Waiting]) -> None:
        events = [(each.event, each.answer) for each in batch if each.event is not None]
        started = time.perf_counter()
        try:
            if events:
                kept = await self._store.append([event for event, _ in events])
            else:
                kept = []
                await self._store.probe()
        except Exception as error:
            # Whatever befalls one batch, the next must be tried.
            self._measured(time.perf_counter() - started, True)
            reason = error if isinstance(error, StoreUnavailable) else StoreUnavailable(repr(error))
            for each in batch:
                if not each.answer.done():
                    each.answer.set_exception(reason)
            return
        self._measured(time.perf_counter() - started, False)
        for (_, answer), new in zip(events, kept, strict=True):
            if not answer.done():
                answer.set_result(new)
        for each in batch:
            if each.event is None and not each.answer.done():
                each.answer.set_result(True)
        if any(kept):
            self._committed()

    async def _give_up(self) -> None:
        """Answer those whose sender would soon stop listening, though the store still works on them."""
        while True:
            await asyncio.sleep(_LOOK)
            late = time.monotonic() - LONGEST_WAIT
            for waiting in (self._current, self._queue):
                for each in waiting:
                    if each.since > late:
                        break
                    if not each.answer.done():
                        each.answer.set_exception(StoreUnavailable("the store takes too long"))

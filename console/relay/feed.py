"""From commits to readers: who waits is told at once, and one read serves all who wait at one place.

A reader that waits is a future in a set and asks the database nothing. A commit in this process
has the page read and handed to them; of commits elsewhere the store gives hints, and once a second one
cheap question per process makes sure that a hint that never came delays nobody for longer.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Final

from console.relay.coalesced import Coalesced, seen
from console.relay.cursors import ORIGIN, Position
from console.relay.http import Answer
from console.relay.store import Page, Store, StoreUnavailable

log = logging.getLogger(__name__)

POLL_SECONDS: Final = 1.0
_MOST_PAGES: Final = 32

Render = Callable[[Page], bytes]
_Key = tuple[Position | None, int]


class Rendered:
    """A page as it is sent."""

    __slots__ = ("answer", "empty", "next")

    def __init__(self, page: Page, body: bytes) -> None:
        self.answer = Answer(body)
        self.empty = not page.events
        self.next = page.next


Waiter = asyncio.Future[Rendered | None]


def tell(waiters: Iterable[Waiter], page: Rendered | None) -> None:
    """Tell those who still wait: a page, or ``None`` that there is none."""
    for waiter in waiters:
        if not waiter.done():
            waiter.set_result(page)


class Feed:
    """The reading side of a store. Used on one event loop.

    Args:
        store: open.
        render: makes the answer's bytes of a page; runs in another thread for large pages.
    """

    def __init__(self, store: Store, render: Render) -> None:
        self._store = store
        self._render = render
        self.newest: Position = ORIGIN
        """The newest event known of."""
        self.stale = False
        """Something was committed since then, and nobody has looked: nobody was waiting."""
        self._waiters: dict[_Key, set[Waiter]] = {}
        self._pages: dict[_Key, asyncio.Task[Rendered]] = {}
        self._poll: asyncio.Task[None] | None = None
        self._closed = False
        self._tasks: set[asyncio.Task[object]] = set()
        self.refresh = Coalesced(self._refresh)
        store.on_hint(self.look)

    @property
    def waiting(self) -> int:
        """Readers that wait."""
        return sum(map(len, self._waiters.values()))

    def look(self) -> None:
        """Something may have been committed: see, and wake who waits for it, if anybody does."""
        if not self._waiters:
            self.stale = True
        elif not self._closed:
            self._begin(self._noted())

    def _begin(self, work: Coroutine[Any, Any, object]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _noted(self) -> None:
        with contextlib.suppress(StoreUnavailable):
            await self.refresh()

    async def _refresh(self) -> Position:
        self.stale = False
        newest = await self._store.newest()
        # Another copy may have been put in the place of this store: any change counts.
        if newest != self.newest:
            self.newest = newest
            self._pages.clear()
            self._wake()
        return newest

    def _wake(self) -> None:
        waiters, self._waiters = self._waiters, {}
        for (after, limit), group in waiters.items():
            self._begin(self._serve(after, limit, group))

    async def _serve(self, after: Position | None, limit: int, group: set[Waiter]) -> None:
        """Tell the page after a place to all who waited there, or why there is none."""
        page = None  # if the relay stops meanwhile
        try:
            page = await self.read(after, limit)
        except Exception as error:
            for waiter in group:
                if not waiter.done():
                    waiter.set_exception(error)
        finally:
            tell(group, page)

    def start(self) -> None:
        """Begin to ask once a second."""
        if self._poll is None:
            self._poll = asyncio.create_task(self._ask(), name="relay-poll")

    async def _ask(self) -> None:
        serving = True
        while True:
            try:
                await self.refresh()
                serving = True
            except StoreUnavailable as error:
                if serving:
                    log.warning("the store does not serve: %s", error)
                serving = False
            self._pages.clear()  # retention, or another copy in the store's place, may have passed them
            await asyncio.sleep(POLL_SECONDS)

    async def read(self, after: Position | None, limit: int) -> Rendered:
        """A page that holds at least what :attr:`newest` knows of. One read for all who ask the same.

        Raises:
            CursorExpired: as :meth:`console.relay.store.Store.read`.
            StoreUnavailable: it cannot be read.
        """
        if after is None:  # the oldest place moves with retention
            return await self._rendered(after, limit)
        key: _Key = (after, limit)
        task = self._pages.get(key)
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            while len(self._pages) >= _MOST_PAGES:
                del self._pages[next(iter(self._pages))]
            task = self._pages[key] = asyncio.create_task(self._rendered(after, limit))
            task.add_done_callback(seen)
        return await asyncio.shield(task)

    async def _rendered(self, after: Position | None, limit: int) -> Rendered:
        page = await self._store.read(after, limit)
        if len(page.events) <= 50:
            return Rendered(page, self._render(page))
        return Rendered(page, await asyncio.to_thread(self._render, page))

    def park(self, waiter: Waiter, after: Position | None, limit: int) -> None:
        """Have ``waiter`` told the page after a place by the next commit; ``None`` if the relay stops.

        The page may be empty, if it was not after this place that something came. Where it cannot be read,
        ``waiter`` fails as :meth:`read` does.
        """
        if self._closed:
            waiter.set_result(None)
        else:
            self._waiters.setdefault((after, limit), set()).add(waiter)

    def unpark(self, waiter: Waiter, after: Position | None, limit: int) -> None:
        """Forget it."""
        group = self._waiters.get((after, limit))
        if group is not None:
            group.discard(waiter)
            if not group:
                del self._waiters[after, limit]

    async def close(self) -> None:
        """Let everybody go, now and from now on."""
        self._closed = True
        waiters, self._waiters = self._waiters, {}
        for group in waiters.values():
            tell(group, None)
        tasks = [*self._tasks, *([self._poll] if self._poll is not None else [])]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

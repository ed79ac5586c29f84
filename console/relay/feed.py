"""From commits to readers: everybody who waits is woken at once, and one read serves all of them.

A reader that waits is a future in a set and asks the database nothing. A commit in this process
wakes them directly; of commits elsewhere the store gives hints, and once a second one cheap
question per process makes sure that a hint that never came delays nobody for longer.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Final

from console.relay.coalesced import Coalesced, seen
from console.relay.cursors import ORIGIN, Position
from console.relay.store import Page, Store, StoreUnavailable

log = logging.getLogger(__name__)

POLL_SECONDS: Final = 1.0
_MOST_PAGES: Final = 32

Render = Callable[[Page], bytes]
_Key = tuple[Position, int]


class Rendered:
    """A page as it is sent."""

    __slots__ = ("body", "empty", "next")

    def __init__(self, page: Page, body: bytes) -> None:
        self.body = body
        self.empty = not page.events
        self.next = page.next


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
        self._waiters: set[asyncio.Future[bool]] = set()
        self._pages: dict[_Key, asyncio.Task[Rendered]] = {}
        self._poll: asyncio.Task[None] | None = None
        self._closed = False
        self._refreshes: set[asyncio.Task[Position]] = set()
        self.refresh = Coalesced(self._refresh)
        store.on_hint(self.look)

    @property
    def waiting(self) -> int:
        """Readers that wait."""
        return len(self._waiters)

    def look(self) -> None:
        """Something may have been committed: see, and wake who waits for it, if anybody does."""
        if not self._waiters:
            self.stale = True
        elif not self._closed:
            task = asyncio.ensure_future(self._noted())
            self._refreshes.add(task)
            task.add_done_callback(self._refreshes.discard)

    async def _noted(self) -> Position:
        with contextlib.suppress(StoreUnavailable):
            await self.refresh()
        return self.newest

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
        waiters, self._waiters = self._waiters, set()
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(True)

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
        key = (after, limit)
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

    def park(self, waiter: asyncio.Future[bool]) -> None:
        """Have ``waiter`` told ``True`` by the next commit, ``False`` at once if the relay stops."""
        if self._closed:
            waiter.set_result(False)
        else:
            self._waiters.add(waiter)

    def unpark(self, waiter: asyncio.Future[bool]) -> None:
        """Forget it."""
        self._waiters.discard(waiter)

    async def close(self) -> None:
        """Let everybody go, now and from now on."""
        self._closed = True
        waiters, self._waiters = self._waiters, set()
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(False)
        tasks = [*self._refreshes, *([self._poll] if self._poll is not None else [])]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

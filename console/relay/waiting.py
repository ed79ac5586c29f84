"""Readers that wait for the next commit, in memory: none of them asks the database meanwhile."""

from __future__ import annotations

import asyncio
import contextlib


class Waiting:
    """Wakes everybody who waits whenever something was committed. Used on one event loop."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._commits = 0
        self._waiters: set[asyncio.Future[None]] = set()
        self._closed = False

    def seen(self) -> int:
        """The number of commits so far. Ask before reading; what comes later then is noticed."""
        self._loop = asyncio.get_running_loop()
        return self._commits

    def wake_from_thread(self) -> None:
        """Tell the waiting of a commit, from any thread."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended, and with it all who waited
                self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        self._commits += 1
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)

    def close(self) -> None:
        """Let everybody go, now and from now on: the relay stops."""
        self._closed = True
        self._wake()

    async def wait(self, seen: int, *, seconds: float, gone: asyncio.Task[None]) -> bool:
        """Wait for a commit after ``seen``, for so long, or until the client has gone.

        Returns ``True`` if there was a commit.
        """
        if self._closed:
            return False
        if self._commits == seen:
            waiter = asyncio.get_running_loop().create_future()
            self._waiters.add(waiter)
            try:
                await asyncio.wait({waiter, gone}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            finally:
                self._waiters.discard(waiter)
        return self._commits != seen and not self._closed

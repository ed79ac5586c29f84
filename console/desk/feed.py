"""Follows the relay: page after page, each committed together with the cursor that comes after it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, Protocol

from console.desk.policy import reconnect_delay
from console.desk.values import RelayStatus
from console.journal.matching import Heard
from console.telesign.events import EventPage, RelayEvent, RelayProblem

_PAGE: Final = 1000
_REFUSED_PAUSE: Final = 15.0
"""Seconds until a token that was refused is tried again; it may have been let in meanwhile."""
_AT_LEAST: Final = 0.5
"""Seconds between questions that were answered at once with nothing: some relays and proxies do not hold."""


class Relay(Protocol):
    """What the feed needs of the wire."""

    async def events(
        self, after: str | None = None, limit: int = 200, wait: float = 0.0
    ) -> EventPage | RelayProblem:
        """One page."""


class Keeper(Protocol):
    """What the feed needs of the journal."""

    async def cursor(self) -> str | None:
        """Where the last committed page ended."""

    async def hear(self, events: Sequence[RelayEvent]) -> Sequence[Heard]:
        """What a page states; asked for while the page before it is being committed."""

    async def ingest(self, heard: Sequence[Heard], before: str | None, after: str) -> None:
        """Commit a page with the cursor after it."""

    async def forget(self) -> None:
        """Drop the cursor."""

    def trouble(self, error: Exception) -> str:
        """What to say of an error of the disk's; empty for any other."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A page, and what it states."""

    page: EventPage
    heard: Sequence[Heard]


class Feed:
    """The one poller of this process.

    Args:
        told: is called with every change of the connection's status.
        wait: seconds of long poll; 0 polls every ``interval`` seconds.
        chance: gives 0-1 for the jitter of pauses.
    """

    def __init__(
        self,
        relay: Relay,
        keeper: Keeper,
        *,
        told: Callable[[RelayStatus], None],
        clock: Callable[[], datetime],
        wait: float,
        interval: float,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._relay = relay
        self._keeper = keeper
        self._told = told
        self._clock = clock
        self._wait = wait
        self._interval = interval
        self._chance = chance
        self._failures = 0
        self._behind = 0
        self._live = False
        self._away_since: datetime | None = None
        self._wake = asyncio.Event()
        self._ahead: tuple[str, asyncio.Task[_Read | RelayProblem]] | None = None
        """The page after a place, asked for while the one before it is being committed."""

    def wake(self) -> None:
        """Try again now: the network is back, or the machine woke up."""
        self._wake.set()

    async def run(self) -> None:
        """Follow until cancelled. What is no expected outcome is raised."""
        self._told(RelayStatus(kind="connecting"))
        try:
            while True:
                try:
                    await self._turn()
                except Exception as error:
                    trouble = self._keeper.trouble(error)
                    if not trouble:
                        raise
                    # Nothing is lost: the cursor did not move, so the same page comes again.
                    await self._away("offline", trouble)
        finally:
            if self._ahead is not None:
                self._ahead[1].cancel()

    async def _turn(self) -> None:
        after = await self._keeper.cursor()
        # The first page is asked for without waiting, so that being live is known at once.
        wait = 0.0 if self._failures or self._behind or not self._live else self._wait
        began = asyncio.get_running_loop().time()
        got = await self._asked(after, wait)
        if isinstance(got, RelayProblem):
            await self._problem(got, after)
            return
        await self._page(got, after)
        page = got.page
        took = asyncio.get_running_loop().time() - began
        if wait > 0 and not page.events and not page.more and took < _AT_LEAST:
            await self._pause(_AT_LEAST)

    async def _asked(self, after: str | None, wait: float) -> _Read | RelayProblem:
        """The page after a place: the one asked for ahead, if it is that."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            if ahead[0] == after:
                return await ahead[1]
            ahead[1].cancel()  # another process has moved the cursor
        return await self._read(after, wait)

    async def _read(self, after: str | None, wait: float) -> _Read | RelayProblem:
        got = await self._relay.events(after=after, limit=_PAGE, wait=wait)
        return got if isinstance(got, RelayProblem) else _Read(got, await self._keeper.hear(got.events))

    async def _page(self, read: _Read, after: str | None) -> None:
        page = read.page
        if page.more:
            self._ahead = page.next, asyncio.get_running_loop().create_task(self._read(page.next, 0.0))
        if page.events or page.next != after:
            await self._keeper.ingest(read.heard, after, page.next)
        self._failures, self._away_since = 0, None
        if page.more:
            self._behind += len(page.events)
            self._live = False
            self._told(RelayStatus(kind="catching_up", behind=self._behind))
            return
        self._behind = 0
        if not self._live:
            self._live = True
            self._told(RelayStatus(kind="live"))
        if self._wait <= 0:
            await self._pause(self._interval)

    async def _problem(self, problem: RelayProblem, after: str | None) -> None:
        if problem.kind == "expired" and after is not None:
            # Another store, or a cursor older than its retention: begin anew. Known facts are
            # recognised by their bytes, so nothing is doubled.
            self._live = False
            await self._keeper.forget()
            await self._pause(reconnect_delay(1, self._chance()))
            return
        refused = problem.kind == "unauthorised"
        await self._away("refused" if refused else "offline", problem.detail, problem.retry_after or 0.0)

    async def _away(self, kind: Literal["refused", "offline"], detail: str, at_least: float = 0.0) -> None:
        self._live = False
        self._failures += 1
        self._away_since = self._away_since or self._clock()
        self._told(RelayStatus(kind=kind, since=self._away_since, detail=detail))
        pause = _REFUSED_PAUSE if kind == "refused" else reconnect_delay(self._failures, self._chance())
        await self._pause(max(pause, at_least))

    async def _pause(self, seconds: float) -> None:
        self._wake.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            return

"""Follows the relay: page after page, each committed together with the cursor that comes after it."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final, Protocol

from console.cascade.facts import Source
from console.desk.policy import reconnect_delay
from console.desk.values import RelayStatus
from console.journal.journal import Heard
from console.telesign.callbacks import callback_fact, fact_id
from console.telesign.events import EventPage, RelayEvent, RelayProblem, verify_event
from console.telesign.signing import AccountKey

_PAGE: Final = 1000
_REFUSED_PAUSE: Final = 15.0
"""Seconds until a token that was refused is tried again; it may have been let in meanwhile."""


class Relay(Protocol):
    """What the feed needs of the wire."""

    async def events(
        self, after: str | None = None, limit: int = 200, wait: float = 0.0
    ) -> EventPage | RelayProblem:
        """One page."""


def hear(event: RelayEvent, keys: Sequence[AccountKey]) -> Heard:
    """One event as a fact, with this desk's own verdict on its signature."""
    verification = verify_event(event, keys)
    return Heard(
        fact=callback_fact(
            event.raw_body,
            received_at=event.received_at,
            source=Source.CALLBACK,
            verification=verification,
        ),
        fact_id=fact_id(event.raw_body, Source.CALLBACK, verification),
        at=event.received_at,
        raw=event.raw_body,
        signature=event.signature,
    )


def feed_name(url: str) -> str:
    """The name a relay's cursor is kept under; addresses may hold what should not be readable."""
    return "cursor:" + hashlib.sha256(url.rstrip("/").encode()).hexdigest()[:32]


class Feed:
    """The one poller of this process.

    Args:
        cursor: reads the kept cursor. ``ingest(events, before, after)`` commits a page and tells
            whether it was the next one. ``forget`` drops the cursor.
        told: is called with every change of the connection's status.
        wait: seconds of long poll; 0 polls every ``interval`` seconds.
    """

    def __init__(
        self,
        relay: Relay,
        *,
        cursor: Callable[[], Awaitable[str | None]],
        ingest: Callable[[Sequence[RelayEvent], str | None, str], Awaitable[bool]],
        forget: Callable[[], Awaitable[None]],
        told: Callable[[RelayStatus], None],
        clock: Callable[[], datetime],
        wait: float,
        interval: float,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._relay = relay
        self._cursor = cursor
        self._ingest = ingest
        self._forget = forget
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

    def wake(self) -> None:
        """Try again now: the network is back, or the machine woke up."""
        self._wake.set()

    async def run(self) -> None:
        """Follow until cancelled."""
        self._told(RelayStatus(kind="connecting"))
        while True:
            after = await self._cursor()
            # The first page is asked for without waiting, so that being live is known at once.
            wait = 0.0 if self._failures or self._behind or not self._live else self._wait
            got = await self._relay.events(after=after, limit=_PAGE, wait=wait)
            if isinstance(got, RelayProblem):
                await self._problem(got, after)
            else:
                await self._page(got, after)

    async def _page(self, page: EventPage, after: str | None) -> None:
        self._failures, self._away_since = 0, None
        if page.events or page.next != after:
            await self._ingest(page.events, after, page.next)
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
        self._live = False
        if problem.kind == "expired" and after is not None:
            # Another store, or a cursor older than its retention: begin anew. Known facts are
            # recognised by their bytes, so nothing is doubled.
            await self._forget()
            return
        self._failures += 1
        self._away_since = self._away_since or self._clock()
        refused = problem.kind == "unauthorised"
        self._told(
            RelayStatus(
                kind="refused" if refused else "offline", since=self._away_since, detail=problem.detail
            )
        )
        pause = _REFUSED_PAUSE if refused else reconnect_delay(self._failures, self._chance())
        await self._pause(max(pause, problem.retry_after or 0.0))

    async def _pause(self, seconds: float) -> None:
        self._wake.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            return

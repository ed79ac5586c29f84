"""From the relay's events to facts in the journal."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from console.cascade.facts import Source, Verification
from console.cascade.words import tr
from console.desk import texts
from console.desk.connections import load_network
from console.desk.feed import Feed, Relay
from console.desk.ledger import Ledger
from console.desk.values import RelayStatus
from console.journal.matching import Heard
from console.telesign.callbacks import callback_fact, fact_id
from console.telesign.events import RelayEvent, verify_event
from console.telesign.signing import AccountKey

_log = logging.getLogger(__name__)
_AFTER_A_BUG: Final = 30.0
"""Seconds until the feed is begun again after an error that is ours."""

_AT_ONCE: Final = 50
"""Events that are read on the window's thread: a millisecond's work."""


def hear(event: RelayEvent, keys: Sequence[AccountKey]) -> Heard:
    """One event as a fact, with this desk's own verdict on its signature. Any event gives one."""
    verification = verify_event(event, keys)
    try:
        fact = callback_fact(
            event.raw_body, received_at=event.received_at, source=Source.CALLBACK, verification=verification
        )
    except Exception:
        # One event that our own fault keeps from being read must not stop all that come after it.
        _log.exception("an event could not be read; its bytes are kept")
        fact = None
    return Heard(
        fact=fact,
        fact_id=fact.fact_id if fact is not None else fact_id(event.raw_body, Source.CALLBACK, verification),
        at=event.received_at,
        raw=event.raw_body,
        signature=event.signature,
        # What is signed with a key of ours is ours, whatever the relay says.
        account=keys[0].customer_id if verification is Verification.DESK else event.customer_id,
    )


def feed_name(url: str) -> str:
    """The name a relay's cursor is kept under; addresses may hold what should not be readable."""
    return "cursor:" + hashlib.sha256(url.rstrip("/").encode()).hexdigest()[:32]


class Hearing:
    """Follows one relay into the journal until cancelled.

    Args:
        keys: this desk's account, or none.
        heard: is called with the messages that changed and the moment of the newest event.
        told: is called with every change of the connection's status.
    """

    def __init__(
        self,
        ledger: Ledger,
        relay: Relay,
        *,
        url: str,
        keys: Sequence[AccountKey],
        account: str,
        heard: Callable[[set[str], datetime | None], None],
        told: Callable[[RelayStatus], None],
        report: Callable[[BaseException], None],
        clock: Callable[[], datetime],
        wait: float,
        interval: float,
    ) -> None:
        self._ledger = ledger
        self._name = feed_name(url)
        self._keys = keys
        self._account = account
        self._heard = heard
        self._told = told
        self._report = report
        self._feed = Feed(relay, self, told=told, clock=clock, wait=wait, interval=interval)

    async def run(self) -> None:
        """Follow until cancelled, whatever happens."""
        await load_network()
        while True:
            try:
                await self._feed.run()
            except Exception as error:
                self._report(error)
                self._told(RelayStatus(kind="offline", detail=tr("Something went wrong inside Cascade.")))
            await asyncio.sleep(_AFTER_A_BUG)

    async def cursor(self) -> str | None:
        """Where the last committed page ended."""
        return await self._ledger.off(self._ledger.db.kept, self._name)

    async def hear(self, events: Sequence[RelayEvent]) -> Sequence[Heard]:
        """What a page states, with this desk's verdict on each signature."""
        if len(events) <= _AT_ONCE:
            return self._hear(events)
        return await asyncio.to_thread(self._hear, events)

    def _hear(self, events: Sequence[RelayEvent]) -> Sequence[Heard]:
        return [hear(event, self._keys) for event in events]

    async def ingest(self, heard: Sequence[Heard], before: str | None, after: str) -> None:
        """Commit a page with the cursor after it, unless another process has committed it."""
        changed = await self._ledger.off(self._ingest, heard, before, after)
        self._ledger.well()
        self._ledger.grown()
        if changed is not None:
            self._heard(changed, heard[-1].at if heard else None)

    def _ingest(self, heard: Sequence[Heard], before: str | None, after: str) -> set[str] | None:
        return self._ledger.db.ingest(
            heard, feed=self._name, before=before, after=after, account=self._account
        )

    async def forget(self) -> None:
        """Begin anew from the relay's oldest event."""
        await self._ledger.off(self._ledger.db.forget_cursor, self._name)

    def trouble(self, error: Exception) -> str:
        """Why a page could not be kept; empty for what is not the disk's fault."""
        return texts.not_writable(error) if self._ledger.is_trouble(error) else ""

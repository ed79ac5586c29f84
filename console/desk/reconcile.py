"""Asks Telesign what became of a message when no report says so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, Protocol

from console.cascade.facts import StatusUnavailable
from console.cascade.outcome import Timeline
from console.desk.ledger import Ledger
from console.desk.policy import next_question
from console.telesign.client import EXPIRED, QueryResult, StatusReport

_LOOK_EVERY: Final = 60.0
"""Seconds between looks at what is due, without news."""
_TAKEN_FOR: Final = timedelta(minutes=2)
"""How long a question belongs to the process that took it."""
_DISK_PAUSE: Final = 10.0
_UNAUTHORISED: Final = 401


class Queries(Protocol):
    """What is needed of the wire."""

    async def query(self, reference_id: str) -> QueryResult:
        """One question, no retry."""


class Reconciler:
    """Asks about messages whose reports stay out: after the fallback moment, then ever more rarely,
    for twelve hours, and no more once the outcome is settled or an answer says that none will come.

    When to ask first is kept with the fact of the acceptance (:func:`policy.first_question`), so
    neither a crash nor an end forgets it.

    Args:
        learned: is called after each answer.
        reading: whether reports that came already are still being read. They may tell what would be
            asked for, so nothing is asked until then; whoever reads calls :meth:`look` at the end.
    """

    def __init__(
        self,
        ledger: Ledger,
        *,
        clock: Callable[[], datetime],
        learned: Callable[[], None],
        reading: Callable[[], bool],
    ) -> None:
        self._ledger = ledger
        self._now = clock
        self._learned = learned
        self._reading = reading
        self._soon = asyncio.Event()
        self.client: Queries | None = None
        self.account = ""
        """Customer id of ``client``, upper case."""

    def look(self) -> None:
        """Something changed: see at once what is due."""
        self._soon.set()

    async def run(self) -> None:
        """Ask what is due until cancelled."""
        while True:
            self._soon.clear()
            try:
                pause = await self._turn()
            except Exception as error:
                if not self._ledger.is_trouble(error):
                    raise
                pause = _DISK_PAUSE
            try:
                async with asyncio.timeout(pause):
                    await self._soon.wait()
            except TimeoutError:
                continue

    async def _turn(self) -> float:
        """Ask what is due now; seconds until something will be."""
        if self.client is None or self._reading():
            return _LOOK_EVERY
        db = self._ledger.db
        due = await self._ledger.off(db.questions, self._now(), account=self.account, again=_TAKEN_FOR)
        for message_id, asked in due:
            timeline = await self._ledger.timeline(message_id)
            if timeline is None:
                continue
            at = next_question(timeline, asked=asked, now=self._now())
            if at is not None:
                asked_again = await self._ask(message_id)
                at = None if asked_again is None else next_question(asked_again, asked=asked, now=self._now())
            await self._ledger.off(db.plan_question, message_id, at)
        following = await self._ledger.off(db.next_question, self.account)
        left = _LOOK_EVERY if following is None else (following - self._now()).total_seconds()
        return min(max(left, 0.2), _LOOK_EVERY)

    async def ask(self, message_id: str) -> None:
        """Ask about one message now, and record what is said."""
        await self._ask(message_id)

    async def _ask(self, message_id: str) -> Timeline | None:
        """The timeline after the answer; ``None`` if asking (again) is useless."""
        timeline = await self._ledger.timeline(message_id)
        client = self.client
        if timeline is None or timeline.reference_id is None or client is None:
            return None
        # Another account would be told that there is no such message, which is not the truth.
        if await self._ledger.off(self._ledger.db.account_of, message_id) not in ("", self.account):
            return None
        told = await client.query(timeline.reference_id)
        now = self._now()
        self._learned()
        if isinstance(told, StatusReport):
            # What Telesign holds now was true when we asked: the fact is ours to time.
            return await self._ledger.record(message_id, told.fact(now), raw=told.raw)
        fact = StatusUnavailable(
            fact_id=f"asked:{message_id}:{now.timestamp():.6f}",
            at=now,
            http_status=told.http_status,
            code=told.code,
            description=told.description,
            # Final ends the following. An account that may not ask at all (3206) still gets
            # callbacks, so for it only the asking ends.
            final=told.code == EXPIRED,
        )
        timeline = await self._ledger.record(message_id, fact)
        return None if told.final or told.http_status == _UNAUTHORISED else timeline

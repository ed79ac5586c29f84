"""Sends queued messages, each at most once unless it is certain that it was not taken.

The order of commits is the whole of it: *queued* is on disk before :meth:`Sender.deliver` is
called, *sending* before the socket is touched, the answer before anybody is told.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from console.cascade.facts import Answered, Fact, SendBegan, SendFailed, SendFailure
from console.cascade.outcome import Timeline
from console.cascade.words import tr
from console.desk import texts
from console.desk.connections import load_network
from console.desk.policy import STALE, delay_after_no_connection, delay_after_refusal
from console.telesign.addresses import BadUrl
from console.telesign.answers import Answer
from console.telesign.client import NoAnswer

_SPACING: Final = 0.1
"""Seconds between two POSTs: Telesign takes ten a second from an account by default (documented)."""
_DISK_PAUSE: Final = 3.0
"""Seconds until *sending* is tried to be recorded again."""


class Posts(Protocol):
    """What the sender needs of the wire."""

    async def prepare(self) -> None:
        """Do what is slow before the first request.

        Raises:
            BadUrl: no request can be made this way.
        """

    async def send(self, body: bytes) -> Answer | NoAnswer:
        """Put one request on the wire, once."""


class Records(Protocol):
    """What the sender needs of the journal."""

    async def record(self, message_id: str, *facts: Fact) -> Timeline:
        """Commit facts."""

    async def record_surely(self, message_id: str, *facts: Fact) -> Timeline:
        """Commit facts, however long the disk refuses."""

    def is_trouble(self, error: Exception) -> bool:
        """Whether an error is the disk's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A message to send; its *queued* is on disk."""

    message_id: str
    request: bytes
    account: str = ""
    """Customer id it was recorded for, upper case; empty: unknown, any."""
    due: datetime
    """Not before this moment, and not by itself long after it."""
    attempt: int = 1


@dataclass(slots=True)
class _Wait:
    """A message that has not been given to the network."""

    until: datetime
    withdrawn: asyncio.Event = field(default_factory=asyncio.Event)


class Sender:
    """The outbox of this process.

    ``clock`` is UTC; ``chance`` gives 0-1 for the jitter of retries.
    """

    def __init__(
        self,
        records: Records,
        clock: Callable[[], datetime],
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._records = records
        self._clock = clock
        self._chance = chance
        self._waiting: dict[str, _Wait] = {}
        self._next_slot = 0.0
        self.client: Posts | None = None
        self.account = ""
        """Customer id of ``client``, upper case."""
        self.time_scale = 1.0
        self.posting = 0
        """POSTs under way."""

    def waiting_until(self, message_id: str) -> datetime | None:
        """Since when, or until when, a message waits; ``None`` once it was given to the network."""
        wait = self._waiting.get(message_id)
        return None if wait is None else wait.until

    def withdraw(self, message_id: str) -> bool:
        """Take a waiting message back; whether that was still possible."""
        wait = self._waiting.get(message_id)
        if wait is None or wait.withdrawn.is_set():
            return False
        wait.withdrawn.set()
        return True

    def deliver(self, job: Job) -> Coroutine[Any, Any, Timeline]:
        """Send a message, repeating only what was certainly not taken. It can be withdrawn at once."""
        self._waiting[job.message_id] = _Wait(job.due)
        return self._deliver(job)

    async def _deliver(self, job: Job) -> Timeline:
        due, attempt = job.due, job.attempt
        while True:
            if await self._withdrawn_before(job.message_id, due):
                failed = self._failed(job, attempt, SendFailure.WITHDRAWN, tr("Taken back by the agent."))
                return await self._records.record_surely(job.message_id, failed)
            # Before *sending*: whoever is killed from there on is in doubt, so that must be short.
            reason = await self._unprepared() or self._reason_not_to(job, due)
            if reason:
                failed = self._failed(job, attempt, SendFailure.NOT_CONNECTED, reason)
                return await self._records.record_surely(job.message_id, failed)
            timeline = await self._post(job, attempt)
            if timeline is None:
                # *sending* could not be recorded, so nothing was touched.
                self._waiting[job.message_id] = _Wait(due)
                await asyncio.sleep(_DISK_PAUSE)
                continue
            if timeline.retry_at is None:
                return timeline
            due, attempt = timeline.retry_at, attempt + 1
            self._waiting[job.message_id] = _Wait(due)

    async def _unprepared(self) -> str:
        try:
            if self.client is not None:
                await load_network()
                await self.client.prepare()
        except BadUrl as problem:
            return str(problem)
        return ""

    def _reason_not_to(self, job: Job, due: datetime) -> str:
        if self._clock() - due > STALE:
            return texts.too_late()
        if self.client is None:
            return tr("No account is set up any more.")
        return "" if job.account in ("", self.account) else texts.other_account()

    async def _withdrawn_before(self, message_id: str, due: datetime) -> bool:
        """Wait until ``due`` and then for a free slot; whether the agent took the message back meanwhile."""
        withdrawn = self._waiting[message_id].withdrawn
        loop = asyncio.get_running_loop()
        try:
            await _set_within(withdrawn, (due - self._clock()).total_seconds())
            slot = max(self._next_slot, loop.time())
            self._next_slot = slot + _SPACING
            await _set_within(withdrawn, slot - loop.time())
            return withdrawn.is_set()
        finally:
            del self._waiting[message_id]

    async def _post(self, job: Job, attempt: int) -> Timeline | None:
        client = self.client
        assert client is not None, "looked at a moment ago, and nothing was awaited since"
        message_id = job.message_id
        began = SendBegan(fact_id=f"began:{message_id}:{attempt}", at=self._clock(), attempt=attempt)
        self.posting += 1
        try:
            try:
                await self._records.record(message_id, began)
            except Exception as error:
                if self._records.is_trouble(error):
                    return None
                raise
            try:
                result = await client.send(job.request)
            except BaseException:
                # Cancelled, or a bug: either way the request may be on its way.
                failed = self._failed(job, attempt, SendFailure.INTERRUPTED)
                await asyncio.shield(self._records.record(message_id, failed))
                raise
            return await self._records.record_surely(message_id, self._fact(job, attempt, result))
        finally:
            self.posting -= 1

    def _fact(self, job: Job, attempt: int, result: Answer | NoAnswer) -> Fact:
        now = self._clock()
        if isinstance(result, NoAnswer):
            certain = result.failure is SendFailure.NOT_CONNECTED
            delay = delay_after_no_connection(attempt, self._chance()) if certain else None
            return self._failed(
                job,
                attempt,
                result.failure,
                result.detail,
                http_status=result.http_status,
                retry_at=_after(now, delay),
            )
        delay = delay_after_refusal(result.code, attempt, self._chance())
        return Answered(
            fact_id=f"answered:{job.message_id}:{attempt}",
            at=now,
            attempt=attempt,
            http_status=result.http_status,
            code=result.code,
            description=result.description,
            reference_id=result.reference_id,
            retry_at=_after(now, None if delay is None else delay / self.time_scale),
        )

    def _failed(
        self,
        job: Job,
        attempt: int,
        failure: SendFailure,
        detail: str = "",
        *,
        http_status: int | None = None,
        retry_at: datetime | None = None,
    ) -> SendFailed:
        return SendFailed(
            fact_id=f"failed:{job.message_id}:{attempt}",
            at=self._clock(),
            attempt=attempt,
            failure=failure,
            detail=detail,
            http_status=http_status,
            retry_at=retry_at,
        )


def _after(now: datetime, seconds: float | None) -> datetime | None:
    return None if seconds is None else now + timedelta(seconds=seconds)


async def _set_within(event: asyncio.Event, seconds: float) -> None:
    if seconds <= 0 or event.is_set():
        return
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return

"""Sends queued messages, each at most once unless it is certain that it was not taken.

The order of commits is the whole of it: *queued* is on disk before :meth:`Sender.deliver` is
called, *sending* before the socket is touched, the answer before anybody is told.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final, Protocol

from console.cascade.facts import Answered, Fact, SendBegan, SendFailed, SendFailure
from console.cascade.outcome import Timeline
from console.cascade.words import tr
from console.desk.policy import delay_after_no_connection, delay_after_refusal
from console.telesign.answers import Answer
from console.telesign.client import NoAnswer

_SPACING: Final = 0.1
"""Seconds between two POSTs: Telesign takes ten a second from an account by default (documented)."""


class Posts(Protocol):
    """What the sender needs of the wire."""

    async def send(self, body: bytes) -> Answer | NoAnswer:
        """Put one request on the wire, once."""


class Sender:
    """The outbox of this process.

    ``record`` commits facts and returns the new timeline; ``clock`` is UTC.
    """

    def __init__(
        self,
        record: Callable[..., Awaitable[Timeline]],
        clock: Callable[[], datetime],
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._record = record
        self._clock = clock
        self._chance = chance
        self._withdrawn: dict[str, asyncio.Event] = {}
        self._next_slot = 0.0
        self.client: Posts | None = None
        self.time_scale = 1.0

    def may_withdraw(self, message_id: str) -> bool:
        """Whether the message is waiting and has not been given to the network."""
        event = self._withdrawn.get(message_id)
        return event is not None and not event.is_set()

    def withdraw(self, message_id: str) -> bool:
        """Take a waiting message back; whether that was still possible."""
        if not self.may_withdraw(message_id):
            return False
        self._withdrawn[message_id].set()
        return True

    async def deliver(
        self, message_id: str, request: bytes, *, attempt: int = 1, due: datetime | None = None
    ) -> Timeline:
        """Send a message whose *queued* is on disk, repeating only what was certainly not taken."""
        while True:
            if await self._taken_back(message_id, due):
                return await self._record(
                    message_id,
                    self._failed(message_id, attempt, SendFailure.WITHDRAWN, tr("Taken back by the agent.")),
                )
            timeline = await self._post(message_id, request, attempt)
            if timeline.retry_at is None:
                return timeline
            due, attempt = timeline.retry_at, attempt + 1

    async def _taken_back(self, message_id: str, due: datetime | None) -> bool:
        """Wait until ``due`` (or a free slot); whether the agent took the message back meanwhile."""
        event = self._withdrawn.setdefault(message_id, asyncio.Event())
        loop = asyncio.get_running_loop()
        wait = 0.0 if due is None else (due - self._clock()).total_seconds()
        slot = max(self._next_slot, loop.time() + max(wait, 0.0))
        self._next_slot = max(self._next_slot, loop.time()) + _SPACING if wait <= 0 else self._next_slot
        try:
            pause = slot - loop.time()
            if pause > 0:
                async with asyncio.timeout(pause):
                    await event.wait()
            return event.is_set()
        except TimeoutError:
            return event.is_set()
        finally:
            del self._withdrawn[message_id]

    async def _post(self, message_id: str, request: bytes, attempt: int) -> Timeline:
        client = self.client
        if client is None:
            return await self._record(
                message_id,
                self._failed(
                    message_id, attempt, SendFailure.NOT_CONNECTED, tr("No account is set up any more.")
                ),
            )
        await self._record(
            message_id,
            SendBegan(fact_id=f"began:{message_id}:{attempt}", at=self._clock(), attempt=attempt),
        )
        try:
            result = await client.send(request)
        except asyncio.CancelledError:
            await asyncio.shield(
                self._record(message_id, self._failed(message_id, attempt, SendFailure.INTERRUPTED))
            )
            raise
        return await self._record(message_id, self._fact(message_id, attempt, result))

    def _fact(self, message_id: str, attempt: int, result: Answer | NoAnswer) -> Fact:
        now = self._clock()
        if isinstance(result, NoAnswer):
            certain = result.failure is SendFailure.NOT_CONNECTED
            delay = delay_after_no_connection(attempt, self._chance()) if certain else None
            retry_at = _after(now, delay)
            return self._failed(
                message_id,
                attempt,
                result.failure,
                result.detail,
                http_status=result.http_status,
                retry_at=retry_at,
            )
        answer = result
        delay = delay_after_refusal(answer.code, attempt, self._chance())
        return Answered(
            fact_id=f"answered:{message_id}:{attempt}",
            at=now,
            attempt=attempt,
            http_status=answer.http_status,
            code=answer.code,
            description=answer.description,
            reference_id=answer.reference_id,
            retry_at=_after(now, None if delay is None else delay / self.time_scale),
        )

    def _failed(
        self,
        message_id: str,
        attempt: int,
        failure: SendFailure,
        detail: str = "",
        *,
        http_status: int | None = None,
        retry_at: datetime | None = None,
    ) -> SendFailed:
        return SendFailed(
            fact_id=f"failed:{message_id}:{attempt}",
            at=self._clock(),
            attempt=attempt,
            failure=failure,
            detail=detail,
            http_status=http_status,
            retry_at=retry_at,
        )


def _after(now: datetime, seconds: float | None) -> datetime | None:
    return None if seconds is None else now + timedelta(seconds=seconds)

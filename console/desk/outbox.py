"""What happens between Send and the network: recorded first, owned, taken over from the dead."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from console.cascade.facts import Queued, SendFailed, SendFailure
from console.cascade.message import DraftField, Message, Problem
from console.cascade.outcome import MessageState, Timeline
from console.cascade.words import tr
from console.desk import texts
from console.desk.ledger import Ledger
from console.desk.policy import REPEAT_WINDOW
from console.desk.sender import Job, Sender
from console.desk.values import Invalid, NeedsConfirmation, Queued_, SendResult, Unavailable
from console.journal.values import Earlier, IdUsed, OptedOut, Unfinished
from console.telesign.body import request_body


class Outbox:
    """Queues messages and sees each delivery through.

    Args:
        delivered: is called with the end of each delivery.
        report: is called with what only a bug raises.
    """

    def __init__(
        self,
        ledger: Ledger,
        sender: Sender,
        *,
        clock: Callable[[], datetime],
        changed: Callable[..., None],
        delivered: Callable[[Timeline], None],
        report: Callable[[BaseException], None],
    ) -> None:
        self._ledger = ledger
        self._sender = sender
        self._now = clock
        self._changed = changed
        self._delivered = delivered
        self._report = report
        self._deliveries: dict[asyncio.Task[Timeline], str] = {}

    @property
    def deliveries(self) -> frozenset[asyncio.Task[Any]]:
        """Everything that is being sent or waits to be."""
        return frozenset(self._deliveries)

    async def queue(
        self,
        message: Message,
        shown: str,
        *,
        confirmed: bool,
        despite_stop: bool,
        account: str,
        undo: float,
        time_scale: float,
    ) -> SendResult:
        """Record a message durably and let it go.

        ``shown`` is the number as people read it; ``undo`` real seconds in which it can be withdrawn.
        """
        now = self._now()
        message_id = _new_id(now)
        external_id = message.external_id or f"cascade-{message_id}"
        queued = Queued(
            fact_id=f"queued:{message_id}",
            at=now,
            message_id=message_id,
            external_id=external_id,
            to=message.to,
            viber_text=message.viber_text,
            sms_text=message.sms_text,
            fallback_time=message.fallback_time,
            message_type=message.message_type,
            reply_id=message.reply_id,
            session=message.session,
            sender_id=message.sender_id,
            callback_url=message.callback_url,
            lifecycle_event=message.lifecycle_event,
            originating_ip=message.originating_ip,
            answers=message.answers,
            time_scale=time_scale,
        )
        request = request_body(message, external_id)
        try:
            recorded = await self._ledger.off(
                partial(
                    self._ledger.db.add_message,
                    queued,
                    request=request,
                    owner=self._ledger.owner.name,
                    account=account,
                    unless_since=None if confirmed else now - REPEAT_WINDOW,
                    heed_stop=not despite_stop,
                )
            )
        except Exception as error:
            if not self._ledger.is_trouble(error):
                raise
            return Unavailable(texts.not_recorded(error))
        match recorded:
            case IdUsed():
                sentence = tr("This external id was used before. Choose another one.")
                return Invalid((Problem(DraftField.EXTERNAL_ID, sentence),))
            case OptedOut(since, by_hand):
                question = texts.opted_out(shown, since, now, by_hand=by_hand)
                return NeedsConfirmation(question, opted_out=True)
            case Earlier():
                return NeedsConfirmation(texts.sent_before(recorded.timeline, recorded.created_at, now))
        self._ledger.well()
        self._changed(message_id, history=True)
        due = now + timedelta(seconds=undo)
        self._deliver(Job(message_id=message_id, request=request, account=account.upper(), due=due))
        return Queued_(message_id)

    async def recover(self) -> None:
        """Settle what ended processes left: interrupted POSTs are in doubt, queued messages are sent on.

        What should have gone out long ago is not: the sender records it as not sent, and says why.
        """
        for left in await self._ledger.off(self._take_over_the_dead):
            if left.timeline.state is MessageState.SENDING:
                await self._ledger.record(
                    left.message_id,
                    SendFailed(
                        fact_id=f"failed:{left.message_id}:{left.attempts}",
                        at=self._now(),
                        attempt=left.attempts,
                        failure=SendFailure.INTERRUPTED,
                    ),
                )
                continue
            self._deliver(
                Job(
                    message_id=left.message_id,
                    request=left.request,
                    account=left.account,
                    due=left.timeline.retry_at or left.timeline.created_at or self._now(),
                    attempt=left.attempts + 1,
                )
            )

    def _take_over_the_dead(self) -> list[Unfinished]:
        db, own = self._ledger.db, self._ledger.owner
        mine: list[Unfinished] = []
        for owner in db.owners():
            with own.of_the_dead(owner) as dead:
                if dead:
                    mine += db.take_over(owner, own.name)
        return mine

    async def stop(self, within: float) -> None:
        """POSTs under way may finish ``within`` seconds, then are in doubt; what waits stays queued."""
        last = self._now() + timedelta(seconds=within)
        for task, message_id in self._deliveries.items():
            due = self._sender.waiting_until(message_id)
            if due is not None and due > last:
                task.cancel()
        if not self._deliveries:
            return
        _, late = await asyncio.wait(self._deliveries, timeout=within)
        for task in late:
            task.cancel()
        await asyncio.gather(*self._deliveries, return_exceptions=True)

    def _deliver(self, job: Job) -> None:
        task = asyncio.get_running_loop().create_task(self._sender.deliver(job))
        self._deliveries[task] = job.message_id
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[Timeline]) -> None:
        del self._deliveries[task]
        if task.cancelled():
            return
        if (error := task.exception()) is not None:
            self._report(error)
        else:
            self._delivered(task.result())


def _new_id(now: datetime) -> str:
    """32 hex digits, 80 bits of them by chance.

    The first 12 are the milliseconds since 1970, so that messages of one hour stand side by side in every
    index that names them; a clock that was set wrong costs that and nothing else.
    """
    milliseconds = max(int(now.timestamp() * 1000), 0)
    return f"{milliseconds & 0xFFFF_FFFF_FFFF:012x}{secrets.token_hex(10)}"

"""The desk: every use case of the console, for the window and for the command line alike.

Belongs to one event loop. The parts do the work: :mod:`console.desk.outbox` sends,
:mod:`console.desk.hearing` follows the relay, :mod:`console.desk.reconcile` asks Telesign, and
:mod:`console.desk.ledger` keeps the journal on a thread of its own.
"""

from __future__ import annotations

import asyncio
import threading
from array import array
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

from console.cascade.facts import Decided, Decision
from console.cascade.message import Checked, Draft
from console.cascade.outcome import MessageState, Timeline
from console.cascade.recipient import Recipient
from console.cascade.words import tr
from console.desk import compose, texts
from console.desk.adviser import Adviser
from console.desk.bulletin import Bulletin
from console.desk.care import Care
from console.desk.connections import account_of, load_network, relay_of, telesign_of
from console.desk.exports import Exports
from console.desk.hearing import Hearing
from console.desk.ledger import Ledger
from console.desk.outbox import Outbox
from console.desk.reconcile import Reconciler
from console.desk.replies import Replies
from console.desk.rows import draft_again, evidence_of, rows_of
from console.desk.sender import Sender
from console.desk.settings import Secrets, Settings
from console.desk.templates import Templates
from console.desk.values import (
    CheckResult,
    DeskStatus,
    HistoryQuery,
    HistoryRow,
    Invalid,
    NeedsConfirmation,
    RawEvidence,
    RelayStatus,
    SendResult,
    Unavailable,
)
from console.journal.drafts import draft_from_json, draft_to_json
from console.journal.errors import JournalProblem
from console.journal.history import list_rows
from console.telesign.client import TelesignClient
from console.telesign.events import RelayClient
from console.telesign.signing import AccountKey

_NEWS_EVERY: Final = 0.5
"""Seconds between looks for what another process wrote; each costs microseconds."""
_AFTER_TROUBLE: Final = 5.0
_DRAFT: Final = "draft"
_SKEW_IGNORED: Final = timedelta(seconds=2)


def utc_now() -> datetime:
    """Now, aware."""
    return datetime.now(UTC)


class Desk:
    """One desk on one journal.

    Args:
        directory: the profile's folder; the journal is made there.
        clock: this computer's idea of UTC, uncorrected.
    """

    def __init__(
        self,
        settings: Settings,
        secrets: Secrets,
        *,
        directory: Path,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.settings = settings
        self._secrets = secrets
        self._now = clock
        self._bulletin = Bulletin()
        self.watch = self._bulletin.watch
        self._changed = self._bulletin.changed
        self._ledger = Ledger(directory, changed=self._changed, troubled=self._bulletin.troubled)
        self._sender = Sender(self._ledger, clock)
        self._outbox = Outbox(
            self._ledger,
            self._sender,
            clock=clock,
            changed=self._changed,
            delivered=self._delivered,
            report=self._report,
        )
        self._reconciler = Reconciler(
            self._ledger,
            clock=clock,
            learned=self._learn_skew,
            reading=lambda: self.status.relay.reading,
        )
        self.replies = Replies(
            self._ledger,
            self._bulletin,
            spawn=self._spawn,
            clock=clock,
            account=lambda: self.settings.customer_id,
        )
        self.templates = Templates(self._ledger, clock)
        self.exports = Exports(self._ledger)
        self.adviser = Adviser(self._ledger, self._bulletin, clock)
        self.care = Care(
            self._ledger,
            directory,
            clock=clock,
            days=lambda: self.settings.retention_days,
            tell=self._bulletin.tell,
            gone=lambda: self._changed(history=True),
        )
        self._client: TelesignClient | None = None
        self._relay: RelayClient | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._retiring: set[asyncio.Task[None]] = set()
        self._feeding: asyncio.Task[Any] | None = None

    @property
    def status(self) -> DeskStatus:
        """The account, the relay, the journal: how each stands now."""
        return self._bulletin.status

    # -- life ----------------------------------------------------------------------------------

    async def start(self) -> None:
        """Open the journal, settle what an earlier end left open, and begin to follow the relay.

        Raises:
            JournalProblem: the journal cannot be used.
        """
        await self._ledger.open()
        try:
            last_event_at = await self._ledger.off(self._ledger.db.last_heard)
            self._bulletin.opened(self._ledger.db.notices, last_event_at)
            await self.replies.start()
            self._connect()
            await self._outbox.recover()
        except Exception as error:
            trouble = self._ledger.is_trouble(error)
            await self.stop(0.0)
            if trouble:
                raise JournalProblem(texts.not_opened(error)) from error
            raise
        self._spawn(self._watch_others())
        self._spawn(self._reconciler.run())

    async def stop(self, within: float = 5.0) -> None:
        """End in order: POSTs under way may finish ``within`` seconds, then become unconfirmed.

        What waits for its moment beyond that stays queued; the next start goes on with it.
        """
        self.replies.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._outbox.stop(within)
        await asyncio.gather(*self._retiring, return_exceptions=True)
        for client in (self._relay, self._client):
            if client is not None:
                await client.aclose()
        self._relay = self._client = None
        await self._ledger.close()

    @property
    def sending(self) -> int:
        """How many messages are on their way to Telesign, or wait to be."""
        return len(self._outbox.deliveries)

    async def apply_settings(self, settings: Settings, secrets: Secrets) -> None:
        """Use other settings from now on.

        POSTs under way end on the connection they began on. What still waits is sent through the
        account it was recorded for, or not at all.
        """
        await load_network()
        self.settings, self._secrets = settings, secrets
        if self._feeding is not None:
            self._feeding.cancel()
            await asyncio.gather(self._feeding, return_exceptions=True)
        if self._relay is not None:
            await self._relay.aclose()
        if self._client is not None:
            retiring = asyncio.create_task(_retire(self._client, self._outbox.deliveries))
            self._retiring.add(retiring)
            retiring.add_done_callback(self._retiring.discard)
        self._feeding = self._relay = self._client = None
        self._connect()
        self._changed(status=True)

    def clock(self) -> datetime:
        """UTC as the servers see it: this computer's, corrected by the measured skew."""
        skew = self.status.skew
        return self._now() + skew if skew is not None and abs(skew) > _SKEW_IGNORED else self._now()

    def _connect(self) -> None:
        settings, secrets = self.settings, self._secrets
        account, key = account_of(settings, secrets)
        self._client, account = telesign_of(settings, key, account, self._now)
        self._relay, relay = relay_of(settings, secrets, self._now)
        self._sender.client = self._reconciler.client = self._client
        self._sender.account = self._reconciler.account = settings.customer_id.upper()
        self._sender.time_scale = settings.time_scale
        self._reconciler.look()
        self._bulletin.connected(account, relay)
        if self._relay is not None:
            self._feeding = self._spawn(self._hearing(self._relay, key).run())

    def _hearing(self, relay: RelayClient, key: AccountKey | None) -> Hearing:
        return Hearing(
            self._ledger,
            relay,
            url=self.settings.relay_url,
            keys=() if key is None else (key,),
            account=self.settings.customer_id,
            heard=self._heard,
            told=self._relay_told,
            report=self._report,
            clock=self._now,
            wait=self.settings.poll_wait,
            interval=self.settings.poll_interval,
        )

    def _relay_told(self, relay: RelayStatus) -> None:
        was_reading = self.status.relay.reading
        self._bulletin.relay(relay)
        if was_reading and not relay.reading:
            self._reconciler.look()

    def _heard(self, message_ids: set[str], newest: datetime | None) -> None:
        if newest is not None:
            self._bulletin.heard(message_ids, newest)
            self._reconciler.look()
        self._learn_skew()

    # -- sending -------------------------------------------------------------------------------

    def check(self, draft: Draft) -> Checked:
        """Whether ``draft`` can be sent, and what is wrong with it. Pure and quick."""
        return compose.check(draft, self.settings.default_country or None)

    async def send(
        self, draft: Draft, *, confirmed: bool = False, despite_stop: bool | None = None
    ) -> SendResult:
        """Journal a message and let it go. Once this returns ``Queued_`` it is never forgotten.

        Unless ``confirmed``, the same text to the same number within ten minutes, and a number
        that answered STOP, ask first. ``despite_stop`` answers the second question alone.
        """
        checked = self.check(draft)
        message = checked.message
        if message is None:
            return Invalid(checked.errors)
        if self._client is None:
            return Unavailable(texts.no_account(self.status.account))
        return await self._outbox.queue(
            message,
            checked.recipient.formatted if isinstance(checked.recipient, Recipient) else f"+{message.to}",
            confirmed=confirmed,
            despite_stop=confirmed if despite_stop is None else despite_stop,
            account=self.settings.customer_id,
            undo=self.settings.undo_seconds,
            time_scale=self.settings.time_scale,
        )

    async def resend(
        self, message_id: str, *, confirmed: bool = False, despite_stop: bool = False
    ) -> SendResult:
        """Send the same again, as a new message. Asks first unless the old one certainly went nowhere.

        ``confirmed`` answers only that; writing to a number that answered STOP takes ``despite_stop``.
        """
        draft = await self.draft_of(message_id)
        if draft is None:
            return Unavailable(tr("This message is not in the journal of this desk."))
        timeline = await self.timeline(message_id)
        if not confirmed and timeline is not None and timeline.state is MessageState.UNCONFIRMED:
            return NeedsConfirmation(
                tr("It may have been sent already. If it was, the customer gets it twice. Send again?")
            )
        return await self.send(draft, confirmed=confirmed, despite_stop=despite_stop)

    async def reply(self, message_id: str, text: str, *, confirmed: bool = False) -> SendResult:
        """Answer a customer's reply: a session text under the same reply id, with SMS behind it."""
        timeline = await self.timeline(message_id)
        if timeline is None or not timeline.reply_id:
            return Unavailable(tr("This message was not sent for two-way, so it cannot be answered here."))
        draft = Draft(
            to=f"+{timeline.to}",
            viber_text=text,
            fallback_time=timeline.fallback_time,
            message_type=timeline.message_type,
            two_way=True,
            reply_id=timeline.reply_id,
            session=True,
            answers=message_id,
        )
        return await self.send(draft, confirmed=confirmed)

    def _delivered(self, timeline: Timeline) -> None:
        self._learn_skew()
        account = self.status.account
        if timeline.state is MessageState.REFUSED and timeline.code is not None:
            if 3400 <= timeline.code < 3500:
                self._bulletin.account(replace(account, kind="refused"))
        elif timeline.state is MessageState.ACCEPTED:
            if account.kind == "refused":
                self._bulletin.account(replace(account, kind="ready"))
            self._reconciler.look()

    async def withdraw(self, message_id: str) -> bool:
        """Take back a message that waits to be sent; whether that was still possible."""
        return self._sender.withdraw(message_id)

    async def settle(self, message_id: str, decision: Decision) -> None:
        """Record what the agent says about an unconfirmed message."""
        now = self._now()
        fact = Decided(fact_id=f"decided:{message_id}:{now.timestamp():.6f}", at=now, decision=decision)
        await self._ledger.record(message_id, fact)

    async def ask_status(self, message_id: str) -> None:
        """Ask Telesign for the status of a message now, and record what it says."""
        await self._reconciler.ask(message_id)

    async def _watch_others(self) -> None:
        while True:
            await asyncio.sleep(_NEWS_EVERY)
            try:
                changed = await self._ledger.off(self._ledger.db.news)
            except Exception as error:
                if not self._ledger.is_trouble(error):
                    raise
                await asyncio.sleep(_AFTER_TROUBLE)
                continue
            if changed:
                self._changed(*changed, history=True)
                self._reconciler.look()

    # -- looking -------------------------------------------------------------------------------

    async def timeline(self, message_id: str) -> Timeline | None:
        """Everything known about a message."""
        return await self._ledger.timeline(message_id)

    async def find_message(self, text: str) -> str | None:
        """A message by its own id, its external id or a reference id."""
        return await self._ledger.off(self._ledger.db.find, text.strip())

    async def raw(self, fact_id: str) -> RawEvidence | None:
        """The exact bytes behind an event."""
        evidence = await self._ledger.off(self._ledger.db.evidence, fact_id)
        return None if evidence is None else evidence_of(evidence)

    async def history_ids(self, query: HistoryQuery) -> array[int]:
        """Row ids of the messages that fit, newest first. Cancelling ends the search itself too."""
        given_up = threading.Event()
        try:
            return await self._ledger.off(
                partial(
                    list_rows,
                    self._ledger.db.db,
                    search=query.search,
                    states=query.states,
                    limit=query.limit,
                    channel=query.channel,
                    since=query.since,
                    until=query.until,
                    unread=query.unread,
                    given_up=given_up.is_set,
                )
            )
        except asyncio.CancelledError:
            given_up.set()
            raise

    async def history_rows(self, rowids: Sequence[int]) -> list[HistoryRow]:
        """The rows with these ids, in that order."""
        return await self._ledger.off(rows_of, self._ledger.db, rowids)

    async def mark_read(self, message_id: str) -> None:
        """The agent has seen this message's replies."""
        await self._ledger.off(self._ledger.db.mark_read, message_id)
        self._changed(message_id)

    async def draft_of(self, message_id: str) -> Draft | None:
        """A message as a draft, to be used again."""
        timeline = await self.timeline(message_id)
        return None if timeline is None or timeline.message_id is None else draft_again(timeline)

    async def save_draft(self, draft: Draft) -> None:
        """Keep what stands in the form; it survives a crash."""
        await self._ledger.off(self._ledger.db.keep, _DRAFT, draft_to_json(draft))

    async def load_draft(self) -> Draft | None:
        """The kept draft."""
        kept = await self._ledger.off(self._ledger.db.kept, _DRAFT)
        return None if kept is None else draft_from_json(kept)

    # -- waiting (for scripts) -------------------------------------------------------------------

    async def posted(self, message_id: str) -> Timeline:
        """Wait until sending has ended: no POST is under way and none is planned."""
        return await self._bulletin.until(
            message_id,
            self.timeline,
            lambda timeline: (
                timeline.state not in (MessageState.QUEUED, MessageState.SENDING)
                and timeline.retry_at is None
            ),
            None,
        )

    async def settled(self, message_id: str, within: float | None) -> Timeline:
        """Wait until the outcome is final, or ``within`` seconds are over; the timeline then."""
        return await self._bulletin.until(
            message_id, self.timeline, lambda timeline: timeline.settled, within
        )

    # -- checks ----------------------------------------------------------------------------------

    async def check_account(self, settings: Settings, secrets: Secrets) -> CheckResult:
        """Whether Telesign accepts these credentials; sends no message."""
        from console.desk.checks import check_account  # noqa: PLC0415 - only the settings need it

        return await check_account(settings, secrets, self._now)

    async def check_relay(self, settings: Settings, secrets: Secrets) -> CheckResult:
        """Whether the relay can be reached and accepts this token."""
        from console.desk.checks import check_relay  # noqa: PLC0415

        return await check_relay(settings, secrets, self._now)

    # -- tasks -----------------------------------------------------------------------------------

    def _learn_skew(self) -> None:
        for client in (self._client, self._relay):
            if client is not None and client.server_skew is not None:
                self._bulletin.skewed(client.server_skew)
                return

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._report(error)

    def _report(self, error: BaseException) -> None:
        """A bug: nobody awaits these tasks, so the loop's handler must hear of it."""
        asyncio.get_running_loop().call_exception_handler(
            {"message": "a task of the desk failed", "exception": error}
        )


async def _retire(client: TelesignClient, users: frozenset[asyncio.Task[Any]]) -> None:
    """Close a client once nobody can be in the middle of a POST on it."""
    if users:
        await asyncio.wait(users)
    await client.aclose()

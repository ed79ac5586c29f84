"""The desk: every use case of the console, for the window and for the command line alike.

Belongs to one event loop. Everything that touches the journal runs on one worker thread, folds
included; coroutines here only wait for it.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from array import array
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar

from console.cascade.facts import (
    Decided,
    Decision,
    Fact,
    Queued,
    Replied,
    Reported,
    SendBegan,
    SendFailed,
    SendFailure,
    StatusUnavailable,
)
from console.cascade.message import Checked, Draft, DraftField, Message, Problem
from console.cascade.outcome import MessageState, Timeline
from console.cascade.recipient import Recipient, parse_recipient
from console.cascade.words import tr
from console.desk import compose, texts
from console.desk.feed import Feed, feed_name, hear
from console.desk.owners import Owner
from console.desk.policy import REPEAT_WINDOW, STALE, next_question
from console.desk.sender import Sender
from console.desk.settings import Secrets, Settings
from console.desk.values import (
    AccountStatus,
    Change,
    CheckResult,
    DeskStatus,
    HistoryQuery,
    HistoryRow,
    Invalid,
    NeedsConfirmation,
    Queued_,
    RawEvidence,
    RelayStatus,
    SendResult,
    Unavailable,
)
from console.journal.drafts import draft_from_json, draft_to_json
from console.journal.history import list_rows, read_rows
from console.journal.journal import Journal, Unfinished, repeat_key
from console.telesign.addresses import BadUrl
from console.telesign.body import request_body
from console.telesign.client import StatusReport, TelesignClient
from console.telesign.events import RelayClient, RelayEvent
from console.telesign.signing import AccountKey, BadKey

_log = logging.getLogger(__name__)
_NEWS_EVERY: Final = 0.5
"""Seconds between looks for what another process wrote; each costs microseconds."""
_QUESTIONS_EVERY: Final = 60.0
_DRAFT: Final = "draft"
_SKEW_IGNORED: Final = timedelta(seconds=2)

P = ParamSpec("P")
T = TypeVar("T")


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
        self._directory = directory
        self._now = clock
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._journal: Journal | None = None
        self._owner: Owner | None = None
        self._client: TelesignClient | None = None
        self._relay: RelayClient | None = None
        self._feed: Feed | None = None
        self._sender = Sender(self._record, clock)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._sends: set[asyncio.Task[Any]] = set()
        self._feeding: asyncio.Task[Any] | None = None
        self._watchers: list[Callable[[Change], None]] = []
        self._pending: set[str] = set()
        self._pending_history = self._pending_status = False
        self._telling = False
        self._ask_soon = asyncio.Event()
        self.status = DeskStatus(
            account=AccountStatus(kind="not_set_up"), relay=RelayStatus(kind="not_set_up")
        )

    # -- life ----------------------------------------------------------------------------------

    async def start(self) -> None:
        """Open the journal, settle what an earlier end left open, and begin to follow the relay.

        Raises:
            JournalProblem: the journal cannot be used.
        """
        self._journal = await self._off(Journal, self._directory)
        self._owner = await self._off(Owner, self._directory)
        self.status = replace(
            self.status, notices=self._journal.notices, last_event_at=await self._off(self._db.last_heard)
        )
        await self._connect()
        await self._recover()
        self._spawn(self._watch_others())
        self._spawn(self._ask_when_due())

    async def stop(self, within: float = 5.0) -> None:
        """End in order: POSTs under way may finish ``within`` seconds, then become unconfirmed."""
        for task in self._tasks:
            task.cancel()
        if self._sends:
            _, late = await asyncio.wait(self._sends, timeout=within)
            for task in late:
                task.cancel()
            await asyncio.gather(*self._sends, return_exceptions=True)
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._disconnect()
        if self._journal is not None:
            await self._off(self._journal.close)
            self._journal = None
        if self._owner is not None:
            await self._off(self._owner.release)
        self._worker.shutdown(wait=False)

    @property
    def sending(self) -> int:
        """How many messages are on their way to Telesign at this moment."""
        return len(self._sends)

    async def apply_settings(self, settings: Settings, secrets: Secrets) -> None:
        """Use other settings from now on. Messages being sent keep the account they began with."""
        self.settings, self._secrets = settings, secrets
        await self._disconnect()
        await self._connect()
        self._changed(status=True)

    def clock(self) -> datetime:
        """UTC as the servers see it: this computer's, corrected by the measured skew."""
        skew = self.status.skew
        return self._now() + skew if skew is not None and abs(skew) > _SKEW_IGNORED else self._now()

    async def _connect(self) -> None:
        settings, secrets = self.settings, self._secrets
        self._sender.time_scale = settings.time_scale
        account, key = self._account(settings, secrets)
        if key is not None:
            try:
                self._client = TelesignClient(
                    settings.api_url, key, auth=settings.auth, proxy=settings.proxy, clock=self._now
                )
            except BadUrl as error:
                account = AccountStatus(kind="not_set_up", detail=str(error))
        self._sender.client = self._client
        relay = RelayStatus(kind="not_set_up")
        if settings.relay_url and secrets.relay_token:
            try:
                self._relay = RelayClient(
                    settings.relay_url, secrets.relay_token, proxy=settings.proxy, clock=self._now
                )
                relay = RelayStatus(kind="connecting")
            except BadUrl as error:
                relay = RelayStatus(kind="not_set_up", detail=str(error))
        elif settings.relay_url:
            relay = RelayStatus(kind="not_set_up", detail=tr("The relay's token is missing."))
        self.status = replace(self.status, account=account, relay=relay)
        if self._relay is not None:
            self._feeding = self._spawn(self._follow(self._relay, (key,) if key is not None else ()))

    @staticmethod
    def _account(settings: Settings, secrets: Secrets) -> tuple[AccountStatus, AccountKey | None]:
        if not settings.customer_id:
            return AccountStatus(kind="not_set_up"), None
        if not secrets.api_key:
            return AccountStatus(kind="no_key", customer_id=settings.customer_id), None
        try:
            key = AccountKey(settings.customer_id, secrets.api_key)
        except BadKey as error:
            return AccountStatus(kind="no_key", customer_id=settings.customer_id, detail=str(error)), None
        return AccountStatus(kind="ready", customer_id=settings.customer_id), key

    async def _disconnect(self) -> None:
        if self._feeding is not None:
            self._feeding.cancel()
            await asyncio.gather(self._feeding, return_exceptions=True)
            self._feeding = None
        for client in (self._relay, self._client):
            if client is not None:
                await client.aclose()
        self._relay = self._client = self._feed = None

    # -- sending -------------------------------------------------------------------------------

    def check(self, draft: Draft) -> Checked:
        """Whether ``draft`` can be sent, and what is wrong with it. Pure and quick."""
        return compose.check(draft, self.settings.default_country or None)

    async def send(self, draft: Draft, *, confirmed: bool = False) -> SendResult:
        """Journal a message and let it go. Once this returns ``Queued_`` it is never forgotten.

        Unless ``confirmed``, the same text to the same number within ten minutes, and a number
        that answered STOP, ask first.
        """
        checked = self.check(draft)
        if checked.message is None:
            return Invalid(checked.errors)
        if self._client is None:
            return Unavailable(texts.no_account(self.status.account))
        if not confirmed:
            question = await self._question(checked.message, checked.recipient)
            if question is not None:
                return NeedsConfirmation(question)
        return await self._queue(checked.message)

    async def resend(self, message_id: str, *, confirmed: bool = False) -> SendResult:
        """Send the same again, as a new message. Asks first unless the old one certainly went nowhere."""
        draft = await self.draft_of(message_id)
        if draft is None:
            return Unavailable(tr("This message is not in the journal of this desk."))
        timeline = await self.timeline(message_id)
        if not confirmed and timeline is not None and timeline.state is MessageState.UNCONFIRMED:
            return NeedsConfirmation(
                tr("It may have been sent already. If it was, the customer gets it twice. Send again?")
            )
        return await self.send(draft, confirmed=confirmed)

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

    async def _question(self, message: Message, recipient: Recipient | None) -> str | None:
        shown = recipient.formatted if recipient is not None else f"+{message.to}"
        stopped = await self._off(self._db.opted_out, message.to)
        if stopped is not None:
            return texts.opted_out(shown, stopped, self._now())
        key = repeat_key(message.to, message.viber_text, message.sms_text)
        earlier = await self._off(self._db.earlier, key, self._now() - REPEAT_WINDOW)
        return (
            None if earlier is None else texts.sent_before(earlier.timeline, earlier.created_at, self._now())
        )

    async def _queue(self, message: Message) -> SendResult:
        message_id = uuid.uuid4().hex
        external_id = message.external_id or f"cascade-{message_id}"
        now = self._now()
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
            answers=message.answers,
            time_scale=self.settings.time_scale,
        )
        request = request_body(message, external_id)
        if message.external_id is not None and await self._off(self._db.find, external_id) is not None:
            problem = Problem(
                DraftField.EXTERNAL_ID, tr("This external id was used before. Choose another one.")
            )
            return Invalid((problem,))
        try:
            await self._off(partial(self._db.add_message, queued, request=request, owner=self._own.name))
        except OSError as error:
            return Unavailable(texts.not_recorded(error))
        except Exception as error:
            if not texts.is_storage(error):
                raise
            return Unavailable(texts.not_recorded(error))
        self._changed(message_id, history=True)
        undo = self.settings.undo_seconds
        self._deliver(message_id, request, due=now + timedelta(seconds=undo) if undo else None)
        return Queued_(message_id)

    def _deliver(
        self, message_id: str, request: bytes, *, attempt: int = 1, due: datetime | None = None
    ) -> None:
        task = asyncio.get_running_loop().create_task(
            self._sender.deliver(message_id, request, attempt=attempt, due=due)
        )
        self._sends.add(task)
        task.add_done_callback(partial(self._delivered, message_id))

    def _delivered(self, message_id: str, task: asyncio.Task[Timeline]) -> None:
        self._sends.discard(task)
        if task.cancelled():
            return
        if (error := task.exception()) is not None:
            self._report(error)
            return
        self._learn_skew()
        timeline = task.result()
        if timeline.state is MessageState.REFUSED and timeline.code is not None:
            account = self.status.account
            if 3400 <= timeline.code < 3500:
                self._status(account=replace(account, kind="refused"))
        elif timeline.state is MessageState.ACCEPTED:
            self._status(account=replace(self.status.account, kind="ready"))
            self._spawn(self._plan_question(message_id, timeline, asked=0))

    async def withdraw(self, message_id: str) -> bool:
        """Take back a message that waits to be sent; whether that was still possible."""
        return self._sender.withdraw(message_id)

    async def settle(self, message_id: str, decision: Decision) -> None:
        """Record what the agent says about an unconfirmed message."""
        now = self._now()
        fact = Decided(fact_id=f"decided:{message_id}:{now.timestamp():.6f}", at=now, decision=decision)
        await self._record(message_id, fact)

    async def _record(self, message_id: str, *facts: Fact, raw: bytes | None = None) -> Timeline:
        timeline = await self._off(partial(self._db.record, message_id, *facts, raw=raw))
        self._changed(message_id)
        return timeline

    async def _recover(self) -> None:
        """Settle what ended processes left: interrupted POSTs are in doubt, queued messages are sent on."""
        for left in await self._off(self._take_over_the_dead):
            made = max(
                (
                    f.attempt
                    for f in await self._off(self._db.facts, left.message_id)
                    if isinstance(f, SendBegan)
                ),
                default=0,
            )
            now = self._now()
            if left.timeline.state is MessageState.SENDING:
                await self._record(left.message_id, self._ended(left, made, SendFailure.INTERRUPTED, now))
            elif left.timeline.retry_at is None and now - _created(left) > STALE:
                await self._record(left.message_id, self._ended(left, 1, SendFailure.NOT_CONNECTED, now))
            else:
                self._deliver(left.message_id, left.request, attempt=made + 1, due=left.timeline.retry_at)

    @staticmethod
    def _ended(left: Unfinished, attempt: int, failure: SendFailure, now: datetime) -> SendFailed:
        detail = (
            tr("Cascade ended while it was being sent.")
            if failure is SendFailure.INTERRUPTED
            else tr("Cascade ended before it was sent, too long ago to send it now by itself.")
        )
        return SendFailed(
            fact_id=f"failed:{left.message_id}:{attempt}",
            at=now,
            attempt=attempt,
            failure=failure,
            detail=detail,
        )

    def _take_over_the_dead(self) -> list[Unfinished]:
        mine: list[Unfinished] = []
        by_owner: dict[str, list[Unfinished]] = {}
        for left in self._db.unfinished():
            by_owner.setdefault(left.owner, []).append(left)
        for owner, theirs in by_owner.items():
            with self._own.of_the_dead(owner) as dead:
                if not dead:
                    continue
                for left in theirs:
                    self._db.take_over(left.message_id, self._own.name)
                    mine.append(left)
        return mine

    # -- hearing -------------------------------------------------------------------------------

    async def _follow(self, relay: RelayClient, keys: Sequence[AccountKey]) -> None:
        name = feed_name(self.settings.relay_url)

        async def ingest(events: Sequence[RelayEvent], before: str | None, after: str) -> bool:
            changed = await self._off(self._ingest, events, keys, name, before, after)
            if changed is None:
                return False
            if events:
                self.status = replace(self.status, last_event_at=events[-1].received_at)
                self._changed(*changed, status=True)
            self._learn_skew()
            return True

        async def forget() -> None:
            await self._off(self._db.forget_cursor, name)

        self._feed = Feed(
            relay,
            cursor=lambda: self._off(self._db.kept, name),
            ingest=ingest,
            forget=forget,
            told=lambda status: self._status(relay=status),
            clock=self._now,
            wait=self.settings.poll_wait,
            interval=self.settings.poll_interval,
        )
        await self._feed.run()

    def _ingest(
        self,
        events: Sequence[RelayEvent],
        keys: Sequence[AccountKey],
        name: str,
        before: str | None,
        after: str,
    ) -> set[str] | None:
        return self._db.ingest([hear(event, keys) for event in events], feed=name, before=before, after=after)

    async def ask_status(self, message_id: str) -> None:
        """Ask Telesign for the status of a message now, and record what it says."""
        timeline = await self.timeline(message_id)
        if timeline is None or timeline.reference_id is None or self._client is None:
            return
        told = await self._client.query(timeline.reference_id)
        now = self._now()
        self._learn_skew()
        if isinstance(told, StatusReport):
            # What Telesign holds now was true when we asked: the fact is ours to time.
            await self._record(message_id, told.fact(now), raw=told.raw)
            return
        fact = StatusUnavailable(
            fact_id=f"asked:{message_id}:{now.timestamp():.6f}",
            at=now,
            http_status=told.http_status,
            code=told.code,
            description=told.description,
            final=told.final,
        )
        await self._record(message_id, fact)

    async def _plan_question(self, message_id: str, timeline: Timeline, *, asked: int) -> None:
        start = timeline.accepted_at or timeline.created_at or self._now()
        over = timeline.settled or timeline.reference_id is None
        seconds = (
            None
            if over
            else next_question(
                asked=asked,
                waited=(self._now() - start).total_seconds(),
                fallback_time=float(timeline.fallback_time),
                time_scale=timeline.time_scale,
            )
        )
        at = None if seconds is None else self._now() + timedelta(seconds=seconds)
        await self._off(partial(self._db.plan_question, message_id, at, asked=asked > 0))
        self._ask_soon.set()

    async def _ask_when_due(self) -> None:
        while True:
            for message_id, asked in await self._off(self._db.questions, self._now()):
                timeline = await self.timeline(message_id)
                if timeline is not None and not timeline.settled and self._client is not None:
                    await self.ask_status(message_id)
                    timeline = await self.timeline(message_id)
                if timeline is not None:
                    await self._plan_question(message_id, timeline, asked=asked + 1)
            due = await self._off(self._db.next_question)
            pause = _QUESTIONS_EVERY if due is None else (due - self._now()).total_seconds()
            self._ask_soon.clear()
            try:
                async with asyncio.timeout(min(max(pause, 0.2), _QUESTIONS_EVERY)):
                    await self._ask_soon.wait()
            except TimeoutError:
                continue

    async def _watch_others(self) -> None:
        while True:
            await asyncio.sleep(_NEWS_EVERY)
            changed = await self._off(self._db.news)
            if changed:
                self._changed(*changed, history=True)

    # -- looking -------------------------------------------------------------------------------

    async def timeline(self, message_id: str) -> Timeline | None:
        """Everything known about a message."""
        return await self._off(self._db.timeline, message_id)

    async def find_message(self, text: str) -> str | None:
        """A message by its own id, its external id or a reference id."""
        return await self._off(self._db.find, text.strip())

    async def raw(self, fact_id: str) -> RawEvidence | None:
        """The exact bytes behind an event."""
        evidence = await self._off(self._db.evidence, fact_id)
        if evidence is None:
            return None
        heard = evidence.fact if isinstance(evidence.fact, Reported | Replied) else None
        return RawEvidence(
            body=evidence.raw,
            source=heard.source if heard is not None else None,
            signature=evidence.signature,
            verification=heard.verification if heard is not None else None,
            received_at=evidence.at,
        )

    async def history_ids(self, query: HistoryQuery) -> array[int]:
        """Row ids of the messages that fit, newest first."""
        return await self._off(
            partial(list_rows, self._db.db, search=query.search, states=query.states, limit=query.limit)
        )

    async def history_rows(self, rowids: Sequence[int]) -> list[HistoryRow]:
        """The rows with these ids, in that order."""
        return await self._off(self._rows, rowids)

    def _rows(self, rowids: Sequence[int]) -> list[HistoryRow]:
        rows = []
        for listed in read_rows(self._db.db, rowids):
            parsed = parse_recipient(f"+{listed.recipient}", None)
            rows.append(
                HistoryRow(
                    rowid=listed.row,
                    message_id=listed.message_id,
                    to=listed.recipient,
                    formatted_to=parsed.formatted
                    if isinstance(parsed, Recipient)
                    else f"+{listed.recipient}",
                    first_words=listed.first_words,
                    state=listed.state,
                    outcome=listed.outcome,
                    channel=listed.channel,
                    created_at=listed.created_at,
                    updated_at=listed.updated_at,
                    unread=listed.unread > 0,
                )
            )
        return rows

    async def mark_read(self, message_id: str) -> None:
        """The agent has seen this message's replies."""
        await self._off(self._db.mark_read, message_id)
        self._changed(message_id)

    async def draft_of(self, message_id: str) -> Draft | None:
        """A message as a draft, to be used again."""
        timeline = await self.timeline(message_id)
        if timeline is None or timeline.message_id is None:
            return None
        follows = timeline.sms_text == timeline.viber_text
        return Draft(
            to=f"+{timeline.to}",
            viber_text=timeline.viber_text,
            sms_text="" if follows or timeline.sms_text is None else timeline.sms_text,
            sms_enabled=timeline.sms_text is not None,
            sms_follows=follows or timeline.sms_text is None,
            fallback_time=timeline.fallback_time,
            message_type=timeline.message_type,
            two_way=timeline.reply_id is not None,
            reply_id=timeline.reply_id or "",
            session=timeline.session,
        )

    async def save_draft(self, draft: Draft) -> None:
        """Keep what stands in the form; it survives a crash."""
        await self._off(self._db.keep, _DRAFT, draft_to_json(draft))

    async def load_draft(self) -> Draft | None:
        """The kept draft."""
        kept = await self._off(self._db.kept, _DRAFT)
        return None if kept is None else draft_from_json(kept)

    # -- waiting (for scripts) -------------------------------------------------------------------

    async def posted(self, message_id: str) -> Timeline:
        """Wait until sending has ended: no POST is under way and none is planned."""
        return await self._until(
            message_id,
            lambda timeline: (
                timeline.state not in (MessageState.QUEUED, MessageState.SENDING)
                and timeline.retry_at is None
            ),
            None,
        )

    async def settled(self, message_id: str, within: float | None) -> Timeline:
        """Wait until the outcome is final, or ``within`` seconds are over; the timeline then."""
        return await self._until(message_id, lambda timeline: timeline.settled, within)

    async def _until(
        self, message_id: str, done: Callable[[Timeline], bool], within: float | None
    ) -> Timeline:
        news = asyncio.Event()
        unwatch = self.watch(lambda change: news.set() if message_id in change.message_ids else None)
        try:
            async with asyncio.timeout(within):
                while True:
                    news.clear()
                    timeline = await self.timeline(message_id)
                    if timeline is None:
                        raise KeyError(message_id)
                    if done(timeline):
                        return timeline
                    await news.wait()
        except TimeoutError:
            timeline = await self.timeline(message_id)
            assert timeline is not None
            return timeline
        finally:
            unwatch()

    # -- checks ----------------------------------------------------------------------------------

    async def check_account(self, settings: Settings, secrets: Secrets) -> CheckResult:
        """Whether Telesign accepts these credentials; sends no message."""
        from console.desk.checks import check_account  # noqa: PLC0415 - only the settings need it

        return await check_account(settings, secrets, self._now)

    async def check_relay(self, settings: Settings, secrets: Secrets) -> CheckResult:
        """Whether the relay can be reached and accepts this token."""
        from console.desk.checks import check_relay  # noqa: PLC0415

        return await check_relay(settings, secrets, self._now)

    # -- telling ---------------------------------------------------------------------------------

    def watch(self, callback: Callable[[Change], None]) -> Callable[[], None]:
        """Call ``callback`` on this loop's thread after changes, many at once; returns how to stop."""
        self._watchers.append(callback)

        def stop() -> None:
            if callback in self._watchers:
                self._watchers.remove(callback)

        return stop

    def _changed(self, *message_ids: str, history: bool = False, status: bool = False) -> None:
        self._pending.update(message_ids)
        self._pending_history |= history
        self._pending_status |= status
        if not self._telling:
            self._telling = True
            asyncio.get_running_loop().call_soon(self._tell)

    def _tell(self) -> None:
        self._telling = False
        change = Change(frozenset(self._pending), self._pending_history, self._pending_status)
        self._pending = set()
        self._pending_history = self._pending_status = False
        for watcher in list(self._watchers):
            watcher(change)

    def _status(self, *, account: AccountStatus | None = None, relay: RelayStatus | None = None) -> None:
        new = replace(self.status, account=account or self.status.account, relay=relay or self.status.relay)
        if new != self.status:
            self.status = new
            self._changed(status=True)

    def _learn_skew(self) -> None:
        for client in (self._client, self._relay):
            if client is not None and client.server_skew is not None:
                self.status = replace(self.status, skew=client.server_skew)
                return

    # -- inside ----------------------------------------------------------------------------------

    @property
    def _db(self) -> Journal:
        if self._journal is None:
            raise RuntimeError("the desk is not started")
        return self._journal

    @property
    def _own(self) -> Owner:
        if self._owner is None:
            raise RuntimeError("the desk is not started")
        return self._owner

    def _off(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]:
        """Run ``work`` on the journal's thread."""
        return asyncio.get_running_loop().run_in_executor(self._worker, partial(work, *args, **kwargs))

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended_task)
        return task

    def _ended_task(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._report(error)

    def _report(self, error: BaseException) -> None:
        """A bug: nobody awaits these tasks, so the loop's handler must hear of it."""
        asyncio.get_running_loop().call_exception_handler(
            {"message": "a task of the desk failed", "exception": error}
        )


def _created(left: Unfinished) -> datetime:
    return left.timeline.created_at or datetime.fromtimestamp(0, UTC)

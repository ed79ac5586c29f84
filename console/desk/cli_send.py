"""``cascade send``: through the same journal and the same rules as the window."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import math
import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from console import logs
from console.cascade.facts import MessageType
from console.cascade.message import Draft
from console.cascade.outcome import CascadeOutcome, MessageState, Timeline
from console.cascade.speech import event_line, plain, summary_text
from console.cascade.words import mark, tr
from console.desk import compose, texts
from console.desk.cli_common import (
    USAGE,
    as_json,
    complain,
    journal_place,
    place,
    say,
    say_json,
    secrets_for,
    timeline_json,
)
from console.desk.desk import Desk
from console.desk.settings import Secrets, Settings, SettingsProblem
from console.desk.values import Change, Invalid, NeedsConfirmation, Queued_, Unavailable
from console.journal.errors import JournalProblem
from console.telesign.signing import AccountKey, BadKey

ACCEPTED: Final = 0
REFUSED: Final = 3
UNCONFIRMED: Final = 4
FAILED: Final = 5
UNDECIDED: Final = 6
NOT_SENT: Final = 7
_LONGEST_INPUT: Final = 1_000_000
_LAST_WAIT: Final = 5.0
"""Seconds a POST under way may still take after an interruption."""
_DISK_WAIT: Final = 20.0
"""Seconds a disk that takes nothing is waited for."""
_LONGEST_FOLLOW: Final = 12 * 3600.0
"""Seconds of following where none are given: afterwards nobody tells any more (documented)."""
_DOUBT_MARGIN: Final = 60.0
"""Seconds after the fallback moment that a report is waited for which settles a doubtful POST."""
_RELAY_TROUBLE: Final = ("offline", "refused", "not_set_up")


def run(options: argparse.Namespace) -> int:
    """Send what the options say. Returns the exit code; every complaint is one line on standard error."""
    try:
        directory, settings = place(options)
        draft = _draft(options)
    except (SettingsProblem, ValueError) as problem:
        complain(str(problem))
        return USAGE
    checked = compose.check(draft, settings.default_country or None)
    if checked.message is None:
        complain(checked.errors[0].text)
        return USAGE
    secrets, trouble = secrets_for(settings, os.environ)
    reason = _no_account(settings, secrets, trouble)
    if reason:
        complain(reason)
        return USAGE
    warnings = tuple(warning.text for warning in checked.problems)
    log = logs.start_logging(directory)
    try:
        desk = Desk(settings, secrets, directory=journal_place(options, directory))
        return asyncio.run(_send(options, draft, desk, warnings))
    except JournalProblem as problem:
        complain(problem.sentence)
        return USAGE
    except Exception as error:
        if not texts.is_storage(error) or isinstance(error, BrokenPipeError):
            raise
        complain(texts.not_writable(error))
        return UNCONFIRMED
    finally:
        logs.stop_logging(log)


def exit_code(timeline: Timeline, *, followed: bool) -> int:
    """What a script is told about a message whose sending has ended."""
    if timeline.outcome in (CascadeOutcome.DELIVERED, CascadeOutcome.READ):
        return ACCEPTED
    if timeline.state is MessageState.REFUSED:
        return REFUSED
    if timeline.state is MessageState.NOT_SENT:
        return NOT_SENT
    if timeline.state is not MessageState.ACCEPTED:
        return UNCONFIRMED
    if not followed:
        return ACCEPTED
    return FAILED if timeline.outcome is CascadeOutcome.FAILED else UNDECIDED


def _draft(options: argparse.Namespace) -> Draft:
    values = {name: getattr(options, name) for name in ("to", "viber", "sms")}
    piped = [name for name, value in values.items() if value == "-"]
    if len(piped) > 1:
        raise ValueError(tr("Only one of the texts can be read from standard input."))
    if piped:
        values[piped[0]] = _standard_input()
    sms: str | None = values["sms"]
    return Draft(
        to=values["to"],
        viber_text=values["viber"],
        sms_text=sms or "",
        sms_enabled=not options.no_sms,
        sms_follows=sms is None,
        fallback_time=options.fallback_time,
        message_type=MessageType(options.type),
        two_way=bool(options.reply_id),
        reply_id=options.reply_id,
        session=options.session,
    )


def _standard_input() -> str:
    raw = sys.stdin.buffer.read(_LONGEST_INPUT)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(tr("Standard input is not text in UTF-8.")) from None
    return text.removesuffix("\n").removesuffix("\r")


def _no_account(settings: Settings, secrets: Secrets, trouble: str) -> str:
    if not settings.customer_id:
        return tr("No Telesign account is set up: enter it in the console or set CASCADE_CUSTOMER_ID.")
    if not secrets.api_key:
        return (trouble + " " if trouble else "") + tr(
            "The API key is missing: enter it in the console or set CASCADE_API_KEY."
        )
    try:
        AccountKey(settings.customer_id, secrets.api_key)
    except BadKey as problem:
        return str(problem)
    return ""


async def _send(options: argparse.Namespace, draft: Draft, desk: Desk, warnings: Sequence[str]) -> int:
    with contextlib.ExitStack() as undo:
        stopped = _stop_signals(undo)
        await desk.start()
        for notice in desk.status.notices:
            complain(notice)
        try:
            result = await desk.send(draft, confirmed=options.again, despite_stop=options.override_opt_out)
            match result:
                case Invalid(problems):
                    complain(problems[0].text)
                    return USAGE
                case NeedsConfirmation(question, opted_out):
                    remedy = (
                        tr("Use --override-opt-out to send it.")
                        if opted_out
                        else tr("Use --again to send it.")
                    )
                    complain(question + " " + remedy)
                    return USAGE
                case Unavailable(reason):
                    complain(reason)
                    return NOT_SENT
                case Queued_(message_id):
                    for warning in warnings:
                        complain(warning)
                    watcher = _Watcher(desk, message_id, options, stopped)
                    return await watcher.run()
        finally:
            await desk.stop()


def _stop_signals(undo: contextlib.ExitStack) -> asyncio.Event:
    """Ctrl+C and termination end the waiting, not the message: the journal must learn how it ended."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows; there Ctrl+C cancels
            loop.add_signal_handler(number, stopped.set)
            undo.callback(loop.remove_signal_handler, number)
    return stopped


@dataclass
class _Watcher:
    """Prints what becomes of one message while it waits for the end."""

    desk: Desk
    message_id: str
    options: argparse.Namespace
    stopped: asyncio.Event
    _told: set[tuple[Any, ...]] = field(default_factory=set)
    _troubles: set[str] = field(default_factory=set)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> int:
        """Wait as the options say; print the last word; the exit code."""
        follow: float | None = self.options.follow
        undo = self.desk.watch(self._changed)
        try:
            timeline = await self._until(self._posted, lambda _: math.inf)
            if self.desk.status.storage:
                complain(self.desk.status.storage)
                return UNCONFIRMED
            if self.stopped.is_set() and not self._posted(timeline):
                await self.desk.withdraw(self.message_id)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_LAST_WAIT):
                        timeline = await self.desk.posted(self.message_id)
            elif follow is not None and timeline.state in (MessageState.ACCEPTED, MessageState.UNCONFIRMED):
                timeline = await self._until(lambda now: now.settled, self._follow_time)
        finally:
            undo()
        if self.options.json:
            say_json(timeline_json(timeline))
        else:
            say(f"{timeline.message_id} {summary_text(timeline)}")
            if timeline.state is not MessageState.ACCEPTED and follow is None and timeline.events:
                complain(timeline.events[-1].title)
        return exit_code(timeline, followed=follow is not None)

    def _follow_time(self, timeline: Timeline) -> float:
        given: float = self.options.follow
        if math.isfinite(given):
            return given
        if timeline.state is MessageState.UNCONFIRMED:
            return timeline.fallback_time / timeline.time_scale + _DOUBT_MARGIN
        return _LONGEST_FOLLOW

    @staticmethod
    def _posted(timeline: Timeline) -> bool:
        under_way = timeline.state in (MessageState.QUEUED, MessageState.SENDING)
        return not under_way and timeline.retry_at is None

    def _changed(self, change: Change) -> None:
        if self.message_id in change.message_ids or change.status_changed:
            self._news.set()

    async def _until(self, done: Callable[[Timeline], bool], within: Callable[[Timeline], float]) -> Timeline:
        """Tell what is new until ``done``, or for as many seconds as ``within`` says of the timeline."""
        ending = asyncio.create_task(self.stopped.wait())
        loop = asyncio.get_running_loop()
        began = loop.time()
        stuck: float | None = None
        try:
            while True:
                self._news.clear()
                timeline = await self._tell()
                now = loop.time()
                left = began + within(timeline) - now
                if self.desk.status.storage:
                    stuck = now if stuck is None else stuck
                    left = min(left, stuck + _DISK_WAIT - now)
                else:
                    stuck = None
                if done(timeline) or self.stopped.is_set() or left <= 0:
                    return timeline
                news = asyncio.create_task(self._news.wait())
                await asyncio.wait(
                    (news, ending),
                    timeout=None if math.isinf(left) else left,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                news.cancel()
        finally:
            ending.cancel()

    async def _tell(self) -> Timeline:
        timeline = await self.desk.timeline(self.message_id)
        assert timeline is not None, "a queued message is in the journal"
        if self.options.follow is None:
            return timeline
        self._tell_trouble()
        for event in timeline.events:
            key = (event.fact_id, event.kind, event.channel, event.code)
            if key in self._told:
                continue
            self._told.add(key)
            if self.options.json:
                say_json(as_json(event))
            else:
                say(event_line(event, event.at.astimezone().tzinfo))
        return timeline

    def _tell_trouble(self) -> None:
        relay = self.desk.status.relay
        if relay.kind not in _RELAY_TROUBLE:
            return
        sentence = relay.detail or tr(_TROUBLES[relay.kind])
        if sentence not in self._troubles:
            self._troubles.add(sentence)
            complain(tr("Reports may be missing: {reason}", reason=plain(sentence)))


_TROUBLES: Final = {
    "offline": mark("the relay cannot be reached."),
    "refused": mark("the relay refuses the token."),
    "not_set_up": mark("no relay is set up."),
}

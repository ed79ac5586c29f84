"""What to say about a timeline at one moment: the only place where the moment matters."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from console.cascade.outcome import (
    Attempt,
    AttemptState,
    CascadeOutcome,
    MessageState,
    Outlook,
    Timeline,
    Tone,
)
from console.cascade.speech import channel_name, clock_text, duration_text
from console.cascade.status import lookup
from console.cascade.statuscode import Retry
from console.cascade.words import tr

_PASSED: Final = frozenset({AttemptState.TIMED_OUT, AttemptState.FAILED})
_LONG_QUIET: Final = timedelta(hours=12)
"""After this nobody can be asked any more (documented for the status query)."""


def outlook(timeline: Timeline, now: datetime) -> Outlook:
    """What to tell the agent about ``timeline`` at ``now``; clock times are in ``now``'s timezone."""
    if timeline.made_by:
        return _made(timeline)
    match timeline.state:
        case MessageState.DRAFT:
            return _of_others(timeline)
        case MessageState.QUEUED:
            return _plain(tr("Ready to send"), tr("It is recorded and leaves in a moment."), Tone.ACTIVE)
        case MessageState.SENDING:
            return _plain(tr("Sending…"), tr("It is on its way to Telesign."), Tone.ACTIVE)
        case MessageState.REFUSED:
            return _refused(timeline, now)
        case MessageState.NOT_SENT:
            return _not_sent(timeline, now)
        case MessageState.UNCONFIRMED:
            return Outlook(
                headline=tr("May have been sent"),
                meaning=tr("Nobody has said whether Telesign took it; the customer may get it."),
                next_step=tr("Do not send it again yet. Wait for a report, or ask the customer."),
                tone=Tone.WARNING,
            )
        case _:
            return _accepted(timeline, now)


def next_moment(timeline: Timeline, now: datetime) -> datetime | None:
    """The next moment after ``now`` at which :func:`outlook` changes by itself; ``None``: never."""
    moments = [timeline.retry_at]
    if timeline.outcome is CascadeOutcome.WAITING and timeline.state is MessageState.ACCEPTED:
        moments.append(timeline.fallback_at)
        if timeline.accepted_at is not None:
            moments.append(timeline.accepted_at + _LONG_QUIET)
    return min((moment for moment in moments if moment is not None and moment > now), default=None)


def _plain(headline: str, meaning: str, tone: Tone, next_step: str = "") -> Outlook:
    return Outlook(headline=headline, meaning=meaning, next_step=next_step, tone=tone)


def _made(timeline: Timeline) -> Outlook:
    names = [channel_name(channel) for channel in timeline.made_by]
    read = timeline.outcome is CascadeOutcome.READ
    if len(names) > 1:
        meaning = tr("{first} arrived first, and {second} after it.", first=names[0], second=names[1])
        if read:
            meaning += " " + tr("The customer has read it.")
        return _plain(tr("The customer got both"), meaning, Tone.GOOD)
    if read:
        return _plain(
            tr("Read in {channel}", channel=names[0]), tr("The customer has opened the message."), Tone.GOOD
        )
    passed = [
        lane for lane in timeline.attempts if lane.state in (AttemptState.TIMED_OUT, AttemptState.FAILED)
    ]
    meaning = tr("The message is on the customer's phone.")
    if passed and passed[0].channel not in timeline.made_by:
        meaning = tr(
            "{earlier} did not make it; {channel} did. The message is on the customer's phone.",
            earlier=channel_name(passed[0].channel),
            channel=names[0],
        )
    return _plain(tr("Delivered by {channel}", channel=names[0]), meaning, Tone.GOOD)


def _of_others(timeline: Timeline) -> Outlook:
    if timeline.events:
        return _plain(
            tr("Not a message of this desk"), tr("Reports came for a message that was sent elsewhere."),
            Tone.NEUTRAL,
        )  # fmt: skip
    return _plain(tr("Draft"), tr("It has not been sent."), Tone.NEUTRAL)


def _refused(timeline: Timeline, now: datetime) -> Outlook:
    status = lookup(timeline.code, where="request") if timeline.code is not None else None
    if timeline.retry_at is not None:
        return _retry(timeline, now, tr("Telesign did not take it yet; the customer has not got anything."))
    return Outlook(
        headline=tr("Refused by Telesign"),
        meaning=status.meaning if status else tr("Telesign did not take the message."),
        next_step=status.next_step if status else "",
        tone=Tone.BAD,
        may_resend=status is not None and status.retry is Retry.LATER,
    )


def _not_sent(timeline: Timeline, now: datetime) -> Outlook:
    if timeline.retry_at is not None:
        return _retry(timeline, now, tr("There was no connection; nothing has left this computer."))
    return Outlook(
        headline=tr("Not sent"),
        meaning=tr("Nothing reached Telesign, so the customer gets nothing."),
        next_step=tr("Check the connection, then send it again: it cannot arrive twice."),
        tone=Tone.BAD,
        may_resend=True,
    )


def _retry(timeline: Timeline, now: datetime, meaning: str) -> Outlook:
    assert timeline.retry_at is not None
    left = max(timeline.retry_at - now, timedelta(0))
    return Outlook(
        headline=tr("Trying again in {duration}", duration=duration_text(left)),
        meaning=meaning,
        next_step=tr("Nothing to do: it is sent again by itself, and cannot arrive twice."),
        tone=Tone.WARNING,
    )


def _accepted(timeline: Timeline, now: datetime) -> Outlook:
    if timeline.outcome is CascadeOutcome.FAILED:
        return _failed(timeline)
    if timeline.outcome is CascadeOutcome.UNDECIDED:
        return _undecided(timeline)
    lane = next(
        (
            lane
            for lane in reversed(timeline.attempts)
            if lane.state in (AttemptState.TRYING, AttemptState.AT_GATEWAY)
        ),
        None,
    )
    if lane is None:
        return _plain(tr("Accepted by Telesign"), tr("No channel has reported yet."), Tone.ACTIVE)
    name = channel_name(lane.channel)
    if lane.fallback_at is None:
        gateway = lane.state is AttemptState.AT_GATEWAY
        headline = (
            tr("{channel} is on its way", channel=name)
            if gateway
            else tr("{channel} is being tried", channel=name)
        )
        return _quiet(timeline, now) or _plain(headline, _why_next(timeline, lane), Tone.ACTIVE)
    return _before_fallback(timeline, lane, now)


def _before_fallback(timeline: Timeline, lane: Attempt, now: datetime) -> Outlook:
    assert lane.fallback_at is not None
    name = channel_name(lane.channel)
    following = _next_name(timeline, lane)
    if now < lane.fallback_at:
        whole = (lane.fallback_at - lane.started_at) if lane.started_at else timedelta(0)
        left = lane.fallback_at - now
        passed = 1 - left / whole if whole > timedelta(0) else 0.0
        return Outlook(
            headline=tr("{channel} is trying", channel=name),
            meaning=tr(
                "If {channel} has not delivered by {time}, {next} is sent.",
                channel=name,
                time=clock_text(lane.fallback_at, now),
                next=following,
            ),
            next_step="",
            tone=Tone.ACTIVE,
            countdown=left,
            countdown_fraction=min(max(passed, 0.0), 1.0),
        )
    return _quiet(timeline, now) or Outlook(
        headline=tr("{next} should have been tried", next=following),
        meaning=tr(
            "{next} should have been tried at {time}; no confirmation yet.",
            next=following,
            time=clock_text(lane.fallback_at, now),
        ),
        next_step=tr("Wait for a report, or ask Telesign now."),
        tone=Tone.WARNING,
        overdue=True,
    )


def _quiet(timeline: Timeline, now: datetime) -> Outlook | None:
    if timeline.accepted_at is None or now - timeline.accepted_at < _LONG_QUIET:
        return None
    return Outlook(
        headline=tr("No report came"),
        meaning=tr("Telesign took it, and nobody has said what became of it. The customer may have it."),
        next_step=tr("Ask the customer before you send it again."),
        tone=Tone.WARNING,
        overdue=True,
    )


def _next_name(timeline: Timeline, lane: Attempt) -> str:
    place = timeline.attempts.index(lane)
    following = timeline.attempts[place + 1 :]
    return channel_name(following[0].channel) if following else ""


def _why_next(timeline: Timeline, lane: Attempt) -> str:
    place = timeline.attempts.index(lane)
    if place == 0:
        return tr("The customer has not got it yet.")
    return tr(
        "{earlier} did not deliver, so {channel} is sent.",
        earlier=channel_name(timeline.attempts[place - 1].channel),
        channel=channel_name(lane.channel),
    )


def _failed(timeline: Timeline) -> Outlook:
    status = lookup(timeline.code, where="channel") if timeline.code is not None else None
    tried = [channel_name(lane.channel) for lane in timeline.attempts if lane.state in _PASSED]
    meaning = status.meaning if status else tr("The customer has not got the message.")
    if len(tried) > 1:
        meaning = (
            tr("Neither {first} nor {second} delivered.", first=tried[0], second=tried[1]) + " " + meaning
        )
    # A channel that merely ran out of time may still deliver: sending again could double.
    late_possible = any(lane.state is AttemptState.TIMED_OUT for lane in timeline.attempts)
    return Outlook(
        headline=tr("Not delivered"),
        meaning=meaning,
        next_step=status.next_step if status else "",
        tone=Tone.BAD,
        may_resend=status is not None and status.retry.helps and not late_possible,
    )


def _undecided(timeline: Timeline) -> Outlook:
    status = lookup(timeline.code, where="channel") if timeline.code is not None else None
    return Outlook(
        headline=tr("Arrival not confirmed"),
        meaning=status.meaning if status else tr("It was sent, and nobody can say whether it arrived."),
        next_step=status.next_step if status else tr("Ask the customer before you send it again."),
        tone=Tone.WARNING,
    )

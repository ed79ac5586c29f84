"""What the lanes show, as plain values: one lane per channel on a shared time axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final

from console.cascade.outcome import (
    TONES,
    Attempt,
    AttemptState,
    Event,
    EventKind,
    MessageState,
    Timeline,
    Tone,
)
from console.cascade.speech import attempt_text, channel_name, duration_text, state_text
from console.cascade.status import lookup
from console.cascade.words import tr, trn
from console.ui.lanes_axis import Axis, axis_over
from console.ui.timeline_text import isolated, moment_text

OPEN: Final = frozenset({AttemptState.TRYING, AttemptState.AT_GATEWAY})
ARRIVED: Final = frozenset({AttemptState.DELIVERED, AttemptState.READ})

ICONS: Final = {
    AttemptState.WAITING: "clock",
    AttemptState.TRYING: "send",
    AttemptState.AT_GATEWAY: "arrow-right",
    AttemptState.TIMED_OUT: "hourglass",
    AttemptState.FAILED: "error",
    AttemptState.UNCONFIRMED: "question",
    AttemptState.DELIVERED: "check",
    AttemptState.READ: "check-double",
    AttemptState.SKIPPED: "minus",
}
_CHANNEL_ICONS: Final = {"viber": "viber", "sms": "sms"}

_LAST_CHANNEL_SPAN: Final = timedelta(minutes=10)
"""How long a channel without a time limit is looked at closely."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a lane in one state; ``growing``: its end is now.

    ``WAITING`` stands for a time of which nothing was heard though something should have been.
    """

    start: datetime
    end: datetime
    state: AttemptState
    growing: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment on a lane, shown by an icon."""

    at: datetime
    icon: str
    tone: Tone
    text: str


@dataclass(frozen=True, slots=True)
class Lane:
    """One row: its name and state at the left, its history along the axis."""

    key: str
    name: str
    icon: str
    words: str
    tone: Tone
    segments: tuple[Segment, ...] = ()
    marks: tuple[Mark, ...] = ()
    dormant: bool = False
    """Its turn has not come, or will never come."""


@dataclass(frozen=True, slots=True)
class Chart:
    """All that the lanes show at one moment."""

    axis: Axis
    lanes: tuple[Lane, ...]
    now: datetime | None
    """Where the “now” line stands; ``None``: nothing moves any more."""
    fallback: Mark | None
    """The planned moment at which the next channel takes over."""
    fallback_row: int = 0
    """The lane that takes over."""
    zone: tzinfo | None = None
    """Whose clock times the axis shows."""

    @property
    def description(self) -> str:
        """The whole picture as sentences, for screen readers."""
        said = []
        for lane in self.lanes:
            line = f"{lane.name}: {lane.words}."
            said.append(line)
        if self.fallback is not None:
            said.append(self.fallback.text + ".")
        return " ".join(said)


def is_live(timeline: Timeline) -> bool:
    """Whether the lanes grow with time."""
    if timeline.settled:
        return False
    if timeline.state is MessageState.SENDING or timeline.retry_at is not None:
        return True
    return any(attempt.state in OPEN for attempt in timeline.attempts)


def chart(timeline: Timeline, now: datetime) -> Chart | None:
    """The lanes of ``timeline`` at ``now``; ``None`` where nothing has a time yet."""
    start = _start(timeline)
    if start is None:
        return None
    live = is_live(timeline)
    lanes = [_request_lane(timeline, start, now)] if timeline.created_at is not None else []
    first_channel = len(lanes)
    lanes += [_channel_lane(timeline, attempt, now, live=live) for attempt in timeline.attempts]
    if timeline.replies:
        lanes.append(_reply_lane(timeline, now))
    fallback, row = _fallback(timeline, now)
    return Chart(
        axis=_axis(timeline, lanes, start, now if live else None, fallback),
        lanes=tuple(lanes),
        now=now if live else None,
        fallback=fallback,
        fallback_row=first_channel + row + 1,
        zone=now.tzinfo,
    )


def _start(timeline: Timeline) -> datetime | None:
    if timeline.created_at is not None:
        return timeline.created_at
    moments = [attempt.started_at for attempt in timeline.attempts if attempt.started_at]
    moments += [event.at for event in timeline.events if event.kind is EventKind.CHANNEL]
    return min(moments, default=None)


# --- lanes ------------------------------------------------------------------------------


_REQUEST_MARKS: Final = {
    EventKind.ACCEPTED: ("check", Tone.GOOD),
    EventKind.REFUSED: ("error", Tone.BAD),
    EventKind.RETRY_PLANNED: ("retry", Tone.WARNING),
    EventKind.NOT_SENT: ("minus-circle", Tone.BAD),
    EventKind.UNCONFIRMED: ("question", Tone.WARNING),
    EventKind.DECIDED: ("user", Tone.NEUTRAL),
}
_REQUEST_TONES: Final = {
    MessageState.REFUSED: Tone.BAD,
    MessageState.NOT_SENT: Tone.BAD,
    MessageState.UNCONFIRMED: Tone.WARNING,
    MessageState.SENDING: Tone.ACTIVE,
}


def _request_lane(timeline: Timeline, start: datetime, now: datetime) -> Lane:
    """Our request to Telesign: when it was made and how it was answered."""
    events = [event for event in timeline.events if event.kind in _REQUEST_MARKS]
    marks = [Mark(max(event.at, start), *_REQUEST_MARKS[event.kind], event.title) for event in events]
    sending = timeline.state is MessageState.SENDING
    segments: list[Segment] = []
    began: datetime | None = None
    for event in timeline.events:
        if event.kind is EventKind.SENDING:
            began = event.at
        elif event.kind in _REQUEST_MARKS and began is not None:
            segments.append(Segment(began, max(event.at, began), AttemptState.AT_GATEWAY))
            began = None
    if sending and began is not None:
        segments.append(Segment(began, max(now, began), AttemptState.TRYING, growing=True))
    words = state_text(timeline.state)
    tone = _REQUEST_TONES.get(timeline.state, Tone.NEUTRAL)
    if timeline.retry_at is not None:
        words, tone = (
            tr("again at {time}", time=moment_text(timeline.retry_at, now, seconds=True)),
            Tone.WARNING,
        )
    return Lane(
        key="request",
        name=tr("Telesign"),
        icon="external",
        words=words,
        tone=tone,
        segments=tuple(segments),
        marks=tuple(marks),
        dormant=timeline.state is MessageState.QUEUED,
    )


def _channel_lane(timeline: Timeline, attempt: Attempt, now: datetime, *, live: bool) -> Lane:
    told = _told(timeline, attempt)
    # Once nothing is awaited any more, an open lane ends with the last that was heard.
    horizon = now if live else timeline.last_heard_at or now
    words = attempt_text(attempt.state)
    tone = TONES[attempt.state]
    if attempt.state in OPEN and attempt.fallback_at is not None and attempt.fallback_at < now:
        words, tone = tr("no word yet"), Tone.WARNING
    elif attempt.state is AttemptState.TRYING and attempt.started_at is not None:
        words = tr("trying for {duration}", duration=duration_text(now - attempt.started_at))
    elif attempt.state is AttemptState.SKIPPED and timeline.state is not MessageState.ACCEPTED:
        words = tr("not tried")
    elif attempt.state in ARRIVED and (moment := _moment_of(told, attempt)) is not None:
        words = tr("{state} {time}", state=words, time=moment_text(moment, now, seconds=True))
    return Lane(
        key=attempt.channel,
        name=isolated(channel_name(attempt.channel)),
        icon=_CHANNEL_ICONS.get(attempt.channel, "relay"),
        words=words,
        tone=tone,
        segments=_segments(attempt, told, horizon, growing=live),
        marks=_marks(attempt, told),
        dormant=attempt.state in (AttemptState.WAITING, AttemptState.SKIPPED),
    )


def _told(timeline: Timeline, attempt: Attempt) -> list[tuple[datetime, AttemptState, Event]]:
    """What was reported of one channel, by the time it happened."""
    found: list[tuple[datetime, AttemptState, Event]] = []
    for event in timeline.events:
        if event.kind is not EventKind.CHANNEL or event.channel != attempt.channel or event.code is None:
            continue
        state = lookup(event.code, where="channel").attempt_state
        if state is not None:
            found.append((event.at, state, event))
    return sorted(found, key=lambda told: told[0])


def _moment_of(told: Sequence[tuple[datetime, AttemptState, Event]], attempt: Attempt) -> datetime | None:
    return next((at for at, state, _ in told if state is attempt.state), attempt.updated_at)


_ENDS: Final = frozenset({AttemptState.TIMED_OUT, AttemptState.FAILED, AttemptState.UNCONFIRMED, *ARRIVED})


def _segments(
    attempt: Attempt,
    told: Sequence[tuple[datetime, AttemptState, Event]],
    now: datetime,
    *,
    growing: bool,
) -> tuple[Segment, ...]:
    start = attempt.started_at
    if start is None:
        return ()
    found: list[Segment] = []
    state, since = AttemptState.TRYING, start
    ended = False
    for at, reported, _ in told:
        if reported in (state, AttemptState.TRYING) or (ended and reported not in ARRIVED):
            continue
        moment = max(at, since)
        found.append(Segment(since, moment, state))
        state, since = reported, moment
        ended = ended or reported in _ENDS
    if state in OPEN:
        if attempt.state in OPEN:
            due = attempt.fallback_at
            if due is not None and since < due < now:
                found.append(Segment(since, due, state))
                state, since = AttemptState.WAITING, due
            found.append(Segment(since, max(now, since), state, growing=growing))
        else:  # nobody reported the end, the rules inferred it
            until = max(attempt.fallback_at or attempt.updated_at or since, since)
            found.append(Segment(since, until, state))
    return tuple(found)


def _marks(attempt: Attempt, told: Sequence[tuple[datetime, AttemptState, Event]]) -> tuple[Mark, ...]:
    floor = attempt.started_at
    marks = [
        Mark(max(at, floor) if floor else at, ICONS[state], TONES[state], event.title)
        for at, state, event in told
        if state is not AttemptState.TRYING
    ]
    inferred = attempt.state in _ENDS and all(state is not attempt.state for _, state, _ in told)
    end = attempt.fallback_at or attempt.updated_at
    if inferred and end is not None:
        marks.append(Mark(end, ICONS[attempt.state], TONES[attempt.state], attempt_text(attempt.state)))
    return tuple(marks)


def _reply_lane(timeline: Timeline, now: datetime) -> Lane:
    replies = sorted(timeline.replies, key=lambda reply: reply.at)
    last = moment_text(replies[-1].at, now)
    return Lane(
        key="reply",
        name=tr("Customer"),
        icon="user",
        words=trn("replied {time}", "{n} replies, last {time}", len(replies), time=last),
        tone=Tone.NEUTRAL,
        marks=tuple(
            Mark(
                reply.at,
                "reply",
                Tone.ACTIVE,
                tr("Replied by {channel}", channel=channel_name(reply.channel)),
            )
            for reply in replies
        ),
    )


def _fallback(timeline: Timeline, now: datetime) -> tuple[Mark | None, int]:
    for row, attempt in enumerate(timeline.attempts[:-1]):
        following = timeline.attempts[row + 1]
        waiting = attempt.state in OPEN and following.state is AttemptState.WAITING
        if waiting and attempt.fallback_at is not None and not timeline.settled:
            text = tr(
                "{channel} at {time}",
                channel=channel_name(following.channel),
                time=moment_text(attempt.fallback_at, now),
            )
            return Mark(attempt.fallback_at, "arrow-down", Tone.NEUTRAL, text), row
    return None, 0


# --- axis -------------------------------------------------------------------------------


def _axis(
    timeline: Timeline,
    lanes: Sequence[Lane],
    start: datetime,
    now: datetime | None,
    fallback: Mark | None,
) -> Axis:
    moments = {start}
    for lane in lanes:
        moments.update(mark.at for mark in lane.marks)
        for segment in lane.segments:
            moments.update((segment.start, segment.end))
    looks = _close_looks(timeline)
    if fallback is not None:
        moments.add(fallback.at)
        looks.append((start, fallback.at))
    if timeline.retry_at is not None:
        moments.add(timeline.retry_at)
    if now is not None:
        moments.add(max(now, start))
        moments.update(end for _, end in looks if end < now)
    return axis_over([moment for moment in moments if moment >= start], looks, now)


def _close_looks(timeline: Timeline) -> list[tuple[datetime, datetime]]:
    """The times in which a channel was at work: never folded, however long."""
    looks = []
    for attempt in timeline.attempts:
        if attempt.started_at is not None:
            looks.append((attempt.started_at, attempt.fallback_at or attempt.started_at + _LAST_CHANNEL_SPAN))
    return looks

"""What the lanes show, as plain values: one lane per channel on a shared time axis.

The axis is linear, except that a long time in which nothing was tried is folded into a
marked break: a message read two days later still shows how its first minutes went.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import Final

from console.cascade.outcome import Attempt, AttemptState, Event, EventKind, MessageState, Timeline, Tone
from console.cascade.speech import attempt_text, channel_name, duration_text, state_text
from console.cascade.status import lookup
from console.cascade.words import tr, trn
from console.ui.timeline_text import day_text, isolated, moment_text

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
TONES: Final = {
    AttemptState.WAITING: Tone.NEUTRAL,
    AttemptState.TRYING: Tone.ACTIVE,
    AttemptState.AT_GATEWAY: Tone.ACTIVE,
    AttemptState.TIMED_OUT: Tone.WARNING,
    AttemptState.FAILED: Tone.BAD,
    AttemptState.UNCONFIRMED: Tone.WARNING,
    AttemptState.DELIVERED: Tone.GOOD,
    AttemptState.READ: Tone.GOOD,
    AttemptState.SKIPPED: Tone.NEUTRAL,
}
_CHANNEL_ICONS: Final = {"viber": "viber", "sms": "sms"}

_BREAK_FLOOR: Final = timedelta(minutes=2)
"""No shorter time is folded: minutes are what this axis is for."""
_BREAK_RATIO: Final = 3
"""A quiet time is folded if it is this many times longer than all that is left."""
_BREAK_SHARE: Final = 0.2
"""Part of the axis that one break takes."""
_LAST_CHANNEL_SPAN: Final = timedelta(minutes=10)
"""How long a channel without a time limit is looked at closely."""
_HEADROOM: Final = 0.06
_SHORTEST: Final = timedelta(seconds=2)
_DAY: Final = 86400
_STEPS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 43200, _DAY)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the axis from ``start`` to ``end``, at ``left`` to ``right`` (0–1) of its width."""

    start: datetime
    end: datetime
    left: float
    right: float
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Tick:
    """A labelled moment on the axis; ``place`` is 0–1."""

    place: float
    label: str


@dataclass(frozen=True, slots=True)
class Axis:
    """The time axis all lanes share."""

    pieces: tuple[Piece, ...]

    @property
    def start(self) -> datetime:
        return self.pieces[0].start

    @property
    def end(self) -> datetime:
        return self.pieces[-1].end

    def place(self, moment: datetime) -> float:
        """Where a moment stands, 0–1; moments outside stand at the ends."""
        for piece in self.pieces:
            if moment <= piece.end:
                span = (piece.end - piece.start).total_seconds()
                part = (moment - piece.start).total_seconds() / span if span > 0 else 0.0
                return piece.left + min(max(part, 0.0), 1.0) * (piece.right - piece.left)
        return 1.0

    def ticks(self, width: float, label_width: float, zone: tzinfo | None) -> tuple[Tick, ...]:
        """Clock times that are round in ``zone``, as many as fit without touching."""
        found: list[Tick] = []
        for piece in self.pieces:
            if not piece.folded:
                found += _ticks_of(piece, width, label_width, zone)
        return tuple(found)


def _ticks_of(piece: Piece, width: float, label_width: float, zone: tzinfo | None) -> list[Tick]:
    room = (piece.right - piece.left) * width
    span = (piece.end - piece.start).total_seconds()
    if room <= 0 or span <= 0:
        return []
    step = next((step for step in _STEPS if step / span * room >= label_width), None)
    if step is None:
        return []
    offset = piece.start.astimezone(zone).utcoffset() or timedelta(0)
    origin = datetime(2000, 1, 1, tzinfo=UTC) - offset  # ticks are round where the agent is
    passed = (piece.start - origin).total_seconds()
    first = -(-passed // step) * step
    found = []
    seconds = first
    while seconds <= passed + span:
        moment = origin + timedelta(seconds=seconds)
        part = (seconds - passed) / span
        local = moment.astimezone(zone)
        label = (
            day_text(local, local) if step >= _DAY else f"{local:%H:%M:%S}" if step < 60 else f"{local:%H:%M}"
        )
        found.append(Tick(piece.left + part * (piece.right - piece.left), label))
        seconds += step
    return found


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
_REQUEST_ICONS: Final = {
    MessageState.REFUSED: "error",
    MessageState.NOT_SENT: "minus-circle",
    MessageState.UNCONFIRMED: "question",
    MessageState.ACCEPTED: "check",
    MessageState.SENDING: "send",
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
            tr("trying again at {time}", time=moment_text(timeline.retry_at, now, seconds=True)),
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
    ordered = sorted(moment for moment in moments if moment >= start)
    if ordered[-1] - start < _SHORTEST:
        ordered.append(start + _SHORTEST)
    gaps = list(pairwise(ordered))
    folded = _folded(gaps, looks)
    if now is not None and ordered[-1] <= now:  # room ahead, so that a growing bar has where to grow
        straight = sum((end - begin for begin, end in gaps if (begin, end) not in folded), timedelta(0))
        gaps.append((ordered[-1], ordered[-1] + straight * _HEADROOM))
    return Axis(_pieces(gaps, folded))


def _close_looks(timeline: Timeline) -> list[tuple[datetime, datetime]]:
    """The times in which a channel was at work: never folded, however long."""
    looks = []
    for attempt in timeline.attempts:
        if attempt.started_at is not None:
            looks.append((attempt.started_at, attempt.fallback_at or attempt.started_at + _LAST_CHANNEL_SPAN))
    return looks


def _folded(
    gaps: Sequence[tuple[datetime, datetime]], looks: Sequence[tuple[datetime, datetime]]
) -> set[tuple[datetime, datetime]]:
    quiet = [
        gap
        for gap in gaps
        if gap[1] - gap[0] > _BREAK_FLOOR and not any(gap[0] < end and gap[1] <= end for _, end in looks)
    ]
    kept = sum(((end - start) for start, end in gaps if (start, end) not in quiet), timedelta(0))
    folded: set[tuple[datetime, datetime]] = set()
    for gap in sorted(quiet, key=lambda gap: gap[1] - gap[0]):
        if gap[1] - gap[0] > _BREAK_RATIO * kept:
            folded.add(gap)
        else:
            kept += gap[1] - gap[0]
    return folded


def _pieces(
    gaps: Sequence[tuple[datetime, datetime]], folded: set[tuple[datetime, datetime]]
) -> tuple[Piece, ...]:
    share = min(_BREAK_SHARE, 0.6 / len(folded)) if folded else 0.0
    straight = sum((end - start).total_seconds() for start, end in gaps if (start, end) not in folded)
    room = 1.0 - share * len(folded)
    if straight <= 0:
        room, share = 0.0, 1.0 / len(folded)
    pieces: list[Piece] = []
    left = 0.0
    for start, end in gaps:
        fold = (start, end) in folded
        part = share if fold else (end - start).total_seconds() / straight * room
        last = pieces[-1] if pieces else None
        if last is not None and not fold and not last.folded:
            pieces[-1] = Piece(last.start, end, last.left, left + part)
        else:
            pieces.append(Piece(start, end, left, left + part, fold))
        left += part
    return tuple(pieces)

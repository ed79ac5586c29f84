"""The time axis of the lanes: linear, except that a long time in which nothing was tried is folded.

A message read two days later still shows how its first minutes went; the fold is marked.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import Final

from console.cascade.formats import time_text
from console.ui.timeline_text import day_text

Span = tuple[datetime, datetime]

_BREAK_FLOOR: Final = timedelta(minutes=2)
"""No shorter time is folded: minutes are what this axis is for."""
_BREAK_RATIO: Final = 3
"""A quiet time is folded if it is this many times longer than all that is left."""
_BREAK_SHARE: Final = 0.2
"""Part of the axis that one break takes."""
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
        label = day_text(local, local) if step >= _DAY else time_text(local, seconds=step < 60)
        found.append(Tick(piece.left + part * (piece.right - piece.left), label))
        seconds += step
    return found


def axis_over(moments: Collection[datetime], looks: Sequence[Span], now: datetime | None) -> Axis:
    """The axis from the first of ``moments`` to the last.

    ``looks`` are spans that are never folded. While something grows (``now`` is given) and nothing
    later is planned, there is some room ahead.
    """
    ordered = sorted(moments)
    if ordered[-1] - ordered[0] < _SHORTEST:
        ordered.append(ordered[0] + _SHORTEST)
    gaps = list(pairwise(ordered))
    folded = _folded(gaps, looks)
    if now is not None and ordered[-1] <= now:
        straight = sum((end - begin for begin, end in gaps if (begin, end) not in folded), timedelta(0))
        gaps.append((ordered[-1], ordered[-1] + straight * _HEADROOM))
    return Axis(_pieces(gaps, folded))


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

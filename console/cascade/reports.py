"""Delivery reports read as *lines*: what was said of one channel, by whom, when it happened.

Telesign reports a cascade as one status for the whole transaction and one for each channel
tried so far, so most lines repeat earlier ones, and the two levels may say different things
in the same report. Here repetition becomes one line, the transaction's own status is given
to the channel it speaks of, and what came too late to matter is marked ``late``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

from console.cascade.facts import Channel, ChannelReport, Reported, Source, Verification
from console.cascade.outcome import AttemptState
from console.cascade.status import attempt_state

CLOCK_TOLERANCE: Final = timedelta(minutes=5)
"""How far a provider's time may stand before our request or after our hearing of it and still
be believed: clocks differ by seconds, documented examples by years."""

RANK: Final[dict[AttemptState | None, int]] = {
    None: 0,
    AttemptState.WAITING: 0,
    AttemptState.SKIPPED: 0,
    AttemptState.TRYING: 1,
    AttemptState.AT_GATEWAY: 2,
    AttemptState.TIMED_OUT: 3,
    AttemptState.FAILED: 4,
    AttemptState.UNCONFIRMED: 5,
    AttemptState.DELIVERED: 6,
    AttemptState.READ: 7,
}
"""Which of two statuses of one channel holds, whatever order they came in (inferred from the
documented finality: 3001 < 3002 < 3056 < failure < 3004 < 3000 < 3005)."""

DELIVERED_RANK: Final = RANK[AttemptState.DELIVERED]

DELIVERY_ERROR: Final = 3003
NO_CHANNEL_ENABLED: Final = 3006
_OVER: Final = frozenset({DELIVERY_ERROR, NO_CHANNEL_ENABLED})
"""Documented as final for the whole transaction: no further channel will be tried."""

_TRUST: Final = {
    Verification.FAILED: 0,
    Verification.RELAY: 1,
    Verification.DIRECT: 2,
    Verification.DESK: 3,
}


class Line(NamedTuple):
    """What was reported of one channel, or of the whole transaction (``channel`` is ``None``).

    A tuple, because every fold makes a dozen: a frozen dataclass of so many fields takes four times as long.
    """

    channel: str | None
    code: int | None
    description: str
    reference_id: str | None
    at: datetime
    at_is_receipt: bool
    heard_at: datetime
    fact_id: str
    source: Source
    verification: Verification
    state: AttemptState | None
    """``None``: the code says nothing of the state, or nobody knows the code."""
    rank: int
    """How much this line outweighs others of its channel: :data:`RANK` of its state."""
    over: bool = False
    """The whole transaction has ended without delivery."""
    accounted: bool = False
    """A channel's line says the same, so that this one needs no event of its own."""
    late: bool = False


def believed(report_verification: Verification) -> bool:
    """Whether what came with this verification may change anything."""
    return report_verification is not Verification.FAILED


@lru_cache(maxsize=64)
def channel_key(name: str) -> str:
    """One spelling for a channel's name, whatever case a report uses."""
    return name.strip().lower()


def usable_time(told: datetime | None, *, heard_at: datetime, floor: datetime | None) -> datetime | None:
    """The provider's time if it can be true: not before ``floor`` (our request), not after hearing."""
    if told is None:
        return None
    if told - heard_at > CLOCK_TOLERANCE:
        return None
    if floor is not None and floor - told > CLOCK_TOLERANCE:
        return None
    return told


def read_reports(reports: Sequence[Reported], floor: datetime | None) -> tuple[Line, ...]:
    """The lines of ``reports`` (in the order heard, all believed), each said once, in that order.

    ``floor`` is the moment of our request; a provider's time well before it is not believed.
    """
    groups: dict[tuple[str | None, int | None, str, bool], list[Line]] = {}
    for report in reports:
        for line in _lines(report, floor):
            key = (line.channel, line.code, line.description if line.code is None else "", line.over)
            groups.setdefault(key, []).append(line)
    return _mark_late([_merge(group) for group in groups.values()])


def best(lines: Sequence[Line]) -> Line | None:
    """The line that holds: the highest rank, and of equals the one that happened last."""
    if len(lines) == 1:
        return lines[0]
    return max(lines, key=lambda line: (line.rank, line.at, line.code or 0), default=None)


def _lines(report: Reported, floor: datetime | None) -> list[Line]:
    lines = [
        _line(
            report,
            each,
            channel,
            None if each.code is None else attempt_state(each.code, where="channel"),
            floor,
        )
        for each in report.channels
        if (channel := channel_key(each.channel))
    ]
    if report.code is None and lines:
        return lines
    state = attempt_state(report.code, where="transaction") if report.code is not None else None
    of_channel = _target(report, state, lines)
    ended = report.code in _OVER or (of_channel is None and state is AttemptState.FAILED)
    no_channel = report.code == NO_CHANNEL_ENABLED
    accounted = not no_channel and _accounted(state, of_channel, lines)
    if accounted and not ended:
        return lines
    top = _line(report, report, None, state, floor)
    if no_channel:
        return [*lines, top._replace(over=True)]
    if accounted:
        return [*lines, top._replace(over=True, accounted=True)]
    if of_channel is None:
        return [*lines, top._replace(over=ended)]
    lines.append(top._replace(channel=of_channel, reference_id=None))
    if ended:
        lines.append(top._replace(over=True, accounted=True))
    return lines


def _line(
    report: Reported,
    status: ChannelReport | Reported,
    channel: str | None,
    state: AttemptState | None,
    floor: datetime | None,
) -> Line:
    """What one status of a report says: a channel's, or the report's own of the whole transaction."""
    told = usable_time(status.updated_on, heard_at=report.at, floor=floor)
    # Without names, which cost a third of the time.
    return Line(
        channel,
        status.code,
        status.description,
        status.reference_id,
        told or report.at,
        told is None,
        report.at,
        report.fact_id,
        report.source,
        report.verification,
        state,
        RANK[state],
    )


def _target(report: Reported, state: AttemptState | None, lines: Sequence[Line]) -> str | None:
    """The channel the transaction's own status speaks of, if that can be told."""
    last = channel_key(report.last_channel or "")
    if not last:
        named = {line.channel for line in lines}
        return named.pop() if len(named) == 1 else None
    if last == Channel.SMS and state is AttemptState.READ:
        # Nobody reports an SMS as read: the transaction was read on the other channel that delivered.
        others = [line.channel for line in lines if line.channel != last and line.rank >= DELIVERED_RANK]
        if len(others) == 1:
            return others[0]
    return last


def _accounted(state: AttemptState | None, channel: str | None, lines: Sequence[Line]) -> bool:
    """Whether the channels' lines already say what the transaction's own status says."""
    rank = RANK[state]
    if rank >= DELIVERED_RANK:
        return any(line.rank >= rank for line in lines)
    own = [line.rank for line in lines if channel is None or line.channel == channel]
    if not own:
        return False
    ending = rank >= RANK[AttemptState.FAILED]
    return not ending or max(own) >= RANK[AttemptState.TIMED_OUT]


def _merge(group: Sequence[Line]) -> Line:
    """One line for all that say the same: as first heard, with the earliest usable time."""
    first = group[0]
    if len(group) == 1:
        return first
    told = [line.at for line in group if not line.at_is_receipt]
    return first._replace(
        at=min(told) if told else first.at,
        at_is_receipt=not told,
        verification=max([line.verification for line in group], key=_TRUST.__getitem__),
        reference_id=next((line.reference_id for line in group if line.reference_id), None),
        accounted=all(line.accounted for line in group),
    )


def _mark_late(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Mark what was heard when its own channel was known to be further, or another had delivered.

    ``lines`` are in the order heard.
    """
    furthest: dict[str, int] = {}
    """Of each channel, the highest rank heard before the moment of the line that is looked at."""
    same: list[Line] = []
    """Heard at that very moment: none of them was known before another."""
    marked = []
    for line in lines:
        if same and same[0].heard_at < line.heard_at:
            for each in same:
                if each.channel is not None:
                    furthest[each.channel] = max(each.rank, furthest.get(each.channel, 0))
            same = []
        same.append(line)
        marked.append(line._replace(late=True) if _overtaken(line, furthest) else line)
    return tuple(marked)


def _overtaken(line: Line, furthest: Mapping[str, int]) -> bool:
    """Whether what was known before, the highest rank of each channel, leaves a line nothing to change."""
    if line.channel is None or not furthest:
        return False
    if furthest.get(line.channel, 0) > line.rank:
        return True
    return line.rank < DELIVERED_RANK and max(furthest.values()) >= DELIVERED_RANK

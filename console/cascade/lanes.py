"""One lane per channel: what each channel's attempt became, also where nobody says so.

Reports speak only of channels that were tried. What they leave out follows from the order
of the cascade: the first channel tries from the acceptance on, the next one when the one
before has ended, none after one that delivered.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from console.cascade.facts import Channel, Queued, Source
from console.cascade.outcome import Attempt, AttemptState, CascadeOutcome, Event, MessageState
from console.cascade.reports import DELIVERED_RANK, NO_CHANNEL_ENABLED, RANK, Line, best
from console.cascade.sending import Posting

FALLBACK_NOT_ENABLED: Final = 3202
"""Documented: several channels were given, but the account has no fallback."""

MADE_IT: Final = frozenset({AttemptState.DELIVERED, AttemptState.READ})
ENDED: Final = frozenset({AttemptState.TIMED_OUT, AttemptState.FAILED})
OPEN: Final = frozenset({AttemptState.WAITING, AttemptState.TRYING, AttemptState.AT_GATEWAY})

_UNDER_WAY: Final = RANK[AttemptState.AT_GATEWAY]
_TIME_UP: Final = RANK[AttemptState.TIMED_OUT]
_FAILED: Final = RANK[AttemptState.FAILED]


@dataclass(frozen=True, slots=True)
class Plan:
    """The channels of our request, in order, and how long the first may try."""

    channels: tuple[str, ...]
    fallback: timedelta
    """In real time: the provider's seconds divided by the time scale."""


NO_PLAN: Final = Plan((), timedelta(0))


def plan_of(queued: Queued | None) -> Plan:
    """What was asked for; nothing, where no request of ours is known."""
    if queued is None:
        return NO_PLAN
    channels = (Channel.VIBER,) if queued.sms_text is None else (Channel.VIBER, Channel.SMS)
    return _plan(channels, queued.fallback_time, queued.time_scale)


@lru_cache(maxsize=64)
def _plan(channels: tuple[Channel, ...], fallback_time: int, scale: float) -> Plan:
    if not math.isfinite(scale) or scale <= 0:
        scale = 1.0
    seconds = min(max(fallback_time / scale, 0.0), 86_400.0 * 366)
    return Plan(tuple(channel.value for channel in channels), timedelta(seconds=seconds))


def by_channel(lines: Sequence[Line]) -> dict[str, list[Line]]:
    """The channels' lines, each channel in the order of its lane: Viber, SMS, then as first heard."""
    found: dict[str, list[Line]] = {Channel.VIBER.value: [], Channel.SMS.value: []}
    for line in lines:
        if line.channel is not None:
            found.setdefault(line.channel, []).append(line)
    return {channel: own for channel, own in found.items() if own}


def attempts_of(plan: Plan, post: Posting, lines: Sequence[Line]) -> tuple[Attempt, ...]:
    """Every lane: the planned channels in order, then any others the reports mention."""
    told = by_channel(lines)
    channels = [*plan.channels, *(channel for channel in told if channel not in plan.channels)]
    if post.state is not MessageState.ACCEPTED or post.accepted_at is None:
        state = AttemptState.SKIPPED if not_taken(post) else AttemptState.WAITING
        return tuple(Attempt(channel=channel, state=state) for channel in channels)

    over = best([line for line in lines if line.over])
    lanes: list[Attempt] = []
    before: Attempt | None = None
    before_ended_at: datetime | None = post.accepted_at
    no_more = False
    for place, channel in enumerate(channels):
        own = told.get(channel, [])
        line = best(own)
        if channel not in plan.channels:
            lanes.append(_unplanned(channel, own, over))
            continue
        later = plan.channels[place + 1 :]
        passed = any(_begun(told.get(each, ()), own) for each in later)
        state = _state(line, before, passed=passed, over=over, no_more=no_more, ended=before_ended_at)
        started_at = _started_at(state, own, before_ended_at, before)
        lane = Attempt(
            channel=channel,
            state=state,
            code=line.code if line else None,
            description=line.description if line else "",
            reference_id=_reference(own),
            started_at=started_at,
            updated_at=line.at if line else None,
            delivered_at=_delivered_at(own),
            fallback_at=_plus(started_at, plan.fallback) if later and started_at else None,
        )
        lanes.append(lane)
        before, before_ended_at = lane, _ended_at(lane, own, passed=passed)
        no_more = no_more or any(each.code == FALLBACK_NOT_ENABLED for each in own)
    return tuple(lanes)


def _state(
    line: Line | None,
    before: Attempt | None,
    *,
    passed: bool,
    over: Line | None,
    no_more: bool,
    ended: datetime | None,
) -> AttemptState:
    if line is not None and line.rank >= _TIME_UP and line.state is not None:
        return line.state
    if passed:
        return AttemptState.TIMED_OUT
    if over is not None and (line is None or line.at <= over.at):
        never_tried = line is None and (before is not None or over.code == NO_CHANNEL_ENABLED)
        return AttemptState.SKIPPED if never_tried else AttemptState.FAILED
    if line is not None and (line.rank >= _UNDER_WAY or ended is not None):
        return line.state or AttemptState.TRYING
    if ended is not None:
        return AttemptState.SKIPPED if no_more else AttemptState.TRYING
    if before is not None and (before.state in MADE_IT or before.state is AttemptState.SKIPPED):
        return AttemptState.SKIPPED
    return AttemptState.WAITING


def _unplanned(channel: str, own: Sequence[Line], over: Line | None) -> Attempt:
    """A channel nobody asked for here, or one of a message that this desk did not send."""
    line = best(own)
    assert line is not None, "a lane without plan exists only because a line names it"
    state = line.state or AttemptState.TRYING
    if over is not None and state in OPEN and line.at <= over.at:
        state = AttemptState.FAILED
    return Attempt(
        channel=channel,
        state=state,
        code=line.code,
        description=line.description,
        reference_id=_reference(own),
        started_at=min(each.at for each in own),
        updated_at=line.at,
        delivered_at=_delivered_at(own),
    )


def _delivered_at(own: Sequence[Line]) -> datetime | None:
    return min([line.at for line in own if tells_delivery(line.state, line)], default=None)


def tells_delivery(state: AttemptState | None, told: Line | Event) -> bool:
    """Whether what was reported of a channel with this ``state`` says when the channel delivered.

    What only our own question found, without a time of Telesign's, says when we asked.
    """
    return state is AttemptState.DELIVERED and not (told.at_is_receipt and told.source is Source.QUERY)


def _begun(own: Sequence[Line], earlier: Sequence[Line]) -> bool:
    """Whether a channel has been begun, which means that the one before it was given up.

    “In progress” alone does not prove it while the channel before is said to be in progress
    too: Telesign does not state whether it lists channels that wait for their turn.
    """
    line = best(own)
    if line is None:
        return False
    return line.rank >= _UNDER_WAY or not earlier


def _ended_at(lane: Attempt, own: Sequence[Line], *, passed: bool) -> datetime | None:
    """When the channel ended without delivering, so that the next one began; ``None``: it has not."""
    moments = [line.at for line in own if line.state in ENDED]
    if moments:
        return min(moments)
    if passed or lane.state in ENDED:
        return lane.fallback_at or lane.updated_at or lane.started_at
    return None


def _started_at(
    state: AttemptState, own: Sequence[Line], ended_before: datetime | None, before: Attempt | None
) -> datetime | None:
    if state in (AttemptState.WAITING, AttemptState.SKIPPED):
        return None
    first = min([line.at for line in own], default=None)
    if ended_before is None:
        return first
    if before is None or first is None:
        return ended_before  # the acceptance, which no report of ours can precede
    return min(first, ended_before)


def _reference(own: Sequence[Line]) -> str | None:
    return next((line.reference_id for line in own if line.reference_id), None)


def _plus(moment: datetime, span: timedelta) -> datetime | None:
    try:
        return moment + span
    except OverflowError:
        return None


def not_taken(post: Posting) -> bool:
    """Whether it is settled that Telesign has no such message and none will be sent."""
    return post.state in (MessageState.REFUSED, MessageState.NOT_SENT) and post.retry_at is None


def made_by(lines: Sequence[Line]) -> tuple[str, ...]:
    """The channels that delivered, in the order they did."""
    first: dict[str, datetime] = {}
    for channel, own in by_channel(lines).items():
        moments = [line.at for line in own if line.rank >= DELIVERED_RANK]
        if moments:
            first[channel] = min(moments)
    return tuple(sorted(first, key=first.__getitem__))


def outcome_of(
    post: Posting, lanes: Sequence[Attempt], lines: Sequence[Line], *, expired: bool
) -> CascadeOutcome:
    """What became of the customer's message; ``expired``: no question to Telesign can tell any more."""
    rank = max([line.rank for line in lines], default=0)
    if rank >= RANK[AttemptState.READ]:
        return CascadeOutcome.READ
    if rank >= DELIVERED_RANK:
        return CascadeOutcome.DELIVERED
    if post.state is not MessageState.ACCEPTED:
        if post.state is MessageState.UNCONFIRMED:
            return CascadeOutcome.UNDECIDED
        return CascadeOutcome.FAILED if not_taken(post) else CascadeOutcome.WAITING
    if post.decided:
        return CascadeOutcome.UNDECIDED
    return _outcome_under_way(lanes, lines, expired=expired)


def _outcome_under_way(lanes: Sequence[Attempt], lines: Sequence[Line], *, expired: bool) -> CascadeOutcome:
    states = {lane.state for lane in lanes}
    over = any(line.over for line in lines)
    if states & OPEN or not (states or over):
        return CascadeOutcome.UNDECIDED if expired else CascadeOutcome.WAITING
    if AttemptState.UNCONFIRMED in states or any(line.state is AttemptState.UNCONFIRMED for line in lines):
        return CascadeOutcome.UNDECIDED
    return CascadeOutcome.FAILED


def deciding_code(
    outcome: CascadeOutcome, post: Posting, lanes: Sequence[Attempt], lines: Sequence[Line]
) -> int | None:
    """The code that explains the state or the outcome; ``None`` where no code does."""
    if post.state is not MessageState.ACCEPTED:
        return post.code
    if outcome in (CascadeOutcome.DELIVERED, CascadeOutcome.READ):
        line = best(lines)
        return line.code if line else None
    if outcome is CascadeOutcome.WAITING:
        return None
    if any(line.code == NO_CHANNEL_ENABLED for line in lines):
        return NO_CHANNEL_ENABLED
    told: Mapping[AttemptState, int | None] = {
        lane.state: lane.code for lane in lanes if lane.code is not None
    }
    wanted = (
        (AttemptState.UNCONFIRMED,)
        if outcome is CascadeOutcome.UNDECIDED
        else (AttemptState.FAILED, AttemptState.TIMED_OUT)
    )
    for state in wanted:
        if state in told:
            return told[state]
    line = best([each for each in lines if each.channel is None and each.rank >= _FAILED])
    return line.code if line else None

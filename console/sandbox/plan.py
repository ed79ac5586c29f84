"""What will happen to an order in a scenario: dated steps, all known at the acceptance.

One rule drives it: a channel has its fallback time. If it delivers in that time, the channels
after it are never tried; if it fails, the next begins at once; if it does neither, it reports
3056 when the time ends and the next begins. Pure functions; every moment is in provider
seconds after the acceptance.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from console.sandbox.orders import ChannelOrder, Order
from console.sandbox.scenarios import Reply, Scenario, Since, Turn
from console.sandbox.texts import describe, known

IN_PROGRESS: Final = 3001
TIMED_OUT: Final = 3056
DELIVERED: Final = frozenset({3000, 3005})
_MOVING: Final = frozenset({3001, 3002, 3004, 3040})
_FAULT_AFTER: Final = 1.0
"""Provider seconds until a channel that cannot be tried says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A channel's status changes."""

    at: float
    channel: str
    code: int
    description: str
    told: tuple[float, ...]
    """Delays of the callbacks about it, provider seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The customer answers."""

    at: float
    reply: Reply


Step = Change | Answered


def moving(code: int) -> bool:
    """Whether a channel with this status may still deliver in its time (unknown codes may)."""
    return code in _MOVING or not known(code)


def plan(order: Order, scenario: Scenario) -> tuple[Step, ...]:
    """Every step of this order, in the order of time; steps of one moment in the order told."""
    steps: list[Step] = []
    start: float | None = 0.0
    for place, channel in enumerate(order.channels):
        if start is None:
            break
        steps.append(_change(start, channel.channel, IN_PROGRESS, ()))
        last = place == len(order.channels) - 1
        played = list(_play(channel, scenario, start=start, last=last))
        start = _handed_over(played)
        steps.extend(played)
        steps.extend(_replies(channel, scenario, played))
    for name, turns in scenario.others.items():
        steps.extend(_change(turn.after, name, turn.code, _told(turn, scenario)) for turn in turns)
    # The next channel begins in the same moment as the failure before it, and must be part of
    # what is told about that failure: beginnings sort first. Python's sort keeps the rest.
    return tuple(sorted(steps, key=lambda step: (step.at, not _is_beginning(step))))


def _play(channel: ChannelOrder, scenario: Scenario, *, start: float, last: bool) -> Iterator[Change]:
    if channel.fault is not None:
        description = describe(channel.fault, channel.fault_value)
        yield Change(
            at=start + _FAULT_AFTER,
            channel=channel.channel,
            code=channel.fault,
            description=description,
            told=scenario.told,
        )
        return
    turns = scenario.viber if channel.channel == "viber" else scenario.sms
    timeout = start + channel.fallback_time
    early = [turn for turn in turns if turn.since is Since.START and turn.after < channel.fallback_time]
    for turn in early:
        yield _change(start + turn.after, channel.channel, turn.code, _told(turn, scenario))
    ended = any(not moving(turn.code) for turn in early)
    # A last channel that has said something has nobody to hand over to: its word stands.
    if ended or (last and early):
        return
    told = scenario.told if scenario.timeout_told is None or last else scenario.timeout_told
    yield _change(timeout, channel.channel, TIMED_OUT, told)
    for turn in turns:
        if turn.since is Since.TIMEOUT:
            yield _change(timeout + turn.after, channel.channel, turn.code, _told(turn, scenario))


def _handed_over(played: list[Change]) -> float | None:
    """When the next channel begins: at the first failure, or never."""
    for change in played:
        if change.code in DELIVERED:
            return None
        if not moving(change.code):
            return change.at
    return None


def _replies(channel: ChannelOrder, scenario: Scenario, played: list[Change]) -> Iterator[Answered]:
    delivered = next((change.at for change in played if change.code in DELIVERED), None)
    if delivered is not None:
        for reply in scenario.replies:
            if reply.channel == channel.channel:
                yield Answered(at=delivered + reply.after, reply=reply)


def _change(at: float, channel: str, code: int, told: tuple[float, ...]) -> Change:
    return Change(at=at, channel=channel, code=code, description=describe(code), told=told)


def _told(turn: Turn, scenario: Scenario) -> tuple[float, ...]:
    return scenario.told if turn.told is None else turn.told


def _is_beginning(step: Step) -> bool:
    return isinstance(step, Change) and step.code == IN_PROGRESS

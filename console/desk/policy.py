"""The rules of trying again, as plain functions: what may be repeated, when, how often."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from console.cascade.outcome import MessageState, Timeline
from console.cascade.sending import REPEATABLE

MOST_ATTEMPTS: Final = 5
"""POSTs of one message at most, by policy. Each of the earlier ones was certainly not taken."""
_REFUSED_DELAYS: Final = (2.0, 6.0, 20.0, 60.0)
"""Seconds after a 3204 or 3500."""
_UNCONNECTED_DELAYS: Final = (1.0, 3.0)
"""Seconds after a connection that was never established."""
STALE: Final = timedelta(minutes=10)
"""What should have been sent longer ago than this, and was not (the program had ended, the computer
slept), is not sent by itself: a person decides whether its moment has passed."""
REPEAT_WINDOW: Final = timedelta(minutes=10)
"""The same text to the same number within this asks first."""

_FIRST_QUESTION: Final = 20.0
"""Seconds after the fallback moment without news until Telesign is asked."""
_QUESTION_PAUSES: Final = (60.0, 180.0, 600.0, 1800.0, 3600.0)
QUESTIONS_END: Final = timedelta(hours=12)
"""A reference can be asked for this long (documented)."""


def delay_after_refusal(code: int, attempt: int, jitter: float) -> float | None:
    """Seconds until the POST may be repeated after Telesign's ``code``; ``None``: never.

    ``attempt`` counts from 1; ``jitter`` is 0–1 and spreads the moments of many desks.
    """
    if code not in REPEATABLE or attempt >= MOST_ATTEMPTS:
        return None
    return _spread(_REFUSED_DELAYS[min(attempt, len(_REFUSED_DELAYS)) - 1], jitter)


def delay_after_no_connection(attempt: int, jitter: float) -> float | None:
    """Seconds until the POST may be repeated after a connection was never established."""
    if attempt > len(_UNCONNECTED_DELAYS):
        return None
    return _spread(_UNCONNECTED_DELAYS[attempt - 1], jitter)


def _spread(seconds: float, jitter: float) -> float:
    return seconds * (0.85 + 0.3 * jitter)


def first_question(timeline: Timeline) -> datetime | None:
    """When Telesign's status should first be asked for, if no report comes; ``None``: never."""
    accepted = timeline.state is MessageState.ACCEPTED and timeline.reference_id is not None
    if not accepted or timeline.settled or timeline.accepted_at is None:
        return None
    wait = timedelta(seconds=(timeline.fallback_time + _FIRST_QUESTION) / timeline.time_scale)
    return timeline.accepted_at + wait


def next_question(timeline: Timeline, *, asked: int, now: datetime) -> datetime | None:
    """When Telesign's status should be asked for again, after ``asked`` questions; ``None``: never."""
    start = timeline.accepted_at or timeline.created_at
    if timeline.settled or timeline.reference_id is None or start is None:
        return None
    scale = timeline.time_scale
    if (now - start) * scale >= QUESTIONS_END:
        return None
    return now + timedelta(seconds=_QUESTION_PAUSES[min(asked, len(_QUESTION_PAUSES)) - 1] / scale)


def reconnect_delay(failures: int, jitter: float) -> float:
    """Seconds until the relay is tried again after ``failures`` failures in a row (at least 1)."""
    return min(30.0, 0.5 * 2.0 ** min(failures - 1, 8)) * (0.5 + jitter)

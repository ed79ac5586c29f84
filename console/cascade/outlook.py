"""What to say about a timeline at one moment: the only place where the moment matters."""

from __future__ import annotations

from datetime import datetime

from console.cascade.outcome import Outlook, Timeline


def outlook(timeline: Timeline, now: datetime) -> Outlook:
    """What to tell the agent about ``timeline`` at ``now``; clock times are in ``now``'s timezone."""
    raise NotImplementedError


def next_moment(timeline: Timeline, now: datetime) -> datetime | None:
    """The next moment after ``now`` at which :func:`outlook` changes by itself; ``None``: never."""
    raise NotImplementedError

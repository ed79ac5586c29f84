"""What the words of a timeline's events depend on, and how they are put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from console.cascade.facts import Queued
from console.cascade.lanes import Plan
from console.cascade.outcome import Attempt
from console.cascade.sending import Posting


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What the words of an event depend on besides its own fact."""

    plan: Plan
    queued: Queued | None
    post: Posting
    lanes: Sequence[Attempt]
    floor: datetime | None

    def lane(self, channel: str) -> Attempt | None:
        """That channel's lane."""
        return next((lane for lane in self.lanes if lane.channel == channel), None)

    def next_after(self, channel: str) -> Attempt | None:
        """The lane that takes over from a channel; ``None`` for the last one and for unplanned ones."""
        planned = self.plan.channels
        if channel in planned[:-1]:
            return self.lane(planned[planned.index(channel) + 1])
        return None

    def since_start(self, moment: datetime) -> timedelta | None:
        """Time since the agent pressed Send."""
        return max(moment - self.queued.at, timedelta(0)) if self.queued else None


def join(*sentences: str) -> str:
    """The sentences there are, one after the other."""
    return " ".join(sentence for sentence in sentences if sentence)

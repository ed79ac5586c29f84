"""How soon Viber delivers, learned from messages most of which were not waited for to the end.

Which estimator answers which question:

* "What share of messages has Viber delivered by *t*, if it is given at least *t*?" is the cumulative
  incidence of delivery, after Aalen and Johansen. A certain failure (no Viber on that number) *competes*
  with delivery: it is an answer, not a missing one. One minus Kaplan–Meier with failures counted as
  censored would answer for a world in which nobody lacks Viber, and promise too much.
* Where nothing failed, the same figure is one minus Kaplan–Meier, and its variance is Greenwood's.

The fallback *censors*: Viber was given no more time. A Viber delivery reported after the fallback is
**not** counted as an event at its late moment: the messages that stayed silent have no such later
moment, and a follow-up that is longer for those who succeed makes the curve too high. Every message is
followed to its fallback and no further, whatever came later.

The share that never arrives (the cure fraction) is not extrapolated: beyond the longest follow-up
nothing is claimed, unless nobody was left waiting by then. Censoring is taken to be unrelated to how
soon a message would have arrived, which is so while the fallback time is not chosen by customer.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_Z: Final = 1.959963984540054
"""Of the normal distribution, for a band of 95 %."""
_TAIL: Final = 0.025
"""What such a band leaves out on each side."""


class Ending(StrEnum):
    """How the follow-up of one message on Viber ended."""

    DELIVERED = "delivered"
    FAILED = "failed"
    """For certain: the event that competes with delivery."""
    CENSORED = "censored"
    """By the fallback, or still undecided."""


@dataclass(frozen=True, slots=True)
class Observation:
    """One message on Viber.

    Raises:
        ValueError: ``seconds`` is negative or not finite.
    """

    seconds: float
    """Provider time from acceptance to the ending; 0 and more."""
    ending: Ending

    def __post_init__(self) -> None:
        if not (math.isfinite(self.seconds) and self.seconds >= 0):
            raise ValueError("a follow-up lasts 0 seconds or longer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Cumulative incidence of delivery: 0 before its first step, each step counting at once."""

    times: tuple[float, ...]
    """Where deliveries happened, ascending, seconds."""
    shares: tuple[float, ...]
    """Share delivered at and after each time, 0 to 1."""
    low: tuple[float, ...]
    high: tuple[float, ...]
    """Pointwise 95 % band (log-log, so that it stays within 0 to 1)."""
    n: int
    delivered: int
    failed: int
    horizon: float
    """The longest follow-up, seconds."""
    settled: bool
    """Whether nobody was left waiting then: the curve goes on as it is. Else nothing is known beyond."""

    def at(self, seconds: float) -> float | None:
        """The share delivered by ``seconds``; ``None`` where nothing is known."""
        return self._step(self.shares, seconds)

    def band(self, seconds: float) -> tuple[float, float] | None:
        """The 95 % band at ``seconds``; ``None`` where nothing is known."""
        low, high = self._step(self.low, seconds), self._step(self.high, seconds)
        return None if low is None or high is None else (low, high)

    def _step(self, values: tuple[float, ...], seconds: float) -> float | None:
        if seconds > self.horizon and not self.settled:
            return None
        index = bisect_right(self.times, seconds)
        return values[index - 1] if index else 0.0


def estimate(observations: Iterable[Observation]) -> Curve:
    """The curve of ``observations``, in any order; endings at the same time as a censoring come first."""
    return estimate_counted(Counter(observations))


def estimate_counted(observations: Mapping[Observation, int]) -> Curve:
    """As :func:`estimate`, with how often each was seen (1 and more)."""
    counts: Counter[tuple[float, Ending]] = Counter()
    for each, seen in observations.items():
        counts[each.seconds, each.ending] += seen
    n = at_risk = sum(counts.values())
    surviving, share = 1.0, 0.0
    # The variance after Marubini and Valsecchi, its sums kept so that each time costs the same.
    a = b = c = d = e = 0.0
    times, shares, low, high = [], [], [], []
    delivered = failed = 0
    moments = sorted({seconds for seconds, _ in counts})
    for moment in moments:
        arrived = counts[moment, Ending.DELIVERED]
        lost = counts[moment, Ending.FAILED]
        ended = arrived + lost
        before = surviving
        share += before * arrived / at_risk
        surviving *= 1 - ended / at_risk
        if ended < at_risk:  # else nobody is left, and the share does not move again: no later term
            hazard = ended / (at_risk * (at_risk - ended))
            a, b, c = a + hazard, b + share * hazard, c + share * share * hazard
        d += before * before * arrived * (at_risk - arrived) / at_risk**3
        weight = before * arrived / (at_risk * at_risk)
        e += weight * share
        b += weight
        if arrived:
            variance = share * share * a - 2 * share * b + c + d + 2 * e
            lower, upper = _band(share, max(variance, 0.0), delivered + arrived)
            times.append(moment)
            shares.append(min(share, 1.0))
            low.append(lower)
            high.append(upper)
        delivered, failed = delivered + arrived, failed + lost
        at_risk -= ended + counts[moment, Ending.CENSORED]
    return Curve(
        times=tuple(times),
        shares=tuple(shares),
        low=tuple(low),
        high=tuple(high),
        n=n,
        delivered=delivered,
        failed=failed,
        horizon=moments[-1] if moments else 0.0,
        settled=bool(moments) and not counts[moments[-1], Ending.CENSORED],
    )


def _band(share: float, variance: float, delivered: int) -> tuple[float, float]:
    if share > 1 - 1e-12:  # all have arrived, but for rounding; the logarithm below would magnify it
        # No variance is left to go by. Clopper and Pearson's exact limit for all of so many is.
        return _TAIL ** (1 / delivered), 1.0
    spread = _Z * math.sqrt(variance) / (share * math.log(share))
    return share ** math.exp(-spread), share ** math.exp(spread)

"""The scale of the fallback slider, and of everything that stands above or below it.

The steps stand at equal distances, so the scale is far from linear; a value between two steps
stands between them by proportion, as the steps themselves grow.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from typing import Final

from console.cascade.message import FALLBACK_MAX, FALLBACK_MIN, FALLBACK_STEPS

INSET: Final = 11.0
"""Pixels between the edge of the slider and the first step: room for its handle."""
_LAST: Final = len(FALLBACK_STEPS) - 1


def scale(width: int) -> tuple[float, float]:
    """Where the scale begins in something ``width`` pixels wide, and how long it is; at least 1."""
    return INSET, max(width - 2 * INSET, 1.0)


def place_of(seconds: float) -> float:
    """Where a value stands on the scale, 0 to 1."""
    seconds = min(max(seconds, FALLBACK_MIN), FALLBACK_MAX)
    upper = bisect_left(FALLBACK_STEPS, seconds)
    if FALLBACK_STEPS[upper] == seconds:
        return upper / _LAST
    low, high = FALLBACK_STEPS[upper - 1], FALLBACK_STEPS[upper]
    return (upper - 1 + math.log(seconds / low) / math.log(high / low)) / _LAST


def seconds_at(place: float) -> float:
    """What stands at a place of the scale: the inverse of :func:`place_of`."""
    steps = min(max(place, 0.0), 1.0) * _LAST
    lower = min(int(steps), _LAST - 1)
    low, high = FALLBACK_STEPS[lower], FALLBACK_STEPS[lower + 1]
    return low * math.pow(high / low, steps - lower)


def step_at(place: float) -> int:
    """The step nearest to a place on the scale."""
    return FALLBACK_STEPS[min(max(round(place * _LAST), 0), _LAST)]


def step_from(seconds: int, steps: int) -> int:
    """The value ``steps`` steps above (or, negative, below) ``seconds``."""
    if steps > 0:
        index = bisect_right(FALLBACK_STEPS, seconds) + steps - 1
    else:
        index = bisect_left(FALLBACK_STEPS, seconds) + steps
    return FALLBACK_STEPS[min(max(index, 0), _LAST)]

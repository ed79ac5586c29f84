"""The fold: facts to a timeline, for an ordinary cascade and for one that was told much."""

from __future__ import annotations

import time
from collections.abc import Sequence

from console.cascade.facts import Fact
from console.cascade.timeline import fold
from tests.benchmarks.machine import Given
from tests.benchmarks.stock import facts_of
from tests.benchmarks.table import Figure, of_runs


def _microseconds(facts: Sequence[Fact], times: int) -> float:
    began = time.perf_counter()
    for _ in range(times):
        fold(facts)
    return (time.perf_counter() - began) / times * 1e6


def measure(given: Given) -> list[Figure]:
    """Five facts, and ten times as many reports: the cost of a fact must not rise with their number."""
    few = [fact for fact, _ in facts_of(1, (1, 3))]
    many = few + [fact for n in range(2, 50) for fact, _ in facts_of(n, (3,))[3:]]
    runs = given.either(7, 25)
    one = [_microseconds(few, 300) for _ in range(runs)]
    more = [_microseconds(many, 30) for _ in range(runs)]
    ratios = [(b / len(many)) / (a / len(few)) for a, b in zip(one, more, strict=True)]
    return [
        of_runs("fold.ordinary", f"an ordinary cascade, {len(few)} facts", one, "µs"),
        of_runs("fold.long", f"{len(many)} facts, cost of one against the ordinary", ratios, "×", budget=1.5),
    ]

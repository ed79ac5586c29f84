"""Typing: from a key press until the character and the counters are painted."""

from __future__ import annotations

from tests.benchmarks.machine import Given, console_on
from tests.benchmarks.table import Figure, of_runs, percentile

LENGTH = 1000


def measure(given: Given) -> list[Figure]:
    """One window a run; keys come one by one, each after the last was painted."""
    presses = given.either(300, 1000)
    worst, middle = [], []
    for number in range(given.either(3, 7)):
        folder = given.place / f"typing{number}"
        with console_on(given.environment, folder) as window:
            window.told()
            window.ask(do="settle", seconds=0.5)
            window.ask(do="typing", length=LENGTH, presses=20)
            found = [
                each * 1000 for each in window.ask(do="typing", length=LENGTH, presses=presses)["seconds"]
            ]
        worst.append(percentile(found, 0.99))
        middle.append(percentile(found, 0.5))
    what = f"a key in {LENGTH} characters until it and its counter are painted"
    return [
        of_runs("typing.p50", f"{what}, median", middle, "ms"),
        of_runs("typing.p99", f"{what}, p99", worst, "ms", budget=16.0),
    ]

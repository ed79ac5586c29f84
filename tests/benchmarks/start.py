"""Start-up: a bare window and the console take turns, with nothing and with much in the journal."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from console.desk.settings import journal_dir
from tests.benchmarks.machine import ROOT, Given, child, console_on
from tests.benchmarks.stock import fill_journal
from tests.benchmarks.table import Figure, of_runs, percentile, ratio

MESSAGES: Final = 100_000
"""With five facts each."""


def profile(given: Given, name: str, messages: int) -> Path:
    """A data folder whose default profile has so many messages; made once."""
    folder = given.place / name
    if not folder.exists():
        fill_journal(journal_dir(folder, "default", sandbox=False), messages)
    return folder


def floor_once(given: Given) -> float:
    """Seconds from the start of the process until a bare window is painted."""
    with child(given.environment, "tests.benchmarks.probe", "floor") as window:
        return float(window.told()["typed"]) - window.began


def console_once(given: Given, folder: Path, *, listed: bool) -> dict[str, float]:
    """The same of the console until a key is painted, its journal is open, its history is painted."""
    with console_on(given.environment, folder) as window:
        told = window.told()
        if listed:
            told |= window.ask(do="listed")
        return {name: float(moment) - window.began for name, moment in told.items()}


def measure(given: Given) -> list[Figure]:
    """Every start is a process of its own; the first of each kind, which fills caches, does not count."""
    runs = given.either(7, 25)
    full = profile(given, "full", MESSAGES)
    empty = given.place / "empty"
    one = profile(given, "one", 1)
    floors: list[float] = []
    empties: list[dict[str, float]] = []
    ones: list[dict[str, float]] = []
    fulls: list[dict[str, float]] = []
    for number in range(-1, runs):
        found = (
            floor_once(given),
            console_once(given, empty / str(number), listed=False),
            console_once(given, one, listed=True),
            console_once(given, full, listed=True),
        )
        if number >= 0:
            for kept, value in zip((floors, empties, ones, fulls), found, strict=True):
                kept.append(value)  # type: ignore[attr-defined]
    return [
        of_runs("start.floor", "a bare window, until painted", floors, "s"),
        ratio(
            "start.empty",
            "until ready to type and a key is painted, new profile",
            _each(empties, "typed"),
            floors,
            of="s",
            budget=3.0,
            note=f"p99 {percentile(_each(empties, 'typed'), 0.99):.3g} s",
        ),
        ratio(
            "start.full",
            f"the same with {MESSAGES:,} messages, against the new profile",
            _each(fulls, "typed"),
            _each(empties, "typed"),
            of="s",
            budget=1.2,
        ),
        ratio(
            "start.attached",
            "until the journal is open and Send possible, full against new",
            _each(fulls, "attached"),
            _each(empties, "attached"),
            of="s",
            budget=1.2,
        ),
        ratio(
            "start.listed",
            f"until the history is painted, {MESSAGES:,} messages against one",
            _each(fulls, "listed"),
            _each(ones, "listed"),
            of="s",
            budget=1.2,
        ),
        *_imports(given),
    ]


def _each(runs: Sequence[dict[str, float]], name: str) -> list[float]:
    return [run[name] for run in runs]


def _imports(given: Given) -> list[Figure]:
    """What the first window imports: time, and the ten modules that take most of it themselves."""
    times, slowest = [], ""
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-X", "importtime", "-c", "import console.cli, console.app, qasync"],
            cwd=ROOT,
            env=dict(given.environment),
            capture_output=True,
            text=True,
            check=True,
        )
        rows = [line.removeprefix("import time:").split("|") for line in done.stderr.splitlines()]
        own = sorted(
            ((int(row[0]), row[2].strip()) for row in rows if row[0].strip().isdigit()), reverse=True
        )
        times.append(sum(each for each, _ in own) / 1000)
        slowest = ", ".join(f"{name} {each / 1000:.0f}" for each, name in own[:10])
    what = f"imports before the first window, under -X importtime ({statistics.median(times):.0f} ms)"
    return [of_runs("start.imports", what, times, "ms", note=slowest)]

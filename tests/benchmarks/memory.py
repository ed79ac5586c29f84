"""Resident memory against a bare window, and its growth over callbacks."""

from __future__ import annotations

import contextlib
import shutil
import time
from pathlib import Path

from console.desk.settings import journal_dir
from tests.benchmarks.machine import Given, child, console_on, memory
from tests.benchmarks.relay_bench import serving
from tests.benchmarks.services import account
from tests.benchmarks.start import MESSAGES, profile
from tests.benchmarks.stock import fill_journal, fill_relay
from tests.benchmarks.table import Figure, of_runs, ratio, slope

_REST = 4.0
"""Seconds a window rests before it is weighed."""


def floor_weight(given: Given) -> dict[str, float]:
    """MiB of a bare window."""
    with child(given.environment, "tests.benchmarks.probe", "floor") as window:
        window.told()
        time.sleep(1)
        return memory(window.process.pid)


def console_weight(given: Given, folder: Path, *, listed: bool) -> dict[str, float]:
    """MiB of the console at rest."""
    with console_on(given.environment, folder) as window:
        window.told()
        if listed:
            window.ask(do="listed")
        window.ask(do="settle", seconds=_REST)
        return memory(window.process.pid)


def measure(given: Given) -> list[Figure]:
    """The same folders as in ``start``."""
    full = profile(given, "full", MESSAGES)
    floors, empties, fulls = [], [], []
    for number in range(given.either(2, 5)):
        floors.append(floor_weight(given))
        empties.append(console_weight(given, given.place / f"light{number}", listed=False))
        fulls.append(console_weight(given, full, listed=True))
    figures = []
    for kind, budgets in (("rss", (1.8, 2.2)), ("pss", (None, None))):
        floor = [each[kind] for each in floors]
        figures += [
            of_runs(f"memory.floor_{kind}", f"a bare window, {kind.upper()}", floor, "MiB"),
            ratio(
                f"memory.empty_{kind}",
                f"idle, new profile, {kind.upper()}",
                [each[kind] for each in empties],
                floor,
                of="MiB",
                budget=budgets[0],
            ),
            ratio(
                f"memory.full_{kind}",
                f"idle, {MESSAGES:,} messages, {kind.upper()}",
                [each[kind] for each in fulls],
                floor,
                of="MiB",
                budget=budgets[1],
            ),
        ]
    return [*figures, _growth(given)]


def _growth(given: Given) -> Figure:
    """How the weight rises while callbacks come in as fast as they can be taken.

    All samples are taken at work, in the second half: the first one fills caches, which takes 150,000
    callbacks. Python takes memory by the MiB: over the second half of a quick run one such step counts for
    7 MiB a million: only the full run, of a million, can tell.
    """
    steps = (0, 1, 2, 3, 4)
    messages = given.either(60_000, 200_000)
    callbacks = messages * len(steps)
    folder = given.place / "grows"
    fill_journal(journal_dir(folder, "default", sandbox=False), messages, waiting=messages)
    store = given.place / "growth.db"
    fill_relay(store, range(messages), steps)
    samples: list[tuple[int, float]] = []
    with contextlib.ExitStack() as stack:
        port, _ = stack.enter_context(serving(f"sqlite:///{store}"))
        environment = {**given.environment, **account(relay_url=f"http://127.0.0.1:{port}")}
        window = stack.enter_context(console_on(environment, folder))
        window.told()
        window.ask(do="settle", seconds=0)
        ended = 0
        while ended < callbacks:
            time.sleep(0.25)
            ended = int(window.ask(do="ingested")["callbacks"])
            samples.append((ended, memory(window.process.pid)["rss"]))
    shutil.rmtree(folder)
    store.unlink()
    counted = [sample for sample in samples if sample[0] >= callbacks / 2]
    rise = slope(counted)
    return Figure(
        key="memory.growth",
        what="growth over a million callbacks",
        value=rise * 1_000_000,
        unit="MiB",
        budget=5.0,
        note=f"slope over {callbacks:,}: {counted[0][1]:.1f} MiB at half, then {counted[-1][1]:.1f}"
        f"{'; one step is 7 a million' if given.quick else ''}",
    )

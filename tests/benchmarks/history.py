"""Long histories: searching key by key, scrolling, jumping, and a new row on top."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from console.desk.settings import journal_dir
from tests.benchmarks.machine import Child, Given, console_on
from tests.benchmarks.services import account
from tests.benchmarks.start import MESSAGES, profile
from tests.benchmarks.stock import fill_journal
from tests.benchmarks.table import Figure, percentile

MANY: Final = 1_000_000
_FRAME: Final = 8.3
"""Milliseconds: half of what a screen with 60 frames a second leaves."""
_KEYS: Final = ("order tomor", "+1202555012", "zq", "discount 77")


def measure(given: Given) -> list[Figure]:
    """A history of real messages, and one ten times as long that holds what lists need."""
    figures = []
    folder = profile(given, "full", MESSAGES)
    with _window(given, folder) as window:
        told = [window.ask(do="search", text=word) for _ in range(given.either(1, 3)) for word in _KEYS]
        keys = [each * 1000 for one in told for each in one["seconds"]]
        whole = [each * 1000 for one in told for each in one["whole"]]
        figures.append(
            Figure(
                key="history.search",
                what=f"a key of a search until the rows on screen are the final ones, p99, {MESSAGES:,} rows",
                value=percentile(keys, 0.99),
                unit="ms",
                budget=50.0,
                note=f"median {percentile(keys, 0.5):.1f} ms of {len(keys)} keys;"
                f" until the whole list and its number are there, p99 {percentile(whole, 0.99):.0f} ms",
            )
        )
        figures += _moved(given, window, MESSAGES)
        window.ask(do="gaps_begin")
        exported = window.ask(do="export", path=str(given.place / "export.csv"))
        gaps = [gap * 1000 for gap in window.ask(do="gaps_end")["gaps"]]
        note = f"took {exported['seconds']:.1f} s"
        what = f"longest gap of the window's loop while {MESSAGES:,} rows are exported"
        for key, text, value, most in (
            ("export_gap", what, max(gaps), 50.0),
            ("export_gap999", "the same, p99.9", percentile(gaps, 0.999), 16.7),
        ):
            figures.append(
                Figure(key=f"history.{key}", what=text, value=value, unit="ms", budget=most, note=note)
            )
    long = given.place / "long"
    fill_journal(journal_dir(long, "default", sandbox=False), MANY, lists_only=True)
    with _window(given, long) as window:
        figures += _moved(given, window, MANY)
    shutil.rmtree(long)
    return figures


@contextlib.contextmanager
def _window(given: Given, folder: Path) -> Iterator[Child]:
    with console_on({**given.environment, **account()}, folder) as window:
        window.told()
        window.ask(do="listed")
        window.ask(do="settle", seconds=2)
        yield window


def _moved(given: Given, window: Child, messages: int) -> list[Figure]:
    steps = given.either(150, 600)
    found = {
        "scroll": ("scrolling, a third of a page a frame", window.ask(do="scroll", steps=steps)),
        "jump": ("jumping through the whole", window.ask(do="scroll", steps=steps // 2, jump=True)),
        "prepend": ("a new row on top", window.ask(do="prepend", times=given.either(30, 100))),
    }
    figures = []
    for name, (what, told) in found.items():
        frames = [each * 1000 for each in told["seconds"]]
        figures.append(
            Figure(
                key=f"history.{name}_{messages}",
                what=f"{what}, work of the window's thread for a frame, p99, {messages:,} rows",
                value=percentile(frames, 0.99),
                unit="ms",
                budget=_FRAME,
                note=f"median {percentile(frames, 0.5):.2f} ms, worst {max(frames):.1f} of {len(frames)}",
            )
        )
    return figures

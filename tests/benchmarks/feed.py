"""The feed: how soon a callback is on the screen, and how soon a long absence is made up for."""

from __future__ import annotations

import contextlib
import shutil
from typing import Final

from console.desk.settings import journal_dir
from tests.benchmarks.machine import Given, child, console_on
from tests.benchmarks.relay_bench import serving
from tests.benchmarks.services import Teller, account
from tests.benchmarks.start import MESSAGES
from tests.benchmarks.stock import callback, fill_journal, fill_relay
from tests.benchmarks.table import Figure, percentile

_CONSOLES: Final = ((1, 100.0), (100, 100.0), (1000, 250.0))
"""How many there are with ours, and the budget in milliseconds."""
MISSED: Final = 50_000


def measure(given: Given) -> list[Figure]:
    """Latency first, on a small journal; then catching up on a large one."""
    return [*(_latency(given, count, budget) for count, budget in _CONSOLES), *_catching_up(given)]


def _latency(given: Given, consoles: int, budget: float) -> Figure:
    messages = given.either(25, 80)
    folder = given.place / f"feed{consoles}"
    fill_journal(journal_dir(folder, "default", sandbox=False), messages, waiting=messages)
    taken = []
    with contextlib.ExitStack() as stack:
        port, _ = stack.enter_context(serving(f"sqlite:///{folder / 'relay.db'}"))
        if consoles > 1:
            others = stack.enter_context(
                child(given.environment, "tests.benchmarks.readers", str(port), str(consoles - 1))
            )
            others.told()
        window = stack.enter_context(
            console_on({**given.environment, **account(relay_url=f"http://127.0.0.1:{port}")}, folder)
        )
        window.told()
        window.ask(do="live")
        window.ask(do="settle", seconds=1)
        teller = stack.enter_context(contextlib.closing(Teller(port)))
        for number in range(messages):
            window.ask(do="show", message_id=f"{number:032x}")
            rows = int(window.ask(do="rows")["timeline"])
            for step in (1, 2, 3):
                window.tell(do="event", rows=rows)
                told = teller.tell(callback(number, step))
                seen = window.told()
                rows = int(seen["rows"])
                if number >= 2:
                    taken.append((float(seen["painted"]) - told) * 1000)
    return Figure(
        key=f"feed.{consoles}",
        what=f"the relay's 200 until the timeline is painted, p99, {consoles:,} consoles",
        value=percentile(taken, 0.99),
        unit="ms",
        budget=budget,
        note=f"median {percentile(taken, 0.5):.1f} ms of {len(taken)}",
    )


def _catching_up(given: Given) -> list[Figure]:
    """A desk with a long history was away while callbacks about its latest messages came."""
    runs = given.either(1, 3)
    waiting = MISSED // 5
    store = given.place / "missed.db"
    fill_relay(store, range(MESSAGES - waiting, MESSAGES), (0, 1, 2, 3, 4))
    taken, gaps = [], []
    for number in range(runs):
        folder = given.place / f"away{number}"
        fill_journal(journal_dir(folder, "default", sandbox=False), MESSAGES, waiting=waiting)
        with contextlib.ExitStack() as stack:
            port, _ = stack.enter_context(serving(f"sqlite:///{store}"))
            window = stack.enter_context(
                console_on({**given.environment, **account(relay_url=f"http://127.0.0.1:{port}")}, folder)
            )
            began = float(window.told()["attached"])
            window.ask(do="gaps_begin")
            taken.append(float(window.ask(do="live")["live"]) - began)
            gaps += [gap * 1000 for gap in window.ask(do="gaps_end")["gaps"]]
        shutil.rmtree(folder)
    store.unlink()
    return [
        Figure(
            key="feed.catch_up",
            what=f"{MISSED:,} missed events, from the journal's opening until live",
            value=percentile(taken, 0.5),
            unit="s",
            low=min(taken),
            high=max(taken),
            budget=2.0,
        ),
        Figure(
            key="feed.catch_up_gap",
            what="longest gap of the window's loop meanwhile",
            value=max(gaps),
            unit="ms",
            budget=50.0,
        ),
        Figure(
            key="feed.catch_up_gap999",
            what="the same, p99.9",
            value=percentile(gaps, 0.999),
            unit="ms",
            budget=16.7,
        ),
    ]

"""Send: pressed until the row is painted, with a quick Telesign and with one that says nothing."""

from __future__ import annotations

from console.desk.settings import journal_dir
from tests.benchmarks.machine import Given, console_on
from tests.benchmarks.services import account, telesign
from tests.benchmarks.table import Figure, percentile


def measure(given: Given) -> list[Figure]:
    """Each message goes to a number of its own with a text of its own."""
    figures = []
    times = given.either(40, 200)
    for name, silent in (("quick", False), ("silent", True)):
        folder = given.place / f"send-{name}"
        # Sends that are never answered stay under way: fewer of them, as at a real desk.
        count = times // 4 if silent else times
        with (
            telesign(journal_dir(folder, "default", sandbox=False), silent=silent) as server,
            console_on({**given.environment, **account(api_url=server.url)}, folder) as window,
        ):
            window.told()
            window.ask(do="settle", seconds=0.5)
            taken = []
            for number in range(-3, count):
                if number == 0:
                    window.ask(do="gaps_begin")
                told = window.ask(do="send", number=f"+1202555{number + 1000:04d}", text=f"Number {number}")
                if number >= 0:
                    taken.append((told["painted"] - told["pressed"]) * 1000)
            gaps = [gap * 1000 for gap in window.ask(do="gaps_end")["gaps"]]
            server.ended.set()
        figures += [
            Figure(
                key=f"sending.{name}",
                what=f"Send until its row is painted, p99, Telesign {name}",
                value=percentile(taken, 0.99),
                unit="ms",
                budget=50.0,
                note=f"median {percentile(taken, 0.5):.1f} ms of {count}",
            ),
            Figure(
                key=f"sending.{name}_recorded",
                what="messages that reached Telesign without being in the journal",
                value=len(server.unrecorded),
                unit="",
                budget=0.0,
                note=f"of {server.received}",
            ),
            Figure(
                key=f"sending.{name}_gap",
                what="longest gap of the window's loop meanwhile",
                value=max(gaps),
                unit="ms",
                budget=50.0,
            ),
            Figure(
                key=f"sending.{name}_gap999",
                what="the same, p99.9",
                value=percentile(gaps, 0.999),
                unit="ms",
                budget=16.7,
            ),
        ]
    return figures

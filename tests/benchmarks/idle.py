"""At rest: what a console with a relay, and a relay with a console, take of a core."""

from __future__ import annotations

import contextlib
import time

from tests.benchmarks.machine import Given, console_on, cpu_seconds
from tests.benchmarks.relay_bench import serving
from tests.benchmarks.services import account
from tests.benchmarks.start import MESSAGES, profile
from tests.benchmarks.table import Figure, of_runs


def measure(given: Given) -> list[Figure]:
    """Live and with a history on screen; nothing happens meanwhile."""
    seconds = given.either(10, 30)
    folder = profile(given, "full", MESSAGES)
    console, relay = [], []
    with contextlib.ExitStack() as stack:
        port, server = stack.enter_context(serving(f"sqlite:///{given.place / 'idle.db'}"))
        window = stack.enter_context(
            console_on({**given.environment, **account(relay_url=f"http://127.0.0.1:{port}")}, folder)
        )
        window.told()
        window.ask(do="live")
        window.ask(do="settle", seconds=20)  # once after the start the journal is copied and checked
        for _ in range(given.either(3, 5)):
            began = time.monotonic()
            before = cpu_seconds(window.process.pid), cpu_seconds(server.pid)
            time.sleep(seconds)
            took = time.monotonic() - began
            console.append((cpu_seconds(window.process.pid) - before[0]) / took * 100)
            relay.append((cpu_seconds(server.pid) - before[1]) / took * 100)
    return [
        of_runs("idle.console", "the console, live, history shown", console, "% of a core", budget=0.5),
        of_runs("idle.relay", "the relay, one console waiting", relay, "% of a core", budget=1.0),
    ]

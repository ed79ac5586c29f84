"""A working day in minutes: sends, callbacks and replies against the sandbox in a process of its own,
whose provider time runs faster, and whether the console grows.

Eight hours with a message every half a minute are 960 messages; the reports and replies of each come
as its scenario says. Only what comes after the first fifth counts: caches fill, the allocator settles. And
nothing counts before the oldest timer of a request could have ended: until then each request adds some.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.benchmarks.machine import ROOT, Given, console_on, descriptors, memory
from tests.benchmarks.table import Figure, slope

HOURS: Final = 8
EVERY: Final = 30.0
"""Seconds of the day between two messages."""
_SPEED: Final = 150.0
_ENDINGS: Final = ("01", "02", "03", "06", "14", "18")
"""Delivered, read, SMS in time, failed over, answered, late."""
_COUNTED: Final = 0.2
_TIMERS: Final = 75.0
"""Seconds. qasync drops the timer of a time-out that was called off only when its time comes, and the longest
one, of a long poll, is 70 s: from here on as many end as begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The console at one moment."""

    messages: int
    at: float
    """Seconds since the day began."""
    rss: float
    """MiB."""
    descriptors: int
    python: int
    """Objects that Python's collector knows."""
    qt: int
    journal: int
    """KiB."""

    def counts(self, messages: int) -> bool:
        """Whether caches are full and as many timers end as begin, in a day of so many messages."""
        return self.messages >= messages * _COUNTED and self.at >= _TIMERS


@contextlib.contextmanager
def sandbox(speed: float) -> Iterator[dict[str, str]]:
    """``cascade sandbox``; the environment for a console that uses it."""
    with subprocess.Popen(
        [sys.executable, "-m", "console", "sandbox", "--speed", str(speed)],
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        told: dict[str, str] = {}
        try:
            while "CASCADE_RELAY_TOKEN" not in told:
                line = process.stdout.readline()
                if not line:
                    raise RuntimeError("the sandbox has not started")
                name, equals, value = line.strip().partition("=")
                if equals:
                    told[name] = value
            yield told
        finally:
            process.terminate()


def day(
    environment: Mapping[str, str], folder: Path, messages: int, speed: float
) -> tuple[list[Sample], dict[str, int]]:
    """Send so many messages at the day's pace.

    Returns a sample for every fortieth part, and how many objects of each type there were more at the
    end than when counting began.
    """
    samples: list[Sample] = []
    types: list[dict[str, int]] = []
    every = max(1, messages // 40)
    with (
        sandbox(speed) as account,
        console_on({**environment, **account, "NO_PROXY": "*"}, folder) as window,
    ):
        window.told()
        window.ask(do="live")
        window.ask(do="settle", seconds=0)
        began = time.monotonic()
        for number in range(messages):
            due = began + number * EVERY / speed
            time.sleep(max(0.0, due - time.monotonic()))
            ending = _ENDINGS[number % len(_ENDINGS)]
            window.ask(do="send", number=f"+120255501{ending}", text=f"Message {number} of this day")
            if number % every == every - 1:
                samples.append(
                    Sample(
                        messages=number + 1,
                        at=time.monotonic() - began,
                        rss=memory(window.process.pid)["rss"],
                        descriptors=descriptors(window.process.pid),
                        **window.ask(do="objects"),
                    )
                )
                if samples[-1].counts(messages) and not types:
                    types.append(window.ask(do="types"))
        types.append(window.ask(do="types"))
    return samples, {name: count - types[0].get(name, 0) for name, count in types[-1].items()}


def figures(samples: list[Sample], more: Mapping[str, int], messages: int) -> list[Figure]:
    """Slopes over what counts, for the whole day; of the journal what a message took later and earlier.

    Raises:
        ValueError: the day was too short for anything to count.
    """
    counted = [each for each in samples if each.counts(messages)]
    if not counted:
        raise ValueError("too short a day: nothing of it counts")
    whole = HOURS * 3600 / EVERY

    def rise(name: str) -> float:
        return slope([(each.messages, float(getattr(each, name))) for each in counted]) * whole

    half = len(counted) // 2
    early, late = (
        slope([(each.messages, each.journal) for each in part]) for part in (counted[:half], counted[half:])
    )
    last = counted[-1]
    most = ", ".join(
        f"{name.rpartition('.')[2]} +{count}" for name, count in Counter(more).most_common(5) if count > 0
    )
    return [
        Figure(
            key="soak.memory",
            what="memory, growth over the day",
            value=rise("rss"),
            unit="MiB",
            budget=5.0,
            note=f"{counted[0].rss:.1f} → {last.rss:.1f} MiB",
        ),
        Figure(
            key="soak.handles",
            what="open files and sockets, growth over the day",
            value=rise("descriptors"),
            unit="",
            budget=2.0,
            note=f"{counted[0].descriptors} → {last.descriptors}",
        ),
        Figure(
            key="soak.qobjects",
            what="Qt's objects, growth over the day",
            value=rise("qt"),
            unit="",
            budget=20.0,
            note=f"{counted[0].qt} → {last.qt}",
        ),
        Figure(
            key="soak.objects",
            what="Python's objects for each message of the day",
            value=rise("python") / whole,
            unit="",
            budget=10.0,
            note=f"{counted[0].python} → {last.python}: {most}",
        ),
        Figure(
            key="soak.journal",
            what="the journal, what a message adds later against earlier",
            value=late / early if early else float("nan"),
            unit="×",
            budget=1.2,
            note=f"{early:.1f} → {late:.1f} KiB a message",
        ),
    ]


def measure(given: Given) -> list[Figure]:
    """The whole day, or (quick) half of it: a shorter one would be over before its timers are."""
    messages = int(HOURS * 3600 / EVERY) // given.either(2, 1)
    samples, more = day(given.environment, given.place / "soak", messages, _SPEED)
    return figures(samples, more, messages)

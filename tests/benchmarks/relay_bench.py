"""The relay's figures, each as a ratio against something measured in the same run.

    python -m tests.benchmarks.relay_bench [--runs 5] [--seconds 4] [--readers 10000] [--json FILE]

Prints one table: figure, budget, met or not. Never fails by itself. Product and reference take
turns; medians and ranges. Needs PostgreSQL's binaries and files enough for the readers.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import platform
import resource
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
import uvloop

from console.relay.sqlite import SqliteStore
from tests.relay.conftest import KEY, TOKEN, report, signed
from tests.relay.postgres import Cluster, running_cluster

ROOT = Path(__file__).parents[2]
_FILL = """
WITH RECURSIVE numbers (n) AS (
    SELECT 1 WHERE :stored > 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < :stored
)
INSERT INTO events (digest, received_at, kind, reference_id, customer_id, signature, body)
SELECT randomblob(32), 1767323045678901 + n, 'delivery', hex(randomblob(16)), 'C', 's', randomblob(600)
FROM numbers
"""
"""Ten million callbacks over HTTP would take a quarter of an hour."""


def say(text: str = "") -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def fdatasync_ms(place: Path) -> float:
    """Median cost of one flush of 4 KiB."""
    times = []
    descriptor = os.open(place / "flush", os.O_RDWR | os.O_CREAT)
    for number in range(100):
        os.pwrite(descriptor, b"x" * 4096, number * 4096)
        started = time.perf_counter()
        os.fdatasync(descriptor)
        times.append(time.perf_counter() - started)
    os.close(descriptor)
    return statistics.median(times) * 1000


@contextlib.contextmanager
def process_at(port: int, *command: str, **environment: str) -> Iterator[psutil.Process]:
    """A server in a process of its own, from the moment it accepts until it has ended."""
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.01)
        yield psutil.Process(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


@contextlib.contextmanager
def serving(url: str) -> Iterator[tuple[int, psutil.Process]]:
    """Our relay on a database."""
    port = free_port()
    with process_at(
        port,
        "console.relay.cli",
        "serve",
        "--port",
        str(port),
        CASCADE_RELAY_DATABASE=url,
        CASCADE_RELAY_KEYS=f"{KEY.customer_id}:{KEY.api_key}",
        CASCADE_RELAY_TOKENS=f"c:{TOKEN}",
    ) as process:
        yield port, process


@contextlib.contextmanager
def server(kind: str, place: Path, cluster: Cluster) -> Iterator[tuple[int, psutil.Process]]:
    """A server of a kind with a new store: its port and the process."""
    port = free_port()
    path = place / f"{kind}-{port}.db"
    if kind in ("noop", "reference"):
        stored = [str(path)] if kind == "reference" else []
        with process_at(port, "tests.benchmarks.relay_reference", str(port), *stored) as process:
            yield port, process
    else:
        with serving(f"sqlite:///{path}" if kind == "sqlite" else cluster.new_database()) as served:
            yield served


def run_load(port: int, **options: float) -> dict[str, float]:
    given = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.relay_load", str(port), *given],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
        timeout=120,
    )
    told: dict[str, float] = json.loads(done.stdout)
    return told


async def park(port: int, process: psutil.Process, count: int) -> dict[str, float]:
    """Park readers, then wake them all with one callback."""
    before = process.memory_info().rss
    ask = f"GET /v1/events?wait=55 HTTP/1.1\r\nHost: r\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode()
    readers: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
    for first in range(0, count, 200):
        readers += await asyncio.gather(
            *(asyncio.open_connection("127.0.0.1", port, limit=2048) for _ in range(min(200, count - first)))
        )
        for _, writer in readers[first:]:
            writer.write(ask)
    await asyncio.sleep(2)
    parked = process.memory_info().rss
    spent = process.cpu_times()
    await asyncio.sleep(5)
    after = process.cpu_times()
    idle = (after.user + after.system - spent.user - spent.system) / 5
    body = report(int.from_bytes(os.urandom(6), "big"))
    sender, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"X-TS-Authorization: {signed(body)['X-TS-Authorization']}\r\nContent-Length: {len(body)}\r\n"
    started = time.perf_counter()
    writer.write(f"POST /callbacks/telesign HTTP/1.1\r\nHost: relay\r\n{head}\r\n".encode() + body)
    answers = await asyncio.gather(*(reader.readuntil(b"\r\n\r\n") for reader, _ in readers))
    took = time.perf_counter() - started
    await sender.readuntil(b"\r\n\r\n")
    for _, each in [*readers, (sender, writer)]:
        each.close()
    woken = sum(answer.startswith(b"HTTP/1.1 200") for answer in answers)
    return {"bytes": (parked - before) / count, "idle": idle, "seconds": took, "woken": woken}


def shown(values: Sequence[float], digits: int = 2) -> str:
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the table; ``met`` is ``None`` where there is no budget."""

    what: str
    measured: str
    budget: str = ""
    met: bool | None = None


def under_load(
    kinds: Sequence[str], runs: int, seconds: float, place: Path, cluster: Cluster
) -> list[Figure]:
    """Callbacks per second, their times at half that, and one alone; the kinds take turns."""
    rates: dict[str, list[float]] = {kind: [] for kind in kinds}
    slowest: dict[str, list[float]] = {kind: [] for kind in kinds}
    lone: dict[str, list[float]] = {kind: [] for kind in kinds}
    flushes: list[float] = []
    for number in range(runs):
        flushes.append(fdatasync_ms(place))
        for kind in kinds:
            with server(kind, place, cluster) as (port, _):
                run_load(port, seconds=1, connections=16)
                full = run_load(port, seconds=seconds)
                half = run_load(port, seconds=seconds, rate=full["per_second"] / 2)
                alone = run_load(port, seconds=2, rate=50, connections=1)
            assert not full["refused"] + half["refused"] + alone["refused"]
            rates[kind].append(full["per_second"])
            slowest[kind].append(half["p99_ms"])
            lone[kind].append(alone["p50_ms"])
            say(f"run {number + 1} {kind}: {full['per_second']:.0f}/s, p99 at half {half['p99_ms']:.1f} ms")
    figures = [Figure("one fdatasync, ms", shown(flushes, 3))]
    figures += [Figure(f"{kind}: callbacks/s", shown(rates[kind], 0)) for kind in kinds]
    flush = statistics.median(flushes)
    for kind, budget in (("sqlite", 0.6), ("postgresql", 0.4)):
        for rival, least in (("reference", budget), ("noop", None)):
            ratios = [a / b for a, b in zip(rates[kind], rates[rival], strict=True)]
            met = None if least is None else statistics.median(ratios) >= least
            what = f"{kind}: durable callbacks/s against the {rival} server"
            figures.append(Figure(what, shown(ratios), "" if least is None else f"≥ {least}", met))
        p99, alone_ms = statistics.median(slowest[kind]), statistics.median(lone[kind])
        what = f"{kind}: p99 at half that load, ms"
        figures.append(Figure(what, shown(slowest[kind]), "≤ 25", p99 <= 25))
        what = f"{kind}: one lone callback, ms ({alone_ms / flush:.1f} × fdatasync)"
        met = alone_ms <= 5 and alone_ms <= 10 * flush
        figures.append(Figure(what, shown(lone[kind]), "≤ 5, ≤ 10 ×", met))
    return figures


def parked(readers: int, place: Path, cluster: Cluster) -> list[Figure]:
    """What readers that wait cost, and how soon one event reaches them all."""
    figures = []
    for kind in ("reference", "sqlite", "postgresql"):
        with (
            server(kind, place, cluster) as (port, process),
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            told = runner.run(park(port, process, readers))
        held = kind != "reference"
        for what, figure, digits, most, budget in (
            ("KiB per parked reader", told["bytes"] / 1024, 1, 16.0, "≤ 16"),
            (f"% of a core with {readers} parked", told["idle"] * 100, 2, 1.0, "≤ 1"),
            (f"s until one event reached all {told['woken']:.0f}", told["seconds"], 2, 1.0, "≤ 1"),
        ):
            met = figure <= most if held else None
            figures.append(Figure(f"{kind}: {what}", f"{figure:.{digits}f}", budget if held else "", met))
    return figures


def restarted(stored: int, place: Path) -> Figure:
    """How soon a relay with ``stored`` events accepts again, from its start."""
    path = place / f"restart-{stored}.db"
    SqliteStore(path)  # makes the tables
    with contextlib.closing(sqlite3.connect(path)) as made, made:
        made.execute(_FILL, {"stored": stored})
    times = []
    for _ in range(3):
        began = time.perf_counter()
        with serving(f"sqlite:///{path}"):
            times.append(time.perf_counter() - began)
    most = 0.5 if stored == 0 else 1.0 if stored <= 1_000_000 else 3.0
    met = statistics.median(times) <= most
    return Figure(f"sqlite: s from start to accepting, {stored:,} events", shown(times), f"≤ {most}", met)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--readers", type=int, default=10_000)
    parser.add_argument("--stored", type=int, nargs="*", default=[0, 1_000_000])
    parser.add_argument("--json", type=Path, help="write the table there as well")
    given = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory() as directory, running_cluster() as cluster:
        place = Path(directory)
        kinds = ("noop", "reference", "sqlite", "postgresql")
        figures = under_load(kinds, given.runs, given.seconds, place, cluster)
        figures += [restarted(stored, place) for stored in given.stored]
        figures += parked(given.readers, place, cluster)
    say(f"\n{'figure':<66} {'measured':>24} {'budget':>12}  met")
    for each in figures:
        met = "" if each.met is None else "yes" if each.met else "NO"
        say(f"{each.what:<66} {each.measured:>24} {each.budget:>12}  {met}")
    if given.json is not None:
        told = {
            "machine": platform.platform(),
            "cores": os.cpu_count(),
            "figures": [asdict(f) for f in figures],
        }
        given.json.write_text(json.dumps(told, indent=1, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()

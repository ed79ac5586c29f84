"""The relay's figures, each as a ratio against something measured in the same run.

Product and reference take turns. Needs PostgreSQL's binaries and files enough for the readers.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import psutil
import uvloop

from console.relay.sqlite import SqliteStore
from tests.benchmarks.machine import ROOT, Given, fdatasync_ms
from tests.benchmarks.relay_load import callback, posted
from tests.benchmarks.stock import OTHERS
from tests.benchmarks.table import Figure, of_runs, ratio
from tests.relay.conftest import KEY, TOKEN
from tests.relay.postgres import Cluster, running_cluster

_KINDS = ("noop", "reference", "sqlite", "postgresql")
"""The two of ours come last."""
_FILL = """
WITH RECURSIVE numbers (n) AS (
    SELECT 1 WHERE :stored > 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < :stored
)
INSERT INTO events (digest, received_at, kind, reference_id, external_id, customer_id, signature, body)
SELECT randomblob(16), 1767323045678901 + n, 'delivery',
    printf('%08X%024X', n / 4 * 2654435761 % 4294967296, n / 4), printf('cascade-%032x', n / 4),
    'C', 's', randomblob(600)
FROM numbers
"""
"""Ten million callbacks over HTTP would take a quarter of an hour. Ids as in :func:`relay_load.callback`."""


_APART: Final = 0.02
"""Seconds between lone callbacks, and between the flushes they are compared with: the processor has gone to
sleep, its caches are cold, and the disk is idle. In a row a flush takes a quarter of the time."""


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
        CASCADE_RELAY_TOKENS=f"c:{TOKEN},others:{OTHERS}",
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


def alone(port: int, times: int = 60) -> float:
    """Median of callbacks sent one by one, each when the one before is long answered: milliseconds."""
    taken = []
    with socket.create_connection(("127.0.0.1", port), timeout=10) as sender:
        sender.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        first = int.from_bytes(os.urandom(6), "big")
        for number in range(times):
            request = posted(callback(first + number))
            time.sleep(_APART)
            began, answer = time.perf_counter(), b""
            sender.sendall(request)
            while not answer.endswith(b"{}"):
                answer += sender.recv(4096)
            taken.append(time.perf_counter() - began)
            assert answer.startswith(b"HTTP/1.1 200")
    return statistics.median(taken) * 1000


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
    request = posted(callback(int.from_bytes(os.urandom(6), "big")))
    sender, writer = await asyncio.open_connection("127.0.0.1", port)
    started = time.perf_counter()
    writer.write(request)
    answers = await asyncio.gather(*(reader.readuntil(b"\r\n\r\n") for reader, _ in readers))
    took = time.perf_counter() - started
    await sender.readuntil(b"\r\n\r\n")
    for _, each in [*readers, (sender, writer)]:
        each.close()
    woken = sum(answer.startswith(b"HTTP/1.1 200") for answer in answers)
    return {"bytes": (parked - before) / count, "idle": idle, "seconds": took, "woken": woken}


def under_load(
    kinds: Sequence[str], runs: int, seconds: float, place: Path, cluster: Cluster
) -> list[Figure]:
    """Callbacks per second, their times at half that, and one alone; the kinds take turns."""
    rates: dict[str, list[float]] = {kind: [] for kind in kinds}
    slowest: dict[str, list[float]] = {kind: [] for kind in kinds}
    lone: dict[str, list[float]] = {kind: [] for kind in kinds}
    flushes: list[float] = []
    lone_flushes: list[float] = []
    for _ in range(runs):
        flushes.append(fdatasync_ms(place))
        lone_flushes.append(fdatasync_ms(place, 60, pause=_APART))
        for kind in kinds:
            with server(kind, place, cluster) as (port, _):
                run_load(port, seconds=1, connections=16)
                full = run_load(port, seconds=seconds)
                half = run_load(port, seconds=seconds, rate=full["per_second"] / 2)
                lone[kind].append(alone(port))
            assert not full["refused"] + half["refused"]
            rates[kind].append(full["per_second"])
            slowest[kind].append(half["p99_ms"])
    figures = [
        of_runs("relay.fdatasync", "one fdatasync, of a hundred in a row", flushes, "ms"),
        of_runs(
            "relay.lone_fdatasync", "one fdatasync, alone: long after the one before", lone_flushes, "ms"
        ),
    ]
    for kind, least in (("sqlite", 0.6), ("postgresql", 0.4)):
        for rival in kinds[:-2]:
            bound = least if rival == "reference" else None
            what = f"{kind}: durable callbacks a second against the {rival} server's"
            figures.append(
                ratio(f"relay.{kind}_{rival}", what, rates[kind], rates[rival], budget=bound, at_least=True)
            )
        flush = f"one fdatasync {statistics.median(flushes):.3f} ms in a row"
        what = f"{kind}: p99 at half that load"
        figures.append(of_runs(f"relay.{kind}_p99", what, slowest[kind], "ms", budget=25.0, note=flush))
        what = f"{kind}: one lone callback, acknowledged"
        figures.append(of_runs(f"relay.{kind}_lone", what, lone[kind], "ms", budget=5.0, note=flush))
        what += ", in times of one fdatasync as much alone"
        figures.append(ratio(f"relay.{kind}_flushes", what, lone[kind], lone_flushes, of="ms", budget=10.0))
    return figures


def parked(readers: int, kinds: Sequence[str], place: Path, cluster: Cluster) -> list[Figure]:
    """What readers that wait cost, and how soon one event reaches them all."""
    figures = []
    for kind in kinds:
        with (
            server(kind, place, cluster) as (port, process),
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            told = runner.run(park(port, process, readers))
        held = kind != "reference"
        for name, what, value, unit, most in (
            ("parked", f"one of {readers:,} parked long polls", told["bytes"] / 1024, "KiB", 16.0),
            ("parked_idle", f"{readers:,} parked long polls", told["idle"] * 100, "% of a core", 1.0),
            ("woken", f"one event until all {told['woken']:,.0f} have it", told["seconds"], "s", 1.0),
        ):
            figures.append(
                Figure(
                    key=f"relay.{kind}_{name}",
                    what=f"{kind}: {what}",
                    value=value,
                    unit=unit,
                    budget=most if held else None,
                )
            )
    return figures


def filled(stored: int, place: Path) -> Path:
    """A store with so many events; made once."""
    path = place / f"stored-{stored}.db"
    if not path.exists():
        SqliteStore(path)  # makes the tables
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as made:
            indexes = made.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql NOTNULL")
            known = indexes.fetchall()
            for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -500000"):
                made.execute(f"PRAGMA {pragma}")
            for name, _ in known:
                made.execute(f"DROP INDEX {name}")
            made.execute(_FILL, {"stored": stored})
            for _, sql in known:
                made.execute(sql)
            made.execute("PRAGMA journal_mode = WAL")
    return path


def restarted(stored: int, place: Path) -> Figure:
    """How soon a relay with ``stored`` events accepts again, from its start."""
    path = filled(stored, place)
    times = []
    for _ in range(4):
        began = time.perf_counter()
        with serving(f"sqlite:///{path}"):
            times.append(time.perf_counter() - began)
    most = 0.5 if stored == 0 else 1.0 if stored <= 1_000_000 else 3.0
    what = f"sqlite: from start to accepting, {stored:,} events"
    return of_runs(f"relay.restart_{stored}", what, times[1:], "s", budget=most)


def grown(stored: int, runs: int, seconds: float, place: Path) -> Figure:
    """Whether a callback costs more where many are kept."""
    few, many = filled(10_000, place), filled(stored, place)
    rates: dict[Path, list[float]] = {few: [], many: []}
    for _ in range(runs):
        for path, found in rates.items():
            with serving(f"sqlite:///{path}") as (port, _):
                run_load(port, seconds=1, connections=16)
                found.append(1 / run_load(port, seconds=seconds)["per_second"])
    what = f"sqlite: cost of a callback with {stored:,} stored, against 10,000"
    return ratio("relay.growth", what, rates[many], rates[few], of="s", budget=1.5)


def measure(given: Given) -> list[Figure]:
    """Load, restart, growth, and readers that wait."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    place = given.place
    kinds = ("reference", "sqlite", "postgresql") if given.quick else _KINDS
    seconds = given.either(2, 4)
    sizes = (0, 1_000_000) if given.quick else (0, 1_000_000, 10_000_000)
    with running_cluster() as cluster:
        figures = under_load(kinds, given.either(2, 5), seconds, place, cluster)
        figures += [restarted(stored, place) for stored in sizes]
        figures.append(grown(sizes[-1], given.either(2, 5), seconds, place))
        waiting = ("sqlite",) if given.quick else ("reference", "sqlite", "postgresql")
        figures += parked(10_000, waiting, place, cluster)
    for stored in (*sizes, 10_000):
        for path in place.glob(f"stored-{stored}.db*"):
            path.unlink()
    return figures

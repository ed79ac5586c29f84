"""Relays killed at random under load: what was answered 200 is in the feed, once, in one order."""

from __future__ import annotations

import asyncio
import logging
import os
import random
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.relay import processes
from tests.relay.conftest import READER, reference, report, signed
from tests.relay.processes import RelayProcess, everything, relay_process

log = logging.getLogger(__name__)
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")


@dataclass
class Tally:
    """What the senders were told against what the feed gives."""

    tried: int
    acknowledged: set[int]
    found: list[int]

    @property
    def lost(self) -> set[int]:
        return self.acknowledged - set(self.found)

    @property
    def doubled(self) -> int:
        return len(self.found) - len(set(self.found))

    def __str__(self) -> str:
        return (
            f"tried {self.tried}, acknowledged {len(self.acknowledged)}, found {len(self.found)},"
            f" lost {len(self.lost)}, doubled {self.doubled}"
        )


async def bombard(database: str, rounds: int, seed: int) -> Tally:
    """Kill a relay so many times while 32 senders go on."""
    dice = random.Random(seed)
    root = Path(__file__).parents[2]
    senders = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.relay.senders",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert senders.stdin is not None
    assert senders.stdout is not None
    lines = asyncio.create_task(senders.stdout.read())
    relay = await RelayProcess.start(database)
    for _ in range(rounds):
        senders.stdin.write(f"{relay.address}\n".encode())
        await _until_some_arrived(relay.url, dice.randint(1, 400))
        await relay.end(signal.SIGKILL)
        relay = await RelayProcess.start(database)
    senders.stdin.write(f"{relay.address}\n".encode())
    await _until_some_arrived(relay.url, 100)
    senders.stdin.close()
    told = (await lines).decode().split("\n")
    await senders.wait()
    numbers = [int(line) for line in told if line.isdigit()]
    tried = next(int(line.split()[1]) for line in told if line.startswith("tried"))
    small, large = await asyncio.gather(
        everything(relay.url, 7 if rounds < 50 else 177), everything(relay.url, 1000)
    )
    assert await relay.end() == 0
    # The senders have ended, but a store that is broken on purpose may still be storing.
    both = min(len(small), len(large))
    assert [event["cursor"] for event in small[:both]] == [event["cursor"] for event in large[:both]]
    return Tally(tried, set(numbers), [int(event["reference_id"], 16) for event in large])


async def _until_some_arrived(url: str, count: int) -> None:
    """Wait until a relay has stored so many more events, however long that takes."""
    async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as client:
        params = {"after": "latest", "wait": "30", "limit": "1000"}
        seen = 0
        while seen < count:
            page = (await client.get("/v1/events", params=params, headers=READER)).json()
            seen += len(page["events"])
            params["after"] = page["next"]


@pytest.mark.timeout(3600)
async def test_nothing_acknowledged_is_lost_or_doubled_by_kill_9(each_url: str, long_form: bool) -> None:
    tally = await bombard(each_url, 200 if long_form else 8, seed=1)
    log.info("%s", tally)  # seen with --log-cli-level=INFO
    assert len(tally.acknowledged) > 100
    assert (tally.lost, tally.doubled) == (set(), 0), str(tally)
    assert set(tally.found) <= set(range(1, tally.tried + 1))


async def test_the_tally_sees_what_a_store_loses_and_doubles() -> None:
    """The counters themselves, on a feed that is known to be wrong."""
    tally = Tally(tried=4, acknowledged={1, 2, 3}, found=[1, 1, 3, 4])
    assert (tally.lost, tally.doubled) == ({2}, 1)


_BROKEN = """
import asyncio, sys
from console.relay import sqlite
from console.relay.cli import main

async def append(self, events):
    # Answers before it has stored: the mistake that the rounds must find.
    self.late = getattr(self, "late", set())
    task = asyncio.ensure_future(asyncio.sleep(0.05))
    task.add_done_callback(lambda _: self.late.add(asyncio.ensure_future(right(self, list(events)))))
    return [True] * len(events)

right = sqlite.SqliteStore.append
sqlite.SqliteStore.append = append
sys.exit(main(sys.argv[1:]))
"""


async def test_the_rounds_find_a_store_that_answers_too_early(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "PROGRAM", ("-c", _BROKEN))
    tally = await bombard(sqlite_url, 4, seed=2)
    assert tally.lost, str(tally)


@pytest.mark.postgres
async def test_several_relays_on_one_database_give_one_order(postgresql_url: str) -> None:
    async with (
        relay_process(postgresql_url) as first,
        relay_process(postgresql_url) as second,
        relay_process(postgresql_url) as third,
    ):
        urls = [first.url, second.url, third.url]

        async def write(writer: int) -> None:
            async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
                for number in range(60):
                    body = report(writer * 1000 + number)
                    url = f"{urls[(writer + number) % 3]}/callbacks/telesign"
                    assert (await client.post(url, content=body, headers=signed(body))).status_code == 200

        async def follow(url: str, limit: int) -> list[str]:
            cursors: list[str] = []
            async with httpx.AsyncClient(base_url=url, timeout=90, trust_env=False) as client:
                params = {"limit": str(limit), "wait": "5"}
                while len(cursors) < 16 * 60:
                    page = (await client.get("/v1/events", params=params, headers=READER)).json()
                    cursors += [event["cursor"] for event in page["events"]]
                    params["after"] = page["next"]
            return cursors

        async with asyncio.TaskGroup() as tasks:
            readers = [
                tasks.create_task(follow(url, limit)) for url, limit in zip(urls, (1000, 3, 50), strict=True)
            ]
            for writer in range(16):
                tasks.create_task(write(writer))
        orders = [reader.result() for reader in readers]
        assert orders[0] == orders[1] == orders[2]
        assert len(set(orders[0])) == 16 * 60
        told = {event["reference_id"] for event in await everything(first.url, 1000)}
        assert told == {reference(writer * 1000 + number) for writer in range(16) for number in range(60)}

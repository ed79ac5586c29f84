"""PostgreSQL at its worst: transactions held open, rolled back, killed, a server that restarts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from console.relay import postgresql
from console.relay.postgresql import PostgresqlStore
from console.relay.postgresql_schema import VERSION
from console.relay.store import NewEvent, StoreUnavailable
from tests.relay.conftest import Bench, reference, report, starter
from tests.relay.postgres import Cluster, execute, running_cluster

pytestmark = pytest.mark.postgres


def event(number: int) -> NewEvent:
    return NewEvent(
        received_at=datetime.now(UTC),
        kind="delivery",
        reference_id=reference(number),
        external_id=None,
        customer_id="C",
        label=None,
        signature="s",
        body=report(number),
    )


async def append_in(connection: Any, number: int) -> None:
    """Store an event inside whatever transaction the connection is in."""
    columns = [[value] for value in event(number).row()]
    await connection.fetchval("SELECT relay_append($1, $2, $3, $4, $5, $6, $7, $8, $9)", *columns)


@asynccontextmanager
async def stranger(url: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        connection.terminate()


async def told(bench: Bench) -> list[int]:
    """The numbers of all events, in order."""
    return [int(each["reference_id"], 16) for each in (await bench.page(limit=1000))["events"]]


async def until_waiting(url: str) -> None:
    """Wait until a session waits for the lock."""
    async with stranger(url) as connection, asyncio.timeout(20):
        while not await connection.fetchval(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        ):
            pass


async def test_rows_that_commit_late_are_never_skipped(postgresql_url: str) -> None:
    async with starter(postgresql_url)() as bench, stranger(postgresql_url) as other:
        await bench.tell(report(1))
        place = (await bench.page())["next"]
        held = other.transaction()
        await held.start()
        await append_in(other, 2)  # has a number now, and nobody sees it
        late = asyncio.create_task(bench.tell(report(3)))
        await until_waiting(postgresql_url)
        assert (await bench.page(after=place))["events"] == []  # readers do not wait for the lock
        await held.commit()
        assert (await late).status_code == 200
        assert [int(e["reference_id"], 16) for e in (await bench.page(after=place))["events"]] == [2, 3]


async def test_without_the_lock_this_very_check_would_find_a_skipped_row(postgresql_url: str) -> None:
    """The same on a function that has lost its lock: the proof above can fail."""
    async with starter(postgresql_url)() as bench, stranger(postgresql_url) as other:
        source = await other.fetchval("SELECT pg_get_functiondef('relay_append'::regproc)")
        await other.execute("".join(line for line in source.splitlines(True) if "advisory" not in line))
        await bench.tell(report(1))
        held = other.transaction()
        await held.start()
        await append_in(other, 2)
        assert (await bench.tell(report(3))).status_code == 200
        page = await bench.page()
        await held.commit()
        rest = (await bench.page(after=page["next"]))["events"]
        seen = [int(e["reference_id"], 16) for e in page["events"] + rest]
        assert seen == [1, 3]  # 2 is never seen
        assert await told(bench) == [1, 2, 3]  # and the order has changed under the reader


async def test_a_roll_back_leaves_a_gap_that_nobody_minds(postgresql_url: str) -> None:
    async with starter(postgresql_url)() as bench, stranger(postgresql_url) as other:
        await bench.tell(report(1))
        held = other.transaction()
        await held.start()
        await append_in(other, 2)
        await held.rollback()
        await bench.tell(report(3))
        assert await told(bench) == [1, 3]


async def test_a_session_that_keeps_the_lock_is_seen_and_ended(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "HOLDER_SECONDS", 0.0)
    async with starter(postgresql_url)() as bench, stranger(postgresql_url) as other:
        await bench.tell(report(1))
        await other.execute("BEGIN")
        await append_in(other, 2)
        assert await bench.metric("cascade_relay_lock_held_seconds") > 0
        answer = await bench.tell(report(3))
        assert answer.status_code == 503  # after the lock's time-out, and then the holder is ended
        assert (await bench.tell(report(3))).status_code == 200
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)):
            await other.execute("SELECT 1")
        assert await told(bench) == [1, 3]


async def test_backends_killed_in_the_midst_lose_and_double_nothing(postgresql_url: str) -> None:
    async with starter(postgresql_url)() as bench, stranger(postgresql_url) as other:

        async def insist(number: int) -> None:
            while (await bench.tell(report(number))).status_code != 200:
                pass

        killed = 0
        for first in range(0, 480, 16):
            wave = asyncio.gather(*(insist(first + n) for n in range(16)))
            before = killed
            while not wave.done() and killed < before + 2:
                killed += await other.fetchval(
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                    " WHERE application_name = 'cascade-relay' AND datname = current_database()"
                    " AND query LIKE '%relay_append%' AND state = 'active'"
                )
            await wave
        assert killed > 0
        async with asyncio.timeout(20):
            while (await bench.ask()).status_code != 200:
                pass
        assert sorted(await told(bench)) == list(range(480))


async def test_a_restart_of_the_server_is_ridden_out() -> None:
    with running_cluster() as cluster:
        url = cluster.new_database()
        async with starter(url)() as bench:
            await bench.tell(report(1))
            place = (await bench.page())["next"]
            waiting = asyncio.create_task(bench.ask(after=place, wait=50))
            await bench.until_readers(1)
            await asyncio.to_thread(cluster.stop)
            assert (await bench.tell(report(2))).status_code == 503
            assert (await bench.client.get("/readyz")).status_code == 503
            assert (await bench.client.get("/healthz")).status_code == 200
            await asyncio.to_thread(cluster.start)
            assert (await bench.tell(report(2))).status_code == 200
            (arrived,) = (await waiting).json()["events"]
            assert int(arrived["reference_id"], 16) == 2


async def test_readers_of_another_relay_are_woken_by_the_hint(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.relay.feed.POLL_SECONDS", 1000.0)  # only the hint is left
    start = starter(postgresql_url)
    async with start() as one, start() as two:
        place = (await two.page())["next"]
        waiting = asyncio.create_task(two.page(after=place, wait=50))
        await two.until_readers(1)
        await one.tell(report(1))
        async with asyncio.timeout(20):
            assert len((await waiting)["events"]) == 1


async def test_a_hint_that_never_came_is_made_up_for_by_the_poll(
    postgresql_url: str,
) -> None:
    async with starter(postgresql_url)() as bench, stranger(postgresql_url) as other:
        place = (await bench.page())["next"]
        waiting = asyncio.create_task(bench.page(after=place, wait=50))
        await bench.until_readers(1)
        await append_in(other, 1)  # as a relay that was killed before it could tell
        async with asyncio.timeout(20):
            assert len((await waiting)["events"]) == 1


async def test_what_one_relay_acknowledged_another_gives_at_once(postgresql_url: str) -> None:
    start = starter(postgresql_url)
    async with start() as one, start() as two:
        for number in range(20):
            await one.tell(report(number))
            assert len((await two.page())["events"]) == number + 1


async def test_relays_that_start_together_make_the_tables_once(postgresql_url: str) -> None:
    stores = await asyncio.gather(*(PostgresqlStore.open(postgresql_url) for _ in range(6)))
    try:
        assert len({store.identity for store in stores}) == 1
    finally:
        await asyncio.gather(*(store.close() for store in stores))


async def test_tables_of_a_newer_version_are_left_alone(postgresql_url: str) -> None:
    await (await PostgresqlStore.open(postgresql_url)).close()
    await execute(postgresql_url, f"UPDATE relay_meta SET value = '{VERSION + 1}' WHERE name = 'version'")
    with pytest.raises(StoreUnavailable, match="newer version"):
        await PostgresqlStore.open(postgresql_url)


async def test_tables_of_the_first_version_become_those_of_today_and_know_what_they_hold(
    postgresql_url: str,
) -> None:
    async with starter(postgresql_url)() as bench:
        await bench.tell(report(1))
        before = await bench.page()
    for statement in (
        "DROP INDEX relay_events_once",
        "ALTER TABLE relay_events ADD CONSTRAINT relay_events_digest_key UNIQUE (digest)",
        "UPDATE relay_meta SET value = '1' WHERE name = 'version'",
    ):
        await execute(postgresql_url, statement)
    async with starter(postgresql_url)() as bench:
        for number in (1, 2, 2):
            assert (await bench.tell(report(number))).status_code == 200
        after = await bench.page()
        assert after["events"][:1] == before["events"]
        assert len(after["events"]) == 2
    async with stranger(postgresql_url) as seen:
        indexes = await seen.fetch("SELECT indexname FROM pg_indexes WHERE tablename = 'relay_events'")
        assert {row["indexname"] for row in indexes} == {
            "relay_events_pkey", "relay_events_once", "relay_events_by_reference"
        }  # fmt: skip


async def test_a_database_that_is_not_there_is_said_without_its_password(cluster: Cluster) -> None:
    with pytest.raises(StoreUnavailable) as caught:
        await PostgresqlStore.open(f"postgresql://cascade:secret@127.0.0.1:{cluster.port}/nowhere")
    assert "secret" not in str(caught.value)
    assert "InvalidCatalogName" in str(caught.value)

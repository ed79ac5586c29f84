"""What consoles read: every event, once, in one order."""

from __future__ import annotations

import asyncio
import contextlib
import random
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from console.relay.cursors import Position
from console.relay.store import NewEvent, Page, StoreUnavailable
from console.relay.stores import open_store
from console.relay.tokens import hash_token
from tests.relay.conftest import READER, Bench, Start, reference, report


async def follow(bench: Bench, count: int, dice: random.Random) -> list[dict[str, Any]]:
    """Follow ``next`` from the oldest event until ``count`` events were read."""
    events: list[dict[str, Any]] = []
    params: dict[str, str | int] = {}
    while len(events) < count:
        page = await bench.page(**params, limit=dice.randint(1, 40), wait=dice.choice((0, 5)))
        assert not (page["more"] and not page["events"])
        events += page["events"]
        params = {"after": page["next"]}
    assert (await bench.page(**params))["events"] == []
    return events


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_is_written_meanwhile_is_read_exactly_once_in_one_order(
    each_bench: Bench, seed: int
) -> None:
    dice = random.Random(seed)
    writers, each = 8, 40

    async def write(writer: int) -> None:
        for number in range(each):
            response = await each_bench.tell(report(writer * 1000 + number))
            assert response.status_code == 200

    async with asyncio.TaskGroup() as tasks:
        for writer in range(writers):
            tasks.create_task(write(writer))
        readers = [tasks.create_task(follow(each_bench, writers * each, dice)) for _ in range(3)]
    first, *others = [[event["cursor"] for event in reader.result()] for reader in readers]
    assert len(set(first)) == writers * each
    assert others == [first, first]
    told = [int(event["reference_id"], 16) for event in readers[0].result()]
    for writer in range(writers):  # each writer waited for its 200, so its own order is kept
        own = [number for number in told if number // 1000 == writer]
        assert own == sorted(own)


async def test_a_page_says_whether_there_is_more(each_bench: Bench) -> None:
    for number in range(3):
        await each_bench.tell(report(number))
    page = await each_bench.page(limit=2)
    assert (len(page["events"]), page["more"]) == (2, True)
    page = await each_bench.page(limit=2, after=page["next"])
    assert (len(page["events"]), page["more"]) == (1, False)
    assert (await each_bench.page(after=page["next"]))["next"] == page["next"]


async def test_a_page_of_large_bodies_is_cut_and_says_so(each_bench: Bench) -> None:
    for number in range(70):
        assert (await each_bench.tell(report(number) + b" " * 65000)).status_code == 200
    page = await each_bench.page(limit=1000)
    assert page["more"] is True
    rest = await each_bench.page(limit=1000, after=page["next"])
    assert len(page["events"]) + len(rest["events"]) == 70


async def test_a_waiting_reader_is_woken_by_the_commit(each_bench: Bench) -> None:
    start = (await each_bench.page())["next"]
    waiting = [asyncio.create_task(each_bench.page(after=start, wait=55)) for _ in range(5)]
    await each_bench.until_readers(5)
    await each_bench.tell(report(1))
    async with asyncio.timeout(20):
        pages = await asyncio.gather(*waiting)
    assert [page["events"][0]["reference_id"] for page in pages] == [reference(1)] * 5


async def test_readers_that_wait_at_different_places_each_get_what_comes_after_theirs(
    each_bench: Bench,
) -> None:
    start = (await each_bench.page())["next"]
    await each_bench.tell(report(1))
    place = (await each_bench.page())["next"]
    asked = [{"after": place}, {"after": place, "limit": 7}, {"after": place, "limit": 1}, {"after": place}]
    waiting = [asyncio.create_task(each_bench.page(**each, wait=55)) for each in asked]
    await each_bench.until_readers(4)
    await asyncio.gather(each_bench.tell(report(2)), each_bench.tell(report(3)))
    async with asyncio.timeout(20):
        pages = await asyncio.gather(*waiting)
    everything = [e["reference_id"] for e in (await each_bench.page(after=start))["events"]]
    for page, each in zip(pages, asked, strict=True):
        told = [event["reference_id"] for event in page["events"]]
        assert told == everything[1 : 1 + len(told)]
        assert 1 <= len(told) <= each.get("limit", 200)


async def test_readers_are_let_go_or_told_when_what_they_wait_for_cannot_be_read(bench: Bench) -> None:
    asked, feed = asyncio.Event(), bench.relay.app.feed
    read = feed._store.read
    waiting = [asyncio.create_task(bench.ask(wait=55)) for _ in range(3)]
    await bench.until_readers(3)

    async def failing(after: Position | None, limit: int) -> Page:
        raise StoreUnavailable("the disk is full")

    feed._store.read = failing  # type: ignore[method-assign]
    await bench.tell(report(1))
    async with asyncio.timeout(20):
        assert [answer.status_code for answer in await asyncio.gather(*waiting)] == [503] * 3

    async def stuck(after: Position | None, limit: int) -> Page:
        asked.set()
        return await asyncio.Future()

    feed._store.read = read  # type: ignore[method-assign]
    place = (await bench.page())["next"]
    waiting = [asyncio.create_task(bench.ask(after=place, wait=55)) for _ in range(3)]
    await bench.until_readers(3)
    feed._store.read = stuck  # type: ignore[method-assign]
    await bench.tell(report(2))
    async with asyncio.timeout(20):
        await asked.wait()
        await feed.close()  # the relay stops while their page is being read
        answers = await asyncio.gather(*waiting)
    feed._store.read = read  # type: ignore[method-assign]
    assert [(answer.status_code, answer.json()["events"]) for answer in answers] == [(200, [])] * 3


async def test_a_wait_without_events_ends_with_none(each_bench: Bench) -> None:
    page = await each_bench.page(wait="0.05")
    assert (page["events"], page["more"]) == ([], False)


async def test_waiting_readers_are_let_go_when_the_relay_stops(start: Start) -> None:
    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
        async with start(stop_seconds=30) as bench:
            url = f"{bench.relay.url}/v1/events"
            waiting = asyncio.create_task(client.get(url, params={"wait": 55}, headers=READER))
            await bench.until_readers(1)
        assert waiting.done()
        assert (await waiting).json()["events"] == []


async def test_a_reader_that_hangs_up_is_no_longer_counted(bench: Bench) -> None:
    waiting = asyncio.create_task(bench.page(wait=55))
    await bench.until_readers(1)
    waiting.cancel()
    await bench.until_readers(0)


async def test_latest_begins_with_what_comes_after(each_bench: Bench) -> None:
    await each_bench.tell(report(1))
    page = await each_bench.page(after="latest")
    assert page["events"] == []
    await each_bench.tell(report(2))
    (event,) = (await each_bench.page(after=page["next"]))["events"]
    assert event["reference_id"] == reference(2)


async def test_all_events_of_one_transaction(each_bench: Bench) -> None:
    for number in (10, 11, 10):
        await each_bench.tell(report(number))
    await each_bench.tell(report(10) + b" ")
    for spelling in (reference(10), reference(10).lower()):
        response = await each_bench.client.get(f"/v1/events/{spelling}", headers=READER)
        assert [event["reference_id"] for event in response.json()["events"]] == [reference(10)] * 2
        assert response.json()["more"] is False
    nothing = await each_bench.client.get("/v1/events/none", headers=READER)
    assert nothing.json()["events"] == []


@pytest.mark.parametrize(
    "params",
    [
        {"limit": "0"},
        {"limit": "1001"},
        {"limit": "-1"},
        {"limit": "x"},
        {"limit": ""},
        {"limit": "١"},
        {"wait": "56"},
        {"wait": "-1"},
        {"wait": "nan"},
        {"wait": "1e1"},
        {"after": ""},
        {"after": "x"},
        {"after": "0123456789abcdef"},
        {"after": "0123456789abcdef.1"},
        {"after": "0123456789abcdef.-1.00000000"},
        {"after": "0123456789abcdef.01.00000000"},
        {"after": "0123456789abcdef.1.0000000g"},
        {"after": "0123456789abcdef.99999999999999999999.00000000"},
        {"after": "' OR 1=1 --"},
    ],
)
async def test_parameters_outside_their_range_are_refused(bench: Bench, params: dict[str, str | int]) -> None:
    response = await bench.ask(**params)
    assert response.status_code == 400
    assert set(response.json()) == {"error", "detail"}


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer wrong", "Basic dG9rZW4=", "token-of-the-console"]
)
@pytest.mark.parametrize("path", ["/v1/events", "/v1/events/ABC"])
async def test_without_a_valid_token_nothing_is_read(bench: Bench, header: str | None, path: str) -> None:
    await bench.tell(report(1))
    response = await bench.client.get(path, headers={} if header is None else {"Authorization": header})
    assert response.status_code == 401
    assert response.json()["error"] == "bad_token"
    assert response.headers["WWW-Authenticate"] == "Bearer"


async def test_a_token_works_from_the_moment_it_is_made_until_it_is_revoked(
    each_bench: Bench, each_url: str
) -> None:
    async def status() -> int:
        response = await each_bench.client.get("/v1/events", headers={"Authorization": "Bearer made"})
        return response.status_code

    assert await status() == 401
    async with open_store(each_url) as elsewhere:  # as cascade-relay token does, in its own process
        assert await elsewhere.add_token("made", hash_token("made"))
        assert not await elsewhere.add_token("made", hash_token("again"))
        assert await status() == 200
        assert await elsewhere.revoke_token("made")
        assert not await elsewhere.revoke_token("made")
        assert await status() == 401


async def test_a_token_revoked_while_its_reader_waits_reads_nothing_more(each_bench: Bench) -> None:
    await each_bench.relay.store.add_token("made", hash_token("made"))
    waiting = asyncio.create_task(
        each_bench.client.get("/v1/events", params={"wait": 55}, headers={"Authorization": "Bearer made"})
    )
    await each_bench.until_readers(1)
    await each_bench.relay.store.revoke_token("made")
    await each_bench.tell(report(1))
    assert (await waiting).status_code == 401


async def test_too_many_readers_of_one_token_are_told_to_come_back(start: Start) -> None:
    async with start(max_readers=1, tokens={"a": "token-of-the-console", "b": "other"}) as bench:
        waiting = asyncio.create_task(bench.page(wait=55))
        await bench.until_readers(1)
        response = await bench.ask()
        assert (response.status_code, response.json()["error"]) == (429, "too_many_readers")
        assert int(response.headers["Retry-After"]) > 0
        other = await bench.client.get("/v1/events", headers={"Authorization": "Bearer other"})
        assert other.status_code == 200
        await bench.tell(report(1))
        await waiting
        assert (await bench.ask()).status_code == 200


async def test_a_restart_keeps_events_and_cursors(each_start: Start) -> None:
    async with each_start() as bench:
        for number in range(3):
            await bench.tell(report(number))
        before = await bench.page(limit=2)
    async with each_start() as bench:
        after = await bench.page(after=before["next"])
        assert [event["reference_id"] for event in after["events"]] == [reference(2)]
        assert (await bench.page(limit=2)) == before


async def test_a_file_of_the_second_version_is_served_as_it_is(tmp_path: Path, start: Start) -> None:
    database = f"sqlite:///{(tmp_path / 'old.db').as_posix()}"
    async with start(database=database) as bench:
        await bench.tell(report(1))
        before = await bench.page()
    with contextlib.closing(sqlite3.connect(tmp_path / "old.db")) as old:
        old.executescript(
            "DROP INDEX events_once; CREATE UNIQUE INDEX digests ON events (digest); PRAGMA user_version = 2"
        )
    async with start(database=database) as bench:
        for number in (1, 2, 2):
            assert (await bench.tell(report(number))).status_code == 200
        after = await bench.page()
        assert after["events"][:1] == before["events"]
        assert len(after["events"]) == 2
    with contextlib.closing(sqlite3.connect(tmp_path / "old.db")) as old:
        old.execute("PRAGMA user_version = 4")
    with pytest.raises(StoreUnavailable, match="not known to this version"):
        async with start(database=database):
            pass


async def test_the_cursor_of_another_store_has_expired(
    each_bench: Bench, each_start: Start, tmp_path: Path
) -> None:
    async with each_start(database=f"sqlite:///{(tmp_path / 'other.db').as_posix()}") as other:
        cursor = (await other.page())["next"]
    response = await each_bench.ask(after=cursor)
    assert (response.status_code, response.json()["error"]) == (410, "cursor_expired")


async def test_a_cursor_ahead_of_a_restored_copy_has_expired(each_bench: Bench) -> None:
    await each_bench.tell(report(1))
    cursor = (await each_bench.page())["next"]
    identity, number, tag = cursor.split(".")
    assert (await each_bench.ask(after=cursor)).status_code == 200
    assert (await each_bench.ask(after=f"{identity}.{int(number) + 1}.{tag}")).status_code == 410


async def test_a_cursor_whose_place_another_event_has_taken_has_expired(each_bench: Bench) -> None:
    await each_bench.tell(report(1))
    identity, number, _ = (await each_bench.page())["next"].split(".")
    assert (await each_bench.ask(after=f"{identity}.{number}.00000000")).status_code == 410


NOW = datetime(2026, 1, 10, tzinfo=UTC)


def aged(number: int, *, days: int) -> NewEvent:
    return NewEvent(
        received_at=NOW - timedelta(days=days),
        kind="delivery",
        reference_id=reference(number),
        external_id=None,
        customer_id="C",
        label=None,
        signature="s",
        body=report(number),
    )


async def test_a_cursor_that_retention_has_passed_has_expired_and_others_go_on(each_bench: Bench) -> None:
    store = each_bench.relay.store
    await store.append([aged(1, days=9), aged(2, days=8), aged(3, days=1)])
    first, second, third = [event["cursor"] for event in (await each_bench.page())["events"]]
    assert await store.prune(NOW - timedelta(days=5)) == 2
    assert (await each_bench.ask(after=first)).status_code == 410
    assert [event["cursor"] for event in (await each_bench.page(after=second))["events"]] == [third]
    assert [event["cursor"] for event in (await each_bench.page())["events"]] == [third]


async def test_a_place_in_the_order_is_never_given_out_twice(each_bench: Bench) -> None:
    store = each_bench.relay.store
    await store.append([aged(1, days=9), aged(2, days=8)])
    end = (await each_bench.page())["next"]
    assert await store.prune(NOW) == 1  # the newest stays, and with it its place
    assert (await each_bench.page(after=end))["events"] == []
    await store.append([aged(3, days=0)])
    (event,) = (await each_bench.page(after=end))["events"]
    assert event["reference_id"] == reference(3)

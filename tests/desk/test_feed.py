"""The feed: nothing twice, nothing lost, nothing hammered, and always known how it stands."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.cascade.facts import Verification
from console.cascade.outcome import CascadeOutcome, EventKind
from console.desk import feed as feed_module
from console.desk.feed import Feed
from console.desk.hearing import feed_name, hear
from console.desk.values import RelayStatus
from console.journal.journal import Journal
from console.journal.matching import Heard
from console.telesign import callbacks
from console.telesign.events import EventPage, RelayEvent, RelayProblem
from console.telesign.signing import callback_signature
from tests.desk.stand_in import (
    KEY,
    OTHER,
    REF,
    TAKEN,
    call_back,
    delivery,
    desk_at,
    relay_at,
    says,
    sent,
    telesign,
)

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
BODY = delivery("cascade-m1")


def event(number: int, body: bytes = BODY, customer_id: str | None = KEY.customer_id) -> RelayEvent:
    return RelayEvent(
        cursor=str(number), received_at=NOW, kind="delivery", reference_id=REF, external_id=None,
        customer_id=customer_id, label=None, signature=callback_signature(KEY, body), raw_body=body,
    )  # fmt: skip


def page(*numbers: int, more: bool = False, then: str = "") -> EventPage:
    return EventPage(events=tuple(map(event, numbers)), next=then or str(numbers[-1]), more=more)


Step = EventPage | RelayProblem


class Relay:
    """Answers one step after the other, then holds for ever."""

    def __init__(self, *steps: Step) -> None:
        self._steps = list(steps)
        self.asked: list[tuple[str | None, float]] = []
        self.done = asyncio.Event()

    async def events(self, after: str | None = None, limit: int = 200, wait: float = 0.0) -> Step:
        self.asked.append((after, wait))
        if not self._steps:
            self.done.set()
            await asyncio.Event().wait()
        return self._steps.pop(0)


class Keeper:
    """A journal in memory, that can be made to fail."""

    def __init__(self, *fails: Exception) -> None:
        self._cursor: str | None = None
        self.kept: list[str] = []
        self._fails = list(fails)

    async def cursor(self) -> str | None:
        return self._cursor

    async def hear(self, events: Sequence[RelayEvent]) -> Sequence[Heard]:
        return [replace(hear(each, [KEY]), fact_id=each.cursor) for each in events]

    async def ingest(self, heard: Sequence[Heard], before: str | None, after: str) -> None:
        if self._fails:
            raise self._fails.pop(0)
        assert before == self._cursor
        self.kept += [each.fact_id for each in heard]
        self._cursor = after

    async def forget(self) -> None:
        self._cursor = None

    def trouble(self, error: Exception) -> str:
        return "The disk is full." if isinstance(error, sqlite3.OperationalError) else ""


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the feed would have waited; it waits not at all."""
    waited: list[float] = []

    async def pause(_feed: Feed, seconds: float) -> None:
        waited.append(seconds)
        await asyncio.sleep(0)

    monkeypatch.setattr(Feed, "_pause", pause)
    return waited


async def follow(relay: Relay, keeper: Keeper, wait: float = 25.0) -> list[RelayStatus]:
    """Run the feed to the end of the relay's steps; every status it told."""
    told: list[RelayStatus] = []
    feed = Feed(
        relay, keeper, told=told.append, clock=lambda: NOW, wait=wait, interval=5.0, chance=lambda: 0.5
    )
    running = asyncio.create_task(feed.run())
    finished = asyncio.create_task(relay.done.wait())
    done, _ = await asyncio.wait((running, finished), timeout=20, return_when=asyncio.FIRST_COMPLETED)
    finished.cancel()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    assert done
    return told


PROBLEM = RelayProblem(kind="unreachable", detail="away")


class TestFollowing:
    """Page after page."""

    async def test_the_first_page_is_not_waited_for_and_backlog_is_read_at_once(
        self, pauses: list[float]
    ) -> None:
        relay, keeper = Relay(page(1, 2, more=True), page(3), page(4)), Keeper()
        told = await follow(relay, keeper)
        assert relay.asked == [(None, 0.0), ("2", 0.0), ("3", 25.0), ("4", 25.0)]
        assert keeper.kept == ["1", "2", "3", "4"]
        assert [(each.kind, each.behind) for each in told] == [
            ("connecting", 0),
            ("catching_up", 2),
            ("live", 0),
        ]

    async def test_the_next_page_is_asked_for_while_one_is_being_committed(
        self, pauses: list[float], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        relay, keeper = Relay(page(1, 2, more=True), page(3)), Keeper()
        commit, asked_by_then = keeper.ingest, []

        async def slow(heard: Sequence[Heard], before: str | None, after: str) -> None:
            for _ in range(3):
                await asyncio.sleep(0)
            asked_by_then.append(len(relay.asked))
            await commit(heard, before, after)

        monkeypatch.setattr(keeper, "ingest", slow)
        await follow(relay, keeper)
        assert asked_by_then == [2, 2]
        assert keeper.kept == ["1", "2", "3"]

    async def test_a_page_asked_for_ahead_is_dropped_where_another_process_was_quicker(
        self, pauses: list[float], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        relay, keeper = Relay(page(1, more=True), page(2), page(4)), Keeper()
        commit = keeper.ingest

        async def overtaken(heard: Sequence[Heard], before: str | None, after: str) -> None:
            await asyncio.sleep(0)
            await commit(heard, before, after)
            if after == "1":
                keeper._cursor = "3"

        monkeypatch.setattr(keeper, "ingest", overtaken)
        await follow(relay, keeper)
        assert relay.asked[:3] == [(None, 0.0), ("1", 0.0), ("3", 0.0)]
        assert keeper.kept == ["1", "4"]

    async def test_an_answer_that_is_not_held_is_not_asked_for_without_pause(
        self, pauses: list[float]
    ) -> None:
        empty = EventPage(events=(), next="9", more=False)
        await follow(Relay(page(9), empty, empty, empty), Keeper())
        assert pauses == [feed_module._AT_LEAST] * 3

    async def test_without_long_polling_it_asks_at_intervals(self, pauses: list[float]) -> None:
        relay = Relay(page(1), page(2))
        await follow(relay, Keeper(), wait=0.0)
        assert {wait for _, wait in relay.asked} == {0.0}
        assert pauses == [5.0, 5.0]


class TestTrouble:
    """Told, waited out, over at once when it is over."""

    async def test_a_relay_that_is_away_is_asked_ever_more_rarely_up_to_half_a_minute(
        self, pauses: list[float]
    ) -> None:
        told = await follow(Relay(*[PROBLEM] * 10, page(1)), Keeper())
        assert pauses == sorted(pauses)
        assert pauses[0] == 0.5
        assert pauses[-1] == 30.0
        assert [each.kind for each in told] == ["connecting", *["offline"] * 10, "live"]
        assert {each.since for each in told[1:-1]} == {NOW}

    async def test_a_refused_token_is_tried_slowly(self, pauses: list[float]) -> None:
        told = await follow(Relay(RelayProblem(kind="unauthorised", detail="no"), page(1)), Keeper())
        assert [each.kind for each in told] == ["connecting", "refused", "live"]
        assert pauses == [15.0]

    async def test_an_overloaded_relay_is_given_the_time_it_asks_for(self, pauses: list[float]) -> None:
        await follow(Relay(RelayProblem(kind="overloaded", detail="", retry_after=120.0)), Keeper())
        assert pauses == [120.0]

    async def test_an_expired_cursor_begins_anew_from_the_oldest(self, pauses: list[float]) -> None:
        expired = RelayProblem(kind="expired", detail="")
        relay, keeper = Relay(page(1), expired, page(1, 2)), Keeper()
        told = await follow(relay, keeper)
        assert [after for after, _ in relay.asked] == [None, "1", None, "2"]
        assert "offline" not in [each.kind for each in told]

    async def test_a_relay_that_calls_every_cursor_expired_is_not_hammered(self, pauses: list[float]) -> None:
        expired = RelayProblem(kind="expired", detail="")
        steps: list[Step] = [page(1), expired]
        await follow(Relay(*steps * 5), Keeper())
        assert len(pauses) == 5
        assert min(pauses) > 0.2

    async def test_a_page_that_the_disk_refuses_comes_again(self, pauses: list[float]) -> None:
        keeper = Keeper(sqlite3.OperationalError("full"), sqlite3.OperationalError("full"))
        told = await follow(Relay(page(1), page(1), page(1)), keeper)
        assert keeper.kept == ["1"]
        assert [each.kind for each in told] == ["connecting", "offline", "offline", "live"]
        assert told[1].detail == "The disk is full."

    async def test_what_only_a_bug_raises_is_raised(self, pauses: list[float]) -> None:
        feed = Feed(
            Relay(page(1)), Keeper(ZeroDivisionError()), told=lambda _: None, clock=lambda: NOW, wait=1,
            interval=1,
        )  # fmt: skip
        with pytest.raises(ZeroDivisionError):
            await feed.run()


class TestVerdict:
    """This desk checks every signature itself."""

    def test_signed_with_our_key_it_is_ours_whatever_the_relay_says(self) -> None:
        for named in (KEY.customer_id, KEY.customer_id.lower(), None):
            heard = hear(event(1, customer_id=named), (KEY,))
            assert heard.fact is not None
            assert (heard.fact.verification, heard.account) == (Verification.DESK, KEY.customer_id)

    def test_our_account_with_another_signature_is_forged(self) -> None:
        forged = replace(event(1), signature=callback_signature(OTHER, BODY))
        heard = hear(forged, (KEY,))
        assert heard.fact is not None
        assert heard.fact.verification is Verification.FAILED

    def test_another_account_or_no_key_is_the_relays_word(self) -> None:
        for heard in (hear(event(1, customer_id="SHOP-B"), (KEY,)), hear(event(1), ())):
            assert heard.fact is not None
            assert heard.fact.verification is Verification.RELAY

    def test_an_event_that_our_own_fault_keeps_from_being_read_is_kept_as_bytes(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: object) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr(callbacks, "parse_callback", broken)
        heard = hear(event(1), (KEY,))
        assert (heard.fact, heard.raw) == (None, BODY)

    def test_an_address_is_not_readable_in_the_name_of_its_cursor(self) -> None:
        assert "secret" not in feed_name("https://relay/?secret")
        assert feed_name("https://relay/") == feed_name("https://relay")


class TestWithARealRelay:
    """Everything between a signed callback and the timeline."""

    async def test_another_relay_in_its_place_doubles_nothing(self, tmp_path: Path) -> None:
        first, second = tmp_path / "first", tmp_path / "second"
        first.mkdir()
        second.mkdir()
        async with telesign(says(TAKEN)) as server:
            async with (
                relay_at(first, KEY) as relay,
                desk_at(server.url, tmp_path, relay=relay, token="t" * 32) as desk,
            ):
                timeline = await sent(desk)
                message_id = timeline.message_id or ""
                await call_back(relay, delivery(timeline.external_id))
                before = await desk.settled(message_id, 20)
                # The cursor is of the first store; the second one has never heard of it.
                cursor = await desk._ledger.off(desk._ledger.db.kept, feed_name(relay))
            async with relay_at(second, KEY) as other:
                with closing(Journal(tmp_path)) as journal:
                    journal.keep(feed_name(other), cursor or "")
                await call_back(other, delivery(timeline.external_id))
                async with desk_at(server.url, tmp_path, relay=other, token="t" * 32) as desk:
                    live = asyncio.Event()
                    desk.watch(lambda _: live.set() if desk.status.relay.kind == "live" else None)
                    async with asyncio.timeout(20):
                        while desk.status.relay.kind != "live":
                            await live.wait()
                    assert await desk.timeline(message_id) == before

    async def test_a_relay_that_comes_back_is_caught_up_with(self, tmp_path: Path) -> None:
        async with telesign(says(TAKEN)) as server, relay_at(tmp_path, KEY) as relay:
            async with desk_at(server.url, tmp_path, relay="http://127.0.0.1:9", token="t" * 32) as desk:
                timeline = await sent(desk)
            await call_back(relay, delivery(timeline.external_id))
            async with desk_at(server.url, tmp_path, relay=relay, token="t" * 32) as desk:
                end = await desk.settled(timeline.message_id or "", 20)
                assert end.outcome is CascadeOutcome.DELIVERED
                assert desk.status.last_event_at is not None
                assert EventKind.REJECTED not in {each.kind for each in end.events}

"""Replies at the desk: counted, told once, answered; STOP asks first; the unmatched are dealt with."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from console.cascade.conversation import Arrival
from console.cascade.optout import Wish
from console.desk.desk import Desk
from console.desk.values import NeedsConfirmation, Queued_
from console.journal.journal import Journal
from console.journal.unmatched import Pile
from tests.desk.stand_in import DRAFT, TAKEN, desk_at, says, sent, telesign
from tests.journal.conftest import heard, reply

NUMBER = "15558675309"


async def hear(desk: Desk, *bodies: bytes, ago: float = 0.0) -> None:
    """What the feed does with a page, without a relay."""
    at = datetime.now(UTC) - timedelta(seconds=ago)
    page = [heard(body, after=0, since=at) for body in bodies]
    ledger = desk._ledger

    def ingest(db: Journal) -> set[str] | None:
        before = db.kept("feed")
        return db.ingest(page, feed="feed", before=before, after=f"{before or ''}+")

    changed = await ledger.off(ingest, ledger.db)
    desk._bulletin.heard(changed or set(), at)


async def until(desk: Desk, done: Callable[[], bool]) -> None:
    news = asyncio.Event()
    stop = desk.replies.watch(news.set)
    stop_too = desk.replies.on_arrived(lambda _: news.set())
    try:
        async with asyncio.timeout(30):
            while not done():
                news.clear()
                await news.wait()
    finally:
        stop()
        stop_too()


async def test_a_reply_is_unread_and_told_once_until_the_message_is_seen(tmp_path: Path) -> None:
    async with telesign(says(TAKEN)) as server, desk_at(server.url, tmp_path) as desk:
        timeline = await sent(desk, DRAFT)
        assert timeline.message_id is not None
        told: list[Arrival] = []
        desk.replies.on_arrived(told.append)
        await hear(desk, reply("Thanks"), reply("Stop", phone="19995550100"))
        await until(desk, lambda: len(told) == 2)
        assert (desk.replies.unread, desk.replies.unmatched) == (1, 1)
        assert [(each.message_id, each.wish) for each in told] == [
            (timeline.message_id, None),
            (None, Wish.STOP),
        ]
        assert await desk.replies.next_unread() == timeline.message_id
        await desk.mark_read(timeline.message_id)
        await until(desk, lambda: desk.replies.unread == 0)
        assert len(told) == 2


async def test_counts_are_there_after_a_restart_and_nobody_is_called_again(tmp_path: Path) -> None:
    async with telesign(says(TAKEN)) as server:
        async with desk_at(server.url, tmp_path) as desk:
            await sent(desk, DRAFT)
            await hear(desk, reply("Thanks"))
            await until(desk, lambda: desk.replies.unread == 1)
        async with desk_at(server.url, tmp_path) as desk:
            told: list[Arrival] = []
            desk.replies.on_arrived(told.append)
            assert desk.replies.unread == 1
            await hear(desk, reply("again"))
            await until(desk, lambda: desk.replies.unread == 2)
            assert [each.text for each in told] == ["again"]


async def test_what_is_on_screen_or_hours_old_calls_nobody(tmp_path: Path) -> None:
    async with telesign(says(TAKEN)) as server, desk_at(server.url, tmp_path) as desk:
        timeline = await sent(desk, DRAFT)
        told: list[Arrival] = []
        desk.replies.on_arrived(told.append)
        await hear(desk, reply("from yesterday"), ago=86_400)
        desk.replies.on_screen = timeline.message_id
        await hear(desk, reply("seen at once"))
        await until(desk, lambda: desk.replies.unread == 2)
        assert told == []


async def test_stop_asks_first_and_another_confirmation_does_not_answer_it(tmp_path: Path) -> None:
    async with telesign(says(TAKEN)) as server, desk_at(server.url, tmp_path) as desk:
        await sent(desk, DRAFT)
        await hear(desk, reply("Unsubscribe"))
        asked = await desk.send(DRAFT, confirmed=True, despite_stop=False)
        assert isinstance(asked, NeedsConfirmation)
        assert asked.opted_out
        assert "STOP" in asked.question
        again = await desk.send(DRAFT, despite_stop=True)
        assert isinstance(again, NeedsConfirmation)
        assert not again.opted_out
        (entry,) = await desk.replies.opted_out()
        await desk.replies.opt_in(entry.number)
        assert isinstance(await desk.send(replace(DRAFT, viber_text="Welcome back")), Queued_)


async def test_confirming_to_send_again_does_not_answer_for_a_customer_who_said_stop(tmp_path: Path) -> None:
    async with telesign(says(TAKEN)) as server, desk_at(server.url, tmp_path) as desk:
        message_id = (await sent(desk, DRAFT)).message_id or ""
        await hear(desk, reply("STOP"))
        asked = await desk.resend(message_id, confirmed=True)
        assert isinstance(asked, NeedsConfirmation)
        assert asked.opted_out
        assert isinstance(await desk.resend(message_id, confirmed=True, despite_stop=True), Queued_)


async def test_a_number_entered_by_hand_is_not_written_to(tmp_path: Path) -> None:
    async with telesign(says(TAKEN)) as server, desk_at(server.url, tmp_path) as desk:
        assert await desk.replies.opt_out("+1 (555) 867-5309", None) == NUMBER
        assert await desk.replies.opt_out("nobody", None) is None
        asked = await desk.send(DRAFT)
        assert isinstance(asked, NeedsConfirmation)
        assert "was put on the opt-out list at this desk" in asked.question
        assert "STOP" not in asked.question
        assert [each.by_hand for each in await desk.replies.opted_out()] == [True]


async def test_what_matched_nothing_is_found_a_message_or_set_aside(tmp_path: Path) -> None:
    async with telesign(says(TAKEN)) as server, desk_at(server.url, tmp_path) as desk:
        timeline = await sent(desk, DRAFT)
        assert timeline.message_id is not None
        await hear(desk, reply("It is me", phone="19995550100"), b"\x00 nonsense")
        await until(desk, lambda: desk.replies.unmatched == 2)
        nonsense, stranger = await desk.replies.pile(Pile.WAITING)
        for search in ("555 867 5309", "Hello", timeline.external_id or "", timeline.reference_id or ""):
            found = await desk.replies.candidates(search)
            assert [each.message_id for each in found] == [timeline.message_id], search
        assert await desk.replies.assign(stranger.fact_id, timeline.message_id)
        assert not await desk.replies.assign(stranger.fact_id, timeline.message_id)
        await desk.replies.dismiss(nonsense.fact_id)
        await until(desk, lambda: desk.replies.unmatched == 0)
        talk = await desk.replies.conversation(timeline.message_id)
        assert [each.text for each in talk.said] == ["Hello", "It is me"]
        await desk.replies.restore(nonsense.fact_id)
        await until(desk, lambda: desk.replies.unmatched == 1)


@pytest.mark.parametrize("search", ["", "\0", "%", "'", '"', "x" * 5000])
async def test_any_search_for_a_message_gives_an_answer(tmp_path: Path, search: str) -> None:
    async with telesign(says(TAKEN)) as server, desk_at(server.url, tmp_path) as desk:
        assert await desk.replies.candidates(search) == []

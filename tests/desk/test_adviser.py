"""What the journal teaches about fallback times, kept up to date in the background."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from console.cascade.advice import ENOUGH
from console.desk import adviser as module
from console.desk.adviser import Adviser
from console.desk.bulletin import Bulletin
from console.desk.ledger import Ledger
from console.journal.journal import Journal
from tests.journal.conftest import AT, accepted, heard, report
from tests.journal.test_durations import as_before_the_table

DELIVERED = 3000


@dataclass
class Advised:
    adviser: Adviser
    ledger: Ledger
    bulletin: Bulletin
    troubles: list[Exception | None]

    def deliver(self, number: int, to: str = "15558675309", after: int = 10) -> None:
        """One message more, delivered ``after`` seconds."""
        deliver(self.ledger.db, number, to, after)

    async def until(self, n: int) -> None:
        """Wait until the curve of all countries rests on ``n`` messages."""
        async with asyncio.timeout(30):
            while (curve := self.adviser.known.curves.get(None)) is None or curve.n != n:
                news = asyncio.Event()
                stop = self.adviser.watch(news.set)
                await news.wait()
                stop()


def deliver(journal: Journal, number: int, to: str = "15558675309", after: int = 10) -> None:
    accepted(journal, f"m{number}", f"{number:032d}", to=to)
    cursor = journal.kept("feed")
    told = heard(report(f"{number:032d}", viber=DELIVERED), after=after)
    journal.ingest([told], feed="feed", before=cursor, after=f"{cursor or ''}+")


@asynccontextmanager
async def advised(directory: Path) -> AsyncIterator[Advised]:
    bulletin = Bulletin()
    troubles: list[Exception | None] = []
    ledger = Ledger(directory, changed=bulletin.changed, troubled=troubles.append)
    await ledger.open()
    adviser = Adviser(ledger, bulletin, lambda: AT + timedelta(hours=2))
    try:
        yield Advised(adviser, ledger, bulletin, troubles)
    finally:
        await ledger.close()


@asynccontextmanager
async def running(adviser: Adviser) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(adviser.run(at_rest=0, between_steps=0, between_curves=0))
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_an_empty_journal_teaches_nothing_and_says_so(tmp_path: Path) -> None:
    async with advised(tmp_path) as desk:
        await desk.adviser.refresh()
        assert not desk.adviser.known.basis("RS").enough
        assert desk.adviser.known.counted is not None
        assert desk.adviser.known.counted.all


async def test_a_country_with_enough_deliveries_speaks_for_itself(tmp_path: Path) -> None:
    async with advised(tmp_path) as desk:

        def fill() -> None:
            for number in range(ENOUGH):
                desk.deliver(number, to="381601234567")
            desk.deliver(ENOUGH, to="359888123456")

        await desk.ledger.off(fill)
        await desk.adviser.refresh()
        known = desk.adviser.known
        assert (known.basis("RS").region, known.basis("RS").curve.n) == ("RS", ENOUGH)
        assert (known.basis("BG").region, known.basis("BG").curve.n) == (None, ENOUGH + 1)


async def test_new_outcomes_reach_the_curve_and_those_who_watch(tmp_path: Path) -> None:
    async with advised(tmp_path) as desk, running(desk.adviser):
        await desk.until(0)
        for number in (0, 1):
            await desk.ledger.off(desk.deliver, number)
            desk.bulletin.changed(f"m{number}")
            await desk.until(number + 1)


async def test_those_who_watch_are_left_alone_while_nothing_is_new(tmp_path: Path) -> None:
    async with advised(tmp_path) as desk:
        told = []
        stop = desk.adviser.watch(lambda: told.append(1))
        await desk.adviser.refresh()
        await desk.adviser.refresh()
        assert told == [1]
        stop()
        stop()
        await desk.ledger.off(desk.deliver, 0)
        await desk.adviser.refresh()
        assert told == [1]


async def test_an_older_journal_is_counted_to_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STEP", 2)
    async with advised(tmp_path) as desk:

        def fill() -> None:
            for number in range(7):
                desk.deliver(number)
            as_before_the_table(desk.ledger.db)

        await desk.ledger.off(fill)
        await desk.adviser.refresh()
        begun = desk.adviser.known.counted
        assert begun is not None
        assert (begun.done, begun.total) == (0, 7)
        async with running(desk.adviser):
            await desk.until(7)
            assert desk.adviser.known.counted is not None
            assert desk.adviser.known.counted.all


async def test_a_disk_that_refuses_is_told_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with advised(tmp_path) as desk:
        await desk.ledger.off(desk.deliver, 0)
        refusals = iter([sqlite3.OperationalError("disk I/O error")])
        real = module.look

        async def look(*args: object) -> object:
            for refusal in refusals:
                raise refusal
            return await real(*args)  # type: ignore[arg-type]

        monkeypatch.setattr(module, "look", look)
        async with running(desk.adviser):
            await desk.until(1)
        assert [str(each) for each in desk.troubles] == ["disk I/O error"]

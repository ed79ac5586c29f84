"""When reports stay out, Telesign is asked: ever more rarely, and never without need."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from console.cascade.facts import Answered, Queued, SendBegan, Source, StatusUnavailable
from console.cascade.outcome import CascadeOutcome, MessageState, Timeline
from console.cascade.timeline import fold
from console.desk import policy
from console.desk.desk import Desk
from console.desk.ledger import Ledger
from console.desk.reconcile import Reconciler
from console.journal.journal import Journal
from console.telesign.callbacks import parse_status
from console.telesign.client import QueryResult, StatusRefusal, StatusReport
from tests.desk.stand_in import (
    KEY,
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

ACCOUNT = KEY.customer_id.upper()
NOW = datetime.now(UTC)


def facts(age: timedelta, *, fallback_time: int = 60) -> tuple[Queued, SendBegan, Answered]:
    at = NOW - age
    return (
        Queued(
            fact_id="q", at=at, message_id="m1", external_id="cascade-m1", to="15558675309",
            viber_text="Hello", sms_text="Hello", fallback_time=fallback_time,
        ),
        SendBegan(fact_id="b", at=at, attempt=1),
        Answered(
            fact_id="a", at=at, attempt=1, http_status=200, code=3001, description="", reference_id=REF
        ),
    )  # fmt: skip


def status(code: int) -> StatusReport:
    told = {
        "reference_id": REF,
        "status": {"code": code, "description": ""},
        "channel_status": [{"viber": {"code": code}}],
    }
    raw = json.dumps(told).encode()
    parsed = parse_status(raw)
    assert parsed is not None
    return StatusReport(told=parsed, raw=raw)


class Telesign:
    """Answers every question the same, or one after the other."""

    def __init__(self, *answers: QueryResult) -> None:
        self._answers = answers
        self.asked: list[str] = []

    async def query(self, reference_id: str) -> QueryResult:
        self.asked.append(reference_id)
        return self._answers[min(len(self.asked), len(self._answers)) - 1]


class Bench:
    """A reconciler on a journal with one accepted message, and a clock that is set by hand."""

    def __init__(self, ledger: Ledger, client: Telesign) -> None:
        self.ledger = ledger
        self.client = client
        self.now = NOW
        self.reading = False
        self.reconciler = Reconciler(
            ledger, clock=lambda: self.now, learned=lambda: None, reading=lambda: self.reading
        )
        self.reconciler.client = client
        self.reconciler.account = ACCOUNT

    async def timeline(self) -> Timeline:
        timeline = await self.ledger.timeline("m1")
        assert timeline is not None
        return timeline

    async def due(self) -> datetime | None:
        return await self.ledger.off(self.ledger.db.next_question, ACCOUNT)

    async def until_it_ends(self) -> list[timedelta]:
        """Turn until nothing is due; how long after the acceptance each question was."""
        asked: list[timedelta] = []
        while (due := await self.due()) is not None:
            self.now = max(due, self.now)
            before = len(self.client.asked)
            await self.reconciler._turn()
            if len(self.client.asked) > before:
                asked.append(self.now - NOW)
            assert len(asked) < 50
        return asked


def accept(journal: Journal, age: timedelta, *, owner: str, account: str) -> None:
    """A message that Telesign took ``age`` ago."""
    queued, began, answered = facts(age)
    journal.add_message(queued, request=b"{}", owner=owner, account=account)
    journal.record("m1", began, answered)


@asynccontextmanager
async def bench(directory: Path, client: Telesign, *, account: str = ACCOUNT) -> AsyncIterator[Bench]:
    ledger = Ledger(directory, changed=lambda *_, **__: None, troubled=lambda _: None)
    await ledger.open()
    try:
        accept(ledger.db, timedelta(0), owner=ledger.owner.name, account=account)
        yield Bench(ledger, client)
    finally:
        await ledger.close()


def accepted_before(directory: Path, age: timedelta) -> None:
    """The journal of a desk that ended after its message was accepted, ``age`` ago."""
    with closing(Journal(directory, first_question=policy.first_question)) as journal:
        accept(journal, age, owner="gone", account=ACCOUNT)


async def asked(desk: Desk) -> bool:
    """Whether Telesign was asked; the stand-in does not tell."""
    facts = await desk._ledger.off(desk._ledger.db.facts, "m1")
    return any(isinstance(fact, StatusUnavailable) for fact in facts)


SILENT = StatusRefusal(description="away")


async def test_the_first_question_comes_after_the_fallback_and_then_ever_more_rarely_for_twelve_hours(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path, Telesign(SILENT)) as it:
        asked = await it.until_it_ends()
        assert asked[0] == timedelta(seconds=60 + 20)
        gaps = [later - earlier for earlier, later in pairwise(asked)]
        assert gaps == sorted(gaps)
        assert 10 < len(asked) < 30
        assert asked[-1] <= timedelta(hours=12) + gaps[-1]


@pytest.mark.parametrize(
    "refusal",
    [
        StatusRefusal(description="expired", http_status=404, code=-10004),
        StatusRefusal(description="not enabled", http_status=401, code=3206),
        StatusRefusal(description="wrong key", http_status=401, code=3411),
    ],
    ids=["expired", "not enabled", "wrong key"],
)
async def test_an_answer_that_will_not_change_ends_the_asking(refusal: StatusRefusal, tmp_path: Path) -> None:
    async with bench(tmp_path, Telesign(refusal)) as it:
        assert len(await it.until_it_ends()) == 1


async def test_an_account_that_may_not_ask_still_waits_for_callbacks(tmp_path: Path) -> None:
    async with bench(tmp_path, Telesign(StatusRefusal(description="", http_status=401, code=3206))) as it:
        await it.until_it_ends()
        timeline = await it.timeline()
        assert (timeline.outcome, timeline.settled) == (CascadeOutcome.WAITING, False)


async def test_the_answer_is_a_fact_with_its_bytes_and_ends_the_asking(tmp_path: Path) -> None:
    async with bench(tmp_path, Telesign(status(3002), status(3000))) as it:
        assert len(await it.until_it_ends()) == 2
        timeline = await it.timeline()
        assert timeline.outcome is CascadeOutcome.DELIVERED
        last = timeline.events[-1]
        assert last.source is Source.QUERY
        evidence = it.ledger.db.evidence(last.fact_id)
        assert evidence is not None
        assert json.loads(evidence.raw)["reference_id"] == REF


async def test_another_account_is_not_asked_about_a_message_that_is_not_its_own(tmp_path: Path) -> None:
    async with bench(tmp_path, Telesign(status(3000)), account="SHOP-B") as it:
        assert await it.due() is None
        await it.reconciler.ask("m1")
        assert it.client.asked == []


@pytest.mark.parametrize("age", [timedelta(hours=1), timedelta(hours=13)])
async def test_a_message_found_at_start_is_asked_about_unless_nobody_remembers_it(
    age: timedelta, tmp_path: Path
) -> None:
    accepted_before(tmp_path, age)
    async with telesign(says(TAKEN)) as server, desk_at(server.url, tmp_path) as desk:
        async with asyncio.timeout(20):
            while (await desk._ledger.off(desk._ledger.db.next_question, ACCOUNT)) is not None:
                continue
        assert await asked(desk) == (age < timedelta(hours=12))


async def test_nothing_is_asked_while_what_came_already_is_being_read(tmp_path: Path) -> None:
    async with bench(tmp_path, Telesign(status(3000))) as it:
        it.now, it.reading = NOW + timedelta(hours=1), True
        due = await it.due()
        await it.reconciler._turn()
        assert (it.client.asked, await it.due()) == ([], due)
        it.reading = False
        await it.reconciler._turn()
        assert it.client.asked == [REF]


async def test_what_the_relay_has_is_not_asked_of_telesign(tmp_path: Path) -> None:
    accepted_before(tmp_path / "desk", timedelta(hours=1))
    async with telesign(says(TAKEN)) as server, relay_at(tmp_path, KEY) as relay:
        await call_back(relay, delivery("cascade-m1"))
        async with desk_at(server.url, tmp_path / "desk", relay=relay, token="t" * 32) as desk:
            assert (await desk.settled("m1", 20)).outcome is CascadeOutcome.DELIVERED
            assert not await asked(desk)


async def test_where_the_relay_is_away_telesign_is_asked(tmp_path: Path) -> None:
    accepted_before(tmp_path / "desk", timedelta(hours=1))
    async with relay_at(tmp_path, KEY) as away:
        pass
    async with (
        telesign(says(TAKEN)) as server,
        desk_at(server.url, tmp_path / "desk", relay=away, token="t" * 32) as desk,
    ):
        async with asyncio.timeout(20):
            while not await asked(desk):
                continue


async def test_the_plan_is_on_disk_with_the_acceptance(tmp_path: Path) -> None:
    """cascade send ends a moment after it; the window that starts later must know when to ask."""
    async with telesign(says(TAKEN)) as server:
        async with desk_at(server.url, tmp_path, time_scale=1.0) as desk:
            assert (await sent(desk)).state is MessageState.ACCEPTED
        with closing(Journal(tmp_path)) as journal:
            due = journal.next_question(ACCOUNT)
            assert due is not None
            assert timedelta(seconds=70) < due - datetime.now(UTC) < timedelta(seconds=81)


def test_nothing_is_asked_of_what_was_not_taken() -> None:
    queued, began, answered = facts(timedelta(0))
    assert policy.first_question(fold([queued])) is None
    assert policy.first_question(fold([queued, began])) is None
    assert policy.first_question(fold([queued, began, answered])) == NOW + timedelta(seconds=80)

"""Waiting, taking back, trying again, closing and starting: never a second POST, never one forgotten."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.cascade.facts import Answered, Decision, Queued, SendBegan, SendFailed, SendFailure
from console.cascade.outcome import EventKind, MessageState, Timeline
from console.desk import policy, sender
from console.desk.desk import Desk
from console.desk.outbox import _new_id
from console.desk.owners import Owner
from console.desk.settings import Secrets, Settings
from console.desk.values import HistoryQuery, NeedsConfirmation, Queued_, Unavailable
from console.journal.errors import JournalProblem
from console.journal.journal import Journal
from console.telesign.client import TelesignClient
from tests.desk.stand_in import (
    DRAFT,
    KEY,
    TAKEN,
    coded,
    desk_at,
    http,
    says,
    sent,
    telesign,
)

ACCOUNT = KEY.customer_id.upper()


async def queue(desk: Desk, text: str = "Hello") -> str:
    result = await desk.send(replace(DRAFT, viber_text=text))
    assert isinstance(result, Queued_)
    return result.message_id


async def until(desk: Desk, message_id: str, done: Callable[[Timeline], bool]) -> Timeline:
    """Wait until a message's timeline is as wanted."""
    news = asyncio.Event()
    stop = desk.watch(lambda _: news.set())
    try:
        async with asyncio.timeout(30):
            while True:
                news.clear()
                timeline = await desk.timeline(message_id)
                assert timeline is not None
                if done(timeline):
                    return timeline
                await news.wait()
    finally:
        stop()


def left(directory: Path, *facts: object, account: str = "", age: timedelta = timedelta(0)) -> None:
    """A journal as a process left it that is gone."""
    with closing(Journal(directory)) as journal:
        queued = Queued(
            fact_id="queued:m1", at=datetime.now(UTC) - age, message_id="m1", external_id="cascade-m1",
            to="15558675309", viber_text="Hello", sms_text="Hello", fallback_time=60,
        )  # fmt: skip
        journal.add_message(queued, request=b'{"left":"behind"}', owner="gone", account=account)
        journal.record("m1", *facts)  # type: ignore[arg-type]


class TestTwoAtOnce:
    """Whoever comes second finds it done."""

    async def test_of_desks_that_start_together_one_sends_what_a_dead_one_left(self, tmp_path: Path) -> None:
        left(tmp_path)
        async with telesign(says(TAKEN)) as server:
            settings = Settings(api_url=server.url, customer_id=KEY.customer_id, proxy="", time_scale=60)
            desks = [Desk(settings, Secrets(api_key=KEY.api_key), directory=tmp_path) for _ in range(5)]
            await asyncio.gather(*(desk.start() for desk in desks))
            try:
                for desk in desks:
                    assert (await desk.posted("m1")).state is MessageState.ACCEPTED
            finally:
                await asyncio.gather(*(desk.stop(1.0) for desk in desks))
            assert server.bodies == [b'{"left":"behind"}']

    async def test_send_pressed_twice_sends_once(self, tmp_path: Path) -> None:
        async with telesign(says(TAKEN)) as server, desk_at(server.url, tmp_path) as desk:
            first, *others = sorted(
                await asyncio.gather(*(desk.send(DRAFT) for _ in range(5))),
                key=lambda result: isinstance(result, NeedsConfirmation),
            )
            assert isinstance(first, Queued_)
            assert all(isinstance(other, NeedsConfirmation) for other in others)
            await desk.posted(first.message_id)
            assert len(server.bodies) == 1

    def test_a_lock_tells_the_living_from_the_dead(self, tmp_path: Path) -> None:
        one, other = Owner(tmp_path), Owner(tmp_path)
        with one.of_the_dead(other.name) as dead:
            assert not dead
        with one.of_the_dead(one.name) as dead:
            assert not dead
        other.release()
        with one.of_the_dead(other.name) as dead:
            assert dead
        one.release()
        assert list((tmp_path / "owners").iterdir()) == []


class TestTakingBack:
    """As long as nothing was given to the network."""

    async def test_within_the_undo_time(self, tmp_path: Path) -> None:
        async with telesign(says(TAKEN)) as server, desk_at(server.url, tmp_path, undo=30) as desk:
            message_id = await queue(desk)
            assert await desk.withdraw(message_id)
            assert not await desk.withdraw(message_id)
            timeline = await desk.posted(message_id)
            assert timeline.state is MessageState.NOT_SENT
            assert "Taken back" in timeline.events[-1].title
            assert server.bodies == []

    async def test_a_planned_retry(self, tmp_path: Path) -> None:
        refusal = http(429, coded(3204))
        async with (
            telesign(says(refusal)) as server,
            desk_at(server.url, tmp_path, time_scale=0.01) as desk,
        ):
            message_id = await queue(desk)
            timeline = await until(desk, message_id, lambda now: now.retry_at is not None)
            assert EventKind.RETRY_PLANNED in {event.kind for event in timeline.events}
            assert await desk.withdraw(message_id)
            timeline = await desk.posted(message_id)
            assert timeline.retry_at is None
            assert timeline.state is MessageState.NOT_SENT
            assert len(server.bodies) == 1

    async def test_not_once_the_post_has_begun(self, tmp_path: Path) -> None:
        go_on = asyncio.Event()

        async def slow(writer: asyncio.StreamWriter, _number: int) -> None:
            await go_on.wait()
            writer.write(TAKEN)

        async with telesign(slow) as server, desk_at(server.url, tmp_path) as desk:
            message_id = await queue(desk)
            await server.reached(1)
            assert not await desk.withdraw(message_id)
            go_on.set()
            assert (await desk.posted(message_id)).state is MessageState.ACCEPTED


class TestTryingAgain:
    """Slowed, bounded, planned on disk."""

    async def test_a_rate_limit_is_given_up_after_five_posts(self, tmp_path: Path) -> None:
        async with (
            telesign(says(http(429, coded(3204)))) as server,
            desk_at(server.url, tmp_path, time_scale=1000.0) as desk,
        ):
            timeline = await sent(desk)
            assert (timeline.state, timeline.code) == (MessageState.REFUSED, 3204)
            assert len(server.bodies) == policy.MOST_ATTEMPTS == 5
            assert len(set(server.bodies)) == 1

    def test_the_pauses_grow_and_are_spread(self) -> None:
        delays = [policy.delay_after_refusal(3204, attempt, 0.5) for attempt in range(1, 5)]
        assert delays == sorted(delays, key=float) == [2.0, 6.0, 20.0, 60.0]  # type: ignore[arg-type]
        assert policy.delay_after_refusal(3500, 1, 0.0) != policy.delay_after_refusal(3500, 1, 1.0)
        assert policy.delay_after_refusal(3204, 5, 0.5) is None
        assert [policy.delay_after_refusal(code, 1, 0.5) for code in (3203, 3206, 3001, 3110)] == [None] * 4

    async def test_a_plan_survives_a_restart_and_is_kept_to(self, tmp_path: Path) -> None:
        due = datetime.now(UTC) + timedelta(seconds=0.5)
        refusal = Answered(
            fact_id="answered:m1:1", at=datetime.now(UTC), attempt=1, http_status=429, code=3204,
            description="", reference_id=None, retry_at=due,
        )  # fmt: skip
        left(tmp_path, SendBegan(fact_id="began:m1:1", at=datetime.now(UTC), attempt=1), refusal)
        async with telesign(says(TAKEN)) as server, desk_at(server.url, tmp_path) as desk:
            timeline = await desk.posted("m1")
            assert timeline.state is MessageState.ACCEPTED
            assert timeline.accepted_at is not None
            assert timeline.accepted_at >= due
            assert len(server.bodies) == 1

    async def test_a_plan_whose_moment_has_long_passed_is_for_a_person_to_decide(
        self, tmp_path: Path
    ) -> None:
        began = datetime.now(UTC) - timedelta(days=3)
        failed = SendFailed(
            fact_id="failed:m1:1", at=began, attempt=1, failure=SendFailure.NOT_CONNECTED,
            retry_at=began + timedelta(seconds=3),
        )  # fmt: skip
        left(tmp_path, SendBegan(fact_id="b", at=began, attempt=1), failed, age=timedelta(days=3))
        async with telesign(says(TAKEN)) as server, desk_at(server.url, tmp_path) as desk:
            timeline = await desk.posted("m1")
            assert (timeline.state, timeline.settled) == (MessageState.NOT_SENT, True)
            assert "too long" in timeline.events[-1].detail
            assert server.bodies == []
            assert isinstance(await desk.resend("m1"), Queued_), "one click sends it"

    async def test_a_computer_that_slept_over_the_moment_does_not_send(self, tmp_path: Path) -> None:
        asleep = timedelta(0)

        def clock() -> datetime:
            return datetime.now(UTC) + asleep

        settings = Settings(customer_id=KEY.customer_id, proxy="", undo_seconds=1)
        async with telesign(says(TAKEN)) as server:
            desk = Desk(
                replace(settings, api_url=server.url),
                Secrets(api_key=KEY.api_key),
                directory=tmp_path,
                clock=clock,
            )
            await desk.start()
            try:
                message_id = await queue(desk)
                asleep = timedelta(hours=8)
                assert (await desk.posted(message_id)).state is MessageState.NOT_SENT
            finally:
                await desk.stop(0.2)
            assert server.bodies == []

    async def test_posts_keep_their_distance_also_when_they_come_due_together(self, tmp_path: Path) -> None:
        moments: list[float] = []

        async def note(writer: asyncio.StreamWriter, _number: int) -> None:
            moments.append(asyncio.get_running_loop().time())
            writer.write(TAKEN)

        async with telesign(note) as server, desk_at(server.url, tmp_path, undo=1) as desk:
            ids = [await queue(desk, f"Message {number}") for number in range(6)]
            for message_id in ids:
                await desk.posted(message_id)
            # Ten a second: six take at least half a second from the first slot to the last.
            assert moments[-1] - moments[0] > 5 * sender._SPACING * 0.8
            assert len(server.bodies) == 6


class TestAnswersThatStayOut:
    """Whether it was taken is not known."""

    async def test_silence_after_the_whole_request_is_doubt(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(
            "console.desk.connections.TelesignClient", partial(TelesignClient, read_timeout=0.3)
        )

        async def silence(_writer: asyncio.StreamWriter, _number: int) -> None:
            return

        async with telesign(silence) as server:
            async with desk_at(server.url, tmp_path) as desk:
                timeline = await sent(desk)
                assert timeline.state is MessageState.UNCONFIRMED
                asked = await desk.resend(timeline.message_id or "")
                assert isinstance(asked, NeedsConfirmation)
                assert "twice" in asked.question
            async with desk_at(server.url, tmp_path):
                pass
            assert len(server.bodies) == 1

    async def test_the_agent_settles_it_and_a_later_report_outranks_the_agent(self, tmp_path: Path) -> None:
        async with telesign(says(http(200, b"<html>"))) as server, desk_at(server.url, tmp_path) as desk:
            message_id = (await sent(desk)).message_id or ""
            await desk.settle(message_id, Decision.TREAT_AS_NOT_SENT)
            timeline = await desk.timeline(message_id)
            assert timeline is not None
            assert timeline.state is MessageState.NOT_SENT
            assert len(server.bodies) == 1

    async def test_a_bug_in_the_middle_is_doubt_too_and_is_told(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Broken(TelesignClient):
            async def send(self, body: bytes) -> object:  # type: ignore[override]
                raise ZeroDivisionError

        monkeypatch.setattr("console.desk.connections.TelesignClient", Broken)
        told: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context["exception"]))
        async with desk_at("http://127.0.0.1:9", tmp_path) as desk:
            timeline = await sent(desk)
            assert timeline.state is MessageState.UNCONFIRMED
        assert [type(error) for error in told] == [ZeroDivisionError]


class TestOtherSettings:
    """What was begun ends as it was begun."""

    async def test_a_post_under_way_is_not_cut_by_new_settings(self, tmp_path: Path) -> None:
        go_on = asyncio.Event()

        async def slow(writer: asyncio.StreamWriter, _number: int) -> None:
            await go_on.wait()
            writer.write(TAKEN)

        async with telesign(slow) as server, desk_at(server.url, tmp_path) as desk:
            message_id = await queue(desk)
            await server.reached(1)
            await desk.apply_settings(
                replace(desk.settings, api_url="http://127.0.0.1:9"), Secrets(api_key=KEY.api_key)
            )
            go_on.set()
            assert (await desk.posted(message_id)).state is MessageState.ACCEPTED
            assert len(server.bodies) == 1

    async def test_what_was_queued_for_one_account_never_leaves_through_another(self, tmp_path: Path) -> None:
        left(tmp_path, account="SOMEBODY-ELSE")
        async with telesign(says(TAKEN)) as server, desk_at(server.url, tmp_path) as desk:
            timeline = await desk.posted("m1")
            assert timeline.state is MessageState.NOT_SENT
            assert "another Telesign account" in timeline.events[-1].detail
            assert server.bodies == []

    async def test_the_same_account_is_the_same_however_it_is_written(self, tmp_path: Path) -> None:
        left(tmp_path, account=ACCOUNT.lower())
        async with telesign(says(TAKEN)) as server, desk_at(server.url, tmp_path) as desk:
            assert (await desk.posted("m1")).state is MessageState.ACCEPTED
            assert len(server.bodies) == 1

    async def test_without_a_key_nothing_is_queued(self, tmp_path: Path) -> None:
        desk = Desk(Settings(customer_id=KEY.customer_id), Secrets(), directory=tmp_path)
        await desk.start()
        try:
            assert isinstance(await desk.send(DRAFT), Unavailable)
            assert len(await desk.history_ids(HistoryQuery())) == 0
        finally:
            await desk.stop()

    async def test_a_refused_key_is_shown_until_one_is_accepted(self, tmp_path: Path) -> None:
        async with (
            telesign(says(http(401, coded(3411)), TAKEN)) as server,
            desk_at(server.url, tmp_path) as desk,
        ):
            shown = []
            for text in ("One", "Two"):
                await sent(desk, replace(DRAFT, viber_text=text))
                shown.append(desk.status.account.kind)
            assert shown == ["refused", "ready"]


class TestTheDisk:
    """It may refuse at any moment; then nothing is sent that is not recorded, and nothing said is lost."""

    async def test_what_cannot_be_recorded_is_not_sent(self, tmp_path: Path) -> None:
        async with telesign(says(TAKEN)) as server, desk_at(server.url, tmp_path) as desk:
            with full(desk):
                result = await desk.send(DRAFT)
                assert isinstance(result, Unavailable)
                assert "not sent" in result.reason
                assert desk.status.storage
                assert desk.status.notices
            assert server.bodies == []
            await sent(desk)
            assert not desk.status.storage
            assert not desk.status.notices

    async def test_an_answer_that_cannot_be_recorded_is_held_until_it_can(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("console.desk.ledger._PAUSES", (0.01,))

        async def fill_up(writer: asyncio.StreamWriter, _number: int) -> None:
            desk._ledger.db.db.execute("PRAGMA query_only = 1")
            writer.write(TAKEN)

        async with telesign(fill_up) as server, desk_at(server.url, tmp_path) as desk:
            in_trouble = asyncio.Event()
            desk.watch(lambda _: in_trouble.set() if desk.status.storage else None)
            message_id = await queue(desk)
            async with asyncio.timeout(20):
                await in_trouble.wait()
            timeline = await desk.timeline(message_id)
            assert timeline is not None
            assert timeline.state is MessageState.SENDING
            desk._ledger.db.db.execute("PRAGMA query_only = 0")
            assert (await desk.posted(message_id)).state is MessageState.ACCEPTED
            assert len(server.bodies) == 1

    async def test_sending_that_cannot_be_recorded_touches_no_socket(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sender, "_DISK_PAUSE", 0.01)
        async with telesign(says(TAKEN)) as server, desk_at(server.url, tmp_path, undo=1) as desk:
            in_trouble = asyncio.Event()
            desk.watch(lambda _: in_trouble.set() if desk.status.storage else None)
            message_id = await queue(desk)
            with full(desk):
                async with asyncio.timeout(20):
                    await in_trouble.wait()
                assert server.bodies == []
            assert (await desk.posted(message_id)).state is MessageState.ACCEPTED
            assert len(server.bodies) == 1

    async def test_damage_met_at_start_is_a_sentence(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def damaged(_journal: Journal) -> None:
            error = sqlite3.DatabaseError("database disk image is malformed")
            error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
            raise error

        monkeypatch.setattr(Journal, "last_heard", damaged)
        desk = Desk(Settings(), Secrets(), directory=tmp_path)
        with pytest.raises(JournalProblem) as problem:
            await desk.start()
        assert problem.value.sentence.endswith(".")
        assert (tmp_path / "journal.db.suspect").exists()


class full:  # noqa: N801 - reads as a state
    """While inside, the disk takes nothing."""

    def __init__(self, desk: Desk) -> None:
        self._db = desk._ledger.db.db

    def __enter__(self) -> None:
        self._db.execute("PRAGMA query_only = 1")

    def __exit__(self, *_: object) -> None:
        self._db.execute("PRAGMA query_only = 0")


class TestClosing:
    """In order and within a bound."""

    async def test_what_waits_longer_than_the_bound_stays_queued_for_the_next_start(
        self, tmp_path: Path
    ) -> None:
        async with telesign(says(TAKEN)) as server:
            async with desk_at(server.url, tmp_path, undo=30) as desk:
                message_id = await queue(desk)
            assert server.bodies == []
            async with desk_at(server.url, tmp_path) as again:
                assert (await again.posted(message_id)).state is MessageState.ACCEPTED
            assert len(server.bodies) == 1

    async def test_a_post_under_way_is_waited_for(self, tmp_path: Path) -> None:
        go_on = asyncio.Event()

        async def slow(writer: asyncio.StreamWriter, _number: int) -> None:
            await go_on.wait()
            writer.write(TAKEN)

        async with telesign(slow) as server:
            desk = Desk(
                Settings(api_url=server.url, customer_id=KEY.customer_id, proxy=""),
                Secrets(api_key=KEY.api_key), directory=tmp_path,
            )  # fmt: skip
            await desk.start()
            message_id = await queue(desk)
            await server.reached(1)
            asyncio.get_running_loop().call_later(0.3, go_on.set)
            await desk.stop(10.0)
        with closing(Journal(tmp_path)) as journal:
            timeline = journal.timeline(message_id)
            assert timeline is not None
            assert timeline.state is MessageState.ACCEPTED


class TestStop:
    """A customer who said STOP is not written to without a deliberate word."""

    async def test_it_asks_and_may_be_overridden(self, tmp_path: Path) -> None:
        from tests.journal.conftest import FEED, heard, reply

        with closing(Journal(tmp_path)) as journal:
            journal.ingest([heard(reply("STOP"))], feed=FEED, before=None, after="1")
        async with telesign(says(TAKEN)) as server, desk_at(server.url, tmp_path) as desk:
            asked = await desk.send(DRAFT)
            assert isinstance(asked, NeedsConfirmation)
            assert "STOP" in asked.question
            assert server.bodies == []
            assert isinstance(await desk.send(DRAFT, confirmed=True), Queued_)


async def test_a_reply_is_answered_in_the_same_conversation(tmp_path: Path) -> None:
    async with telesign(says(TAKEN)) as server, desk_at(server.url, tmp_path) as desk:
        first = await sent(desk, replace(DRAFT, two_way=True, reply_id="r1"))
        result = await desk.reply(first.message_id or "", "You are welcome")
        assert isinstance(result, Queued_)
        await desk.posted(result.message_id)
        viber = json.loads(server.bodies[1])["message"]["viber"]
        assert viber["template"] == "text_session"
        assert viber["parameters"] == {"text": "You are welcome", "reply_id": "r1"}


class TestUsingAgain:
    """A sent message becomes a draft again, with everything the agent set."""

    async def test_all_that_was_set_comes_back_except_the_external_id(self, tmp_path: Path) -> None:
        draft = replace(
            DRAFT,
            sms_text="Shorter",
            sms_follows=False,
            two_way=True,
            reply_id="100035",
            session=True,
            sender_id="Shop",
            external_id="ticket-7",
            callback_url="https://reports.example/here",
            lifecycle_event="update",
            originating_ip="203.0.113.7",
        )
        async with telesign(says(TAKEN)) as server, desk_at(server.url, tmp_path) as desk:
            timeline = await sent(desk, draft)
            assert timeline.message_id is not None
            again = await desk.draft_of(timeline.message_id)
            assert again is not None
            assert replace(again, to=draft.to, external_id="ticket-7") == draft
            assert again.to.replace(" ", "") == f"+{timeline.to}"


@given(
    earlier=st.integers(0, 4 * 10**9).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    later=st.integers(2, 10**10),
)
def test_ids_of_messages_stand_in_the_order_of_their_time_and_never_meet(
    earlier: datetime, later: int
) -> None:
    moments = (earlier, earlier, earlier + timedelta(milliseconds=later))
    first, again, last = map(_new_id, moments)
    assert first != again
    assert max(first, again) < last
    assert all(re.fullmatch("[0-9a-f]{32}", each) for each in (first, again, last))

"""The six rules of safe sending, against a real socket server that counts what reaches it."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from console.cascade.facts import Queued, SendBegan
from console.cascade.message import Draft
from console.cascade.outcome import CascadeOutcome, EventKind, MessageState
from console.desk.values import Invalid, NeedsConfirmation, Queued_
from console.journal.journal import Journal
from tests.desk.stand_in import (
    DRAFT,
    KEY,
    OTHER,
    REF,
    TAKEN,
    Respond,
    call_back,
    coded,
    delivery,
    desk_at,
    half,
    http,
    relay_at,
    reset,
    says,
    sent,
    telesign,
    vanish,
)

# -- what an answer means ----------------------------------------------------------------------------


async def test_3001_is_accepted_and_the_request_carries_our_own_id(tmp_path: Path) -> None:
    async with telesign(says(TAKEN)) as server, desk_at(server.url, tmp_path) as desk:
        timeline = await sent(desk)
        assert timeline.state is MessageState.ACCEPTED
        assert timeline.reference_id == REF
        body = json.loads(server.bodies[0])
        assert body["external_id"] == timeline.external_id
        assert body["recipient"] == {"phone_number": "15558675309"}
        assert [channel["channel"] for channel in body["channels"]] == ["viber", "sms"]


@pytest.mark.parametrize(
    "respond",
    [
        pytest.param(reset, id="reset"),
        pytest.param(half, id="cut answer"),
        pytest.param(vanish, id="closed without an answer"),
        pytest.param(says(http(502, b"<html>Bad gateway</html>", "text/html")), id="HTML 502"),
        pytest.param(says(http(200, b"")), id="empty 200"),
        pytest.param(says(http(200, b'{"status":{}}')), id="200 without a code"),
    ],
)
async def test_doubt_is_one_post_ever_also_after_a_restart(respond: Respond, tmp_path: Path) -> None:
    async with telesign(respond) as server:
        async with desk_at(server.url, tmp_path) as desk:
            timeline = await sent(desk)
            assert timeline.state is MessageState.UNCONFIRMED
            assert timeline.outcome is CascadeOutcome.UNDECIDED
        async with desk_at(server.url, tmp_path) as again:
            assert timeline.message_id is not None
            later = await again.timeline(timeline.message_id)
            assert later is not None
            assert later.state is MessageState.UNCONFIRMED
            assert again.sending == 0
        assert len(server.bodies) == 1


async def test_closing_while_telesign_is_silent_leaves_doubt_not_a_second_post(tmp_path: Path) -> None:
    arrived = asyncio.Event()

    async def silence(_writer: asyncio.StreamWriter, _number: int) -> None:
        arrived.set()

    async with telesign(silence) as server:
        async with desk_at(server.url, tmp_path) as desk:
            result = await desk.send(DRAFT)
            assert isinstance(result, Queued_)
            await arrived.wait()
        async with desk_at(server.url, tmp_path) as again:
            timeline = await again.timeline(result.message_id)
            assert timeline is not None
            assert timeline.state is MessageState.UNCONFIRMED
        assert len(server.bodies) == 1


async def test_no_connection_is_certainly_not_sent(tmp_path: Path) -> None:
    async with desk_at("http://127.0.0.1:9", tmp_path) as desk:
        timeline = await sent(desk)
        assert timeline.state is MessageState.NOT_SENT
        assert timeline.settled


@pytest.mark.parametrize(("status", "code"), [(429, 3204), (503, 3500)])
async def test_what_was_certainly_not_taken_is_sent_again_and_shown(
    status: int, code: int, tmp_path: Path
) -> None:
    async with (
        telesign(says(http(status, coded(code)), TAKEN)) as server,
        desk_at(server.url, tmp_path) as desk,
    ):
        timeline = await sent(desk)
        assert timeline.state is MessageState.ACCEPTED
        assert server.bodies[0] == server.bodies[1]
        assert len(server.bodies) == 2
        assert EventKind.RETRY_PLANNED in {event.kind for event in timeline.events}


@pytest.mark.parametrize(("status", "code"), [(429, 3203), (429, 3206), (400, 3110), (401, 3400)])
async def test_a_refusal_is_never_repeated(status: int, code: int, tmp_path: Path) -> None:
    async with telesign(says(http(status, coded(code)))) as server, desk_at(server.url, tmp_path) as desk:
        timeline = await sent(desk)
        assert timeline.state is MessageState.REFUSED
        assert timeline.code == code
        assert len(server.bodies) == 1


# -- what a dead process left ---------------------------------------------------------------------------


def left_behind(directory: Path, *, began: bool, age: timedelta = timedelta(0)) -> None:
    """A journal as a process leaves it that was killed before, or during, the POST."""
    journal = Journal(directory)
    queued = Queued(
        fact_id="queued:m1", at=datetime.now(UTC) - age, message_id="m1", external_id="cascade-m1",
        to="15558675309", viber_text="Hello", sms_text="Hello", fallback_time=60,
    )  # fmt: skip
    journal.add_message(queued, request=b'{"left":"behind"}', owner="a process that is gone")
    if began:
        journal.record("m1", SendBegan(fact_id="began:m1:1", at=datetime.now(UTC), attempt=1))
    journal.close()


async def test_killed_during_the_post_is_doubt(tmp_path: Path) -> None:
    left_behind(tmp_path, began=True)
    async with telesign(says(TAKEN)) as server, desk_at(server.url, tmp_path) as desk:
        timeline = await desk.timeline("m1")
        assert timeline is not None
        assert timeline.state is MessageState.UNCONFIRMED
        assert server.bodies == []


async def test_killed_before_the_post_is_sent_by_the_next_one_exactly_as_recorded(tmp_path: Path) -> None:
    left_behind(tmp_path, began=False)
    async with telesign(says(TAKEN)) as server, desk_at(server.url, tmp_path) as desk:
        assert (await desk.posted("m1")).state is MessageState.ACCEPTED
        assert server.bodies == [b'{"left":"behind"}']


async def test_what_was_queued_too_long_ago_is_not_sent_by_itself(tmp_path: Path) -> None:
    left_behind(tmp_path, began=False, age=timedelta(minutes=11))
    async with telesign(says(TAKEN)) as server, desk_at(server.url, tmp_path) as desk:
        timeline = await desk.posted("m1")
        assert timeline.state is MessageState.NOT_SENT
        assert "too long" in timeline.events[-1].detail
        assert server.bodies == []


async def test_a_living_processs_message_is_left_alone(tmp_path: Path) -> None:
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def slow(writer: asyncio.StreamWriter, _number: int) -> None:
        arrived.set()
        await go_on.wait()
        writer.write(TAKEN)

    async with telesign(slow) as server, desk_at(server.url, tmp_path) as first:
        result = await first.send(DRAFT)
        assert isinstance(result, Queued_)
        await arrived.wait()
        async with desk_at(server.url, tmp_path) as second:
            timeline = await second.timeline(result.message_id)
            assert timeline is not None
            assert timeline.state is MessageState.SENDING
            go_on.set()
            assert (await first.posted(result.message_id)).state is MessageState.ACCEPTED
            # The second one notices what the first one wrote.
            assert (await second.posted(result.message_id)).state is MessageState.ACCEPTED
        assert len(server.bodies) == 1


# -- before sending ----------------------------------------------------------------------------------------


async def test_the_same_text_to_the_same_number_asks_first(tmp_path: Path) -> None:
    async with telesign(says(TAKEN)) as server, desk_at(server.url, tmp_path) as desk:
        await sent(desk)
        asked = await desk.send(DRAFT)
        assert isinstance(asked, NeedsConfirmation)
        assert "still being tried" in asked.question
        assert isinstance(await desk.send(DRAFT, confirmed=True), Queued_)


@pytest.mark.parametrize(
    "draft",
    [
        Draft(to="+1555abc", viber_text="Hello"),
        Draft(to="+15558675309", viber_text="x" * 1001),
        Draft(to="+15558675309", viber_text="Hello", fallback_time=29),
        Draft(to="+15558675309", viber_text="Hello", fallback_time=3601),
        Draft(to="+15558675309", viber_text=""),
        Draft(to="+15558675309", viber_text="Hello", sms_follows=False, sms_text="ж" * 6000),
    ],
)
async def test_bad_input_is_one_sentence_and_no_post(draft: Draft, tmp_path: Path) -> None:
    async with telesign(says(TAKEN)) as server, desk_at(server.url, tmp_path) as desk:
        result = await desk.send(draft)
        assert isinstance(result, Invalid)
        assert result.problems[0].text.endswith(".")
        assert server.bodies == []


# -- what comes back -----------------------------------------------------------------------------------------


async def test_a_report_with_our_own_id_settles_doubt(tmp_path: Path) -> None:
    async with (
        telesign(reset) as server,
        relay_at(tmp_path, KEY) as relay,
        desk_at(server.url, tmp_path, relay=relay, token="t" * 32) as desk,
    ):
        timeline = await sent(desk)
        assert timeline.state is MessageState.UNCONFIRMED
        assert timeline.message_id is not None
        await call_back(relay, delivery(timeline.external_id))
        end = await desk.settled(timeline.message_id, 20)
        assert end.state is MessageState.ACCEPTED
        assert end.made_by == ("sms",)
        assert len(server.bodies) == 1


async def test_a_callback_may_overtake_the_answer_come_as_get_and_thrice(tmp_path: Path) -> None:
    async with relay_at(tmp_path, KEY) as relay:

        async def overtaken(writer: asyncio.StreamWriter, _number: int) -> None:
            for method in ("GET", "POST", "GET"):
                await call_back(relay, delivery("null"), method=method)
            writer.write(TAKEN)

        async with (
            telesign(overtaken) as server,
            desk_at(server.url, tmp_path, relay=relay, token="t" * 32) as desk,
        ):
            timeline = await sent(desk)
            assert timeline.message_id is not None
            end = await desk.settled(timeline.message_id, 20)
            assert end.outcome is CascadeOutcome.DELIVERED
            assert end.made_by == ("sms",)
            assert sum(event.channel == "sms" for event in end.events) == 1


async def test_what_the_relay_believes_but_this_desk_cannot_is_shown_and_changes_nothing(
    tmp_path: Path,
) -> None:
    async with (
        telesign(says(TAKEN)) as server,
        relay_at(tmp_path, OTHER) as relay,
        desk_at(server.url, tmp_path, relay=relay, token="t" * 32) as desk,
    ):
        timeline = await sent(desk)
        assert timeline.message_id is not None
        changed = asyncio.Event()
        desk.watch(lambda _change: changed.set())
        await call_back(relay, delivery(timeline.external_id), OTHER)
        async with asyncio.timeout(20):
            # The message changes for reasons of its own too; only the rejected report is waited for.
            while EventKind.REJECTED not in {event.kind for event in timeline.events}:
                await changed.wait()
                changed.clear()
                timeline = await desk.timeline(timeline.message_id) or timeline
        assert timeline.outcome is CascadeOutcome.WAITING


@pytest.mark.parametrize("token", ["wrong" * 8])
async def test_a_wrong_token_is_said_and_sending_goes_on(token: str, tmp_path: Path) -> None:
    async with (
        telesign(says(TAKEN)) as server,
        relay_at(tmp_path, KEY) as relay,
        desk_at(server.url, tmp_path, relay=relay, token=token) as desk,
    ):
        assert (await sent(desk)).state is MessageState.ACCEPTED
        told = asyncio.Event()
        desk.watch(lambda _change: told.set() if desk.status.relay.kind == "refused" else None)
        if desk.status.relay.kind != "refused":
            async with asyncio.timeout(20):
                await told.wait()

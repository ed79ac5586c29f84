"""Every scenario over real HTTP: what is answered, what is told, what the status says."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from console.sandbox.orders import Order, read_order
from console.sandbox.plan import Change, plan
from console.sandbox.scenarios import Answer, Scenario, catalogue, scenario
from console.telesign.times import parse_time
from tests.sandbox import requests
from tests.sandbox.conftest import Bench, Receiver, StartBench, Told

HOURLY = 36_000.0
"""Fast enough to see an hour pass in a tenth of a second."""


def lines(told: Told) -> tuple[int, str, dict[str, int]]:
    """(overall code, last channel, channel codes) of a delivery callback."""
    body = told.body
    channels = {name: line["code"] for each in body["channel_status"] for name, line in each.items()}
    return body["status"]["code"], body["status"]["last_channel"], channels


async def after_all(bench: Bench, receiver: Receiver) -> list[Told]:
    await bench.stand_in.at_rest()
    return receiver.told


async def send(bench: Bench, scenario_id: str, **changes: Any) -> httpx.Response:
    return await bench.post(requests.to(scenario(scenario_id).number, **changes))


DELIVERED = (3000, "viber", {"viber": 3000})
READ = (3005, "viber", {"viber": 3005})
TIMED_OUT = (3001, "sms", {"viber": 3056, "sms": 3001})
BY_SMS = (3000, "sms", {"viber": 3056, "sms": 3000})
NO_VIBER = (3001, "sms", {"viber": 3055, "sms": 3001})
SMS_INSTEAD = (3000, "sms", {"viber": 3055, "sms": 3000})

TOLD: dict[str, list[tuple[int, str, dict[str, int]]]] = {
    "viber_delivered": [DELIVERED],
    "viber_read": [DELIVERED, READ],
    "fallback_sms": [TIMED_OUT, BY_SMS],
    "viber_after_sms": [TIMED_OUT, BY_SMS, (3000, "sms", {"viber": 3000, "sms": 3000})],
    "both_fail": [TIMED_OUT, (3003, "sms", {"viber": 3056, "sms": 3042})],
    "no_viber": [NO_VIBER, SMS_INSTEAD],
    "blocked": [
        (3001, "sms", {"viber": 3046, "sms": 3001}),
        (3000, "sms", {"viber": 3046, "sms": 3000}),
    ],
    "no_callbacks": [],
    "nobody_tells": [],
    "duplicates": [DELIVERED, DELIVERED, DELIVERED, READ, READ, READ],
    "out_of_order": [READ, DELIVERED],
    "fallback_out_of_order": [BY_SMS, TIMED_OUT],
    "fallback_told_once": [BY_SMS],
    "unconfirmed": [
        NO_VIBER,
        (3002, "sms", {"viber": 3055, "sms": 3002}),
        (3004, "sms", {"viber": 3055, "sms": 3004}),
    ],
    "sms_gateway": [
        NO_VIBER,
        (3002, "sms", {"viber": 3055, "sms": 3002}),
        (3002, "sms", {"viber": 3055, "sms": 3040}),
        SMS_INSTEAD,
    ],
    "opted_out": [
        (3001, "sms", {"viber": 3046, "sms": 3001}),
        (3003, "sms", {"viber": 3046, "sms": 3046}),
    ],
    "outside_session": [
        (3001, "sms", {"viber": 3114, "sms": 3001}),
        (3000, "sms", {"viber": 3114, "sms": 3000}),
    ],
    "read_only": [READ],
    "unknown_code": [(3999, "viber", {"viber": 3999}), DELIVERED],
    "unknown_channel": [
        NO_VIBER,
        (3001, "sms", {"viber": 3055, "sms": 3001, "hologram": 3002}),
        (3000, "sms", {"viber": 3055, "sms": 3000, "hologram": 3002}),
    ],
}


@pytest.mark.parametrize("scenario_id", TOLD)
async def test_an_accepted_message_is_told_about_as_the_scenario_says(
    scenario_id: str, bench: Bench, receiver: Receiver
) -> None:
    answer = await send(bench, scenario_id)
    assert answer.status_code == 200
    reference_id = answer.json()["reference_id"]
    assert answer.json() == {
        "reference_id": reference_id,
        "status": {"code": 3001, "description": "Message in progress"},
        "external_id": "order-1",
    }
    told = await after_all(bench, receiver)
    assert [lines(each) for each in told] == TOLD[scenario_id]
    assert all(each.genuine and each.path == "/callbacks/telesign" for each in told)
    assert {each.body["reference_id"] for each in told} <= {reference_id}
    assert {each.body["external_id"] for each in told} <= {"order-1"}


async def test_every_scenario_that_accepts_ends_as_its_plan_does(bench: Bench, receiver: Receiver) -> None:
    """Whoever adds a scenario is covered: the status at the end is the plan's last word."""
    for each in catalogue():
        if each.refusal or each.answer in (Answer.NEVER, Answer.CUT) or not each.query_enabled:
            continue
        bench.stand_in.speed = HOURLY
        accepted = await send(bench, each.id)
        reference_id = bench.stand_in.received[-1].reference_id
        assert accepted.status_code == 200
        assert reference_id is not None
        await bench.stand_in.at_rest()
        final = (await bench.status(reference_id)).json()
        assert {
            name: line["code"] for one in final["channel_status"] for name, line in one.items()
        } == planned_end(each)


def planned_end(each: Scenario) -> dict[str, int]:
    order = read_order(requests.to(each.number))
    assert isinstance(order, Order)
    return {step.channel: step.code for step in plan(order, each) if isinstance(step, Change)}


async def test_duplicates_are_the_same_bytes_with_the_same_signature(
    bench: Bench, receiver: Receiver
) -> None:
    await send(bench, "duplicates")
    told = await after_all(bench, receiver)
    assert len({(each.raw, each.signature) for each in told}) == 2


async def test_late_callbacks_say_when_it_happened_not_when_they_were_sent(
    start_bench: StartBench, receiver: Receiver
) -> None:
    bench = await start_bench(speed=HOURLY)
    reference_id = (await send(bench, "late")).json()["reference_id"]
    await bench.stand_in.at_rest()
    assert [lines(each) for each in receiver.told] == [DELIVERED, READ]
    status = (await bench.status(reference_id)).json()
    assert receiver.told[-1].body["status"]["updated_on"] == status["status"]["updated_on"]


async def test_a_callback_may_come_as_get_with_a_body(bench: Bench, receiver: Receiver) -> None:
    await send(bench, "fallback_told_once")
    told = await after_all(bench, receiver)
    assert [each.method for each in told] == ["GET"]


async def test_every_time_in_a_callback_can_be_read_and_is_now(bench: Bench, receiver: Receiver) -> None:
    for each in catalogue():
        if each.refusal is None and each.answer is Answer.ACCEPTED and each.id != "late":
            await send(bench, each.id)
    for told in await after_all(bench, receiver):
        status = [told.body["status"]]
        channels = [line for each in told.body.get("channel_status", []) for line in each.values()]
        moments = [parse_time(line["updated_on"]) for line in status + channels]
        assert None not in moments
        spread = max(moment.timestamp() for moment in moments if moment) - min(
            moment.timestamp() for moment in moments if moment
        )
        assert spread < 60


async def test_an_external_id_that_was_not_given_is_the_word_null(bench: Bench, receiver: Receiver) -> None:
    answer = await send(bench, "viber_delivered", external_id=...)
    assert answer.json()["external_id"] is None
    assert (await after_all(bench, receiver))[0].body["external_id"] == "null"


async def test_a_viber_reply_comes_under_the_viber_label(bench: Bench, receiver: Receiver) -> None:
    reference_id = (await send(bench, "reply_viber")).json()["reference_id"]
    reply = (await after_all(bench, receiver))[-1]
    assert (reply.path, reply.genuine) == ("/callbacks/telesign/viber", True)
    assert reply.body["content"]["original_reference_id"] == reference_id
    assert reply.body["content"]["tracking_data"] == "100035"
    assert reply.body["status"]["code"] == 1500
    assert reply.body["phone_number"] == scenario("reply_viber").number.removeprefix("+")


async def test_an_sms_reply_comes_under_the_sms_label(bench: Bench, receiver: Receiver) -> None:
    reference_id = (await send(bench, "reply_sms")).json()["reference_id"]
    reply = (await after_all(bench, receiver))[-1]
    assert (reply.path, reply.genuine) == ("/callbacks/telesign/sms", True)
    assert reply.body["reference_id"] == reference_id
    assert reply.body["user_response"]["mo_message"] == "Can we make it an hour later?"


async def test_stop_is_a_keyword_by_sms_and_a_plain_text_by_viber(bench: Bench, receiver: Receiver) -> None:
    await send(bench, "stop")
    by_sms = (await after_all(bench, receiver))[-1].body
    await send(bench, "stop_viber")
    by_viber = (await after_all(bench, receiver))[-1].body
    assert by_sms["user_response"]["action"] == "stop"
    assert by_viber["content"]["text"] == "STOP"
    assert "user_response" not in by_viber


@pytest.mark.parametrize(
    ("scenario_id", "http_status", "code"),
    [("unauthorised", 401, 3400), ("not_enabled", 429, 3206), ("callback_url_not_enabled", 429, 3203)],
)
async def test_a_refused_message_is_refused_every_time_and_never_told_about(
    scenario_id: str, http_status: int, code: int, bench: Bench, receiver: Receiver
) -> None:
    for _ in range(4):
        answer = await send(bench, scenario_id)
        assert (answer.status_code, answer.json()["status"]["code"]) == (http_status, code)
        assert "reference_id" not in answer.json()
        assert answer.json()["external_id"] == "order-1"
    assert await after_all(bench, receiver) == []


@pytest.mark.parametrize(
    ("scenario_id", "refusals", "expected"),
    [("rate_limited", 2, (429, 3204)), ("unavailable", 1, (503, 3500))],
)
async def test_a_message_refused_for_now_is_taken_later(
    scenario_id: str, refusals: int, expected: tuple[int, int], bench: Bench, receiver: Receiver
) -> None:
    for message in ("order-1", "order-2"):  # each message is refused anew
        for _ in range(refusals):
            answer = await send(bench, scenario_id, external_id=message)
            assert (answer.status_code, answer.json()["status"]["code"]) == expected
        assert (await send(bench, scenario_id, external_id=message)).status_code == 200
    await after_all(bench, receiver)
    assert sorted(each.body["external_id"] for each in receiver.told) == ["order-1"] * 2 + ["order-2"] * 2


async def test_an_html_error_page_takes_nothing(bench: Bench, receiver: Receiver) -> None:
    answer = await send(bench, "html_502")
    assert (answer.status_code, answer.headers["content-type"]) == (502, "text/html")
    assert answer.text.startswith("<html>")
    assert await after_all(bench, receiver) == []


async def test_a_message_that_is_taken_and_not_answered_is_told_about(
    bench: Bench, receiver: Receiver
) -> None:
    posting = asyncio.create_task(send(bench, "no_answer"))
    told = await receiver.until(lambda told: len(told) == 2)
    assert [lines(each) for each in told] == [DELIVERED, READ]
    assert not posting.done()
    posting.cancel()
    await asyncio.gather(posting, return_exceptions=True)


async def test_a_cut_answer_promises_more_than_it_gives_and_ends_in_a_reset(
    bench: Bench, receiver: Receiver
) -> None:
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        await send(bench, "cut_answer")
    told = await after_all(bench, receiver)
    assert [lines(each) for each in told] == [DELIVERED, READ]


async def until_reset(reader: asyncio.StreamReader) -> bytes:
    """What came before the connection was reset; fails where it ended in order."""
    seen = bytearray()
    try:
        while chunk := await reader.read(1):
            seen += chunk
    except ConnectionResetError:
        return bytes(seen)
    raise AssertionError("the connection ended in order")


async def test_a_cut_answer_comes_half(bench: Bench) -> None:
    host, port = httpx.URL(bench.stand_in.url).host, httpx.URL(bench.stand_in.url).port
    reader, writer = await asyncio.open_connection(host, port)
    url = f"{bench.stand_in.url}/v1/omnichannel"
    post = requests.signed_post(url, bench.key, requests.to(scenario("cut_answer").number))
    head = "".join(f"{name}: {value}\r\n" for name, value in post.headers.items())
    writer.write(f"POST /v1/omnichannel HTTP/1.1\r\n{head}\r\n".encode() + post.content)
    seen = await until_reset(reader)
    writer.close()
    if seen:  # a reset may overtake what was sent before it
        assert seen.startswith(b"HTTP/1.1 200")
        assert not seen.endswith(b"}")


async def test_an_unreadable_answer_is_a_whole_200_that_is_not_json(bench: Bench, receiver: Receiver) -> None:
    answer = await send(bench, "garbled_answer")
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert [lines(each) for each in await after_all(bench, receiver)] == [DELIVERED, READ]


async def test_a_callback_can_come_before_the_answer(bench: Bench, receiver: Receiver) -> None:
    receiver.silent = True
    posting = asyncio.create_task(send(bench, "callback_first"))
    told = await receiver.until(lambda told: len(told) == 1)
    assert lines(told[0]) == DELIVERED
    assert not posting.done()
    receiver.released.set()
    assert (await posting).status_code == 200


async def test_the_menu_overrules_the_recipient_until_it_is_taken_back(
    bench: Bench, receiver: Receiver
) -> None:
    bench.stand_in.scenario = "not_enabled"
    assert (await send(bench, "viber_read")).status_code == 429
    bench.stand_in.scenario = None
    assert (await send(bench, "viber_read")).status_code == 200


async def test_what_a_channel_finds_out_is_told_and_the_next_one_tried(
    bench: Bench, receiver: Receiver
) -> None:
    channels = [{"channel": "telex"}, {"channel": "sms"}]
    await send(bench, "viber_read", channels=channels)
    told = await after_all(bench, receiver)
    assert [lines(each) for each in told] == [
        (3001, "sms", {"telex": 3100, "sms": 3001}),
        (3000, "sms", {"telex": 3100, "sms": 3000}),
    ]
    first: Any = told[0].body["channel_status"][0]["telex"]
    assert first["description"] == "Unknown channel specified: telex"


async def test_a_wrong_number_is_taken_and_fails_on_every_channel(bench: Bench, receiver: Receiver) -> None:
    answer = await bench.post(requests.body(recipient={"phone_number": "12"}))
    assert answer.status_code == 200
    told = await after_all(bench, receiver)
    assert lines(told[-1]) == (3003, "sms", {"viber": 3101, "sms": 3101})

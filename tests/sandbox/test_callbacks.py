"""How often the relay is told, and what a restart remembers."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from console.sandbox.callbacks import pause_after
from console.sandbox.scenarios import scenario
from tests.sandbox import requests
from tests.sandbox.conftest import Bench, Receiver, StartBench

ONE_CALLBACK = requests.to(scenario("viber_delivered").number)


def test_there_are_four_tries_with_growing_pauses() -> None:
    assert [pause_after(attempt) for attempt in (1, 2, 3, 4)] == [5.0, 10.0, 15.0, None]


@pytest.mark.parametrize("answers", [[503], [500, 404], [302, 204, 503]])
async def test_a_callback_is_repeated_until_it_is_taken(
    answers: list[int], bench: Bench, receiver: Receiver
) -> None:
    receiver.answers = list(answers)
    await bench.post(ONE_CALLBACK)
    await bench.stand_in.at_rest()
    assert len(receiver.told) == len(answers) + 1
    assert len({(each.raw, each.signature) for each in receiver.told}) == 1


async def test_after_the_fourth_try_it_is_lost(bench: Bench, receiver: Receiver) -> None:
    receiver.answers = [503] * 10
    await bench.post(ONE_CALLBACK)
    await bench.stand_in.at_rest()
    assert len(receiver.told) == 4


async def test_a_receiver_that_does_not_answer_is_tried_four_times(
    start_bench: StartBench, receiver: Receiver
) -> None:
    receiver.silent = True
    bench: Bench = await start_bench(answer_seconds=0.05)
    await bench.post(ONE_CALLBACK)
    await bench.stand_in.at_rest()
    assert len(receiver.told) == 4


async def test_a_relay_that_is_not_there_harms_nobody(start_bench: StartBench) -> None:
    bench: Bench = await start_bench(relay_url="http://127.0.0.1:9")
    reference_id = (await bench.post(ONE_CALLBACK)).json()["reference_id"]
    await bench.stand_in.at_rest()
    assert (await bench.status(reference_id)).json()["status"]["code"] == 3000


async def test_a_receiver_that_does_not_speak_http_is_tried_four_times(bench: Bench) -> None:
    called = 0

    async def babble(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal called
        called += 1
        writer.write(b"220 mail.example.org ready\r\n")
        writer.close()

    async with await asyncio.start_server(babble, "127.0.0.1", 0) as other:
        port = other.sockets[0].getsockname()[1]
        await bench.post(
            requests.to(scenario("viber_delivered").number, callback_url=f"http://127.0.0.1:{port}")
        )
        await bench.stand_in.at_rest()
    assert called == 4


async def test_an_address_that_cannot_be_asked_for_harms_nobody(bench: Bench, receiver: Receiver) -> None:
    await bench.post(
        requests.to(scenario("viber_delivered").number, callback_url=f"{receiver.url}/with space")
    )
    await bench.stand_in.at_rest()
    assert receiver.told == []


async def test_an_answer_that_waits_for_a_callback_does_not_wait_for_ever(
    start_bench: StartBench, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.sandbox.telesign._CALLBACK_PATIENCE", 0.05)
    bench: Bench = await start_bench(relay_url="http://127.0.0.1:9")
    assert (await bench.post(requests.to(scenario("callback_first").number))).status_code == 200


async def test_a_callback_url_of_the_message_is_called_instead_of_the_relay(
    bench: Bench, receiver: Receiver
) -> None:
    await bench.post(
        requests.to(scenario("reply_viber").number, callback_url=f"{receiver.url}/own/place?of=mine")
    )
    await bench.stand_in.at_rest()
    assert [each.path for each in receiver.told] == ["/own/place", "/own/place", "/callbacks/telesign/viber"]


async def test_one_messages_callbacks_go_out_one_after_the_other(bench: Bench, receiver: Receiver) -> None:
    receiver.silent = True
    reference_id = (await bench.post(requests.to(scenario("viber_read").number))).json()["reference_id"]
    await receiver.until(lambda told: len(told) == 1)
    while (await bench.status(reference_id)).json()["status"]["code"] != 3005:
        pass  # each question takes a round trip
    await bench.status(reference_id)
    assert len(receiver.told) == 1
    receiver.released.set()
    await bench.stand_in.at_rest()
    assert [each.body["status"]["code"] for each in receiver.told] == [3000, 3005]


async def test_both_headers_carry_the_signature(bench: Bench, receiver: Receiver) -> None:
    await bench.post(ONE_CALLBACK)
    await bench.stand_in.at_rest()
    told = receiver.told[0]
    assert told.authorization == f"TSA {bench.key.customer_id}:{told.signature}"


async def test_the_scenarios_time_goes_on_through_a_restart(
    start_bench: StartBench, receiver: Receiver
) -> None:
    first: Bench = await start_bench(speed=0.001)
    fallback = requests.to(scenario("fallback_sms").number)
    reference_id = (await first.post(fallback)).json()["reference_id"]
    await first.stand_in.stop()
    assert receiver.told == []

    second: Bench = await start_bench()
    assert second.stand_in.url != first.stand_in.url
    await second.stand_in.at_rest()
    assert [each.body["status"]["code"] for each in receiver.told] == [3001, 3000]
    assert (await second.status(reference_id)).json()["status"]["last_channel"] == "sms"


async def test_a_callback_under_way_when_it_stops_is_made_again(
    start_bench: StartBench, receiver: Receiver
) -> None:
    receiver.silent = True
    first: Bench = await start_bench()
    await first.post(ONE_CALLBACK)
    await receiver.until(lambda told: len(told) == 1)
    await first.stand_in.stop()

    receiver.silent = False
    second: Bench = await start_bench()
    await second.stand_in.at_rest()
    assert len({each.raw for each in receiver.told}) == 1
    assert len(receiver.told) == 2


async def test_time_passes_while_it_is_stopped(start_bench: StartBench) -> None:
    first: Bench = await start_bench(speed=1000.0)
    reference_id = (await first.post(requests.body())).json()["reference_id"]
    await first.stand_in.at_rest()
    await first.stand_in.stop()
    a_minute_later: Bench = await start_bench(now=lambda: datetime.now(UTC) + timedelta(minutes=1))
    status = await a_minute_later.status(reference_id)  # 60,000 provider seconds are over 12 hours
    assert status.json()["status"]["code"] == -10004


async def test_stopping_drops_clients_that_still_wait(start_bench: StartBench, receiver: Receiver) -> None:
    bench: Bench = await start_bench()
    posting = asyncio.create_task(bench.post(requests.to(scenario("no_answer").number)))
    await receiver.until(lambda told: len(told) == 1)
    await bench.stand_in.stop()
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        await posting

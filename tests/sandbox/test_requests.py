"""Requests the stand-in refuses or answers outside the scenarios: credentials, shapes, status."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from console.sandbox.scenarios import scenario
from console.sandbox.telesign import OMNICHANNEL
from console.sandbox.transaction import QUERYABLE_SECONDS
from console.telesign.signing import AccountKey, basic_headers
from tests.sandbox import requests
from tests.sandbox.conftest import KEY, Bench, StartBench

OTHER_KEY = AccountKey(KEY.customer_id, "b3RoZXJfa2V5X290aGVyX2tleV9vdGhlcl9rZXk=")
STRANGER = AccountKey("00000000-0000-0000-0000-000000000000", KEY.api_key)


def code(response: httpx.Response) -> tuple[int, int]:
    return response.status_code, response.json()["status"]["code"]


async def post_with(bench: Bench, headers: dict[str, str]) -> httpx.Response:
    sent = {"Content-Type": "application/json"} | headers
    return await bench.client.post(
        bench.stand_in.url + OMNICHANNEL,
        content=requests.body(),
        headers=[(name.encode(), value.encode("latin-1")) for name, value in sent.items()],
    )


async def test_digest_and_basic_are_both_accepted(bench: Bench) -> None:
    assert (await bench.post(requests.body())).status_code == 200
    assert (await post_with(bench, basic_headers(KEY))).status_code == 200


async def test_a_digest_may_be_dated_in_a_header_of_its_own(bench: Bench) -> None:
    url = bench.stand_in.url + OMNICHANNEL
    signed = requests.signed_post_with_own_date(url, KEY, requests.body())
    assert (await bench.client.send(signed)).status_code == 200


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, 3405),
        ({"Authorization": "Bearer token"}, 3412),
        ({"Authorization": "Basic !!!"}, 3412),
        ({"Authorization": "Basic bm9jb2xvbg=="}, 3412),
        ({"Authorization": "Basic é"}, 3412),
        ({"Authorization": "Basic /w=="}, 3412),
        ({"Authorization": "TSA nonsense"}, 3412),
        ({"Authorization": "TSA"}, 3412),
        (basic_headers(OTHER_KEY), 3411),
        (basic_headers(STRANGER), 3410),
        ({"Authorization": f"TSA {STRANGER.customer_id}:c2lnbmF0dXJl"}, 3410),
        ({"Authorization": f"TSA {KEY.customer_id}:c2lnbmF0dXJl"}, 3400),
    ],
)
async def test_wrong_credentials_are_refused_with_a_code_of_their_own(
    headers: dict[str, str], expected: int, bench: Bench
) -> None:
    answer = await post_with(bench, headers)
    assert code(answer) == (401, expected)
    assert answer.json()["external_id"] is None
    assert "reference_id" not in answer.json()


async def test_a_signature_by_another_key_is_refused(bench: Bench) -> None:
    url = bench.stand_in.url + OMNICHANNEL
    assert code(await bench.client.send(requests.signed_post(url, OTHER_KEY, requests.body()))) == (401, 3400)


async def test_a_signature_over_another_body_is_refused(bench: Bench) -> None:
    url = bench.stand_in.url + OMNICHANNEL
    signed = requests.signed_post(url, KEY, requests.body())
    forged = httpx.Request("POST", url, content=requests.body(sender_id="x"), headers=dict(signed.headers))
    forged.headers["content-length"] = str(len(forged.content))
    assert code(await bench.client.send(forged)) == (401, 3400)


async def test_a_signed_request_is_good_for_one_use(bench: Bench) -> None:
    """A replayed nonce is refused: a retry must be signed anew."""
    url = bench.stand_in.url + OMNICHANNEL
    signed = requests.signed_post(url, KEY, requests.body())
    replay = httpx.Request("POST", url, content=signed.content, headers=dict(signed.headers))
    assert (await bench.client.send(signed)).status_code == 200
    assert code(await bench.client.send(replay)) == (401, 3400)


async def test_a_date_from_another_day_is_refused(start_bench: StartBench) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    bench = await start_bench(now=lambda: tomorrow)
    assert code(await bench.post(requests.body())) == (401, 3400)


async def test_a_status_is_not_given_without_credentials(bench: Bench) -> None:
    url = f"{bench.stand_in.url}{OMNICHANNEL}/{'A' * 32}"
    assert code(await bench.client.get(url)) == (401, 3405)


async def test_a_wrong_request_is_refused_with_http_400_and_a_reference(bench: Bench) -> None:
    answer = await bench.post(requests.body(message_type="SPAM"))
    assert code(answer) == (400, 3102)
    assert answer.json()["status"]["description"] == "Invalid value for parameter message_type: SPAM"
    assert len(answer.json()["reference_id"]) == 32
    assert answer.json()["external_id"] == "order-1"


async def test_without_an_external_id_a_refusal_says_the_word_null(bench: Bench) -> None:
    answer = await bench.post(requests.body(message_type="SPAM", external_id=...))
    assert answer.json()["external_id"] == "null"


async def test_a_form_is_not_a_request(bench: Bench) -> None:
    url = bench.stand_in.url + OMNICHANNEL
    form = {"Content-Type": "application/x-www-form-urlencoded"} | basic_headers(KEY)
    assert code(await bench.client.post(url, content=b"test=param", headers=form)) == (400, 3110)


async def test_too_much_is_3116_and_far_too_much_is_413_without_a_body(bench: Bench) -> None:
    big = await bench.post(requests.body(sender_id="x" * 10_000))
    huge = await bench.post(requests.body(sender_id="x" * 100_000))
    assert code(big) == (400, 3116)
    assert (huge.status_code, huge.content) == (413, b"")


@pytest.mark.parametrize(
    ("url", "taken"),
    [
        ("http://127.0.0.1:9/hook", True),
        ("http://localhost:9/hook", True),
        ("http://[::1]:9/hook", True),
        ("https://example.org/hook", False),
        ("http://10.0.0.1/hook", False),
        ("http://127.0.0.1.example.org/hook", False),
    ],
)
async def test_a_callback_url_away_from_this_machine_is_not_enabled(
    url: str, taken: bool, start_bench: StartBench
) -> None:
    bench: Bench = await start_bench(speed=0.001)  # nothing falls due, so nothing is called
    answer = await bench.post(requests.body(callback_url=url))
    assert code(answer) == ((200, 3001) if taken else (429, 3203))


async def test_the_relays_own_address_may_be_named_wherever_it_is(start_bench: StartBench) -> None:
    bench: Bench = await start_bench(relay_url="https://relay.example.org", speed=0.001)
    named = await bench.post(requests.body(callback_url="https://relay.example.org/callbacks/telesign"))
    assert named.status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/", 404),
        ("POST", "/v1/messaging", 404),
        ("DELETE", OMNICHANNEL, 405),
        ("GET", OMNICHANNEL, 405),
    ],
)
async def test_anything_else_is_not_there(method: str, path: str, expected: int, bench: Bench) -> None:
    assert (await bench.client.request(method, bench.stand_in.url + path)).status_code == expected


# -- status -----------------------------------------------------------------------------------


async def accepted(bench: Bench, scenario_id: str = "fallback_sms") -> str:
    reference_id: str = (await bench.post(requests.to(scenario(scenario_id).number))).json()["reference_id"]
    return reference_id


async def test_the_status_is_in_progress_until_something_happens(start_bench: StartBench) -> None:
    bench: Bench = await start_bench(speed=0.001)
    status = (await bench.status(await accepted(bench))).json()
    assert status["status"]["code"] == 3001


async def test_the_status_at_the_end_has_every_channel_and_the_price(bench: Bench) -> None:
    reference_id = await accepted(bench)
    await bench.stand_in.at_rest()
    answer = await bench.status(reference_id)
    status: Any = answer.json()
    assert answer.status_code == 200
    assert status["reference_id"] == reference_id
    assert status["external_id"] == "order-1"
    assert (status["status"]["code"], status["status"]["last_channel"]) == (3000, "sms")
    assert [list(each) for each in status["channel_status"]] == [["viber"], ["sms"]]
    assert (status["price"], status["currency"]) == ("0.0050", "USD")


async def test_a_query_string_is_not_part_of_what_is_signed(bench: Bench) -> None:
    reference_id = await accepted(bench)
    url = f"{bench.stand_in.url}{OMNICHANNEL}/{reference_id}"
    signed = requests.signed_get(url, KEY)
    asked = httpx.Request("GET", url + "?verify_code=1", headers=dict(signed.headers))
    assert (await bench.client.send(asked)).status_code == 200


async def test_a_reference_id_that_is_none_is_invalid(bench: Bench) -> None:
    assert code(await bench.status("not-a-reference")) == (400, 3311)


async def test_an_unknown_reference_has_expired(bench: Bench) -> None:
    assert code(await bench.status("0" * 32)) == (404, -10004)


async def test_a_status_can_be_asked_for_twelve_hours(start_bench: StartBench) -> None:
    bench: Bench = await start_bench()
    reference_id = await accepted(bench)
    await bench.stand_in.at_rest()
    assert (await bench.status(reference_id)).status_code == 200
    bench.stand_in.speed = QUERYABLE_SECONDS * 1e6  # twelve hours pass in no time
    assert code(await bench.status(reference_id)) == (404, -10004)


async def test_an_account_without_status_queries_is_told_so(bench: Bench) -> None:
    assert code(await bench.status(await accepted(bench, "nobody_tells"))) == (401, 3206)


# -- the server -------------------------------------------------------------------------------


async def test_one_connection_serves_many_requests(bench: Bench) -> None:
    answers = [await bench.post(requests.body()) for _ in range(3)]
    streams = [answer.extensions["network_stream"] for answer in answers]
    assert len({stream.get_extra_info("client_addr") for stream in streams}) == 1


async def test_every_answer_has_the_servers_date(bench: Bench) -> None:
    assert "GMT" in (await bench.post(requests.body())).headers["date"]


async def test_what_is_not_http_gets_400_and_the_stand_in_lives_on(bench: Bench) -> None:
    url = httpx.URL(bench.stand_in.url)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(b"\x16\x03\x01 this is not HTTP\r\n\r\n")
    assert (await reader.read()).startswith(b"HTTP/1.1 400")
    writer.close()
    assert (await bench.post(requests.body())).status_code == 200


async def test_a_client_that_goes_away_half_way_harms_nobody(bench: Bench) -> None:
    url = httpx.URL(bench.stand_in.url)
    _, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(b"POST /v1/omnichannel HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
    await writer.drain()
    writer.close()
    assert (await bench.post(requests.body())).status_code == 200


async def test_what_reached_the_stand_in_can_be_looked_at(bench: Bench) -> None:
    await bench.post(requests.body())
    await bench.post(requests.to(scenario("not_enabled").number))
    seen = bench.stand_in.received
    assert [(each.method, each.path, each.http_status) for each in seen] == [
        ("POST", OMNICHANNEL, 200),
        ("POST", OMNICHANNEL, 429),
    ]
    assert [each.reference_id is None for each in seen] == [False, True]
    assert seen[0].body == requests.body()

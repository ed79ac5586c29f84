"""The relay's feed, read by a console."""

from __future__ import annotations

import asyncio
import base64
import gc
import json
import weakref
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.cascade.facts import Verification
from console.telesign.addresses import BadUrl
from console.telesign.events import (
    LATEST,
    EventPage,
    ProblemKind,
    RelayClient,
    RelayEvent,
    RelayProblem,
    parse_page,
    verify_event,
)
from console.telesign.signing import AccountKey, callback_signature
from tests.telesign.conftest import (
    KEY,
    OTHER_KEY,
    REFERENCE,
    VECTORS,
    Behaviour,
    answering,
    closing,
    http,
    serving,
)

SEED = (VECTORS / "delivery_fallback_sms.json").read_bytes()
EVENT: dict[str, Any] = {
    "cursor": "c-1",
    "received_at": "2026-01-02T03:04:05.678901Z",
    "kind": "delivery",
    "reference_id": REFERENCE,
    "external_id": None,
    "customer_id": KEY.customer_id,
    "label": "viber",
    "signature": callback_signature(KEY, SEED),
    "body": SEED.decode(),
    "body_encoding": "utf-8",
}


def page(*events: object, **changes: Any) -> bytes:
    return json.dumps({"events": events, "next": "c-2", "more": False, **changes}).encode()


def event(**changes: Any) -> RelayEvent:
    parsed = parse_page(page({**EVENT, **changes}))
    assert parsed is not None
    return parsed.events[0]


async def ask(behaviour: Behaviour, **options: Any) -> EventPage | RelayProblem:
    async with serving(behaviour) as server:
        relay = RelayClient(server.url, "token-1", margin=options.pop("margin", 5.0))
        result = await relay.events(**options)
        await relay.aclose()
    assert len(server.requests) <= 1
    return result


async def problem(behaviour: Behaviour, **options: Any) -> RelayProblem:
    result = await ask(behaviour, **options)
    assert isinstance(result, RelayProblem)
    assert result.detail
    assert "token-1" not in result.detail
    return result


async def test_a_page_is_read_whole() -> None:
    result = await ask(answering(http(page(EVENT, more=True))))
    assert result == EventPage(
        events=(
            RelayEvent(
                cursor="c-1",
                received_at=datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
                kind="delivery",
                reference_id=REFERENCE,
                external_id=None,
                customer_id=KEY.customer_id,
                label="viber",
                signature=EVENT["signature"],
                raw_body=SEED,
            ),
        ),
        next="c-2",
        more=True,
    )


async def test_the_question_is_asked_as_the_contract_says() -> None:
    async with serving(answering(http(page()))) as server:
        relay = RelayClient(f"{server.url}/", "token-1")
        await relay.events()
        await relay.events(after="a+b/c=&d", limit=5000, wait=99)
        await relay.events(after=LATEST, limit=0, wait=-1)
        await relay.by_reference("a/b ?")
        assert await relay.health() is None
        await relay.aclose()
    assert [request.target for request in server.requests] == [
        "/v1/events?limit=200&wait=0",
        "/v1/events?limit=1000&wait=55&after=a%2Bb%2Fc%3D%26d",
        "/v1/events?limit=1&wait=0&after=latest",
        "/v1/events/a%2Fb%20%3F",
        "/healthz",
    ]
    *asked, health = server.requests
    assert {request.headers["authorization"] for request in asked} == {"Bearer token-1"}
    assert "authorization" not in health.headers
    assert server.connections == 1


async def test_what_was_read_goes_without_the_collector() -> None:
    """A catch-up reads a page of a megabyte many times a second; the collector comes every ten seconds."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        async with serving(answering(http(page(EVENT)))) as server:
            relay = RelayClient(server.url, "token-1")
            reading = asyncio.create_task(relay.events())
            assert isinstance(await reading, EventPage)
            kept = weakref.ref(reading)
            del reading
            await asyncio.sleep(0)
            assert kept() is None
            await relay.aclose()
    finally:
        if was_on:
            gc.enable()


async def test_the_relays_clock_is_measured() -> None:
    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    answer = http(page(), "200 OK", "Date: Fri, 02 Jan 2026 03:05:05 GMT")
    async with serving(answering(answer)) as server:
        relay = RelayClient(server.url, "token-1", clock=lambda: now)
        await relay.events()
        await relay.aclose()
    assert relay.server_skew == timedelta(seconds=60.5)


@pytest.mark.parametrize(
    ("answer", "kind", "retry_after"),
    [
        (http(b'{"error":"unauthorized","detail":"x"}', "401 Unauthorized"), "unauthorised", None),
        (http(b"", "403 Forbidden"), "unauthorised", None),
        (http(b'{"error":"cursor_expired","detail":"x"}', "410 Gone"), "expired", None),
        (http(b"<html>", "410 Gone"), "unreadable", None),
        (http(b"{}", "429 Too Many Requests", "Retry-After: 7"), "overloaded", 7.0),
        (http(b"{}", "429 Too Many Requests"), "overloaded", None),
        (http(b"{}", "429 Too Many Requests", "Retry-After: nan"), "overloaded", None),
        (http(b"{}", "429 Too Many Requests", "Retry-After: -5"), "overloaded", 0.0),
        (http(b"{}", "429 Too Many Requests", "Retry-After: 1e9"), "overloaded", 3600.0),
        (http(b"{}", "503 Service Unavailable", "Retry-After: soon"), "overloaded", None),
        (http(b"", "500 Internal Server Error"), "unreachable", None),
        (http(b"<html>", "502 Bad Gateway"), "unreachable", None),
        (http(b'{"error":"bad_request"}', "400 Bad Request"), "unreadable", None),
        (http(b"", "404 Not Found"), "unreadable", None),
        (http(b"", "302 Found", "Location: /login"), "unreadable", None),
        (http(b"<html>sign in to the Wi-Fi</html>"), "unreadable", None),
        (http(b""), "unreadable", None),
        (b"garbage\r\n\r\n", "unreadable", None),
        (b"", "unreachable", None),
        (http(page())[:-1], "unreachable", None),
    ],
)
async def test_every_other_answer_is_a_problem_with_a_name(
    answer: bytes, kind: ProblemKind, retry_after: float | None
) -> None:
    found = await problem(closing(answer))
    assert (found.kind, found.retry_after) == (kind, retry_after)


async def test_a_relay_that_holds_longer_than_asked_is_unreachable() -> None:
    async def silent(server: Any, reader: Any, writer: Any) -> None:
        await server.take(reader)
        await reader.read()

    assert (await problem(silent, wait=0.1, margin=0.1)).kind == "unreachable"


async def test_a_page_larger_than_its_events_can_be_is_not_read() -> None:
    found = await problem(closing(http(page(EVENT) + b" " * 1_000_000)), limit=1)
    assert found.kind == "unreadable"


async def test_the_largest_event_there_can_be_is_read() -> None:
    body = json.dumps("\x01" * 65_536)  # each byte becomes six
    told = page({**EVENT, "body": "HERE"}).replace(b'"HERE"', body.encode())
    result = await ask(answering(http(told)), limit=1)
    assert isinstance(result, EventPage)
    assert result.events[0].raw_body == b"\x01" * 65_536


@pytest.mark.parametrize("token", ["", "  ", "ключ", "a\r\nX: y"])
async def test_a_token_that_is_none_is_not_even_offered(token: str) -> None:
    async with serving(answering(http(page()))) as server:
        relay = RelayClient(server.url, token)
        result = await relay.events()
        await relay.aclose()
    assert isinstance(result, RelayProblem)
    assert (result.kind, server.connections) == ("unauthorised", 0)


@pytest.mark.parametrize("reference_id", ["", ".", ".."])
async def test_an_id_that_would_be_another_address_is_not_asked_about(reference_id: str) -> None:
    relay = RelayClient("http://127.0.0.1:1", "token-1")
    assert isinstance(await relay.by_reference(reference_id), RelayProblem)
    await relay.aclose()


async def test_a_relay_that_is_ill_says_so() -> None:
    async with serving(answering(http(b"", "503 Service Unavailable"))) as server:
        relay = RelayClient(server.url, "token-1")
        found = await relay.health()
        await relay.aclose()
    assert found is not None
    assert found.kind == "overloaded"


async def test_a_relay_that_is_not_there_says_so() -> None:
    async with serving(answering(http())) as server:
        url = server.url
    relay = RelayClient(url, "token-1")
    found = await relay.health()
    await relay.aclose()
    assert found is not None
    assert (found.kind, found.detail) == ("unreachable", "127.0.0.1 refused the connection.")


def test_plain_http_to_another_machine_is_refused() -> None:
    with pytest.raises(BadUrl):
        RelayClient("http://relay.example.com", "token-1")


def test_bytes_that_are_no_text_come_in_base64() -> None:
    odd = b"\xff\xfe\0"
    assert event(body=base64.b64encode(odd).decode(), body_encoding="base64").raw_body == odd


def test_a_newer_relay_may_say_more() -> None:
    assert event(kind="rcs_event", priority=5).kind == "unknown"
    assert parse_page(page(EVENT, served_by="x")) is not None


@pytest.mark.parametrize(
    "change",
    [
        {"cursor": None}, {"cursor": ""}, {"cursor": 5}, {"received_at": "yesterday"}, {"received_at": None},
        {"body": None}, {"body": {}}, {"body": "\ud800"}, {"body_encoding": "base64"},
        {"body_encoding": "rot13"}, {"body_encoding": None},
    ],
)  # fmt: skip
def test_one_unreadable_event_spoils_the_page_so_that_none_is_lost(change: dict[str, Any]) -> None:
    assert parse_page(page(EVENT, {**EVENT, **change})) is None


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{}", b"[]", b"null", page()[:-1], page(next=None), page(next=""), page(next=5),
        page(more=None), page(more="no"), page(events=None), page(events={}), page(None), page("x"), page([]),
    ],
)  # fmt: skip
def test_a_page_of_another_shape_is_no_page(body: bytes) -> None:
    assert parse_page(body) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*EVENT]), inner),
    max_leaves=20,
)


@given(st.binary() | JSON.map(page) | JSON.map(lambda told: page(events=told)))
def test_any_bytes_are_a_page_or_none(body: bytes) -> None:
    parsed = parse_page(body)
    assert parsed is None or all(isinstance(each.raw_body, bytes) for each in parsed.events)


@pytest.mark.parametrize(
    ("changes", "keys", "verification"),
    [
        ({}, [KEY], Verification.DESK),
        ({}, [OTHER_KEY, KEY], Verification.DESK),
        ({"customer_id": None}, [KEY], Verification.DESK),
        ({"customer_id": KEY.customer_id.lower()}, [KEY], Verification.DESK),
        ({"signature": f"TSA {KEY.customer_id}:{EVENT['signature']}"}, [KEY], Verification.DESK),
        ({}, [], Verification.RELAY),
        ({}, [OTHER_KEY], Verification.RELAY),
        ({"customer_id": None}, [], Verification.RELAY),
        ({"body": SEED.decode() + " "}, [KEY], Verification.FAILED),
        ({"signature": None}, [KEY], Verification.FAILED),
        ({"signature": ""}, [KEY], Verification.FAILED),
        ({}, [AccountKey(KEY.customer_id, OTHER_KEY.api_key)], Verification.FAILED),
        ({"customer_id": OTHER_KEY.customer_id}, [KEY, OTHER_KEY], Verification.FAILED),
        ({"customer_id": None}, [OTHER_KEY], Verification.FAILED),
    ],
)
def test_this_desk_proves_what_it_can_itself(
    changes: dict[str, Any], keys: list[AccountKey], verification: Verification
) -> None:
    assert verify_event(event(**changes), keys) is verification


def test_bodies_stay_out_of_what_is_printed() -> None:
    assert "Delivered" not in repr(event())

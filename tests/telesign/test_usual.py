"""The quick readers say what the careful ones say, or leave it to them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from console.cascade.facts import Source, Verification
from console.telesign import callbacks, events
from console.telesign.callbacks import callback_fact, outline_callback, parse_callback, parse_status
from console.telesign.events import parse_page
from console.telesign.usual import usual_page, usual_report
from tests.telesign.conftest import REFERENCE, VECTORS

AT = datetime(2026, 1, 2, tzinfo=UTC)
SEED = (VECTORS / "delivery_fallback_sms.json").read_bytes()
LEAF = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(2990, 3120), st.floats(), st.text(max_size=6),
    st.sampled_from(
        ["", "null", " sms ", "VIBER", REFERENCE, REFERENCE.lower(), "2020-05-04 22:07:01:226", "\0",
         "\ud800", "2026-01-02T03:04:05.678901Z", 1500, 3000, "3005", 10**9, -(10**9), 10**30, "x" * 50,
         "é", "\u2028"]
    ),
    st.just([]), st.just({}), st.just({"code": 3000}),
)  # fmt: skip
PRICES = st.none() | st.sampled_from(["0.0120", 0.012, 1])


def state(*more: str) -> st.SearchStrategy[dict[str, Any]]:
    told = {
        "code": st.sampled_from([3001, 3056, 3000, 3005]) | LEAF,
        "description": st.just("Delivered") | LEAF,
        "reference_id": st.just(REFERENCE) | LEAF,
        "updated_on": st.just("2020-05-04 22:06:03.837") | LEAF,
        **dict.fromkeys(more, st.sampled_from(["viber", "sms"]) | LEAF),
    }
    return st.fixed_dictionaries({}, optional=told)


CHANNEL = st.sampled_from(["viber", "sms", " Viber", "", "null", "rcs"]) | st.text(max_size=4)
REPORT = st.fixed_dictionaries(
    {"status": state("last_channel") | LEAF},
    optional={
        "channel_status": st.lists(st.dictionaries(CHANNEL, state() | LEAF, max_size=2), max_size=3) | LEAF,
        "reference_id": st.just(REFERENCE) | LEAF,
        "external_id": st.just("cascade-1") | LEAF,
        "submit_timestamp": LEAF,
        "price": PRICES | LEAF,
        "currency": st.just("USD") | LEAF,
        "sub_resource": st.sampled_from(["sms", "mo_sms"]) | LEAF,
        " price": LEAF,
        "postback_data\t": LEAF,
        "user_response": LEAF,
        "content": LEAF,
    },
)
EVENT = st.fixed_dictionaries(
    {
        "cursor": st.just("c-1") | LEAF,
        "received_at": st.just("2026-01-02T03:04:05.678901Z") | LEAF,
        "kind": st.sampled_from(["delivery", "reply", "later"]) | LEAF,
        "reference_id": st.just(REFERENCE) | LEAF,
        "external_id": LEAF,
        "customer_id": st.just("C") | LEAF,
        "label": LEAF,
        "signature": st.just("s") | LEAF,
        "body": st.just(SEED.decode()) | LEAF,
    },
    optional={"body_encoding": st.sampled_from(["utf-8", "base64"]) | LEAF, "from_a_newer_relay": LEAF},
)
PAGE = st.fixed_dictionaries(
    {"events": st.lists(EVENT, max_size=3), "next": st.just("c-2") | LEAF, "more": st.booleans() | LEAF}
)


@contextmanager
def carefully() -> Iterator[None]:
    with (
        patch.object(callbacks, "usual_report", lambda _body: None),
        patch.object(events, "usual_page", lambda _body: None),
    ):
        yield


def read(body: bytes) -> tuple[object, ...]:
    return (
        parse_callback(body),
        outline_callback(body),
        parse_status(body),
        callback_fact(body, received_at=AT, source=Source.CALLBACK, verification=Verification.DESK),
        parse_page(body),
    )


def same(body: bytes) -> None:
    with carefully():
        careful = read(body)
    assert read(body) == careful


def written(told: object) -> bytes:
    return json.dumps(told).encode()


@given(REPORT)
def test_a_report_of_any_values_is_read_as_the_careful_reader_reads_it(told: dict[str, Any]) -> None:
    same(written(told))


@given(REPORT, st.integers(0, 400), st.integers(0, 255))
def test_so_is_one_with_a_byte_changed(told: dict[str, Any], where: int, byte: int) -> None:
    body = bytearray(written(told))
    body[where % len(body)] = byte
    same(bytes(body))


@given(st.integers(0, len(SEED) - 1), st.integers(0, 255))
def test_so_is_the_documented_one_with_a_byte_changed(where: int, byte: int) -> None:
    same(SEED[:where] + bytes([byte]) + SEED[where + 1 :])


@given(PAGE)
@example({"events": [], "next": "", "more": False})
def test_a_page_of_any_values_is_read_as_the_careful_reader_reads_it(told: dict[str, Any]) -> None:
    same(written(told))


@given(PAGE, st.integers(0, 2000), st.integers(0, 255))
def test_so_is_a_page_with_a_byte_changed(told: dict[str, Any], where: int, byte: int) -> None:
    body = bytearray(written(told))
    body[where % len(body)] = byte
    same(bytes(body))


@pytest.mark.parametrize(
    "body",
    [
        b'{"status":{"code":3001,"code":3000},"status":{"code":3056},"channel_status":[]}',
        b'{"status":{"code":3000},"channel_status":[{"viber":{"code":1},"viber":{"code":2},"sms":{}}]}',
        b'\xef\xbb\xbf{"status":{"code":3000},"channel_status":[]}',
        b'{"status":{"code":3e3},"channel_status":[]}',
        b'{"status":{"code":-0},"channel_status":[]}',
        b'{"status":{"code":NaN},"channel_status":[]}',
        b'{"status":{"code":3000},"channel_status":[]} \n',
        b'{"status":{"code":3000},"channel_status":[]}{',
        b'{"status":{"code":3000,"description":"a\\u0000b"},"channel_status":[]}',
        b'{"status":{"code":3000,"description":"\\ud83d\\ude00"},"channel_status":[]}',
        b'{"status":{"code":3000,"description":"\\ud83d"},"channel_status":[]}',
        b'{"status":{"code":3000,"description":"\xff"},"channel_status":[]}',
        b'{"status":{"code":1500},"channel_status":[]}',
    ],
)
def test_json_at_its_edges_is_read_as_the_careful_reader_reads_it(body: bytes) -> None:
    same(body)


def test_what_telesign_documents_is_read_the_quick_way() -> None:
    assert usual_report(SEED) is not None


def test_what_our_relay_writes_is_read_the_quick_way() -> None:
    event = {
        "cursor": "c-1", "received_at": "2026-01-02T03:04:05.678901Z", "kind": "delivery",
        "reference_id": REFERENCE, "external_id": None, "customer_id": "C", "label": None, "signature": "s",
        "body": SEED.decode(), "body_encoding": "utf-8",
    }  # fmt: skip
    assert usual_page(written({"events": [event], "next": "c-2", "more": True})) is not None

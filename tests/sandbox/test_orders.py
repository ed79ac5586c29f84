"""What Telesign refuses at once, and what it finds out only while trying a channel."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.sandbox.orders import Invalid, Order, read_order
from tests.sandbox import requests

TEXT = {"template": "text", "parameters": {"text": "Hi"}}


def code(**changes: Any) -> int | None:
    found = read_order(requests.body(**changes))
    return found.code if isinstance(found, Invalid) else None


@pytest.mark.parametrize(
    ("expected", "changes"),
    [
        (3300, {"channels": ...}),
        (3300, {"channels": []}),
        (3301, {"channels": [{"fallback_time": 60}]}),
        (3301, {"channels": [{"channel": ""}]}),
        (3302, {"recipient": ...}),
        (3302, {"recipient": {}}),
        (3302, {"recipient": {"phone_number": ""}}),
        (3303, {"message": ...}),
        (3304, {"message_type": ...}),
        (3102, {"message_type": "SPAM"}),
        (3102, {"message_type": ["ARN"]}),
        (3103, {"external_id": "é"}),
        (3103, {"external_id": "x" * 101}),
        (3103, {"external_id": 7}),
        (3104, {"account_lifecycle_event": "birthday"}),
        (3104, {"account_lifecycle_event": {}}),
        (3105, {"originating_ip": "256.1.1.1"}),
        (3105, {"originating_ip": 16909060}),
        (3106, {"callback_url": ""}),
        (3106, {"callback_url": "not a url"}),
        (3106, {"callback_url": "https://[broken"}),
        (3106, {"callback_url": "https://example.org:99999"}),
        (3106, {"callback_url": "ftp://example.org"}),
        (3106, {"callback_url": "https://exämple.org"}),
        (3113, {"channels": [{"channel": "sms"}, {"channel": "viber"}, {"channel": "sms"}]}),
        (3110, {"channels": "viber"}),
        (3110, {"channels": ["viber"]}),
        (3110, {"channels": [{"channel": 7}]}),
        (3110, {"channels": [{"channel": "viber", "fallback_time": 29}]}),
        (3110, {"channels": [{"channel": "viber", "fallback_time": 3601}]}),
        (3110, {"channels": [{"channel": "viber", "fallback_time": 60.0}]}),
        (3110, {"channels": [{"channel": "viber", "fallback_time": "60"}]}),
        (3110, {"channels": [{"channel": "viber", "fallback_time": True}]}),
        (3110, {"channels": [{"channel": "viber", "ttl": 60}]}),
        (3110, {"recipient": "12025550102"}),
        (3110, {"recipient": {"phone_number": 12025550102}}),
        (3110, {"message": "Hi"}),
        (3110, {"sender_id": 7}),
        (3110, {"ttl": 60}),
    ],
)
def test_a_wrong_request_is_refused_with_the_documented_code(expected: int, changes: dict[str, Any]) -> None:
    assert code(**changes) == expected


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"7", b"[" * 9000, b"test=param"])
def test_what_is_not_a_json_object_is_an_invalid_request(raw: bytes) -> None:
    found = read_order(raw)
    assert isinstance(found, Invalid)
    assert found.code == 3110


def test_ten_thousand_bytes_are_the_limit() -> None:
    def sized(size: int) -> bytes:
        empty = len(requests.body(sender_id=""))
        return requests.body(sender_id="x" * (size - empty))

    assert isinstance(read_order(sized(10_000)), Order)
    over = read_order(sized(10_001))
    assert isinstance(over, Invalid)
    assert over.code == 3116


def test_a_refusal_echoes_the_external_id_only_where_it_is_one() -> None:
    wrong = read_order(requests.body(message_type="SPAM"))
    unusable = read_order(requests.body(external_id="é"))
    assert isinstance(wrong, Invalid)
    assert isinstance(unusable, Invalid)
    assert (wrong.external_id, unusable.external_id) == ("order-1", None)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"external_id": ...},
        {"external_id": None},
        {"external_id": "x" * 100},
        {"recipient": ..., "phone_number": "12025550102"},
        {"message": {"default": TEXT}},
        {"account_lifecycle_event": "sign-in", "originating_ip": "2001:db8::1", "sender_id": "Shop"},
        {"callback_url": "https://example.org/telesign"},
        {"message_type": "OTP"},
        {"channels": [{"channel": "viber", "fallback_time": 30}, {"channel": "sms", "fallback_time": 3600}]},
    ],
)
def test_a_documented_request_is_taken_without_fault(changes: dict[str, Any]) -> None:
    found = read_order(requests.body(**changes))
    assert isinstance(found, Order)
    assert [each.fault for each in found.channels] == [None, None]
    assert found.phone_number == "12025550102"


@pytest.mark.parametrize(
    ("expected", "changes"),
    [
        (3101, {"recipient": {"phone_number": "+12025550102"}}),
        (3101, {"recipient": {"phone_number": "123456"}}),
        (3101, {"recipient": {"phone_number": "1234567890123456"}}),
        (3101, {"recipient": {"phone_number": "١٢٣٤٥٦٧٨٩٠"}}),
        (3306, {"message": {"sms": TEXT}}),
        (3306, {"message": {"viber": {"template": "text"}, "sms": TEXT}}),
        (3112, {"message": {"viber": {"template": "poem", "parameters": {"text": "Hi"}}, "sms": TEXT}}),
        (3112, {"message": {"viber": {"template": ["text"], "parameters": {"text": "Hi"}}, "sms": TEXT}}),
        (3305, {"message": {"viber": {"template": "text", "parameters": {}}, "sms": TEXT}}),
        (3305, {"message": {"viber": {"template": "text", "parameters": {"text": ""}}, "sms": TEXT}}),
        (3305, {"message": {"viber": {"template": "url_action", "parameters": {"text": "Hi"}}, "sms": TEXT}}),
        (3100, {"channels": [{"channel": "telex"}, {"channel": "sms"}]}),
        (3200, {"channels": [{"channel": "whatsapp"}, {"channel": "sms"}]}),
    ],
)
def test_what_only_the_channel_finds_out_is_taken_first(expected: int, changes: dict[str, Any]) -> None:
    found = read_order(requests.body(**changes))
    assert isinstance(found, Order)
    assert found.channels[0].fault == expected


def test_a_session_text_and_a_reply_id_are_understood() -> None:
    block = {"template": "text_session", "parameters": {"text": "Hi", "reply_id": "r7"}}
    found = read_order(requests.body(message={"viber": block, "sms": TEXT}))
    assert isinstance(found, Order)
    assert (found.reply_id, found.channels[0].fault) == ("r7", None)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@settings(deadline=None)
@given(st.sampled_from(sorted(requests.fields())), json_values)
def test_any_value_in_any_field_is_read_without_failing(name: str, value: object) -> None:
    raw = json.dumps(requests.fields() | {name: value}).encode()
    assert isinstance(read_order(raw), Order | Invalid)

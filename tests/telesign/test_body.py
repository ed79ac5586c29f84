"""The bytes that are posted."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.cascade.facts import MessageType
from console.cascade.message import Message
from console.telesign.body import MAX_REQUEST_BYTES, request_body
from tests.telesign.conftest import vector

TEXT = "Buy one get one free! Use code 'BOGO' at checkout on viatushop.com"
MESSAGE = Message(
    to="15558675309",
    viber_text=TEXT,
    sms_text=TEXT,
    fallback_time=600,
    message_type=MessageType.ARN,
    reply_id="100035",
)


def fields(message: Message, external_id: str = "ours-1") -> dict[str, Any]:
    read: dict[str, Any] = json.loads(request_body(message, external_id))
    return read


def test_it_is_the_documented_request_in_its_current_form() -> None:
    expected = vector("send_request.json")
    expected["recipient"] = {"phone_number": expected.pop("phone_number")}
    assert fields(MESSAGE) == {**expected, "external_id": "ours-1"}


def test_the_bytes_are_compact_utf8_in_one_order() -> None:
    message = replace(MESSAGE, viber_text="Здраво 👋", sms_text=None, reply_id=None)
    assert request_body(message, "x").decode() == (
        '{"channels":[{"channel":"viber","fallback_time":600}],"recipient":{"phone_number":"15558675309"},'
        '"message":{"viber":{"template":"text","parameters":{"text":"Здраво 👋"}}},'
        '"message_type":"ARN","external_id":"x"}'
    )


def test_viber_only_names_no_sms_anywhere() -> None:
    told = fields(replace(MESSAGE, sms_text=None))
    assert [channel["channel"] for channel in told["channels"]] == ["viber"]
    assert list(told["message"]) == ["viber"]


def test_a_session_text_uses_its_template() -> None:
    told = fields(replace(MESSAGE, session=True))
    assert told["message"]["viber"]["template"] == "text_session"
    assert told["message"]["sms"]["template"] == "text"


def test_only_what_is_filled_in_is_sent() -> None:
    full = replace(
        MESSAGE,
        sender_id="Shop",
        callback_url="https://example.com/here",
        lifecycle_event="sign-in",
        originating_ip="203.0.113.7",
    )
    extra = {name: value for name, value in fields(full).items() if name not in fields(MESSAGE)}
    assert extra == {
        "sender_id": "Shop",
        "callback_url": "https://example.com/here",
        "account_lifecycle_event": "sign-in",
        "originating_ip": "203.0.113.7",
    }


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_every_text_arrives_as_it_was_typed(text: str) -> None:
    told = fields(replace(MESSAGE, viber_text=text, sms_text=text))
    assert told["message"]["viber"]["parameters"]["text"] == text
    assert told["message"]["sms"]["parameters"]["text"] == text


def test_a_thousand_letters_of_any_alphabet_fit_and_the_limit_is_bytes() -> None:
    assert (
        len(request_body(replace(MESSAGE, viber_text="ж" * 1000, sms_text="ж" * 1000), "x"))
        < MAX_REQUEST_BYTES
    )
    assert (
        len(request_body(replace(MESSAGE, viber_text="👋" * 1250, sms_text="👋" * 1250), "x"))
        > MAX_REQUEST_BYTES
    )


@pytest.mark.parametrize("external_id", ["", "null", "NULL", "ж", "a\nb", "x" * 101])
def test_an_external_id_that_telesign_would_not_give_back_is_refused(external_id: str) -> None:
    with pytest.raises(ValueError, match="external id"):
        request_body(MESSAGE, external_id)


def test_half_a_character_is_refused_rather_than_garbled() -> None:
    with pytest.raises(UnicodeEncodeError):
        request_body(replace(MESSAGE, viber_text="\ud83d"), "x")

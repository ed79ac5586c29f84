"""Callbacks: the documented bodies, the fourteen irregularities of the reference, and any bytes at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import astuple
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.cascade.facts import Replied, Reported, Source, Verification
from console.telesign.callbacks import (
    DeliveryCallback,
    ReplyCallback,
    SmsReportCallback,
    UnknownCallback,
    callback_fact,
    digest,
    outline_callback,
    parse_callback,
    parse_status,
)
from tests.telesign.conftest import REFERENCE, VECTORS

NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
SEED = (VECTORS / "delivery_fallback_sms.json").read_bytes()
VIBER_REPLY = {
    "reference_id": "0123456789ABCDEF0123456789ABCDEF",
    "status": {
        "updated_on": "2023-10-31T14:47:10.490130Z",
        "description": "Delivered to customer",
        "code": 1500,
    },
    "phone_number": "11234567890",
    "content": {
        "original_reference_id": REFERENCE,
        "text": "Hello",
        "tracking_data": "reply_2fa",
        "media": "https://media.example/1",
        "file_name": "1695641912869284.jpg",
    },
}
SMS_REPLY = {
    "reference_id": REFERENCE,
    "status": {"updated_on": "2023-10-31T14:47:10.490130Z", "description": "Delivered", "code": 1500},
    "sub_resource": "mo_sms",
    "user_response": {
        "sender_id": "12345",
        "iso_country_code": "US",
        "action": "stop",
        "keyword": "STOP",
        "phone_number": "+1 (123) 456-7890",
        "mo_message": "Stop please",
        "price": "0.01",
    },
    "errors": {},
    "submit_timestamp": "2023-10-31T14:47:10.154000Z",
}
CLASSIC = {
    "status": {
        "updated_on": "2016-07-08T20:52:46.417428Z",
        "code": 200,
        "description": "Delivered to handset",
    },
    "submit_timestamp": "2016-07-08T20:52:41.203000Z",
    "errors": [],
    "verify": {"code_state": "VALID", "code_entered": None},
    "sub_resource": "sms",
    "reference_id": "2557312299CC1304904080F4BE17BFB4",
}


def raw(told: object) -> bytes:
    return json.dumps(told).encode()


def report(code: object = 3000, **extra: Any) -> dict[str, Any]:
    return {"reference_id": REFERENCE, "status": {"code": code, "last_channel": "viber"}, **extra}


def delivery(told: object) -> DeliveryCallback:
    parsed = parse_callback(raw(told))
    assert isinstance(parsed, DeliveryCallback)
    return parsed


def fact(body: bytes, verification: Verification = Verification.DESK) -> Reported | Replied | None:
    return callback_fact(body, received_at=NOW, source=Source.CALLBACK, verification=verification)


def test_the_documented_delivery_report_is_read_whole() -> None:
    told = parse_callback(SEED)
    assert isinstance(told, DeliveryCallback)
    assert (told.kind, told.reference_id, told.external_id) == ("delivery", REFERENCE, None)
    assert (told.code, told.description, told.last_channel) == (3000, "Delivered", "sms")
    assert [(line.channel, line.code, line.reference_id) for line in told.channels] == [
        ("viber", 3056, "65C77D4A6C5C09085694EFB6C554D2BF"),
        ("sms", 3000, "65C77D4A6C5C09085694EFB6C558B4C7"),
    ]


def test_the_documented_viber_reply_is_read_whole() -> None:
    assert parse_callback(raw(VIBER_REPLY)) == ReplyCallback(
        reference_id="0123456789ABCDEF0123456789ABCDEF",
        channel="viber",
        phone_number="11234567890",
        text="Hello",
        original_reference_id=REFERENCE,
        reply_id="reply_2fa",
        media="https://media.example/1",
        file_name="1695641912869284.jpg",
        updated_raw="2023-10-31T14:47:10.490130Z",
    )


def test_the_documented_sms_reply_is_read_whole() -> None:
    assert parse_callback(raw(SMS_REPLY)) == ReplyCallback(
        reference_id=REFERENCE,
        channel="sms",
        phone_number="11234567890",
        text="Stop please",
        action="stop",
        updated_raw="2023-10-31T14:47:10.490130Z",
    )


def test_irregularity_1_two_forms_of_time_in_one_callback_and_an_impossible_one() -> None:
    told = json.loads(SEED)
    told["channel_status"][0]["viber"]["updated_on"] = "2022-31-03T14:51:28.709526Z"
    stated = fact(raw(told))
    assert isinstance(stated, Reported)
    assert stated.updated_on == datetime(2020, 5, 4, 22, 7, 1, 226000, tzinfo=UTC)
    assert stated.updated_raw == "2020-05-04 22:07:01:226"
    viber, sms = stated.channels
    assert (viber.updated_on, viber.updated_raw) == (None, "2022-31-03T14:51:28.709526Z")
    assert sms.updated_on == stated.updated_on


@pytest.mark.parametrize("extra", [{}, {"external_id": None}, {"external_id": "null"}, {"external_id": " "}])
def test_irregularity_2_no_external_id_however_it_is_written(extra: dict[str, Any]) -> None:
    assert delivery(report(**extra)).external_id is None
    assert delivery(report(external_id="ours-1")).external_id == "ours-1"


def test_irregularity_3_an_empty_body_states_nothing() -> None:
    assert parse_callback(b"") == UnknownCallback()
    assert fact(b"") is None


def test_irregularity_4_several_channels_in_one_element_unknown_ones_and_missing_ids() -> None:
    told = delivery(
        report(
            channel_status=[
                {"viber": {"code": 3001}, "carrier_pigeon": {"code": 3000, "reference_id": REFERENCE}},
                {"SMS": {"code": 3002}},
                {},
            ]
        )
    )
    assert [(line.channel, line.code, line.reference_id) for line in told.channels] == [
        ("viber", 3001, None),
        ("carrier_pigeon", 3000, REFERENCE),
        ("sms", 3002, None),
    ]


def test_irregularity_4_a_missing_or_misshapen_channel_status() -> None:
    assert delivery(report()).channels == ()
    assert delivery(report(channel_status=[None, 5, "viber", {"viber": None}, [{"sms": {}}]])).channels == ()
    assert [line.channel for line in delivery(report(channel_status={"viber": {"code": 3000}})).channels] == [
        "viber"
    ]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("3000", 3000), ('"3000"', 3000), ('" 3000 "', 3000), ("-10004", -10004),
        ('"-10004"', -10004), ("0", 0),
        ("true", None), ("false", None), ("null", None), ('""', None), ('"-"', None), ('"3000.0"', None),
        ("3000.0", None), ('"three"', None), ('"٣٠٠٠"', None), ("{}", None), ("[3000]", None),
        pytest.param("9" * 5000, None, id="5000 digits"), pytest.param(f'"{"9" * 5000}"', None, id="as text"),
    ],
)  # fmt: skip
def test_irregularity_5_codes_as_numbers_or_texts(written: str, code: int | None) -> None:
    body = '{"reference_id":"x","status":{"code":HERE},"channel_status":[{"viber":{"code":HERE}}]}'
    parsed = parse_callback(body.replace("HERE", written).encode())
    assert isinstance(parsed, DeliveryCallback)
    assert (parsed.code, parsed.channels[0].code) == (code, code)


@pytest.mark.parametrize("errors", [[], {}, None, [{"code": 1, "description": "x"}], "none"])
@pytest.mark.parametrize("told", [json.loads(SEED), VIBER_REPLY, SMS_REPLY, CLASSIC])
def test_irregularity_6_errors_in_any_shape_change_nothing(told: dict[str, Any], errors: object) -> None:
    without = {name: value for name, value in told.items() if name != "errors"}
    assert parse_callback(raw({**without, "errors": errors})) == parse_callback(raw(without))


@pytest.mark.parametrize(
    "extra",
    [
        {"price": "0.0050", "currency": "USD", "additional_info": {"mcc": "310"}},
        {"additional_info": {"price": "0.0050", "currency": "USD"}},
    ],
)
def test_irregularity_7_price_and_currency_in_either_place(extra: dict[str, Any]) -> None:
    told = delivery(report(**extra))
    assert (told.price, told.currency) == ("0.0050", "USD")


def test_irregularity_7_a_price_is_never_rounded() -> None:
    body = raw(report(price="HERE")).replace(b'"HERE"', b"0.00500")
    parsed = parse_callback(body)
    assert isinstance(parsed, DeliveryCallback)
    assert parsed.price == "0.00500"


def test_irregularity_8_ids_and_times_may_be_missing() -> None:
    told = delivery({"external_id": "ours-1", "status": {"code": 3400}})
    assert (told.reference_id, told.external_id, told.code) == (None, "ours-1", 3400)
    assert (told.updated_raw, told.last_channel, told.channels) == (None, None, ())


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        (report(201), "delivery"),
        ({"reference_id": REFERENCE, "status": {"code": 201}, "channel_status": []}, "delivery"),
        ({"reference_id": REFERENCE, "status": {"code": 201}}, "sms_report"),
        ({"reference_id": REFERENCE, "status": {"code": 3041}}, "delivery"),
        ({"reference_id": REFERENCE, "status": {"code": 10031}}, "delivery"),
    ],
)
def test_irregularity_9_the_place_decides_what_a_number_means(told: dict[str, Any], kind: str) -> None:
    assert parse_callback(raw(told)).kind == kind


def test_irregularity_10_success_at_the_top_keeps_the_failure_of_an_earlier_channel() -> None:
    stated = fact(SEED)
    assert isinstance(stated, Reported)
    assert (stated.code, [line.code for line in stated.channels]) == (3000, [3056, 3000])


def test_irregularity_11_the_same_bytes_are_the_same_fact_and_no_others_are() -> None:
    first, again, other = fact(SEED), fact(SEED), fact(SEED + b" ")
    assert first is not None
    assert first.fact_id == digest(SEED)
    assert first == again
    assert other is not None
    assert other.fact_id != first.fact_id


def test_irregularity_12_keys_with_a_tab_actions_in_any_case_and_keys_nobody_knows() -> None:
    assert parse_callback(SEED.replace(b'"channel_status"', b'"channel_status\\t"')) == parse_callback(SEED)
    shouted = {**SMS_REPLY["user_response"], "action": "STOP", "postback_data\t": "x"}  # type: ignore[dict-item]
    parsed = parse_callback(raw({**SMS_REPLY, "user_response": shouted, "news": [1]}))
    assert parsed == parse_callback(raw(SMS_REPLY))


@pytest.mark.parametrize(
    ("told", "reference_id"),
    [
        (REFERENCE.lower(), REFERENCE),
        (f" {REFERENCE} ", REFERENCE),
        ("another-Form", "another-Form"),
        (12345, "12345"),
        ("null", None),
        (None, None),
        ({}, None),
    ],
)
def test_irregularity_13_reference_ids_join_whatever_their_case(
    told: object, reference_id: str | None
) -> None:
    assert delivery({"external_id": "x", **report(), "reference_id": told}).reference_id == reference_id


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        (json.loads(SEED), "delivery"),
        (VIBER_REPLY, "reply"),
        (SMS_REPLY, "reply"),
        ({"content": {"text": "Hi", "tracking_data": "1"}}, "reply"),
        ({"user_response": {"mo_message": "Hi"}}, "reply"),
        ({"reference_id": REFERENCE, "status": {"code": 1500}}, "reply"),
        ({"sub_resource": "mo_viber"}, "reply"),
        (CLASSIC, "sms_report"),
        ({"reference_id": REFERENCE, "status": {"code": 238}}, "sms_report"),
        ({"reference_id": REFERENCE}, "unknown"),
        ({"status": {"code": 3000}}, "unknown"),
        ({}, "unknown"),
        ([json.loads(SEED)], "unknown"),
    ],
)
def test_irregularity_14_the_shape_tells_the_kind(told: object, kind: str) -> None:
    assert parse_callback(raw(told)).kind == kind


def test_a_classic_report_states_what_became_of_an_sms() -> None:
    assert isinstance(parse_callback(raw(CLASSIC)), SmsReportCallback)
    stated = fact(raw(CLASSIC))
    assert isinstance(stated, Reported)
    assert (stated.code, stated.last_channel, stated.reference_id) == (200, "sms", CLASSIC["reference_id"])
    assert stated.updated_on == datetime(2016, 7, 8, 20, 52, 46, 417428, tzinfo=UTC)


def test_a_reply_states_who_said_what_and_when() -> None:
    stated = fact(raw(VIBER_REPLY), Verification.RELAY)
    assert isinstance(stated, Replied)
    assert (stated.channel, stated.phone_number, stated.text) == ("viber", "11234567890", "Hello")
    assert (stated.original_reference_id, stated.reply_id) == (REFERENCE, "reply_2fa")
    assert stated.updated_on == datetime(2023, 10, 31, 14, 47, 10, 490130, tzinfo=UTC)
    assert (stated.at, stated.verification) == (NOW, Verification.RELAY)


def test_a_forged_copy_does_not_take_the_place_of_the_genuine_callback() -> None:
    genuine, forged = fact(SEED), fact(SEED, Verification.FAILED)
    asked = callback_fact(SEED, received_at=NOW, source=Source.QUERY, verification=Verification.DIRECT)
    assert genuine is not None
    assert forged is not None
    assert asked is not None
    assert len({genuine.fact_id, forged.fact_id, asked.fact_id}) == 3


@given(st.text(), st.sampled_from(Verification), st.sampled_from([Source.CALLBACK, Source.QUERY]))
def test_the_reports_of_one_message_are_named_side_by_side_and_each_on_its_own(
    external_id: str, verification: Verification, source: Source
) -> None:
    bodies = [raw({**report(code), "external_id": external_id}) for code in (3001, 3000)]
    told = [callback_fact(body, received_at=NOW, source=source, verification=verification) for body in bodies]
    one, other = [each.fact_id for each in told if isinstance(each, Reported)]
    assert one != other
    place = told[0].external_id if isinstance(told[0], Reported) else None
    assert one.startswith(f"{place[:100]}." if place else digest(bodies[0]))
    assert len(one) <= 100 + 1 + 64 + len("-failed")


def test_texts_come_out_storable() -> None:
    body = rb'{"content":{"text":"a\u0000b\ud83d c \ud83d\udc4b","tracking_data":"\udc00"}}'
    parsed = parse_callback(body)
    assert isinstance(parsed, ReplyCallback)
    assert (parsed.text, parsed.reply_id) == ("a\ufffdb\ufffd c 👋", "\ufffd")


def test_a_byte_order_mark_is_passed_over() -> None:
    assert parse_callback(b"\xef\xbb\xbf" + SEED) == parse_callback(SEED)


def test_of_a_key_given_twice_the_last_counts() -> None:
    parsed = parse_callback(b'{"reference_id":"a","status":{"code":3000},"reference_id":"b"}')
    assert parsed.reference_id == "b"


@pytest.mark.parametrize(
    "body",
    [
        b"\0",
        b"\xff\xfe" + SEED.decode().encode("utf-16-le"),
        SEED.decode().encode("utf-32"),
        SEED[:-1],
        b"[" * 65_536,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b'{"status":{"code":3000},"reference_id":"x","deep":' + b"[" * 100 + b"]" * 100 + b"}",
        b'{"reference_id":' + b"9" * 65_000,
        b"x" * 65_536,
        b"NaN",
        b'"text"',
    ],
    ids=lambda body: repr(body[:12]),
)
def test_what_is_not_a_callback_is_unknown(body: bytes) -> None:
    assert parse_callback(body) == UnknownCallback()


@pytest.mark.parametrize(
    "number", [b"1e400", b"-1e400", b"NaN", b"Infinity", b"9" * 10_000, b"1" + b"0" * 5000]
)
def test_numbers_beyond_reason_do_no_harm(number: bytes) -> None:
    body = b'{"reference_id":"x","status":{"code":%b,"updated_on":%b},"price":%b,"channel_status":[]}'
    parsed = parse_callback(body % (number, number, number))
    assert isinstance(parsed, DeliveryCallback)
    assert parsed.code is None


def test_sixty_four_kilobytes_of_channels_are_read() -> None:
    body = raw(report(channel_status=[{"viber": {"code": 3000}}] * 2000))
    parsed = parse_callback(body)
    assert isinstance(parsed, DeliveryCallback)
    assert len(parsed.channels) == 2000


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=8)
    | st.sampled_from([3000, "3005", 1500, "null", REFERENCE, "sms", "mo_sms", "2020-05-04 22:07:01:226"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["status", "code", "channel_status", "viber", "content", "user_response", "reference_id",
             "text", "external_id", "updated_on", "sub_resource", "additional_info", "price", "phone_number",
             "action"]
        ) | st.text(max_size=3), inner, max_size=5),
    max_leaves=30,
)  # fmt: skip


def texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for inner in value:
            yield from texts(inner)


def sound(body: bytes) -> None:
    """Whatever came in, what comes out can be stored, compared and shown."""
    parsed = parse_callback(body)
    assert parsed.kind in ("delivery", "reply", "sms_report", "unknown")
    assert parse_callback(body) == parsed
    assert outline_callback(body)[:3] == (parsed.kind, parsed.reference_id, parsed.external_id)
    for text in texts(astuple(parsed)):
        assert "\0" not in text
        text.encode()  # no half of a surrogate pair
    stated = fact(body)
    assert (stated is None) == (parsed.kind == "unknown")
    asked = parse_status(body)
    assert asked is None or asked.code is not None


@given(st.binary(max_size=300))
def test_any_bytes_give_a_value(body: bytes) -> None:
    sound(body)


@given(JSON)
def test_any_json_gives_a_value(told: object) -> None:
    sound(raw(told))


@given(st.dictionaries(st.sampled_from(list({**VIBER_REPLY, **SMS_REPLY, **json.loads(SEED)})), JSON))
def test_any_values_under_known_keys_give_a_value(told: dict[str, Any]) -> None:
    sound(raw(told))


@given(st.integers(0, len(SEED) - 1), st.integers(0, 255))
def test_the_documented_report_with_one_byte_changed_gives_a_value(where: int, byte: int) -> None:
    sound(SEED[:where] + bytes([byte]) + SEED[where + 1 :])

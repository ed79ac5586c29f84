"""What the stand-in says about a message: overall status, body shapes, time formats."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from console.sandbox.plan import Change
from console.sandbox.scenarios import COARSE_FORMS, FINE_FORMS, Reply, TimeForm
from console.sandbox.texts import describe
from console.sandbox.transaction import (
    Transaction,
    delivery_body,
    reply_body,
    status_body,
    write_json,
    write_time,
)

NOON = datetime(2026, 3, 4, 12, 0, 1, 226789, tzinfo=UTC)


def transaction(*changes: tuple[str, int], external_id: str | None = "order-1") -> Transaction:
    found = Transaction(
        reference_id="A" * 32,
        external_id=external_id,
        scenario_id="viber_read",
        phone_number="12025550102",
        asked=("viber", "sms"),
        accepted_at=0.0,
        updated_on=NOON,
        reply_id="100035",
    )
    for place, (channel, code) in enumerate(changes):
        change = Change(at=0, channel=channel, code=code, description=describe(code), told=())
        found = found.after(change, at=NOON, channel_reference=f"{place:032X}")
    return found


@pytest.mark.parametrize(
    ("changes", "code", "last_channel"),
    [
        ([], 3001, None),
        ([("viber", 3001)], 3001, "viber"),
        ([("viber", 3000)], 3000, "viber"),
        ([("viber", 3000), ("viber", 3005)], 3005, "viber"),
        ([("viber", 3056), ("sms", 3001)], 3001, "sms"),
        ([("viber", 3056), ("sms", 3002)], 3002, "sms"),
        ([("viber", 3056), ("sms", 3040)], 3002, "sms"),
        ([("viber", 3056), ("sms", 3004)], 3004, "sms"),
        ([("viber", 3056), ("sms", 3000)], 3000, "sms"),
        ([("viber", 3056), ("sms", 3000), ("viber", 3000)], 3000, "sms"),
        ([("viber", 3056), ("sms", 3042)], 3003, "sms"),
        ([("viber", 3200), ("sms", 3200)], 3006, "sms"),
        ([("viber", 3999)], 3999, "viber"),
        ([("viber", 3055), ("hologram", 3002), ("sms", 3001)], 3001, "sms"),
    ],
)
def test_the_whole_has_the_status_its_channels_give_it(
    changes: list[tuple[str, int]], code: int, last_channel: str | None
) -> None:
    found = transaction(*changes)
    assert (found.code, found.last_channel) == (code, last_channel)


def test_a_channel_keeps_its_reference_and_shows_it_only_once_it_left_3001() -> None:
    begun, delivered = transaction(("viber", 3001)), transaction(("viber", 3001), ("viber", 3000))
    assert "reference_id" not in channel_line(delivery_body(begun, FINE_FORMS))
    assert channel_line(delivery_body(delivered, FINE_FORMS))["reference_id"] == "0" * 32


def channel_line(body: dict[str, Any]) -> dict[str, Any]:
    line: dict[str, Any] = body["channel_status"][0]["viber"]
    return line


def test_a_callback_has_the_documented_shape_and_mixes_time_formats() -> None:
    assert delivery_body(transaction(("viber", 3056), ("sms", 3000)), FINE_FORMS) == {
        "reference_id": "A" * 32,
        "external_id": "order-1",
        "status": {
            "code": 3000,
            "description": "Delivered",
            "last_channel": "sms",
            "updated_on": "2026-03-04 12:00:01:226",
        },
        "channel_status": [
            {
                "viber": {
                    "code": 3056,
                    "description": "Message failed to deliver in specified fallback time",
                    "reference_id": "0" * 32,
                    "updated_on": "2026-03-04 12:00:01.226",
                }
            },
            {
                "sms": {
                    "code": 3000,
                    "description": "Delivered",
                    "reference_id": "0" * 31 + "1",
                    "updated_on": "2026-03-04T12:00:01.226789Z",
                }
            },
        ],
    }


def test_a_missing_external_id_is_the_word_null_in_a_callback_and_null_in_a_status() -> None:
    without = transaction(external_id=None)
    assert delivery_body(without, FINE_FORMS)["external_id"] == "null"
    assert status_body(without, FINE_FORMS)["external_id"] is None


def test_a_viber_reply_names_the_message_and_gives_the_reply_id_back() -> None:
    reply = Reply(channel="viber", text="Ça va 👍", after=1)
    assert reply_body(transaction(), reply, at=NOON, own_reference="B" * 32) == {
        "reference_id": "A" * 32,
        "status": {
            "updated_on": "2026-03-04T12:00:01.226789Z",
            "description": "Delivered to customer",
            "code": 1500,
        },
        "phone_number": "12025550102",
        "content": {
            "original_reference_id": "A" * 32,
            "text": "Ça va 👍",
            "tracking_data": "100035",
            "media": "",
            "file_name": "",
        },
    }


def test_an_sms_reply_has_its_own_shape_and_keyword() -> None:
    reply = Reply(channel="sms", text="STOP", after=1, action="stop", own_reference=True)
    body = reply_body(transaction(), reply, at=NOON, own_reference="B" * 32)
    response: Any = body["user_response"]
    assert (body["reference_id"], body["sub_resource"], body["errors"]) == ("B" * 32, "mo_sms", {})
    assert (response["action"], response["keyword"], response["mo_message"]) == ("stop", "STOP", "STOP")
    assert response["phone_number"] == "12025550102"
    assert "content" not in body


def test_an_ordinary_sms_reply_is_generic_and_has_no_keyword() -> None:
    body = reply_body(
        transaction(), Reply(channel="sms", text="OK", after=1), at=NOON, own_reference="B" * 32
    )
    response: Any = body["user_response"]
    assert (response["action"], response["keyword"]) == ("generic", "")


def test_lone_surrogates_survive_as_escapes() -> None:
    text = write_json({"text": "\ud83d"})
    assert text.encode()
    assert json.loads(text) == {"text": "\ud83d"}


def test_other_texts_are_written_as_they_are() -> None:
    assert write_json({"text": "Здраво 👋"}) == '{"text":"Здраво 👋"}'


@pytest.mark.parametrize(
    ("form", "written"),
    [
        (TimeForm.MICROSECONDS, "2026-03-04T12:00:01.226789Z"),
        (TimeForm.NO_ZONE, "2026-03-04T12:00:01.226789"),
        (TimeForm.COLON, "2026-03-04 12:00:01:226"),
        (TimeForm.MILLISECONDS, "2026-03-04 12:00:01.226"),
        (TimeForm.ZERO_FRACTION, "2026-03-04T12:00:01.000000Z"),
        (TimeForm.SECONDS, "2026-03-04T12:00:01Z"),
        (TimeForm.HTTP_DATE, "Wed, 04 Mar 2026 12:00:01 GMT"),
    ],
)
def test_moments_are_written_as_telesign_writes_them(form: TimeForm, written: str) -> None:
    elsewhere = NOON.astimezone(timezone(timedelta(hours=9)))
    assert write_time(elsewhere, form) == written


def test_every_form_is_used_by_some_scenario() -> None:
    assert {*FINE_FORMS, *COARSE_FORMS} == set(TimeForm)


def test_a_transaction_survives_being_stored() -> None:
    stored = transaction(("viber", 3056), ("sms", 3000))
    assert Transaction.from_json(stored.to_json()) == stored

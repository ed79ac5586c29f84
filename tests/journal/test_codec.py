"""Facts survive being written down, whatever version reads them."""

from __future__ import annotations

import json
from datetime import timedelta, timezone

import pytest

from console.cascade.facts import (
    Answered,
    ChannelReport,
    Decided,
    Decision,
    Fact,
    MessageType,
    Replied,
    Reported,
    SendBegan,
    SendFailed,
    SendFailure,
    Source,
    StatusUnavailable,
    Verification,
)
from console.journal.codec import decode, encode, kind_of
from tests.journal.conftest import AT, queued

TOLD = ChannelReport(
    channel="viber", code=3056, description="", reference_id=None, updated_on=AT, updated_raw="2026"
)
FACTS: list[Fact] = [
    queued(sms_text=None, message_type=MessageType.OTP, session=True, time_scale=10.0),
    queued(viber_text="עברית 👩‍👩‍👧 \u202e NUL\0 end"),
    SendBegan(fact_id="b", at=AT, attempt=2),
    Answered(
        fact_id="a", at=AT, attempt=1, http_status=429, code=3204, description="Rate", reference_id=None,
        retry_at=AT,
    ),
    SendFailed(fact_id="f", at=AT, attempt=1, failure=SendFailure.CUT, http_status=502),
    Reported(
        fact_id="r", at=AT, source=Source.QUERY, verification=Verification.DIRECT, reference_id="R",
        external_id=None, code=-1, description="", last_channel=None, updated_on=None, channels=(TOLD, TOLD),
        price="0.001",
    ),
    Replied(
        fact_id="p", at=AT, source=Source.CALLBACK, verification=Verification.FAILED, channel="viber",
        phone_number=None, text="Hi",
    ),
    StatusUnavailable(fact_id="s", at=AT, http_status=None, code=None, description="", final=False),
    Decided(fact_id="d", at=AT, decision=Decision.TREAT_AS_SENT),
]  # fmt: skip


@pytest.mark.parametrize("fact", FACTS, ids=kind_of)
def test_a_fact_is_read_as_it_was_written(fact: Fact) -> None:
    assert decode(kind_of(fact), encode(fact)) == fact


def test_moments_are_kept_in_utc_to_the_microsecond() -> None:
    elsewhere = AT.astimezone(timezone(timedelta(hours=5, minutes=30)))
    back = decode("send_began", encode(SendBegan(fact_id="b", at=elsewhere, attempt=1)))
    assert back is not None
    assert back.at == AT
    assert back.at.utcoffset() == timedelta(0)


def test_fields_of_a_newer_version_are_passed_over_and_missing_ones_have_their_default() -> None:
    told = json.loads(encode(queued())) | {"colour": "red"}
    assert decode("queued", json.dumps(told)) == queued()


def test_what_was_written_before_there_were_versions_is_read() -> None:
    told = json.loads(encode(queued()))
    del told["v"]
    assert decode("queued", json.dumps(told)) == queued()


@pytest.mark.parametrize(("kind", "version"), [("queued", 2), ("teleported", 1)])
def test_what_only_a_newer_version_understands_is_passed_over(kind: str, version: int) -> None:
    told = json.loads(encode(queued())) | {"v": version}
    assert decode(kind, json.dumps(told)) is None

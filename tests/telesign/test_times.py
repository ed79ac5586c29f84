"""Every way in which Telesign writes a moment."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.telesign.times import parse_time


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]  # a list of parts, all ints


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2020-08-27T17:28:49.559307Z", utc(2020, 8, 27, 17, 28, 49, 559307)),
        ("2024-11-12T13:08:37.000000Z", utc(2024, 11, 12, 13, 8, 37)),
        ("2019-11-01T00:26:16Z", utc(2019, 11, 1, 0, 26, 16)),
        ("2018-02-12T14:57:11.765723", utc(2018, 2, 12, 14, 57, 11, 765723)),
        ("2020-05-04 22:07:01:226", utc(2020, 5, 4, 22, 7, 1, 226000)),
        ("2020-05-04 22:06:03.837", utc(2020, 5, 4, 22, 6, 3, 837000)),
        ("Thu, 23 Jun 2022 19:03:44 GMT", utc(2022, 6, 23, 19, 3, 44)),
        ("2022-31-03T14:51:28.709526Z", None),
    ],
)
def test_the_eight_known_forms(text: str, moment: datetime | None) -> None:
    assert parse_time(text) == moment


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2020-08-27T19:28:49+02:00", utc(2020, 8, 27, 17, 28, 49)),
        ("2020-08-27 12:28:49.5-0500", utc(2020, 8, 27, 17, 28, 49, 500000)),
        (" 2020-08-27T17:28:49.123456789Z ", utc(2020, 8, 27, 17, 28, 49, 123456)),
        ("Thu, 23 Jun 2022 21:03:44 +0200", utc(2022, 6, 23, 19, 3, 44)),
    ],
)
def test_near_relatives(text: str, moment: datetime) -> None:
    assert parse_time(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        None, "", "null", 5, True, {}, "yesterday", "2020-08-27", "17:28:49", "2020-02-30T00:00:00Z",
        "2020-08-27T24:00:00Z", "2020-08-27T17:28:60Z", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00", "2020-08-27T17:28:49+99:99", "٢٠٢٠-08-27T17:28:49Z",
        "Thu, 99 Jun 2022 19:03:44 GMT",
        "Thu, 23 Xyz 2022 19:03:44 GMT", "2020-08-27T17:28:49Z\0", "1" * 70_000,
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_no_time(text: object) -> None:
    assert parse_time(text) is None


@given(st.text() | st.text("0123456789-:. TZ+GMTJun,", max_size=40))
def test_any_text_is_a_moment_in_utc_or_none(text: str) -> None:
    moment = parse_time(text)
    assert moment is None or moment.tzinfo is UTC


@given(
    st.datetimes(), st.sampled_from(["%Y-%m-%dT%H:%M:%S.%fZ", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S:%f"])
)
def test_every_moment_survives_being_written(moment: datetime, form: str) -> None:
    text = moment.strftime(form).zfill(len("2020-01-01T00:00:00.000000") + form.count("Z"))
    assert parse_time(text) == moment.replace(tzinfo=UTC)

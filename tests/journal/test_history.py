"""Lists: numbers of rows by query, rows by number."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.cascade.facts import SendFailed, SendFailure
from console.cascade.message import Draft
from console.journal.drafts import draft_from_json, draft_to_json
from console.journal.history import list_rows, read_rows
from console.journal.journal import Journal
from tests.journal.conftest import AT, accepted, queued


@pytest.fixture(autouse=True)
def _filled(journal: Journal) -> None:
    accepted(journal, "a", "0" * 31 + "A", viber_text="Ваша посылка прибыла", to="381641234567")
    accepted(journal, "b", "0" * 31 + "B", viber_text='100% of "quotes" OR _more_', sms_text="Short text")
    journal.add_message(queued("c", viber_text="Your parcel ☕ is here"), request=b"{}", owner="me")
    failed = SendFailed(fact_id="f", at=AT + timedelta(1), attempt=1, failure=SendFailure.NOT_CONNECTED)
    journal.record("c", failed)


def found(journal: Journal, search: str = "", *states: str, limit: int | None = None) -> str:
    rows = list_rows(journal.db, search=search, states=states, limit=limit)
    return "".join(row.message_id for row in read_rows(journal.db, rows))


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("", "cba"),
        ("parcel", "c"),
        ("PARCEL here", "c"),
        ("ПОСЫЛКА", "a"),
        ("parcel посылка", ""),
        ("☕", "c"),
        ("+381 64 123-45-67", "a"),
        ("00381641234567", "a"),
        ("8675309", "cb"),
        ("+3", "cba"),
        ("+64", "a"),
        ("+381", "a"),
        ("(381) 64", "a"),
        ("100% +", "b"),
        ("+", "cba"),
        ("(+", "cba"),
        ("parcel (", "c"),
        ("cascade-b", "b"),
        ("Short text", "b"),
        ('"quotes"', "b"),
        ("OR", "b"),
        ("100%", "b"),
        ("%", "b"),
        ("_", "b"),
        ("rcel is", "c"),
        ("NEAR( AND *", ""),
        ("\0", "cba"),
        ("'; DROP TABLE messages; --", ""),
    ],
)
def test_a_search_finds_words_numbers_and_ids_and_takes_nothing_for_syntax(
    journal: Journal, search: str, expected: str
) -> None:
    assert found(journal, search) == expected


def test_states_and_outcomes_filter_and_combine_with_a_search(journal: Journal) -> None:
    assert found(journal, "", "not_sent") == "c"
    assert found(journal, "", "accepted", "not_sent") == "cba"
    assert found(journal, "8675309", "accepted") == "b"
    assert found(journal, "", "no such state") == ""


CREATED = {"x1": 0, "x2": 1, "x3": 1, "x4": 5}
MADE_BY = {"x1": "viber", "x2": None, "x3": "sms", "x4": "viber"}
UNREAD = {"x1": 0, "x2": 2, "x3": 1, "x4": 0}


@given(
    channel=st.sampled_from(["", "viber", "sms", "rcs"]),
    since=st.none() | st.integers(-1, 6),
    until=st.none() | st.integers(-1, 6),
    unread=st.booleans(),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_channel_time_and_unread_filter_as_a_plain_loop_would(
    journal: Journal, channel: str, since: int | None, until: int | None, unread: bool
) -> None:
    if not found(journal, "x1"):
        for name, day in CREATED.items():
            journal.add_message(queued(name, at=AT + timedelta(days=day)), request=b"{}", owner="me")
            changed = (MADE_BY[name], UNREAD[name], (AT + timedelta(days=day)).timestamp(), name)
            journal.db.execute(
                "UPDATE messages SET channel = ?, unread = ?, created_at = ? WHERE message_id = ?", changed
            )
    rows = list_rows(
        journal.db,
        search="cascade-x",
        states=(),
        limit=None,
        channel=channel,
        since=None if since is None else AT + timedelta(days=since),
        until=None if until is None else AT + timedelta(days=until),
        unread=unread,
    )
    expected = [
        name
        for name, day in CREATED.items()
        if (not channel or MADE_BY[name] == channel)
        and (since is None or day >= since)
        and (until is None or day < until)
        and (not unread or UNREAD[name])
    ]
    assert [row.message_id for row in read_rows(journal.db, rows)] == expected[::-1]


def test_the_newest_are_first_and_no_more_than_asked_for(journal: Journal) -> None:
    assert found(journal, limit=2) == "cb"
    assert found(journal, "8675309", limit=1) == "c"


def test_rows_come_in_the_order_asked_and_missing_ones_are_left_out(journal: Journal) -> None:
    assert [row.message_id for row in read_rows(journal.db, [1, 99, 3, 2])] == ["a", "c", "b"]


def test_a_draft_comes_back_and_nonsense_is_none() -> None:
    draft = Draft(to="+1 555", viber_text="Hi\n👋", two_way=True, reply_id="r", fallback_time=45)
    assert draft_from_json(draft_to_json(draft)) == draft
    assert draft_from_json("not JSON") is None
    assert draft_from_json("[]") is None
    assert draft_from_json('{"to": 5, "future": true, "fallback_time": "x"}') == Draft()


def test_a_search_nobody_waits_for_any_more_ends_and_harms_no_later_one(journal: Journal) -> None:
    for number in range(300):
        journal.add_message(queued(f"n{number}"), request=b"{}", owner="me")
    with pytest.raises(sqlite3.OperationalError, match="interrupted"):
        list_rows(journal.db, search="e e", states=(), limit=None, given_up=lambda: True)
    assert found(journal, "parcel") == "c"


@given(number=st.from_regex(r"[1-9][0-9]{6,14}", fullmatch=True), data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
def test_a_piece_of_a_number_is_found_however_it_is_written(
    journal: Journal, number: str, data: st.DataObject
) -> None:
    message = f"n{len(list_rows(journal.db, search='', states=(), limit=None))}"
    journal.add_message(queued(message, to=number), request=b"{}", owner="me")
    first = data.draw(st.integers(0, len(number) - 1))
    piece = number[first : data.draw(st.integers(first + 1, len(number)))].lstrip("0")
    written = "".join(digit + data.draw(st.sampled_from(("", "", " ", "-", ") "))) for digit in piece)
    if piece:
        lead = data.draw(st.sampled_from(("", "+", "(")))
        newest = list_rows(journal.db, search=lead + written, states=(), limit=1)
        assert [row.message_id for row in read_rows(journal.db, newest)] == [message]

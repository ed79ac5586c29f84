"""Lists: numbers of rows by query, rows by number."""

from __future__ import annotations

from datetime import timedelta

import pytest

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

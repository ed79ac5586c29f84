"""Exports of other desks as experience: read with suspicion, counted once, forgotten by name."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import closing
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.cascade.survival import Ending, Observation
from console.desk.cli_common import timeline_json
from console.journal import case_files
from console.journal.case_files import CaseFileError, case_sources, forget_cases, keep_cases, read_cases
from console.journal.durations import observed
from console.journal.journal import Journal
from tests.journal.conftest import AT, FEED, accepted, heard, report
from tests.journal.test_durations import DELIVERED, LATER, NO_VIBER, TIMED_OUT


def other_desk(folder: Path, now: Any = LATER) -> tuple[bytes, dict[str, Counter[Observation]]]:
    """Another desk's export, and what that desk itself learned."""
    with closing(Journal(folder)) as journal:
        ends: list[dict[str, int]] = [
            {"viber": DELIVERED},
            {"viber": NO_VIBER, "sms": DELIVERED},
            {"viber": TIMED_OUT, "sms": DELIVERED},
            {},
            {"viber": TIMED_OUT},
            {"viber": DELIVERED},
        ]
        for number, channels in enumerate(ends):
            to = "381601234567" if number % 2 else "15558675309"
            scale = 10.0 if number == 5 else 1.0
            sms = None if number == 4 else "x"
            accepted(journal, f"o{number}", f"{number:032d}", to=to, time_scale=scale, sms_text=sms)
            if channels:
                told = heard(report(f"{number:032d}", None, **channels), after=5 + number)
                cursor = journal.kept(FEED)
                journal.ingest([told], feed=FEED, before=cursor, after=f"{cursor or ''}+")
        timelines = [journal.timeline(f"o{number}") for number in range(len(ends))]
        exported = json.dumps([timeline_json(each) for each in timelines if each is not None])
        return exported.encode(), observed(journal.db, now)


@pytest.fixture
def export(tmp_path: Path) -> bytes:
    return other_desk(tmp_path / "other")[0]


def test_what_is_read_from_an_export_is_what_its_own_desk_learned(journal: Journal, tmp_path: Path) -> None:
    # The newest thing it heard came ten seconds after the acceptance.
    content, learned = other_desk(tmp_path / "other", now=AT.replace(second=AT.second + 10))
    assert keep_cases(journal.db, "other.json", read_cases(content)) == 6
    assert observed(journal.db, LATER) == learned
    assert case_sources(journal.db) == [("other.json", 6)]


def test_taking_the_same_file_twice_changes_nothing(journal: Journal, export: bytes) -> None:
    keep_cases(journal.db, "other.json", read_cases(export))
    before = observed(journal.db, LATER)
    keep_cases(journal.db, "other.json", read_cases(export))
    assert observed(journal.db, LATER) == before
    keep_cases(journal.db, "copy.json", read_cases(export))
    assert observed(journal.db, LATER) == before
    assert case_sources(journal.db) == [("copy.json", 6)]


def test_a_message_of_this_journal_is_not_counted_twice(journal: Journal, export: bytes) -> None:
    keep_cases(journal.db, "other.json", read_cases(export))
    before = sum(each.total() for each in observed(journal.db, LATER).values())
    accepted(journal, "o0")
    assert sum(each.total() for each in observed(journal.db, LATER).values()) == before - 1


def test_a_file_is_forgotten_by_its_name_and_leaves_no_trace(journal: Journal, export: bytes) -> None:
    keep_cases(journal.db, "other.json", read_cases(export))
    assert forget_cases(journal.db, "another.json") == 0
    assert forget_cases(journal.db, "other.json") == 6
    assert observed(journal.db, LATER) == {}
    assert case_sources(journal.db) == []


def test_neither_numbers_nor_texts_are_kept(journal: Journal, export: bytes) -> None:
    keep_cases(journal.db, "other.json", read_cases(export))
    told = repr(journal.db.execute("SELECT * FROM case_durations").fetchall())
    assert "15558675309" not in told
    assert "Hello" not in told


def test_a_message_that_was_never_accepted_teaches_nothing(export: bytes) -> None:
    (first, *_) = json.loads(export)
    first["accepted_at"] = None
    assert read_cases(json.dumps([first]).encode()) == []
    assert read_cases(b"[]") == []


@pytest.mark.parametrize(
    "content",
    [b"", b"nonsense", b"{}", b'"text"', b"[1]", b"[[]]", b"[null]", b"[{}]", b"\xff\xfe", b"[" * 100_000,
     b'[{"message_id": NaN}]'],
)  # fmt: skip
def test_what_is_no_export_is_refused(content: bytes) -> None:
    with pytest.raises(CaseFileError):
        read_cases(content)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("message_id", None), ("message_id", 7), ("message_id", "x" * 201), ("message_id", "\ud800"),
        ("to", "9" * 33), ("to", ["1"]), ("sms_text", 1),
        ("fallback_time", 29), ("fallback_time", 3601), ("fallback_time", True), ("fallback_time", "60"),
        ("fallback_time", 10**400), ("time_scale", 0), ("time_scale", -1), ("time_scale", None),
        ("accepted_at", "yesterday"), ("accepted_at", "2026-05-04T12:00:00"), ("accepted_at", 5),
        ("attempts", None), ("attempts", {}), ("attempts", [{"channel": "viber"}]),
        ("attempts", [{"channel": "viber", "state": "flying", "updated_at": None}]),
        ("events", "none"), ("events", [{"channel": "viber"}]), ("events", [3]),
    ],
)  # fmt: skip
def test_one_field_that_no_desk_wrote_refuses_the_whole_file(
    export: bytes, field: str, value: object
) -> None:
    told = json.loads(export)
    told[2][field] = value
    with pytest.raises(CaseFileError, match="Message 3"):
        read_cases(json.dumps(told).encode())
    del told[2][field]
    with pytest.raises(CaseFileError, match="Message 3"):
        read_cases(json.dumps(told).encode())


def test_a_file_that_is_too_large_is_not_even_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case_files, "LARGEST", 3)
    with pytest.raises(CaseFileError, match="too large"):
        read_cases(b"[  ]")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
ENTRY = {
    "message_id": "m", "to": "381601234567", "sms_text": "x", "fallback_time": 60, "time_scale": 1.0,
    "accepted_at": "2026-05-04T12:00:00Z",
    "attempts": [{"channel": "viber", "state": "delivered", "updated_at": "2026-05-04T12:00:09Z"}],
    "events": [
        {"kind": "channel", "channel": "viber", "code": 3000, "at": "2026-05-04T12:00:09Z",
         "source": "callback", "heard_at": "2026-05-04T12:00:09Z", "at_is_receipt": False}
    ],
}  # fmt: skip


@given(st.sampled_from(sorted(ENTRY)), st.sampled_from(("", "attempts", "events")), st.text(max_size=9), JSON)
def test_whatever_stands_in_a_field_is_read_or_refused(field: str, inside: str, key: str, value: Any) -> None:
    entry: dict[str, Any] = deepcopy(ENTRY)
    (entry[inside][0] if inside else entry)[field if not inside else key or "state"] = value
    try:
        cases = read_cases(json.dumps([entry]).encode())
    except CaseFileError:
        return
    assert all(isinstance(each.seen, Observation) for each in cases)


def test_the_plain_entry_is_read() -> None:
    (case,) = read_cases(json.dumps([ENTRY]).encode())
    assert (case.message_id, case.region, case.seen) == ("m", "RS", Observation(9.0, Ending.DELIVERED))

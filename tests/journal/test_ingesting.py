"""A page taken in at once leaves what its events would have left one by one."""

from __future__ import annotations

import itertools
import json
import tempfile
from contextlib import closing
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from console.cascade.facts import Verification
from console.journal.journal import Journal
from console.journal.matching import Heard
from tests.journal.conftest import FEED, accepted, heard, reply

MESSAGES = 3
OURS = "OURS"


def own(number: int, channel: int = 0) -> str:
    """The reference ids of message ``number``: of the transaction, or of one of its channels."""
    return f"{channel}{number}".rjust(32, "A")


@st.composite
def events(draw: st.DrawFn) -> Heard:
    number = draw(st.integers(0, MESSAGES))  # the last one is nobody's here
    verification = draw(st.sampled_from([Verification.DESK, Verification.DESK, Verification.FAILED]))
    account = draw(st.sampled_from([None, OURS, OURS.lower(), "THEIRS"]))
    after = draw(st.integers(1, 5))
    if draw(st.integers(0, 4)) == 0:
        known = draw(st.sampled_from([None, own(number), own(number, 1)]))
        body = reply(draw(st.sampled_from(["Hi", "STOP", "START"])), original_reference_id=known)
        return heard(body, verification, account, after)
    if draw(st.integers(0, 9)) == 0:
        return heard(b"{}", verification, account, after)
    named = draw(st.sampled_from([own(number), own(number, 1), own(number, 2), None]))
    told = [
        {"viber": {"code": draw(st.sampled_from([3001, 3056, 3000])), "reference_id": own(number, 1)}},
        {"sms": {"code": draw(st.sampled_from([3001, 3000])), "reference_id": own(number, 2)}},
    ]
    body = json.dumps(
        {
            "status": {"code": 3001, "last_channel": "viber"},
            "channel_status": told[: draw(st.integers(0, 2))],
            "reference_id": named,
            "external_id": draw(st.sampled_from([f"cascade-m{number}", None])),
        }
    ).encode()
    return heard(body, verification, account, after)


def left_by(pages: list[list[Heard]]) -> tuple[object, ...]:
    """Whose each event is, what leads to whom, who opted out and what the lists show."""
    with tempfile.TemporaryDirectory() as folder, closing(Journal(Path(folder))) as journal:
        for number in range(MESSAGES):
            number_to = f"1555867530{number}"
            accepted(journal, f"m{number}", own(number), account="" if number == 2 else OURS, to=number_to)
        before: str | None = None
        for page in pages:
            after = f"{before or ''}+"
            journal.ingest(page, feed=FEED, before=before, after=after, account=OURS)
            before = after
        kept = tuple(
            journal.db.execute(f"SELECT {columns}").fetchall()
            for columns in (
                "fact_id, message, kind, data, raw, reference_id, external_id, account FROM facts ORDER BY 1",
                "reference_id, message FROM aliases ORDER BY 1",
                "recipient, stopped, fact_id FROM opted_out ORDER BY 1",
                "row, state, outcome, channel, settled, updated_at, unread FROM messages ORDER BY 1",
                "* FROM durations ORDER BY 1",
            )
        )
        return kept, [journal.timeline(f"m{number}") for number in range(MESSAGES)]


@given(st.lists(events(), max_size=12), st.lists(st.integers(0, 12), max_size=2))
def test_however_events_are_divided_into_pages_the_journal_is_the_same(
    told: list[Heard], cuts: list[int]
) -> None:
    ends = [0, *sorted(min(cut, len(told)) for cut in cuts), len(told)]
    pages = [told[first:last] for first, last in itertools.pairwise(ends)]
    assert left_by(pages) == left_by([[each] for each in told])


def test_more_events_than_one_statement_takes_are_all_kept() -> None:
    told = [
        heard(
            json.dumps(
                {"status": {"code": 3001}, "channel_status": [], "reference_id": own(0), "n": n}
            ).encode()
        )
        for n in range(1100)
    ]
    with tempfile.TemporaryDirectory() as folder, closing(Journal(Path(folder))) as journal:
        accepted(journal, "m0", own(0))
        assert journal.ingest([*told, *told], feed=FEED, before=None, after="1") == {"m0"}
        assert journal.ingest(told, feed=FEED, before="1", after="2") == set()
        assert len(journal.facts("m0")) == 3 + len(told)

"""Facts into their table and out again, and what lists keep of a message.

Everything here is to be called in a transaction of the caller's.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any, Final

from console.cascade.facts import Fact, Replied, Reported
from console.cascade.outcome import Timeline
from console.journal.batches import read_rows, row_of, write_rows
from console.journal.codec import decode, encode, kind_of
from console.journal.durations import note_durations
from console.journal.matching import Heard

_INSERT: Final = (
    "INSERT INTO facts (fact_id, message, kind, at, data, raw, signature, reference_id, external_id, account)"
    " VALUES {} ON CONFLICT DO NOTHING"
)
_INSERT_ONE: Final = _INSERT.format(row_of(10))
_OUTCOME: Final = (
    "WITH told (row, state, outcome, channel, reference_id, settled, updated_at, ask_at) AS (VALUES {})"
    " UPDATE messages AS m SET state = told.state, outcome = told.outcome, channel = told.channel,"
    " reference_id = told.reference_id, settled = told.settled,"
    " updated_at = coalesce(told.updated_at, m.updated_at),"
    " unread = (SELECT count(*) FROM facts f WHERE f.message = m.row AND f.kind = 'replied'"
    " AND f.seq > m.read_to AND json_extract(f.data, '$.verification') <> 'failed'),"
    " ask_at = CASE WHEN told.settled THEN NULL WHEN m.asked = 0 THEN coalesce(told.ask_at, m.ask_at)"
    " ELSE m.ask_at END"
    " FROM told WHERE m.row = told.row"
)


def insert_fact(
    db: sqlite3.Connection,
    fact: Fact,
    row: int | None,
    *,
    raw: bytes | None = None,
    signature: str | None = None,
    account: str | None = None,
) -> bool:
    """Add a fact to a message (``None``: to none yet); whether it was new."""
    return db.execute(_INSERT_ONE, _values(fact, row, raw, signature, account)).rowcount > 0


def insert_heard(db: sqlite3.Connection, heard: Heard, row: int | None) -> bool:
    """Add what was heard; whether that is a new fact. Bytes that state nothing are kept as such."""
    if heard.fact is not None:
        return insert_fact(
            db, heard.fact, row, raw=heard.raw, signature=heard.signature, account=heard.account
        )
    db.execute(
        "INSERT INTO facts (fact_id, kind, at, data, raw, signature, account)"
        " VALUES (?, 'unknown', ?, '{}', ?, ?, ?) ON CONFLICT DO NOTHING",
        (heard.fact_id, heard.at.timestamp(), heard.raw, heard.signature, heard.account),
    )
    return False


def insert_reports(db: sqlite3.Connection, found: Sequence[tuple[Heard, Reported, int | None]]) -> None:
    """Add reports, each to the message with this row (``None``: to none yet)."""
    write_rows(
        db,
        _INSERT,
        [_values(fact, row, heard.raw, heard.signature, heard.account) for heard, fact, row in found],
    )


def _values(
    fact: Fact, row: int | None, raw: bytes | None, signature: str | None, account: str | None
) -> tuple[Any, ...]:
    original = fact.original_reference_id if isinstance(fact, Replied) else None
    return (
        fact.fact_id,
        row,
        kind_of(fact),
        fact.at.timestamp(),
        encode(fact),
        raw,
        signature,
        original or getattr(fact, "reference_id", None),
        getattr(fact, "external_id", None),
        account,
    )


def facts_of(db: sqlite3.Connection, row: int) -> tuple[Fact, ...]:
    """A message's facts in the order recorded; those only a newer version understands are left out."""
    rows = db.execute("SELECT kind, data FROM facts WHERE message = ? ORDER BY seq", (row,))
    return tuple([fact for kind, data in rows if (fact := decode(kind, data)) is not None])


def facts_until(db: sqlite3.Connection, rows: Collection[int], last: int) -> dict[int, list[Fact]]:
    """The facts of several messages that were recorded up to the number ``last``, in any order."""
    found: dict[int, list[Fact]] = {}
    rest = f"FROM facts WHERE message IN {{}} AND seq <= {last}"
    for row, kind, data in read_rows(db, "message, kind, data", rest, rows):
        fact = decode(kind, data)
        if fact is not None:
            found.setdefault(row, []).append(fact)
    return found


def keep_outcomes(
    db: sqlite3.Connection,
    told: Sequence[tuple[int, Timeline]],
    first_question: Callable[[Timeline], datetime | None] | None,
) -> None:
    """Make the cached columns of the messages with these rows anew."""
    write_rows(db, _OUTCOME, [_outcome(row, timeline, first_question) for row, timeline in told])
    note_durations(db, told)


def _outcome(
    row: int, timeline: Timeline, first_question: Callable[[Timeline], datetime | None] | None
) -> tuple[Any, ...]:
    updated = timeline.last_heard_at or timeline.created_at
    ask = first_question(timeline) if first_question is not None else None
    return (
        row,
        timeline.state.value,
        timeline.outcome.value,
        timeline.made_by[-1] if timeline.made_by else None,
        timeline.reference_id,
        timeline.settled,
        None if updated is None else updated.timestamp(),
        None if ask is None else ask.timestamp(),
    )

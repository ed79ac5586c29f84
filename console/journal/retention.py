"""Old messages leave the journal for good: facts, bytes, words of the search, and the pages they stood on.

What customers asked for (STOP) outlives their messages, and so do messages that are still to be sent.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from console.transactions import all_or_nothing

BATCH: Final = 200
"""Messages deleted in one transaction, so that nobody waits long for the file."""
_OLD: Final = (
    "updated_at < :before AND created_at < :before AND NOT (settled = 0 AND state IN ('queued', 'sending'))"
)
_LOOSE: Final = "message IS NULL AND at < :before AND kind NOT IN ('assigned', 'dismissed', 'restored')"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """What would leave the journal."""

    messages: int = 0
    unread: int = 0
    """Of those, with replies nobody has read."""
    in_doubt: int = 0
    """Of those, unconfirmed."""
    unmatched: int = 0
    """Reports and replies of no known message."""
    oldest: datetime | None = None


def preview(db: sqlite3.Connection, before: datetime) -> Leaving:
    """What :func:`delete_batch` would delete in the end; changes nothing."""
    moment = {"before": before.timestamp()}
    messages, unread, in_doubt, oldest = db.execute(
        "SELECT count(*), coalesce(sum(unread > 0), 0), coalesce(sum(state = 'unconfirmed'), 0),"  # noqa: S608
        f" min(created_at) FROM messages WHERE {_OLD}",
        moment,
    ).fetchone()
    (unmatched,) = db.execute(f"SELECT count(*) FROM facts WHERE {_LOOSE}", moment).fetchone()  # noqa: S608
    return Leaving(
        messages=messages,
        unread=unread,
        in_doubt=in_doubt,
        unmatched=unmatched,
        oldest=None if oldest is None else datetime.fromtimestamp(oldest, before.tzinfo),
    )


def delete_batch(db: sqlite3.Connection, before: datetime, most: int = BATCH) -> int:
    """Delete up to ``most`` messages without news since ``before``, and as many reports of none.

    Returns how many messages and reports went; 0: all is done. What is deleted is overwritten.
    """
    moment = {"before": before.timestamp(), "most": most}
    db.execute("PRAGMA secure_delete = ON")
    with all_or_nothing(db):
        rows = [
            row
            for (row,) in db.execute(
                f"SELECT row FROM messages WHERE {_OLD} ORDER BY row LIMIT :most",  # noqa: S608
                moment,
            )
        ]
        for row in rows:
            told = "SELECT fact_id FROM facts WHERE message = ?"
            db.execute(f"DELETE FROM dealt WHERE fact_id IN ({told})", (row,))  # noqa: S608
            db.execute("DELETE FROM words WHERE rowid = ?", (row,))
            for table in ("facts", "requests", "aliases", "durations"):
                db.execute(f"DELETE FROM {table} WHERE message = ?", (row,))  # noqa: S608
            db.execute("DELETE FROM messages WHERE row = ?", (row,))
        loose = f"SELECT seq FROM facts WHERE {_LOOSE} ORDER BY seq LIMIT :most"  # noqa: S608
        old = f"SELECT fact_id FROM facts WHERE seq IN ({loose})"  # noqa: S608
        db.execute(f"DELETE FROM dealt WHERE fact_id IN ({old})", moment)  # noqa: S608
        gone = db.execute(f"DELETE FROM facts WHERE seq IN ({loose})", moment).rowcount  # noqa: S608
    return len(rows) + gone


def give_back(db: sqlite3.Connection) -> None:
    """After the last batch: make the search's index anew from what is left, and free what is empty.

    The index keeps the words of deleted rows until its parts are merged, so they are; and the log of
    recent changes, which still holds the old pages, is emptied.
    """
    db.execute("PRAGMA secure_delete = ON")
    db.execute("INSERT INTO words (words) VALUES ('optimize')")
    # One step a page: execute() would stop after the first.
    db.executescript("PRAGMA incremental_vacuum;")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

"""What came and belongs to no message: kept, listed, assigned or set aside by a person, never dropped.

What a person decides is a fact like any other, appended under the kinds ``assigned``, ``dismissed``
and ``restored``. The table ``dealt`` and the message an assigned fact points to are caches of it,
made anew by :func:`reapply`.

A relay tells every desk of an account about the messages of all of them, so delivery reports of
other desks are listed apart and do not count.
"""

from __future__ import annotations

import json
import sqlite3
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from console.cascade.facts import Replied, Reported, Verification
from console.journal.codec import decode
from console.journal.matching import learn_references, references_of


class Pile(StrEnum):
    """Which part of the unmatched is listed."""

    WAITING = "waiting"
    """Replies, and what nothing could be read from: somebody should look."""
    REPORTS = "reports"
    """Delivery reports; mostly of messages that other desks sent."""
    DEALT = "dealt"
    """What a person assigned or set aside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmatched:
    """One thing that came and matched nothing."""

    fact_id: str
    at: datetime
    fact: Reported | Replied | None
    """``None``: nothing could be read from the bytes."""
    raw: bytes
    signature: str | None
    dealt: str = ""
    """``assigned`` or ``dismissed``; empty while it waits."""
    message_id: str | None = None
    """The message it was assigned to."""


class NotAssignableError(Exception):
    """It is gone, was assigned meanwhile, or the message is another account's."""


_OURS: Final = "(:account = '' OR f.account IS NULL OR upper(f.account) = :account)"
_PILES: Final = {
    Pile.WAITING: "f.message IS NULL AND f.kind IN ('replied', 'unknown') AND d.fact_id IS NULL",
    Pile.REPORTS: "f.message IS NULL AND f.kind = 'reported' AND d.fact_id IS NULL",
    Pile.DEALT: "d.fact_id IS NOT NULL",
}


def list_unmatched(
    db: sqlite3.Connection, pile: Pile, *, account: str = "", limit: int = 500
) -> list[Unmatched]:
    """The newest of a pile first; only what this account (upper case or not) was told."""
    order = "d.at DESC, f.seq DESC" if pile is Pile.DEALT else "f.seq DESC"
    source = "dealt d JOIN facts f" if pile is Pile.DEALT else "facts f LEFT JOIN dealt d"
    rows = db.execute(
        "SELECT f.fact_id, f.kind, f.at, f.data, f.raw, f.signature, d.how, m.message_id"  # noqa: S608 - ours
        f" FROM {source} ON d.fact_id = f.fact_id LEFT JOIN messages m ON m.row = f.message"
        f" WHERE {_PILES[pile]} AND {_OURS} ORDER BY {order} LIMIT :limit",
        {"account": account.upper(), "limit": limit},
    ).fetchall()
    return [_unmatched(row) for row in rows]


def count_waiting(db: sqlite3.Connection, *, account: str = "") -> int:
    """How many somebody should look at."""
    statement = (
        "SELECT count(*) FROM facts f LEFT JOIN dealt d ON d.fact_id = f.fact_id"  # noqa: S608 - ours
        f" WHERE {_PILES[Pile.WAITING]} AND {_OURS}"
    )
    return int(db.execute(statement, {"account": account.upper()}).fetchone()[0])


def assign(db: sqlite3.Connection, fact_id: str, message_id: str, at: datetime) -> int:
    """Give it to a message; the message's row. To be called in a transaction; refresh the row after.

    Raises:
        NotAssignableError: it is not there, has a message, or stands against the message's account.
    """
    found = db.execute("SELECT message, account FROM facts WHERE fact_id = ?", (fact_id,)).fetchone()
    target = db.execute("SELECT row, account FROM messages WHERE message_id = ?", (message_id,)).fetchone()
    if found is None or target is None or found[0] is not None:
        raise NotAssignableError(fact_id)
    row, account = int(target[0]), str(target[1])
    if found[1] and account and found[1].upper() != account:
        raise NotAssignableError(fact_id)
    _decide(db, "assigned", fact_id, at, row)
    _join(db, fact_id, row)
    return row


def dismiss(db: sqlite3.Connection, fact_id: str, at: datetime) -> None:
    """Set it aside; it stays in the list of what was dealt with."""
    _decide(db, "dismissed", fact_id, at, None)


def restore(db: sqlite3.Connection, fact_id: str, at: datetime) -> None:
    """Bring back what was set aside."""
    _decide(db, "restored", fact_id, at, None)


def reapply(db: sqlite3.Connection) -> None:
    """Make the caches anew from the facts, in the order they were recorded."""
    db.execute("DELETE FROM dealt")
    decided = db.execute(
        "SELECT kind, data, at, message FROM facts WHERE kind IN ('assigned', 'dismissed', 'restored')"
        " ORDER BY seq"
    ).fetchall()
    for kind, data, at, row in decided:
        fact_id = json.loads(data)["of"]
        _note(db, kind, fact_id, at)
        if kind == "assigned":
            _join(db, fact_id, row)


def _decide(db: sqlite3.Connection, kind: str, fact_id: str, at: datetime, row: int | None) -> None:
    moment = at.timestamp()
    db.execute(
        "INSERT INTO facts (fact_id, message, kind, at, data) VALUES (?, ?, ?, ?, ?)",
        (f"{kind}:{uuid.uuid4().hex}", row, kind, moment, json.dumps({"v": 1, "of": fact_id})),
    )
    _note(db, kind, fact_id, moment)


def _note(db: sqlite3.Connection, kind: str, fact_id: str, moment: float) -> None:
    if kind == "restored":
        db.execute("DELETE FROM dealt WHERE fact_id = ? AND how = 'dismissed'", (fact_id,))
        return
    db.execute(
        "INSERT INTO dealt VALUES (?, ?, ?)"
        " ON CONFLICT DO UPDATE SET how = excluded.how, at = excluded.at WHERE how <> 'assigned'",
        (fact_id, kind, moment),
    )


def _join(db: sqlite3.Connection, fact_id: str, row: int) -> None:
    db.execute("UPDATE facts SET message = ? WHERE fact_id = ? AND message IS NULL", (row, fact_id))
    kind, data = db.execute("SELECT kind, data FROM facts WHERE fact_id = ?", (fact_id,)).fetchone()
    fact = decode(kind, data)
    if isinstance(fact, Reported) and fact.verification is not Verification.FAILED:
        # What is told of the same transaction later belongs there too.
        learn_references(db, row, references_of(fact))


def _unmatched(
    row: tuple[str, str, float, str, bytes | None, str | None, str | None, str | None],
) -> Unmatched:
    fact_id, kind, at, data, raw, signature, how, message_id = row
    fact = decode(kind, data)
    return Unmatched(
        fact_id=fact_id,
        at=datetime.fromtimestamp(at, UTC),
        fact=fact if isinstance(fact, Reported | Replied) else None,
        raw=raw if raw is not None else b"",
        signature=signature,
        dealt=how or "",
        message_id=message_id,
    )

"""Lists of messages: row numbers by query, and rows by number, so that a list of any length is cheap."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from console.cascade.outcome import CascadeOutcome, MessageState

_COLUMNS: Final = (
    "row, message_id, recipient, first_words, state, outcome, channel, created_at, updated_at, unread"
)
_STATES: Final = frozenset(state.value for state in MessageState)
_OUTCOMES: Final = frozenset(outcome.value for outcome in CascadeOutcome)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One message as lists show it."""

    row: int
    message_id: str
    recipient: str
    first_words: str
    state: MessageState
    outcome: CascadeOutcome
    channel: str | None
    created_at: datetime
    updated_at: datetime
    unread: int


def list_rows(
    db: sqlite3.Connection,
    *,
    search: str,
    states: Iterable[str],
    limit: int | None,
    channel: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    unread: bool = False,
) -> array[int]:
    """The rows of all messages that fit, newest first.

    Args:
        search: finds words, ids, and numbers written in any way; every word must be found.
        states: message states and cascade outcomes; one of them must be the message's.
        channel: the one that made it; empty for any.
        since: written at this moment or later.
        until: written before this moment.
        unread: only those with replies nobody has seen.
    """
    terms = _terms(search)
    # The index of words holds runs of three characters; shorter terms are looked for in the lists' columns.
    indexed = " AND ".join('"' + term.replace('"', '""') + '"' for term in terms if len(term) >= 3)
    conditions: list[str] = []
    values: list[str | int | float] = []
    for term in terms:
        if len(term) < 3:
            conditions.append("(first_words LIKE ? ESCAPE '\\' OR recipient LIKE ? ESCAPE '\\')")
            pattern = "%" + term.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
            values += [pattern, pattern]
    wanted = frozenset(states)
    parts = []
    for column, known in (("state", _STATES), ("outcome", _OUTCOMES)):
        chosen = sorted(wanted & known)
        if chosen:
            parts.append(f"{column} IN ({', '.join('?' * len(chosen))})")
            values += chosen
    if parts:
        conditions.append(f"({' OR '.join(parts)})")
    elif wanted:
        return array("q")
    if channel:
        conditions.append("channel = ?")
        values.append(channel)
    if since is not None:
        conditions.append("created_at >= ?")
        values.append(since.timestamp())
    if until is not None:
        conditions.append("created_at < ?")
        values.append(until.timestamp())
    if unread:
        conditions.append("unread > 0")
    most = -1 if limit is None else limit
    # Only texts of our own stand in the statements; everything typed is a parameter.
    if indexed and not conditions:
        statement = "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid DESC LIMIT ?"
        return array("q", (row for (row,) in db.execute(statement, (indexed, most))))
    if indexed:
        conditions.append("row IN (SELECT rowid FROM words WHERE words MATCH ?)")
        values.append(indexed)
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    statement = f"SELECT row FROM messages{where} ORDER BY row DESC LIMIT ?"  # noqa: S608
    return array("q", (row for (row,) in db.execute(statement, (*values, most))))


def _terms(search: str) -> list[str]:
    text = search.replace("\0", "").strip()[:200]
    digits = "".join(sign for sign in text if sign.isdigit())
    if len(digits) >= 3 and not any(sign.isalpha() for sign in text):
        return [digits.removeprefix("00")]
    return text.split()


def read_rows(db: sqlite3.Connection, rows: Sequence[int]) -> list[Listed]:
    """The messages with these row numbers, in the order asked; missing ones are left out."""
    found: dict[int, Listed] = {}
    for start in range(0, len(rows), 500):
        chunk = rows[start : start + 500]
        marks = ", ".join("?" * len(chunk))
        statement = f"SELECT {_COLUMNS} FROM messages WHERE row IN ({marks})"  # noqa: S608 - marks only
        for each in db.execute(statement, chunk):
            row, message_id, recipient, first_words, state, outcome, channel, created, updated, unread = each
            found[row] = Listed(
                row=row,
                message_id=message_id,
                recipient=recipient,
                first_words=first_words,
                state=MessageState(state),
                outcome=CascadeOutcome(outcome),
                channel=channel,
                created_at=datetime.fromtimestamp(created, UTC),
                updated_at=datetime.fromtimestamp(updated, UTC),
                unread=unread,
            )
    return [found[row] for row in rows if row in found]

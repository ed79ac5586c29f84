"""Lists of messages: row numbers by query, and rows by number, so that a list of any length is cheap."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import msgspec

from console.cascade.outcome import CascadeOutcome, MessageState

_COLUMNS: Final = (
    "row, message_id, recipient, first_words, state, outcome, channel, created_at, updated_at, unread"
)
_ASKED_EVERY: Final = 2000
"""Steps of the database between two looks whether a search is still wanted: a fraction of a millisecond."""
_BEFORE_NUMBERS: Final = "+("
_ROWS: Final = msgspec.json.Decoder(list[int])
_KNOWN: Final = {
    "state": frozenset(state.value for state in MessageState),
    "outcome": frozenset(outcome.value for outcome in CascadeOutcome),
}


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
    given_up: Callable[[], bool] | None = None,
) -> array[int]:
    """The rows of all messages that fit, newest first.

    Args:
        search: finds words, ids, and numbers written in any way; every word must be found.
        states: message states and cascade outcomes; one of them must be the message's.
        channel: the one that made it; empty for any.
        since: written at this moment or later.
        until: written before this moment.
        unread: only those with replies nobody has seen.
        given_up: asked now and then; once it is true the search ends with an error.

    Raises:
        sqlite3.OperationalError: it was given up.
    """
    indexed, conditions, values = _typed(search)
    wanted = frozenset(states)
    if wanted:
        parts = [
            f"{column} IN ({', '.join('?' * len(chosen))})"
            for column, known in _KNOWN.items()
            if (chosen := sorted(wanted & known))
        ]
        if not parts:
            return array("q")
        conditions.append(f"({' OR '.join(parts)})")
        values += [each for known in _KNOWN.values() for each in sorted(wanted & known)]
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
    # Only texts of our own stand in the statements; everything typed is a parameter. The index is
    # walked newest first and each row looked up: the first of many that fit are there at once.
    if indexed:
        source, key, order = "words CROSS JOIN messages ON row = words.rowid", "row", "words.rowid"
        if not conditions:
            source, key = "words", "rowid"
        conditions.insert(0, "words MATCH ?")
        values.insert(0, indexed)
    else:
        source, key, order = "messages", "row", "row"
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    fitting = f"SELECT {key} AS fits FROM {source}{where} ORDER BY {order} DESC LIMIT ?"  # noqa: S608
    # As one value: a hundred thousand rows, taken one by one, cost as much as finding them, and for each of
    # them this thread would wait for the interpreter's lock.
    statement = f"SELECT json_group_array(fits) FROM ({fitting})"  # noqa: S608
    db.set_progress_handler(given_up, _ASKED_EVERY)
    try:
        rows: list[int] = _ROWS.decode(db.execute(statement, (*values, most)).fetchone()[0])
    finally:
        db.set_progress_handler(None, 0)
    rows.sort(reverse=True)  # in practice they are; SQLite does not promise it of what is put into one value
    return array("q", rows)


def _typed(search: str) -> tuple[str, list[str], list[str | int | float]]:
    """What was typed: the question for the index (or nothing), conditions, and their values."""
    terms = _terms(search)
    # The index of words holds runs of three characters; shorter terms are looked for in the lists' columns.
    indexed = " AND ".join(_phrase(term) for term in terms if not _is_short(term))
    conditions: list[str] = []
    values: list[str | int | float] = []
    for term in terms:
        if _is_short(term):
            conditions.append("(first_words LIKE ? ESCAPE '\\' OR recipient LIKE ? ESCAPE '\\')")
            text, digits = (_pattern(each) for each in (term, _digits(term) or term))
            values += [text, digits]
    return indexed, conditions, values


def _terms(search: str) -> list[str]:
    text = search.replace("\0", "").strip()[:200]
    if len(_digits(text)) >= 3:
        return [text]
    # With a plus or a bracket alone a number begins; numbers are kept without either.
    return [term for term in text.split() if term.strip(_BEFORE_NUMBERS)]


def _digits(text: str) -> str:
    """The digits of what may be a number written in any way, without signs that lead abroad; else nothing."""
    if any(sign.isalpha() for sign in text):
        return ""
    return "".join(sign for sign in text if sign.isdigit()).removeprefix("00")


def _is_short(term: str) -> bool:
    return len(_digits(term) or term) < 3


def _phrase(term: str) -> str:
    """A term for the index: as it was typed, or as the number it may be."""
    digits = _digits(term)
    ways = [term]
    if len(digits) >= 3:
        # What holds a number as it was typed holds its digits: to ask for both takes twice as long.
        ways = [digits] if digits in term else [term, digits]
    return "(" + " OR ".join('"' + way.replace('"', '""') + '"' for way in ways) + ")"


def _pattern(term: str) -> str:
    return "%" + term.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


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

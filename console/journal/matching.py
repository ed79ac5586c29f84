"""Whose is it? Which message a report or a reply belongs to, and what is kept until that is known.

A report is joined by the surest sign it carries: our external id, then any reference id known of a
message (its own, its channels'). A reply by the reference of what it answers, then the reply id
together with the number, then the number alone; of several messages, the newest.

What another account was told is joined to that account's messages only: a relay serves several
accounts, and whoever may write to one of them must not be able to speak for another.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from console.cascade.facts import Replied, Reported, Verification
from console.journal.batches import read_rows
from console.journal.codec import decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A fact from outside, with the bytes it was read from."""

    fact: Reported | Replied | None
    """``None``: bytes that state nothing; kept all the same."""
    fact_id: str
    at: datetime
    raw: bytes
    signature: str | None = None
    account: str | None = None
    """The customer id it was signed for; ``None`` where the relay did not say."""


def message_of(db: sqlite3.Connection, heard: Heard) -> int | None:
    """The row of the message it belongs to, or ``None``: not known, or not yet."""
    fact = heard.fact
    account = heard.account
    if isinstance(fact, Reported):
        row = _newest(db, account, "external_id = :value", fact.external_id)
        return row if row is not None else by_reference(db, account, *references_of(fact))
    if isinstance(fact, Replied):
        number = fact.phone_number
        row = by_reference(db, account, fact.original_reference_id)
        if row is None and number is not None:
            row = _newest(db, account, "reply_id = :value AND recipient = :number", fact.reply_id, number)
        if row is None:
            row = by_reference(db, account, fact.reference_id)
        return row if row is not None else _newest(db, account, "recipient = :value", number)
    return None


def references_of(fact: Reported) -> tuple[str, ...]:
    """Every reference id a report names, its own first."""
    told = (fact.reference_id, *(channel.reference_id for channel in fact.channels))
    return tuple(reference for reference in told if reference is not None)


def by_reference(db: sqlite3.Connection, account: str | None, *references: str | None) -> int | None:
    """The message one of these reference ids is known of."""
    known = "row = (SELECT message FROM aliases WHERE reference_id = :value)"
    for reference in references:
        row = _newest(db, account, known, reference)
        if row is not None:
            return row
    return None


def _newest(
    db: sqlite3.Connection, account: str | None, condition: str, value: str | None, number: str = ""
) -> int | None:
    if value is None:
        return None
    found = db.execute(
        f"SELECT row FROM messages WHERE {condition}"  # noqa: S608 - conditions are ours
        " AND (account = '' OR :account IS NULL OR account = upper(:account)) ORDER BY row DESC LIMIT 1",
        {"value": value, "number": number, "account": account},
    ).fetchone()
    return None if found is None else int(found[0])


def learn_references(db: sqlite3.Connection, row: int, references: Iterable[str]) -> None:
    """From now on these ids lead to the message; what waited for one of them is joined to it."""
    waiting = list(references)
    while waiting:
        reference = waiting.pop()
        added = db.execute("INSERT INTO aliases VALUES (?, ?) ON CONFLICT DO NOTHING", (reference, row))
        if added.rowcount > 0:
            waiting += _join(db, row, "reference_id", reference)


def join_waiting(db: sqlite3.Connection, learned: Mapping[str, int]) -> set[int]:
    """Join what waited for ids that lead to a message from now on; the messages (by row) that got something.

    What is joined so teaches its own ids too.
    """
    waiting = read_rows(
        db, "reference_id", "FROM facts WHERE message IS NULL AND reference_id IN {}", list(learned)
    )
    changed: set[int] = set()
    for reference in {reference for (reference,) in waiting}:
        row = learned[reference]
        changed.add(row)
        learn_references(db, row, _join(db, row, "reference_id", reference))
    return changed


def join_by_external_id(db: sqlite3.Connection, row: int, external_id: str) -> None:
    """Give a new message what was reported of it before it was recorded here."""
    learn_references(db, row, _join(db, row, "external_id", external_id))


def _join(db: sqlite3.Connection, row: int, column: str, value: str) -> list[str]:
    """Join waiting facts to a message; the further reference ids they name."""
    (account,) = db.execute("SELECT account FROM messages WHERE row = ?", (row,)).fetchone()
    joined = db.execute(
        f"UPDATE facts SET message = :row WHERE message IS NULL AND {column} = :value"  # noqa: S608 - ours
        " AND (account IS NULL OR :account = '' OR upper(account) = :account) RETURNING kind, data",
        {"row": row, "value": value, "account": account},
    ).fetchall()
    named: list[str] = []
    for kind, data in joined:
        fact = decode(kind, data)
        if isinstance(fact, Reported) and fact.verification is not Verification.FAILED:
            named += references_of(fact)
    return named

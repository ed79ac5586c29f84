"""Replies across messages: what is unread, what is new, what was said with one number, who opted out."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from console.cascade.conversation import Arrival, Said, in_order, spoken_by_customer, spoken_by_us
from console.cascade.facts import Queued, Replied, Verification
from console.cascade.optout import Wish, wish
from console.cascade.outcome import MessageState
from console.journal.codec import decode
from console.journal.values import OptedOut

_BY_HAND: Final = "hand"
"""Stands where the fact behind a customer's own wish would be named."""
LONGEST: Final = 300
"""How many parts of a conversation are read: the newest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OptedOutNumber:
    """A number that is not to be written to."""

    number: str
    """Digits only, country code first."""
    at: datetime
    text: str
    """What the customer wrote; empty where it was entered by hand."""
    channel: str | None
    message_id: str | None
    """The message the wish answered, where that is known."""
    by_hand: bool = False
    """Entered by a person at this desk."""


def count_unread(db: sqlite3.Connection) -> int:
    """How many replies nobody has seen, over all messages."""
    return int(db.execute("SELECT coalesce(sum(unread), 0) FROM messages WHERE unread > 0").fetchone()[0])


def next_unread(db: sqlite3.Connection) -> str | None:
    """The message with the reply that has waited longest."""
    found = db.execute(
        "SELECT message_id FROM messages WHERE unread > 0 ORDER BY updated_at, row LIMIT 1"
    ).fetchone()
    return None if found is None else str(found[0])


def last_seq(db: sqlite3.Connection) -> int:
    """Where :func:`arrivals` begins if only what comes later is wanted."""
    return int(db.execute("SELECT coalesce(max(seq), 0) FROM facts").fetchone()[0])


def arrivals(db: sqlite3.Connection, after: int, *, account: str = "") -> tuple[list[Arrival], int]:
    """Replies recorded after a sequence number, oldest first, and the number to go on from."""
    last = last_seq(db)
    rows = db.execute(
        "SELECT f.data, m.message_id FROM facts f LEFT JOIN messages m ON m.row = f.message"
        " WHERE f.seq > :after AND f.seq <= :last AND f.kind = 'replied' AND (f.message IS NOT NULL"
        " OR :account = '' OR f.account IS NULL OR upper(f.account) = :account) ORDER BY f.seq",
        {"after": after, "last": last, "account": account.upper()},
    ).fetchall()
    found = []
    for data, message_id in rows:
        fact = decode("replied", data)
        if isinstance(fact, Replied):
            found.append(_arrival(fact, message_id))
    return found, last


def _arrival(fact: Replied, message_id: str | None) -> Arrival:
    return Arrival(
        fact_id=fact.fact_id,
        at=fact.at,
        message_id=message_id,
        number=fact.phone_number,
        channel=fact.channel,
        text=fact.text,
        wish=wish(fact.text, fact.action),
        verification=fact.verification,
        has_media=bool(fact.media or fact.file_name),
    )


def conversation(db: sqlite3.Connection, message_id: str) -> tuple[tuple[Said, ...], bool]:
    """Everything said with this message's number through its account, oldest first; whether it is cut.

    At most :data:`LONGEST` parts, the newest.
    """
    rows = db.execute(
        "SELECT f.kind, f.data, m.message_id, m.state FROM messages here JOIN messages m"
        " ON m.recipient = here.recipient"
        " AND (m.account = here.account OR m.account = '' OR here.account = '')"
        " JOIN facts f ON f.message = m.row AND f.kind IN ('queued', 'replied')"
        " WHERE here.message_id = ? ORDER BY f.at DESC, f.seq DESC LIMIT ?",
        (message_id, LONGEST + 1),
    ).fetchall()
    said = []
    for kind, data, owner, state in rows[:LONGEST]:
        fact = decode(kind, data)
        if isinstance(fact, Queued):
            said.append(spoken_by_us(fact, MessageState(state)))
        elif isinstance(fact, Replied):
            said.append(spoken_by_customer(fact, owner))
    return in_order(said), len(rows) > LONGEST


# -- opting out ------------------------------------------------------------------------------------


def note_opt_out(db: sqlite3.Connection, fact: Replied) -> None:
    """Remember a customer's wish to stop, or that they take it back. The latest wish holds.

    A wish that was taken back stays known, so that an older one that comes late changes nothing.
    """
    if fact.phone_number is None or fact.verification is Verification.FAILED:
        return
    wanted = wish(fact.text, fact.action)
    if wanted is not None:
        # Of two wishes of one moment, the one to be left alone holds.
        db.execute(
            "INSERT INTO opted_out (recipient, at, stopped, fact_id) VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET at = excluded.at, stopped = excluded.stopped,"
            " fact_id = excluded.fact_id"
            " WHERE excluded.at > at OR (excluded.at = at AND excluded.stopped > stopped)",
            (fact.phone_number, fact.at.timestamp(), wanted is Wish.STOP, fact.fact_id),
        )


def opt_out_by_hand(db: sqlite3.Connection, number: str, at: datetime, *, stopped: bool) -> None:
    """Enter a number (digits only), or take it off the list. Holds until the customer's next wish."""
    # Wishes carry the relay's clock, which may be ahead: what a person decides comes after all of them.
    db.execute(
        "INSERT INTO opted_out (recipient, at, stopped, fact_id) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET at = max(at, excluded.at), stopped = excluded.stopped,"
        " fact_id = excluded.fact_id",
        (number, at.timestamp(), stopped, _BY_HAND),
    )


def find_opted_out(db: sqlite3.Connection, number: str) -> OptedOut | None:
    """Since when this number (digits only) is not to be written to; ``None`` where it may be."""
    found = db.execute(
        "SELECT at, fact_id FROM opted_out WHERE recipient = ? AND stopped", (number,)
    ).fetchone()
    if found is None:
        return None
    return OptedOut(datetime.fromtimestamp(found[0], UTC), by_hand=found[1] == _BY_HAND)


def list_opted_out(db: sqlite3.Connection) -> list[OptedOutNumber]:
    """Who is not to be written to, the latest first."""
    rows = db.execute(
        "SELECT o.recipient, o.at, o.fact_id, f.data, m.message_id FROM opted_out o"
        " LEFT JOIN facts f ON f.fact_id = o.fact_id LEFT JOIN messages m ON m.row = f.message"
        " WHERE o.stopped ORDER BY o.at DESC, o.recipient"
    ).fetchall()
    found = []
    for number, at, fact_id, data, message_id in rows:
        fact = decode("replied", data) if data is not None else None
        replied = fact if isinstance(fact, Replied) else None
        found.append(
            OptedOutNumber(
                number=number,
                at=datetime.fromtimestamp(at, UTC),
                text=replied.text if replied is not None else "",
                channel=replied.channel if replied is not None else None,
                message_id=message_id,
                by_hand=fact_id == _BY_HAND,
            )
        )
    return found

"""The journal: facts in, messages and timelines out. Synchronous, for one thread at a time.

Every method that writes commits before it returns. A second process may have the same file
open; it notices the other's facts by :meth:`Journal.news`.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from console.cascade.facts import Answered, Fact, Queued, Replied, Reported, Verification
from console.cascade.outcome import MessageState, Timeline
from console.cascade.timeline import fold
from console.journal.codec import decode, encode, kind_of
from console.journal.opening import open_journal

_FIRST_WORDS: Final = 120
"""Characters of a text that lists show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A fact from outside, with the bytes it was read from."""

    fact: Reported | Replied | None
    """``None``: bytes that state nothing; kept all the same."""
    fact_id: str
    at: datetime
    raw: bytes
    signature: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is kept beside a fact."""

    fact: Fact | None
    raw: bytes
    signature: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """A message whose sending has not ended, found at start or taken over."""

    message_id: str
    owner: str
    request: bytes
    timeline: Timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """The latest message with the same text to the same number."""

    message_id: str
    created_at: datetime
    timeline: Timeline


def repeat_key(recipient: str, viber_text: str, sms_text: str | None) -> str:
    """Equal for messages a customer would see as the same."""
    told = "\0".join((recipient, " ".join(viber_text.split()), " ".join((sms_text or "").split())))
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


class Journal:
    """One open journal.

    Raises:
        JournalProblem: when it cannot be opened; see :func:`console.journal.opening.open_journal`.
    """

    def __init__(self, directory: Path) -> None:
        opened = open_journal(directory)
        self.notices = opened.notices
        self.db = opened.db
        self._seen = self._last_seq()
        self._version = self._data_version()

    def close(self) -> None:
        self.db.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield self.db
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    # -- writing -------------------------------------------------------------------------------

    def add_message(self, queued: Queued, *, request: bytes, owner: str) -> Timeline:
        """Record a message with the exact bytes to send. On disk when this returns."""
        with self._transaction() as db:
            row = db.execute(
                "INSERT INTO messages (message_id, external_id, owner, request, recipient, reply_id,"
                " repeat_key, first_words, created_at, state, outcome, updated_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued', 'waiting', ?) RETURNING row",
                (
                    queued.message_id,
                    queued.external_id,
                    owner,
                    request,
                    queued.to,
                    queued.reply_id,
                    repeat_key(queued.to, queued.viber_text, queued.sms_text),
                    " ".join(queued.viber_text.split())[:_FIRST_WORDS],
                    queued.at.timestamp(),
                    queued.at.timestamp(),
                ),
            ).fetchone()[0]
            content = "\n".join(
                filter(
                    None,
                    (queued.viber_text, queued.sms_text, queued.to, queued.external_id, queued.reply_id),
                )
            )
            db.execute("INSERT INTO words (rowid, content) VALUES (?, ?)", (row, content))
            self._insert(queued, row)
            self._adopt_orphans(row, external_id=queued.external_id)
            return self._refresh(row)

    def record(self, message_id: str, *facts: Fact, raw: bytes | None = None) -> Timeline:
        """Add facts of our own to a message. On disk when this returns; repeating one changes nothing.

        Raises:
            KeyError: there is no such message.
        """
        with self._transaction():
            row = self._row(message_id)
            if row is None:
                raise KeyError(message_id)
            for fact in facts:
                self._insert(fact, row, raw=raw)
                reference = getattr(fact, "reference_id", None)
                if reference is not None and isinstance(fact, Answered | Reported):
                    self._alias(reference, row)
                    self._adopt_orphans(row, reference_id=reference)
            return self._refresh(row)

    def ingest(self, heard: Sequence[Heard], *, feed: str, before: str | None, after: str) -> set[str] | None:
        """Add a page of the feed and move its cursor, in one transaction.

        Returns the messages that changed, or ``None`` if another process has moved the cursor
        meanwhile: nothing was done, read the cursor again.
        """
        changed: set[int] = set()
        with self._transaction() as db:
            if self.kept(feed) != before:
                return None
            for each in heard:
                row = self._owner_of(each.fact) if each.fact is not None else None
                if not self._insert_heard(each, row) or row is None:
                    continue
                changed.add(row)
                if isinstance(each.fact, Reported) and each.fact.verification is not Verification.FAILED:
                    self._learn_aliases(each.fact, row)
                elif isinstance(each.fact, Replied):
                    db.execute("UPDATE messages SET unread = unread + 1 WHERE row = ?", (row,))
            self._note_opt_outs(heard)
            self.db.execute(
                "INSERT INTO keep VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
                (feed, after),
            )
            return {self._refresh(row).message_id or "" for row in changed}

    def forget_cursor(self, feed: str) -> None:
        """Begin the feed anew; facts already known are recognised by their bytes."""
        self.db.execute("DELETE FROM keep WHERE name = ?", (feed,))

    def keep(self, name: str, value: str) -> None:
        """Keep a small text under a name."""
        self.db.execute(
            "INSERT INTO keep VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", (name, value)
        )

    def kept(self, name: str) -> str | None:
        """What was kept under a name."""
        found = self.db.execute("SELECT value FROM keep WHERE name = ?", (name,)).fetchone()
        return None if found is None else str(found[0])

    def mark_read(self, message_id: str) -> None:
        """The agent has seen this message's replies."""
        self.db.execute("UPDATE messages SET unread = 0 WHERE message_id = ?", (message_id,))

    def plan_question(self, message_id: str, at: datetime | None, *, asked: bool) -> None:
        """When to ask Telesign for this message's status next; ``None``: never again."""
        moment = None if at is None else at.timestamp()
        self.db.execute(
            "UPDATE messages SET ask_at = ?, asked = asked + ? WHERE message_id = ?",
            (moment, int(asked), message_id),
        )

    def take_over(self, message_id: str, owner: str) -> None:
        """From now on this process sends the message."""
        self.db.execute("UPDATE messages SET owner = ? WHERE message_id = ?", (owner, message_id))

    def rebuild(self) -> None:
        """Make every cached column anew from the facts."""
        with self._transaction() as db:
            for (row,) in db.execute("SELECT row FROM messages").fetchall():
                self._refresh(row)

    # -- reading -------------------------------------------------------------------------------

    def facts(self, message_id: str) -> tuple[Fact, ...]:
        """Every fact of a message, in the order recorded."""
        row = self._row(message_id)
        return () if row is None else self._facts(row)

    def timeline(self, message_id: str) -> Timeline | None:
        """The fold of a message's facts."""
        facts = self.facts(message_id)
        return fold(facts) if facts else None

    def evidence(self, fact_id: str) -> Evidence | None:
        """The bytes beside a fact; empty where none were received for it."""
        found = self.db.execute(
            "SELECT kind, data, raw, signature, at FROM facts WHERE fact_id = ?", (fact_id,)
        ).fetchone()
        if found is None:
            return None
        kind, data, raw, signature, at = found
        return Evidence(
            fact=decode(kind, data),
            raw=raw if raw is not None else data.encode(),
            signature=signature,
            at=datetime.fromtimestamp(at, UTC),
        )

    def find(self, text: str) -> str | None:
        """A message by its id, its external id or any of its reference ids."""
        found = self.db.execute(
            "SELECT message_id FROM messages WHERE message_id = ?1 OR external_id = ?1"
            " OR row = (SELECT message FROM aliases WHERE reference_id = upper(?1)) LIMIT 1",
            (text,),
        ).fetchone()
        return None if found is None else str(found[0])

    def unfinished(self) -> tuple[Unfinished, ...]:
        """Messages that are queued, being sent, or planned to be sent again; all owners'."""
        rows = self.db.execute(
            "SELECT message_id, owner, request, row FROM messages"
            " WHERE state IN ('queued', 'sending', 'refused', 'not_sent') AND settled = 0 ORDER BY row"
        ).fetchall()
        return tuple(
            Unfinished(message_id=message_id, owner=owner, request=request, timeline=timeline)
            for message_id, owner, request, row in rows
            if (timeline := fold(self._facts(row))).retry_at is not None
            or timeline.state in (MessageState.QUEUED, MessageState.SENDING)
        )

    def request(self, message_id: str) -> bytes | None:
        """The exact bytes of a message's request."""
        found = self.db.execute("SELECT request FROM messages WHERE message_id = ?", (message_id,)).fetchone()
        return None if found is None else bytes(found[0])

    def questions(self, now: datetime) -> tuple[tuple[str, int], ...]:
        """Messages whose status is to be asked for now, and how often it was asked already."""
        rows = self.db.execute(
            "SELECT message_id, asked FROM messages WHERE ask_at <= ? ORDER BY ask_at LIMIT 20",
            (now.timestamp(),),
        ).fetchall()
        return tuple((str(message_id), int(asked)) for message_id, asked in rows)

    def next_question(self) -> datetime | None:
        """When the next question is due."""
        found = self.db.execute("SELECT min(ask_at) FROM messages WHERE ask_at IS NOT NULL").fetchone()[0]
        return None if found is None else datetime.fromtimestamp(found, UTC)

    def earlier(self, key: str, since: datetime) -> Earlier | None:
        """The latest message with this :func:`repeat_key` that was not certainly left unsent."""
        rows = self.db.execute(
            "SELECT message_id, created_at, row FROM messages WHERE repeat_key = ? AND created_at >= ?"
            " ORDER BY row DESC",
            (key, since.timestamp()),
        )
        for message_id, created_at, row in rows.fetchall():
            timeline = fold(self._facts(row))
            unsent = timeline.state in (MessageState.NOT_SENT, MessageState.REFUSED)
            if not unsent or timeline.retry_at is not None:
                return Earlier(
                    message_id=message_id,
                    created_at=datetime.fromtimestamp(created_at, UTC),
                    timeline=timeline,
                )
        return None

    def opted_out(self, recipient: str) -> datetime | None:
        """When this number answered STOP, unless it answered START since."""
        found = self.db.execute("SELECT at FROM opted_out WHERE recipient = ?", (recipient,)).fetchone()
        return None if found is None else datetime.fromtimestamp(found[0], UTC)

    def last_heard(self) -> datetime | None:
        """When the latest report or reply came."""
        found = self.db.execute(
            "SELECT at FROM facts WHERE kind IN ('reported', 'replied') ORDER BY seq DESC LIMIT 1"
        ).fetchone()
        return None if found is None else datetime.fromtimestamp(found[0], UTC)

    def news(self) -> set[str]:
        """Messages that another process changed since the last call."""
        version = self._data_version()
        if version == self._version:
            return set()
        self._version = version
        rows = self.db.execute(
            "SELECT DISTINCT m.message_id FROM facts f JOIN messages m ON m.row = f.message WHERE f.seq > ?",
            (self._seen,),
        ).fetchall()
        self._seen = self._last_seq()
        return {str(message_id) for (message_id,) in rows}

    # -- inside --------------------------------------------------------------------------------

    def _data_version(self) -> int:
        return int(self.db.execute("PRAGMA data_version").fetchone()[0])

    def _last_seq(self) -> int:
        return int(self.db.execute("SELECT coalesce(max(seq), 0) FROM facts").fetchone()[0])

    def _row(self, message_id: str) -> int | None:
        found = self.db.execute("SELECT row FROM messages WHERE message_id = ?", (message_id,)).fetchone()
        return None if found is None else int(found[0])

    def _facts(self, row: int) -> tuple[Fact, ...]:
        rows = self.db.execute("SELECT kind, data FROM facts WHERE message = ? ORDER BY seq", (row,))
        return tuple(fact for kind, data in rows if (fact := decode(kind, data)) is not None)

    def _insert(
        self, fact: Fact, row: int | None, raw: bytes | None = None, signature: str | None = None
    ) -> bool:
        done = self.db.execute(
            "INSERT INTO facts (fact_id, message, kind, at, data, raw, signature, reference_id, external_id)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (
                fact.fact_id,
                row,
                kind_of(fact),
                fact.at.timestamp(),
                encode(fact),
                raw,
                signature,
                getattr(fact, "original_reference_id", None) or getattr(fact, "reference_id", None),
                getattr(fact, "external_id", None),
            ),
        )
        return done.rowcount > 0

    def _insert_heard(self, heard: Heard, row: int | None) -> bool:
        if heard.fact is not None:
            return self._insert(heard.fact, row, heard.raw, heard.signature)
        self.db.execute(
            "INSERT INTO facts (fact_id, kind, at, data, raw, signature)"
            " VALUES (?, 'unknown', ?, '{}', ?, ?) ON CONFLICT DO NOTHING",
            (heard.fact_id, heard.at.timestamp(), heard.raw, heard.signature),
        )
        return False

    def _owner_of(self, fact: Reported | Replied) -> int | None:
        """The message a report or reply belongs to, by the surest sign it carries."""
        if isinstance(fact, Reported):
            if fact.external_id is not None:
                found = self.db.execute(
                    "SELECT row FROM messages WHERE external_id = ?", (fact.external_id,)
                ).fetchone()
                if found is not None:
                    return int(found[0])
            return self._by_reference(fact.reference_id, *(channel.reference_id for channel in fact.channels))
        row = self._by_reference(fact.original_reference_id)
        if row is None and fact.reply_id is not None:
            row = self._latest("reply_id = ? AND recipient = ?", fact.reply_id, fact.phone_number or "")
        if row is None:
            row = self._by_reference(fact.reference_id)
        if row is None and fact.phone_number is not None:
            row = self._latest("recipient = ?", fact.phone_number)
        return row

    def _by_reference(self, *references: str | None) -> int | None:
        for reference in references:
            found = self.db.execute(
                "SELECT message FROM aliases WHERE reference_id = ?", (reference,)
            ).fetchone()
            if found is not None:
                return int(found[0])
        return None

    def _latest(self, condition: str, *values: str) -> int | None:
        found = self.db.execute(
            f"SELECT row FROM messages WHERE {condition} ORDER BY row DESC LIMIT 1",  # noqa: S608 - ours
            values,
        ).fetchone()
        return None if found is None else int(found[0])

    def _alias(self, reference: str, row: int) -> None:
        self.db.execute("INSERT INTO aliases VALUES (?, ?) ON CONFLICT DO NOTHING", (reference, row))

    def _learn_aliases(self, fact: Reported, row: int) -> None:
        for reference in (fact.reference_id, *(channel.reference_id for channel in fact.channels)):
            if reference is not None:
                self._alias(reference, row)
        if fact.reference_id is not None:
            self._adopt_orphans(row, reference_id=fact.reference_id)

    def _adopt_orphans(
        self, row: int, *, reference_id: str | None = None, external_id: str | None = None
    ) -> None:
        """Give a message the facts that came before it was known whose they were."""
        self.db.execute(
            "UPDATE facts SET message = ? WHERE message IS NULL AND reference_id = ?", (row, reference_id)
        )
        self.db.execute(
            "UPDATE facts SET message = ? WHERE message IS NULL AND external_id = ?", (row, external_id)
        )

    def _note_opt_outs(self, heard: Iterable[Heard]) -> None:
        for each in heard:
            fact = each.fact
            if (
                not isinstance(fact, Replied)
                or fact.phone_number is None
                or fact.verification is Verification.FAILED
            ):
                continue
            # Telesign reads keywords on SMS only; on Viber the bare word is what there is.
            word = fact.action or fact.text.strip().lower()
            if word == "stop":
                self.db.execute(
                    "INSERT INTO opted_out VALUES (?, ?) ON CONFLICT DO UPDATE SET at = excluded.at",
                    (fact.phone_number, fact.at.timestamp()),
                )
            elif word == "start":
                self.db.execute("DELETE FROM opted_out WHERE recipient = ?", (fact.phone_number,))

    def _refresh(self, row: int) -> Timeline:
        timeline = fold(self._facts(row))
        updated = timeline.last_heard_at or timeline.created_at
        self.db.execute(
            "UPDATE messages SET state = ?, outcome = ?, channel = ?, reference_id = ?, settled = ?,"
            " updated_at = coalesce(?, updated_at) WHERE row = ?",
            (
                timeline.state.value,
                timeline.outcome.value,
                timeline.made_by[-1] if timeline.made_by else None,
                timeline.reference_id,
                int(timeline.settled),
                updated.timestamp() if updated is not None else None,
                row,
            ),
        )
        return timeline

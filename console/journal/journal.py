"""The journal: facts in, messages and timelines out. Synchronous, for one thread at a time.

Every method that writes commits before it returns. A second process may have the same file
open; it notices the other's facts by :meth:`Journal.news`.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from console.cascade.facts import Answered, Fact, Queued, Reported, SendBegan
from console.cascade.outcome import MessageState, Timeline
from console.cascade.timeline import fold
from console.journal.codec import decode
from console.journal.durations import Counted, count_some
from console.journal.ingesting import take_in
from console.journal.matching import Heard, join_by_external_id, learn_references, references_of
from console.journal.opening import open_journal
from console.journal.recording import facts_of, insert_fact, keep_outcomes
from console.journal.replies import find_opted_out
from console.journal.unmatched import reapply
from console.journal.values import Earlier, Evidence, IdUsed, OptedOut, Unfinished
from console.transactions import all_or_nothing

_MANY: Final = 500
"""Events of a page from which on more pages are likely to follow."""
_ROOM: Final = 32_000
_USUAL_ROOM: Final = 2_000
"""KiB of the file kept in memory: SQLite's own measure, and a third less time for a page of many events."""
_FIRST_WORDS: Final = 120
"""Characters of a text that lists show."""


def repeat_key(recipient: str, viber_text: str, sms_text: str | None) -> str:
    """Equal for messages a customer would see as the same."""
    told = "\0".join((recipient, " ".join(viber_text.split()), " ".join((sms_text or "").split())))
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


class Journal:
    """One open journal.

    Args:
        first_question: when Telesign should first be asked for the status of a message, if no report
            comes; ``None``: never. Kept in the same transaction as the fact it follows from.

    Raises:
        JournalProblem: when it cannot be opened; see :func:`console.journal.opening.open_journal`.
    """

    def __init__(
        self, directory: Path, *, first_question: Callable[[Timeline], datetime | None] | None = None
    ) -> None:
        opened = open_journal(directory)
        self._first_question = first_question
        self.notices = opened.notices
        self.db = opened.db
        self._seen = self._last_seq()
        self._version = self._data_version()
        self._roomy = False

    def close(self) -> None:
        self.db.close()

    # -- writing -------------------------------------------------------------------------------

    def add_message(
        self,
        queued: Queued,
        *,
        request: bytes,
        owner: str,
        account: str = "",
        unless_since: datetime | None = None,
        heed_stop: bool = False,
    ) -> Timeline | Earlier | OptedOut | IdUsed:
        """Record a message with the exact bytes to send. On disk when this returns a timeline.

        With ``unless_since``, nothing is recorded if the same went to the same number since then; with
        ``heed_stop``, nothing if the number answered STOP. Looking and recording are one transaction:
        of two that press Send at the same moment, in whatever processes, one is told of the other.
        """
        key = repeat_key(queued.to, queued.viber_text, queued.sms_text)
        with all_or_nothing(self.db) as db:
            if db.execute("SELECT 1 FROM messages WHERE external_id = ?", (queued.external_id,)).fetchone():
                return IdUsed()
            stopped = self.opted_out(queued.to) if heed_stop else None
            if stopped is not None:
                return stopped
            if unless_since is not None:
                earlier = self._earlier(key, unless_since)
                if earlier is not None:
                    return earlier
            moment = queued.at.timestamp()
            row = int(
                db.execute(
                    "INSERT INTO messages (message_id, external_id, owner, account, recipient, repeat_key,"
                    " first_words, created_at, updated_at, state, outcome)"
                    " VALUES (?, ?, ?, ?, ?, ?, '', ?, ?, 'queued', 'waiting') RETURNING row",
                    (
                        *(queued.message_id, queued.external_id, owner, account.upper(), queued.to, key),
                        *(moment, moment),
                    ),
                ).fetchone()[0]
            )
            db.execute("INSERT INTO requests VALUES (?, ?)", (row, request))
            insert_fact(db, queued, row)
            self._describe(row, queued)
            join_by_external_id(db, row, queued.external_id)
            return self._refresh(row)

    def record(self, message_id: str, *facts: Fact, raw: bytes | None = None) -> Timeline:
        """Add facts of our own to a message. On disk when this returns; repeating one changes nothing.

        Raises:
            KeyError: there is no such message.
        """
        with all_or_nothing(self.db) as db:
            row = self._row(message_id)
            if row is None:
                raise KeyError(message_id)
            for fact in facts:
                insert_fact(db, fact, row, raw=raw)
                if isinstance(fact, Reported):
                    learn_references(db, row, references_of(fact))
                elif isinstance(fact, Answered) and fact.reference_id is not None:
                    learn_references(db, row, (fact.reference_id,))
            return self._refresh(row)

    def ingest(
        self, heard: Sequence[Heard], *, feed: str, before: str | None, after: str, account: str = ""
    ) -> set[str] | None:
        """Add a page of the feed and move its cursor, in one transaction.

        ``account`` is this desk's customer id. Returns the messages that changed, or ``None`` if
        another process has moved the cursor meanwhile: nothing was done, read the cursor again.
        """
        with self._taking_in(len(heard)), all_or_nothing(self.db) as db:
            if self.kept(feed) != before:
                return None
            changed = take_in(db, heard, account=account)
            self.keep(feed, after)
            told = [(row, fold(facts, worded=False)) for row, facts in changed.items()]
            keep_outcomes(db, told, self._first_question)
            return {timeline.message_id or "" for _, timeline in told}

    @contextmanager
    def _taking_in(self, events: int) -> Iterator[None]:
        """Commit without waiting for the disk, and with room for the pages that many events touch.

        Without waiting, because a power cut takes the events and the cursor together: the relay still has
        them and tells them again. What the agent does is waited for, and that wait covers these too.
        """
        self.db.execute("PRAGMA synchronous = NORMAL")
        many = events >= _MANY
        if many != self._roomy:
            self._roomy = many
            self.db.execute(f"PRAGMA cache_size = {-_ROOM if many else -_USUAL_ROOM}")
        try:
            yield
        finally:
            self.db.execute("PRAGMA synchronous = FULL")

    def deal(self, work: Callable[[sqlite3.Connection], int | None]) -> Timeline | None:
        """Do ``work`` in one transaction; if it names a message's row, make that message's cache anew."""
        with all_or_nothing(self.db) as db:
            row = work(db)
            return None if row is None else self._refresh(row)

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
        self.db.execute(
            "UPDATE messages SET unread = 0, read_to = (SELECT coalesce(max(seq), 0) FROM facts)"
            " WHERE message_id = ?",
            (message_id,),
        )

    def plan_question(self, message_id: str, at: datetime | None) -> None:
        """When to ask Telesign for this message's status next; ``None``: never again."""
        moment = None if at is None else at.timestamp()
        self.db.execute("UPDATE messages SET ask_at = ? WHERE message_id = ?", (moment, message_id))

    def questions(self, now: datetime, *, account: str, again: timedelta) -> tuple[tuple[str, int], ...]:
        """Take the questions that are due: messages, and how often each has been asked now.

        They come up ``again`` later, unless :meth:`plan_question` says otherwise: nobody else asks
        meanwhile, and a crash forgets none.
        """
        with all_or_nothing(self.db) as db:
            taken = db.execute(
                "UPDATE messages SET ask_at = ?, asked = asked + 1 WHERE row IN (SELECT row FROM messages"
                " WHERE ask_at <= ? AND account IN ('', ?) ORDER BY ask_at LIMIT 20)"
                " RETURNING message_id, asked",
                ((now + again).timestamp(), now.timestamp(), account.upper()),
            ).fetchall()
        return tuple((str(message_id), int(asked)) for message_id, asked in taken)

    def take_over(self, gone: str, owner: str) -> tuple[Unfinished, ...]:
        """What the owner ``gone`` left unfinished is now ``owner``'s; each message only once, ever.

        Looking and taking are one transaction, so of two that come for the same, one gets nothing.
        """
        with all_or_nothing(self.db) as db:
            left = db.execute(
                f"SELECT row, message_id, account FROM messages WHERE {_UNFINISHED}"  # noqa: S608 - ours
                " AND owner = ? ORDER BY row",
                (gone,),
            ).fetchall()
            found = []
            for row, message_id, account in left:
                facts = facts_of(self.db, row)
                timeline = fold(facts)
                waiting = timeline.state in (MessageState.QUEUED, MessageState.SENDING)
                if not waiting and timeline.retry_at is None:
                    continue
                db.execute("UPDATE messages SET owner = ? WHERE row = ?", (owner, row))
                found.append(
                    Unfinished(
                        message_id=message_id,
                        request=self._request(row),
                        account=account,
                        attempts=max((f.attempt for f in facts if isinstance(f, SendBegan)), default=0),
                        timeline=timeline,
                    )
                )
        return tuple(found)

    def rebuild(self) -> None:
        """Make every cached column and the search anew from the facts."""
        with all_or_nothing(self.db) as db:
            db.execute("DELETE FROM words")
            db.execute("DELETE FROM durations")
            reapply(db)
            for (row,) in db.execute("SELECT row FROM messages").fetchall():
                queued = next((fact for fact in facts_of(self.db, row) if isinstance(fact, Queued)), None)
                if queued is not None:
                    self._describe(row, queued)
                self._refresh(row)

    def count_durations(self, most: int) -> Counted:
        """Look at up to ``most`` messages from before durations were kept; how far that has come."""
        return count_some(self.db, lambda row: fold(facts_of(self.db, row), worded=False), most=most)

    # -- reading -------------------------------------------------------------------------------

    def facts(self, message_id: str) -> tuple[Fact, ...]:
        """Every fact of a message, in the order recorded."""
        row = self._row(message_id)
        return () if row is None else facts_of(self.db, row)

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
            "SELECT message_id FROM messages WHERE message_id = :text OR external_id = :text"
            " OR row = (SELECT message FROM aliases WHERE reference_id = upper(:text)) LIMIT 1",
            {"text": text},
        ).fetchone()
        return None if found is None else str(found[0])

    def owners(self) -> tuple[str, ...]:
        """Who has messages whose sending has not ended."""
        rows = self.db.execute(f"SELECT DISTINCT owner FROM messages WHERE {_UNFINISHED}")  # noqa: S608 - ours
        return tuple(str(owner) for (owner,) in rows)

    def account_of(self, message_id: str) -> str | None:
        """The account a message went through, upper case; empty where that was not recorded."""
        found = self.db.execute("SELECT account FROM messages WHERE message_id = ?", (message_id,)).fetchone()
        return None if found is None else str(found[0])

    def next_question(self, account: str) -> datetime | None:
        """When the next question to this account is due."""
        found = self.db.execute(
            "SELECT min(ask_at) FROM messages WHERE ask_at IS NOT NULL AND account IN ('', ?)",
            (account.upper(),),
        ).fetchone()[0]
        return None if found is None else datetime.fromtimestamp(found, UTC)

    def opted_out(self, recipient: str) -> OptedOut | None:
        """Since when this number is not to be written to: it answered STOP, and not START since."""
        return find_opted_out(self.db, recipient)

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

    def _request(self, row: int) -> bytes:
        return bytes(self.db.execute("SELECT body FROM requests WHERE message = ?", (row,)).fetchone()[0])

    def _earlier(self, key: str, since: datetime) -> Earlier | None:
        """The latest message with this :func:`repeat_key` that was not certainly left unsent."""
        rows = self.db.execute(
            "SELECT message_id, created_at, row FROM messages WHERE repeat_key = ? AND created_at >= ?"
            " ORDER BY row DESC",
            (key, since.timestamp()),
        )
        for message_id, created_at, row in rows.fetchall():
            timeline = fold(facts_of(self.db, row))
            unsent = timeline.state in (MessageState.NOT_SENT, MessageState.REFUSED)
            if not unsent or timeline.retry_at is not None:
                return Earlier(
                    message_id=message_id,
                    created_at=datetime.fromtimestamp(created_at, UTC),
                    timeline=timeline,
                )
        return None

    def _describe(self, row: int, queued: Queued) -> None:
        """What lists and the search know of a message from the beginning."""
        self.db.execute(
            "UPDATE messages SET recipient = ?, reply_id = ?, repeat_key = ?, first_words = ?, created_at = ?"
            " WHERE row = ?",
            (
                queued.to,
                queued.reply_id,
                repeat_key(queued.to, queued.viber_text, queued.sms_text),
                " ".join(queued.viber_text.split())[:_FIRST_WORDS],
                queued.at.timestamp(),
                row,
            ),
        )
        sms = None if queued.sms_text == queued.viber_text else queued.sms_text
        told = (queued.viber_text, sms, queued.to, queued.external_id, queued.reply_id)
        content = "\n".join(part for part in told if part)
        self.db.execute("INSERT INTO words (rowid, content) VALUES (?, ?)", (row, content))

    def _refresh(self, row: int) -> Timeline:
        timeline = fold(facts_of(self.db, row))
        keep_outcomes(self.db, [(row, timeline)], self._first_question)
        return timeline


_UNFINISHED: Final = "settled = 0 AND state <> 'accepted' AND state <> 'unconfirmed'"
"""In the words of the index ``messages_unfinished``."""

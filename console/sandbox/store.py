"""What the stand-in remembers: transactions, and the work still due, in one small SQLite file.

So a restart of the sandbox forgets nothing: the status of a message can still be asked for,
and steps and callbacks that were due go on. A step and what it changes are one transaction.
Nothing here is worth an fsync: what survives a crash of the program is enough.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from console.sandbox.plan import Answered, Change, Step
from console.sandbox.scenarios import Reply
from console.sandbox.transaction import Transaction
from console.transactions import all_or_nothing

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS transactions (
    reference_id TEXT PRIMARY KEY, accepted_at REAL NOT NULL, document TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS due (id INTEGER PRIMARY KEY, at REAL NOT NULL, document TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """Let a step of a plan happen."""

    reference_id: str
    step: Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Make one attempt to deliver a callback."""

    reference_id: str
    url: str | None
    """``None``: the relay, wherever it is when the attempt is made."""
    label: str | None
    """Telesign recommends one URL per channel for replies; this is its last part."""
    method: str
    body: str
    attempt: int = 1


Job = Take | Call


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A job and its moment."""

    id: int
    at: float
    """Provider time."""
    job: Job


class Store:
    """The file; ``None`` keeps everything in memory. Raises ``sqlite3.Error`` where it cannot be used."""

    def __init__(self, path: Path | None) -> None:
        if path is not None:
            # It holds the sandbox's key, phone numbers and texts: for this user alone.
            path.touch(mode=0o600, exist_ok=True)
        self._db = sqlite3.connect(":memory:" if path is None else path, isolation_level=None)
        try:
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = OFF")
            self._db.executescript(_SCHEMA)
        except sqlite3.Error:
            self._db.close()
            raise

    def close(self) -> None:
        self._db.close()

    def get(self, key: str) -> str | None:
        """A value kept with :meth:`put`."""
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def put(self, key: str, value: str) -> None:
        """Keep a value under a name."""
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def transaction(self, reference_id: str) -> Transaction | None:
        """What is known under a reference id."""
        row = self._db.execute(
            "SELECT document FROM transactions WHERE reference_id = ?", (reference_id,)
        ).fetchone()
        return None if row is None else Transaction.from_json(row[0])

    def write(
        self,
        *,
        transaction: Transaction | None = None,
        done: Due | None = None,
        add: Sequence[tuple[float, Job]] = (),
    ) -> list[Due]:
        """All of it or nothing: keep the transaction, forget the job done, add what follows from it."""
        with all_or_nothing(self._db):
            if transaction is not None:
                self._db.execute(
                    "INSERT OR REPLACE INTO transactions VALUES (?, ?, ?)",
                    (transaction.reference_id, transaction.accepted_at, transaction.to_json()),
                )
            if done is not None:
                self._db.execute("DELETE FROM due WHERE id = ?", (done.id,))
            return [self._add(at, job) for at, job in add]

    def _add(self, at: float, job: Job) -> Due:
        cursor = self._db.execute("INSERT INTO due (at, document) VALUES (?, ?)", (at, _to_json(job)))
        assert cursor.lastrowid is not None
        return Due(id=cursor.lastrowid, at=at, job=job)

    def due(self) -> Iterable[Due]:
        """Every job not done, in the order of its moment."""
        rows = self._db.execute("SELECT id, at, document FROM due ORDER BY at, id").fetchall()
        return [Due(id=row[0], at=row[1], job=_from_json(row[2])) for row in rows]

    def forget_before(self, accepted_at: float) -> None:
        """Drop transactions accepted before that provider moment and with nothing due."""
        busy = {each.job.reference_id for each in self.due()}
        with self._db:
            rows = self._db.execute(
                "SELECT reference_id FROM transactions WHERE accepted_at < ?", (accepted_at,)
            ).fetchall()
            self._db.executemany(
                "DELETE FROM transactions WHERE reference_id = ?", [row for row in rows if row[0] not in busy]
            )


def _to_json(job: Job) -> str:
    return json.dumps(asdict(job))


def _from_json(text: str) -> Job:
    fields = json.loads(text)
    if "step" not in fields:
        return Call(**fields)
    step = fields["step"]
    if "reply" in step:
        return Take(
            reference_id=fields["reference_id"],
            step=Answered(at=step["at"], reply=Reply(**step["reply"])),
        )
    return Take(reference_id=fields["reference_id"], step=Change(**{**step, "told": tuple(step["told"])}))

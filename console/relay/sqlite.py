"""The store in one SQLite file, for one relay process.

All callbacks are written by one thread, which takes whatever waits (up to 256) into one commit:
with ``synchronous=FULL`` a commit costs one flush to disk, shared by everybody waiting for it.
``AUTOINCREMENT`` keeps a position from ever being given out twice, even after pruning.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar

from console.relay.cursors import CursorExpired
from console.relay.store import NewEvent, Page, Stats, StoredEvent, StoreUnavailable, TokenInfo

_MAX_BATCH: Final = 256
_MAX_WAITING: Final = 10_000
_MAX_PAGE_BYTES: Final = 4 * 1024 * 1024
_PRUNE_BATCH: Final = 2_000
_BUSY_SECONDS: Final = 3.0
_VERSION: Final = 1
_SCHEMA: Final = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE tokens (
    name TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, created_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE events (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    digest BLOB NOT NULL UNIQUE,
    received_at TEXT NOT NULL,
    kind TEXT NOT NULL,
    reference_id TEXT,
    external_id TEXT,
    customer_id TEXT NOT NULL,
    label TEXT,
    signature TEXT NOT NULL,
    body BLOB NOT NULL
);
CREATE INDEX events_by_reference ON events (reference_id, position);
"""
_INSERT: Final = """
INSERT INTO events (digest, received_at, kind, reference_id, external_id, customer_id, label, signature, body)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (digest) DO NOTHING
"""
_COLUMNS: Final = (
    "position, received_at, kind, reference_id, external_id, customer_id, label, signature, body"
)

T = TypeVar("T")


@dataclass(slots=True)
class _Job:
    events: Sequence[NewEvent]
    done: Future[list[bool]] = field(default_factory=Future)


class SqliteStore:
    """See :class:`console.relay.store.Store`."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it (readable by its owner alone).

        Raises:
            StoreUnavailable: it cannot be opened or made, or is no store of ours.
        """
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            with self._connection() as connection:
                self._identity = _prepare(connection)
            self._reading = _connect(path)
        except (OSError, sqlite3.Error) as error:
            raise StoreUnavailable(f"the database cannot be opened: {error}") from error
        self._told: Callable[[int, float], None] = lambda _new, _seconds: None
        self._jobs: queue.Queue[_Job | None] = queue.Queue(_MAX_WAITING)
        self._closed = False
        self._readers = ThreadPoolExecutor(1, "relay-reader")
        self._writer = threading.Thread(target=self._write, name="relay-writer", daemon=True)
        self._writer.start()

    @property
    def identity(self) -> str:
        return self._identity

    def on_commit(self, told: Callable[[int, float], None]) -> None:
        self._told = told

    # Writing

    async def append(self, events: Sequence[NewEvent]) -> list[bool]:
        if self._closed:
            raise StoreUnavailable("the relay is stopping")
        job = _Job(events)
        try:
            self._jobs.put_nowait(job)
        except queue.Full:
            raise StoreUnavailable("too many callbacks wait to be written") from None
        # Whoever hangs up must not undo the job for the thread that is busy with it.
        return await asyncio.shield(asyncio.wrap_future(job.done))

    async def probe(self) -> None:
        await self.append(())

    def _write(self) -> None:
        connection: sqlite3.Connection | None = None
        stop = False
        while not stop:
            jobs, stop = self._next_batch()
            if not jobs:
                continue
            started = time.perf_counter()
            try:
                if connection is None:
                    connection = _connect(self._path)
                kept = _store(connection, jobs)
            except Exception as error:
                # This thread must outlive whatever befalls one batch, and take a fresh connection
                # for the next: whatever state this one is in cannot matter then.
                if connection is not None:
                    connection.close()
                connection = None
                for job in jobs:
                    job.done.set_exception(StoreUnavailable(f"cannot be written: {error}"))
                continue
            new = sum(map(sum, kept))
            self._told(new, time.perf_counter() - started)
            for job, each in zip(jobs, kept, strict=True):
                job.done.set_result(each)
        if connection is not None:
            connection.close()

    def _next_batch(self) -> tuple[list[_Job], bool]:
        jobs: list[_Job] = []
        size = 0
        job = self._jobs.get()
        while job is not None:
            if job.done.set_running_or_notify_cancel():
                jobs.append(job)
                size += max(1, len(job.events))
            if size >= _MAX_BATCH:
                return jobs, False
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return jobs, False
        return jobs, True

    # Reading

    async def latest(self) -> int:
        return await self._read(lambda: _latest(self._reading))

    async def read(self, after: int | None, limit: int, *, reference_id: str | None = None) -> Page:
        return await self._read(lambda: _page(self._reading, after, limit, reference_id))

    async def token_name(self, token_hash: str) -> str | None:
        def look() -> str | None:
            row = self._reading.execute("SELECT name FROM tokens WHERE hash = ?", (token_hash,)).fetchone()
            return None if row is None else str(row[0])

        return await self._read(look)

    async def _read(self, work: Callable[[], T]) -> T:
        if self._closed:
            raise StoreUnavailable("the relay is stopping")
        try:
            return await asyncio.get_running_loop().run_in_executor(self._readers, work)
        except sqlite3.Error as error:
            raise StoreUnavailable(f"cannot be read: {error}") from error

    # Operating

    async def add_token(self, name: str, token_hash: str) -> bool:
        values = (name, token_hash, _stamp(datetime.now(UTC)))
        return await self._change("INSERT INTO tokens VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING", values)

    async def revoke_token(self, name: str) -> bool:
        return await self._change("DELETE FROM tokens WHERE name = ?", (name,))

    async def tokens(self) -> list[TokenInfo]:
        rows = await self._read(
            lambda: self._reading.execute("SELECT name, created_at FROM tokens ORDER BY name").fetchall()
        )
        return [TokenInfo(name=name, created_at=created_at) for name, created_at in rows]

    async def stats(self) -> Stats:
        return await self._read(lambda: _stats(self._reading))

    async def prune(self, before: datetime) -> int:
        def work() -> int:
            removed = 0
            with self._connection() as connection:
                while count := _prune(connection, _stamp(before)):
                    removed += count
            return removed

        return await self._aside(work)

    async def _change(self, statement: str, values: tuple[str, ...]) -> bool:
        def work() -> bool:
            with self._connection() as connection:
                return connection.execute(statement, values).rowcount == 1

        return await self._aside(work)

    async def _aside(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.to_thread(work)
        except sqlite3.Error as error:
            raise StoreUnavailable(f"cannot be written: {error}") from error

    @contextlib.contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with contextlib.closing(_connect(self._path)) as connection:
            yield connection

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._jobs.put(None)
        self._writer.join()
        self._readers.shutdown()
        self._reading.close()


def _connect(path: Path) -> sqlite3.Connection:
    # An absolute file: name with rw: a file that has gone away must not be made anew, empty.
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=_BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _prepare(connection: sqlite3.Connection) -> str:
    with _transaction(connection):
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version == 0:
            for statement in _SCHEMA.split(";"):
                connection.execute(statement)
            connection.execute("INSERT INTO meta VALUES ('identity', ?)", (secrets.token_hex(8),))
            connection.execute("INSERT INTO meta VALUES ('pruned', '0')")
            connection.execute(f"PRAGMA user_version = {_VERSION}")
        elif version != _VERSION:
            raise sqlite3.DatabaseError(f"its form ({version}) is not known to this version")
        row = connection.execute("SELECT value FROM meta WHERE name = 'identity'").fetchone()
    return str(row[0])


def _store(connection: sqlite3.Connection, jobs: Sequence[_Job]) -> list[list[bool]]:
    with _transaction(connection):
        if not any(job.events for job in jobs):
            connection.execute(
                "INSERT INTO meta VALUES ('probed', ?1) ON CONFLICT (name) DO UPDATE SET value = ?1",
                (_stamp(datetime.now(UTC)),),
            )
        return [[_insert(connection, event) for event in job.events] for job in jobs]


def _insert(connection: sqlite3.Connection, event: NewEvent) -> bool:
    values = (
        event.digest,
        _stamp(event.received_at),
        event.kind,
        event.reference_id,
        event.external_id,
        event.customer_id,
        event.label,
        event.signature,
        event.body,
    )
    return connection.execute(_INSERT, values).rowcount == 1


def _latest(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'events'").fetchone()
    return 0 if row is None else int(row[0])


def _pruned(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT value FROM meta WHERE name = 'pruned'").fetchone()[0])


def _page(connection: sqlite3.Connection, after: int | None, limit: int, reference_id: str | None) -> Page:
    connection.execute("BEGIN")  # one view of the database for all that follows
    try:
        pruned = _pruned(connection)
        start = pruned if after is None else after
        if start < pruned:
            raise CursorExpired("events after this cursor have been removed by retention")
        if after is not None and after > _latest(connection):
            raise CursorExpired("the cursor is ahead of this store, which must be an older copy")
        condition, values = ("", ()) if reference_id is None else ("reference_id = ? AND", (reference_id,))
        rows = connection.execute(
            f"SELECT {_COLUMNS} FROM events WHERE {condition} position > ? ORDER BY position LIMIT ?",  # noqa: S608
            (*values, start, limit + 1),
        )
        events: list[StoredEvent] = []
        size, more = 0, False
        for row in rows:
            if len(events) == limit or size > _MAX_PAGE_BYTES:
                more = True
                break
            event = _event(row)
            size += len(event.body)
            events.append(event)
        return Page(tuple(events), events[-1].position if events else start, more)
    finally:
        connection.execute("ROLLBACK")


def _event(row: tuple[int, str, str, str | None, str | None, str, str | None, str, bytes]) -> StoredEvent:
    position, received_at, kind, reference_id, external_id, customer_id, label, signature, body = row
    return StoredEvent(
        position=position,
        received_at=received_at,
        kind=kind,
        reference_id=reference_id,
        external_id=external_id,
        customer_id=customer_id,
        label=label,
        signature=signature,
        body=body,
    )


def _prune(connection: sqlite3.Connection, before: str) -> int:
    """Remove one batch from the old end, in order, up to the first event that is young enough."""
    with _transaction(connection):
        (young,) = connection.execute(
            "SELECT position FROM events WHERE received_at >= ? ORDER BY position LIMIT 1", (before,)
        ).fetchone() or (_latest(connection) + 1,)
        (last,) = connection.execute(
            "SELECT max(position) FROM"
            " (SELECT position FROM events WHERE position < ? ORDER BY position LIMIT ?)",
            (young, _PRUNE_BATCH),
        ).fetchone()
        if last is None:
            return 0
        connection.execute("UPDATE meta SET value = ? WHERE name = 'pruned'", (str(last),))
        return connection.execute("DELETE FROM events WHERE position <= ?", (last,)).rowcount


def _stats(connection: sqlite3.Connection) -> Stats:
    by_kind = dict(connection.execute("SELECT kind, count(*) FROM events GROUP BY kind ORDER BY kind"))
    oldest, newest = connection.execute("SELECT min(received_at), max(received_at) FROM events").fetchone()
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (page_size,) = connection.execute("PRAGMA page_size").fetchone()
    return Stats(
        events=sum(by_kind.values()), by_kind=by_kind, oldest=oldest, newest=newest, bytes=pages * page_size
    )


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

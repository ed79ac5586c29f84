"""The store in one SQLite file.

Durable: WAL with ``synchronous=FULL``, so that a commit returns once the write-ahead log is
flushed to disk. Ordered: SQLite has one writer at a time, so rows become visible in the order of
their numbers, and ``AUTOINCREMENT`` keeps a number from ever being given out twice, even after
pruning. Several processes may use one file; each polls for what the others commit.

Two threads: one writes, one reads; neither ever runs on the event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from console.relay.cursors import ORIGIN, Position, position
from console.relay.store import (
    MAX_PAGE_BYTES,
    NewEvent,
    Page,
    Stats,
    StoredEvent,
    StoreUnavailable,
    TokenInfo,
    from_microseconds,
    make_page,
    microseconds,
    start_of,
)
from console.transactions import all_or_nothing

_BUSY_SECONDS: Final = 3.0
VERSION: Final = 3
READABLE: Final = frozenset({2, VERSION})
"""Versions whose files are served. Those of the second find what is known by the digest alone, which is the
same but slower: making their index anew would keep a relay of millions of events waiting at its start."""
_SCHEMA: Final = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE tokens (
    name TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, created_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE events (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    digest BLOB NOT NULL,
    received_at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    reference_id TEXT,
    external_id TEXT,
    customer_id TEXT NOT NULL,
    label TEXT,
    signature TEXT NOT NULL,
    body BLOB NOT NULL
);
-- The external id first: by the digest alone each event lands on a page of its own in an index of millions.
CREATE UNIQUE INDEX events_once ON events (coalesce(external_id, ''), digest);
CREATE INDEX events_by_reference ON events (reference_id, number) WHERE reference_id IS NOT NULL
"""
_INSERT: Final = """
INSERT INTO events (digest, received_at, kind, reference_id, external_id, customer_id, label, signature, body)
VALUES {} ON CONFLICT DO NOTHING
"""
_ROW: Final = "(?, ?, ?, ?, ?, ?, ?, ?, ?)"
_STEP: Final = 16
_SIZES: Final = (*range(256, 0, -_STEP), *range(_STEP - 1, 0, -1))
_INSERTS: Final = {size: _INSERT.format(", ".join([_ROW] * size)) for size in _SIZES}
"""Inserting many rows by one statement: each statement gives up the interpreter's lock and waits to
get it back from the thread that serves HTTP, which under load takes longer than the insert."""
_COLUMNS: Final = (
    "number, digest, received_at, kind, reference_id, external_id, customer_id, label, signature, body"
)

T = TypeVar("T")


class SqliteStore:
    """See :class:`console.relay.store.Store`."""

    max_batch = 256

    def __init__(self, path: Path) -> None:
        """Open the file, or make it (readable by its owner alone).

        Raises:
            StoreUnavailable: it cannot be opened or made, or is no store of ours.
        """
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            with contextlib.closing(connect(path)) as connection:
                self.identity = _prepare(connection)
        except (OSError, sqlite3.Error) as error:
            raise StoreUnavailable(f"the database cannot be opened: {error}") from error
        self._writing: sqlite3.Connection | None = None
        self._reading: sqlite3.Connection | None = None
        self._closed = False
        self._reader = ThreadPoolExecutor(1, "relay-reader")
        self._writer = ThreadPoolExecutor(1, "relay-writer")

    def on_hint(self, told: Callable[[], None]) -> None:
        """One file has no way of telling; the relay's poll notices other processes."""

    # Writing

    async def append(self, events: Sequence[NewEvent]) -> list[bool]:
        rows = [event.row() for event in events]
        try:
            return await self._write(lambda connection: _insert_new(connection, rows))
        except _KnownError:  # some are kept already: one by one it shows which
            return await self._write(lambda connection: _insert_each(connection, rows))

    async def probe(self) -> None:
        now = str(microseconds(datetime.now(UTC)))
        await self._write(lambda connection: _set_meta(connection, "probed", now))

    async def _write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do ``work`` in a transaction on the writing thread; returns when it is on disk."""

        def inside() -> T:
            try:
                if self._writing is None:
                    self._writing = connect(self._path)
                with all_or_nothing(self._writing):
                    return work(self._writing)
            except _KnownError:
                raise
            except BaseException:
                # The next one takes a fresh connection: whatever state this one is in (a file
                # system that was read-only, a disk that was full) cannot matter then.
                _drop(self._writing)
                self._writing = None
                raise

        return await self._on(self._writer, inside)

    # Reading

    async def newest(self) -> Position:
        return await self._read(_newest)

    async def read(self, after: Position | None, limit: int) -> Page:
        return await self._read(lambda connection: _page(connection, after, limit, None))

    async def transaction(self, reference_id: str, after: Position | None, limit: int) -> Page:
        return await self._read(lambda connection: _page(connection, after, limit, reference_id))

    async def _read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        def inside() -> T:
            try:
                if self._reading is None:
                    self._reading = connect(self._path)
                return work(self._reading)
            except sqlite3.Error:
                _drop(self._reading)
                self._reading = None
                raise

        return await self._on(self._reader, inside)

    async def blocked_seconds(self) -> float:
        """A writer elsewhere is waited for within SQLite's own time-out and no longer."""
        return 0.0

    async def _on(self, thread: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        if self._closed:
            raise StoreUnavailable("the relay is stopping")
        try:
            return await asyncio.get_running_loop().run_in_executor(thread, work)
        except (sqlite3.Error, OSError) as error:
            raise StoreUnavailable(f"the database does not serve: {error}") from error

    # Operating

    async def tokens(self) -> list[TokenInfo]:
        def work(connection: sqlite3.Connection) -> list[TokenInfo]:
            rows = connection.execute("SELECT name, created_at, hash FROM tokens ORDER BY name")
            return [
                TokenInfo(name=name, created_at=from_microseconds(created_at), hash=token_hash)
                for name, created_at, token_hash in rows
            ]

        return await self._read(work)

    async def add_token(self, name: str, token_hash: str) -> bool:
        values = (name, token_hash, microseconds(datetime.now(UTC)))
        return await self._change("INSERT INTO tokens VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING", values)

    async def revoke_token(self, name: str) -> bool:
        return await self._change("DELETE FROM tokens WHERE name = ?", (name,))

    async def _change(self, statement: str, values: tuple[str | int, ...]) -> bool:
        return await self._write(lambda connection: connection.execute(statement, values).rowcount == 1)

    async def stats(self) -> Stats:
        return await self._read(lambda connection: _stats(connection, self.identity))

    async def prune(self, before: datetime, most: int = 2000) -> int:
        return await self._write(lambda connection: _prune(connection, microseconds(before), most))

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._writer.shutdown()
        self._reader.shutdown()
        _drop(self._writing)
        _drop(self._reading)


class _KnownError(Exception):
    """Of several rows, some are kept already."""


def _insert_new(connection: sqlite3.Connection, rows: Sequence[tuple[Any, ...]]) -> list[bool]:
    """Insert rows in their order.

    Raises:
        _KnownError: not all of them are new. What was inserted must be undone.
    """
    done = 0
    while done < len(rows):
        size = next(size for size in _SIZES if size <= len(rows) - done)
        values = [value for row in rows[done : done + size] for value in row]
        if connection.execute(_INSERTS[size], values).rowcount < size:
            raise _KnownError
        done += size
    return [True] * len(rows)


def _insert_each(connection: sqlite3.Connection, rows: Sequence[tuple[Any, ...]]) -> list[bool]:
    """Insert rows in their order; which of them are new."""
    return [connection.execute(_INSERTS[1], row).rowcount == 1 for row in rows]


def connect(path: Path) -> sqlite3.Connection:
    """Open an existing store's file.

    Raises:
        sqlite3.Error: it cannot be opened.
    """
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


def _drop(connection: sqlite3.Connection | None) -> None:
    if connection is not None:
        with contextlib.suppress(sqlite3.Error):  # a full disk, found at the last checkpoint
            connection.close()


def _prepare(connection: sqlite3.Connection) -> str:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version not in READABLE:
        with all_or_nothing(connection):
            # Asked again: another relay may have been quicker.
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version == 0:
                for statement in _SCHEMA.split(";"):
                    connection.execute(statement)
                set_identity(connection)
                _set_meta(connection, "pruned", f"{ORIGIN.number} {ORIGIN.tag}")
                connection.execute(f"PRAGMA user_version = {VERSION}")
            elif version not in READABLE:
                raise sqlite3.DatabaseError(f"its form ({version}) is not known to this version")
    row = connection.execute("SELECT value FROM meta WHERE name = 'identity'").fetchone()
    return str(row[0])


def set_identity(connection: sqlite3.Connection) -> None:
    """Make it another store: every cursor given out before has expired."""
    _set_meta(connection, "identity", secrets.token_hex(8))


def _set_meta(connection: sqlite3.Connection, name: str, value: str) -> None:
    connection.execute(
        "INSERT INTO meta VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )


def _newest(connection: sqlite3.Connection) -> Position:
    row = connection.execute("SELECT number, digest FROM events ORDER BY number DESC LIMIT 1").fetchone()
    return ORIGIN if row is None else position(*row)


def _pruned(connection: sqlite3.Connection) -> Position:
    (value,) = connection.execute("SELECT value FROM meta WHERE name = 'pruned'").fetchone()
    number, tag = value.split()
    return Position(int(number), tag)


def _page(connection: sqlite3.Connection, after: Position | None, limit: int, reference: str | None) -> Page:
    connection.execute("BEGIN")  # one view of the database for all that follows
    try:
        found = None
        if after is not None:
            row = connection.execute(
                "SELECT number, digest FROM events WHERE number = ?", (after.number,)
            ).fetchone()
            found = None if row is None else position(*row)
        start = start_of(after, pruned=_pruned(connection), found=found, newest=_newest(connection))
        condition, values = ("", ()) if reference is None else ("reference_id = ? AND", (reference,))
        rows = connection.execute(
            f"SELECT {_COLUMNS} FROM events WHERE {condition} number > ? ORDER BY number LIMIT ?",  # noqa: S608
            (*values, start.number, limit + 1),
        )
        return make_page(_within(rows), start, limit)
    finally:
        connection.execute("ROLLBACK")


def _within(rows: sqlite3.Cursor) -> list[StoredEvent]:
    """As many as a page may hold, and one more: large bodies must not fill the memory."""
    events: list[StoredEvent] = []
    size = 0
    for row in rows:
        events.append(event_of(row))
        if size > MAX_PAGE_BYTES:
            break
        size += len(events[-1].body)
    return events


def event_of(row: Any) -> StoredEvent:
    """The event in a row of the columns both databases have, in their order."""
    number, digest, received_at, kind, reference_id, external_id, customer_id, label, signature, body = row
    return StoredEvent(
        position=position(number, digest),
        received_at=from_microseconds(received_at),
        kind=kind,
        reference_id=reference_id,
        external_id=external_id,
        customer_id=customer_id,
        label=label,
        signature=signature,
        body=body,
    )


def _prune(connection: sqlite3.Connection, before: int, most: int) -> int:
    newest = _newest(connection).number
    rows = connection.execute(
        "SELECT number, digest, received_at FROM events WHERE number < ? ORDER BY number LIMIT ?",
        (newest, most),
    ).fetchall()
    last = None
    removed = 0
    for number, digest, received_at in rows:
        if received_at >= before:
            break
        last, removed = position(number, digest), removed + 1
    if last is not None:
        _set_meta(connection, "pruned", f"{last.number} {last.tag}")
        connection.execute("DELETE FROM events WHERE number <= ?", (last.number,))
    return removed


def _stats(connection: sqlite3.Connection, identity: str) -> Stats:
    by_kind = dict(connection.execute("SELECT kind, count(*) FROM events GROUP BY kind ORDER BY kind"))
    oldest, newest = (
        connection.execute(f"SELECT received_at FROM events ORDER BY number {order} LIMIT 1").fetchone()  # noqa: S608
        for order in ("", "DESC")
    )
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (page_size,) = connection.execute("PRAGMA page_size").fetchone()
    return Stats(
        events=sum(by_kind.values()),
        by_kind=by_kind,
        oldest=oldest and from_microseconds(oldest[0]),
        newest=newest and from_microseconds(newest[0]),
        bytes=pages * page_size,
        identity=identity,
        newest_position=_newest(connection).number,
        pruned_position=_pruned(connection).number,
    )

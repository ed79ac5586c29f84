"""The store in PostgreSQL (15 or newer), for any number of relay processes.

Why no reader ever skips an event
    A sequence hands out numbers in one order and transactions commit in another. A reader that
    asks for "everything after 7" while 8 is still uncommitted and 9 is not would go on after 9
    and never see 8. So no two transactions may hold a number at the same time here: the function
    ``relay_append`` first takes one advisory lock of this database, draws the numbers only then,
    and PostgreSQL lets go of the lock only after the commit has become visible to everybody. At
    any moment at most one transaction holds numbers that others cannot see, and these are higher
    than all numbers that can be seen. What a reader sees is therefore always the whole beginning
    of the order, and a later reader sees the same beginning and more. A roll-back leaves a gap in
    the numbers that nobody will ever fill; readers do not care for gaps. The sequence must hand
    out numbers one by one (``CACHE 1``): a cache would keep lower numbers in another session.

Why nobody waits for ever
    A batch is one statement that commits by itself, so a relay that is stopped, killed or cut off
    between two steps holds nothing. Readers take no lock. Writers wait for the lock at most
    ``lock_timeout``; then the callbacks of that batch are answered 503 and come again. A session
    that has held the lock for ``HOLDER_SECONDS`` (somebody called the function inside a transaction
    by hand and went to lunch) is ended by the relay that waits for it, and said in log and metrics.

Waking the others
    ``NOTIFY`` takes a lock of the whole cluster at commit, so it is never part of the transaction
    that stores: a second connection sends one notification for all that was committed since the
    last one. It is a hint only. A relay that misses one asks once a second anyway.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Self, TypeVar

import asyncpg

from console.relay.cursors import ORIGIN, Position, position
from console.relay.postgresql_schema import LOCK, MIGRATIONS, VERSION
from console.relay.sqlite import event_of
from console.relay.store import (
    MAX_PAGE_BYTES,
    NewEvent,
    Page,
    Stats,
    StoreUnavailable,
    TokenInfo,
    from_microseconds,
    make_page,
    microseconds,
    start_of,
)

log = logging.getLogger(__name__)

CHANNEL: Final = "cascade_relay"
HOLDER_SECONDS: Final = 10.0
_CONNECT_SECONDS: Final = 3.0
_CALL_SECONDS: Final = 4.5
"""Telesign waits 5 s for an answer; ours should not be later than that."""
_HINT_PAUSE: Final = 0.02
_RETRY_SECONDS: Final = 1.0
_SESSION: Final = {
    "application_name": "cascade-relay",
    "synchronous_commit": "on",
    "lock_timeout": "2000",
    "statement_timeout": "4000",
    "idle_in_transaction_session_timeout": "5000",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "15000",
    "jit": "off",
    "default_transaction_isolation": "read committed",
}
_COLUMNS: Final = (
    "number, digest, received_at, kind, reference_id, external_id, customer_id, label, signature, body"
)
_ARRIVALS: Final = "SELECT received_at FROM relay_events ORDER BY number"
# The outer condition leaves large bodies where they are; octet_length() does not fetch them.
_PAGE: Final = """
SELECT {columns} FROM (
    SELECT *, sum(octet_length(body)) OVER (ORDER BY number) - octet_length(body) AS before
    FROM (SELECT * FROM relay_events WHERE {condition} number > {start} ORDER BY number LIMIT $1) AS wanted
) AS measured WHERE before <= {most} + 65536 ORDER BY number
"""
# A connection that is cut at the wrong moment leaves its client in a state it calls internal.
_TROUBLE: Final = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)
_UNREACHABLE: Final = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.AdminShutdownError,
    OSError,
)
_STARTING: Final = (asyncpg.CannotConnectNowError, asyncpg.TooManyConnectionsError)

T = TypeVar("T")


class PostgresqlStore:
    """See :class:`console.relay.store.Store`. Made by :meth:`open`."""

    max_batch = 128

    def __init__(self, url: str, identity: str) -> None:
        self.identity = identity
        self._url = url
        self._writing: asyncpg.Connection | None = None
        self._pool: asyncpg.Pool | None = None
        self._told: Callable[[], None] = lambda: None
        self._committed = asyncio.Event()
        self._hints: asyncio.Task[None] | None = None
        self._closed = False

    @classmethod
    async def open(cls, url: str) -> Self:
        """Connect, and bring the tables to this version's form.

        Raises:
            StoreUnavailable: it cannot be reached, or its tables are of a newer version.
        """
        try:
            connection = await _connect(url)
            try:
                identity = await _migrate(connection)
                await _warn(connection)
            finally:
                await _let_go(connection)
        except StoreUnavailable:
            raise
        except _TROUBLE as error:
            raise StoreUnavailable(f"the database cannot be opened: {_said(error)}") from error
        store = cls(url, identity)
        store._hints = asyncio.create_task(store._follow_hints(), name="relay-hints")
        return store

    def on_hint(self, told: Callable[[], None]) -> None:
        self._told = told

    # Writing

    async def append(self, events: Sequence[NewEvent]) -> list[bool]:
        columns = [list(column) for column in zip(*(event.row() for event in events), strict=True)]
        kept = await self._write(
            lambda connection: connection.fetchval(
                "SELECT relay_append($1, $2, $3, $4, $5, $6, $7, $8, $9)", *columns
            )
        )
        if kept:
            self._committed.set()
        new = set(kept)
        answers = []
        for event in events:
            answers.append(event.digest in new)
            new.discard(event.digest)  # the same callback twice in one batch
        return answers

    async def probe(self) -> None:
        now = str(microseconds(datetime.now(UTC)))
        await self._write(
            lambda connection: connection.execute(
                "INSERT INTO relay_meta VALUES ('probed', $1)"
                " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                now,
            )
        )

    async def _write(self, work: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
        """One statement on the writing connection; once more on a fresh one if that was lost.

        Once more is safe: what the first try may have stored is a duplicate for the second.
        """
        try:
            async with asyncio.timeout(_CALL_SECONDS):
                if self._writing is not None and not self._writing.is_closed():
                    try:
                        return await work(self._writing)
                    except _UNREACHABLE:
                        await _let_go(self._writing)
                self._writing = await self._connected()
                return await work(self._writing)
        except StoreUnavailable:
            raise
        except asyncpg.LockNotAvailableError as error:
            await self._end_holder()
            raise StoreUnavailable("somebody else holds the lock that orders callbacks") from error
        except _TROUBLE as error:
            if self._writing is not None:
                await _let_go(self._writing)
            raise StoreUnavailable(f"the database does not serve: {_said(error)}") from error

    async def _connected(self) -> asyncpg.Connection:
        if self._closed:
            raise StoreUnavailable("the relay is stopping")
        while True:
            try:
                return await _connect(self._url)
            except (*_STARTING, ConnectionError):
                await asyncio.sleep(0.1)  # it restarts: the caller's time-out ends this

    async def _end_holder(self) -> None:
        """End the session that has kept the lock for too long; it may only be one of our own user's."""
        with contextlib.suppress(*_TROUBLE, StoreUnavailable):
            async with self._reader() as connection:
                ended = await connection.fetch(
                    "SELECT pid, pg_terminate_backend(pid) FROM relay_holders() WHERE seconds > $1",
                    HOLDER_SECONDS,
                )
            for row in ended:
                log.error("ended a database session that held the lock too long", extra={"pid": row["pid"]})

    # Reading

    @contextlib.asynccontextmanager
    async def _reader(self) -> AsyncIterator[asyncpg.Connection]:
        if self._closed:
            raise StoreUnavailable("the relay is stopping")
        try:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    self._url,
                    min_size=0,
                    max_size=4,
                    timeout=_CONNECT_SECONDS,
                    command_timeout=_CALL_SECONDS,
                    server_settings=_SESSION,
                )
            async with self._pool.acquire(timeout=_CALL_SECONDS) as connection:
                yield connection
        except StoreUnavailable:
            raise
        except _TROUBLE as error:
            raise StoreUnavailable(f"the database does not serve: {_said(error)}") from error

    async def newest(self) -> Position:
        async with self._reader() as connection:
            return await _newest(connection)

    async def read(self, after: Position | None, limit: int) -> Page:
        return await self._page(after, limit, None)

    async def transaction(self, reference_id: str, after: Position | None, limit: int) -> Page:
        return await self._page(after, limit, reference_id)

    async def _page(self, after: Position | None, limit: int, reference: str | None) -> Page:
        async with (
            self._reader() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            found = None
            if after is not None:
                row = await connection.fetchrow(
                    "SELECT number, digest FROM relay_events WHERE number = $1", after.number
                )
                found = None if row is None else position(*row)
            start = start_of(
                after,
                pruned=await _pruned(connection),
                found=found,
                newest=await _newest(connection),
            )
            values: list[Any] = [limit + 1, start.number]
            if reference is not None:
                values.append(reference)
            rows = await connection.fetch(
                _PAGE.format(
                    columns=_COLUMNS,
                    condition="" if reference is None else "reference_id = $3 AND",
                    start="$2",
                    most=MAX_PAGE_BYTES,
                ),
                *values,
            )
        return make_page([event_of(row) for row in rows], start, limit)

    async def blocked_seconds(self) -> float:
        async with self._reader() as connection:
            return float(await connection.fetchval("SELECT coalesce(max(seconds), 0) FROM relay_holders()"))

    # Hints

    async def _follow_hints(self) -> None:
        """Tell and be told of commits, on a connection of its own; anew whenever it is lost."""
        while True:
            connection = None
            try:
                connection = await _connect(self._url)
                await connection.add_listener(CHANNEL, lambda *_: self._told())
                self._told()  # whatever was missed while there was no connection
                while not connection.is_closed():
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(_RETRY_SECONDS):
                            await self._committed.wait()
                    if self._committed.is_set():
                        self._committed.clear()
                        await connection.execute(f"NOTIFY {CHANNEL}")
                        await asyncio.sleep(_HINT_PAUSE)
            except _TROUBLE as error:
                log.warning("no hints between relays: %s", _said(error))
            finally:
                if connection is not None:
                    await _let_go(connection)
            await asyncio.sleep(_RETRY_SECONDS)

    # Operating

    async def tokens(self) -> list[TokenInfo]:
        async with self._reader() as connection:
            rows = await connection.fetch("SELECT name, created_at, hash FROM relay_tokens ORDER BY name")
        return [
            TokenInfo(name=name, created_at=from_microseconds(created_at), hash=token_hash)
            for name, created_at, token_hash in rows
        ]

    async def add_token(self, name: str, token_hash: str) -> bool:
        return await self._change(
            "INSERT INTO relay_tokens VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING",
            name,
            token_hash,
            microseconds(datetime.now(UTC)),
        )

    async def revoke_token(self, name: str) -> bool:
        return await self._change("DELETE FROM relay_tokens WHERE name = $1", name)

    async def _change(self, statement: str, *values: str | int) -> bool:
        async with self._reader() as connection:
            told: str = await connection.execute(statement, *values)
        return told.endswith(" 1")

    async def stats(self) -> Stats:
        async with self._reader() as connection, connection.transaction(isolation="repeatable_read"):
            await connection.execute("SET LOCAL statement_timeout = 0")
            rows = await connection.fetch(
                "SELECT kind, count(*) FROM relay_events GROUP BY kind ORDER BY kind", timeout=3600
            )
            oldest, newest = [
                await connection.fetchval(f"{_ARRIVALS} {order} LIMIT 1") for order in ("", "DESC")
            ]
            size = await connection.fetchval("SELECT pg_total_relation_size('relay_events')")
            return Stats(
                events=sum(row[1] for row in rows),
                by_kind={row[0]: row[1] for row in rows},
                oldest=None if oldest is None else from_microseconds(oldest),
                newest=None if newest is None else from_microseconds(newest),
                bytes=size,
                identity=self.identity,
                newest_position=(await _newest(connection)).number,
                pruned_position=(await _pruned(connection)).number,
            )

    async def prune(self, before: datetime, most: int = 2000) -> int:
        async with self._reader() as connection:
            removed: int = await connection.fetchval("SELECT relay_prune($1, $2)", microseconds(before), most)
        return removed

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        if self._hints is not None:
            self._hints.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._hints
        if self._writing is not None:
            await _let_go(self._writing)
        if self._pool is not None:
            try:
                async with asyncio.timeout(2):
                    await self._pool.close()
            except _TROUBLE:
                self._pool.terminate()


async def _connect(url: str) -> asyncpg.Connection:
    return await asyncpg.connect(
        url, timeout=_CONNECT_SECONDS, command_timeout=_CALL_SECONDS, server_settings=_SESSION
    )


async def _let_go(connection: asyncpg.Connection) -> None:
    try:
        await connection.close(timeout=1)
    except _TROUBLE:
        connection.terminate()


async def _migrate(connection: asyncpg.Connection) -> str:
    """Bring the tables to this form; relays that start at the same time do it one after another."""
    async with connection.transaction():
        await connection.execute("SET LOCAL lock_timeout = 0")
        await connection.execute("SET LOCAL statement_timeout = 0")
        await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK + 1, timeout=600)
        there = await connection.fetchval("SELECT to_regclass('relay_meta') IS NOT NULL")
        version = 0
        if there:
            version = int(await connection.fetchval("SELECT value FROM relay_meta WHERE name = 'version'"))
        if version > VERSION:
            raise StoreUnavailable(f"the database's form ({version}) is of a newer version than this relay")
        for script in MIGRATIONS[version:]:
            await connection.execute(script, timeout=3600)
        if version == 0:
            await connection.executemany(
                "INSERT INTO relay_meta VALUES ($1, $2)",
                [
                    ("identity", secrets.token_hex(8)),
                    ("pruned", f"{ORIGIN.number} {ORIGIN.tag}"),
                    ("version", ""),
                ],
            )
        await connection.execute("UPDATE relay_meta SET value = $1 WHERE name = 'version'", str(VERSION))
        identity: str = await connection.fetchval("SELECT value FROM relay_meta WHERE name = 'identity'")
    return identity


async def _warn(connection: asyncpg.Connection) -> None:
    """A server told not to flush would make our 200 an empty promise: say so, loudly."""
    for name in ("fsync", "full_page_writes"):
        if await connection.fetchval("SELECT current_setting($1)", name) != "on":
            log.error("the database runs with %s off: what is acknowledged may be lost with its power", name)


async def _newest(connection: asyncpg.Connection) -> Position:
    row = await connection.fetchrow("SELECT number, digest FROM relay_events ORDER BY number DESC LIMIT 1")
    return ORIGIN if row is None else position(*row)


async def _pruned(connection: asyncpg.Connection) -> Position:
    value = await connection.fetchval("SELECT value FROM relay_meta WHERE name = 'pruned'")
    number, tag = value.split()
    return Position(int(number), tag)


def _said(error: BaseException) -> str:
    """What a database error says about itself; never the values it concerned."""
    code = getattr(error, "sqlstate", None)
    return f"{type(error).__name__}{f' ({code})' if code else ''}"

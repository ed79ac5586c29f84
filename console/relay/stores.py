"""From a database URL to an open store."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from console.relay.config import is_postgresql, sqlite_path
from console.relay.sqlite import SqliteStore
from console.relay.store import Store, StoreUnavailable

log = logging.getLogger(__name__)


@asynccontextmanager
async def open_store(database: str, *, set_aside: bool = False) -> AsyncIterator[Store]:
    """The store that a URL names, closed at the end.

    Args:
        database: ``sqlite:///…`` or ``postgresql://…``.
        set_aside: rename an SQLite file that is damaged and begin a new one. Callbacks that come
            are then kept, and every cursor has expired, so that consoles begin anew.

    Raises:
        ConfigError: the URL cannot be used.
        StoreUnavailable: the database cannot be opened.
    """
    store: Store
    if is_postgresql(database):
        # Only here: its driver is not needed beside SQLite.
        from console.relay.postgresql import PostgresqlStore  # noqa: PLC0415

        store = await PostgresqlStore.open(database)
    else:
        store = await asyncio.to_thread(_sqlite, sqlite_path(database), set_aside)
    try:
        yield store
    finally:
        await store.close()


def _sqlite(path: Path, set_aside: bool) -> SqliteStore:
    try:
        return SqliteStore(path)
    except StoreUnavailable as error:
        if not (set_aside and _damaged(error.__cause__)):
            raise
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        for each in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
            with contextlib.suppress(FileNotFoundError):
                each.rename(each.with_name(f"{each.name}.damaged-{stamp}"))
        log.exception(
            "the database is damaged: it is kept under a new name and an empty one is begun",
            extra={"kept_as": f"{path.name}.damaged-{stamp}"},
        )
        return SqliteStore(path)


def _damaged(error: BaseException | None) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    return isinstance(code, int) and code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

"""Copies of an SQLite store: taken while the relay runs, put back while it does not."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
from datetime import UTC, datetime
from pathlib import Path

from console.relay.sqlite import READABLE, connect, set_identity
from console.relay.store import StoreUnavailable


def back_up(database: Path, to: Path) -> int:
    """Copy the store, as it is at one moment, to a new file; returns how many events it holds.

    The relay may go on working. The file appears under its name only when it is whole and on disk.

    Raises:
        FileExistsError: there is such a file already.
        StoreUnavailable: the store cannot be read or the copy cannot be written.
    """
    if to.exists():
        raise FileExistsError(f"{to} exists already: give a new name")
    part = to.with_name(to.name + ".part")
    try:
        os.close(os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600))
        with (
            contextlib.closing(connect(database)) as source,
            contextlib.closing(sqlite3.connect(part)) as copy,
        ):
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, without companions
            count = _checked(copy)
        _flush(part)
        part.rename(to)
        _flush(to.parent)
    except (sqlite3.Error, OSError) as error:
        with contextlib.suppress(OSError):
            part.unlink()
        raise StoreUnavailable(f"the copy cannot be made: {error}") from error
    return count


def restore(copy: Path, database: Path) -> int:
    """Put a copy in the place of the store; returns how many events it holds.

    The store that was there is kept beside it, renamed. The restored one has a new identity, so
    that every console notices, and begins anew with the oldest event.

    Raises:
        StoreUnavailable: the copy is not whole, or a relay is running on the store.
    """
    part = database.with_name(database.name + ".part")
    try:
        source = sqlite3.connect(f"{copy.absolute().as_uri()}?mode=ro", uri=True)
        with contextlib.closing(source):
            _checked(source)
        database.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _alone(database)
        with contextlib.suppress(FileNotFoundError):
            part.unlink()
        os.close(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        source = sqlite3.connect(f"{copy.absolute().as_uri()}?mode=ro", uri=True)
        with contextlib.closing(source), contextlib.closing(sqlite3.connect(part)) as new:
            source.backup(new)
            with new:
                set_identity(new)
            count = _checked(new)
        _flush(part)
        if database.exists():
            stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
            database.rename(database.with_name(f"{database.name}.replaced-{stamp}"))
        part.rename(database)
        _flush(database.parent)
    except (sqlite3.Error, OSError) as error:
        raise StoreUnavailable(f"nothing was restored: {error}") from error
    return count


def _alone(database: Path) -> None:
    """Make sure nobody has the store open, and bring all of it into its one file."""
    if not database.exists():
        return
    with contextlib.closing(sqlite3.connect(database, timeout=1, isolation_level=None)) as connection:
        try:
            # Leaving WAL needs the file for oneself, and writes back what the log still holds.
            connection.execute("PRAGMA journal_mode = DELETE").fetchone()
        except sqlite3.OperationalError as error:
            raise StoreUnavailable("a relay is running on the store: stop it first") from error
        except sqlite3.DatabaseError:
            return  # damaged: which may be the very reason for this


def _checked(connection: sqlite3.Connection) -> int:
    """How many events are in it.

    Raises:
        sqlite3.DatabaseError: it is damaged, or no relay's.
    """
    (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if found != "ok":
        raise sqlite3.DatabaseError("the file is damaged")
    if version not in READABLE:
        raise sqlite3.DatabaseError("the file is not a store of this version of the relay")
    return int(connection.execute("SELECT count(*) FROM events").fetchone()[0])


def _flush(path: Path) -> None:
    if sys.platform == "win32" and path.is_dir():
        return  # Windows flushes no directories
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""Opens the journal whatever state its file is in, and loses nothing doing so."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from console.cascade.formats import moment_figures
from console.cascade.words import tr
from console.journal.backups import put_back
from console.journal.errors import JournalProblem
from console.journal.schema import VERSION, migrate, version_of

FILE: Final = "journal.db"
SUSPECT: Final = "journal.db.suspect"
"""Present after a reader met damage in the middle of a large file: the next opening looks at all of it."""
_OPENING: Final = "journal.opening.lock"
_WAIT_FOR_OPENING: Final = 30.0
"""Seconds others may take to open the file: a check of gigabytes, a migration."""
_WAIT_FOR_LOCK: Final = 10.0
"""Seconds another process may hold the file for one of its transactions."""
_LOOKED_AT_WHOLE: Final = 8 * 1024 * 1024
"""Bytes up to which a file is checked whole at every opening (some 10 ms); of a larger one only the
schema and the newest rows are read, for a check of 700 MB takes half a second."""

_LOG_WORTH_COPYING: Final = 16 * 1024 * 1024
"""Bytes of the log from which on it is copied back."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An open connection, and what the agent should know about how it was opened."""

    db: sqlite3.Connection
    notices: tuple[str, ...]


def open_journal(directory: Path) -> Opened:
    """Open or create the journal in ``directory`` (0700; the file 0600).

    A damaged file is set aside under a name of its own, never deleted; the newest whole copy takes its
    place, or a new one is begun. By one process only, if several come to it at once.

    Raises:
        JournalProblem: the directory cannot be written, the disk is full, or the file was
            written by a newer version.
    """
    path = directory / FILE
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise JournalProblem(
            tr("Cascade cannot create its data folder {folder}. Choose another one.", folder=str(directory))
        ) from error
    if not os.access(directory, os.W_OK):
        raise JournalProblem(_not_writable(directory))
    try:
        # One at a time, even where all is well: SQLite finds a file's log by its name, so nobody may
        # be half-way into the old file while another puts it aside.
        with FileLock(directory / _OPENING, mode=0o600, timeout=_WAIT_FOR_OPENING):
            return _opened(path)
    except Timeout as error:
        raise JournalProblem(
            tr("Another program holds Cascade's journal. Close it, then try again.")
        ) from error


def _opened(path: Path) -> Opened:
    if path.exists() and not os.access(path, os.W_OK):
        raise JournalProblem(_not_writable(path.parent))
    opened = _usable(path)
    if opened is not None:
        return Opened(opened, ())
    try:
        aside = _set_aside(path)
    except OSError as error:
        raise JournalProblem(
            tr(
                "The journal is damaged and cannot be set aside ({reason}).",
                reason=error.strerror or str(error),
            )
        ) from error
    copy = put_back(path)
    opened = _usable(path)
    if opened is None:
        raise JournalProblem(
            tr("A new journal was damaged as soon as it was made. Check the disk, then try again.")
        )
    if copy is not None:
        notice = tr(
            "The journal was damaged and set aside as {name}. The copy of {moment} UTC took its place: what "
            "was sent after that is not shown, so ask before you send again. Reports since then are "
            "fetched once more.",
            name=aside.name,
            moment=moment_figures(copy.made_at),
        )
        return Opened(opened, (notice,))
    notice = tr(
        "The journal was damaged. It was set aside as {name}, and a new one was begun: earlier "
        "messages are not shown, but nothing was deleted.",
        name=aside.name,
    )
    return Opened(opened, (notice,))


def _not_writable(directory: Path) -> str:
    return tr(
        "Cascade may not write in its data folder {folder}, so nothing could be recorded and "
        "nothing is sent. Make it writable or choose another one.",
        folder=str(directory),
    )


def suspect(directory: Path, error: Exception) -> None:
    """If ``error`` tells of damage, have the next opening look at the whole file."""
    if isinstance(error, sqlite3.DatabaseError) and _damaged(error):
        suspect_file(directory)


def suspect_file(directory: Path) -> None:
    """Have the next opening look at the whole file."""
    with contextlib.suppress(OSError):
        (directory / SUSPECT).touch(mode=0o600)


def _usable(path: Path) -> sqlite3.Connection | None:
    """The open file, or ``None`` if it is damaged.

    Raises:
        JournalProblem: for anything else that keeps it from being opened.
    """
    try:
        return _connect(path)
    except sqlite3.DatabaseError as error:
        if _damaged(error):
            return None
        raise JournalProblem(_sentence(error)) from error
    except OSError as error:
        raise JournalProblem(
            tr("Cascade's journal cannot be made ({reason}).", reason=error.strerror or str(error))
        ) from error


def _connect(path: Path) -> sqlite3.Connection:
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    # Autocommit: transactions are begun by us, never by the driver.
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=_WAIT_FOR_LOCK)
    try:
        if path.stat().st_size == 0:
            # Only a new file can learn to give back to the system what retention frees.
            db.execute("PRAGMA auto_vacuum = INCREMENTAL")
        db.execute("PRAGMA journal_mode = WAL")
        # What the agent pressed Send for must survive a power cut, so every commit is an fsync.
        db.execute("PRAGMA synchronous = FULL")
        # The log is copied back beside the writer (copy_back); where nobody does that, or while the writer
        # gives it no time to end, the writer does the rest itself at 64 MiB.
        db.execute("PRAGMA wal_autocheckpoint = 16000")
        db.execute(f"PRAGMA journal_size_limit = {_LOG_WORTH_COPYING}")
        db.execute("PRAGMA foreign_keys = ON")
        _refuse_newer(db)
        migrate(db)
        _look(db, path)
    except BaseException:
        db.close()
        raise
    return db


def copy_back(directory: Path) -> None:
    """Copy what is committed from the log into the journal's file, if there is much of it.

    On a connection of its own, for a thread of its own: a page of events touches pages all over a large
    journal, and what took the writer a third of its time goes on beside it. Never raises: what cannot be
    done now, the writer does later.
    """
    path = directory / FILE
    with contextlib.suppress(OSError, sqlite3.Error):
        if path.with_name(f"{FILE}-wal").stat().st_size < _LOG_WORTH_COPYING:
            return
        with contextlib.closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as db:
            db.execute("PRAGMA wal_checkpoint(PASSIVE)")


def _look(db: sqlite3.Connection, path: Path) -> None:
    db.execute("SELECT * FROM messages ORDER BY row DESC LIMIT 1").fetchone()
    db.execute("SELECT * FROM facts ORDER BY seq DESC LIMIT 1").fetchone()
    mark = path.with_name(SUSPECT)
    if path.stat().st_size <= _LOOKED_AT_WHOLE or mark.exists():
        found = db.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            damage = sqlite3.DatabaseError(found)
            damage.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
            raise damage
        mark.unlink(missing_ok=True)


def _refuse_newer(db: sqlite3.Connection) -> None:
    if version_of(db) > VERSION:
        raise JournalProblem(
            tr("This journal was written by a newer Cascade. Install that version to open it.")
        )


def _damaged(error: sqlite3.DatabaseError) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if code is not None else None
    return primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _sentence(error: sqlite3.DatabaseError) -> str:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return tr("The disk is full, so nothing can be recorded and nothing is sent. Free some space.")
    if code == sqlite3.SQLITE_BUSY:
        return tr("Another program holds Cascade's journal. Close it, then try again.")
    return tr("Cascade's journal cannot be opened ({reason}).", reason=str(error))


def _set_aside(path: Path) -> Path:
    path.with_name(SUSPECT).unlink(missing_ok=True)
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    aside = path.with_name(f"{path.name}.corrupt-{stamp}")
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}.corrupt-{stamp}-{number}")
    path.rename(aside)
    for suffix in ("-wal", "-shm"):
        beside = path.with_name(path.name + suffix)
        with contextlib.suppress(FileNotFoundError):
            beside.rename(aside.with_name(aside.name + suffix))
    return aside

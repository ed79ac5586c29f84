"""Copies of the journal: made while it is in use, and put in its place when it is damaged.

A copy is older than the journal it replaces, so it may hold messages as waiting that were sent long
ago. Before a copy becomes the journal, every such message is marked as having been on its way: it
comes up as unconfirmed, and nothing is ever sent twice by itself. The feed's cursor is as old as the
copy, so Telesign's reports of the time between are heard again.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from console.cascade.facts import SendBegan
from console.cascade.outcome import MessageState
from console.cascade.timeline import fold
from console.journal.codec import decode, encode, kind_of

FOLDER: Final = "backups"
KEPT: Final = 3
"""Copies kept; each is as large as the journal."""
EVERY: Final = timedelta(days=1)
_NAME: Final = re.compile(r"journal-(\d{8}-\d{6})\.db", re.ASCII)
_STAMP: Final = "%Y%m%d-%H%M%S"
_ROOM: Final = 2
"""A copy is made only where the disk has room for so many of them."""


class NotCopied(Exception):  # noqa: N818 - a state of the world
    """No copy was made. Its text says why."""


class Damaged(NotCopied):
    """The journal itself is damaged."""


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy of the journal."""

    path: Path
    made_at: datetime


def copies(directory: Path) -> tuple[Copy, ...]:
    """The copies of the journal in ``directory``, newest first."""
    found = []
    with contextlib.suppress(OSError):
        for path in (directory / FOLDER).iterdir():
            named = _NAME.fullmatch(path.name)
            if named is None:
                continue
            with contextlib.suppress(ValueError):
                found.append(Copy(path, datetime.strptime(named[1], _STAMP).replace(tzinfo=UTC)))
    return tuple(sorted(found, key=lambda copy: copy.made_at, reverse=True))


def is_due(directory: Path, now: datetime) -> bool:
    """Whether the newest copy is a day old, or from a future that a corrected clock took back."""
    made = copies(directory)
    return not made or not timedelta(0) <= now - made[0].made_at < EVERY


def copy_journal(journal: Path, now: datetime, kept: int = KEPT) -> Copy:
    """Copy ``journal`` as it is at one moment, check the copy, and remove all but the newest ``kept``.

    Others may go on writing meanwhile. The copy (0600) appears under its name only when it is whole
    and on disk; until then every older one stays.

    Raises:
        Damaged: the journal is not whole.
        NotCopied: the disk has no room, or refuses.
    """
    folder = journal.parent / FOLDER
    part = folder / "journal.part"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        _want_room(folder, journal)
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        with _reading(journal) as source, contextlib.closing(sqlite3.connect(part)) as target:
            source.backup(target)
            target.execute("PRAGMA journal_mode = DELETE")  # one file, without companions
            if (wrong := what_is_wrong(target)) is not None:
                raise Damaged(wrong)
        _flush(part)
        made = Copy(folder / f"journal-{now.astimezone(UTC).strftime(_STAMP)}.db", now)
        part.replace(made.path)
    except sqlite3.DatabaseError as error:
        part.unlink(missing_ok=True)
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise Damaged(str(error)) from None
        raise NotCopied(str(error)) from None
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise NotCopied(error.strerror or str(error)) from None
    except NotCopied:
        part.unlink(missing_ok=True)
        raise
    for old in copies(journal.parent)[kept:]:
        with contextlib.suppress(OSError):
            old.path.unlink()
    return made


def _want_room(folder: Path, journal: Path) -> None:
    if shutil.disk_usage(folder).free < _ROOM * journal.stat().st_size:
        raise NotCopied("the disk has no room for a copy")


def look_at(journal: Path) -> str | None:
    """What is wrong with the journal, read on a connection of its own; ``None`` if nothing is."""
    try:
        with _reading(journal) as db:
            return what_is_wrong(db)
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        return str(error) if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) else None


def what_is_wrong(db: sqlite3.Connection) -> str | None:
    """The first damage SQLite finds in an open file; ``None`` if there is none."""
    found = str(db.execute("PRAGMA quick_check(1)").fetchone()[0])
    return None if found == "ok" else found


def put_back(journal: Path) -> Copy | None:
    """Make the newest whole copy the journal, where there is none; the copy itself stays.

    ``None``: there is no whole copy, or it cannot be put in place. Nobody else may open the journal
    meanwhile.
    """
    part = journal.with_name(f"{journal.name}.part")
    for copy in copies(journal.parent):
        try:
            part.unlink(missing_ok=True)
            os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
            with _reading(copy.path) as source, contextlib.closing(sqlite3.connect(part)) as target:
                source.backup(target)
                if what_is_wrong(target) is not None:
                    continue
                with target:
                    _doubt_what_waits(target, copy.made_at)
            _flush(part)
            part.replace(journal)
        except (sqlite3.Error, OSError, ValueError, KeyError):
            continue  # this copy is no better than what it should replace
        else:
            return copy
        finally:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
    return None


def _doubt_what_waits(db: sqlite3.Connection, at: datetime) -> None:
    """Mark every message that waits to be sent as being on its way since ``at``."""
    waiting = db.execute(
        "SELECT row, message_id FROM messages WHERE settled = 0 AND state <> 'accepted'"
        " AND state <> 'unconfirmed'"
    ).fetchall()
    for row, message_id in waiting:
        told = db.execute("SELECT kind, data FROM facts WHERE message = ? ORDER BY seq", (row,)).fetchall()
        facts = [fact for kind, data in told if (fact := decode(kind, data)) is not None]
        timeline = fold(facts)
        if timeline.state is not MessageState.QUEUED and timeline.retry_at is None:
            continue
        attempt = 1 + max((fact.attempt for fact in facts if isinstance(fact, SendBegan)), default=0)
        began = SendBegan(fact_id=f"began:{message_id}:{attempt}", at=at, attempt=attempt)
        db.execute(
            "INSERT INTO facts (fact_id, message, kind, at, data) VALUES (?, ?, ?, ?, ?)",
            (began.fact_id, row, kind_of(began), at.timestamp(), encode(began)),
        )


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=10.0)
    try:
        yield db
    finally:
        db.close()


def _flush(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())

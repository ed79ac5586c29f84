"""All of it or nothing, in SQLite: for every room that keeps something in a file of its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def all_or_nothing(db: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Do what the block does in one transaction, with the right to write from the start.

    ``db`` must not begin transactions by itself (``isolation_level=None``), and none may be open.
    """
    db.execute("BEGIN IMMEDIATE")
    try:
        yield db
        db.execute("COMMIT")
    except BaseException:
        # Some errors (a full disk) have ended the transaction already; a failed COMMIT has not.
        if db.in_transaction:
            with suppress(sqlite3.Error):  # the first error is the one that counts
                db.execute("ROLLBACK")
        raise

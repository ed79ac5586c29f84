"""Journals for commands to look into."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from console.desk.settings import journal_dir
from console.journal.journal import Journal
from tests.journal.conftest import accepted

AT = datetime(2026, 1, 2, 3, 4, 5, 678901, UTC)


def one_accepted(data: Path, viber_text: str) -> None:
    """In the data folder's default profile, one message that Telesign accepted."""
    folder = journal_dir(data, "default", sandbox=False)
    folder.mkdir(parents=True)
    with closing(Journal(folder)) as journal:
        accepted(
            journal,
            "m1",
            "0123456789ABCDEF0123456789ABCDEF",
            at=AT,
            external_id="e1",
            viber_text=viber_text,
            sms_text="Hello",
        )

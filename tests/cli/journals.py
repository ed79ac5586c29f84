"""Journals for commands to look into."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from console.cascade.facts import Answered, Queued, SendBegan
from console.desk.settings import journal_dir
from console.journal.journal import Journal

AT = datetime(2026, 1, 2, 3, 4, 5, 678901, UTC)


def one_accepted(data: Path, viber_text: str) -> None:
    """In the data folder's default profile, one message that Telesign accepted."""
    folder = journal_dir(data, "default", sandbox=False)
    folder.mkdir(parents=True)
    queued = Queued(
        fact_id="q",
        at=AT,
        message_id="m1",
        external_id="e1",
        to="15558675309",
        viber_text=viber_text,
        sms_text="Hello",
        fallback_time=60,
    )
    with closing(Journal(folder)) as journal:
        journal.add_message(queued, request=b"{}", owner="nobody")
        journal.record(
            "m1",
            SendBegan(fact_id="s", at=AT, attempt=1),
            Answered(
                fact_id="a",
                at=AT,
                attempt=1,
                http_status=200,
                code=3001,
                description="Message in progress",
                reference_id="0123456789ABCDEF0123456789ABCDEF",
            ),
        )

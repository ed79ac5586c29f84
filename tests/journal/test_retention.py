"""What is old leaves the journal, and leaves no trace; what is still needed stays."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from pathlib import Path

from console.cascade.facts import SendBegan
from console.journal.history import list_rows
from console.journal.journal import Journal
from console.journal.retention import Leaving, delete_batch, give_back, preview
from tests.journal.conftest import AT, FEED, REF, accepted, heard, queued, reply, report

LATER = AT + timedelta(days=100)
CUTOFF = AT + timedelta(days=90)
OLD_TEXT = "Vermilion walrus invoice"


def filled(journal: Journal) -> None:
    accepted(journal, "old", viber_text=OLD_TEXT, sms_text=OLD_TEXT)
    accepted(journal, "new", "A" * 32, at=LATER, viber_text="Cobalt heron", to="15550000000")
    journal.ingest(
        [heard(report(REF, viber=3000)), heard(reply("Ochre badger", phone="15559999999"))],
        feed=FEED,
        before=None,
        after="1",
    )


def everything(journal: Journal) -> int:
    total = 0
    while gone := delete_batch(journal.db, CUTOFF):
        total += gone
    give_back(journal.db)
    return total


def test_the_preview_says_what_goes_and_changes_nothing(journal: Journal) -> None:
    filled(journal)
    said = preview(journal.db, CUTOFF)
    assert said == Leaving(messages=1, unmatched=1, oldest=AT)
    assert preview(journal.db, CUTOFF) == said
    assert preview(journal.db, AT - timedelta(days=1)) == Leaving()


def test_what_goes_is_what_the_preview_said(journal: Journal) -> None:
    filled(journal)
    assert everything(journal) == 2
    assert preview(journal.db, CUTOFF) == Leaving()
    assert journal.timeline("old") is None
    assert journal.find(REF) is None
    assert journal.timeline("new") is not None
    assert len(list_rows(journal.db, search="heron", states=(), limit=None)) == 1
    assert len(list_rows(journal.db, search="walrus", states=(), limit=None)) == 0
    assert journal.db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert journal.db.execute("PRAGMA foreign_key_check").fetchall() == []


def test_nothing_of_it_is_left_in_any_file(tmp_path: Path) -> None:
    with closing(Journal(tmp_path)) as journal:
        filled(journal)
        on_disk = b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.is_file())
        assert b"walrus" in on_disk
        everything(journal)
        on_disk = b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.is_file())
        # The search keeps runs of three characters: "wal" followed by its neighbours in the index.
        for trace in (b"walrus", b"15558675309", b"15559999999", b"badger", REF.encode(), b"lru", b"milion"):
            assert trace not in on_disk
        assert b"heron" in on_disk


def test_space_is_given_back(tmp_path: Path) -> None:
    with closing(Journal(tmp_path)) as journal:
        for number in range(300):
            accepted(journal, f"m{number}", f"{number:032X}", viber_text=f"{number} " + "x" * 900)
        journal.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        before = (tmp_path / "journal.db").stat().st_size
        everything(journal)
        assert (tmp_path / "journal.db").stat().st_size < before / 3


def test_a_message_with_recent_news_stays_whole(journal: Journal) -> None:
    accepted(journal)
    journal.ingest([heard(report(REF, viber=3000), after=95 * 86400)], feed=FEED, before=None, after="1")
    facts = journal.facts("m1")
    assert everything(journal) == 0
    assert journal.facts("m1") == facts


def test_what_is_still_to_be_sent_stays_and_what_is_in_doubt_is_counted(journal: Journal) -> None:
    journal.add_message(queued("waits"), request=b"{}", owner="me")
    journal.add_message(queued("going"), request=b"{}", owner="me")
    journal.record("going", SendBegan(fact_id="began:going:1", at=AT, attempt=1))
    assert preview(journal.db, CUTOFF) == Leaving()
    assert everything(journal) == 0


def test_who_asked_not_to_be_written_to_is_remembered(journal: Journal) -> None:
    accepted(journal)
    journal.ingest([heard(reply("STOP"))], feed=FEED, before=None, after="1")
    assert journal.opted_out("15558675309") is not None
    everything(journal)
    assert journal.opted_out("15558675309") is not None


def test_a_batch_is_bounded(journal: Journal) -> None:
    for number in range(5):
        accepted(journal, f"m{number}", f"{number:032X}")
    assert [delete_batch(journal.db, CUTOFF, 2) for _ in range(4)] == [2, 2, 1, 0]

"""Copies of the journal: whole, private, few; and what happens when one takes the journal's place."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from console.cascade.facts import SendBegan, SendFailed, SendFailure
from console.cascade.outcome import MessageState
from console.journal.backups import FOLDER, Damaged, NotCopied, copies, copy_journal, is_due, look_at
from console.journal.journal import Journal
from console.journal.opening import FILE
from tests.journal.conftest import AT, FEED, REF, accepted, heard, queued, report
from tests.journal.test_opening import cut, filled, garbage, scratched


def test_a_copy_holds_everything_while_the_journal_is_in_use(tmp_path: Path, journal: Journal) -> None:
    accepted(journal)
    journal.db.execute("BEGIN IMMEDIATE")
    copy = copy_journal(tmp_path / FILE, AT)
    journal.db.execute("ROLLBACK")
    with closing(sqlite3.connect(copy.path)) as read:
        assert read.execute("SELECT message_id FROM messages").fetchall() == [("m1",)]
    assert copy.path.stat().st_mode & 0o777 == 0o600
    assert copy.path.parent.stat().st_mode & 0o777 == 0o700
    assert [file.name for file in copy.path.parent.iterdir()] == ["journal-20260504-120000.db"]


def test_only_the_newest_are_kept(tmp_path: Path) -> None:
    filled(tmp_path, 1)
    for day in range(5):
        copy_journal(tmp_path / FILE, AT + timedelta(days=day), kept=2)
    assert [copy.made_at.day for copy in copies(tmp_path)] == [8, 7]


def test_a_copy_is_due_once_a_day_whatever_the_clock_did(tmp_path: Path) -> None:
    assert is_due(tmp_path, AT)
    filled(tmp_path, 1)
    copy_journal(tmp_path / FILE, AT)
    assert not is_due(tmp_path, AT + timedelta(hours=23))
    assert is_due(tmp_path, AT + timedelta(hours=25))
    assert is_due(tmp_path, AT - timedelta(days=30))


def test_other_files_in_the_folder_are_none_of_ours(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    for name in ("journal-20269999-999999.db", "notes.txt", "journal.part"):
        (tmp_path / FOLDER / name).touch()
    assert copies(tmp_path) == ()


def test_a_damaged_journal_displaces_no_copy(tmp_path: Path) -> None:
    path = filled(tmp_path)
    copy_journal(path, AT, kept=1)
    scratched(path)
    assert look_at(path) is not None
    with pytest.raises(Damaged):
        copy_journal(path, AT + timedelta(days=1), kept=1)
    assert [copy.made_at for copy in copies(tmp_path)] == [AT.replace(microsecond=0)]
    assert len(list((tmp_path / FOLDER).iterdir())) == 1


def test_without_room_no_copy_is_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = filled(tmp_path, 1)

    class Full:
        free = 10

    monkeypatch.setattr("console.journal.backups.shutil.disk_usage", lambda _: Full)
    with pytest.raises(NotCopied, match="no room"):
        copy_journal(path, AT)
    assert copies(tmp_path) == ()


@pytest.mark.parametrize("damage", [garbage, cut])
def test_the_newest_whole_copy_takes_the_place_of_a_damaged_journal(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    path = filled(tmp_path, 3)
    copy_journal(path, AT)
    newer = copy_journal(path, AT + timedelta(days=1))
    garbage(newer.path)
    damage(path)
    with closing(Journal(tmp_path)) as journal:
        (notice,) = journal.notices
        assert "2026-05-04 12:00 UTC" in notice
        assert journal.timeline("m2") is not None
        assert journal.db.execute("SELECT count(*) FROM messages").fetchone() == (3,)
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.glob("journal.db.corrupt-*"))
    assert not (tmp_path / "journal.db.part").exists()


def test_a_message_that_waited_in_the_copy_comes_up_in_doubt_and_is_never_sent_again(tmp_path: Path) -> None:
    with closing(Journal(tmp_path)) as journal:
        journal.add_message(queued("waits"), request=b"{}", owner="gone")
        journal.add_message(queued("retries"), request=b"{}", owner="gone")
        journal.record(
            "retries",
            SendBegan(fact_id="began:retries:1", at=AT, attempt=1),
            SendFailed(
                fact_id="failed:retries:1",
                at=AT,
                attempt=1,
                failure=SendFailure.NOT_CONNECTED,
                retry_at=AT + timedelta(seconds=3),
            ),
        )
        accepted(journal, "taken")
        copy_journal(tmp_path / FILE, AT)
    garbage(tmp_path / FILE)
    with closing(Journal(tmp_path)) as journal:
        left = {each.message_id: each.timeline for each in journal.take_over("gone", "me")}
        assert {name: timeline.state for name, timeline in left.items()} == {
            "waits": MessageState.SENDING,
            "retries": MessageState.SENDING,
        }
        taken = journal.timeline("taken")
        assert taken is not None
        assert taken.state is MessageState.ACCEPTED


def test_reports_since_the_copy_are_heard_again(tmp_path: Path) -> None:
    told = heard(report(REF, viber=3000))
    with closing(Journal(tmp_path)) as journal:
        accepted(journal)
        journal.keep(FEED, "before")
        copy_journal(tmp_path / FILE, AT)
        journal.ingest([told], feed=FEED, before="before", after="after")
    garbage(tmp_path / FILE)
    with closing(Journal(tmp_path)) as journal:
        assert journal.kept(FEED) == "before"
        assert journal.ingest([told], feed=FEED, before="before", after="after") == {"m1"}


def test_without_a_whole_copy_a_new_journal_is_begun(tmp_path: Path) -> None:
    path = filled(tmp_path, 1)
    garbage(copy_journal(path, AT).path)
    garbage(path)
    with closing(Journal(tmp_path)) as journal:
        assert "new one was begun" in journal.notices[0]
        assert journal.db.execute("SELECT count(*) FROM messages").fetchone() == (0,)

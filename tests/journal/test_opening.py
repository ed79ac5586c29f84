"""A journal opens whatever state its file is in, and loses nothing doing so."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier

import pytest

from console.cascade.facts import Answered, SendBegan
from console.cascade.outcome import MessageState
from console.journal import opening
from console.journal.codec import encode, kind_of
from console.journal.errors import JournalProblem
from console.journal.history import list_rows
from console.journal.journal import Journal
from console.journal.opening import FILE, SUSPECT, suspect
from console.journal.schema import MIGRATIONS, VERSION, version_of
from console.journal.unmatched import Pile, assign, dismiss, list_unmatched
from tests.journal.conftest import AT, FEED, REF, accepted, heard, queued, report


def filled(directory: Path, count: int = 50) -> Path:
    with closing(Journal(directory)) as journal:
        for number in range(count):
            accepted(journal, f"m{number}", reference_id=f"{number:032X}")
    return directory / FILE


def garbage(path: Path) -> None:
    path.write_bytes(b"this was never a database" * 100)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def scratched(path: Path) -> None:
    """Pages in the middle overwritten; the first and the last ones are whole."""
    content = bytearray(path.read_bytes())
    middle = len(content) // 4096 // 2 * 4096
    content[middle : middle + 8192] = b"\xff" * 8192
    path.write_bytes(content)


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    with closing(Journal(folder)) as journal:
        journal.keep("name", "value")
        assert folder.stat().st_mode & 0o777 == 0o700
        for file in folder.iterdir():
            assert file.stat().st_mode & 0o077 == 0, file.name


def test_every_commit_is_synced_to_the_disk(journal: Journal) -> None:
    assert journal.db.execute("PRAGMA synchronous").fetchone() == (2,)
    assert journal.db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


@pytest.mark.parametrize("damage", [garbage, cut, scratched])
def test_a_damaged_file_is_set_aside_kept_and_said(damage: Callable[[Path], None], tmp_path: Path) -> None:
    path = filled(tmp_path)
    damage(path)
    broken = path.read_bytes()
    with closing(Journal(tmp_path)) as journal:
        (notice,) = journal.notices
        assert len(list_rows(journal.db, search="", states=(), limit=None)) == 0
        accepted(journal)
    (aside,) = (
        file for file in tmp_path.glob(f"{FILE}.corrupt-*") if not file.name.endswith(("-wal", "-shm"))
    )
    assert aside.read_bytes() == broken
    assert aside.name in notice
    with closing(Journal(tmp_path)) as again:
        assert again.notices == ()
        assert again.timeline("m1") is not None


def test_of_many_that_meet_the_damage_at_once_one_sets_it_aside(tmp_path: Path) -> None:
    garbage(filled(tmp_path))
    start = Barrier(6)

    def open_and_write(number: int) -> int:
        start.wait()
        with closing(Journal(tmp_path)) as journal:
            journal.add_message(queued(f"n{number}"), request=b"{}", owner="me")
            return len(journal.notices)

    with ThreadPoolExecutor(6) as pool:
        said = list(pool.map(open_and_write, range(6)))
    assert sum(said) == 1
    assert len(list(tmp_path.glob(f"{FILE}.corrupt-*"))) == 1
    with closing(Journal(tmp_path)) as journal:
        assert len(list_rows(journal.db, search="", states=(), limit=None)) == 6


def test_damage_met_later_in_a_large_file_has_the_next_opening_look_at_all_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "_LOOKED_AT_WHOLE", 0)
    scratched(filled(tmp_path, 400))  # so many that the middle of the file is facts, which a rebuild reads
    with closing(Journal(tmp_path)) as journal:  # the scratch is not where the first look goes
        assert journal.notices == ()
        with pytest.raises(sqlite3.DatabaseError) as met:
            journal.rebuild()
    suspect(tmp_path, met.value)
    with closing(Journal(tmp_path)) as journal:
        assert len(journal.notices) == 1
    assert not (tmp_path / SUSPECT).exists()


def test_a_full_disk_is_no_damage(tmp_path: Path) -> None:
    suspect(tmp_path, sqlite3.OperationalError("database or disk is full"))
    assert not (tmp_path / SUSPECT).exists()


def test_a_newer_journal_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = filled(tmp_path, 1)
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {VERSION + 1}")
    with pytest.raises(JournalProblem, match="newer"):
        Journal(tmp_path)
    assert [file.name for file in tmp_path.glob("*corrupt*")] == []


@pytest.mark.parametrize("place", ["a file where the folder should be", "a folder where the file should be"])
def test_what_cannot_be_a_journal_is_one_sentence(place: str, tmp_path: Path) -> None:
    if place.startswith("a file"):
        folder = tmp_path / "taken"
        folder.write_text("mine")
    else:
        folder = tmp_path
        (folder / FILE).mkdir()
    with pytest.raises(JournalProblem) as problem:
        Journal(folder)
    assert problem.value.sentence.endswith(".")
    assert "\n" not in problem.value.sentence


def test_a_journal_of_the_first_version_becomes_one_of_today(tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / FILE, isolation_level=None)
    for statement in MIGRATIONS[0].split(";\n"):
        db.execute(statement)
    db.execute("PRAGMA user_version = 1")
    db.execute(
        "INSERT INTO messages (message_id, external_id, owner, request, recipient, repeat_key, first_words,"
        " created_at, state, outcome, updated_at)"
        " VALUES ('m1', 'cascade-m1', 'gone', ?, '15558675309', 'k', 'Hello', 0, 'queued', 'waiting', 0)",
        (b'{"old":"request"}',),
    )
    for fact in (queued(), SendBegan(fact_id="b", at=AT, attempt=1)):
        db.execute(
            "INSERT INTO facts (fact_id, message, kind, at, data) VALUES (?, 1, ?, 0, ?)",
            (fact.fact_id, kind_of(fact), encode(fact)),
        )
    db.close()
    with closing(Journal(tmp_path)) as journal:
        assert version_of(journal.db) == VERSION
        (left,) = journal.take_over("gone", "me")
        assert left.request == b'{"old":"request"}'
        assert left.timeline.state is MessageState.SENDING
        taken = Answered(
            fact_id="a", at=AT, attempt=1, http_status=200, code=3001, description="", reference_id=REF
        )
        assert journal.record("m1", taken).state is MessageState.ACCEPTED
        assert journal.find(REF) == "m1"


def test_reports_of_the_sixth_version_are_known_by_their_new_names(tmp_path: Path) -> None:
    first = report(REF, "cascade-m1", viber=3001)
    strays = [report(digit * 32, "stranger's", viber=3001) for digit in "BCD"]
    with closing(Journal(tmp_path)) as journal:
        accepted(journal)
        page = [heard(body) for body in (first, *strays, report(REF, viber=3002))]
        journal.ingest(page, feed=FEED, before=None, after="1")
        named = [each.fact_id for each in page]
        journal.deal(lambda db: assign(db, named[1], "m1", AT))
        journal.deal(lambda db: dismiss(db, named[2], AT))
        told, piles = journal.timeline("m1"), _piles(journal)
        for each in page:  # as they were named then
            old = each.fact_id.rpartition(".")[2]
            for statement in (
                (
                    "UPDATE facts SET fact_id = :old, data = json_set(data, '$.fact_id', :old)"
                    " WHERE fact_id = :new"
                ),
                (
                    "UPDATE facts SET data = json_set(data, '$.of', :old)"
                    " WHERE json_extract(data, '$.of') = :new"
                ),
                "UPDATE dealt SET fact_id = :old WHERE fact_id = :new",
            ):
                journal.db.execute(statement, {"old": old, "new": each.fact_id})
        journal.db.execute("PRAGMA user_version = 6")
    with closing(Journal(tmp_path)) as journal:
        assert version_of(journal.db) == VERSION
        assert (journal.timeline("m1"), _piles(journal)) == (told, piles)
        assert journal.ingest(page, feed=FEED, before="1", after="2") == set()  # nothing is new
        journal.rebuild()
        assert (journal.timeline("m1"), _piles(journal)) == (told, piles)


def _piles(journal: Journal) -> list[list[tuple[str, str | None]]]:
    return [
        [(each.fact_id, each.dealt) for each in list_unmatched(journal.db, pile, account="")] for pile in Pile
    ]

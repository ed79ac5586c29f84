"""The journal is looked after: copied daily, looked at, emptied of what is too old."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from console.desk.care import Care, delete_files, leaving_text
from console.desk.ledger import Ledger
from console.journal import backups
from console.journal.journal import Journal
from console.journal.opening import FILE, SUSPECT
from console.journal.retention import Leaving
from tests.journal.conftest import AT, accepted
from tests.journal.test_opening import filled, garbage, scratched


@dataclass
class Cared:
    care: Care
    told: list[str] = field(default_factory=list)
    gone: list[bool] = field(default_factory=list)
    days: int = 0
    now: datetime = AT


@asynccontextmanager
async def caring(directory: Path) -> AsyncIterator[Cared]:
    ledger = Ledger(directory, changed=lambda *_: None, troubled=lambda _: None)
    await ledger.open()
    told: list[str] = []
    cared: Cared
    care = Care(
        ledger,
        directory,
        clock=lambda: cared.now,
        days=lambda: cared.days,
        tell=told.append,
        gone=lambda: cared.gone.append(True),
    )
    cared = Cared(care, told)
    try:
        yield cared
    finally:
        await ledger.close()


async def test_one_copy_a_day(tmp_path: Path) -> None:
    async with caring(tmp_path) as cared:
        for hours in (0, 1, 23, 25, 26):
            cared.now = AT + timedelta(hours=hours)
            await cared.care.once()
    assert [copy.made_at.day for copy in backups.copies(tmp_path)] == [5, 4]
    assert cared.told == []


async def test_what_is_too_old_goes_from_copies_too(tmp_path: Path) -> None:
    with closing(Journal(tmp_path)) as journal:
        accepted(journal, viber_text="Vermilion walrus", sms_text=None)
    async with caring(tmp_path) as cared:
        await cared.care.once()
        assert b"walrus" in backups.copies(tmp_path)[0].path.read_bytes()
        cared.now, cared.days = AT + timedelta(days=40), 30
        said = await cared.care.preview(30)
        assert said.messages == 1
        await cared.care.once()
        assert cared.gone == [True]
        (copy,) = backups.copies(tmp_path)
        assert copy.made_at.date() == cared.now.date()
        assert b"walrus" not in copy.path.read_bytes()
        assert await cared.care.preview(30) == Leaving()


async def test_kept_for_ever_deletes_nothing(tmp_path: Path) -> None:
    filled(tmp_path, 2)
    async with caring(tmp_path) as cared:
        cared.now = AT + timedelta(days=36500)
        await cared.care.once()
        assert await cared.care.preview(0) == Leaving()
        assert cared.gone == []


async def test_damage_found_in_the_background_is_said_and_settled_at_the_next_start(tmp_path: Path) -> None:
    path = filled(tmp_path, 200)
    async with caring(tmp_path) as cared:
        await cared.care.once()
    scratched(path)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("console.journal.opening._LOOKED_AT_WHOLE", 0)
        async with caring(tmp_path) as cared:
            await cared.care.once()
            await cared.care.once()
            assert len(cared.told) == 1
            assert "2026-05-04 12:00 UTC" in cared.told[0]
            assert (tmp_path / SUSPECT).exists()
        with closing(Journal(tmp_path)) as journal:
            assert "took its place" in journal.notices[0]
            assert journal.timeline("m199") is not None
    assert not (tmp_path / SUSPECT).exists()


async def test_a_copy_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / backups.FOLDER).touch()
    async with caring(tmp_path) as cared:
        await cared.care.once()
    assert "copy" in cared.told[0]


def test_only_old_files_of_ours_are_deleted(tmp_path: Path) -> None:
    for name in ("cascade.log", "cascade.log.1", "crash-1.txt", f"{FILE}.corrupt-1", "mine.txt", FILE):
        garbage(tmp_path / name)
        os.utime(tmp_path / name, (0, 0))
    garbage(tmp_path / "cascade.log.2")
    assert delete_files(tmp_path, datetime(2020, 1, 1, tzinfo=UTC)) == 3
    assert {file.name for file in tmp_path.iterdir()} == {"cascade.log", "cascade.log.2", "mine.txt", FILE}


def test_the_preview_is_said_in_words() -> None:
    assert leaving_text(Leaving(), 0) == "Messages are kept for ever."
    assert "nothing is deleted" in leaving_text(Leaving(), 30)
    said = leaving_text(Leaving(messages=12, unread=1, in_doubt=2, unmatched=3, oldest=AT), 30)
    assert said.startswith("12 messages are deleted for good")
    for part in ("2026-05-04", "1 has replies", "2 are unconfirmed", "3 reports", "STOP is remembered"):
        assert part in said

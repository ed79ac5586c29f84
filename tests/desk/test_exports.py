"""Messages taken out of the desk."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.cascade.message import Draft
from console.desk.desk import Desk
from console.desk.export_files import COLUMNS, FORMS, formula_safe
from console.desk.values import HistoryQuery
from tests.desk.stand_in import TAKEN, desk_at, says, sent, telesign
from tests.desk.test_replies import hear
from tests.journal.conftest import reply

HOSTILE = '=cmd|"/c calc"!A1,<script>alert(1)</script>\r\n\u202eevil\0 "quotes"'


def nothing(_done: int) -> None:
    """Progress nobody looks at."""


def files(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.is_file()]


async def filled(desk: Desk, count: int) -> list[int]:
    for number in range(count):
        draft = Draft(to="+15558675309", viber_text=f"{HOSTILE.replace(chr(0), '')} {number}")
        await desk.send(draft, confirmed=True)
    return list(await desk.history_ids(HistoryQuery()))


@pytest.mark.parametrize("form", sorted(FORMS))
async def test_every_message_stands_in_the_file_once_in_the_order_asked(form: str, tmp_path: Path) -> None:
    told: list[int] = []
    async with telesign(says(TAKEN)) as server, desk_at(server.url, tmp_path / "desk") as desk:
        rowids = await filled(desk, 50)
        target = tmp_path / f"out.{form}"
        assert await desk.exports.write(rowids, target, form, told.append) == 50
        content = target.read_text("utf-8-sig")
        ids = [row.message_id for row in await desk.history_rows(rowids)]
    places = [content.index(message_id) for message_id in ids]
    assert places == sorted(places)
    assert told[-1] == 50
    assert len(told) > 1
    assert files(tmp_path) == [target.name]
    assert (target.stat().st_mode & 0o077) == 0


async def test_a_spreadsheet_finds_no_formula_and_every_cell_in_its_column(tmp_path: Path) -> None:
    async with telesign(says(TAKEN)) as server, desk_at(server.url, tmp_path / "desk") as desk:
        rowids = await filled(desk, 1)
        await desk.exports.write(rowids, tmp_path / "out.csv", "csv", nothing)
    rows = list(csv.reader(io.StringIO((tmp_path / "out.csv").read_text("utf-8-sig"), newline="")))
    assert [len(row) for row in rows] == [len(COLUMNS)] * 2
    text = rows[1][COLUMNS.index("viber_text")]
    assert text.startswith("'=cmd")


async def test_a_page_shows_hostile_text_as_text(tmp_path: Path) -> None:
    async with telesign(says(TAKEN)) as server, desk_at(server.url, tmp_path / "desk") as desk:
        rowids = await filled(desk, 1)
        await desk.exports.write(rowids, tmp_path / "out.html", "html", nothing)
    assert "<script>" not in (tmp_path / "out.html").read_text()


async def test_nothing_to_export_is_still_a_whole_file(tmp_path: Path) -> None:
    async with desk_at("http://127.0.0.1:9", tmp_path / "desk") as desk:
        for form in FORMS:
            assert await desk.exports.write([], tmp_path / form, form, nothing) == 0
    assert json.loads((tmp_path / "json").read_text()) == []


async def test_what_is_given_up_leaves_nothing_and_harms_nothing(tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    target.write_text("the old one")
    async with telesign(says(TAKEN)) as server, desk_at(server.url, tmp_path / "desk") as desk:
        rowids = await filled(desk, 50)
        begun = asyncio.Event()
        task = asyncio.create_task(desk.exports.write(rowids, target, "csv", lambda _done: begun.set()))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert target.read_text() == "the old one"
    assert files(tmp_path) == ["out.csv"]


async def test_a_place_that_cannot_be_written_is_an_error_and_nothing_more(tmp_path: Path) -> None:
    async with desk_at("http://127.0.0.1:9", tmp_path / "desk") as desk:
        with pytest.raises(OSError, match="directory"):
            await desk.exports.write([], tmp_path / "nowhere" / "x.csv", "csv", nothing)


async def test_a_case_holds_the_bytes_of_every_report_and_reply_and_no_others(tmp_path: Path) -> None:
    async with telesign(says(TAKEN)) as server, desk_at(server.url, tmp_path) as desk:
        message_id = (await sent(desk, Draft(to="+15558675309", viber_text="Hello"))).message_id or ""
        await hear(desk, reply("Thanks"))
        case = await desk.exports.case(message_id)
        assert case is not None
        ((fact_id, evidence),) = case.evidence
        assert b"Thanks" in evidence.body
        assert evidence.verification is not None
        assert fact_id in {event.fact_id for event in case.timeline.events}
        assert await desk.exports.case("no such") is None


SIGNS = "=+-@＝＋－＠|%"


@given(
    st.text(max_size=30),
    st.sampled_from(list(SIGNS)),
    st.text(" \t\r\n\u200b\u2060\ufeff\u202e\0", max_size=4),
)
def test_no_cell_begins_with_a_sign_of_a_formula_whatever_hides_it(rest: str, sign: str, blanks: str) -> None:
    assert formula_safe(blanks + sign + rest).startswith("'")


@given(st.text(st.characters(categories=["Lu", "Ll", "Nd"]), min_size=1))
def test_plain_words_stay_as_they_are(text: str) -> None:
    assert formula_safe(text) == text

"""Taking messages out of the window: the report of a case as a page, and the question before an export."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtWidgets import QApplication, QLabel, QProgressBar, QPushButton, QRadioButton, QWidget

from console.cascade.facts import Fact, Replied, Reported, Source
from console.cascade.timeline import fold
from console.desk.values import RawEvidence
from console.ui.case_rules import Making, case_page
from console.ui.export_deeds import print_page
from console.ui.export_dialog import ExportDialog
from tests.ui.conftest import Spawned
from tests.ui.scenes import SCENES, queued, reply, scene

MAKING = Making(at=datetime(2026, 11, 23, 15, tzinfo=UTC), program="Cascade 1", account="CUSTOMER")
BODY = b'{"status": {"code": 3000}}'


def page_of(facts: Sequence[Fact], body: bytes = BODY) -> str:
    evidence = [
        (
            fact.fact_id,
            RawEvidence(
                body=body,
                source=Source.CALLBACK,
                signature="c2ln",
                verification=fact.verification,
                received_at=fact.at,
            ),
        )
        for fact in facts
        if isinstance(fact, Reported | Replied)
    ]
    return case_page(fold(facts), evidence, MAKING)


class Tags(HTMLParser):
    """What a browser would see of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.text += data


OURS = {
    "html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "p", "pre", "table", "tr", "th", "td",
}  # fmt: skip


class TestPage:
    @pytest.mark.parametrize("name", SCENES)
    def test_every_state_of_a_message_makes_a_page(self, name: str) -> None:
        page = Tags(page_of(scene(name).facts))
        assert page.tags <= OURS
        assert "Report of one message" in page.text
        assert "What happened" in page.text

    def test_ids_bytes_signature_and_result_of_the_check_are_in_it(self) -> None:
        page = Tags(page_of(scene("stop").facts)).text
        for expected in ("cas-01HF3W8Q2D6Y4", BODY.decode(), "c2ln", "signature verified here", "CUSTOMER"):
            assert expected in page

    @given(st.text(max_size=80), st.binary(max_size=80))
    def test_whatever_was_written_is_text_and_nothing_else(self, text: str, body: bytes) -> None:
        facts: list[Fact] = [queued(text=f"<script>{text}</script><img src=x onerror=y>"), reply(5, text)]
        page = Tags(page_of(facts, b"<a href=javascript:1>" + body))
        assert page.tags <= OURS
        assert not page.attributes & {"onerror", "href", "src", "onclick"}
        assert not set(page.text) & set("\u202e\u202d\u2066\0\x1b")

    def test_moments_are_told_in_local_time_and_utc_with_their_year(self) -> None:
        assert "23 Nov 2026 14:32:00 (2026-11-23 14:32:00 UTC)" in Tags(page_of(scene("read").facts)).text

    def test_it_becomes_a_document_of_several_sheets(self, app: QApplication, tmp_path: Path) -> None:
        target = tmp_path / "case.pdf"
        print_page(page_of(scene("stop").facts, b"x" * 60_000), target)
        content = target.read_bytes()
        assert content.startswith(b"%PDF-")
        assert content.count(b"/Type /Page\n") > 3


class Room:
    """The export dialog over a desk whose writing the test holds."""

    def __init__(self, spawned: Spawned, chosen: list[int], listed: int, *, fails: str = "") -> None:
        self.spawned = spawned
        self.asked: list[tuple[list[int], Path, str]] = []
        self.fails = fails
        self.halfway: Callable[[], None] = lambda: None
        self.dialog = ExportDialog(
            SimpleNamespace(exports=self),  # type: ignore[arg-type]
            spawned,
            chosen,
            array("q", range(listed, 0, -1)),
        )
        self.done: list[tuple[str, int]] = []
        self.dialog.exported.connect(lambda path, count: self.done.append((path, count)))
        self.dialog.show()

    async def write(
        self, rowids: Sequence[int], target: Path, form: str, progress: Callable[[int], None]
    ) -> int:
        self.asked.append((list(rowids), target, form))
        if self.fails:
            raise OSError(28, self.fails)
        progress(len(rowids) // 2)
        self.halfway()
        await asyncio.sleep(0)
        progress(len(rowids))
        return len(rowids)

    def find(self, kind: type[QWidget], name: str) -> QWidget:
        found = self.dialog.findChild(kind, name)
        assert isinstance(found, kind)
        return found

    def run(self) -> None:
        self.dialog.write(Path("/somewhere/x.csv"))
        self.spawned.settle()


class TestDialog:
    def test_several_chosen_ones_are_offered_first(self, app: QApplication, spawned: Spawned) -> None:
        room = Room(spawned, [5, 4], 900)
        these = room.find(QRadioButton, "exportChosen")
        assert isinstance(these, QRadioButton)
        assert these.isChecked()
        assert these.text() == "The 2 chosen messages"
        room.run()
        assert room.asked == [([5, 4], Path("/somewhere/x.csv"), "csv")]
        assert room.done == [("/somewhere/x.csv", 2)]
        assert not room.dialog.isVisible()

    def test_one_chosen_means_all_that_are_listed(self, app: QApplication, spawned: Spawned) -> None:
        room = Room(spawned, [5], 900)
        room.run()
        assert len(room.asked[0][0]) == 900

    def test_nothing_there_is_nothing_to_export(self, app: QApplication, spawned: Spawned) -> None:
        assert not Room(spawned, [], 0).find(QPushButton, "exportGo").isEnabled()

    def test_it_shows_how_far_it_is(self, app: QApplication, spawned: Spawned) -> None:
        room = Room(spawned, [], 1000)
        bar = room.find(QProgressBar, "exportProgress")
        assert isinstance(bar, QProgressBar)
        seen: list[tuple[int, bool]] = []
        room.halfway = lambda: seen.append((bar.value(), bar.isVisible()))
        room.run()
        assert seen == [(500, True)]

    def test_what_cannot_be_written_is_said_and_can_be_tried_elsewhere(
        self, app: QApplication, spawned: Spawned
    ) -> None:
        room = Room(spawned, [], 3, fails="No space left on device")
        room.run()
        note = room.find(QLabel, "exportNote")
        assert isinstance(note, QLabel)
        assert "No space left on device" in note.text()
        assert room.dialog.isVisible()
        room.fails = ""
        room.run()
        assert room.done

    def test_closing_gives_it_up(self, app: QApplication, spawned: Spawned) -> None:
        room = Room(spawned, [], 3)
        room.halfway = QApplication.closeAllWindows
        room.run()
        assert room.done == []

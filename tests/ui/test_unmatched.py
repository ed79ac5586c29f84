"""The tray of what belongs to no message: seen, assigned, set aside, brought back; counts in the bar."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtGui import QAction
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QTabWidget,
    QToolButton,
    QTreeWidget,
)

from console.cascade.facts import Verification
from console.desk.replies import Candidate, Pile, Unmatched
from console.ui.unmatched import UnmatchedDialog
from console.ui.unmatched_rules import number_text, unmatched_row
from console.ui.widgets import Notice
from console.ui.window import MainWindow
from tests.ui.compose_desk import ComposeDesk
from tests.ui.conftest import Spawned
from tests.ui.fake_desk import FakeDesk
from tests.ui.scenes import at, reply, report, scene

STRANGER = "19995550100"
BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def stranger(fact_id: str, text: str = "It is me", raw: bytes = b'{"a": 1}', **changes: object) -> Unmatched:
    fact = replace(reply(5, text), phone_number=STRANGER)
    values: dict[str, object] = {"at": at(5), "fact": fact, "raw": raw, "signature": None}
    return Unmatched(fact_id=fact_id, **{**values, **changes})  # type: ignore[arg-type]


class Tray:
    """The open dialog with its desk."""

    def __init__(self, app: QApplication, spawned: Spawned, desk: FakeDesk) -> None:
        self.app, self.spawned, self.desk = app, spawned, desk
        self.dialog = UnmatchedDialog(desk, spawned)  # type: ignore[arg-type]
        self.dialog.open()
        self.settle()

    def settle(self) -> None:
        self.spawned.settle()
        self.app.processEvents()

    def tree(self, name: str) -> QTreeWidget:
        found = self.dialog.findChild(QTreeWidget, name)
        assert isinstance(found, QTreeWidget)
        return found

    def rows(self, name: str = "unmatchedList") -> list[list[str]]:
        tree = self.tree(name)
        items = [tree.topLevelItem(n) for n in range(tree.topLevelItemCount())]
        return [[item.text(column) for column in range(3)] for item in items if item is not None]

    def choose(self, name: str, row: int) -> None:
        item = self.tree(name).topLevelItem(row)
        assert item is not None
        self.tree(name).setCurrentItem(item)
        self.settle()

    def button(self, name: str) -> QPushButton:
        found = self.dialog.findChild(QPushButton, name)
        assert isinstance(found, QPushButton)
        return found

    def press(self, name: str) -> None:
        assert self.button(name).isEnabled()
        self.button(name).click()
        self.settle()

    def look_at(self, pile: Pile) -> None:
        box = self.dialog.findChild(QComboBox, "unmatchedPile")
        assert isinstance(box, QComboBox)
        box.setCurrentIndex(box.findData(pile.value))
        self.settle()

    def label(self, name: str) -> str:
        found = self.dialog.findChild(QLabel, name)
        assert isinstance(found, QLabel)
        return found.text() if found.isVisible() else ""

    def page(self, name: str) -> str:
        tabs = [each for each in self.dialog.findChildren(QTabWidget) if each.isVisible()]
        found = tabs[0].findChild(QPlainTextEdit, name)
        assert isinstance(found, QPlainTextEdit)
        return found.toPlainText()


@pytest.fixture
def desk() -> FakeDesk:
    made = FakeDesk(now=at(600))
    made.replies.piles = {Pile.WAITING: [stranger("f1"), stranger("f2", "And me")]}
    made.replies.found = [
        Candidate(message_id="m1", to="12025550143", first_words="Your parcel", created_at=at(0)),
        Candidate(message_id="m2", to="12025550144", first_words="Another", created_at=at(1)),
    ]
    return made


@pytest.fixture
def tray(app: QApplication, spawned: Spawned, desk: FakeDesk) -> Iterator[Tray]:
    made = Tray(app, spawned, desk)
    yield made
    made.dialog.close()


def test_the_first_is_shown_with_its_bytes_and_its_number_is_searched(tray: Tray) -> None:
    assert [row[1:] for row in tray.rows()] == [["+19995550100", "It is me"], ["+19995550100", "And me"]]
    assert tray.page("evidenceExact") == '{"a": 1}'
    assert tray.desk.replies.did == [("candidates", STRANGER)]
    assert [row[1:] for row in tray.rows("candidateList")] == [
        ["+12025550143", "Your parcel"],
        ["+12025550144", "Another"],
    ]


def test_no_message_is_chosen_before_a_person_chooses_one(tray: Tray) -> None:
    tray.tree("candidateList").setFocus()
    tray.settle()
    assert not tray.button("assignButton").isEnabled()


def test_the_chosen_one_goes_to_the_chosen_message_and_the_next_is_shown(tray: Tray) -> None:
    tray.choose("candidateList", 1)
    tray.desk.replies.piles[Pile.WAITING] = [stranger("f2", "And me")]
    tray.press("assignButton")
    assert ("assign", "f1", "m2") in tray.desk.replies.did
    assert [row[2] for row in tray.rows()] == ["And me"]
    assert not tray.button("assignButton").isEnabled()


def test_what_cannot_be_assigned_is_told(tray: Tray) -> None:
    tray.desk.replies.may_assign = False
    tray.choose("candidateList", 0)
    tray.press("assignButton")
    notice = tray.dialog.findChild(Notice, "questionNotice")
    assert isinstance(notice, Notice)
    assert "could not be assigned" in notice.text.text()
    assert notice.isVisible()


def test_another_message_is_searched_as_it_is_typed(tray: Tray) -> None:
    search = tray.dialog.findChild(QLineEdit, "candidateSearch")
    assert isinstance(search, QLineEdit)
    tray.desk.replies.found = []
    typed = QSignalSpy(tray.dialog._typing.timeout)
    search.setText("parcel")
    assert typed.wait(5000)
    tray.settle()
    assert tray.desk.replies.did[-1] == ("candidates", "parcel")
    assert tray.rows("candidateList") == []
    assert tray.label("candidateListEmpty") == "No message found"
    assert not tray.button("assignButton").isEnabled()


def test_an_answer_to_an_earlier_search_does_not_replace_a_later_one(tray: Tray, spawned: Spawned) -> None:
    tray.dialog._look()
    tray.dialog._asked += 1  # a later search is under way
    tray.desk.replies.found = []
    spawned.settle()
    assert len(tray.rows("candidateList")) == 2


def test_set_aside_and_brought_back(tray: Tray) -> None:
    tray.press("dismissButton")
    assert tray.desk.replies.did[-1] == ("dismiss", "f1")
    tray.desk.replies.piles[Pile.DEALT] = [stranger("f1", dealt="dismissed")]
    tray.look_at(Pile.DEALT)
    assert not tray.button("dismissButton").isVisible()
    tray.press("restoreButton")
    assert tray.desk.replies.did[-1] == ("restore", "f1")


def test_what_was_assigned_stays(tray: Tray) -> None:
    tray.desk.replies.piles[Pile.DEALT] = [stranger("f1", dealt="assigned", message_id="m1")]
    tray.look_at(Pile.DEALT)
    assert tray.rows()[0][2] == "Assigned: It is me"
    for name in ("assignButton", "dismissButton", "restoreButton"):
        assert not tray.button(name).isVisible()


@pytest.mark.parametrize(
    ("pile", "said"),
    [
        (Pile.WAITING, "Nothing is waiting"),
        (Pile.REPORTS, "No reports without a message"),
        (Pile.DEALT, "Nothing here yet"),
    ],
)
def test_an_empty_pile_says_so_and_offers_nothing(tray: Tray, pile: Pile, said: str) -> None:
    tray.desk.replies.piles = {}
    tray.desk.replies.count(0, 0)
    tray.settle()
    tray.look_at(pile)
    assert tray.label("unmatchedListEmpty") == said
    assert not tray.button("assignButton").isVisible()


def test_what_comes_meanwhile_is_listed_and_the_chosen_one_stays_chosen(tray: Tray) -> None:
    tray.choose("unmatchedList", 1)
    tray.desk.replies.piles[Pile.WAITING].insert(0, stranger("f3", "Newest"))
    tray.desk.replies.count(0, 3)
    tray.settle()
    assert [row[2] for row in tray.rows()] == ["Newest", "It is me", "And me"]
    chosen = tray.tree("unmatchedList").selectedItems()
    assert [item.text(2) for item in chosen] == ["And me"]


def test_an_answer_that_comes_after_closing_harms_nobody(
    app: QApplication, spawned: Spawned, desk: FakeDesk
) -> None:
    dialog = UnmatchedDialog(desk, spawned)  # type: ignore[arg-type]
    dialog.open()
    dialog.close()
    QTest.qWait(0)
    spawned.settle()
    desk.replies.count(1, 1)
    assert desk.replies._watchers == []


def test_a_wrong_signature_is_told(tray: Tray) -> None:
    fact = replace(reply(5, "Pay here", verification=Verification.FAILED), phone_number=STRANGER)
    tray.desk.replies.piles[Pile.WAITING] = [stranger("f9", fact=fact)]
    tray.desk.replies.count(0, 1)
    tray.settle()
    assert "signature is wrong" in tray.label("unmatchedAbout")


def test_what_could_not_be_read_is_shown_byte_by_byte(tray: Tray) -> None:
    tray.desk.replies.piles[Pile.WAITING] = [stranger("f9", fact=None, raw=b"\xff\x00\x01")]
    tray.desk.replies.count(0, 1)
    tray.settle()
    assert tray.rows()[0][1:] == ["Unknown", "Could not be read"]
    assert "ff 00 01" in tray.page("evidenceExact")


HOSTILE = [
    "<b>bold</b><img src=x onerror=alert(1)>",
    BIDI + "evil",
    "line\n" * 10_000,
    "a\0b",
    "x" * 100_000,
    "👩‍👩‍👧‍👦" * 5_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=["html", "bidi", "lines", "nul", "word", "emoji"])
def test_hostile_words_stay_one_short_line_of_plain_text(tray: Tray, text: str) -> None:
    tray.desk.replies.piles[Pile.WAITING] = [stranger("f9", text, raw=text.encode())]
    tray.desk.replies.count(0, 1)
    tray.settle()
    shown = tray.rows()[0][2]
    assert len(shown) <= 120
    assert not set(shown) & set(BIDI + "\0\n")
    assert tray.dialog.width() == 980
    assert "\0" not in tray.page("evidenceExact")


@pytest.mark.parametrize("number", ["<b>1</b>", "\u202e123", "1" * 5000, "\0"])
def test_what_is_said_to_be_a_number_may_be_anything(number: str) -> None:
    shown = number_text(number)
    assert len(shown) <= 41
    assert not set(shown) & set(BIDI + "\0\n")


def test_a_report_is_told_by_its_code_and_words() -> None:
    fact = report(3, 3000)
    item = Unmatched(fact_id="f", at=at(3), fact=fact, raw=b"", signature=None)
    assert unmatched_row(item, at(5).astimezone()).what == "3000 Delivered"


# -- in the window -------------------------------------------------------------------------------


@pytest.fixture
def board() -> ComposeDesk:
    desk = ComposeDesk()
    desk.facts["m1"] = list(scene("replies").facts)
    desk.now = scene("replies").now
    return desk


@pytest.fixture
def window(app: QApplication, spawned: Spawned, board: ComposeDesk) -> MainWindow:
    made = MainWindow(spawned)
    made.attach(board)  # type: ignore[arg-type]
    made.show()
    spawned.settle()
    return made


def indicator(window: MainWindow, name: str) -> QToolButton:
    found = window.findChild(QToolButton, name)
    assert isinstance(found, QToolButton)
    return found


@pytest.mark.parametrize("name", ["unreadIndicator", "unmatchedIndicator"])
def test_a_count_is_there_only_where_there_is_something_to_count(
    window: MainWindow, board: ComposeDesk, name: str
) -> None:
    assert not indicator(window, name).isVisible()
    board.replies.count(3, 12)
    assert indicator(window, name).isVisible()
    board.replies.count(0, 0)
    assert not indicator(window, name).isVisible()


def test_the_counts_say_what_they_count(window: MainWindow, board: ComposeDesk) -> None:
    board.replies.count(3, 12)
    assert indicator(window, "unreadIndicator").text() == "3 unread"
    assert indicator(window, "unmatchedIndicator").text() == "12 unmatched"
    assert indicator(window, "unmatchedIndicator").accessibleName() == "Unmatched: 12 unmatched"


def test_the_unread_count_leads_to_the_reply_that_waited_longest(
    window: MainWindow, board: ComposeDesk, spawned: Spawned
) -> None:
    board.replies.first_unread = "m1"
    board.replies.count(1, 0)
    indicator(window, "unreadIndicator").click()
    spawned.settle()
    assert window.timeline._message_id == "m1"


def test_without_an_unread_reply_that_is_said(window: MainWindow, spawned: Spawned) -> None:
    action = window.findChild(QAction, "nextUnreadAction")
    assert isinstance(action, QAction)
    action.trigger()
    spawned.settle()
    said = [each.text.text() for each in window.notices.findChildren(Notice)]
    assert "Every reply was read." in said


def test_the_tray_opens_from_the_menu_and_from_the_count(
    window: MainWindow, board: ComposeDesk, spawned: Spawned
) -> None:
    action = window.findChild(QAction, "unmatchedAction")
    assert isinstance(action, QAction)
    board.replies.count(0, 1)
    for way in (action.trigger, indicator(window, "unmatchedIndicator").click):
        way()
        spawned.settle()
        (dialog,) = [each for each in window.findChildren(UnmatchedDialog) if each.isVisible()]
        assert dialog.isModal()
        dialog.close()
        assert not dialog.isVisible()


def test_before_there_is_a_desk_nothing_can_be_opened(app: QApplication, spawned: Spawned) -> None:
    made = MainWindow(spawned)
    for name in ("unmatchedAction", "optOutAction", "nextUnreadAction"):
        action = made.findChild(QAction, name)
        assert isinstance(action, QAction)
        assert not action.isEnabled()

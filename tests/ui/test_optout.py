"""Who is not to be written to: listed with what they said, removed only on purpose, entered by hand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QTreeWidget
from shiboken6 import isValid

from console.desk.replies import OptedOutNumber
from console.ui.optout import OptOutDialog
from console.ui.unmatched_rules import opted_out_row
from console.ui.window import MainWindow
from tests.ui.compose_desk import ComposeDesk
from tests.ui.conftest import Spawned
from tests.ui.fake_desk import FakeDesk
from tests.ui.scenes import at


def entry(number: str = "12025550143", text: str = "STOP", message_id: str | None = "m1") -> OptedOutNumber:
    return OptedOutNumber(number=number, at=at(0), text=text, channel="sms", message_id=message_id)


BY_HAND = OptedOutNumber(
    number="4915112345678", at=at(0), text="", channel=None, message_id=None, by_hand=True
)


class Stage:
    """The open dialog with its desk."""

    def __init__(self, app: QApplication, spawned: Spawned) -> None:
        self.app, self.spawned = app, spawned
        self.desk = FakeDesk(now=at(60))
        self.desk.replies.stopped = [entry(), BY_HAND]
        self.dialog = OptOutDialog(self.desk, spawned)  # type: ignore[arg-type]
        self.dialog.open()
        self.settle()

    def settle(self) -> None:
        self.spawned.settle()
        self.app.processEvents()

    @property
    def tree(self) -> QTreeWidget:
        found = self.dialog.findChild(QTreeWidget, "optOutList")
        assert isinstance(found, QTreeWidget)
        return found

    def rows(self) -> list[list[str]]:
        items = [self.tree.topLevelItem(n) for n in range(self.tree.topLevelItemCount())]
        return [[item.text(1), item.text(2)] for item in items if item is not None]

    def choose(self, row: int) -> None:
        item = self.tree.topLevelItem(row)
        assert item is not None
        self.tree.setCurrentItem(item)
        self.settle()

    def button(self, name: str) -> QPushButton:
        (found,) = [each for each in self.dialog.findChildren(QPushButton, name) if each.isVisible()]
        return found

    def press(self, name: str) -> None:
        assert self.button(name).isEnabled()
        self.button(name).click()
        self.settle()

    @property
    def edit(self) -> QLineEdit:
        found = self.dialog.findChild(QLineEdit, "optOutEdit")
        assert isinstance(found, QLineEdit)
        return found

    def label(self, name: str) -> str:
        found = self.dialog.findChild(QLabel, name)
        assert isinstance(found, QLabel)
        return found.text() if found.isVisible() else ""


@pytest.fixture
def stage(app: QApplication, spawned: Spawned) -> Iterator[Stage]:
    made = Stage(app, spawned)
    yield made
    if isValid(made.dialog):  # what was closed is gone
        made.dialog.close()


def test_who_and_by_what_is_listed(stage: Stage) -> None:
    assert stage.rows() == [["+12025550143", "“STOP” by SMS"], ["+4915112345678", "Entered by hand"]]


def test_nobody_is_taken_off_without_a_second_yes(stage: Stage) -> None:
    stage.press("optOutRemove")
    assert stage.desk.replies.did == []
    assert stage.button("questionNo").hasFocus()
    stage.press("questionNo")
    assert stage.desk.replies.did == []
    stage.press("optOutRemove")
    stage.desk.replies.stopped = [BY_HAND]
    stage.press("questionYes")
    assert stage.desk.replies.did == [("opt_in", "12025550143")]
    assert stage.rows() == [["+4915112345678", "Entered by hand"]]


def test_the_yes_is_for_the_number_that_was_asked_about(stage: Stage) -> None:
    stage.press("optOutRemove")
    stage.choose(1)
    stage.press("questionYes")
    assert stage.desk.replies.did == [("opt_in", "12025550143")]


def test_a_number_is_entered_by_hand_with_the_desks_country(stage: Stage) -> None:
    stage.desk.settings.default_country = "US"
    assert not stage.button("optOutAdd").isEnabled()
    stage.edit.setText("(202) 555-0199")
    QTest.keyClick(stage.edit, Qt.Key.Key_Return)
    stage.settle()
    assert stage.desk.replies.did == [("opt_out", "(202) 555-0199", "US")]
    assert stage.edit.text() == ""
    assert stage.dialog.isVisible()


@pytest.mark.parametrize("text", ["nobody", "<b>", "\u202e", "'; DROP TABLE opted_out"])
def test_what_is_no_number_stays_in_the_field_and_is_told(stage: Stage, text: str) -> None:
    stage.edit.setText(text)
    stage.press("optOutAdd")
    assert stage.edit.text() == text
    assert stage.label("optOutNote") == "This is not a number that can be written to."
    stage.edit.setText("+12025550143")
    assert stage.label("optOutNote") == ""


def test_the_message_behind_a_wish_is_shown_where_it_is_known(stage: Stage) -> None:
    wanted: list[str] = []
    stage.dialog.message_wanted.connect(wanted.append)
    stage.choose(1)
    assert not stage.button("optOutMessage").isEnabled()
    stage.choose(0)
    stage.press("optOutMessage")
    assert wanted == ["m1"]


def test_an_empty_list_says_so(stage: Stage) -> None:
    stage.desk.replies.stopped = []
    stage.desk.replies.count(0, 0)
    stage.settle()
    assert stage.label("optOutListEmpty") == "Nobody opted out"
    assert not stage.button("optOutRemove").isEnabled()


def test_who_says_stop_meanwhile_is_listed(stage: Stage) -> None:
    stage.desk.replies.stopped = [entry("38160123456"), *stage.desk.replies.stopped]
    stage.desk.replies.count(1, 0)
    stage.settle()
    assert stage.rows()[0][0] == "+38160123456"


@pytest.mark.parametrize("text", ["<b>x</b>\u202e" * 90, "stop\n" * 10_000, "a\0b", "x" * 100_000])
def test_hostile_words_stay_one_short_line_of_plain_text(text: str) -> None:
    shown = opted_out_row(entry(text=text), at(5).astimezone()).what
    assert len(shown) < 140
    assert not set(shown) & set("\0\n\u202e")


def test_the_list_opens_from_the_menu(app: QApplication, spawned: Spawned) -> None:
    window = MainWindow(spawned)
    window.attach(ComposeDesk())  # type: ignore[arg-type]
    action = window.findChild(QAction, "optOutAction")
    assert isinstance(action, QAction)
    action.trigger()
    spawned.settle()
    (dialog,) = window.findChildren(OptOutDialog)
    assert dialog.isModal()
    dialog.close()

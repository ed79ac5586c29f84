"""Templates in the form and in their window, worked by keys and by the names that outside tests use."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QDeadlineTimer, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QTreeWidget,
    QWidget,
)

from console.cascade.message import Draft
from console.cascade.templates import Template, checked
from console.journal.drafts import draft_from_json, draft_to_json
from console.ui.compose_template import TemplateField
from console.ui.template_window import TemplateDialog
from tests.ui.compose_desk import ComposeDesk
from tests.ui.conftest import Spawned
from tests.ui.fake_desk import FakeDesk
from tests.ui.test_compose import Form

PARCEL = checked("Parcel ready", "Parcels", "Hello {name}, parcel {order} is ready, {name}.", None)
VISIT = checked("Visit", "Visits", "We come at {time}.", "Visit at {time}. {time}!")
PLAIN = checked("Closing", "", "We close at 18:00.", None)
HOSTILE = "<b>x</b> \u202etxet\u202c " + "w" * 500 + "\n" * 300 + "👩‍👩‍👧"


@pytest.fixture
def form(app: QApplication, spawned: Spawned) -> Form:
    made = Form(spawned, ComposeDesk())
    made.desk.templates.put(PARCEL, VISIT, PLAIN)
    spawned.settle()
    return made


def combo(form: Form) -> QComboBox:
    return form.find(QComboBox, "templateCombo")


def choose(form: Form, typed: str) -> None:
    """Search and take with the keys alone."""
    line = combo(form).lineEdit()
    assert line is not None
    line.setFocus()
    line.clear()
    QTest.keyClicks(line, typed)
    popup = QApplication.activePopupWidget()
    if popup is not None:
        popup.close()
    QTest.keyClick(line, Qt.Key.Key_Return)
    form.spawned.settle()


def marked(edit: QPlainTextEdit) -> str:
    return edit.textCursor().selectedText()


class TestChoosing:
    def test_any_word_of_it_finds_it_and_enter_takes_it(self, form: Form) -> None:
        choose(form, "parcel is")
        assert form.viber.toPlainText() == PARCEL.viber_text
        assert form.sms.toPlainText() == PARCEL.viber_text
        assert form.follows.isChecked()
        assert form.desk.templates.uses == [PARCEL.key]

    def test_all_are_offered_by_name_and_category(self, form: Form) -> None:
        shown = [combo(form).itemText(place) for place in range(combo(form).count())]
        assert shown == ["Parcel ready · Parcels", "Visit · Visits", "Closing"]

    def test_an_sms_text_of_its_own_is_taken_too(self, form: Form) -> None:
        choose(form, "visit")
        assert not form.follows.isChecked()
        assert form.sms.toPlainText() == VISIT.sms_text

    def test_what_matches_nothing_says_so_and_changes_nothing(self, form: Form) -> None:
        form.viber.setPlainText("typed")
        choose(form, "zebra")
        assert form.viber.toPlainText() == "typed"
        assert "No template" in form.find(QLabel, "templateNote").text()

    def test_what_was_typed_comes_back_with_undo(self, form: Form) -> None:
        QTest.keyClicks(form.viber, "typed by hand")
        choose(form, "closing")
        assert "Ctrl+Z" in form.find(QLabel, "templateNote").text()
        form.viber.undo()
        assert form.viber.toPlainText() == "typed by hand"

    def test_new_templates_appear_without_taking_what_is_being_typed(self, form: Form) -> None:
        line = combo(form).lineEdit()
        assert line is not None
        line.setText("par")
        form.desk.templates.put(checked("Other", "", "x", None))
        form.spawned.settle()
        assert combo(form).count() == 4
        assert line.text() == "par"


class TestFilling:
    def test_the_first_field_is_selected_and_typing_replaces_it_everywhere(self, form: Form) -> None:
        choose(form, "parcel")
        assert form.viber.hasFocus()
        assert marked(form.viber) == "{name}"
        QTest.keyClicks(form.viber, "Ana")
        QTest.keyClick(form.viber, Qt.Key.Key_Tab)
        assert form.viber.toPlainText() == "Hello Ana, parcel {order} is ready, Ana."
        assert marked(form.viber) == "{order}"
        QTest.keyClicks(form.viber, "4711")
        QTest.keyClick(form.viber, Qt.Key.Key_Tab)
        assert not form.viber.hasFocus()
        assert form.viber.toPlainText() == "Hello Ana, parcel 4711 is ready, Ana."

    def test_an_open_field_blocks_sending_and_says_which(self, form: Form) -> None:
        form.to.setText("+12025550101")
        choose(form, "parcel")
        assert not form.send.isEnabled()
        assert "{name}" in form.find(QLabel, "sendReason").text()
        QTest.keyClicks(form.viber, "Ana")
        QTest.keyClick(form.viber, Qt.Key.Key_Tab)
        assert "{order}" in form.find(QLabel, "sendReason").text()
        QTest.keyClicks(form.viber, "4711")
        assert form.send.isEnabled()

    def test_shift_tab_goes_back_to_a_field_left_open(self, form: Form) -> None:
        choose(form, "parcel")
        QTest.keyClick(form.viber, Qt.Key.Key_Tab)
        assert marked(form.viber) == "{order}"
        QTest.keyClick(form.viber, Qt.Key.Key_Tab, Qt.KeyboardModifier.ShiftModifier)
        assert marked(form.viber) == "{name}"

    def test_a_field_of_both_texts_is_filled_in_both(self, form: Form) -> None:
        choose(form, "visit")
        QTest.keyClicks(form.viber, "14:30")
        QTest.keyClick(form.viber, Qt.Key.Key_Tab)
        assert form.sms.toPlainText() == "Visit at 14:30. 14:30!"

    def test_filling_writes_over_every_one_of_its_name(self, form: Form) -> None:
        form.desk.templates.put(checked("Letters", "", "{a} {b} {a}", None))
        form.spawned.settle()
        choose(form, "letters")
        QTest.keyClicks(form.viber, "{b}")
        QTest.keyClick(form.viber, Qt.Key.Key_Tab)
        assert form.viber.toPlainText() == "{b} {b} {b}"

    def test_emoji_before_a_field_do_not_shift_it(self, form: Form) -> None:
        form.desk.templates.put(checked("Emoji", "", "👩‍👩‍👧👍 {name} 👍 {order}", None))
        form.spawned.settle()
        choose(form, "emoji")
        assert marked(form.viber) == "{name}"
        QTest.keyClicks(form.viber, "Ana")
        QTest.keyClick(form.viber, Qt.Key.Key_Tab)
        assert marked(form.viber) == "{order}"
        assert form.viber.toPlainText() == "👩‍👩‍👧👍 Ana 👍 {order}"

    def test_undoing_a_filled_field_blocks_sending_again(self, form: Form) -> None:
        form.to.setText("+12025550101")
        choose(form, "visit")
        form.sms.setPlainText("Soon")
        QTest.keyClicks(form.viber, "8")
        assert form.send.isEnabled()
        while "{time}" not in form.viber.toPlainText():
            form.viber.undo()
        assert not form.send.isEnabled()

    def test_braces_typed_by_hand_are_no_field(self, form: Form) -> None:
        form.to.setText("+12025550101")
        form.viber.setPlainText("Use {name} here")
        assert form.send.isEnabled()

    def test_open_fields_survive_a_crash(self, form: Form) -> None:
        choose(form, "parcel")
        kept = draft_from_json(draft_to_json(form.pane.draft()))
        assert kept is not None
        form.pane.fill(Draft())
        form.pane.fill(kept)
        form.to.setText("+12025550101")
        assert not form.send.isEnabled()

    def test_nothing_stays_open_once_the_message_is_sent(self, form: Form) -> None:
        form.to.setText("+12025550101")
        choose(form, "visit")
        QTest.keyClicks(form.viber, "9")
        QTest.keyClick(form.viber, Qt.Key.Key_Tab)
        form.send.click()
        form.spawned.settle()
        assert form.desk.sends[0][0].sms_text == "Visit at 9. 9!"
        form.to.setText("+12025550101")
        form.viber.setPlainText("{time}")
        assert form.send.isEnabled()

    def test_hostile_templates_are_just_text(self, form: Form) -> None:
        form.desk.templates.put(checked("<i>Bad</i>", "&amp;", HOSTILE, None))
        form.spawned.settle()
        choose(form, "<i>bad")
        assert form.viber.toPlainText() == HOSTILE
        assert form.pane.width() <= 420


class Room:
    """The window of templates with its widgets by name."""

    def __init__(self, spawned: Spawned, desk: FakeDesk) -> None:
        self.spawned, self.desk = spawned, desk
        self.dialog = TemplateDialog(desk, spawned)  # type: ignore[arg-type]
        self.dialog.show()
        self.settle()

    def settle(self) -> None:
        self.spawned.settle()
        QApplication.processEvents()

    def find(self, kind: type[QWidget], name: str) -> QWidget:
        found = self.dialog.findChild(kind, name)
        assert isinstance(found, kind), name
        return found

    def press(self, name: str) -> None:
        button = self.find(QPushButton, name)
        assert isinstance(button, QPushButton)
        assert button.isEnabled(), name
        button.click()
        self.settle()

    def enabled(self, name: str) -> bool:
        return self.find(QPushButton, name).isEnabled()

    def write(self, name: str, viber: str, category: str = "", sms: str | None = None) -> None:
        self.line("templateName").setText(name)
        self.line("templateCategory").setText(category)
        self.text("templateViberText").setPlainText(viber)
        same = self.find(QCheckBox, "templateSmsSame")
        assert isinstance(same, QCheckBox)
        same.setChecked(sms is None)
        if sms is not None:
            self.text("templateSmsText").setPlainText(sms)

    def line(self, name: str) -> QLineEdit:
        found = self.find(QLineEdit, name)
        assert isinstance(found, QLineEdit)
        return found

    def text(self, name: str) -> QPlainTextEdit:
        found = self.find(QPlainTextEdit, name)
        assert isinstance(found, QPlainTextEdit)
        return found

    @property
    def tree(self) -> QTreeWidget:
        found = self.find(QTreeWidget, "templateList")
        assert isinstance(found, QTreeWidget)
        return found

    @property
    def listed(self) -> list[str]:
        items = [self.tree.topLevelItem(place) for place in range(self.tree.topLevelItemCount())]
        return [item.text(1) for item in items if item is not None]

    def wait_for(self, names: list[str]) -> None:
        """Until these are listed; the search waits for a pause in the typing."""
        deadline = QDeadlineTimer(5000)
        while self.listed != names and not deadline.hasExpired():
            QApplication.processEvents()
        assert self.listed == names

    def choose(self, name: str) -> None:
        (item,) = self.tree.findItems(name, Qt.MatchFlag.MatchExactly, 1)
        self.tree.setCurrentItem(item)
        self.settle()

    @property
    def said(self) -> str:
        shown = [each for each in self.dialog.findChildren(QWidget, "questionNotice") if each.isVisible()]
        return " ".join(found.text() for each in shown for found in each.findChildren(QLabel))


@pytest.fixture
def room(app: QApplication, spawned: Spawned) -> Room:
    desk = FakeDesk()
    desk.templates.put(PARCEL, VISIT, PLAIN)
    return Room(spawned, desk)


class TestWindow:
    def test_it_lists_by_category_and_shows_the_chosen_one(self, room: Room) -> None:
        assert room.listed == ["Closing", "Parcel ready", "Visit"]
        room.choose("Visit")
        assert room.text("templateSmsText").toPlainText() == VISIT.sms_text
        assert not room.enabled("templateSave")
        assert room.enabled("templateDelete")

    def test_a_new_one_is_written_checked_and_kept(self, room: Room) -> None:
        room.press("templateNew")
        room.write("", "Hello {name}")
        assert not room.enabled("templateSave")
        assert "name" in room.find(QWidget, "templateProblem").property("text")
        room.write("Greeting", "Hello {name}", "Talk")
        room.press("templateSave")
        assert room.desk.templates.kept["greeting"].fields == ("name",)
        assert "Greeting" in room.listed

    def test_a_name_that_is_taken_is_refused_where_it_is_typed(self, room: Room) -> None:
        room.press("templateNew")
        room.write("PARCEL ready", "x")
        room.press("templateSave")
        assert room.desk.templates.kept[PARCEL.key] == PARCEL
        assert "has this name" in room.find(QWidget, "templateProblem").property("text")

    def test_a_changed_one_takes_the_place_of_the_old(self, room: Room) -> None:
        room.choose("Visit")
        room.line("templateName").setText("House call")
        room.press("templateSave")
        assert sorted(room.listed) == ["Closing", "House call", "Parcel ready"]

    def test_choosing_another_asks_before_changes_are_lost(self, room: Room) -> None:
        room.choose("Visit")
        room.text("templateViberText").setPlainText("changed")
        room.choose("Closing")
        assert "not saved" in room.said
        assert room.text("templateViberText").toPlainText() == "changed"
        room.press("questionYes")
        assert room.text("templateViberText").toPlainText() == PLAIN.viber_text

    def test_deleting_asks_first(self, room: Room) -> None:
        room.choose("Visit")
        room.press("templateDelete")
        assert VISIT.key in room.desk.templates.kept
        room.press("questionYes")
        assert room.listed == ["Closing", "Parcel ready"]

    def test_a_copy_is_a_new_one(self, room: Room) -> None:
        room.choose("Visit")
        room.press("templateCopy")
        room.press("templateSave")
        assert room.desk.templates.kept["visit (copy)"].sms_text == VISIT.sms_text
        assert VISIT.key in room.desk.templates.kept

    def test_search_narrows_the_list_and_says_when_nothing_is_left(self, room: Room) -> None:
        room.line("templateSearch").setText("come at")
        room.wait_for(["Visit"])
        room.line("templateSearch").setText("zebra")
        room.wait_for([])

    def test_counts_follow_the_texts(self, room: Room) -> None:
        room.write("a", "{x} and {y}")
        assert "2 fields" in room.find(QLabel, "templateCounts").accessibleName()

    def test_a_draft_becomes_a_template(self, room: Room) -> None:
        room.dialog.begin_with(Draft(viber_text="Hi", sms_text="Ho", sms_follows=False))
        room.line("templateName").setText("From the form")
        room.press("templateSave")
        made = room.desk.templates.kept["from the form"]
        assert (made.viber_text, made.sms_text) == ("Hi", "Ho")

    def test_what_is_exported_is_imported_elsewhere_after_a_question(
        self, room: Room, spawned: Spawned, tmp_path: Path
    ) -> None:
        path = tmp_path / "templates.json"
        spawned(room.dialog.files.give_out(path))
        room.settle()
        assert "3 templates exported" in room.said
        other = Room(spawned, FakeDesk())
        spawned(other.dialog.files.bring_in(path))
        other.settle()
        assert "3 templates are new" in other.said
        assert other.listed == []
        other.press("questionYes")
        assert other.listed == ["Closing", "Parcel ready", "Visit"]
        shiboken6.delete(other.dialog)

    @pytest.mark.parametrize(
        "content",
        [b"", b"\0\0", b"{}", json.dumps({"format": "cascade-templates", "version": 9}).encode()],
        ids=range(4),
    )
    def test_a_file_that_is_none_changes_nothing_and_says_why(
        self, room: Room, spawned: Spawned, tmp_path: Path, content: bytes
    ) -> None:
        path = tmp_path / "bad.json"
        path.write_bytes(content)
        spawned(room.dialog.files.bring_in(path))
        room.settle()
        assert "Nothing was imported" in room.said
        assert len(room.listed) == 3

    def test_a_window_closed_while_a_file_is_read_stays_closed(
        self, room: Room, spawned: Spawned, tmp_path: Path
    ) -> None:
        path = tmp_path / "templates.json"
        spawned(room.dialog.files.give_out(path))
        spawned(room.dialog.files.bring_in(path))
        room.dialog.close()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        spawned.settle()
        assert path.exists()

    def test_paths_that_cannot_be_read_or_written_are_said(
        self, room: Room, spawned: Spawned, tmp_path: Path
    ) -> None:
        spawned(room.dialog.files.bring_in(tmp_path))
        room.settle()
        assert "cannot be read" in room.said
        spawned(room.dialog.files.give_out(tmp_path / "nowhere" / "file.json"))
        room.settle()
        assert "cannot be written" in room.said


def test_ten_thousand_templates_are_offered(app: QApplication, spawned: Spawned) -> None:
    desk = FakeDesk()
    desk.templates.put(*(Template(name=f"Template {n}", viber_text="Hello") for n in range(10_000)))
    field = TemplateField()
    field.attach(desk, spawned)  # type: ignore[arg-type]
    spawned.settle()
    assert field.combo.count() == 10_000
    assert "10,000" in field.combo.lineEdit().placeholderText().replace("10000", "10,000")  # type: ignore[union-attr]
    shiboken6.delete(field)

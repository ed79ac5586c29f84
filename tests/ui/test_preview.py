"""The previews: as the customer will see it, and nothing in a text is ever taken for HTML."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QApplication, QTextEdit

from console.cascade.sms import count_sms
from console.ui.preview import SmsPreview, ViberPreview


@pytest.fixture
def viber(app: QApplication) -> ViberPreview:
    return ViberPreview()


def shown(preview: ViberPreview | SmsPreview, name: str = "viberPreview") -> QTextEdit:
    found = preview.findChild(QTextEdit, name)
    assert isinstance(found, QTextEdit)
    return found


def style_at(edit: QTextEdit, place: int) -> tuple[bool, bool]:
    cursor = QTextCursor(edit.document())
    cursor.setPosition(place + 1)
    return cursor.charFormat().fontWeight() >= 600, cursor.charFormat().fontItalic()


def test_bold_and_italic_are_rendered_and_their_marks_are_gone(viber: ViberPreview) -> None:
    viber.show_text("plain *bold* _italic_")
    edit = shown(viber)
    assert edit.toPlainText() == "plain bold italic"
    assert style_at(edit, 0) == (False, False)
    assert style_at(edit, 6) == (True, False)
    assert style_at(edit, 11) == (False, True)


@pytest.mark.parametrize("text", ["<b>not bold</b>", "<img src=x>", "&amp; &lt;", "a < b > c"])
def test_html_in_a_text_is_text(viber: ViberPreview, text: str) -> None:
    viber.show_text(text)
    assert shown(viber).toPlainText() == text


def test_a_text_that_begins_in_hebrew_runs_from_the_right(viber: ViberPreview) -> None:
    viber.show_text("שלום Ana")
    assert shown(viber).document().defaultTextOption().textDirection() is Qt.LayoutDirection.RightToLeft
    viber.show_text("Ana שלום")
    assert shown(viber).document().defaultTextOption().textDirection() is Qt.LayoutDirection.LeftToRight


def test_no_text_is_no_bubble(viber: ViberPreview) -> None:
    viber.show_text("")
    assert viber.isHidden()


def test_each_segment_is_a_bubble_and_together_they_are_the_text(app: QApplication) -> None:
    preview = SmsPreview()
    text = "All work and no play makes a long text. " * 8
    count = count_sms(text)
    preview.show_count(count, enabled=True)
    assert len(count.segments) == 3
    parts = [shown(preview, f"smsSegment{n}").toPlainText() for n in (1, 2, 3)]
    assert "".join(parts) == text
    preview.show_count(count_sms("short"), enabled=True)
    assert not shown(preview, "smsSegment2").isVisibleTo(preview)


def test_sms_switched_off_has_no_preview(app: QApplication) -> None:
    preview = SmsPreview()
    preview.show_count(count_sms("short"), enabled=False)
    assert preview.isHidden()

"""A template from the list to the customer, with the keys alone."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPlainTextEdit, QPushButton

from console.app import Application
from console.cascade.templates import checked
from tests.e2e.conftest import until, widget

Play = Callable[..., None]


def test_a_template_is_found_filled_with_tab_and_sent(play: Play) -> None:
    async def story(application: Application) -> None:
        desk = application.desk
        assert desk is not None
        await desk.templates.save(checked("Ready", "Parcels", "Hello {name}, parcel {order} is here.", None))
        combo = widget(application, QComboBox, "templateCombo")
        await until(lambda: combo.count() == 1, "the template in the list")
        widget(application, QLineEdit, "recipientEdit").setText("+12025550101")
        line = combo.lineEdit()
        assert line is not None
        line.setFocus()
        line.setText("parcel")
        QTest.keyClick(line, Qt.Key.Key_Return)
        text = widget(application, QPlainTextEdit, "viberTextEdit")
        send = widget(application, QPushButton, "sendButton")
        reason = widget(application, QLabel, "sendReason")
        await until(lambda: "{name}" in reason.text(), "the reason")
        assert not send.isEnabled()
        QTest.keyClicks(text, "Ana")
        QTest.keyClick(text, Qt.Key.Key_Tab)
        QTest.keyClicks(text, "4711")
        await until(send.isEnabled, "Send becoming possible")
        send.click()
        outcome = widget(application, QLabel, "timelineOutcome")
        await until(lambda: outcome.text() in ("Delivered by Viber", "Read in Viber"), "delivery")

    play(story)

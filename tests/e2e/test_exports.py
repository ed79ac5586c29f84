"""Out of the whole window into files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QAbstractItemView, QLabel, QLineEdit, QPlainTextEdit, QPushButton, QSpinBox

from console.app import Application
from console.ui.export_dialog import ExportDialog
from tests.e2e.conftest import until, widget

Play = Callable[..., None]


def test_a_report_of_the_case_on_screen_and_an_export_of_the_list(play: Play, tmp_path: Path) -> None:
    async def story(application: Application) -> None:
        widget(application, QLineEdit, "recipientEdit").setText("+12025550103")
        widget(application, QPlainTextEdit, "viberTextEdit").setPlainText("<b>Your order</b> is ready.")
        widget(application, QSpinBox, "fallbackSecondsSpin").setValue(30)
        send = widget(application, QPushButton, "sendButton")
        await until(send.isEnabled, "Send becoming possible")
        send.click()
        outcome = widget(application, QLabel, "timelineOutcome")
        await until(lambda: outcome.text() == "Delivered by SMS", "delivery")
        window = application.window
        message_id = window.timeline.message_id
        assert message_id is not None
        page, sheet = tmp_path / "case.html", tmp_path / "case.pdf"
        window.exports.write_report(message_id, page)
        window.exports.write_report(message_id, sheet)
        await until(lambda: page.exists() and sheet.exists(), "both reports")
        told = page.read_text()
        assert "&lt;b&gt;Your order&lt;/b&gt;" in told
        assert "signature verified here" in told
        assert told.count("<pre>") >= 3
        assert sheet.read_bytes().startswith(b"%PDF-")

        view = widget(application, QAbstractItemView, "historyView")
        await until(lambda: view.model().rowCount() == 1, "the list")
        window.exports.export()
        dialog = widget(application, ExportDialog, "exportDialog")
        out = tmp_path / "all.json"
        dialog._form.setCurrentIndex(1)
        dialog.write(out)
        await until(out.exists, "the export")
        (message,) = json.loads(out.read_text())
        assert message["message_id"] == message_id
        assert message["outcome"] == "delivered"

    play(story)

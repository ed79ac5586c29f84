"""The recipient: spaced as typed, its country shown, what is wrong with it named."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from console.cascade.message import Checked, DraftField
from console.cascade.words import tr
from console.ui.compose_rules import note_for, retype
from console.ui.masking import shown
from console.ui.theme import SPACE
from console.ui.timeline_text import tip
from console.ui.widgets import FieldNote, label, name, restyle

_PATIENCE_MS = 700
"""How long a number may stand unfinished under the cursor before it is called wrong."""


class _NumberEdit(QLineEdit):
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "large")
        # Numbers run from left to right in every script.
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.setMaxLength(512)
        self._country = QLabel(self)
        self._country.setTextFormat(Qt.TextFormat.PlainText)
        self._country.setProperty("role", "caption")
        self._country.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._country.setObjectName("recipientCountry")
        self._country.hide()
        self._whole = ""

    def show_country(self, country: str) -> None:
        self._whole = country
        self._country.setVisible(bool(country))
        self._place()

    def _place(self) -> None:
        metrics, most = self._country.fontMetrics(), self.width() // 2
        shown = metrics.elidedText(self._whole, Qt.TextElideMode.ElideRight, most)
        self._country.setText(shown)
        # The pointer goes through the country to the field.
        self.setToolTip(tip(self._whole if shown != self._whole else self.accessibleDescription()))
        size = self._country.sizeHint()
        width = size.width() if shown else 0
        self._country.resize(width, size.height())
        self._country.move(self.width() - width - 3 * SPACE, (self.height() - self._country.height()) // 2)
        self.setTextMargins(0, 0, width + SPACE if width else 0, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.left.emit()


class RecipientField(QWidget):
    """Whom the message is for."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._region: str | None = None
        self._checked: Checked | None = None
        self.edit = _NumberEdit()
        name(
            self.edit,
            "recipientEdit",
            tr("To"),
            tr("The customer's phone number, with the country code. Paste it in any form."),
        )
        self.edit.setPlaceholderText(tr("Number with country code"))
        self._note = FieldNote("recipientNote", tr("About the number"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE + 2)
        column.addWidget(label(tr("To"), "label", buddy=self.edit))
        column.addWidget(self.edit)
        column.addWidget(self._note)
        self._patience = QTimer(self, singleShot=True, interval=_PATIENCE_MS)
        self._patience.timeout.connect(self._say)
        self.edit.textChanged.connect(self._respace)
        self.edit.left.connect(self._say)

    def set_region(self, region: str | None) -> None:
        """National numbers are of this region."""
        self._region = region

    def show_problems(self, checked: Checked) -> None:
        """Show the country at once; name a problem when the number can be thought finished."""
        self._checked = checked
        recipient = checked.recipient
        self.edit.show_country((recipient.country or "") if recipient else "")
        self.edit.setAccessibleDescription(
            tr("{number}, {country}", number=shown(recipient.formatted), country=recipient.country)
            if recipient and recipient.country
            else tr("The customer's phone number, with the country code. Paste it in any form.")
        )
        if not self.edit.hasFocus() or not note_for(checked, DraftField.TO).text:
            self._patience.stop()
            self._say()
        else:
            self._note.say("")
            restyle(self.edit, "tone", "")
            self._patience.start()

    def _say(self) -> None:
        if self._checked is None:
            return
        note = note_for(self._checked, DraftField.TO)
        typed = bool(self.edit.text().strip())
        self._note.say(note.text if typed else "", note.tone)
        restyle(self.edit, "tone", note.tone if typed else "")

    def _respace(self, text: str) -> None:
        typed = retype(text, self.edit.cursorPosition(), self._region)
        if typed.text != text:
            blocked = self.edit.blockSignals(True)
            self.edit.selectAll()
            self.edit.insert(typed.text)  # unlike setText, Undo can take it back
            self.edit.blockSignals(blocked)
            self.edit.setCursorPosition(typed.caret)
        self.changed.emit()

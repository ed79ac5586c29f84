"""Where the customer is answered."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from console.cascade.outcome import Timeline
from console.cascade.words import tr
from console.ui import theme
from console.ui.icons import icon
from console.ui.replies_rules import no_reply_reason, reply_caution
from console.ui.theme import BODY, SPACE
from console.ui.timeline_text import tip
from console.ui.widgets import FieldNote, name

_ANSWER_LIMIT: Final = 1000
_ANSWER_LINES: Final = 4


class AnswerEdit(QPlainTextEdit):
    """One line that grows to four; Ctrl+Enter sends."""

    submitted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setTabChangesFocus(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        needed = max(int(self.document().size().height()), 1)
        lines = min(needed, _ANSWER_LINES)
        off, on = Qt.ScrollBarPolicy.ScrollBarAlwaysOff, Qt.ScrollBarPolicy.ScrollBarAsNeeded
        self.setVerticalScrollBarPolicy(on if needed > _ANSWER_LINES else off)
        self.setFixedHeight(max(lines * QFontMetrics(theme.font(BODY)).lineSpacing() + 18, 34))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.submitted.emit()
            return
        super().keyPressEvent(event)


class AnswerBox(QWidget):
    """Where the customer is answered; says why where that is not possible."""

    answered = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._reason = no_reply_reason(None)
        self._busy = False
        self.edit = AnswerEdit()
        name(
            self.edit, "replyEdit", tr("Your answer"), tr("Answers the customer on Viber. Ctrl+Enter sends.")
        )
        self.button = QPushButton(tr("Reply"))
        self.button.setIcon(icon("reply"))
        self.button.setIconSize(QSize(16, 16))
        name(self.button, "replyButton", tr("Reply"))
        self._note = FieldNote("replyNote", tr("About answering"))
        line = QHBoxLayout()
        line.setSpacing(2 * SPACE)
        line.addWidget(self.edit, 1)
        line.addWidget(self.button, 0, Qt.AlignmentFlag.AlignBottom)
        column = QVBoxLayout(self)
        column.setContentsMargins(4 * SPACE, 2 * SPACE, 4 * SPACE, 3 * SPACE)
        column.setSpacing(SPACE)
        column.addLayout(line)
        column.addWidget(self._note)
        self.edit.textChanged.connect(self._update)
        self.edit.submitted.connect(self._submit)
        self.button.clicked.connect(self._submit)
        self._update()

    def show_timeline(self, timeline: Timeline | None) -> None:
        """Say whether this message can be answered."""
        self._reason = no_reply_reason(timeline)
        caution = "" if self._reason or timeline is None else reply_caution(timeline)
        self.say(caution, "warning" if caution else "")
        self._update()

    def set_busy(self, busy: bool) -> None:
        """While an answer is being journalled it cannot be sent twice."""
        self._busy = busy
        self._update()

    def say(self, text: str, tone: str) -> None:
        """One sentence under the answer."""
        self._note.say(text, tone)

    def clear(self) -> None:
        """Take the answer away, once it is safe."""
        self.edit.clear()

    def go(self) -> str:
        """Put the keyboard where the answer is written; why that cannot be, or empty."""
        if not self._reason:
            self.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)
        return self._reason

    @property
    def reason(self) -> str:
        """Why the button is disabled; empty if it is not."""
        if self._reason:
            return self._reason
        text = self.edit.toPlainText().strip()
        if not text:
            return tr("Write an answer first.")
        if len(text) > _ANSWER_LIMIT:
            return tr("{n} characters too many.", n=len(text) - _ANSWER_LIMIT)
        return tr("The answer is on its way.") if self._busy else ""

    def _update(self) -> None:
        reason = self.reason
        self.edit.setEnabled(not self._reason)
        hint = self._reason or tr("Answer the customer on Viber")
        self.edit.setPlaceholderText(hint)
        self.edit.setToolTip(tip(hint))  # a narrow pane cuts it off
        self.button.setEnabled(not reason)
        self.button.setToolTip(reason or tr("Send this answer (Ctrl+Enter)"))
        self.button.setAccessibleDescription(reason)

    def _submit(self) -> None:
        if not self.reason:
            self.answered.emit(self.edit.toPlainText().strip())

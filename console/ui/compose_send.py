"""The foot of the compose pane: Send, why it cannot, and the questions that come before or after it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout

from console.cascade.words import tr, trn
from console.ui.icons import icon
from console.ui.theme import SPACE
from console.ui.widgets import Notice, Sentence, label, name, restyle


class SendBar(QFrame):
    """Always visible below the form, whatever is scrolled above it."""

    send = Signal()
    confirmed = Signal()
    undo = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "footer")
        self._left = 0
        self.button = QPushButton(tr("Send"))
        self.button.setProperty("role", "primary")
        restyle(self.button, "size", "send")
        self.button.setIcon(icon("send", "accent_text"))
        self.button.setIconSize(QSize(18, 18))
        self.button.setToolTip(tr("Send (Ctrl+Enter)"))
        name(self.button, "sendButton", tr("Send"), tr("Ctrl+Enter"))
        self.button.clicked.connect(self.send)
        self._reason = Sentence("", "muted")
        name(self._reason, "sendReason", "")
        self._hint = label(tr("Ctrl+Enter"), "caption")
        self._hint.setObjectName("sendHint")

        self._question = Notice()
        self._question.setObjectName("confirmBanner")
        self.again = self._question.add_button(tr("Send anyway"), role="danger", object_name="confirmButton")
        self.again.clicked.connect(self._confirm)
        self._back = self._question.add_button(tr("Do not send"), object_name="cancelConfirmButton")
        self._back.clicked.connect(self.put_question_away)
        self._question.hide()

        self._sent = Notice()
        self._sent.setObjectName("undoBanner")
        take_back = self._sent.add_button(tr("Undo"), object_name="undoButton")
        take_back.setIcon(icon("undo"))
        take_back.clicked.connect(self._undo)
        self._sent.hide()
        self._second = QTimer(self, interval=1000)
        self._second.timeout.connect(self._count_down)

        self._trouble = Notice(closable=True)
        self._trouble.setObjectName("sendTrouble")
        self._trouble.name_close(tr("Close"))
        self._trouble.closed.connect(self._trouble.hide)
        self._trouble.hide()

        row = QHBoxLayout()
        row.setSpacing(3 * SPACE)
        row.addWidget(self._reason, 1)
        row.addWidget(self._hint)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignVCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(4 * SPACE, 3 * SPACE, 4 * SPACE, 3 * SPACE)
        column.setSpacing(2 * SPACE)
        for notice in (self._trouble, self._question, self._sent):
            column.addWidget(notice)
        column.addLayout(row)

    def show_reason(self, reason: str, *, busy: bool = False) -> None:
        """Send is possible if there is no reason against it."""
        self._reason.setText(reason)
        self._reason.setAccessibleName(reason or tr("Ready to send"))
        possible = not reason and not busy
        self.button.setEnabled(possible)
        self._hint.setVisible(possible)

    # -- before: a question -------------------------------------------------------------------

    def ask(self, sentence: str) -> None:
        """Ask before sending; nothing happens until a button is pressed, and the form stays usable."""
        self._trouble.hide()
        self._question.say(sentence, "warning")
        self._question.show()
        # Enter, pressed once too often, must not send a second message.
        self._back.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def asking(self) -> bool:
        return not self._question.isHidden()

    def put_question_away(self) -> None:
        """The question no longer stands."""
        self._question.hide()

    def _confirm(self) -> None:
        self._question.hide()
        self.confirmed.emit()

    # -- after: a moment to change one's mind -------------------------------------------------

    def offer_undo(self, seconds: int) -> None:
        """Offer to take the message back for this long."""
        self._left = seconds
        self._show_left()
        self._sent.show()
        self._second.start()

    def withdraw_offer(self) -> None:
        """Too late to take it back, or done."""
        self._second.stop()
        self._sent.hide()

    def _undo(self) -> None:
        self.withdraw_offer()
        self.undo.emit()

    def _count_down(self) -> None:
        self._left -= 1
        if self._left <= 0:
            self.withdraw_offer()
        else:
            self._show_left()

    def _show_left(self) -> None:
        self._sent.say(
            trn("Sending in {n} second.", "Sending in {n} seconds.", self._left),
            "active",
        )

    # -- trouble ------------------------------------------------------------------------------

    def complain(self, sentence: str) -> None:
        """Sending was not possible; everything typed is still in the form."""
        self._trouble.say(sentence, "bad")
        self._trouble.show()

    def forget_trouble(self) -> None:
        self._trouble.hide()

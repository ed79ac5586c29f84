"""The two texts of a message: what Viber shows, and what SMS says if Viber does not deliver."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QResizeEvent, QTextCursor
from PySide6.QtWidgets import (
    QCheckBox,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from console.cascade.message import Checked, DraftField
from console.cascade.sms import SmsCount, count_sms, simplify
from console.cascade.viber import count_viber
from console.cascade.words import tr
from console.ui.compose_encoding import EncodingHelp, Marks
from console.ui.compose_rules import (
    Suggestion,
    note_for,
    right_to_left,
    sms_counter,
    viber_counter,
    viber_counter_detail,
)
from console.ui.flow import FlowLayout
from console.ui.theme import SPACE
from console.ui.widgets import FieldNote, IconLabel, Sentence, Switch, label, name, restyle

_MOST_LINES = 9


class MessageEdit(QPlainTextEdit):
    """A plain text field that grows with its text, runs the way its script runs, and lets Tab leave."""

    left = Signal()
    """The keyboard went elsewhere."""

    def __init__(self, least_lines: int) -> None:
        super().__init__()
        self.walk: Callable[[MessageEdit, int, bool], bool] = lambda _edit, _step, _entering: False
        """Asked where Tab (1) or Shift+Tab (-1) goes, also when it comes in; ``False``: elsewhere."""
        self._least_lines = least_lines
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(4)
        self._right_to_left = False
        self.textChanged.connect(self._turn)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self._fit()

    def _turn(self) -> None:
        turned = right_to_left(self.toPlainText())
        if turned == self._right_to_left:
            return
        self._right_to_left = turned
        option = self.document().defaultTextOption()
        direction = Qt.LayoutDirection.RightToLeft if turned else Qt.LayoutDirection.LeftToRight
        option.setTextDirection(direction)
        option.setAlignment(Qt.AlignmentFlag.AlignLeading)
        self.document().setDefaultTextOption(option)

    def _fit(self) -> None:
        # A plain text document measures its height in lines.
        lines = min(max(round(self.document().size().height()), self._least_lines), _MOST_LINES)
        around = 2 * round(self.document().documentMargin()) + 2 * self.frameWidth() + 2 * SPACE
        height = lines * self.fontMetrics().lineSpacing() + around
        if height != self.minimumHeight():
            self.setFixedHeight(height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def focusNextPrevChild(self, forward: bool) -> bool:
        return self.walk(self, 1 if forward else -1, False) or super().focusNextPrevChild(forward)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        step = {Qt.FocusReason.TabFocusReason: 1, Qt.FocusReason.BacktabFocusReason: -1}.get(event.reason())
        if step is not None:
            self.walk(self, step, True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.left.emit()

    def replace_all(self, text: str) -> None:
        """Change the whole text as one step that Undo takes back."""
        cursor = QTextCursor(self.document())
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(text)


class ViberField(QWidget):
    """The Viber text with its counter."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.edit = MessageEdit(least_lines=3)
        name(
            self.edit,
            "viberTextEdit",
            tr("Viber text"),
            tr("Up to 1000 characters. Write *bold* or _italic_ as in Viber."),
        )
        self.edit.setPlaceholderText(tr("What the customer reads in Viber"))
        self._counter = label("", "caption")
        name(self._counter, "viberCounter", "")
        self.marks = Marks(self.edit.document(), encoding=False)
        self._note = FieldNote("viberNote", tr("About the Viber text"))

        head = FlowLayout(SPACE + 2)
        head.addWidget(IconLabel("viber", "viber", 18))
        head.addWidget(label(tr("Viber"), "label", buddy=self.edit))
        head.turn()
        head.addWidget(self._counter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE + 2)
        column.addLayout(head)
        column.addWidget(self.edit)
        column.addWidget(self._note)
        self.edit.textChanged.connect(self._count)
        self.edit.textChanged.connect(self.changed)
        self._count()

    def _count(self) -> None:
        count = count_viber(self.edit.toPlainText())
        text, detail = viber_counter(count), viber_counter_detail(count)
        self._counter.setText(text)
        self._counter.setToolTip(detail)
        self._counter.setAccessibleName(text)
        self._counter.setAccessibleDescription(detail)
        restyle(self._counter, "tone", "bad" if count.over else "warning" if count.doubtful else "")

    def show_problems(self, checked: Checked) -> None:
        """Name what is wrong with what was typed; an empty field is not nagged about here."""
        note = note_for(checked, DraftField.VIBER_TEXT)
        typed = bool(self.edit.toPlainText())
        self._note.say(note.text if typed else "", note.tone)
        restyle(self.edit, "tone", note.tone if typed else "")


class SmsField(QWidget):
    """The SMS text: on or off, following the Viber text or its own, with encoding and segments live."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._own = ""
        """What the agent wrote as SMS, kept while the text follows again."""
        self._shown = ""
        self._viber = ""
        self._mirroring = False
        self._count = count_sms("")

        self.enabled = Switch(tr("SMS fallback"))
        self.enabled.setChecked(True)
        name(
            self.enabled,
            "smsEnabledCheck",
            tr("SMS fallback"),
            tr("Send SMS if Viber does not deliver. Off: Viber only."),
        )
        self.follows = QCheckBox(tr("Same as Viber"))
        self.follows.setChecked(True)
        name(
            self.follows,
            "smsFollowsCheck",
            tr("SMS text same as Viber"),
            tr("The SMS text follows the Viber text until you edit it."),
        )
        self.edit = MessageEdit(least_lines=2)
        name(self.edit, "smsTextEdit", tr("SMS text"), tr("Editing it stops following the Viber text."))
        self.edit.setPlaceholderText(tr("The same text as in Viber"))
        self._counter = Sentence("", "caption")
        self._counter.setAlignment(Qt.AlignmentFlag.AlignTrailing)
        name(self._counter, "smsCounter", "")
        self._note = FieldNote("smsNote", tr("About the SMS text"))
        self._encoding = EncodingHelp()
        self._encoding.replace_one.connect(self._replace_one)
        self._encoding.replace_every.connect(self._replace_every)

        head = FlowLayout(SPACE + 2)
        head.addWidget(IconLabel("sms", "sms", 18))
        head.addWidget(self.enabled)
        head.turn()
        head.addWidget(self.follows)
        body = QVBoxLayout()
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(SPACE + 2)
        body.addWidget(self.edit)
        body.addWidget(self._counter)
        body.addWidget(self._note)
        body.addWidget(self._encoding)
        self._body = QWidget()
        self._body.setLayout(body)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        column.addLayout(head)
        column.addWidget(self._body)

        self.marks = Marks(self.edit.document(), encoding=True)
        self.enabled.toggled.connect(self._switch)
        self.follows.toggled.connect(self._follow)
        self.edit.textChanged.connect(self._edited)
        restyle(self.edit, "following", "true")
        self._show_count()

    # -- values -----------------------------------------------------------------------------

    @property
    def own_text(self) -> str:
        """What the agent wrote as SMS, in use or not."""
        return self._own if self.follows.isChecked() else self.edit.toPlainText()

    @property
    def count(self) -> SmsCount:
        """Encoding and segments of what stands in the field."""
        return self._count

    def set_values(self, viber_text: str, own_text: str, *, enabled: bool, follows: bool) -> None:
        """Show the SMS part of a draft."""
        self.enabled.setChecked(enabled)
        self.follows.setChecked(follows)
        self._viber, self._own = viber_text, own_text
        self._body.setVisible(enabled)
        self.follows.setVisible(enabled)
        restyle(self.edit, "following", "true" if follows else "false")
        self._put(viber_text if follows else own_text)

    def follow(self, viber_text: str) -> None:
        """The Viber text is now this."""
        self._viber = viber_text
        if self.follows.isChecked():
            self._put(viber_text)

    def use_template(self, viber_text: str, sms_text: str | None) -> None:
        """Take over a template's texts; ``None``: SMS says what Viber says. Undo brings back what was."""
        self._viber = viber_text
        if sms_text is None:
            self.follows.setChecked(True)
            self._put(viber_text)
        elif sms_text != self.edit.toPlainText() or self.follows.isChecked():
            self.follows.setChecked(False)
            self.edit.replace_all(sms_text)

    def show_problems(self, checked: Checked) -> None:
        """Name what is wrong with the SMS text."""
        note = note_for(checked, DraftField.SMS_TEXT)
        self._note.say(note.text, note.tone)
        restyle(self.edit, "tone", note.tone)

    # -- what happens -----------------------------------------------------------------------

    def _put(self, text: str) -> None:
        if text == self.edit.toPlainText():
            return
        self._mirroring = True
        self.edit.setPlainText(text)
        self._mirroring = False

    def _edited(self) -> None:
        text = self.edit.toPlainText()
        if text == self._shown:
            return  # another font or theme, which Qt calls a change of text
        self._shown = text
        self._show_count()
        if self._mirroring:
            return
        if self.follows.isChecked():
            self._own = self.edit.toPlainText()
            self.follows.setChecked(False)  # says so itself
            return
        self.changed.emit()

    def _follow(self, follows: bool) -> None:
        restyle(self.edit, "following", "true" if follows else "false")
        if follows:
            self._own = self.edit.toPlainText()
            self._put(self._viber)
        elif self._own:
            self._put(self._own)
        self.changed.emit()

    def _switch(self, on: bool) -> None:
        self._body.setVisible(on)
        self.follows.setVisible(on)
        self.changed.emit()

    def _replace_one(self, suggestion: Suggestion) -> None:
        self.edit.replace_all(self.edit.toPlainText().replace(suggestion.character, suggestion.instead))

    def _replace_every(self) -> None:
        self.edit.replace_all(simplify(self.edit.toPlainText()))

    # -- what is shown ------------------------------------------------------------------------

    def _show_count(self) -> None:
        self._count = count_sms(self.edit.toPlainText())
        text = sms_counter(self._count)
        self._counter.setText(text)
        self._counter.setAccessibleName(text)
        restyle(self._counter, "tone", "warning" if self._count.encoding == "UCS-2" else "")
        self._encoding.show_count(self._count)

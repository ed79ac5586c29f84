"""The rest of a draft: kind, two-way conversation, and what is rarely needed, folded away."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from console.cascade.facts import MessageType
from console.cascade.message import LIFECYCLE_EVENTS, Checked, Draft, DraftField
from console.cascade.words import tr
from console.ui.compose_rules import note_for, uses_advanced, uses_two_way
from console.ui.theme import SPACE
from console.ui.widgets import FieldNote, Foldout, Sentence, label, name, restyle, yielding, yielding_check


class KindField(QWidget):
    """Why the message is sent, as Telesign wants to know it."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.combo = QComboBox()
        for kind, text in (
            (MessageType.ARN, tr("Alert or reminder")),
            (MessageType.MKT, tr("Marketing")),
            (MessageType.OTP, tr("One-time password")),
        ):
            self.combo.addItem(tr("{text} ({kind})", text=text, kind=kind), kind)
        name(self.combo, "messageTypeCombo", tr("Kind"), tr("The purpose of the message."))
        yielding(self.combo)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(3 * SPACE)
        row.addWidget(label(tr("Kind"), "label", buddy=self.combo))
        row.addWidget(self.combo, 1)
        self.combo.currentIndexChanged.connect(self.changed)

    @property
    def kind(self) -> MessageType:
        return MessageType(self.combo.currentData())

    def set_kind(self, kind: MessageType) -> None:
        self.combo.setCurrentIndex(self.combo.findData(kind))


class TwoWayField(QWidget):
    """Whether the customer's answer is wanted, and how it is matched."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.check = yielding_check(tr("Two-way: match the customer's answers"))
        name(
            self.check,
            "twoWayCheck",
            tr("Two-way"),
            tr("The customer's answers come back with your reply id."),
        )
        self.reply_id = QLineEdit()
        name(
            self.reply_id,
            "replyIdEdit",
            tr("Reply id"),
            tr("Comes back with every answer, for example a ticket number."),
        )
        self.reply_id.setPlaceholderText(tr("For example a ticket number"))
        self.session = yielding_check(tr("Part of a conversation the customer began"))
        name(
            self.session,
            "sessionCheck",
            tr("Session text"),
            tr("Sends with the template text_session: possible only while a conversation is open."),
        )
        self._note = FieldNote("replyIdNote", tr("About the reply id"))
        self._more = QWidget()
        more = QVBoxLayout(self._more)
        more.setContentsMargins(6 * SPACE, 0, 0, 0)
        more.setSpacing(SPACE + 2)
        more.addWidget(Sentence(tr("Reply id"), "label", buddy=self.reply_id))
        more.addWidget(self.reply_id)
        more.addWidget(self._note)
        more.addWidget(self.session)
        self._more.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE + 2)
        column.addWidget(self.check)
        column.addWidget(self._more)
        self.check.toggled.connect(self._more.setVisible)
        self.check.toggled.connect(self.changed)
        self.reply_id.textChanged.connect(self.changed)
        self.session.toggled.connect(self.changed)

    def set_values(self, draft: Draft) -> None:
        self.check.setChecked(uses_two_way(draft))
        self.reply_id.setText(draft.reply_id)
        self.session.setChecked(draft.session)

    def show_problems(self, checked: Checked) -> None:
        note = note_for(checked, DraftField.REPLY_ID)
        self._note.say(note.text if self.reply_id.text() else "", note.tone)


class AdvancedFields(QWidget):
    """What few messages need. Only what is filled in is sent."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._edits: dict[DraftField, QLineEdit] = {}
        self._notes: dict[DraftField, FieldNote] = {}
        grid = QVBoxLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(SPACE + 2)
        self.lifecycle = QComboBox()
        for field, object_name, title, hint in (
            (DraftField.SENDER_ID, "senderIdEdit", tr("Sender id"), tr("The account's own if left empty")),
            (DraftField.EXTERNAL_ID, "externalIdEdit", tr("Your own id"), tr("Made for you if left empty")),
            (DraftField.CALLBACK_URL, "callbackUrlEdit", tr("Callback URL"), "https://…"),
            (DraftField.ORIGINATING_IP, "originatingIpEdit", tr("Customer's IP address"), "203.0.113.7"),
        ):
            edit = QLineEdit()
            edit.setPlaceholderText(hint)
            name(edit, object_name, title, hint)
            note = FieldNote(object_name.replace("Edit", "Note"), title)
            if self._edits:
                grid.addSpacing(SPACE)
            self._edits[field], self._notes[field] = edit, note
            edit.textChanged.connect(self.changed)
            grid.addWidget(Sentence(title, "label", buddy=edit))
            grid.addWidget(edit)
            grid.addWidget(note)
        name(self.lifecycle, "lifecycleCombo", tr("Lifecycle event"), tr("What the customer is doing."))
        self.lifecycle.addItem(tr("Not given"), "")
        for event in LIFECYCLE_EVENTS:
            self.lifecycle.addItem(event, event)
        self.lifecycle.currentIndexChanged.connect(self.changed)
        grid.addSpacing(SPACE)
        grid.addWidget(Sentence(tr("Lifecycle event"), "label", buddy=self.lifecycle))
        grid.addWidget(self.lifecycle)
        content = QWidget()
        content.setLayout(grid)
        self.fold = Foldout(tr("Advanced"), "advancedButton", content)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.fold)

    def value(self, field: DraftField) -> str:
        """What stands in one field."""
        return self._edits[field].text()

    def set_values(self, draft: Draft) -> None:
        self._edits[DraftField.SENDER_ID].setText(draft.sender_id)
        self._edits[DraftField.EXTERNAL_ID].setText(draft.external_id)
        self._edits[DraftField.CALLBACK_URL].setText(draft.callback_url)
        self._edits[DraftField.ORIGINATING_IP].setText(draft.originating_ip)
        if draft.lifecycle_event and self.lifecycle.findData(draft.lifecycle_event) < 0:
            self.lifecycle.addItem(draft.lifecycle_event, draft.lifecycle_event)
        self.lifecycle.setCurrentIndex(self.lifecycle.findData(draft.lifecycle_event))
        if uses_advanced(draft):
            self.fold.unfold()

    def show_problems(self, checked: Checked) -> None:
        for field, shown in self._notes.items():
            note = note_for(checked, field)
            shown.say(note.text, note.tone)
            restyle(self._edits[field], "tone", note.tone)
            if note.tone == "bad":
                self.fold.unfold()

"""Who is not to be written to: since when and by which message; entered and removed by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from console.cascade.words import tr
from console.ui.deeds import Spawn
from console.ui.rows import RowList
from console.ui.theme import SPACE
from console.ui.timeline_actions import Question
from console.ui.unmatched_rules import number_text, opted_out_row
from console.ui.widgets import FieldNote, dialog_button, label, name

if TYPE_CHECKING:
    from console.desk.desk import Desk
    from console.desk.replies import OptedOutNumber


class OptOutDialog(QDialog):
    """Follows the list of ``desk`` while it is open. Use ``open()``."""

    message_wanted = Signal(str)
    """The agent wants to see the message a wish answered."""

    def __init__(self, desk: Desk, spawn: Spawn, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Opted out"))
        name(self, "optOutDialog", tr("Opted out"))
        self.resize(700, 520)
        self._desk = desk
        self._spawn = spawn
        self._entries: dict[str, OptedOutNumber] = {}
        self._open = True
        self._list = RowList(
            "optOutList",
            tr("Numbers that are not to be written to"),
            (tr("Since"), tr("Number"), tr("By")),
            "check-circle",
        )
        self._list.say_empty(tr("Nobody opted out"), tr("Who answers STOP is listed here by itself."))
        self._question = Question()
        self._edit = QLineEdit()
        self._edit.setMaxLength(100)
        self._edit.setPlaceholderText(tr("Number, with country code"))
        name(self._edit, "optOutEdit", tr("Number to enter by hand"))
        self._note = FieldNote("optOutNote", tr("About the number"))
        self._add = dialog_button("optOutAdd", tr("&Add"), "plus")
        self._remove = dialog_button("optOutRemove", tr("&Remove…"), "trash")
        self._show = dialog_button("optOutMessage", tr("Show the &message"), "external")
        self._lay_out()
        self._list.chosen.connect(self._update)
        self._edit.textChanged.connect(self._typed)
        self._edit.returnPressed.connect(self._enter)
        self._add.clicked.connect(self._enter)
        self._remove.clicked.connect(self._ask)
        self._show.clicked.connect(self._want_message)
        unwatch = desk.replies.watch(self._read)
        self.finished.connect(unwatch)
        self.finished.connect(self._ended)
        self._typed()
        self._update()
        self._read()

    def _lay_out(self) -> None:
        entry = QHBoxLayout()
        entry.setSpacing(2 * SPACE)
        entry.addWidget(self._edit, 1)
        entry.addWidget(self._add)
        foot = QHBoxLayout()
        foot.setSpacing(2 * SPACE)
        foot.addWidget(self._remove)
        foot.addWidget(self._show)
        foot.addStretch(1)
        close = dialog_button("optOutClose", tr("Close"), "close")
        close.clicked.connect(self.close)
        foot.addWidget(close)
        hint = label(
            tr("A message to one of these numbers is sent only if you insist. START takes a number off."),
            "muted",
        )
        hint.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(6 * SPACE, 5 * SPACE, 6 * SPACE, 5 * SPACE)
        column.setSpacing(3 * SPACE)
        column.addWidget(label(tr("Opted out"), "title"))
        column.addWidget(hint)
        column.addLayout(entry)
        column.addWidget(self._note)
        column.addWidget(self._question)
        column.addWidget(self._list, 1)
        column.addLayout(foot)

    def _ended(self) -> None:
        self._open = False

    # -- the list ---------------------------------------------------------------------------

    def _read(self) -> None:
        self._spawn(self._bring())

    async def _bring(self) -> None:
        found = await self._desk.replies.opted_out()
        if self._open:
            self._entries = {each.number: each for each in found}
            now = self._desk.clock().astimezone()
            self._list.show_rows([(each.number, opted_out_row(each, now)) for each in found])

    @property
    def _chosen(self) -> OptedOutNumber | None:
        return self._entries.get(self._list.key or "")

    def _update(self) -> None:
        chosen = self._chosen
        self._remove.setEnabled(chosen is not None)
        self._show.setEnabled(chosen is not None and chosen.message_id is not None)

    def _want_message(self) -> None:
        chosen = self._chosen
        if chosen is not None and chosen.message_id is not None:
            self.message_wanted.emit(chosen.message_id)
            self.close()

    # -- removing -------------------------------------------------------------------------------

    def _ask(self) -> None:
        chosen = self._chosen
        if chosen is None:
            return
        who = number_text(chosen.number)
        text = (
            tr("{number} was entered by hand. Allow messages to it again?", number=who)
            if chosen.by_hand
            else tr("{number} asked not to be written to. Allow messages to it again?", number=who)
        )
        self._question.ask(text, tr("Remove"), lambda: self._spawn(self._opt_in(chosen.number)))

    async def _opt_in(self, number: str) -> None:
        await self._desk.replies.opt_in(number)
        if self._open:
            await self._bring()

    # -- entering -------------------------------------------------------------------------------

    def _typed(self) -> None:
        self._note.say("")
        self._add.setEnabled(bool(self._edit.text().strip()))

    def _enter(self) -> None:
        if self._add.isEnabled():
            self._add.setEnabled(False)
            self._spawn(self._opt_out(self._edit.text()))

    async def _opt_out(self, text: str) -> None:
        number = await self._desk.replies.opt_out(text, self._desk.settings.default_country or None)
        if not self._open:
            return
        if number is None:
            self._note.say(tr("This is not a number that can be written to."), "bad")
            self._add.setEnabled(True)
            return
        if self._edit.text() == text:
            self._edit.clear()
        await self._bring()

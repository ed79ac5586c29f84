"""Taking messages out: which, in what form, where to; then how far it is."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from console.cascade.words import tr, trn
from console.ui.deeds import Spawn
from console.ui.icons import icon
from console.ui.theme import SPACE
from console.ui.widgets import FieldNote, label, name

if TYPE_CHECKING:
    from console.desk.desk import Desk

_SHOWN_EVERY: Final = 100
"""Messages between two moves of the bar."""


class ExportDialog(QDialog):
    """Asks, then writes while the window lives on. Use ``open()``.

    Args:
        chosen: row ids of the messages chosen in the history.
        listed: row ids of all that fit its filters.
    """

    exported = Signal(str, int)
    """A file is whole: its path, and how many messages stand in it."""

    def __init__(
        self,
        desk: Desk,
        spawn: Spawn,
        chosen: Sequence[int],
        listed: array[int],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Export"))
        name(self, "exportDialog", tr("Export messages"))
        self.setMinimumWidth(440)
        self._desk = desk
        self._spawn = spawn
        self._chosen = list(chosen)
        self._listed = listed
        self._work: asyncio.Task[int] | None = None
        self._open = True
        self._make()
        self._lay_out()
        self.finished.connect(self._ended)

    def _make(self) -> None:
        few, many = len(self._chosen), len(self._listed)
        self._these = QRadioButton(trn("The {n} chosen message", "The {n} chosen messages", few))
        name(self._these, "exportChosen", self._these.text())
        self._these.setEnabled(few > 0)
        self._all = QRadioButton(trn("The {n} listed message", "All {n} listed messages", many))
        name(self._all, "exportListed", self._all.text())
        self._all.setEnabled(many > 0)
        (self._these if few > 1 or not many else self._all).setChecked(True)
        self._form = QComboBox()
        name(self._form, "exportForm", tr("Form of the file"))
        for text, form in (
            (tr("Spreadsheet (CSV)"), "csv"),
            (tr("Everything, for programs (JSON)"), "json"),
            (tr("Table for reading (HTML)"), "html"),
        ):
            self._form.addItem(text, form)
        self._note = FieldNote("exportNote", tr("About the file"))
        self._note.say(tr("Numbers and texts stand in the file whole, whoever opens it."))
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        name(self._bar, "exportProgress", tr("How far it is"))
        self._bar.hide()
        self._go = QPushButton(tr("&Export…"))
        self._go.setProperty("role", "primary")
        self._go.setIcon(icon("external", "accent_text"))
        self._go.setDefault(True)
        name(self._go, "exportGo", tr("Export"))
        self._go.setEnabled(few + many > 0)
        self._go.clicked.connect(self._ask_where)
        self._leave = QPushButton(tr("Cancel"))
        self._leave.setAutoDefault(False)
        name(self._leave, "exportCancel", tr("Cancel"))
        self._leave.clicked.connect(self.close)

    def _lay_out(self) -> None:
        foot = QHBoxLayout()
        foot.setSpacing(2 * SPACE)
        foot.addStretch(1)
        foot.addWidget(self._leave)
        foot.addWidget(self._go)
        column = QVBoxLayout(self)
        column.setContentsMargins(6 * SPACE, 5 * SPACE, 6 * SPACE, 5 * SPACE)
        column.setSpacing(3 * SPACE)
        column.addWidget(label(tr("Export messages"), "title"))
        column.addWidget(self._these)
        column.addWidget(self._all)
        column.addWidget(self._form)
        column.addWidget(self._note)
        column.addWidget(self._bar)
        column.addLayout(foot)

    def _ask_where(self) -> None:
        form = str(self._form.currentData())
        dialog = QFileDialog(self, tr("Export messages"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(form)
        dialog.setNameFilter(f"{self._form.currentText()} (*.{form})")
        dialog.selectFile(f"cascade-messages.{form}")
        dialog.fileSelected.connect(lambda path: self.write(Path(path)))
        dialog.open()

    def write(self, target: Path) -> None:
        """Write the file now."""
        rowids = self._chosen if self._these.isChecked() else self._listed
        for part in (self._these, self._all, self._form, self._go):
            part.setEnabled(False)
        self._bar.setRange(0, max(len(rowids), 1))
        self._bar.setValue(0)
        self._bar.show()
        self._spawn(self._write(rowids, target, str(self._form.currentData())))

    async def _write(self, rowids: Sequence[int], target: Path, form: str) -> None:
        self._work = asyncio.ensure_future(self._desk.exports.write(rowids, target, form, self._moved))
        try:
            count = await self._work
        except asyncio.CancelledError:
            return
        except OSError as error:
            self._failed(error.strerror or str(error))
            return
        if self._open:
            self.exported.emit(str(target), count)
            self.close()

    def _moved(self, done: int) -> None:
        if self._open and (done - self._bar.value() >= _SHOWN_EVERY or done == self._bar.maximum()):
            self._bar.setValue(done)

    def _failed(self, reason: str) -> None:
        if not self._open:
            return
        self._bar.hide()
        self._these.setEnabled(bool(self._chosen))
        self._all.setEnabled(bool(self._listed))
        self._form.setEnabled(True)
        self._go.setEnabled(True)
        self._note.say(
            tr("The file could not be written ({reason}). Choose another place.", reason=reason), "bad"
        )

    def _ended(self) -> None:
        self._open = False
        if self._work is not None:
            self._work.cancel()

"""The list of the history: rows of one height, days told apart, several chosen at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QKeyEvent, QKeySequence, QPalette
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QMenu, QTableView

from console.cascade.words import tr
from console.ui import theme
from console.ui.history_delegate import ROW_HEIGHT, HistoryDelegate
from console.ui.history_model import HistoryModel, RowRole
from console.ui.icons import icon
from console.ui.masking import masking
from console.ui.widgets import name

if TYPE_CHECKING:
    from console.desk.values import HistoryRow


class HistoryView(QTableView):
    """Rows of one height: a list or a tree view takes a tenth of a second to insert one among 100,000."""

    reuse_wanted = Signal()
    export_wanted = Signal()
    report_wanted = Signal()
    search_wanted = Signal(str)
    """The agent types a letter or digit: it belongs into the search."""

    def __init__(self, model: HistoryModel, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self._model = model
        name(
            self,
            "historyView",
            tr("Messages sent from here"),
            tr("Newest first. Up and down show a message; Enter takes it as a new draft."),
        )
        self.setModel(model)
        self.setItemDelegate(HistoryDelegate(self, clock))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalScrollBar().setSingleStep(ROW_HEIGHT // 2)
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setMinimumSectionSize(ROW_HEIGHT)
        rows.setDefaultSectionSize(ROW_HEIGHT)
        theme.theme_changed.connect(self.viewport().update)
        masking.changed.connect(self.viewport().update)
        # The delegate paints the selection; a table view would paint a bar behind it.
        plain = self.palette()
        plain.setColor(QPalette.ColorRole.Highlight, Qt.GlobalColor.transparent)
        self.setPalette(plain)

    def chosen_rowids(self) -> list[int]:
        """The row ids of all chosen messages, newest first."""
        places: set[int] = set()
        chosen = self.selectionModel().selection()
        for part in (chosen.at(number) for number in range(chosen.count())):
            places.update(range(part.top(), part.bottom() + 1))
        return [self._model.rowid(place) for place in sorted(places)]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.reuse_wanted.emit()
            return
        if event.matches(QKeySequence.StandardKey.Copy):
            self._copy_number()
            return
        typed = event.text()
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier)
        if plain and (typed.isalnum() or typed == "+"):
            self.search_wanted.emit(typed)
            return
        super().keyPressEvent(event)

    def _copy_number(self) -> None:
        row: HistoryRow | None = self.currentIndex().data(RowRole)
        if row is not None:
            QGuiApplication.clipboard().setText(f"+{row.to}")

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.currentIndex().data(RowRole) is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(icon("pencil"), tr("Use as new draft")).triggered.connect(self.reuse_wanted)
        menu.addAction(icon("copy"), tr("Copy number")).triggered.connect(self._copy_number)
        menu.addSeparator()
        menu.addAction(icon("external"), tr("Export…")).triggered.connect(self.export_wanted)
        menu.addAction(icon("external"), tr("Report of this case…")).triggered.connect(self.report_wanted)
        where = event.globalPos()
        if event.reason() is QContextMenuEvent.Reason.Keyboard:  # under the row, not under the mouse
            where = self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).center())
        menu.popup(where)

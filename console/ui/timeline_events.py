"""The list of events: a model of rows that read as text, and the delegate that paints them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QGuiApplication,
    QKeySequence,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QMenu,
)

from console.cascade.outcome import Event
from console.cascade.words import tr
from console.ui import theme
from console.ui.icons import icon
from console.ui.timeline_row import EventDelegate, Index, RowRole
from console.ui.timeline_rules import Row, event_tip, row_of
from console.ui.timeline_text import tip
from console.ui.widgets import name

_LEAST: Final = 68
"""Room for the newest line: the pane of a window 800 pixels high then needs no second scroll bar."""


class EventModel(QAbstractListModel):
    """The rows of one timeline."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self._clock = clock
        self._rows: list[Row] = []

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return row.text
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(event_tip(row.event, self._clock()))
        return row if role == RowRole else None

    def row(self, place: int) -> Row:
        """The row at ``place``."""
        return self._rows[place]

    def show_events(self, events: Sequence[Event]) -> None:
        """Show ``events``; rows that are still there keep selection and place."""
        now = self._clock()
        wanted = [row_of(event, now) for event in events]
        have = [row.key for row in self._rows]
        keys = [row.key for row in wanted]
        if keys[: len(have)] == have:
            self._refresh(wanted[: len(have)])
            if len(wanted) > len(have):
                self.beginInsertRows(QModelIndex(), len(have), len(wanted) - 1)
                self._rows += wanted[len(have) :]
                self.endInsertRows()
        elif _is_part(have, keys):
            self._insert_missing(wanted)
        else:
            self.beginResetModel()
            self._rows = wanted
            self.endResetModel()

    def _refresh(self, rows: Sequence[Row]) -> None:
        for place, row in enumerate(rows):
            if row != self._rows[place]:
                self._rows[place] = row
                index = self.index(place)
                self.dataChanged.emit(index, index)

    def _insert_missing(self, wanted: Sequence[Row]) -> None:
        """A late report takes its place in the middle."""
        for place, row in enumerate(wanted):
            if place >= len(self._rows) or self._rows[place].key != row.key:
                self.beginInsertRows(QModelIndex(), place, place)
                self._rows.insert(place, row)
                self.endInsertRows()
        self._refresh(wanted)


def _is_part(part: Sequence[str], whole: Sequence[str]) -> bool:
    """Whether ``part`` stands in ``whole`` in the same order."""
    rest = iter(whole)
    return all(key in rest for key in part)


class EventView(QListView):
    """The list itself: Enter shows the evidence, Ctrl+C copies the line, the menu does both."""

    evidence_wanted = Signal(object)

    def __init__(self, model: EventModel) -> None:
        super().__init__()
        self._model = model
        name(
            self,
            "timelineView",
            tr("What happened to this message"),
            tr("One line an event. Enter shows the raw evidence of a line."),
        )
        self.setModel(model)
        delegate = EventDelegate(self)
        delegate.evidence_wanted.connect(self.evidence_wanted)
        self.setItemDelegate(delegate)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.verticalScrollBar().setSingleStep(24)
        self._at_end = True
        bar = self.verticalScrollBar()
        bar.valueChanged.connect(self._scrolled)
        bar.rangeChanged.connect(self._grown)
        self.activated.connect(lambda index: self.evidence_wanted.emit(model.row(index.row()).event))
        theme.theme_changed.connect(self.scheduleDelayedItemsLayout)
        copy = QAction(tr("Copy line"), self)
        copy.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        copy.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        copy.triggered.connect(self._copy_line)
        self.addAction(copy)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.scheduleDelayedItemsLayout()

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), _LEAST)

    def minimumSizeHint(self) -> QSize:
        # It takes what is left; on a low window the pane around it scrolls.
        return QSize(super().minimumSizeHint().width(), _LEAST)

    def follow(self) -> None:
        """Keep the newest line in sight until somebody scrolls away from it."""
        self._at_end = True
        self.executeDelayedItemsLayout()
        self.verticalScrollBar().setValue(self._end())

    def _end(self) -> int:
        """Where the newest line is in sight; of one that is higher than the list, its beginning."""
        hidden = self.sizeHintForRow(self._model.rowCount() - 1) - self.viewport().height()
        return self.verticalScrollBar().maximum() - max(hidden, 0)

    def _scrolled(self, value: int) -> None:
        self._at_end = value >= self._end() - 4

    def _grown(self, low: int, high: int) -> None:  # noqa: ARG002 - Qt's signal
        if self._at_end:
            self.verticalScrollBar().setValue(self._end())

    def current_event(self) -> Event | None:
        """The event the keyboard is on."""
        index = self.currentIndex()
        return self._model.row(index.row()).event if index.isValid() else None

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() is not QContextMenuEvent.Reason.Keyboard:
            index = self.indexAt(event.pos())
            if not index.isValid():
                return
            self.setCurrentIndex(index)
        at = self.current_event()
        if at is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        raw = menu.addAction(icon("code"), tr("Show the raw evidence"))
        raw.triggered.connect(lambda: self.evidence_wanted.emit(at))
        line = menu.addAction(icon("copy"), tr("Copy line"))
        line.triggered.connect(self._copy_line)
        if at.reference_id:
            reference = menu.addAction(icon("copy"), tr("Copy reference id"))
            reference.triggered.connect(lambda: QGuiApplication.clipboard().setText(at.reference_id or ""))
        menu.popup(event.globalPos())

    def _copy_line(self) -> None:
        index = self.currentIndex()
        if index.isValid():
            QGuiApplication.clipboard().setText(self._model.row(index.row()).text)

"""Every message ever sent here, newest first: find one, select it, reuse it."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from console.cascade.words import tr, trn
from console.ui.deeds import Spawn
from console.ui.history_delegate import ROW_HEIGHT
from console.ui.history_filters import HistoryFilters
from console.ui.history_finding import Finder
from console.ui.history_model import HistoryModel, RowRole
from console.ui.history_rules import day_heading, emptiness
from console.ui.history_view import HistoryView
from console.ui.icons import icon
from console.ui.theme import SPACE
from console.ui.widgets import IconLabel, label, name

if TYPE_CHECKING:
    from console.desk.desk import Desk
    from console.desk.values import Change, HistoryRow


_AGE_MS: Final = 30_000
_FILTER_MS: Final = 400
"""How often a filtered list is read again while messages change."""


class HistoryPane(QWidget):
    """The list with its search and filter; live, without losing place or selection."""

    selected = Signal(str)
    """A message was chosen by the agent."""
    reuse = Signal(str)
    """A message should become a new draft."""
    export_wanted = Signal()
    """What is chosen, or what fits the filters, should go into a file."""
    report_wanted = Signal()
    """The message on screen should become a report."""

    def __init__(self, spawn: Spawn) -> None:
        super().__init__()
        self.setProperty("role", "pane")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        name(self, "historyPane", tr("History"))
        self._spawn = spawn
        self._desk: Desk | None = None
        self._unwatch: Callable[[], None] | None = None
        self._finder = Finder(spawn, self)
        self._changed_ids: set[str] = set()
        self._added = False
        self._quiet = False
        self._wanted_message: str | None = None
        self._above = 0
        """Messages that came above what is being read."""
        self._model = HistoryModel(self._now)
        self._model.wanted.connect(self._read_rows)
        self._view = HistoryView(self._model, self._now)
        self._filters = HistoryFilters(self._now)
        self._today = self._now().date()
        self._make_parts()
        self._lay_out()
        self._connect()

    # -- building ---------------------------------------------------------------------------

    def _make_parts(self) -> None:
        self._count = label("", "caption")
        self._count.setObjectName("historyCount")
        self._day = label("", "caption")
        name(self._day, "historyDay", "")
        self._newer = QPushButton(self)
        self._newer.setIcon(icon("chevron-up", "accent_text"))
        self._newer.setProperty("role", "primary")
        name(self._newer, "historyNewer", "")
        self._newer.hide()
        self._empty_title = label("", "subtitle")
        self._empty_hint = label("", "muted")
        self._empty_hint.setWordWrap(True)
        self._show_all = QPushButton(tr("Show all messages"))
        name(self._show_all, "historyShowAll", self._show_all.text())

    def _lay_out(self) -> None:
        heading = QHBoxLayout()
        heading.addWidget(label(tr("History"), "subtitle"))
        heading.addStretch(1)
        heading.addWidget(self._count)
        tools = QVBoxLayout()
        tools.setContentsMargins(4 * SPACE, 5 * SPACE, 4 * SPACE, 2 * SPACE)
        tools.setSpacing(2 * SPACE)
        tools.addLayout(heading)
        tools.addWidget(self._filters)
        tools.addWidget(self._day)

        empty = QWidget()
        said = QVBoxLayout(empty)
        said.setContentsMargins(6 * SPACE, 0, 6 * SPACE, 0)
        said.setSpacing(SPACE)
        said.addStretch(2)
        said.addWidget(IconLabel("inbox", "text_faint", 32), 0, Qt.AlignmentFlag.AlignHCenter)
        for part in (self._empty_title, self._empty_hint):
            part.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            said.addWidget(part)
        said.addSpacing(2 * SPACE)
        said.addWidget(self._show_all, 0, Qt.AlignmentFlag.AlignHCenter)
        said.addStretch(3)

        self._empty = empty
        self._stack = QStackedLayout()
        self._stack.addWidget(empty)
        self._stack.addWidget(self._view)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(tools)
        column.addLayout(self._stack, 1)
        self.setMinimumWidth(240)
        self._show_emptiness()

    def _connect(self) -> None:
        self._filters.changed.connect(self._ask_anew)
        self._filters.search.installEventFilter(self)
        self._show_all.clicked.connect(self._filters.clear)
        self._newer.clicked.connect(self._go_to_top)
        self._filtered = QTimer(self)
        self._filtered.setSingleShot(True)
        self._filtered.setInterval(_FILTER_MS)
        self._filtered.timeout.connect(self._finder.refresh)
        self._settle = QTimer(self)  # however many changes arrive in one turn, one frame shows them
        self._settle.setSingleShot(True)
        self._settle.setInterval(16)
        self._settle.timeout.connect(self._take_changes)
        self._ages = QTimer(self)
        self._ages.setInterval(_AGE_MS)
        self._ages.timeout.connect(self._minute_passed)
        self._view.selectionModel().currentRowChanged.connect(self._current_changed)
        self._view.reuse_wanted.connect(self._reuse_current)
        self._view.doubleClicked.connect(lambda _: self._reuse_current())
        self._view.search_wanted.connect(self._search_for)
        self._view.export_wanted.connect(self.export_wanted)
        self._view.report_wanted.connect(self.report_wanted)
        self._view.verticalScrollBar().valueChanged.connect(self._scrolled)
        self._model.dataChanged.connect(self._show_day)

    # -- reading ----------------------------------------------------------------------------

    def attach(self, desk: Desk) -> None:
        """Show the messages of ``desk`` from now on."""
        if self._unwatch is not None:
            self._unwatch()
        self._desk = desk
        self._finder.attach(desk)
        self._unwatch = desk.watch(self._changed)
        self._ask_anew()

    def select(self, message_id: str) -> None:
        """Select a message without saying so by :attr:`selected`; waits for it if it is not there yet."""
        self._wanted_message = message_id
        self._select_wanted()

    def _ask_anew(self) -> None:
        self._finder.ask(self._filters.query)

    # -- what was found ---------------------------------------------------------------------

    def put_on_top(self, head: array[int]) -> bool:
        """Add the new ones of the newest; whether that was possible."""
        scroll = self._view.verticalScrollBar()
        before, rows = scroll.value(), self._model.rowCount()
        if not self._model.put_on_top(head):
            return False
        added = self._model.rowCount() - rows
        if added and before > 0:  # keep what is being read where it is
            scroll.setValue(before + added * ROW_HEIGHT)
            self._show_newer(self._above + added)
        return True

    def _show_newer(self, above: int) -> None:
        """Offer the way up to messages that came while something further down is being read."""
        self._above = above
        self._newer.setVisible(above > 0)
        if above > 0:
            text = trn("{n} new message", "{n} new messages", above)
            self._newer.setText(text)
            self._newer.setAccessibleName(text)
            self._place_newer()

    def _place_newer(self) -> None:
        self._newer.adjustSize()
        at = self._view.geometry()
        self._newer.move(at.center().x() - self._newer.width() // 2, at.top() + 2 * SPACE)
        self._newer.raise_()

    def _go_to_top(self) -> None:
        self._view.scrollToTop()
        self._view.setFocus(Qt.FocusReason.OtherFocusReason)

    def _scrolled(self, value: int) -> None:
        if value < ROW_HEIGHT:
            self._show_newer(0)
        self._show_day()

    def _show_day(self) -> None:
        """Which day the topmost row belongs to."""
        place = self._view.rowAt(0)
        row: HistoryRow | None = self._model.index(place, 0).data(RowRole) if place >= 0 else None
        text = day_heading(row.created_at, self._now()) if row is not None else ""
        if text != self._day.text():
            self._day.setText(text)
            self._day.setAccessibleName(text)

    def _minute_passed(self) -> None:
        self._view.viewport().update()
        today = self._now().date()
        if today != self._today:
            self._today = today
            self._show_day()
            if self._filters.depends_on_today:
                self._ask_anew()

    def _search_for(self, typed: str) -> None:
        search = self._filters.search
        search.setFocus(Qt.FocusReason.OtherFocusReason)
        search.setText(typed)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_newer()

    async def read_missing(self, desk: Desk, ids: array[int]) -> None:
        """Have those of these rows read that have not been."""
        missing = [rowid for rowid in ids if not self._model.knows(rowid)]
        if missing:
            await self._bring_rows(desk, missing)

    def show_first(self, ids: array[int]) -> None:
        """Show these until all are known, unless that would take away what is chosen."""
        index = self._view.currentIndex()
        if not (index.isValid() and self._model.rowid(index.row()) not in ids):
            self.show_all(ids)
            self._count.setText("")
            self._stack.setCurrentWidget(self._view)

    def done(self) -> None:
        """Nothing is being looked for any more."""
        self._show_count()
        self._select_wanted()

    def show_all(self, ids: array[int]) -> None:
        """Show exactly these; what is chosen stays so where it stays."""
        index = self._view.currentIndex()
        rowid = self._model.rowid(index.row()) if index.isValid() else None
        scroll = self._view.verticalScrollBar()
        offset = scroll.value() - index.row() * ROW_HEIGHT if index.isValid() else 0
        self._quiet = True
        try:
            self._model.replace(ids)
            self._show_newer(0)
            place = self._model.place_of(rowid) if rowid is not None else None
            if place is not None and not self._view.currentIndex().isValid():
                self._view.setCurrentIndex(self._model.index(place, 0))
                scroll.setValue(place * ROW_HEIGHT + offset)
        finally:
            self._quiet = False

    def _read_rows(self, rowids: list[int]) -> None:
        if self._desk is not None:
            self._spawn(self._bring_rows(self._desk, rowids))

    async def _bring_rows(self, desk: Desk, rowids: list[int]) -> None:
        rows = await desk.history_rows(rowids)
        self._model.give(rowids, rows)
        self._select_wanted()

    # -- live -------------------------------------------------------------------------------

    def _changed(self, change: Change) -> None:
        self._changed_ids |= change.message_ids
        if not (change.message_ids or change.history_changed):
            return
        self._added = self._added or change.history_changed
        if not self._settle.isActive():
            self._settle.start()
        if self._finder.query.narrowed and not self._filtered.isActive():
            self._filtered.start()  # any change of state may bring a message in or take one out

    def _take_changes(self) -> None:
        stale = self._model.messages_changed(self._changed_ids)
        self._changed_ids = set()
        shown = self._rows_on_screen()
        self._model.forget(rowid for rowid in stale if rowid not in shown)
        visible = [rowid for rowid in stale if rowid in shown]
        if visible:
            self._read_rows(visible)
        if self._added and not self._finder.query.narrowed:
            self._finder.refresh()
        self._added = False

    def _rows_on_screen(self) -> set[int]:
        first = self._view.rowAt(0)
        if first < 0:
            return set()
        last = self._view.rowAt(self._view.viewport().height() - 1)
        last = self._model.rowCount() - 1 if last < 0 else last
        return {self._model.rowid(place) for place in range(first, last + 1)}

    def _select_wanted(self) -> None:
        if self._wanted_message is None:
            return
        rowid = self._model.rowid_of(self._wanted_message)
        place = self._model.place_of(rowid) if rowid is not None else None
        if place is None:
            # A message just sent is the newest: have the first rows read, so that it is recognised.
            if self._model.rowCount():
                self._model.message_id(0)
            return
        self._wanted_message = None
        self._quiet = True
        try:
            self._view.setCurrentIndex(self._model.index(place, 0))
        finally:
            self._quiet = False

    # -- what is shown ------------------------------------------------------------------------

    def _show_count(self) -> None:
        rows = self._model.rowCount()
        self._count.setText(trn("{n} message", "{n} messages", rows) if rows else "")
        self._show_emptiness()
        self._stack.setCurrentWidget(self._view if rows else self._empty)
        self._day.setVisible(rows > 0)
        self._show_day()

    def _show_emptiness(self) -> None:
        query = self._finder.query
        title, hint = emptiness(query.search, narrowed=query.narrowed)
        self._show_all.setVisible(query.narrowed)
        self._empty_title.setText(title)
        self._empty_hint.setText(hint)

    def _now(self) -> datetime:
        return (self._desk.clock() if self._desk is not None else datetime.now(UTC)).astimezone()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ages.start()

    def hideEvent(self, event: QHideEvent) -> None:
        self._ages.stop()
        super().hideEvent(event)

    # -- the agent's hands ----------------------------------------------------------------------

    def _current_changed(self, current: QModelIndex, previous: QModelIndex) -> None:  # noqa: ARG002
        if self._quiet or not current.isValid():
            return
        self._wanted_message = None
        message_id = self._model.message_id(current.row())
        if message_id is not None:
            self.selected.emit(message_id)
        elif self._desk is not None:
            self._spawn(self._select_unread(self._desk, self._model.rowid(current.row())))

    async def _select_unread(self, desk: Desk, rowid: int) -> None:
        """A row was chosen before it was read: a jump to the end of a long list."""
        rows = await desk.history_rows([rowid])
        self._model.give([rowid], rows)
        index = self._view.currentIndex()
        if rows and index.isValid() and self._model.rowid(index.row()) == rowid:
            self.selected.emit(rows[0].message_id)

    def chosen(self) -> list[int]:
        """The row ids of the chosen messages, newest first."""
        return self._view.chosen_rowids()

    def listed(self) -> array[int]:
        """The row ids of all messages that fit the filters, newest first."""
        return self._model.ids_newest_first()

    def _reuse_current(self) -> None:
        index = self._view.currentIndex()
        message_id = self._model.message_id(index.row()) if index.isValid() else None
        if message_id is not None:
            self.reuse.emit(message_id)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        search = self._filters.search
        if watched is search and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Down and self._model.rowCount():
                self._view.setFocus(Qt.FocusReason.OtherFocusReason)
                if not self._view.currentIndex().isValid():
                    self._view.setCurrentIndex(self._model.index(0, 0))
                return True
            if event.key() == Qt.Key.Key_Escape and search.text():
                search.clear()
                return True
        return super().eventFilter(watched, event)

"""What narrows the history: search, state, and behind one button channel, time and unread replies."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QDate, QTimer, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDateEdit,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from console.cascade.speech import channel_name
from console.cascade.words import tr
from console.desk.values import HistoryQuery
from console.ui.history_rules import FILTER_CHANNELS, Period, choices, period_name, span_of
from console.ui.icons import icon
from console.ui.theme import SPACE
from console.ui.widgets import label, name, search_edit

_TYPING_MS = 0
"""A key waits for its own turn only: what a search began is given up when another comes."""


class HistoryFilters(QWidget):
    """Search and filters; the rare ones fold away, and their button says where some of them are on."""

    changed = Signal()
    """Another :attr:`query` is wanted."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self._clock = clock
        self._make()
        self._lay_out()
        self._connect()
        self._update()

    def _make(self) -> None:
        self.search = search_edit("historySearchEdit", tr("Search messages"), tr("Search number, text or id"))
        self._state = QComboBox()
        name(self._state, "historyStateFilter", tr("Show messages by state"))
        for choice in choices():
            self._state.addItem(choice.text)
        self._more = QToolButton()
        self._more.setCheckable(True)
        self._more.setIcon(icon("filter"))
        self._more.setToolTip(tr("More filters: channel, time, unread replies"))
        name(self._more, "historyFilterButton", tr("More filters"), self._more.toolTip())
        self._channel = QComboBox()
        name(self._channel, "historyChannelFilter", tr("Show messages by the channel that made it"))
        self._channel.addItem(tr("Any channel"), "")
        for channel in FILTER_CHANNELS:
            self._channel.addItem(tr("Made by {channel}", channel=channel_name(channel)), channel)
        self._period = QComboBox()
        name(self._period, "historyTimeFilter", tr("Show messages by time"))
        for period in Period:
            self._period.addItem(period_name(period), period)
        self._first, self._last = (
            self._day("historyFirstDay", tr("First day")),
            self._day("historyLastDay", tr("Last day")),
        )
        self._unread = QCheckBox(tr("With unread replies"))
        name(self._unread, "historyUnreadFilter", self._unread.text())
        self._clear = QPushButton(tr("Clear filters"))
        self._clear.setProperty("role", "quiet")
        name(self._clear, "historyClearFilters", self._clear.text())

    def _day(self, object_name: str, accessible: str) -> QDateEdit:
        edit = QDateEdit(QDate.currentDate())
        edit.setCalendarPopup(True)
        edit.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        edit.setMinimumDate(QDate(2000, 1, 1))
        edit.setMaximumDate(QDate(2999, 12, 31))
        name(edit, object_name, accessible)
        return edit

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(2 * SPACE)
        top.addWidget(self._state, 1)
        top.addWidget(self._more)
        days = QHBoxLayout()
        days.setSpacing(2 * SPACE)
        days.addWidget(self._first, 1)
        days.addWidget(label("–", "muted"))
        days.addWidget(self._last, 1)
        self._days = QWidget()
        self._days.setLayout(days)
        days.setContentsMargins(0, 0, 0, 0)
        last = QHBoxLayout()
        last.setSpacing(2 * SPACE)
        last.addWidget(self._unread, 1)
        last.addWidget(self._clear)
        self._rare = QWidget()
        rare = QVBoxLayout(self._rare)
        rare.setContentsMargins(0, 0, 0, 0)
        rare.setSpacing(2 * SPACE)
        rare.addWidget(self._channel)
        rare.addWidget(self._period)
        rare.addWidget(self._days)
        rare.addLayout(last)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * SPACE)
        column.addWidget(self.search)
        column.addLayout(top)
        column.addWidget(self._rare)
        self._rare.hide()

    def _connect(self) -> None:
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._typing.timeout.connect(self.changed)
        self.search.textChanged.connect(self._typing.start)
        for combo in (self._state, self._channel, self._period):
            combo.currentIndexChanged.connect(self._choose)
        for edit in (self._first, self._last):
            edit.dateChanged.connect(self._choose)
        self._unread.toggled.connect(self._choose)
        self._more.toggled.connect(self._rare.setVisible)
        self._clear.clicked.connect(self.clear)

    # -- values -----------------------------------------------------------------------------

    @property
    def query(self) -> HistoryQuery:
        """What is asked for now."""
        since, until = span_of(
            self._period.currentData(),
            self._clock(),
            self._first.date().toPython(),  # type: ignore[arg-type]
            self._last.date().toPython(),  # type: ignore[arg-type]
        )
        return HistoryQuery(
            search=self.search.text().strip(),
            states=choices()[self._state.currentIndex()].states,
            channel=str(self._channel.currentData()),
            since=since,
            until=until,
            unread=self._unread.isChecked(),
        )

    @property
    def depends_on_today(self) -> bool:
        """Whether another day asks for other messages."""
        return self._period.currentData() in (Period.TODAY, Period.WEEK, Period.MONTH)

    def clear(self) -> None:
        """Show every message again."""
        blocked = self.blockSignals(True)
        self.search.clear()
        for combo in (self._state, self._channel, self._period):
            combo.setCurrentIndex(0)
        self._unread.setChecked(False)
        self._typing.stop()
        self.blockSignals(blocked)
        self._update()
        self.changed.emit()

    def _choose(self) -> None:
        self._update()
        self.changed.emit()

    def _update(self) -> None:
        ranged = self._period.currentData() is Period.RANGE
        self._days.setVisible(ranged)
        rare = bool(self._channel.currentIndex() or self._period.currentIndex() or self._unread.isChecked())
        self._clear.setVisible(rare)
        self._more.setIcon(icon("filter", "accent" if rare else "text_muted"))
        self._more.setAccessibleDescription(tr("Some are on.") if rare else self._more.toolTip())

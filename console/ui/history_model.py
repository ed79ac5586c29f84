"""A table of a million messages that only ever knows those on screen.

Row ids stand in one ascending array, newest last, so that a new message is an append. Rows are read
a page at a time when the view asks for them, and the least recently seen are forgotten.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)

from console.cascade.words import tr
from console.ui.history_rules import new_on_top, row_text
from console.ui.masking import masking
from console.ui.timeline_text import tip

if TYPE_CHECKING:
    from console.desk.values import HistoryRow

Index = QModelIndex | QPersistentModelIndex

RowRole: Final = int(Qt.ItemDataRole.UserRole)
PAGE: Final = 64
KEPT: Final = 2048
"""Rows remembered: some megabytes at most, and more than any screen shows."""


class HistoryModel(QAbstractTableModel):
    """Messages newest first, one column."""

    wanted = Signal(object)
    """Row ids (a list) that should be read and handed to :meth:`give`."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self._clock = clock
        self._ids: array[int] = array("q")
        self._rows: OrderedDict[int, HistoryRow] = OrderedDict()
        self._by_message: dict[str, int] = {}
        self._missing: dict[int, None] = {}
        self._asked: set[int] = set()
        self._ask = QTimer(self)
        self._ask.setSingleShot(True)
        self._ask.setInterval(0)
        self._ask.timeout.connect(self._ask_now)

    # -- Qt's questions ---------------------------------------------------------------------

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._ids)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else 1

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        if not index.isValid():
            return None
        if role not in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.AccessibleTextRole,
            Qt.ItemDataRole.ToolTipRole,
            RowRole,
        ):
            return None
        row = self._row(index.row())
        if role == RowRole:
            return row
        if row is None:
            return tr("Loading…")
        text = row_text(row, self._clock(), masked=masking.on)
        return tip(text) if role == Qt.ItemDataRole.ToolTipRole else text

    # -- places -----------------------------------------------------------------------------

    def rowid(self, place: int) -> int:
        """The row id at ``place`` from the top."""
        return self._ids[len(self._ids) - 1 - place]

    def place_of(self, rowid: int) -> int | None:
        """Where a row id stands; ``None`` where it does not. Row ids grow with time, so this is quick."""
        low = bisect_left(self._ids, rowid)
        if low < len(self._ids) and self._ids[low] == rowid:
            return len(self._ids) - 1 - low
        return None

    def rowid_of(self, message_id: str) -> int | None:
        """The row id of a message that has been on screen."""
        return self._by_message.get(message_id)

    def knows(self, rowid: int) -> bool:
        """Whether that row has been read, wherever it stands."""
        return rowid in self._rows

    def message_id(self, place: int) -> str | None:
        """The message at ``place``, if it has been read."""
        row = self._row(place)
        return None if row is None else row.message_id

    def ids_newest_first(self) -> array[int]:
        """A copy of all ids."""
        copy = self._ids[:]
        copy.reverse()
        return copy

    def _row(self, place: int) -> HistoryRow | None:
        rowid = self.rowid(place)
        row = self._rows.get(rowid)
        if row is not None:
            self._rows.move_to_end(rowid)
            return row
        if rowid not in self._asked:
            # Neighbours are wanted next: read a page around it.
            first = max(place - PAGE // 4, 0)
            for near in range(first, min(first + PAGE, len(self._ids))):
                near_id = self.rowid(near)
                if near_id not in self._rows and near_id not in self._asked:
                    self._missing[near_id] = None
                    self._asked.add(near_id)
            self._ask.start()
        return None

    def _ask_now(self) -> None:
        if self._missing:
            ids, self._missing = list(self._missing), {}
            self.wanted.emit(ids)

    # -- what came ----------------------------------------------------------------------------

    def give(self, asked: Iterable[int], rows: Sequence[HistoryRow]) -> None:
        """Take the rows read for ``asked``; those already shown are repainted."""
        self._asked.difference_update(asked)
        changed: list[int] = []
        for row in rows:
            self._rows[row.rowid] = row
            self._rows.move_to_end(row.rowid)
            self._by_message[row.message_id] = row.rowid
            if (place := self.place_of(row.rowid)) is not None:
                changed.append(place)
        while len(self._rows) > KEPT:
            _, old = self._rows.popitem(last=False)
            self._by_message.pop(old.message_id, None)
        if changed:
            self.dataChanged.emit(self.index(min(changed), 0), self.index(max(changed), 0))

    def messages_changed(self, message_ids: Iterable[str]) -> list[int]:
        """The row ids of those messages that are remembered here: they must be read again."""
        return [self._by_message[each] for each in message_ids if each in self._by_message]

    def forget(self, rowids: Iterable[int]) -> None:
        """Drop rows that changed while nobody looked; they are read again when they are seen."""
        for rowid in rowids:
            row = self._rows.pop(rowid, None)
            if row is not None:
                self._by_message.pop(row.message_id, None)

    def put_on_top(self, head: Sequence[int]) -> bool:
        """Add the new ones of ``head`` (the newest ids, newest first).

        Returns:
            Whether that was possible; if not, all ids must be read again (:meth:`replace`).
        """
        new = new_on_top(self._ids, head)
        if new is None:
            return False
        if new:
            self.beginInsertRows(QModelIndex(), 0, len(new) - 1)
            self._ids.extend(reversed(new))
            self.endInsertRows()
        return True

    def replace(self, newest_first: array[int]) -> None:
        """Take these ids instead; nothing happens if they are the same."""
        ids = newest_first[:]
        ids.reverse()
        if ids == self._ids:
            return
        self.beginResetModel()
        self._ids = ids
        self._missing.clear()
        self._asked.clear()
        self.endResetModel()

"""A plain list of lines in columns, and what stands there while it is empty."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStackedWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from console.ui.theme import SPACE
from console.ui.unmatched_rules import Row
from console.ui.widgets import IconLabel, label, name

_KEY = Qt.ItemDataRole.UserRole
_ROW = QSize(0, 30)


class RowList(QStackedWidget):
    """Lines with a key each; keeps the line that was chosen while its content changes.

    Unless ``chosen_first``, no line is chosen before a person does it.
    """

    chosen = Signal()
    """Another line is chosen, or none."""

    def __init__(
        self,
        object_name: str,
        accessible: str,
        columns: Sequence[str],
        icon: str = "inbox",
        *,
        chosen_first: bool = True,
    ) -> None:
        super().__init__()
        self._chosen_first = chosen_first
        self.tree = QTreeWidget()
        name(self.tree, object_name, accessible)
        self.tree.setProperty("role", "rows")
        self.tree.setColumnCount(len(columns))
        self.tree.setHeaderLabels(list(columns))
        self.tree.setRootIsDecorated(False)
        self.tree.setUniformRowHeights(True)
        self.tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.tree.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.tree.itemSelectionChanged.connect(self.chosen)
        header = self.tree.header()
        header.setSectionsMovable(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column in range(len(columns) - 1):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(len(columns) - 1, QHeaderView.ResizeMode.Stretch)
        self._title = label("", "subtitle")
        self._title.setObjectName(f"{object_name}Empty")
        self._hint = label("", "muted")
        self._hint.setWordWrap(True)
        nothing = QWidget()
        column_ = QVBoxLayout(nothing)
        column_.setSpacing(SPACE)
        column_.addStretch(2)
        column_.addWidget(IconLabel(icon, "text_faint", 32), 0, Qt.AlignmentFlag.AlignHCenter)
        for part in (self._title, self._hint):
            part.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column_.addWidget(part)
        column_.addStretch(3)
        self.addWidget(nothing)
        self.addWidget(self.tree)

    def say_empty(self, title: str, hint: str) -> None:
        """What stands here while there is no line."""
        self._title.setText(title)
        self._hint.setText(hint)

    def show_rows(self, rows: Sequence[tuple[str, Row]]) -> None:
        """Show these lines, each with its key; the chosen one stays chosen, else its neighbour is."""
        chosen = self.key
        place = next((self.tree.indexOfTopLevelItem(item) for item in self.tree.selectedItems()), 0)
        blocked = self.tree.blockSignals(True)
        self.tree.clear()
        items = []
        for key, row in rows:
            item = QTreeWidgetItem(list(row.columns))
            item.setData(0, _KEY, key)
            item.setSizeHint(len(row.columns) - 1, _ROW)
            items.append(item)
        self.tree.addTopLevelItems(items)
        same = next((item for item in items if item.data(0, _KEY) == chosen), None)
        if same is None and items and self._chosen_first:
            same = items[min(max(place, 0), len(items) - 1)]
        if same is not None:
            self.tree.setCurrentItem(same)
        self.tree.blockSignals(blocked)
        self.setCurrentIndex(1 if items else 0)
        self.chosen.emit()

    def choose(self, key: str) -> None:
        """Choose the line with this key, if it is there."""
        for place in range(self.tree.topLevelItemCount()):
            item = self.tree.topLevelItem(place)
            if item is not None and item.data(0, _KEY) == key:
                self.tree.setCurrentItem(item)

    @property
    def key(self) -> str | None:
        """The key of the chosen line."""
        found = self.tree.selectedItems()
        return str(found[0].data(0, _KEY)) if found else None

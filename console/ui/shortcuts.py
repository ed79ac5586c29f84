"""The list of shortcuts, on F1: what the menus hold, and the keys that belong to a field."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QMainWindow, QVBoxLayout

from console.cascade.words import tr
from console.ui.commands import commands_of
from console.ui.theme import SPACE
from console.ui.widgets import label

Group = tuple[str, list[tuple[str, str]]]
"""A heading, and under it keys with what they do."""


def shortcuts(window: QMainWindow) -> list[Group]:
    """Every key of the menus of ``window``, by menu, then those of its fields."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for command, _ in commands_of(window.menuBar()):
        if command.keys:
            groups.setdefault(command.menu, []).append((command.keys, command.title))
    fields = [
        ("Alt+T", tr("To")),
        ("Alt+P", tr("Template")),
        ("Alt+B", tr("Viber text")),
        ("Alt+S", tr("SMS text")),
        ("Alt+L", tr("Fallback time")),
        ("Alt+K", tr("Kind")),
        ("Ctrl+Return", tr("Send the message, or the answer being written")),
        ("Return", tr("In the history: use the message as a new draft")),
    ]
    native = QKeySequence.SequenceFormat.NativeText
    written = [(QKeySequence(keys).toString(native), meaning) for keys, meaning in fields]
    return [*groups.items(), (tr("In the panes"), written)]


class ShortcutList(QDialog):
    """A small window that stays open while the shortcuts are tried."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self.setObjectName("shortcutList")
        self.setWindowTitle(tr("Keyboard shortcuts"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(6 * SPACE, 5 * SPACE, 6 * SPACE, 6 * SPACE)
        whole.setSpacing(4 * SPACE)
        whole.addWidget(label(tr("Keyboard shortcuts"), "title"))
        columns = QHBoxLayout()
        columns.setSpacing(10 * SPACE)
        groups = shortcuts(window)
        for part in (groups[:-1], groups[-1:]):
            grid = QGridLayout()
            grid.setHorizontalSpacing(6 * SPACE)
            grid.setVerticalSpacing(2 * SPACE)
            for title, rows in part:
                if grid.rowCount() > 1:
                    grid.setRowMinimumHeight(grid.rowCount(), SPACE)
                grid.addWidget(label(title, "subtitle"), grid.rowCount(), 0, 1, 2)
                for keys, meaning in rows:
                    row = grid.rowCount()
                    grid.addWidget(label(keys, "label"), row, 0)
                    grid.addWidget(label(meaning), row, 1)
            grid.setRowStretch(grid.rowCount(), 1)
            columns.addLayout(grid)
        whole.addLayout(columns)

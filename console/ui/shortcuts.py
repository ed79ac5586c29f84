"""The list of shortcuts, on F1."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QGridLayout, QVBoxLayout, QWidget

from console.cascade.words import tr
from console.ui.theme import SPACE
from console.ui.widgets import label


def shortcuts() -> list[tuple[str, str]]:
    """Keys, in Qt's notation, and what they do."""
    return [
        ("Ctrl+N", tr("New message: go to the recipient")),
        ("Ctrl+Return", tr("Send the message, or the answer being written")),
        ("Ctrl+F", tr("Search the history")),
        ("Ctrl+Shift+H", tr("Show or hide the history")),
        ("Alt+T", tr("To")),
        ("Alt+B", tr("Viber text")),
        ("Alt+S", tr("SMS text")),
        ("Alt+L", tr("Fallback time")),
        ("Alt+K", tr("Kind")),
        ("F6", tr("Next pane")),
        ("Shift+F6", tr("Previous pane")),
        ("Return", tr("In the history: use the message as a new draft")),
        ("Ctrl+,", tr("Settings")),
        ("F1", tr("This list")),
        ("Ctrl+Q", tr("Quit")),
    ]


class ShortcutList(QDialog):
    """A small window that stays open while the shortcuts are tried."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("shortcutList")
        self.setWindowTitle(tr("Keyboard shortcuts"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        column = QVBoxLayout(self)
        column.setContentsMargins(6 * SPACE, 5 * SPACE, 6 * SPACE, 6 * SPACE)
        column.setSpacing(4 * SPACE)
        column.addWidget(label(tr("Keyboard shortcuts"), "title"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(6 * SPACE)
        grid.setVerticalSpacing(2 * SPACE)
        for row, (keys, meaning) in enumerate(shortcuts()):
            native = QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
            grid.addWidget(label(native, "label"), row, 0)
            grid.addWidget(label(meaning), row, 1)
        column.addLayout(grid)

"""The command palette: every deed of the menus, found by a few letters."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt
from PySide6.QtGui import (
    QAction,
    QColor,
    QIcon,
    QKeyEvent,
    QPixmap,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHeaderView,
    QLineEdit,
    QMainWindow,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
)

from console.cascade.words import tr
from console.ui import theme
from console.ui.commands import commands_of
from console.ui.palette_rules import ranked
from console.ui.theme import SPACE
from console.ui.widgets import label, name, speak

SIZE = QSize(560, 420)
OWN = "paletteAction"
"""The action that opens the palette; it is open already."""
_ROW = QSize(0, 30)
_ICON = QSize(16, 16)
_MOVES = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class Palette(QDialog):
    """Opens over ``window``; the keyboard stays in the field while the arrows move in the list."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self.setObjectName("palette")
        self.setWindowTitle(tr("Commands"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.resize(SIZE)
        known = [
            (each, action)
            for each, action in commands_of(window.menuBar())
            if action.isEnabled() and action.objectName() != OWN
        ]
        self._commands = [each for each, _ in known]
        self._actions = [action for _, action in known]
        self._edit = QLineEdit()
        self._edit.setPlaceholderText(tr("What do you want to do?"))
        self._edit.setMaxLength(100)
        name(self._edit, "paletteEdit", tr("Command"))
        self._list = QTreeWidget()
        self._list.setColumnCount(2)
        self._list.setHeaderHidden(True)
        self._list.setRootIsDecorated(False)
        self._list.setUniformRowHeights(True)
        self._list.setIconSize(_ICON)
        # Where an action has no icon its title still begins where the others do.
        nothing = QPixmap(_ICON)
        nothing.fill(Qt.GlobalColor.transparent)
        self._blank = QIcon(nothing)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.header().setStretchLastSection(False)
        self._list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._list.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        name(self._list, "paletteList", tr("Commands"))
        self._none = label(tr("No command has these letters."), "caption")
        self._none.setObjectName("paletteNone")
        column = QVBoxLayout(self)
        column.setContentsMargins(4 * SPACE, 4 * SPACE, 4 * SPACE, 4 * SPACE)
        column.setSpacing(3 * SPACE)
        column.addWidget(self._edit)
        column.addWidget(self._none)
        column.addWidget(self._list, 1)
        self._edit.textChanged.connect(self._look)
        self._edit.returnPressed.connect(self._do)
        self._list.itemClicked.connect(self._do)
        self._list.currentItemChanged.connect(self._tell)
        self._edit.installEventFilter(self)
        self._look("")
        self.move(window.mapToGlobal(QPoint((window.width() - self.width()) // 2, 80)))

    def _look(self, query: str) -> None:
        self._list.clear()
        faint = QColor(theme.current().text_muted)
        for place in ranked(query, self._commands):
            command = self._commands[place]
            item = QTreeWidgetItem([f"{command.menu} › {command.title}", command.keys + "  "])
            item.setData(0, Qt.ItemDataRole.UserRole, place)
            own = self._actions[place].icon()
            item.setIcon(0, self._blank if own.isNull() else own)
            item.setSizeHint(0, _ROW)
            item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            item.setForeground(1, faint)
            spoken = f"{command.title}, {command.keys}" if command.keys else command.title
            item.setData(0, Qt.ItemDataRole.AccessibleTextRole, spoken)
            self._list.addTopLevelItem(item)
        first = self._list.topLevelItem(0)
        if first is not None:
            self._list.setCurrentItem(first)
        else:
            self._edit.setAccessibleDescription(self._none.text())
        self._none.setVisible(first is None)

    def _tell(self, item: QTreeWidgetItem | None) -> None:
        """The list never has the keyboard, so what is chosen in it must be said."""
        if item is not None:
            spoken = str(item.data(0, Qt.ItemDataRole.AccessibleTextRole))
            self._edit.setAccessibleDescription(spoken)
            speak(self._edit, spoken)

    def _do(self) -> None:
        item = self._list.currentItem()
        if item is None:
            return
        action: QAction = self._actions[int(item.data(0, Qt.ItemDataRole.UserRole))]
        # Closed first: the deed may move the keyboard, and that must not come back here.
        self.accept()
        action.trigger()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._edit and isinstance(event, QKeyEvent) and event.key() in _MOVES:
            if event.type() == QEvent.Type.KeyPress:
                self._list.keyPressEvent(event)
            return True
        return super().eventFilter(watched, event)

"""What the deeds of the window have in common."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

if TYPE_CHECKING:
    from console.desk.desk import Desk
    from console.ui.window import MainWindow

Spawn = Callable[[Coroutine[object, object, None]], None]
"""Runs a coroutine to its end, on the loop the window lives on."""


class DeskDeeds(QObject):
    """Deeds of ``window`` that need a desk: their actions are grey until there is one."""

    def __init__(self, window: MainWindow, spawn: Spawn) -> None:
        super().__init__(window)
        self._window = window
        self._spawn = spawn
        self._desk: Desk | None = None
        self._actions: list[QAction] = []

    def _wait_for_desk(self, action: QAction, deed: Callable[[], None]) -> None:
        action.setEnabled(False)
        action.triggered.connect(deed)
        self._actions.append(action)

    def attach(self, desk: Desk) -> None:
        """Work with ``desk`` from now on."""
        self._desk = desk
        for action in self._actions:
            action.setEnabled(True)

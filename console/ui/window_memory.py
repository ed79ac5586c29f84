"""How the window was left: its place, its panes and whether the history was wanted."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtWidgets import QMainWindow, QSplitter


class WindowMemory:
    """Keeps the window's state in ``data_dir``; ``None`` remembers nothing."""

    def __init__(self, data_dir: Path | None) -> None:
        self._kept: QSettings | None = None
        if data_dir is not None:
            self._kept = QSettings(str(data_dir / "window.ini"), QSettings.Format.IniFormat)

    def remember(self, window: QMainWindow, panes: QSplitter, *, history: bool) -> None:
        """Write down how the window stands now."""
        if self._kept is not None:
            self._kept.setValue("geometry", window.saveGeometry())
            self._kept.setValue("panes", panes.saveState())
            self._kept.setValue("history", history)
            self._kept.sync()

    def recall(self, window: QMainWindow, panes: QSplitter) -> bool:
        """Put the window back as it was left; returns whether the history was wanted."""
        if self._kept is None:
            return True
        geometry, state = self._kept.value("geometry"), self._kept.value("panes")
        if isinstance(geometry, QByteArray):
            window.restoreGeometry(geometry)
        if isinstance(state, QByteArray):
            panes.restoreState(state)
            panes.setChildrenCollapsible(False)
            panes.setHandleWidth(1)
        return self._kept.value("history", True, bool) is not False

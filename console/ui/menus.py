"""The menu bar: every deed of the window by name, with its keys."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from console.cascade.words import tr
from console.ui.icons import icon
from console.ui.widgets import name

if TYPE_CHECKING:
    from console.ui.window import MainWindow


class Menus:
    """The menus of ``window`` and the history's button beside them; the window does the deeds."""

    def __init__(self, window: MainWindow, scenarios: QMenu | None) -> None:
        self._window = window
        self._bar = window.menuBar()
        self.file = self._bar.addMenu(tr("&File"))
        self.message = self._bar.addMenu(tr("&Message"))
        self.view = self._bar.addMenu(tr("&View"))
        self._fill_file()
        self._fill_message()
        self.history = self._fill_view()
        if scenarios is not None:
            self._bar.addMenu(scenarios)
        self.help = self._bar.addMenu(tr("&Help"))
        self._fill_help()
        self._button = self._history_button()

    def show_history(self, *, shown: bool) -> None:
        """Say in menu and button whether the history is there."""
        self.history.setChecked(shown)
        self._button.setChecked(shown)

    def _fill_file(self) -> None:
        settings = add_action(self.file, tr("&Settings…"), "Ctrl+,", "settingsAction", "settings")
        settings.triggered.connect(lambda: self._window.settings_wanted.emit(""))
        settings.setMenuRole(QAction.MenuRole.PreferencesRole)
        self.file.addSeparator()
        leave = add_action(self.file, tr("&Quit"), "Ctrl+Q", "quitAction")
        leave.triggered.connect(self._window.close)
        leave.setMenuRole(QAction.MenuRole.QuitRole)

    def _fill_message(self) -> None:
        new = add_action(self.message, tr("&New message"), "Ctrl+N", "newMessageAction", "pencil")
        new.triggered.connect(self._window.new_message)
        # The keys themselves belong to the pane: in the answer field they send the answer.
        send = add_action(self.message, tr("&Send") + "\t" + tr("Ctrl+Enter"), "", "sendAction", "send")
        send.triggered.connect(self._window.compose.send)

    def _fill_view(self) -> QAction:
        history = add_action(self.view, tr("&History"), "Ctrl+Shift+H", "historyAction")
        history.setCheckable(True)
        history.setChecked(True)
        history.triggered.connect(self._window.toggle_history)
        find = add_action(self.view, tr("S&earch the history"), "Ctrl+F", "searchAction", "search")
        find.triggered.connect(self._window.search)
        self.view.addSeparator()
        for title, keys, step in ((tr("Next &pane"), "F6", 1), (tr("P&revious pane"), "Shift+F6", -1)):
            action = add_action(self.view, title, keys, f"pane{step:+d}Action")
            action.triggered.connect(partial(self._go, step))
        return history

    def _go(self, step: int, _checked: bool = False) -> None:
        self._window.next_pane(step)

    def _fill_help(self) -> None:
        commands = add_action(self.help, tr("&Commands…"), "Ctrl+K", "paletteAction", "wand")
        commands.triggered.connect(self._show_palette)
        keys = add_action(self.help, tr("&Keyboard shortcuts"), "F1", "shortcutsAction", "question")
        keys.triggered.connect(self._show_shortcuts)
        self.about = add_action(self.help, tr("&About Cascade"), "", "aboutAction")
        self.about.setMenuRole(QAction.MenuRole.AboutRole)

    def _show_palette(self) -> None:
        from console.ui.palette import Palette  # noqa: PLC0415 - only who opens it pays

        Palette(self._window).show()

    def _show_shortcuts(self) -> None:
        from console.ui.shortcuts import ShortcutList  # noqa: PLC0415 - only who opens it pays

        ShortcutList(self._window).show()

    def _history_button(self) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon("panel-right"))
        button.setIconSize(QSize(18, 18))
        button.setCheckable(True)
        button.setChecked(True)
        button.setToolTip(tr("Show or hide the history (Ctrl+Shift+H)"))
        name(button, "historyToggle", tr("History"), tr("Show or hide the history."))
        button.clicked.connect(self._window.toggle_history)
        self._bar.setCornerWidget(button)
        return button


def add_action(menu: QWidget, text: str, keys: str, object_name: str, icon_name: str = "") -> QAction:
    """A new action at the end of ``menu``; ``keys`` and ``icon_name`` may be empty."""
    action = QAction(text, menu)
    action.setObjectName(object_name)
    if keys:
        action.setShortcut(QKeySequence(keys))
    if icon_name:
        action.setIcon(icon(icon_name))
    menu.addAction(action)
    return action

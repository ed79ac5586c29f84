"""The main window: three panes side by side, a place for notices, menus; remembers how it was left."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QByteArray, QSettings, QSize, Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QLineEdit,
    QMainWindow,
    QMessageBox,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from console import __version__
from console.cascade.words import tr
from console.ui.compose import ComposePane, Spawn
from console.ui.compose_rules import reusable
from console.ui.history import HistoryPane
from console.ui.icons import icon
from console.ui.notices import Action, NoticeBar
from console.ui.sandbox_strip import SandboxOffer, SandboxStrip, ScenarioChoice, ScenarioMenu
from console.ui.shortcuts import ShortcutList
from console.ui.statusbar import StatusBar
from console.ui.timeline import TimelinePane
from console.ui.widgets import name

if TYPE_CHECKING:
    from console.desk.desk import Desk
    from console.desk.values import Change

LEAST: Final = QSize(960, 600)
FIRST: Final = QSize(1320, 860)
NARROW: Final = 1120
"""Below this width, in device-independent pixels, three panes do not fit: the history folds away."""


class MainWindow(QMainWindow):
    """The console's window.

    ``data_dir`` is where geometry is remembered; ``None`` remembers nothing. ``sandbox`` is
    given only where nothing leaves the computer.
    """

    closing = Signal()
    """Somebody wants to close the window; it stays until :meth:`close_now`."""
    settings_wanted = Signal(str)
    """Settings should open, at ``account``, ``relay`` or wherever they begin (empty)."""

    def __init__(
        self, spawn: Spawn, *, data_dir: Path | None = None, sandbox: SandboxOffer | None = None
    ) -> None:
        super().__init__()
        self._spawn = spawn
        self._desk: Desk | None = None
        self._may_close = False
        self._told: set[str] = set()
        self._unwatch: Callable[[], None] = lambda: None
        self._memory = _memory(data_dir)
        self._history_wanted = True
        self._narrow = False
        self._looking_back = False
        """In a narrow window the history takes the place of the form while this is true."""
        self.setObjectName("mainWindow")
        self.setWindowTitle(tr("Cascade – Sandbox") if sandbox else tr("Cascade"))
        self.setMinimumSize(LEAST)

        self.compose = ComposePane(spawn)
        self.timeline = TimelinePane(spawn)
        self.history = HistoryPane(spawn)
        self.status = StatusBar(spawn)
        self.notices = NoticeBar()
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setObjectName("panes")
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setHandleWidth(1)
        for pane, share in ((self.compose, 0), (self.timeline, 1), (self.history, 0)):
            self._splitter.addWidget(pane)
            self._splitter.setStretchFactor(self._splitter.count() - 1, share)
        self._splitter.setSizes([412, 576, 332])

        self._scenarios: ScenarioMenu | None = None
        self._strip: SandboxStrip | None = None
        self._offer = sandbox
        if sandbox is not None:
            self._scenarios = ScenarioMenu(sandbox.scenarios, self)
            self._scenarios.picked.connect(self._play)
            self._strip = SandboxStrip(sandbox, self._scenarios)

        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        if self._strip is not None:
            column.addWidget(self._strip)
        column.addWidget(self.notices)
        column.addWidget(self._splitter, 1)
        column.addWidget(self.status)
        self.setCentralWidget(middle)
        self._make_menus()
        self._connect()
        self._recall()
        self.compose.begin()

    # -- what the application uses --------------------------------------------------------------

    def attach(self, desk: Desk) -> None:
        """Work with ``desk`` from now on."""
        self._desk = desk
        self.compose.attach(desk)
        self.timeline.attach(desk)
        self.history.attach(desk)
        self.status.attach(desk)
        self._unwatch()
        self._unwatch = desk.watch(self._desk_changed)
        self._tell(desk)

    def notify(self, text: str, tone: str = "active", action: Action | None = None) -> None:
        """Tell the agent something at the top of the window, until it is closed."""
        self.notices.notify(text, tone, action)

    async def flush(self) -> None:
        """Save what is being written; for the moment before the desk stops."""
        await self.compose.flush()

    def close_now(self) -> None:
        """Close without asking anybody."""
        self._may_close = True
        self.close()

    def bring_to_front(self) -> None:
        """Show the window above the others, as far as the desktop lets it."""
        if self.isMinimized():
            self.showNormal()
        self.show()
        self.raise_()
        self.activateWindow()

    # -- what happens ---------------------------------------------------------------------------

    def _desk_changed(self, change: Change) -> None:
        if change.status_changed and self._desk is not None:
            self._tell(self._desk)

    def _tell(self, desk: Desk) -> None:
        """What the desk must tell is told once; a notice that was closed does not come back."""
        for text in desk.status.notices:
            if text not in self._told:
                self._told.add(text)
                self.notify(text, "warning")

    def _connect(self) -> None:
        self.compose.sent.connect(self._show_new)
        self.timeline.sent.connect(self._show_new)
        self.timeline.reuse.connect(self._reuse)
        self.history.selected.connect(self.timeline.show_message)
        self.history.reuse.connect(self._reuse)
        self.status.settings_wanted.connect(self.settings_wanted)

    def _show_new(self, message_id: str) -> None:
        self.timeline.show_message(message_id)
        self.history.select(message_id)

    def _reuse(self, message_id: str) -> None:
        if self._desk is not None:
            self._spawn(self._fill_from(self._desk, message_id))

    async def _fill_from(self, desk: Desk, message_id: str) -> None:
        draft = await desk.draft_of(message_id)
        if draft is None:
            return
        before = self.compose.draft()
        self.compose.fill(reusable(draft))
        self.new_message()
        if not before.blank:
            self.notify(
                tr("The draft you were writing was replaced."),
                action=(tr("Bring it back"), lambda: self.compose.fill(before)),
            )

    def _play(self, choice: ScenarioChoice) -> None:
        if self._offer is not None:
            self._offer.chosen(choice.scenario_id)
        if self._strip is not None:
            self._strip.tell(choice)
        self.new_message()
        self.compose.fill_recipient(choice.number)

    # -- panes ------------------------------------------------------------------------------------

    def new_message(self) -> None:
        """Go to the form."""
        self._looking_back = False
        self._arrange()
        self.compose.begin()

    def search(self) -> None:
        """Go to the history's search field."""
        self.show_history(shown=True)
        found = self.history.findChild(QLineEdit, "historySearchEdit")
        if isinstance(found, QLineEdit):
            found.setFocus(Qt.FocusReason.ShortcutFocusReason)
            found.selectAll()

    def show_history(self, *, shown: bool) -> None:
        """Show or fold away the history; in a narrow window it takes the form's place."""
        if self._narrow:
            self._looking_back = shown
        else:
            self._history_wanted = shown
        self._arrange()

    def _toggle_history(self) -> None:
        self.show_history(shown=self.history.isHidden())

    def _arrange(self) -> None:
        history = self._looking_back if self._narrow else self._history_wanted
        self.history.setVisible(history)
        self.compose.setVisible(not (self._narrow and self._looking_back))
        self._history_action.setChecked(history)
        self._history_button.setChecked(history)

    def resizeEvent(self, event: QResizeEvent) -> None:
        narrow = event.size().width() < NARROW
        if narrow != self._narrow:
            self._narrow = narrow
            self._looking_back = False
            self._arrange()
        super().resizeEvent(event)

    def _next_pane(self, step: int) -> None:
        panes = [pane for pane in (self.compose, self.timeline, self.history) if pane.isVisible()]
        focus: QWidget | None = self.focusWidget()
        here = next(
            (n for n, pane in enumerate(panes) if focus is not None and pane.isAncestorOf(focus)), -step
        )
        for distance in range(1, len(panes) + 1):
            first = _first_stop(panes[(here + step * distance) % len(panes)])
            if first is not None:
                first.setFocus(Qt.FocusReason.ShortcutFocusReason)
                return

    # -- menus ------------------------------------------------------------------------------------

    def _make_menus(self) -> None:
        bar = self.menuBar()
        file = bar.addMenu(tr("&File"))
        settings = _action(file, tr("&Settings…"), "Ctrl+,", "settingsAction", "settings")
        settings.triggered.connect(lambda: self.settings_wanted.emit(""))
        settings.setMenuRole(QAction.MenuRole.PreferencesRole)
        file.addSeparator()
        leave = _action(file, tr("&Quit"), "Ctrl+Q", "quitAction")
        leave.triggered.connect(self.close)
        leave.setMenuRole(QAction.MenuRole.QuitRole)

        message = bar.addMenu(tr("&Message"))
        new = _action(message, tr("&New message"), "Ctrl+N", "newMessageAction", "pencil")
        new.triggered.connect(self.new_message)
        # The keys themselves belong to the pane: in the answer field they send the answer.
        send = _action(message, tr("&Send") + "\t" + tr("Ctrl+Enter"), "", "sendAction", "send")
        send.triggered.connect(self.compose.send)

        view = bar.addMenu(tr("&View"))
        self._history_action = _action(view, tr("&History"), "Ctrl+Shift+H", "historyAction")
        self._history_action.setCheckable(True)
        self._history_action.setChecked(True)
        self._history_action.triggered.connect(self._toggle_history)
        find = _action(view, tr("S&earch the history"), "Ctrl+F", "searchAction", "search")
        find.triggered.connect(self.search)
        view.addSeparator()
        for title, keys, step in ((tr("Next &pane"), "F6", 1), (tr("P&revious pane"), "Shift+F6", -1)):
            action = _action(view, title, keys, f"pane{step:+d}Action")
            action.triggered.connect(lambda _checked=False, step=step: self._next_pane(step))
        if self._scenarios is not None:
            bar.addMenu(self._scenarios)
        help_ = bar.addMenu(tr("&Help"))
        keys_ = _action(help_, tr("&Keyboard shortcuts"), "F1", "shortcutsAction", "question")
        keys_.triggered.connect(lambda: ShortcutList(self).show())
        about = _action(help_, tr("&About Cascade"), "", "aboutAction")
        about.triggered.connect(self._show_about)
        about.setMenuRole(QAction.MenuRole.AboutRole)

        self._history_button = QToolButton()
        self._history_button.setIcon(icon("panel-right"))
        self._history_button.setIconSize(QSize(18, 18))
        self._history_button.setCheckable(True)
        self._history_button.setChecked(True)
        self._history_button.setToolTip(tr("Show or hide the history (Ctrl+Shift+H)"))
        name(self._history_button, "historyToggle", tr("History"), tr("Show or hide the history."))
        self._history_button.clicked.connect(self._toggle_history)
        bar.setCornerWidget(self._history_button)

    def _show_about(self) -> None:
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setObjectName("aboutBox")
        box.setWindowTitle(tr("About Cascade"))
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(tr("Cascade {version}", version=__version__))
        box.setInformativeText(tr("Viber first, SMS second, and you see what happened."))
        box.open()

    # -- closing and remembering --------------------------------------------------------------------

    def closeEvent(self, event: QCloseEvent) -> None:
        self._remember()
        if self._may_close:
            event.accept()
            return
        event.ignore()
        self.closing.emit()

    def _remember(self) -> None:
        if self._memory is not None:
            self._memory.setValue("geometry", self.saveGeometry())
            self._memory.setValue("panes", self._splitter.saveState())
            self._memory.setValue("history", self._history_wanted)
            self._memory.sync()

    def _recall(self) -> None:
        self.resize(FIRST)
        if self._memory is None:
            return
        geometry, panes = self._memory.value("geometry"), self._memory.value("panes")
        if isinstance(geometry, QByteArray):
            self.restoreGeometry(geometry)
        if isinstance(panes, QByteArray):
            self._splitter.restoreState(panes)
            self._splitter.setChildrenCollapsible(False)
            self._splitter.setHandleWidth(1)
        self._history_wanted = self._memory.value("history", True, bool) is not False
        self._arrange()


def _first_stop(pane: QWidget) -> QWidget | None:
    """The first widget of a pane that takes the keyboard now."""
    for child in pane.findChildren(QWidget):
        if child.isVisible() and child.isEnabled() and child.focusPolicy() & Qt.FocusPolicy.TabFocus:
            return child
    return None


def _memory(data_dir: Path | None) -> QSettings | None:
    if data_dir is None:
        return None
    return QSettings(str(data_dir / "window.ini"), QSettings.Format.IniFormat)


def _action(menu: QWidget, text: str, keys: str, object_name: str, icon_name: str = "") -> QAction:
    action = QAction(text, menu)
    action.setObjectName(object_name)
    if keys:
        action.setShortcut(QKeySequence(keys))
    if icon_name:
        action.setIcon(icon(icon_name))
    menu.addAction(action)
    return action

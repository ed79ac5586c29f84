"""The main window: three panes side by side, a place for notices, menus; remembers how it was left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import (
    QLineEdit,
    QMainWindow,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from console.cascade.words import tr
from console.ui.compose import ComposePane
from console.ui.compose_rules import reusable
from console.ui.deeds import Spawn
from console.ui.link_strip import LinkStrip
from console.ui.menus import Menus
from console.ui.notices import Action, NoticeBar
from console.ui.sandbox_strip import SandboxOffer, SandboxStrip, ScenarioChoice, ScenarioMenu
from console.ui.template_deeds import TemplateDeeds
from console.ui.window_memory import WindowMemory

if TYPE_CHECKING:
    from console.cascade.message import Draft
    from console.desk.desk import Desk
    from console.desk.values import Change
    from console.ui.export_deeds import ExportDeeds
    from console.ui.history import HistoryPane
    from console.ui.reply_deeds import ReplyDeeds
    from console.ui.statusbar import StatusBar
    from console.ui.timeline import TimelinePane

LEAST: Final = QSize(960, 600)
FIRST: Final = QSize(1320, 860)
NARROW: Final = 1120
"""Below this width, in device-independent pixels, three panes do not fit: the history folds away."""


class MainWindow(QMainWindow):
    """The console's window.

    ``data_dir`` is where geometry is remembered; ``None`` remembers nothing. ``sandbox`` is
    given only where nothing leaves the computer. Without ``whole`` there is the form only, ready to
    type in, until :meth:`complete` has run.
    """

    closing = Signal()
    """Somebody wants to close the window; it stays until :meth:`close_now`."""
    settings_wanted = Signal(str)
    """Settings should open, at ``account``, ``relay`` or wherever they begin (empty)."""

    timeline: TimelinePane
    history: HistoryPane
    status: StatusBar
    replies: ReplyDeeds
    exports: ExportDeeds

    def __init__(
        self,
        spawn: Spawn,
        *,
        data_dir: Path | None = None,
        sandbox: SandboxOffer | None = None,
        whole: bool = True,
    ) -> None:
        super().__init__()
        self._spawn = spawn
        self._desk: Desk | None = None
        self._may_close = False
        self._told: set[str] = set()
        self._unwatch: Callable[[], None] = lambda: None
        self._memory = WindowMemory(data_dir)
        self._history_wanted = True
        self._narrow = False
        self._looking_back = False
        """In a narrow window the history takes the place of the form while this is true."""
        self.setObjectName("mainWindow")
        self.setWindowTitle(tr("Sandbox – Cascade") if sandbox else tr("Cascade"))
        self.setMinimumSize(LEAST)

        self.compose = ComposePane(spawn)
        self._foot = QWidget()
        """Where the status bar will stand."""
        self.notices = NoticeBar()
        self.link = LinkStrip()
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setObjectName("panes")
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setHandleWidth(1)
        self._panes: list[QWidget] = [self.compose, QWidget(), QWidget()]
        """From left to right; empty ones keep the places of those that are still to be made."""
        for pane in self._panes:
            self._splitter.addWidget(pane)
        self._splitter.setStretchFactor(1, 1)
        self._splitter.setSizes([412, 576, 332])

        self._scenarios: ScenarioMenu | None = None
        self._strip: SandboxStrip | None = None
        self._offer = sandbox
        if sandbox is not None:
            self._scenarios = ScenarioMenu(sandbox.scenarios, self)
            self._scenarios.picked.connect(self._play)
            self._strip = SandboxStrip(sandbox, self._scenarios)

        self._lay_out()
        self.menus = Menus(self, self._scenarios)
        self.link.used.connect(self._fill)
        self.resize(FIRST)
        self._history_wanted = self._memory.recall(self, self._splitter)
        self._arrange()
        self.compose.begin()
        if whole:
            for _ in self.complete():
                pass

    def complete(self) -> Iterator[None]:
        """Make everything beside the form, in pieces: the window may paint and hear keys in between.

        What is imported here is a good part of what the window is made of, and nothing of it is
        needed to begin a message.
        """
        from console.ui.history import HistoryPane  # noqa: PLC0415

        yield
        self.history = HistoryPane(self._spawn)
        self._put(2, self.history, 0)
        yield
        from console.ui.statusbar import StatusBar  # noqa: PLC0415

        yield
        self.status = StatusBar(self._spawn)
        self._column.replaceWidget(self._foot, self.status)
        self._foot.deleteLater()
        yield
        from console.ui.timeline import TimelinePane  # noqa: PLC0415

        yield
        self.timeline = TimelinePane(self._spawn)
        self._put(1, self.timeline, 1)
        yield
        from console.ui.reply_deeds import ReplyDeeds  # noqa: PLC0415

        self.replies = ReplyDeeds(self, self._spawn, self.show_message)
        self.templates = TemplateDeeds(self, self._spawn)
        yield
        from console.ui.export_deeds import ExportDeeds  # noqa: PLC0415

        self.exports = ExportDeeds(self, self._spawn)
        self._connect()
        self._arrange()

    def _put(self, place: int, pane: QWidget, share: int) -> None:
        """A pane where its place was kept."""
        self._splitter.replaceWidget(place, pane)
        self._panes[place].deleteLater()
        self._panes[place] = pane
        self._splitter.setStretchFactor(place, share)

    def _lay_out(self) -> None:
        middle = QWidget()
        column = self._column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        if self._strip is not None:
            column.addWidget(self._strip)
        column.addWidget(self.link)
        column.addWidget(self.notices)
        column.addWidget(self._splitter, 1)
        column.addWidget(self._foot)
        self.setCentralWidget(middle)

    # -- what the application uses --------------------------------------------------------------

    def attach(self, desk: Desk) -> None:
        """Work with ``desk`` from now on."""
        self._desk = desk
        self.compose.attach(desk)
        self.timeline.attach(desk)
        self.history.attach(desk)
        self.status.attach(desk)
        self.replies.attach(desk)
        self.templates.attach(desk)
        self.exports.attach(desk)
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
        self.compose.sent.connect(self.show_message)
        self.timeline.sent.connect(self.show_message)
        self.timeline.reuse.connect(self._reuse)
        self.history.selected.connect(self.timeline.show_message)
        self.history.reuse.connect(self._reuse)
        self.status.settings_wanted.connect(self.settings_wanted)

    def show_message(self, message_id: str) -> None:
        """Show a message, and where it stands in the history."""
        self.timeline.show_message(message_id)
        self.history.select(message_id)

    def _reuse(self, message_id: str) -> None:
        if self._desk is not None:
            self._spawn(self._fill_from(self._desk, message_id))

    async def _fill_from(self, desk: Desk, message_id: str) -> None:
        draft = await desk.draft_of(message_id)
        if draft is not None:
            self._fill(reusable(draft))

    def _fill(self, draft: Draft) -> None:
        before = self.compose.draft()
        self.compose.fill(draft)
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
        found = self._panes[2].findChild(QLineEdit, "historySearchEdit")
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

    def toggle_history(self) -> None:
        """Show the history if it is folded away, else fold it away."""
        self.show_history(shown=self._panes[2].isHidden())

    def _arrange(self) -> None:
        history = self._looking_back if self._narrow else self._history_wanted
        self._panes[2].setVisible(history)
        self.compose.setVisible(not (self._narrow and self._looking_back))
        self.menus.show_history(shown=history)

    def resizeEvent(self, event: QResizeEvent) -> None:
        narrow = event.size().width() < NARROW
        if narrow != self._narrow:
            self._narrow = narrow
            self._looking_back = False
            self._arrange()
        super().resizeEvent(event)

    def next_pane(self, step: int) -> None:
        """Move the keyboard ``step`` panes on, round and round."""
        panes = [pane for pane in self._panes if pane.isVisible()]
        focus: QWidget | None = self.focusWidget()
        here = next(
            (n for n, pane in enumerate(panes) if focus is not None and pane.isAncestorOf(focus)), -step
        )
        for distance in range(1, len(panes) + 1):
            first = _first_stop(panes[(here + step * distance) % len(panes)])
            if first is not None:
                first.setFocus(Qt.FocusReason.ShortcutFocusReason)
                return

    # -- closing and remembering --------------------------------------------------------------------

    def closeEvent(self, event: QCloseEvent) -> None:
        self._memory.remember(self, self._splitter, history=self._history_wanted)
        if self._may_close:
            event.accept()
            return
        event.ignore()
        self.closing.emit()


def _first_stop(pane: QWidget) -> QWidget | None:
    """The first widget of a pane that takes the keyboard now."""
    for child in pane.findChildren(QWidget):
        if child.isVisible() and child.isEnabled() and child.focusPolicy() & Qt.FocusPolicy.TabFocus:
            return child
    return None

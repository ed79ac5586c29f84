"""How the console stands in the desktop beyond its window: tray, notifications, the watch over stalls."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QGuiApplication

from console.ui.desktop_notices import DesktopNotices
from console.ui.masking import masking
from console.ui.notifying_rules import Notice, notices
from console.ui.tray import Tray, program_icon

if TYPE_CHECKING:
    from console.cascade.conversation import Arrival
    from console.desk.desk import Desk
    from console.ui.window import MainWindow

_TOGETHER_MS: Final = 400
"""Replies that come within this are told together."""


class Presence(QObject):
    """Follows the replies of ``desk`` for ``window``, until :meth:`close`.

    Args:
        tray: by default the desktop's, where it has one.
        bubbles: by default the desktop's notifications.
    """

    def __init__(
        self,
        window: MainWindow,
        desk: Desk,
        *,
        tray: Tray | None = None,
        bubbles: DesktopNotices | None = None,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._desk = desk
        self._arrived: list[Arrival] = []
        self._tray = Tray() if tray is None else tray
        self._bubbles = DesktopNotices() if bubbles is None else bubbles
        self._together = QTimer(self, singleShot=True, interval=_TOGETHER_MS)
        self._together.timeout.connect(self._tell)
        self._stops: list[Callable[[], None]] = [
            desk.replies.watch(self._count),
            desk.replies.on_arrived(self._hear),
        ]
        self._tray.show_wanted.connect(window.bring_to_front)
        self._tray.new_wanted.connect(self._new)
        self._tray.unread_wanted.connect(self._unread)
        self._tray.quit_wanted.connect(window.closing)
        self._tray.clicked.connect(self._open)
        self._bubbles.clicked.connect(self._open)
        self._bubbles.failed.connect(self._tray.show_notice)
        QGuiApplication.setWindowIcon(program_icon())
        window.timeline.shown_changed.connect(self._look)
        self._state_changed = QGuiApplication.instance()
        if isinstance(self._state_changed, QGuiApplication):
            self._state_changed.applicationStateChanged.connect(self._look)
        self._count()
        self._look()

    def close(self) -> None:
        """Leave the desktop."""
        for stop in self._stops:
            stop()
        if isinstance(self._state_changed, QGuiApplication):
            self._state_changed.applicationStateChanged.disconnect(self._look)
        self._together.stop()
        self._bubbles.close()
        self._tray.close()

    # -- what arrives -------------------------------------------------------------------------

    def _look(self) -> None:
        """Replies to what the agent looks at call nobody."""
        in_front = self._window.isActiveWindow() and not self._window.isMinimized()
        self._desk.replies.on_screen = self._window.timeline.message_id if in_front else None

    def _count(self) -> None:
        self._tray.show_unread(self._desk.replies.unread)

    def _hear(self, arrival: Arrival) -> None:
        if self._desk.settings.notifications:
            self._arrived.append(arrival)
            self._together.start()

    def _tell(self) -> None:
        arrived, self._arrived = self._arrived, []
        with_text = self._desk.settings.notification_text
        for notice in notices(arrived, with_text=with_text, masked=masking.on):
            self._bubbles.show(notice)

    # -- what the agent wants -------------------------------------------------------------------

    def _open(self, notice: Notice) -> None:
        self._window.bring_to_front()
        if notice.message_id is not None:
            self._window.show_message(notice.message_id)
        elif notice.unmatched:
            self._window.replies.open_unmatched()
        else:
            self._window.replies.next_unread()

    def _new(self) -> None:
        self._window.bring_to_front()
        self._window.new_message()

    def _unread(self) -> None:
        self._window.bring_to_front()
        self._window.replies.next_unread()

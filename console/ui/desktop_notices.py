"""Notifications of the desktop itself, over D-Bus, where there is one (Linux and its relatives).

The tray's own balloons need a tray, and many desktops have none; they also do not say which of them
was clicked. The desktop's service has neither fault. Its bus is read by a thread of its own, for a
service that hangs must not hold up the window.
"""

from __future__ import annotations

import logging
import queue
import sys
import threading
from typing import Any, Final

from PySide6.QtCore import QObject, Signal

from console.ui.notifying_rules import Notice

_log: Final = logging.getLogger(__name__)
_NAME: Final = "org.freedesktop.Notifications"
_PATH: Final = "/org/freedesktop/Notifications"
_ANSWER: Final = 5.0
"""Seconds a service has for an answer."""
_REMEMBERED: Final = 100
"""Notifications that may still be clicked."""


class DesktopNotices(QObject):
    """Shows notifications and says which was clicked. Every method returns at once."""

    clicked = Signal(object)
    """The :class:`Notice` that was clicked."""
    failed = Signal(object)
    """A :class:`Notice` that could not be shown this way."""

    def __init__(self) -> None:
        super().__init__()
        self._wanted: queue.SimpleQueue[Notice | None] = queue.SimpleQueue()
        self._shown: dict[int, Notice] = {}
        self._broken = sys.platform != "linux"
        self._threads: list[threading.Thread] = []
        self._bus: Any = None
        self._router: Any = None
        self._sending = threading.Lock()
        self._clicks: queue.Queue[Any] = queue.Queue()

    def show(self, notice: Notice) -> None:
        """Show it, or say :attr:`failed`."""
        if self._broken:
            self.failed.emit(notice)
            return
        self._wanted.put(notice)
        if not self._threads:
            self._start(self._serve, "notifications")

    def close(self) -> None:
        """Show nothing any more."""
        self._wanted.put(None)
        self._clicks.put(None)
        for thread in self._threads:
            thread.join(_ANSWER)
        if self._router is not None:
            self._router.close()
            self._bus.close()

    def _start(self, work: Any, name: str) -> None:
        thread = threading.Thread(target=work, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _serve(self) -> None:
        try:
            from jeepney.io.threading import DBusRouter, open_dbus_connection  # noqa: PLC0415 - Linux only

            self._bus = open_dbus_connection("SESSION")
            self._router = DBusRouter(self._bus)
            self._listen(self._router)
        except Exception:  # no bus, no library: the tray has its turn
            _log.info("the desktop has no notifications over D-Bus")
            self._broken = True
        while (notice := self._wanted.get()) is not None:
            if self._broken or not self._send(notice):
                self.failed.emit(notice)

    def _listen(self, router: Any) -> None:
        from jeepney import MatchRule, message_bus  # noqa: PLC0415
        from jeepney.wrappers import unwrap_msg  # noqa: PLC0415

        rule = MatchRule(type="signal", interface=_NAME, path=_PATH, member="ActionInvoked")
        unwrap_msg(router.send_and_get_reply(message_bus.AddMatch(rule), timeout=_ANSWER))
        router.filter(rule, queue=self._clicks)
        self._start(self._hear, "notification-clicks")

    def _hear(self) -> None:
        while (signal := self._clicks.get()) is not None:
            number, _action = signal.body
            with self._sending:  # a click may be heard before the number it is about
                notice = self._shown.pop(number, None)
            if notice is not None:
                self.clicked.emit(notice)

    def _send(self, notice: Notice) -> bool:
        from jeepney import DBusAddress, new_method_call  # noqa: PLC0415
        from jeepney.wrappers import unwrap_msg  # noqa: PLC0415

        address = DBusAddress(_PATH, bus_name=_NAME, interface=_NAME)
        # The body may be read as markup by the service; ours is text.
        text = notice.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        hints = {"desktop-entry": ("s", "cascade"), "category": ("s", "im.received")}
        call = new_method_call(
            address,
            "Notify",
            "susssasa{sv}i",
            ("Cascade", 0, "cascade", notice.title, text, ["default", ""], hints, -1),
        )
        with self._sending:
            try:
                (number,) = unwrap_msg(self._router.send_and_get_reply(call, timeout=_ANSWER))
            except Exception:  # gone, hung, or refused: another way is tried
                return False
            self._shown[number] = notice
            while len(self._shown) > _REMEMBERED:
                del self._shown[next(iter(self._shown))]
        return True

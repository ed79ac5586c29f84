"""Notifications over a real session bus, with a stand-in for the desktop's service."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from queue import Queue
from typing import Any

import pytest
from PySide6.QtCore import QDeadlineTimer
from PySide6.QtWidgets import QApplication

from console.ui.desktop_notices import DesktopNotices
from console.ui.notifying_rules import Notice

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="D-Bus is Linux's")

NAME = "org.freedesktop.Notifications"
PATH = "/org/freedesktop/Notifications"


class Service:
    """Takes notifications as a desktop would, and clicks on them."""

    def __init__(self, address: str) -> None:
        from jeepney.bus_messages import message_bus
        from jeepney.io.blocking import open_dbus_connection

        self._bus = open_dbus_connection(address)
        self._bus.send_and_get_reply(message_bus.RequestName(NAME), timeout=5)
        self.taken: Queue[tuple[Any, ...]] = Queue()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        from jeepney import DBusAddress, MessageType, new_method_return, new_signal

        number = 0
        while not self._over.is_set():
            try:
                message = self._bus.receive(timeout=0.1)
            except TimeoutError:
                continue
            if message.header.message_type is not MessageType.method_call:
                continue
            number += 1
            self.taken.put(message.body)
            self._bus.send(new_method_return(message, "u", (number,)))
            if "click" in message.body[3]:
                me = DBusAddress(PATH, bus_name=NAME, interface=NAME)
                self._bus.send(new_signal(me, "ActionInvoked", "us", (number, "default")))

    def close(self) -> None:
        """Leave the bus."""
        self._over.set()
        self._thread.join()
        self._bus.close()


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    program = shutil.which("dbus-daemon")
    assert program is not None, "dbus is among the programs the tests need"
    with subprocess.Popen(
        [program, "--session", "--nofork", "--nosyslog", "--print-address=1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as daemon:
        assert daemon.stdout is not None
        address = daemon.stdout.readline().strip()
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        yield address
        daemon.terminate()


def wait(app: QApplication, heard: list[Notice]) -> None:
    deadline = QDeadlineTimer(15_000)
    while not heard and not deadline.hasExpired():
        app.processEvents()
    assert heard


def test_it_reaches_the_desktop_as_text_and_its_click_comes_back(app: QApplication, bus: str) -> None:
    service = Service(bus)
    shown = DesktopNotices()
    clicked: list[Notice] = []
    shown.clicked.connect(clicked.append)
    notice = Notice("click me", "<b>not bold</b> & plain", "m1")
    shown.show(Notice("another", "text"))
    shown.show(notice)
    wait(app, clicked)
    assert clicked == [notice]
    service.taken.get(timeout=5)
    program, _, _, title, text, actions, hints, _ = service.taken.get(timeout=5)
    assert (program, title) == ("Cascade", "click me")
    assert text == "&lt;b&gt;not bold&lt;/b&gt; &amp; plain"
    assert actions[0] == "default"
    assert hints["desktop-entry"] == ("s", "cascade")
    shown.close()
    service.close()


def test_a_bus_without_such_a_service_gives_the_notification_back(app: QApplication, bus: str) -> None:
    shown = DesktopNotices()
    failed: list[Notice] = []
    shown.failed.connect(failed.append)
    shown.show(Notice("a", "b"))
    wait(app, failed)
    shown.close()


def test_no_bus_at_all_gives_every_notification_back(
    app: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/at/all")
    shown = DesktopNotices()
    failed: list[Notice] = []
    shown.failed.connect(failed.append)
    shown.show(Notice("a", "b"))
    wait(app, failed)
    failed.clear()
    shown.show(Notice("c", "d"))
    wait(app, failed)
    shown.close()


def test_closing_what_never_showed_anything_is_nothing(app: QApplication) -> None:
    DesktopNotices().close()

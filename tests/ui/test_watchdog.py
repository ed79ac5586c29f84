"""The watchdog of the UI loop notices a stall and names who caused it."""

from __future__ import annotations

import time

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from console.ui.watchdog import StallWatchdog


def run_for(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.processEvents()
    loop.exec()


def a_blocking_call() -> None:
    time.sleep(0.3)


def test_a_blocking_call_is_noticed_and_named(app: QApplication) -> None:
    watchdog = StallWatchdog(threshold=0.2, beat=0.002)
    watchdog.start()
    QTimer.singleShot(20, a_blocking_call)
    run_for(400)
    watchdog.stop()
    assert watchdog.longest is not None
    assert watchdog.longest.seconds > 0.2
    assert "a_blocking_call" in watchdog.longest.stack


def test_what_is_forgotten_is_gone(app: QApplication) -> None:
    watchdog = StallWatchdog(threshold=0.2, beat=0.002)
    watchdog.start()
    QTimer.singleShot(5, a_blocking_call)
    run_for(400)
    watchdog.forget()
    watchdog.stop()
    assert watchdog.longest is None
    assert list(watchdog.stalls) == []

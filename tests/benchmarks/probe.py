"""The child that is measured: ``probe floor`` or ``probe console ARGUMENTS``.

Tells, as lines of JSON with moments of the monotonic clock all processes share: ``typed`` when the
window is painted and a key pressed in it has been painted too (the floor, which has no field, when
it is painted), ``attached`` when the journal is open, ``listed`` when the history is painted.
Then it does what it is told, one line a deed (``deeds.py``), until its input ends.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any


def tell(**words: Any) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


def floor() -> None:
    """The least that is a window: as bare as PySide6 allows."""
    from PySide6.QtCore import QEvent, QObject, QSocketNotifier
    from PySide6.QtWidgets import QApplication, QLabel, QMainWindow

    class Look(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint:
                qt.removeEventFilter(self)
                painted.append(time.monotonic())
            return False

    qt = QApplication(sys.argv)
    painted: list[float] = []
    window = QMainWindow()
    window.setCentralWidget(QLabel("Cascade"))
    look = Look()
    qt.installEventFilter(look)
    window.show()
    while not painted:
        qt.processEvents()
    qt.processEvents()
    tell(typed=time.monotonic())
    end = QSocketNotifier(0, QSocketNotifier.Type.Read)
    end.activated.connect(qt.quit)
    qt.exec()


def console(arguments: list[str]) -> int:
    """The product, begun as ``python -m console`` begins it."""
    # A development checkout has what httpx's own command line needs, and httpx imports it where it
    # is there; an installation of the console has not.
    sys.modules["click"] = sys.modules["rich"] = None  # type: ignore[assignment]

    import console.cli  # noqa: F401 - part of what the product imports
    from console import app as composition  # isort: skip
    import asyncio

    import qasync
    from PySide6.QtCore import QEvent, QObject, Qt
    from PySide6.QtGui import QKeyEvent
    from PySide6.QtWidgets import QAbstractItemView, QApplication, QLineEdit

    class Look(QObject):
        """Waits for the first paint of the field, presses a key in it, and waits for its paint."""

        def __init__(self) -> None:
            super().__init__()
            self.typed: float | None = None
            self.listed: float | None = None
            self.listing: QObject | None = None

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            kind = event.type()
            if kind == QEvent.Type.Paint:
                if watched.objectName() == "recipientEdit":
                    edit = watched
                    assert isinstance(edit, QLineEdit)
                    if not edit.text():
                        press = QKeyEvent(
                            QEvent.Type.KeyPress, Qt.Key.Key_Plus, Qt.KeyboardModifier.NoModifier, "+"
                        )
                        QApplication.postEvent(edit, press)
                    elif self.typed is None:
                        self.typed = time.monotonic()
                elif self.listing is watched:
                    view = watched.parent()
                    assert isinstance(view, QAbstractItemView)
                    if view.model().rowCount():
                        self.listed = time.monotonic()
                        qt.removeEventFilter(self)
            elif kind == QEvent.Type.Show and watched.objectName() == "historyView":
                assert isinstance(watched, QAbstractItemView)
                self.listing = watched.viewport()
            return False

    qt = QApplication([sys.argv[0]])
    qt.setApplicationName("cascade")
    qt.setDesktopFileName("cascade")
    loop = qasync.QEventLoop(qt)
    asyncio.set_event_loop(loop)
    look = Look()
    qt.installEventFilter(look)

    async def stay() -> None:
        async with composition.running(arguments) as application:
            attached = time.monotonic()
            while look.typed is None:  # noqa: ASYNC110 - Qt's filter knows no loop
                await asyncio.sleep(0.001)
            tell(typed=look.typed, attached=attached)
            from tests.benchmarks.deeds import Deeds

            await Deeds(application, look).run()

    with loop:
        loop.run_until_complete(stay())
    return 0


if __name__ == "__main__":
    if sys.argv[1] == "floor":
        floor()
    else:
        console(sys.argv[2:])

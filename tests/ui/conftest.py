"""A QApplication for the room, and a spawn that tests drain themselves."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine, Iterator

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
import shiboken6
from PySide6.QtWidgets import QApplication, QWidget

from console.ui import theme


@pytest.fixture(scope="session")
def app() -> QApplication:
    """The one application of the process, dressed in the light theme."""
    found = QApplication.instance() or QApplication([])
    assert isinstance(found, QApplication)
    theme.apply(found, theme.Mode.LIGHT)
    return found


@pytest.fixture(autouse=True)
def _no_window_stays_on_screen() -> Iterator[None]:
    """What is still shown when Python ends is hidden by Qt, which then asks objects that have gone."""
    yield
    for window in QApplication.topLevelWidgets():
        if window.isVisible():
            window.hide()


def dispose(widget: QWidget) -> None:
    """Delete a widget now, unless it has gone by itself."""
    if shiboken6.isValid(widget):
        shiboken6.delete(widget)


class Spawned:
    """Coroutines the window started, run when the test says so."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._waiting: list[Coroutine[object, object, None]] = []

    def __call__(self, coroutine: Coroutine[object, object, None]) -> None:
        if self._loop.is_closed():
            coroutine.close()  # a window that outlived its test
        else:
            self._waiting.append(coroutine)

    def settle(self) -> None:
        """Run everything started so far, and what that starts."""
        while self._waiting:
            self._loop.run_until_complete(self._waiting.pop(0))

    def close(self) -> None:
        for coroutine in self._waiting:
            coroutine.close()
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()


@pytest.fixture
def spawned() -> Iterator[Spawned]:
    made = Spawned()
    yield made
    made.close()

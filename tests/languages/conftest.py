"""Every test here may speak what it likes; what comes after it is English again."""

from __future__ import annotations

import os
from collections.abc import Iterator

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication

from console.ui.language import speak


@pytest.fixture
def qt() -> QApplication:
    """The one application of the process."""
    found = QApplication.instance() or QApplication([])
    assert isinstance(found, QApplication)
    return found


@pytest.fixture(autouse=True)
def _english_again(qt: QApplication) -> Iterator[None]:
    before = QLocale()
    yield
    speak(qt, "en", QLocale.c())
    QLocale.setDefault(before)

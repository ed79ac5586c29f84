"""The binding keeps its books: PySide6 6.12.0 on Python 3.11 lost a reference with nearly every call."""

from __future__ import annotations

import sys

from PySide6.QtWidgets import QApplication, QLabel


def test_thousands_of_calls_leave_the_counts_of_none_and_true_alone(app: QApplication) -> None:
    label = QLabel()
    before = sys.getrefcount(None), sys.getrefcount(True)
    for number in range(20_000):
        label.setEnabled(number % 2 == 0)
        label.setText(str(number))
        label.isEnabled()
        label.hasFocus()
    after = sys.getrefcount(None), sys.getrefcount(True)
    # The faulty pair loses thousands here and aborts; immortal objects (3.12+) never move.
    assert all(abs(now - then) < 200 for now, then in zip(after, before, strict=True))

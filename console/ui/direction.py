"""Mirroring for what is painted by hand: Qt mirrors layouts by itself, never a painter's coordinates."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QGuiApplication

Box = TypeVar("Box", QRect, QRectF)


def right_to_left() -> bool:
    """Whether the window reads from right to left."""
    return QGuiApplication.layoutDirection() is Qt.LayoutDirection.RightToLeft


def placed(box: Box, within: QRect | QRectF) -> Box:
    """``box``, thought out from the left, where it belongs in ``within``: mirrored from right to left."""
    if not right_to_left():
        return box
    moved = type(box)(box)
    left = 2 * within.left() + within.width() - box.left() - box.width()
    if isinstance(moved, QRect):
        moved.moveLeft(int(left))
    else:
        moved.moveLeft(left)
    return moved

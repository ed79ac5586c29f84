"""Text in lines, for delegates: words stay whole unless one is longer than a line."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFont, QPainter, QTextLayout, QTextOption

from console.ui import theme
from console.ui.direction import right_to_left

_LINE_SEPARATOR: Final = "\u2028"


@dataclass(frozen=True, slots=True, eq=False)
class Wrapped:
    """A text broken into lines of a width."""

    layout: QTextLayout
    lines: int
    width: int
    """Of the widest line."""
    height: int

    def draw(self, painter: QPainter, left: float, top: float) -> None:
        """Draw it with the painter's pen."""
        for place in range(self.lines):
            self.layout.lineAt(place).draw(painter, QPointF(left, top))


@lru_cache(maxsize=512)
def wrapped(text: str, size: int, room: int, most_lines: int) -> Wrapped:
    """``text`` in the interface font at a step of the scale, in lines of at most ``room`` pixels."""
    layout = QTextLayout(text.replace("\n", _LINE_SEPARATOR), QFont(theme.font(size)))
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    # An isolated text hides its direction from Qt; it stands in the window's own then.
    hidden = right_to_left() and text.startswith("\u2068")
    direction = Qt.LayoutDirection.RightToLeft if hidden else Qt.LayoutDirection.LayoutDirectionAuto
    option.setTextDirection(direction)
    layout.setTextOption(option)
    layout.setCacheEnabled(True)
    layout.beginLayout()
    height, width, lines = 0.0, 0.0, 0
    while lines < most_lines:
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(room)
        line.setPosition(QPointF(0, height))
        height += line.height() + line.leading()
        width = max(width, line.naturalTextWidth())
        lines += 1
    layout.endLayout()
    return Wrapped(layout, lines, int(width) + 1, int(height) + 1)

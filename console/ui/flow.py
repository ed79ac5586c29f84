"""Two helpers of layout: widgets in lines as words in a paragraph, and a page that scrolls late."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget

_Placed = tuple[QLayoutItem, bool, QSize]
"""An item, whether it stands at the other end of its line, and its size."""


class FlowLayout(QLayout):
    """Items from left to right (or right to left), wrapped where the line ends.

    What is added after :meth:`turn` stands at the other end of its line. Items of a line stand on
    one middle; one that is wider than the layout is cut off at its end rather than its pane widened.
    """

    def __init__(self, gap: int) -> None:
        super().__init__()
        self._gap = gap
        self._items: list[QLayoutItem] = []
        self._turned: int | None = None
        self.setContentsMargins(0, 0, 0, 0)

    def turn(self) -> None:
        """From here on items belong at the other end of the line."""
        self._turned = len(self._items)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._arrange(QRect(0, 0, width, 0), move=False)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        margins = self.contentsMargins()
        return size.grownBy(margins) if not size.isNull() else QSize(0, 0)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._arrange(rect, move=True)

    def _arrange(self, rect: QRect, *, move: bool) -> int:
        margins = self.contentsMargins()
        area = rect.marginsRemoved(margins)
        lines = self._lines(area.width())
        y = area.top()
        for line in lines:
            height = max(size.height() for _, _, size in line)
            if move:
                self._place(line, QRect(area.left(), y, area.width(), height))
            y += height + self._gap
        return y - self._gap - area.top() + margins.top() + margins.bottom() if lines else 0

    def _lines(self, width: int) -> list[list[_Placed]]:
        """What stands in each line, with whether it stands at the other end."""
        lines: list[list[_Placed]] = []
        used = 0
        for number, item in enumerate(self._items):
            if item.isEmpty():
                continue
            size = item.sizeHint()
            size.setWidth(min(size.width(), max(width, 0)))
            if not lines or used + self._gap + size.width() > width:
                lines.append([])
                used = -self._gap
            lines[-1].append((item, self._turned is not None and number >= self._turned, size))
            used += self._gap + size.width()
        return lines

    def _place(self, line: list[_Placed], area: QRect) -> None:
        parent = self.parentWidget()
        mirrored = parent is not None and parent.layoutDirection() is Qt.LayoutDirection.RightToLeft
        left = area.width() - sum(size.width() for _, _, size in line) - self._gap * (len(line) - 1)
        x, turned = 0, False
        for item, at_end, size in line:
            if at_end and not turned:
                x, turned = x + left, True
            at = area.width() - x - size.width() if mirrored else x
            down = (area.height() - size.height()) // 2
            item.setGeometry(QRect(area.topLeft() + QPoint(at, down), size))
            x += size.width() + self._gap


class Scrolled(QWidget):
    """A page in a scroll area whose height follows from its width.

    The least height that wrapped labels ask for is that of the narrowest width; it would have
    the page scroll where everything fits.
    """

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), 0)

"""Paints one message of the history: whom, first words, state as icon and word, age."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from console.ui import theme
from console.ui.direction import placed
from console.ui.history_model import RowRole
from console.ui.history_rules import chip_of, day_heading, row_title, row_words, short_age
from console.ui.icons import paint_icon
from console.ui.masking import masking
from console.ui.theme import BODY, CAPTION, SPACE

if TYPE_CHECKING:
    from console.desk.values import HistoryRow

Index = QModelIndex | QPersistentModelIndex

ROW_HEIGHT: Final = 70
_DAY: Final = CAPTION - 1
_DAY_HEIGHT: Final = 16
_PAD: Final = 3 * SPACE
_LEFT: Final = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT: Final = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


class HistoryDelegate(QStyledItemDelegate):
    """Three short lines: recipient and age; first words; state."""

    def __init__(self, parent: QWidget, clock: Callable[[], datetime]) -> None:
        super().__init__(parent)
        self._clock = clock

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002
        return QSize(240, ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: HistoryRow | None = index.data(RowRole)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_back(painter, option)
        inner = option.rect.adjusted(_PAD + SPACE, 0, -_PAD - SPACE, 0)
        if row is None:
            self._paint_missing(painter, inner)
        else:
            self._paint_row(painter, inner, row)
            self._paint_days(painter, option.rect, index, row)
        painter.restore()

    def _paint_days(self, painter: QPainter, area: QRect, index: Index, row: HistoryRow) -> None:
        """Where one day ends and another begins, a line with the name of the day below it.

        It stands across the border of two rows, in the space that both leave free, so that all rows
        keep one height; each row paints its half, for it may be painted without the other.
        """
        now = self._clock()
        above: HistoryRow | None = index.sibling(index.row() - 1, 0).data(RowRole)
        below: HistoryRow | None = index.sibling(index.row() + 1, 0).data(RowRole)
        day = day_heading(row.created_at, now)
        if above is not None and day_heading(above.created_at, now) != day:
            self._paint_day(painter, area, area.top(), day)
        if below is not None and (named := day_heading(below.created_at, now)) != day:
            self._paint_day(painter, area, area.bottom() + 1, named)

    @staticmethod
    def _paint_day(painter: QPainter, area: QRect, border: int, day: str) -> None:
        worn = theme.current()
        painter.save()
        painter.setClipRect(area)
        painter.setFont(theme.font(_DAY, QFont.Weight.DemiBold))
        wide = painter.fontMetrics().horizontalAdvance(day) + 4 * SPACE
        pill = QRectF(area.center().x() - wide / 2, border - _DAY_HEIGHT / 2, wide, _DAY_HEIGHT)
        painter.setPen(QPen(QColor(worn.border), 1))
        painter.drawLine(area.left() + _PAD, border, area.right() - _PAD, border)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(worn.surface))
        painter.drawRect(pill)
        painter.setPen(QColor(worn.text_muted))
        painter.drawText(pill, int(Qt.AlignmentFlag.AlignCenter), day)
        painter.restore()

    def _paint_back(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        worn = theme.current()
        state = option.state
        box = QRectF(option.rect).adjusted(SPACE, 1, -SPACE, -1)
        painter.setPen(Qt.PenStyle.NoPen)
        if state & QStyle.StateFlag.State_Selected:
            painter.setBrush(QColor(worn.accent_soft))
            painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
            painter.setBrush(QColor(worn.accent))
            bar = QRectF(box.left(), box.top() + 12, 3, box.height() - 24)
            painter.drawRoundedRect(placed(bar, box), 1.5, 1.5)
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(QColor(worn.hover))
            painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
        focused = QStyle.StateFlag.State_HasFocus | QStyle.StateFlag.State_KeyboardFocusChange
        if (state & focused) == focused:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(worn.focus), 1.5))
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), theme.RADIUS, theme.RADIUS)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_missing(self, painter: QPainter, area: QRect) -> None:
        """Two grey bars where a row is being read: it is there within a frame or two."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.current().hover))
        for top, part, high in ((14, 0.5, 10), (36, 0.8, 8)):
            bar = QRectF(area.left(), area.top() + top, area.width() * part, high)
            painter.drawRoundedRect(placed(bar, area), high / 2, high / 2)

    def _paint_row(self, painter: QPainter, area: QRect, row: HistoryRow) -> None:
        worn = theme.current()
        line = QRect(area.left(), area.top() + 8, area.width(), 18)
        painter.setFont(theme.font(CAPTION))
        age = short_age(row.created_at, self._clock())
        painter.setPen(QColor(worn.text_faint))
        painter.drawText(line, _RIGHT, age)
        room = line.width() - painter.fontMetrics().horizontalAdvance(age) - 3 * SPACE
        left = line.left()
        if row.unread:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(worn.accent))
            painter.drawEllipse(placed(QRectF(left, line.center().y() - 3, 8, 8), line))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            left, room = left + 14, room - 14
        painter.setFont(theme.font(BODY, QFont.Weight.Bold if row.unread else QFont.Weight.DemiBold))
        painter.setPen(QColor(worn.text))
        title = placed(QRect(left, line.top(), room, line.height()), line)
        self._line(painter, title, row_title(row, masked=masking.on))
        painter.setFont(theme.font(BODY))
        painter.setPen(QColor(worn.text_muted))
        self._line(painter, line.translated(0, 18), row_words(row))
        self._paint_chip(painter, line.translated(0, 36), row)

    def _paint_chip(self, painter: QPainter, line: QRect, row: HistoryRow) -> None:
        said = chip_of(row)
        colour = theme.tone_colour(said.tone.value)
        symbol = placed(QRectF(line.left(), line.center().y() - 6, 14, 14), line)
        paint_icon(painter, said.icon, symbol, colour)
        painter.setFont(theme.font(CAPTION, QFont.Weight.Medium))
        painter.setPen(colour)
        self._line(painter, placed(line.adjusted(20, 0, 0, 0), line), said.text)

    @staticmethod
    def _line(painter: QPainter, area: QRect, text: str) -> None:
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, _LEFT, shown)

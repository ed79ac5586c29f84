"""One row of the event list as it is painted."""

from __future__ import annotations

from typing import Final, cast

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QMouseEvent, QPainter, QPalette, QPen, QPixmap
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from console.cascade.outcome import Tone
from console.ui import theme
from console.ui.direction import placed
from console.ui.icons import paint_icon
from console.ui.theme import BODY, CAPTION, SPACE
from console.ui.timeline_paint import Wrapped, wrapped
from console.ui.timeline_rules import Row

Index = QModelIndex | QPersistentModelIndex

RowRole: Final = int(Qt.ItemDataRole.UserRole)
"""Under which a model gives the :class:`Row`."""

_TIME: Final = 68
_DISC: Final = 24
_TEXT: Final = _TIME + _DISC + 9 * SPACE
_PAD: Final = 10
_RAW: Final = 28
_DETAIL_LINES: Final = 8
_NOTE_LINES: Final = 3
_KEPT: Final = 60
"""Pictures of rows; one is about a quarter of a megabyte on a fine screen."""


class EventDelegate(QStyledItemDelegate):
    """Paints a row: time, icon on a thread, what it means, what Telesign said, where it came from.

    A row takes about a millisecond to paint, and a new event moves all the others: each is painted
    once and then laid down as a picture, so that only what is new costs anything.
    """

    evidence_wanted = Signal(object)
    """The evidence of an event is to be shown."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._pictures: dict[tuple[object, ...], tuple[Row, QPixmap]] = {}

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        row = cast(Row, index.data(RowRole))
        view = cast(QListView, option.widget)
        width = view.viewport().width()
        return QSize(width, self._height(row, width))

    def _height(self, row: Row, width: int) -> int:
        room = _text_width(width)
        height = _PAD + QFontMetrics(theme.font(BODY, QFont.Weight.DemiBold)).height()
        if row.detail:
            height += 2 + _detail(row, room).height
        if row.notes or row.badge.text:
            height += SPACE + _notes_height(row, room)
        return max(height + _PAD, _DISC + 2 * _PAD)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = cast(Row, index.data(RowRole))
        area: QRect = option.rect
        last = index.row() == index.model().rowCount() - 1
        ratio = painter.device().devicePixelRatioF()
        worn = theme.current()
        look = (
            row.key,
            area.width(),
            area.height(),
            _shown(option.state),
            index.row() == 0,
            last,
            ratio,
            worn,
        )
        kept = self._pictures.pop(look, None)
        if kept is None or kept[0] != row:
            kept = (row, self._picture(row, option, first=index.row() == 0, last=last, ratio=ratio))
        self._pictures[look] = kept  # back to the end: the one unused for longest goes first
        if len(self._pictures) > _KEPT:
            del self._pictures[next(iter(self._pictures))]
        painter.drawPixmap(area.topLeft(), kept[1])

    def _picture(
        self, row: Row, option: QStyleOptionViewItem, *, first: bool, last: bool, ratio: float
    ) -> QPixmap:
        area = QRect(QPoint(0, 0), option.rect.size())
        picture = QPixmap(area.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(option.palette.color(QPalette.ColorRole.Base))
        painter = QPainter(picture)
        painter.setLayoutDirection(option.direction)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        state: QStyle.StateFlag = option.state
        self._paint_back(painter, area, state)
        self._paint_thread(painter, area, first=first, last=last)
        self._paint_disc(painter, area, row)
        self._paint_time(painter, area, row)
        self._paint_text(painter, area, row)
        hovered = bool(state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_Selected))
        worn = theme.current()
        colour = worn.text_muted if hovered else worn.border_strong
        if row.event.source is not None or hovered:
            paint_icon(painter, "code", QRectF(raw_rect(area)).adjusted(6, 6, -6, -6), colour)
        painter.end()
        return picture

    def _paint_back(self, painter: QPainter, area: QRect, state: QStyle.StateFlag) -> None:
        worn = theme.current()
        box = QRectF(area).adjusted(2 * SPACE, 1, -2 * SPACE, -1)
        painter.setPen(Qt.PenStyle.NoPen)
        if state & QStyle.StateFlag.State_Selected:
            painter.setBrush(QColor(worn.accent_soft))
            painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(QColor(worn.hover))
            painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
        if state & QStyle.StateFlag.State_HasFocus and state & QStyle.StateFlag.State_KeyboardFocusChange:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(worn.focus), 1.5))
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), theme.RADIUS, theme.RADIUS)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_thread(self, painter: QPainter, area: QRect, *, first: bool, last: bool) -> None:
        x = placed(QRectF(area.left() + 6 * SPACE + _TIME, 0, _DISC, 1), area).center().x()
        middle = area.top() + _PAD + _DISC / 2 - 3
        painter.setPen(QPen(QColor(theme.current().border), 1.5))
        if not first:
            painter.drawLine(QPointF(x, area.top()), QPointF(x, middle))
        if not last:
            painter.drawLine(QPointF(x, middle), QPointF(x, area.bottom() + 1))

    def _paint_disc(self, painter: QPainter, area: QRect, row: Row) -> None:
        worn = theme.current()
        left = area.left() + 6 * SPACE + _TIME
        disc = placed(QRectF(left, area.top() + _PAD - 3, _DISC, _DISC), area)
        colour = theme.tone_colour("muted" if row.faint else row.tone.value)
        painter.setPen(QPen(QColor(worn.surface), 2))
        painter.setBrush(theme.tone_soft("" if row.faint else row.tone.value))
        painter.drawEllipse(disc)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        paint_icon(painter, row.icon, disc.adjusted(4.5, 4.5, -4.5, -4.5), colour)

    def _paint_time(self, painter: QPainter, area: QRect, row: Row) -> None:
        worn = theme.current()
        painter.setFont(_tabular(theme.font(CAPTION)))
        metrics = painter.fontMetrics()
        box = QRectF(area.left() + 6 * SPACE, area.top() + _PAD, _TIME - 2 * SPACE, metrics.height())
        box = placed(box, area)
        painter.setPen(QColor(worn.text_muted))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), row.time)
        if row.date:
            painter.setFont(theme.font(CAPTION - 1))
            painter.setPen(QColor(worn.text_faint))
            below = box.translated(0, metrics.height() + 1)
            painter.drawText(below, int(Qt.AlignmentFlag.AlignLeft), row.date)

    def _paint_text(self, painter: QPainter, area: QRect, row: Row) -> None:
        worn = theme.current()
        room = _text_width(area.width())
        left = placed(QRect(area.left() + _TEXT, 0, room, 1), area).left()
        top = area.top() + _PAD
        bold = theme.font(BODY, QFont.Weight.DemiBold)
        painter.setFont(bold)
        metrics = QFontMetrics(bold)
        bad = row.tone is Tone.BAD and not row.faint
        painter.setPen(QColor(worn.text_muted if row.faint else worn.bad if bad else worn.text))
        flags = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        title = metrics.elidedText(row.title, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRect(left, top, room, metrics.height()), flags, title)
        top += metrics.height()
        if row.detail:
            top += 2
            detail = _detail(row, room)
            painter.setPen(QColor(worn.text_muted))
            detail.draw(painter, left, top)
            top += detail.height
        if row.notes or row.badge.text:
            self._paint_notes(painter, QRect(left, top + SPACE, room, _notes_height(row, room)), row)

    def _paint_notes(self, painter: QPainter, area: QRect, row: Row) -> None:
        worn = theme.current()
        small = theme.font(CAPTION)
        metrics = QFontMetrics(small)
        painter.setFont(small)
        x = area.left()
        if row.badge.text:
            width = _badge_width(row)
            colour = theme.tone_colour(row.badge.tone.value)
            box = QRectF(x, area.top(), 16, metrics.height())
            symbol = placed(QRectF(x, box.center().y() - 7, 14, 14), area)
            paint_icon(painter, row.badge.icon, symbol, colour)
            painter.setPen(colour)
            place = placed(QRect(x + 18, area.top(), width - 18, metrics.height()), area)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter), row.badge.text)
            x += width
            if row.notes and _one_line(row, area.width()):
                painter.setPen(QColor(worn.text_faint))
                gap = placed(QRect(x, area.top(), 4 * SPACE, metrics.height()), area)
                painter.drawText(gap, int(Qt.AlignmentFlag.AlignCenter), "·")
                x += 4 * SPACE
        if not row.notes:
            return
        painter.setPen(QColor(worn.text_faint))
        if _one_line(row, area.width()):
            box_text = placed(QRect(x, area.top(), area.right() - x + 1, metrics.height()), area)
            text = metrics.elidedText(row.notes, Qt.TextElideMode.ElideRight, box_text.width())
            painter.drawText(box_text, int(Qt.AlignmentFlag.AlignVCenter), text)
            return
        below = area.top() + (metrics.height() + 2 if row.badge.text else 0)
        wrapped(row.notes, CAPTION, area.width(), _NOTE_LINES).draw(painter, area.left(), below)

    def editorEvent(
        self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        if event.type() is QEvent.Type.MouseButtonRelease:
            click = cast(QMouseEvent, event)
            area: QRect = option.rect
            if click.button() is Qt.MouseButton.LeftButton and raw_rect(area).contains(
                click.position().toPoint()
            ):
                self.evidence_wanted.emit(cast(Row, index.data(RowRole)).event)
                return True
        return super().editorEvent(event, model, option, index)


def _shown(state: QStyle.StateFlag) -> tuple[bool, bool, bool]:
    """What of a row's state can be seen."""
    focus = state & QStyle.StateFlag.State_HasFocus and state & QStyle.StateFlag.State_KeyboardFocusChange
    return (
        bool(state & QStyle.StateFlag.State_Selected),
        bool(state & QStyle.StateFlag.State_MouseOver),
        bool(focus),
    )


def raw_rect(area: QRect) -> QRect:
    """Where a row offers its raw callback."""
    return placed(QRect(area.right() - 4 * SPACE - _RAW, area.top() + 4, _RAW, _RAW), area)


def _text_width(width: int) -> int:
    return max(width - _TEXT - _RAW - 5 * SPACE, 80)


def _detail(row: Row, room: int) -> Wrapped:
    return wrapped(row.detail, BODY, room, _DETAIL_LINES)


def _badge_width(row: Row) -> int:
    return 18 + QFontMetrics(theme.font(CAPTION)).horizontalAdvance(row.badge.text) if row.badge.text else 0


def _one_line(row: Row, room: int) -> bool:
    metrics = QFontMetrics(theme.font(CAPTION))
    badge = _badge_width(row)
    return metrics.horizontalAdvance(row.notes) + badge + (4 * SPACE if badge else 0) <= room


def _notes_height(row: Row, room: int) -> int:
    metrics = QFontMetrics(theme.font(CAPTION))
    if not row.notes or _one_line(row, room):
        return metrics.height()
    lines = wrapped(row.notes, CAPTION, room, _NOTE_LINES).height
    return lines if not row.badge.text else metrics.height() + 2 + lines


def _tabular(font: QFont) -> QFont:
    """Digits of one width, so that times stand under each other."""
    made = QFont(font)
    made.setFeature(QFont.Tag("tnum"), 1)
    return made

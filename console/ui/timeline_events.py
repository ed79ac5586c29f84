"""The list of events: a model of rows that read as text, and the delegate that paints them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, cast

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QAction,
    QColor,
    QContextMenuEvent,
    QFont,
    QFontMetrics,
    QGuiApplication,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from console.cascade.outcome import Event, Tone
from console.cascade.words import tr
from console.ui import theme
from console.ui.icons import icon, paint_icon
from console.ui.theme import BODY, CAPTION, SPACE
from console.ui.timeline_paint import Wrapped, wrapped
from console.ui.timeline_rules import Row, event_tip, row_of
from console.ui.timeline_text import tip
from console.ui.widgets import name

Index = QModelIndex | QPersistentModelIndex

RowRole: Final = int(Qt.ItemDataRole.UserRole)

_TIME: Final = 68
_DISC: Final = 24
_TEXT: Final = _TIME + _DISC + 9 * SPACE
_PAD: Final = 10
_RAW: Final = 28
_DETAIL_LINES: Final = 8
_NOTE_LINES: Final = 3
_LEAST: Final = 132
"""Room for two or three lines."""


class EventModel(QAbstractListModel):
    """The rows of one timeline."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self._clock = clock
        self._rows: list[Row] = []

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return row.text
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(event_tip(row.event, self._clock()))
        return row if role == RowRole else None

    def row(self, place: int) -> Row:
        """The row at ``place``."""
        return self._rows[place]

    def show_events(self, events: Sequence[Event]) -> None:
        """Show ``events``; rows that are still there keep selection and place."""
        now = self._clock()
        wanted = [row_of(event, now) for event in events]
        have = [row.key for row in self._rows]
        keys = [row.key for row in wanted]
        if keys[: len(have)] == have:
            self._refresh(wanted[: len(have)])
            if len(wanted) > len(have):
                self.beginInsertRows(QModelIndex(), len(have), len(wanted) - 1)
                self._rows += wanted[len(have) :]
                self.endInsertRows()
        elif _is_part(have, keys):
            self._insert_missing(wanted)
        else:
            self.beginResetModel()
            self._rows = wanted
            self.endResetModel()

    def _refresh(self, rows: Sequence[Row]) -> None:
        for place, row in enumerate(rows):
            if row != self._rows[place]:
                self._rows[place] = row
                index = self.index(place)
                self.dataChanged.emit(index, index)

    def _insert_missing(self, wanted: Sequence[Row]) -> None:
        """A late report takes its place in the middle."""
        for place, row in enumerate(wanted):
            if place >= len(self._rows) or self._rows[place].key != row.key:
                self.beginInsertRows(QModelIndex(), place, place)
                self._rows.insert(place, row)
                self.endInsertRows()
        self._refresh(wanted)


def _is_part(part: Sequence[str], whole: Sequence[str]) -> bool:
    """Whether ``part`` stands in ``whole`` in the same order."""
    rest = iter(whole)
    return all(key in rest for key in part)


class EventDelegate(QStyledItemDelegate):
    """Paints a row: time, icon on a thread, what it means, what Telesign said, where it came from."""

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
        model = index.model()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area: QRect = option.rect
        state: QStyle.StateFlag = option.state
        self._paint_back(painter, area, state)
        self._paint_thread(painter, area, index.row(), model.rowCount())
        self._paint_disc(painter, area, row)
        self._paint_time(painter, area, row)
        self._paint_text(painter, area, row)
        hovered = bool(state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_Selected))
        worn = theme.current()
        colour = worn.text_muted if hovered else worn.border_strong
        if row.event.source is not None or hovered:
            paint_icon(painter, "code", QRectF(raw_rect(area)).adjusted(6, 6, -6, -6), colour)
        painter.restore()

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

    def _paint_thread(self, painter: QPainter, area: QRect, row: int, rows: int) -> None:
        x = area.left() + 6 * SPACE + _TIME + _DISC / 2
        middle = area.top() + _PAD + _DISC / 2 - 3
        painter.setPen(QPen(QColor(theme.current().border), 1.5))
        if row > 0:
            painter.drawLine(QPointF(x, area.top()), QPointF(x, middle))
        if row < rows - 1:
            painter.drawLine(QPointF(x, middle), QPointF(x, area.bottom() + 1))

    def _paint_disc(self, painter: QPainter, area: QRect, row: Row) -> None:
        worn = theme.current()
        left = area.left() + 6 * SPACE + _TIME
        disc = QRectF(left, area.top() + _PAD - 3, _DISC, _DISC)
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
        left = area.left() + _TEXT
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
            paint_icon(painter, row.badge.icon, QRectF(x, box.center().y() - 7, 14, 14), colour)
            painter.setPen(colour)
            place = QRect(x + 18, area.top(), width - 18, metrics.height())
            painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter), row.badge.text)
            x += width
            if row.notes and _one_line(row, area.width()):
                painter.setPen(QColor(worn.text_faint))
                gap = QRect(x, area.top(), 4 * SPACE, metrics.height())
                painter.drawText(gap, int(Qt.AlignmentFlag.AlignCenter), "·")
                x += 4 * SPACE
        if not row.notes:
            return
        painter.setPen(QColor(worn.text_faint))
        if _one_line(row, area.width()):
            box_text = QRect(x, area.top(), area.right() - x + 1, metrics.height())
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
                view = option.widget
                if isinstance(view, EventView):
                    view.evidence_wanted.emit(cast(Row, index.data(RowRole)).event)
                return True
        return super().editorEvent(event, model, option, index)


def raw_rect(area: QRect) -> QRect:
    """Where a row offers its raw callback."""
    return QRect(area.right() - 4 * SPACE - _RAW, area.top() + 4, _RAW, _RAW)


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


class EventView(QListView):
    """The list itself: Enter shows the evidence, Ctrl+C copies the line, the menu does both."""

    evidence_wanted = Signal(object)

    def __init__(self, model: EventModel) -> None:
        super().__init__()
        self._model = model
        name(
            self,
            "timelineView",
            tr("What happened to this message"),
            tr("One line an event. Enter shows the raw evidence of a line."),
        )
        self.setModel(model)
        self.setItemDelegate(EventDelegate(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.verticalScrollBar().setSingleStep(24)
        self._at_end = True
        bar = self.verticalScrollBar()
        bar.valueChanged.connect(self._scrolled)
        bar.rangeChanged.connect(self._grown)
        self.activated.connect(lambda index: self.evidence_wanted.emit(model.row(index.row()).event))
        theme.theme_changed.connect(self.scheduleDelayedItemsLayout)
        copy = QAction(tr("Copy line"), self)
        copy.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        copy.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        copy.triggered.connect(self._copy_line)
        self.addAction(copy)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.scheduleDelayedItemsLayout()

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), _LEAST)

    def minimumSizeHint(self) -> QSize:
        # It takes what is left; on a low window the pane around it scrolls.
        return QSize(super().minimumSizeHint().width(), _LEAST)

    def follow(self) -> None:
        """Keep the newest line in sight until somebody scrolls away from it."""
        self._at_end = True
        self.scrollToBottom()

    def _scrolled(self, value: int) -> None:
        self._at_end = value >= self.verticalScrollBar().maximum() - 4

    def _grown(self, low: int, high: int) -> None:  # noqa: ARG002 - Qt's signal
        if self._at_end:
            self.verticalScrollBar().setValue(high)

    def current_event(self) -> Event | None:
        """The event the keyboard is on."""
        index = self.currentIndex()
        return self._model.row(index.row()).event if index.isValid() else None

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() is not QContextMenuEvent.Reason.Keyboard:
            index = self.indexAt(event.pos())
            if not index.isValid():
                return
            self.setCurrentIndex(index)
        at = self.current_event()
        if at is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        raw = menu.addAction(icon("code"), tr("Show the raw evidence"))
        raw.triggered.connect(lambda: self.evidence_wanted.emit(at))
        line = menu.addAction(icon("copy"), tr("Copy line"))
        line.triggered.connect(self._copy_line)
        if at.reference_id:
            reference = menu.addAction(icon("copy"), tr("Copy reference id"))
            reference.triggered.connect(lambda: QGuiApplication.clipboard().setText(at.reference_id or ""))
        menu.popup(event.globalPos())

    def _copy_line(self) -> None:
        index = self.currentIndex()
        if index.isValid():
            QGuiApplication.clipboard().setText(self._model.row(index.row()).text)

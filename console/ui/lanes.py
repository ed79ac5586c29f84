"""The lanes: one row per channel on a shared time axis, painted by hand."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QHelpEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from console.cascade.formats import time_text
from console.cascade.outcome import AttemptState, Tone
from console.cascade.speech import duration_text
from console.cascade.words import tr
from console.ui import theme
from console.ui.direction import placed, right_to_left
from console.ui.icons import paint_icon
from console.ui.lanes_rules import ARRIVED, ICONS, Chart, Lane, Mark, Segment
from console.ui.theme import BODY, CAPTION, SPACE
from console.ui.timeline_text import tip

_GUTTER: Final = 168
"""Room for a lane's name and state, left of the axis: the least."""
_GUTTER_STEP: Final = 28
"""It grows by this much at a time, so that a state that counts seconds does not push the axis about."""
_GUTTER_SHARE: Final = 0.42
"""Of the width at most."""
_TEXT_LEFT: Final = 24
_ROW: Final = 44
_BAR: Final = 12
_MARK: Final = 20
_TOP: Final = 28
"""Room above the lanes for the planned fallback, while one may be planned."""
_TOP_SETTLED: Final = 8
_AXIS: Final = 28
_WIDEST: Final = datetime(2000, 1, 1, 20, 0, 0, tzinfo=UTC)
"""A time of day that is as wide as any, with twelve hours or with twenty-four."""
_RIGHT: Final = 24
ROUND: Final = frozenset({"question", "error", "minus-circle", "check-circle", "info", "clock"})
"""Icons that are circles themselves."""


def name_font() -> QFont:
    """Of a channel's name."""
    return theme.font(BODY, QFont.Weight.DemiBold)


def words_font() -> QFont:
    """Of its state."""
    return theme.font(CAPTION)


class Lanes(QWidget):
    """Shows a :class:`Chart`; without one it takes no room. Repaints only when told another chart."""

    def __init__(self) -> None:
        super().__init__()
        self._chart: Chart | None = None
        self._gutter = _GUTTER
        self.setObjectName("timelineLanes")
        self.setAccessibleName(tr("Channels in the order tried"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.theme_changed.connect(self._measure)

    def show_chart(self, chart: Chart | None) -> None:
        """Show ``chart`` from now on."""
        if chart == self._chart:
            return
        before = self.sizeHint()
        self._chart = chart
        self.setVisible(chart is not None)
        self.setAccessibleDescription(chart.description if chart is not None else "")
        if self.sizeHint() != before:
            self.updateGeometry()
        self._measure()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._measure()

    def _measure(self) -> None:
        """Make the gutter as wide as what stands in it, as far as there is room."""
        lanes = self._chart.lanes if self._chart is not None else ()
        texts = [(lane.words, words_font()) for lane in lanes] + [(lane.name, name_font()) for lane in lanes]
        widest = max((QFontMetrics(font).horizontalAdvance(text) for text, font in texts), default=0)
        over = max(_TEXT_LEFT + widest + 3 * SPACE - _GUTTER, 0)
        wanted = _GUTTER + math.ceil(over / _GUTTER_STEP) * _GUTTER_STEP
        self._gutter = max(_GUTTER, min(wanted, int(self.width() * _GUTTER_SHARE)))
        self.update()

    @property
    def room_for_words(self) -> int:
        """Pixels for a lane's name and state; what is longer is cut."""
        return self._gutter - _TEXT_LEFT - 3 * SPACE

    def sizeHint(self) -> QSize:
        rows = len(self._chart.lanes) if self._chart is not None else 0
        return QSize(480, self._top() + rows * _ROW + _AXIS)

    def _top(self) -> int:
        live = self._chart is not None and (self._chart.now is not None or self._chart.fallback is not None)
        return _TOP if live else _TOP_SETTLED

    def minimumSizeHint(self) -> QSize:
        return QSize(_GUTTER + 160, self.sizeHint().height())

    # -- places -----------------------------------------------------------------------------

    def _axis_rect(self) -> QRectF:
        left = float(self._gutter)
        top = self._top()
        return QRectF(left, top, max(self.width() - left - _RIGHT, 1.0), self.height() - top - _AXIS)

    def _x(self, place: float) -> float:
        area = self._axis_rect()
        return area.left() + place * area.width()

    def _seen(self, x: float) -> float:
        """Where a place thought out from the left is painted."""
        return self.width() - x if right_to_left() else x

    def _line(self, painter: QPainter, left: float, right: float, y: float) -> None:
        painter.drawLine(QPointF(self._seen(left), y), QPointF(self._seen(right), y))

    def _middle(self, row: int) -> float:
        return self._top() + row * _ROW + _ROW / 2

    def _mark_places(self, chart: Chart, lane: Lane) -> list[tuple[Mark, float]]:
        """Marks in the order of time, moved apart where they would cover each other."""
        area = self._axis_rect()
        places: list[tuple[Mark, float]] = []
        last = area.left() - _MARK
        for mark in sorted(lane.marks, key=lambda mark: mark.at):
            x = max(self._x(chart.axis.place(mark.at)), last + _MARK + 2)
            places.append((mark, x))
            last = x
        limit = area.right() + _RIGHT - _MARK / 2 - 2
        for index in range(len(places) - 1, -1, -1):  # the last ones must not leave the widget
            mark, x = places[index]
            if x <= limit:
                break
            places[index] = (mark, limit)
            limit -= _MARK + 2
        return places

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), tip(self.tip_at(QPointF(event.pos()))), self)
            return True
        return super().event(event)

    def tip_at(self, place: QPointF) -> str:
        """What the mark under the pointer says, or the lane's state; empty elsewhere."""
        chart = self._chart
        if chart is None:
            return ""
        for row, lane in enumerate(chart.lanes):
            if abs(place.y() - self._middle(row)) > _ROW / 2:
                continue
            for mark, x in self._mark_places(chart, lane):
                if abs(place.x() - self._seen(x)) <= _MARK / 2 + 1:
                    return f"{time_text(mark.at.astimezone(chart.zone), seconds=True)}  {mark.text}"
            return f"{lane.name}: {lane.words}"
        return ""

    # -- painting ---------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        chart = self._chart
        if chart is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_axis(painter, chart)
        for row, lane in enumerate(chart.lanes):
            self._paint_gutter(painter, row, lane)
            self._paint_track(painter, chart, row, lane)
        self._paint_breaks(painter, chart)
        self._paint_fallback(painter, chart)
        self._paint_now(painter, chart)
        for row, lane in enumerate(chart.lanes):
            for mark, x in self._mark_places(chart, lane):
                self._paint_mark(painter, QPointF(self._seen(x), self._middle(row)), mark)
        painter.end()

    def _paint_axis(self, painter: QPainter, chart: Chart) -> None:
        worn = theme.current()
        area = self._axis_rect()
        painter.setFont(theme.font(CAPTION - 1))
        metrics = painter.fontMetrics()
        taken: list[tuple[float, float]] = []

        def write(x: float, text: str) -> None:
            """Label a place unless that would touch what is already written there."""
            half = metrics.horizontalAdvance(text) / 2
            left = min(max(x - half, area.left() - half), self.width() - 2 * half)
            if all(left + 2 * half + SPACE < other or left - SPACE > end for other, end in taken):
                taken.append((left, left + 2 * half))
                shown = placed(QRectF(left, 0, 2 * half, 1), self.rect()).left()
                painter.drawText(QPointF(shown, area.bottom() + SPACE + metrics.ascent() + 2), text)

        if chart.now is not None:
            x = self._x(chart.axis.place(chart.now))
            painter.setPen(QColor(worn.accent))
            painter.setFont(theme.font(CAPTION - 1, QFont.Weight.DemiBold))
            write(x, tr("now"))
            painter.setFont(theme.font(CAPTION - 1))
        painter.setPen(QColor(worn.text_faint))
        for piece in chart.axis.pieces:
            if piece.folded:
                write(self._x((piece.left + piece.right) / 2), f"+{duration_text(piece.end - piece.start)}")
        room = metrics.horizontalAdvance(time_text(_WIDEST, seconds=True)) + 6 * SPACE
        for tick in chart.axis.ticks(area.width(), room, chart.zone):
            x = self._x(tick.place)
            painter.setPen(QPen(QColor(worn.grid), 1))
            seen = self._seen(x)
            painter.drawLine(QPointF(seen, area.top()), QPointF(seen, area.bottom() + SPACE))
            painter.setPen(QColor(worn.text_faint))
            write(x, tick.label)

    def _paint_breaks(self, painter: QPainter, chart: Chart) -> None:
        """Two slanted strokes across every lane: here time was folded away."""
        worn = theme.current()
        for piece in chart.axis.pieces:
            if not piece.folded:
                continue
            x = self._seen(self._x((piece.left + piece.right) / 2))
            for row in range(len(chart.lanes)):
                y = self._middle(row)
                painter.fillRect(QRectF(x - 3, y - 7, 6, 14), QColor(worn.surface))
                painter.setPen(QPen(QColor(worn.text_faint), 1.25))
                for shift in (-3, 3):
                    painter.drawLine(QPointF(x + shift - 3, y + 6), QPointF(x + shift + 3, y - 6))

    def _paint_gutter(self, painter: QPainter, row: int, lane: Lane) -> None:
        worn = theme.current()
        middle = self._middle(row)
        colour = theme.channel_colour(lane.key) if not lane.dormant else QColor(worn.text_faint)
        paint_icon(painter, lane.icon, placed(QRectF(0, middle - 15, 16, 16), self.rect()), colour)
        width = self.room_for_words
        painter.setFont(name_font())
        painter.setPen(QColor(worn.text_muted if lane.dormant else worn.text))
        metrics = painter.fontMetrics()
        name = metrics.elidedText(lane.name, Qt.TextElideMode.ElideRight, width)
        self._write(painter, middle - 3, name)
        painter.setFont(words_font())
        tone = lane.tone.value if lane.tone is not Tone.ACTIVE else "muted"
        painter.setPen(theme.tone_colour(tone))
        metrics = painter.fontMetrics()
        words = metrics.elidedText(lane.words, Qt.TextElideMode.ElideRight, width)
        self._write(painter, middle + metrics.ascent() + 1, words)

    def _write(self, painter: QPainter, base: float, text: str) -> None:
        """One line of the gutter."""
        wide = painter.fontMetrics().horizontalAdvance(text)
        painter.drawText(QPointF(placed(QRectF(_TEXT_LEFT, 0, wide, 1), self.rect()).left(), base), text)

    def _paint_track(self, painter: QPainter, chart: Chart, row: int, lane: Lane) -> None:
        worn = theme.current()
        area = self._axis_rect()
        y = self._middle(row)
        painter.setPen(QPen(QColor(worn.border), 1, Qt.PenStyle.SolidLine))
        self._line(painter, area.left(), area.right(), y)
        for segment in lane.segments:
            self._paint_segment(painter, chart, y, lane, segment)

    def _paint_segment(self, painter: QPainter, chart: Chart, y: float, lane: Lane, segment: Segment) -> None:
        worn = theme.current()
        left = self._x(chart.axis.place(segment.start))
        right = max(self._x(chart.axis.place(segment.end)), left + 3)
        if lane.key == "request":
            painter.setPen(QPen(QColor(worn.text_muted), 3, c=Qt.PenCapStyle.RoundCap))
            self._line(painter, left, right, y)
            return
        if segment.state in ARRIVED:
            painter.setPen(QPen(QColor(worn.good), 2))
            self._line(painter, left, right, y)
            return
        if segment.state not in (AttemptState.TRYING, AttemptState.AT_GATEWAY):
            # It was given up, and arrived all the same.
            painter.setPen(QPen(theme.channel_colour(lane.key), 1.5, Qt.PenStyle.DotLine))
            self._line(painter, left, right, y)
            return
        bar = placed(QRectF(left, y - _BAR / 2, right - left, _BAR), self.rect())
        radius = min(_BAR / 2, bar.width() / 2)
        colour = theme.channel_colour(lane.key)
        fill = theme.channel_soft(lane.key)
        if segment.state is AttemptState.AT_GATEWAY:
            fill = _between(fill, colour, 0.35)
        painter.setPen(QPen(colour, 1.25))
        painter.setBrush(fill)
        painter.drawRoundedRect(bar, radius, radius)
        if segment.growing:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawEllipse(QPointF(self._seen(right - 2), y), _BAR / 2 - 1, _BAR / 2 - 1)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_mark(self, painter: QPainter, centre: QPointF, mark: Mark) -> None:
        worn = theme.current()
        colour = theme.tone_colour(mark.tone.value)
        painter.setPen(QPen(QColor(worn.surface), 4))
        painter.setBrush(theme.tone_soft(mark.tone.value))
        painter.drawEllipse(centre, _MARK / 2, _MARK / 2)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        half = 7.0
        if mark.icon in ROUND:  # it brings a ring of its own
            half = 12.0
        else:
            painter.setPen(QPen(colour, 1.5))
            painter.drawEllipse(centre, _MARK / 2, _MARK / 2)
        paint_icon(
            painter, mark.icon, QRectF(centre.x() - half, centre.y() - half, 2 * half, 2 * half), colour
        )

    def _paint_fallback(self, painter: QPainter, chart: Chart) -> None:
        if chart.fallback is None:
            return
        worn = theme.current()
        area = self._axis_rect()
        second = chart.fallback_row
        x = self._x(chart.axis.place(chart.fallback.at))
        next_colour = theme.channel_colour(chart.lanes[second].key)
        bottom = self._middle(second)
        painter.setPen(QPen(next_colour, 1.5, Qt.PenStyle.DashLine))
        seen = self._seen(x)
        painter.drawLine(QPointF(seen, area.top() - 2), QPointF(seen, bottom - _MARK / 2))
        painter.setPen(QPen(next_colour, 1.5, Qt.PenStyle.DotLine))
        self._line(painter, x, max(area.right(), x + _MARK / 2), bottom)
        centre = QPointF(seen, bottom)
        painter.setPen(QPen(next_colour, 1.5, Qt.PenStyle.DotLine))
        painter.setBrush(QColor(worn.surface))
        painter.drawEllipse(centre, _MARK / 2, _MARK / 2)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        icon_box = QRectF(seen - 7, bottom - 7, 14, 14)
        paint_icon(painter, ICONS[AttemptState.WAITING], icon_box, next_colour)

        painter.setFont(theme.font(CAPTION, QFont.Weight.DemiBold))
        width = painter.fontMetrics().horizontalAdvance(chart.fallback.text) + 4 * SPACE
        left = min(max(x - width / 2, area.left()), self.width() - width - 1.0)
        chip = placed(QRectF(left, area.top() - 2 - 20, width, 20), self.rect())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.channel_soft(chart.lanes[second].key))
        painter.drawRoundedRect(chip, 10, 10)
        painter.setPen(next_colour)
        painter.drawText(chip, int(Qt.AlignmentFlag.AlignCenter), chart.fallback.text)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_now(self, painter: QPainter, chart: Chart) -> None:
        if chart.now is None:
            return
        worn = theme.current()
        area = self._axis_rect()
        x = self._seen(self._x(chart.axis.place(chart.now)))
        painter.setPen(QPen(QColor(worn.accent), 1))
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom() + SPACE))


def _between(one: QColor, other: QColor, part: float) -> QColor:
    return QColor.fromRgbF(
        one.redF() + (other.redF() - one.redF()) * part,
        one.greenF() + (other.greenF() - one.greenF()) * part,
        one.blueF() + (other.blueF() - one.blueF()) * part,
    )

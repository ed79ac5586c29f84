"""The curve of Viber's deliveries on the slider's own scale, painted once and kept while the slider moves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QFocusEvent,
    QFont,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.cascade.message import FALLBACK_DEFAULT
from console.cascade.survival import Curve
from console.cascade.words import tr
from console.ui import theme
from console.ui.adviser_rules import Point, drawn, percent, reading, steps_read
from console.ui.direction import placed, right_to_left
from console.ui.slider_rules import place_of, scale, seconds_at, step_at, step_from
from console.ui.theme import CAPTION, SPACE
from console.ui.timeline_text import tip
from console.ui.widgets import name, speak

_HEAD: Final = 20
"""Room for the caption, or for what is read off."""
_PLOT: Final = 72
_TOP: Final = 2
"""Between the caption and the line of 100 %."""
_SCALE: Final = 36
"""Room for what stands at a line of the plot, at its far end."""
_DOT: Final = 4.5


class AdviserChart(QWidget):
    """Shows one :class:`Curve`; the pointer, or the arrow keys, read values off it."""

    def __init__(self) -> None:
        super().__init__()
        self._curve: Curve | None = None
        self._caption = ""
        self._seconds = FALLBACK_DEFAULT
        self._read: int | None = None
        self._kept: QPixmap | None = None
        self._kept_as: tuple[object, ...] = ()
        name(self, "adviserChart", tr("How soon Viber delivers"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.announce: Callable[[str], None] = self._announce
        theme.theme_changed.connect(self._forget)

    @property
    def reading(self) -> str:
        """What is read off now; empty while nothing is."""
        return "" if self._read is None or self._curve is None else reading(self._curve, self._read)

    def show_curve(self, curve: Curve, caption: str) -> None:
        """Show ``curve``, with the line on top that says whose it is."""
        if curve != self._curve or caption != self._caption:
            self._curve, self._caption = curve, caption
            self.setToolTip(tip(caption))  # a narrow pane cuts it off
            self._forget()

    def show_seconds(self, seconds: int) -> None:
        """Where the slider stands."""
        if seconds != self._seconds:
            self._seconds = seconds
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(280, _HEAD + _TOP + _PLOT + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self.sizeHint().height())

    # -- reading off --------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        left, width = scale(self.width())
        place = (event.position().x() - left) / width
        self._read_at(_whole(seconds_at(1 - place if right_to_left() else place)))

    def enterEvent(self, event: QEnterEvent) -> None:
        self._read_at(self._seconds)
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._read_at(self._seconds if self.hasFocus() else None)
        super().leaveEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._read_at(self._seconds)
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._read_at(None)
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        here = self._seconds if self._read is None else self._read
        onward = -1 if right_to_left() else 1
        known = steps_read(self._curve) if self._curve is not None else ()
        there = {
            Qt.Key.Key_Right: lambda: step_from(here, onward),
            Qt.Key.Key_Left: lambda: step_from(here, -onward),
            Qt.Key.Key_Home: lambda: step_at(0.0),
            Qt.Key.Key_End: lambda: known[-1] if known else here,
        }.get(Qt.Key(event.key()))
        if there is None:
            super().keyPressEvent(event)
            return
        self._read_at(there())
        self.announce(self.reading)
        event.accept()

    def _read_at(self, seconds: int | None) -> None:
        if seconds != self._read:
            self._read = seconds
            self.update()

    def _announce(self, text: str) -> None:
        speak(self, text)

    # -- painting -----------------------------------------------------------------------------

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.EnabledChange, QEvent.Type.FontChange, QEvent.Type.LanguageChange):
            self._forget()
        super().changeEvent(event)

    def _forget(self) -> None:
        self._kept = None
        self.update()

    def _plot(self) -> QRectF:
        left, width = scale(self.width())
        return QRectF(left, _HEAD + _TOP, width, _PLOT)

    def _at(self, place: float, share: float) -> QPointF:
        plot = self._plot()
        x = 1 - place if right_to_left() else place
        return QPointF(plot.left() + x * plot.width(), plot.bottom() - share * plot.height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        curve = self._curve
        if curve is None:
            return
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture(curve))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_head(painter)
        chip = QRectF()
        if self.isEnabled():
            if self._read is not None and self._read != self._seconds:
                self._paint_reading(painter, curve, self._read)
            chip = self._paint_thumb(painter, curve)
        self._paint_scale(painter, curve, chip)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.current().focus), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self._plot().adjusted(-4, 1, 4, 1), 4, 4)
        painter.end()

    def _paint_head(self, painter: QPainter) -> None:
        worn = theme.current()
        read = self.reading
        painter.setFont(theme.font(CAPTION))
        painter.setPen(
            QColor((worn.text if read else worn.text_muted) if self.isEnabled() else worn.disabled)
        )
        plot = self._plot()
        high = painter.fontMetrics().height()
        room = placed(QRectF(0, plot.top() - high, plot.right() - _SCALE, high), self.rect())
        text = painter.fontMetrics().elidedText(
            read or self._caption, Qt.TextElideMode.ElideRight, int(room.width())
        )
        # The painter mirrors alignments by itself.
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), text)

    def _paint_thumb(self, painter: QPainter, curve: Curve) -> QRectF:
        """The slider's own line, up to the curve, and the value there; where that stands."""
        worn = theme.current()
        place = place_of(self._seconds)
        share = curve.at(self._seconds)
        foot = self._at(place, 0)
        painter.setPen(QPen(QColor(worn.accent), 1.5))
        if share is None:
            painter.setPen(QPen(QColor(worn.accent), 1.5, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(foot.x(), self._plot().top()), QPointF(foot.x(), self.height()))
            return QRectF()
        dot = self._at(place, share)
        painter.drawLine(dot, QPointF(foot.x(), self.height()))
        painter.setPen(QPen(QColor(worn.surface), 2))
        painter.setBrush(QColor(worn.viber))
        painter.drawEllipse(dot, _DOT, _DOT)
        return self._paint_value(painter, dot, tr("{share} of all", share=percent(share)))

    def _paint_value(self, painter: QPainter, dot: QPointF, text: str) -> QRectF:
        """Beside the line and below the curve, where nothing else is drawn."""
        worn = theme.current()
        painter.setFont(theme.font(CAPTION, QFont.Weight.DemiBold))
        metrics = painter.fontMetrics()
        wide, high = metrics.horizontalAdvance(text) + 2.0 * SPACE, metrics.height() + 1.0
        plot = self._plot()
        left = dot.x() + SPACE + 1
        if left + wide > plot.right():
            left = dot.x() - SPACE - 1 - wide
        top = min(dot.y() + 2 * SPACE, plot.bottom() - high - 1)
        chip = QRectF(left, top, wide, high)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(worn.surface))
        painter.drawRoundedRect(chip, 4, 4)
        painter.setPen(QColor(worn.text))
        painter.drawText(chip, int(Qt.AlignmentFlag.AlignCenter), text)
        return chip

    def _paint_reading(self, painter: QPainter, curve: Curve, seconds: int) -> None:
        worn = theme.current()
        place, share = place_of(seconds), curve.at(seconds)
        foot = self._at(place, 0)
        painter.setPen(QPen(QColor(worn.text_faint), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(foot.x(), self._plot().top()), foot)
        if share is not None:
            painter.setPen(QPen(QColor(worn.viber), 1.5))
            painter.setBrush(QColor(worn.surface))
            painter.drawEllipse(self._at(place, share), _DOT - 1, _DOT - 1)

    def _picture(self, curve: Curve) -> QPixmap:
        """All that does not move with the slider."""
        ratio = self.devicePixelRatioF()
        wanted = (self.size(), ratio, theme.current(), self.isEnabled(), right_to_left())
        if self._kept is None or self._kept_as != wanted:
            self._kept_as = wanted
            kept = QPixmap(self.size() * ratio)
            kept.setDevicePixelRatio(ratio)
            kept.fill(Qt.GlobalColor.transparent)
            painter = QPainter(kept)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_still(painter, curve)
            painter.end()
            self._kept = kept
        return self._kept

    def _paint_still(self, painter: QPainter, curve: Curve) -> None:
        worn = theme.current()
        live = self.isEnabled()
        plot = self._plot()
        points = drawn(curve, max(int(plot.width()), 1))
        if not points:
            return
        line = [self._at(each.place, each.share) for each in points]
        colour = QColor(worn.viber if live else worn.disabled)
        self._paint_unknown(painter, points[-1])
        low = [self._at(each.place, each.low) for each in points]
        high = [self._at(each.place, each.high) for each in points]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(worn.viber_soft if live else worn.hover))
        painter.drawPolygon(QPolygonF([*line, self._at(points[-1].place, 0), self._at(points[0].place, 0)]))
        painter.setPen(QPen(QColor(worn.border), 1))
        for share in (0.0, 0.5, 1.0):
            y = round(self._at(0, share).y()) + 0.5
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
        between = QColor(colour)
        between.setAlphaF(0.2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(between)
        painter.drawPolygon(QPolygonF([*high, *reversed(low)]))
        # The edges are drawn too: in high contrast a soft colour alone could not be seen.
        painter.setPen(QPen(colour, 0.75, Qt.PenStyle.DotLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for edge in (low, high):
            painter.drawPolyline(QPolygonF(edge))
        painter.setPen(
            QPen(colour, 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
        )
        painter.drawPolyline(QPolygonF(line))

    def _paint_unknown(self, painter: QPainter, last: Point) -> None:
        """Hatched: nobody waited that long."""
        plot = self._plot()
        left = plot.left() + last.place * plot.width()
        rest = placed(QRectF(left, plot.top(), plot.right() - left, plot.height()), self.rect())
        if rest.width() < 2:
            return
        hatch = QPainterPath()
        x = rest.left() - rest.height()
        while x < rest.right():
            hatch.moveTo(x, rest.bottom())
            hatch.lineTo(x + rest.height(), rest.top())
            x += 7
        painter.save()
        painter.setClipRect(rest)
        painter.setPen(QPen(QColor(theme.current().border), 1))
        painter.drawPath(hatch)
        painter.restore()

    def _paint_scale(self, painter: QPainter, curve: Curve, chip: QRectF) -> None:
        """What the lines mean, at their far end, where curve and value leave room for it."""
        worn = theme.current()
        painter.setFont(theme.font(CAPTION - 1))
        painter.setPen(QColor(worn.text_faint if self.isEnabled() else worn.disabled))
        high = painter.fontMetrics().height()
        plot = self._plot()
        last = curve.shares[-1] if curve.shares else 0.0
        crossed = 0.45 < last < 0.55 + high / _PLOT
        for share in (1.0,) if crossed else (0.5, 1.0):
            y = self._at(0, share).y()
            room = placed(QRectF(plot.right() - _SCALE, y - high, _SCALE, high), self.rect())
            if not room.intersects(chip):
                flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
                painter.drawText(room, int(flags), percent(share))


def _whole(seconds: float) -> int:
    """To whole seconds below two minutes, then to ten: no more than a pointer can mean."""
    return round(seconds) if seconds < 120 else 10 * round(seconds / 10)

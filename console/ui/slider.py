"""The fallback slider: its value is seconds, its steps are those that make a difference.

The steps stand at equal distances, so the scale is far from linear; a value between two
steps (from the exact field, or from outside) stands between them. Keys, the wheel, the
mouse and a screen reader move from step to step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QColor,
    QEnterEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractSlider, QSizePolicy, QSlider

from console.cascade.message import (
    FALLBACK_DEFAULT,
    FALLBACK_MAX,
    FALLBACK_MIN,
    FALLBACK_STEPS,
    speak_duration,
)
from console.cascade.words import tr
from console.ui import theme
from console.ui.slider_rules import INSET, place_of, scale, step_at, step_from
from console.ui.theme import CAPTION, SPACE
from console.ui.widgets import speak

LABELLED: Final = (30, 60, 120, 300, 600, 1200, 3600)
"""Steps whose tick carries a label; all fit at the narrowest pane."""

_HANDLE: Final = 9
_TRACK: Final = 4
_WHEEL_STEP: Final = 120


class FallbackSlider(QSlider):
    """A slider over :data:`FALLBACK_STEPS`; ``value()`` is seconds."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setRange(FALLBACK_MIN, FALLBACK_MAX)
        self.setValue(FALLBACK_DEFAULT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.wheel_allowed: Callable[[], bool] = lambda: True
        """Asked before the wheel moves the slider; false while the wheel is scrolling the pane."""
        self._hovered = False
        self._wheel = 0
        self.actionTriggered.connect(self._step)
        self.valueChanged.connect(self._speak)
        theme.theme_changed.connect(self.update)
        self._speak(self.value())

    # -- moving -----------------------------------------------------------------------------

    def _step(self, action: int) -> None:
        """Keys and screen readers ask for a step: give them the next one of ours."""
        kind = QAbstractSlider.SliderAction
        steps = {
            kind.SliderSingleStepAdd.value: 1,
            kind.SliderSingleStepSub.value: -1,
            kind.SliderPageStepAdd.value: 3,
            kind.SliderPageStepSub.value: -3,
        }.get(action)
        if steps is not None:
            self.setSliderPosition(step_from(self.value(), steps))

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self.isEnabled() or not self.wheel_allowed():
            event.ignore()
            return
        self._wheel += event.angleDelta().y() or event.angleDelta().x()
        steps = int(self._wheel / _WHEEL_STEP)
        self._wheel -= steps * _WHEEL_STEP
        if steps:
            self.setValue(step_from(self.value(), steps))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._drag(event.position())
            event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self._drag(event.position())
            event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self.setSliderDown(False)
            event.accept()

    def _drag(self, position: QPointF) -> None:
        left, width = scale(self.width())
        place = (position.x() - left) / width
        if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            place = 1 - place
        self.setValue(step_at(place))

    def enterEvent(self, event: QEnterEvent) -> None:
        self._hovered = True
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: object) -> None:
        self._hovered = False
        self.update()
        super().leaveEvent(event)  # type: ignore[arg-type]

    # -- speaking -----------------------------------------------------------------------------

    def _speak(self, seconds: int) -> None:
        # A screen reader gets the number of seconds from Qt; the words go with it.
        self.setAccessibleDescription(
            tr(
                "{duration}. How long Viber may try before SMS is sent. The arrow keys move by one step.",
                duration=speak_duration(seconds),
            )
        )
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))
        if self.hasFocus():
            speak(self, speak_duration(seconds))

    # -- painting -----------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(280, 2 * _HANDLE + 4 + 5 * SPACE)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self.sizeHint().height())

    def _x(self, seconds: int) -> float:
        left, width = scale(self.width())
        place = place_of(seconds)
        if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            place = 1 - place
        return left + place * width

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        worn = theme.current()
        live = self.isEnabled()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = INSET
        left, width = scale(self.width())
        colour = QColor(worn.accent if live else worn.disabled)

        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(worn.border_strong if live else worn.border))
        painter.drawRoundedRect(QRectF(left, middle - 1, width, 2), 1, 1)
        start, end = self._x(FALLBACK_MIN), self._x(self.value())
        painter.setBrush(colour)
        painter.drawRoundedRect(
            QRectF(min(start, end), middle - _TRACK / 2, abs(end - start), _TRACK), _TRACK / 2, _TRACK / 2
        )
        self._paint_ticks(painter, middle + _HANDLE + 3)

        handle = QPointF(end, middle)
        if self.hasFocus():
            painter.setBrush(QColor(worn.accent_soft))
            painter.setPen(QPen(QColor(worn.focus), 2))
            painter.drawEllipse(handle, _HANDLE + 1, _HANDLE + 1)
        raised = self._hovered or self.isSliderDown()
        painter.setPen(QPen(colour, 2))
        painter.setBrush(colour if raised and live else QColor(worn.surface))
        painter.drawEllipse(handle, _HANDLE - 2, _HANDLE - 2)
        painter.end()

    def _paint_ticks(self, painter: QPainter, top: float) -> None:
        worn = theme.current()
        font = theme.font(CAPTION - 1)
        painter.setFont(font)
        for step in FALLBACK_STEPS:
            x = self._x(step)
            labelled = step in LABELLED
            painter.setPen(QPen(QColor(worn.border_strong if self.isEnabled() else worn.border), 1))
            painter.drawLine(QPointF(x, top - 1), QPointF(x, top + (3 if labelled else 1)))
            if not labelled:
                continue
            here = step == self.value()
            text = tick_label(step)
            ink = worn.text if here else worn.text_faint
            painter.setPen(QColor(ink if self.isEnabled() else worn.disabled))
            span = painter.fontMetrics().horizontalAdvance(text)
            # The outermost labels stay inside the widget.
            place = min(max(x - span / 2, 0.0), self.width() - span - 1.0)
            painter.drawText(QPointF(place, top + 4 + painter.fontMetrics().ascent()), text)


def tick_label(seconds: int) -> str:
    """Short: ``30 s``, ``5``, ``60 min``; the ends carry the unit."""
    if seconds < 60:
        return tr("{n} s", n=seconds)
    if seconds == FALLBACK_MAX:
        return tr("{n} min", n=seconds // 60)
    return str(seconds // 60)

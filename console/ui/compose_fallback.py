"""How long Viber may try: slider, exact field, and the sentence that says what it means."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QSpinBox, QVBoxLayout, QWidget

from console.cascade.message import (
    FALLBACK_DEFAULT,
    FALLBACK_MAX,
    FALLBACK_MIN,
    fallback_sentence,
    speak_duration,
)
from console.cascade.words import tr
from console.ui.adviser import AdviserView
from console.ui.flow import FlowLayout
from console.ui.slider import FallbackSlider
from console.ui.theme import SPACE
from console.ui.widgets import IconLabel, Sentence, label, name


def until_next_minute(moment: datetime) -> int:
    """Milliseconds until a moment that is always as far ahead stands in another minute."""
    return 60_000 - moment.second * 1000 - moment.microsecond // 1000 + 20


class FallbackField(QWidget):
    """The fallback time in seconds, 30 to 3600."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._clock: Callable[[], datetime] = lambda: datetime.now(UTC)
        self._time_scale = 1.0
        self._sms_enabled = True
        self._seconds = FALLBACK_DEFAULT

        self.slider = FallbackSlider()
        name(self.slider, "fallbackSlider", tr("Fallback time"), self.slider.accessibleDescription())
        self.spin = QSpinBox()
        self.spin.setRange(FALLBACK_MIN, FALLBACK_MAX)
        self.spin.setValue(FALLBACK_DEFAULT)
        self.spin.setSingleStep(5)
        self.spin.setSuffix(tr(" s"))
        longest = self.spin.fontMetrics().horizontalAdvance(f"{FALLBACK_MAX}{self.spin.suffix()}")
        self.spin.setFixedSize(max(22 * SPACE, longest + 10 * SPACE), 8 * SPACE)
        self.spin.lineEdit().setTextMargins(SPACE + 2, 0, 0, 0)
        name(
            self.spin,
            "fallbackSecondsSpin",
            tr("Fallback time in seconds"),
            tr("The exact time, 30 to 3600 seconds."),
        )
        self._duration = label("", "subtitle")
        self._duration.setObjectName("fallbackDuration")
        self._sentence = Sentence("", "muted")
        name(self._sentence, "fallbackSentence", "")

        self.adviser = AdviserView(self)
        self.adviser.speak_for(self.slider)

        head = FlowLayout(SPACE + 2)
        head.addWidget(IconLabel("hourglass", size=18))
        head.addWidget(label(tr("Fallback after"), "label", buddy=self.slider))
        head.addWidget(self._duration)
        head.turn()
        head.addWidget(self.spin)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * SPACE)
        column.addLayout(head)
        scaled = QVBoxLayout()
        scaled.setSpacing(0)  # the chart stands on the slider's line
        scaled.addWidget(self.adviser.chart)
        scaled.addWidget(self.slider)
        column.addLayout(scaled)
        column.addWidget(self._sentence)
        column.addWidget(self.adviser.words)

        self._minute = QTimer(self, singleShot=True)
        self._minute.timeout.connect(self._speak)
        self.slider.valueChanged.connect(self.set_seconds)
        self.spin.valueChanged.connect(self.set_seconds)
        self._speak()

    @property
    def seconds(self) -> int:
        return self._seconds

    def set_seconds(self, seconds: int) -> None:
        """Set both controls; says so once if it is new."""
        if seconds == self._seconds:
            return
        self._seconds = seconds
        self.adviser.show_seconds(seconds)
        # Each control that changes comes back here and finds nothing new.
        self.slider.setValue(seconds)
        self.spin.setValue(seconds)
        self._speak()
        self.changed.emit()

    def use_clock(self, clock: Callable[[], datetime], time_scale: float) -> None:
        """Tell the time by ``clock`` (UTC); ``time_scale`` is the sandbox's speed."""
        self._clock, self._time_scale = clock, time_scale
        self._speak()

    def show_sms(self, enabled: bool) -> None:
        """Without SMS there is nothing to fall back to: rest, and say why."""
        self._sms_enabled = enabled
        self.adviser.show_sms(enabled=enabled)
        self.slider.setEnabled(enabled)
        self.spin.setEnabled(enabled)
        self._duration.setEnabled(enabled)
        self._speak()

    def _speak(self) -> None:
        now = self._clock()
        self._minute.start(until_next_minute(now + timedelta(seconds=self._seconds / self._time_scale)))
        sentence = fallback_sentence(
            self.seconds,
            sms_enabled=self._sms_enabled,
            now=now.astimezone(),
            time_scale=self._time_scale,
        )
        self._duration.setText(speak_duration(self.seconds))
        if sentence != self._sentence.text():
            self._sentence.setText(sentence)
            self._sentence.setAccessibleName(sentence)

"""The fallback adviser in the form: the chart above the slider, and the sentence below it.

Both stay away where they would say nothing: before the journal was looked at, and while SMS is off.
Without enough deliveries there is only the sentence that says so.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtWidgets import QAbstractSlider, QHBoxLayout, QPushButton, QWidget

from console.cascade.advice import Basis, advice
from console.cascade.formats import number_text
from console.cascade.message import FALLBACK_DEFAULT, FALLBACK_STEPS
from console.cascade.words import tr
from console.ui.adviser_chart import AdviserChart
from console.ui.adviser_rules import caption, description
from console.ui.icons import icon
from console.ui.theme import SPACE
from console.ui.widgets import IconLabel, Sentence, name, speak

if TYPE_CHECKING:
    from console.desk.adviser import Adviser

LOW: Final = 620
"""A window lower than this has no room for the chart; the sentence stays."""
_REST_MS: Final = 900
"""How long the slider stays where it is before its advice is spoken: after its own value was."""


class AdviserView(QObject):
    """Ties :attr:`chart` and :attr:`words` to what the desk knows, the recipient and the slider.

    The two stand on either side of the slider, so they are no one widget; ``parent`` holds them both.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._adviser: Adviser | None = None
        self._unwatch: Callable[[], None] = lambda: None
        self._region: str | None = None
        self._seconds = FALLBACK_DEFAULT
        self._sms = True
        self._low = False
        self._window: QWidget | None = None
        self._slider: QWidget | None = None
        self.announce: Callable[[QWidget, str], None] = speak
        self.rest = QTimer(self, singleShot=True, interval=_REST_MS)
        """Runs while the slider may still be moving."""
        self.rest.timeout.connect(self._speak)
        self.chart = AdviserChart()
        self.words = QWidget()
        self._sentence = Sentence("", "caption")
        self._sentence.setObjectName("adviserSentence")
        self.toggle = QPushButton()
        self.toggle.setProperty("role", "quiet")
        self.toggle.setCheckable(True)
        self.toggle.setChecked(True)
        self.toggle.setIconSize(QSize(16, 16))
        name(self.toggle, "adviserToggle", tr("Chart of Viber's deliveries"))
        self.toggle.toggled.connect(self._show)
        row = QHBoxLayout(self.words)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE + 2)
        row.addWidget(IconLabel("info", "text_faint", size=14), 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._sentence, 1)
        row.addWidget(self.toggle, 0, Qt.AlignmentFlag.AlignTop)
        self.chart.hide()
        self.words.hide()
        parent.installEventFilter(self)

    def attach(self, adviser: Adviser) -> None:
        """Advise from what ``adviser`` knows from now on."""
        self._unwatch()
        self._adviser = adviser
        self._unwatch = adviser.watch(self._show)
        self._show()

    def speak_for(self, slider: QAbstractSlider) -> None:
        """Tell who moves ``slider`` by ear what the sentence says, once it rests."""
        self._slider = slider
        slider.valueChanged.connect(lambda _seconds: self.rest.start())

    def show_region(self, region: str | None) -> None:
        """Advise for a recipient of this country; ``None``: not known yet."""
        if region != self._region:
            self._region = region
            self._show()

    def show_seconds(self, seconds: int) -> None:
        """Where the slider stands."""
        if seconds != self._seconds:
            self._seconds = seconds
            self.chart.show_seconds(seconds)
            self._say()

    def show_sms(self, *, enabled: bool) -> None:
        """Without SMS there is nothing to fall back to, so nothing to advise."""
        if enabled != self._sms:
            self._sms = enabled
            self._show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the height of the window, whichever the form stands in."""
        if isinstance(watched, QWidget):
            if event.type() is QEvent.Type.Show and watched is self.parent():
                self._follow(watched.window())
            elif event.type() is QEvent.Type.Resize and watched is self._window:
                self._measure(watched)
        return super().eventFilter(watched, event)

    def _follow(self, window: QWidget) -> None:
        if window is not self._window:
            if self._window is not None:
                self._window.removeEventFilter(self)
            self._window = window
            if window is not self.parent():
                window.installEventFilter(self)
        self._measure(window)

    def _measure(self, window: QWidget) -> None:
        low = window.height() < LOW
        if low != self._low:
            self._low = low
            self._show()

    def _speak(self) -> None:
        if self._slider is not None and self._slider.hasFocus() and not self.words.isHidden():
            self.announce(self._slider, self._sentence.text())

    def _basis(self) -> Basis | None:
        if self._adviser is None or self._adviser.known.counted is None:
            return None
        return self._adviser.known.basis(self._region)

    def _show(self) -> None:
        grounds = self._basis()
        self.words.setVisible(grounds is not None and self._sms)
        charted = grounds is not None and grounds.enough
        self.toggle.setVisible(charted and not self._low)
        unfolded = self.toggle.isChecked()
        self.toggle.setIcon(icon("chevron-up" if unfolded else "chevron-down"))
        self.toggle.setToolTip(tr("Hide the chart") if unfolded else tr("Show the chart"))
        if grounds is not None and charted and self._adviser is not None:
            own = self._adviser.known.curves.get(self._region) if self._region else None
            self.chart.show_curve(grounds.curve, caption(grounds, self._region, own))
        self.chart.setEnabled(self._sms)
        self.chart.setVisible(charted and unfolded and not self._low)
        self._say()

    def _say(self) -> None:
        grounds = self._basis()
        if grounds is None or self._adviser is None:
            return
        sentence = advice(grounds, self._seconds)
        counted = self._adviser.known.counted
        if counted is not None and not counted.all:
            sentence = tr(
                "{sentence} Still counting: {n} of {m} messages.",
                sentence=sentence,
                n=number_text(counted.done),
                m=number_text(counted.total),
            )
        if sentence != self._sentence.text():
            self._sentence.setText(sentence)
            self._sentence.setAccessibleName(sentence)
        if grounds.enough:
            self.chart.setAccessibleDescription(description(sentence, grounds.curve, FALLBACK_STEPS))

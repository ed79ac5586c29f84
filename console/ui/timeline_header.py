"""The head of a timeline: whom it went to, what became of it, what to do, and the countdown."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QColor,
    QFont,
    QGuiApplication,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from console.cascade.outcome import Outlook, Timeline, Tone
from console.cascade.words import tr
from console.ui import theme
from console.ui.flow import FlowLayout
from console.ui.icons import icon, paint_icon
from console.ui.lanes import ROUND
from console.ui.theme import SPACE
from console.ui.timeline_actions import ActionBar
from console.ui.timeline_rules import NONE, Countdown, Reference, clock_left, headline_icon
from console.ui.timeline_text import isolated, shortened, tip
from console.ui.widgets import label, name, restyle

_RING: Final = 72
_DISC: Final = 44
_ID_SHOWN: Final = 10
"""Characters of an id that are shown, its last ones: our own all begin alike."""


class ToneDisc(QWidget):
    """A large icon on a disc of its tone."""

    def __init__(self) -> None:
        super().__init__()
        self._icon = "clock"
        self._tone = Tone.NEUTRAL
        self.setFixedSize(_DISC, _DISC)
        theme.theme_changed.connect(self.update)

    def show_tone(self, icon_name: str, tone: Tone) -> None:
        """Show another icon and tone."""
        if (icon_name, tone) != (self._icon, self._tone):
            self._icon, self._tone = icon_name, tone
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        worn = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(worn.surface))
        painter.drawEllipse(QRectF(self.rect()))
        edge = 8 if self._icon in ROUND else 11
        box = QRectF(self.rect()).adjusted(edge, edge, -edge, -edge)
        paint_icon(painter, self._icon, box, theme.tone_colour(self._tone))
        painter.end()


class Ring(QWidget):
    """The countdown as a ring that empties, with the time left inside."""

    def __init__(self) -> None:
        super().__init__()
        self._fraction = 0.0
        self._text = ""
        self._overdue = False
        self.setFixedSize(_RING, _RING)
        theme.theme_changed.connect(self.update)

    def show_left(self, fraction: float, text: str, *, overdue: bool) -> None:
        """``fraction`` of the time has passed; ``text`` is what is left."""
        if (fraction, text, overdue) == (self._fraction, self._text, self._overdue):
            return
        self._fraction, self._text, self._overdue = fraction, text, overdue
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        worn = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(4, 4, -4, -4)
        track = QColor(worn.surface)
        painter.setPen(QPen(track, 6))
        painter.drawEllipse(box)
        colour = QColor(worn.warning if self._overdue else worn.accent)
        if self._overdue:
            painter.setPen(QPen(colour, 2, Qt.PenStyle.DashLine))
            painter.drawEllipse(box)
            side = QRectF(0, 0, 24, 24)
            side.moveCenter(box.center())
            paint_icon(painter, "hourglass", side, colour)
        else:
            left = 1.0 - self._fraction
            painter.setPen(QPen(colour, 6, c=Qt.PenCapStyle.RoundCap))
            painter.drawArc(box, 90 * 16, round(left * 360 * 16))
            font = QFont(theme.font(theme.SUBTITLE if len(self._text) < 6 else theme.CAPTION))
            font.setWeight(QFont.Weight.DemiBold)
            font.setFeature(QFont.Tag("tnum"), 1)
            painter.setFont(font)
            painter.setPen(QColor(worn.text))
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), self._text)
        painter.end()


class Headline(QFrame):
    """The coloured card: headline, meaning, next step, countdown."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "headline")
        self._disc = ToneDisc()
        self._ring = Ring()
        self.outcome = _wrapped("display")
        _describe(self.outcome, "timelineOutcome", tr("What became of the message"))
        self.meaning = _wrapped("")
        _describe(self.meaning, "timelineMeaning", tr("What it means"))
        self.next_step = _wrapped("")
        _describe(self.next_step, "timelineNextStep", tr("What to do"))
        self.countdown = _wrapped("")
        _describe(self.countdown, "fallbackCountdown", tr("Time until SMS takes over"))
        self.bar = ActionBar()
        for part in (self.next_step, self.countdown):
            font = QFont(part.font())
            font.setWeight(QFont.Weight.DemiBold)
            part.setFont(font)
        words = QVBoxLayout()
        words.setSpacing(SPACE)
        words.addWidget(self.outcome)
        words.addWidget(self.meaning)
        words.addWidget(self.countdown)
        words.addWidget(self.next_step)
        words.addWidget(self.bar)
        line = QHBoxLayout(self)
        line.setContentsMargins(4 * SPACE, 4 * SPACE, 4 * SPACE, 4 * SPACE)
        line.setSpacing(4 * SPACE)
        line.addWidget(self._disc, 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(words, 1)
        line.addWidget(self._ring, 0, Qt.AlignmentFlag.AlignVCenter)
        theme.theme_changed.connect(self.update)
        self._tone = Tone.NEUTRAL

    def show_outlook(self, timeline: Timeline, view: Outlook, left: Countdown) -> None:
        """Show what there is to say now."""
        self._disc.show_tone(headline_icon(timeline, view), view.tone)
        if view.tone is not self._tone:
            self._tone = view.tone
            self.update()
        _say(self.outcome, view.headline)
        # An overdue message says so once, in the countdown's sentence.
        _say(self.meaning, view.meaning)
        self.meaning.setVisible(bool(view.meaning))
        _say(self.next_step, view.next_step)
        self.next_step.setVisible(bool(view.next_step))
        _say(self.countdown, left.text)
        said = f"{view.headline} {view.meaning}"
        self.countdown.setVisible(left.shown and left.text not in said)
        restyle(self.countdown, "tone", "warning" if left.overdue else "active")
        self._ring.setVisible(left.shown)
        text = clock_left(view.countdown) if left.running and view.countdown is not None else ""
        self._ring.show_left(left.fraction, text, overdue=left.overdue)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        worn = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        soft = QColor(worn.hover) if self._tone is Tone.NEUTRAL else theme.tone_soft(self._tone)
        painter.setBrush(soft)
        painter.drawRoundedRect(QRectF(self.rect()), theme.RADIUS_LARGE, theme.RADIUS_LARGE)
        painter.end()


def _describe(shown: QLabel, object_name: str, purpose: str) -> None:
    name(shown, object_name, NONE, purpose)


def _say(shown: QLabel, text: str) -> None:
    text = isolated(text)
    if shown.text() == text:
        return
    shown.setText(text)
    # From outside a label is read by its name; what it is for stands in its description.
    shown.setAccessibleName(text)
    QAccessible.updateAccessibility(QAccessibleEvent(shown, QAccessible.Event.NameChanged))


def _wrapped(role: str) -> QLabel:
    made = label("", role)
    made.setWordWrap(True)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
    return made


class Elided(QLabel):
    """One line that gives way at the end; the whole text is its accessible name and tool tip."""

    def __init__(self, role: str) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self._whole = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_text(self, text: str) -> None:
        """Show ``text``, shortened to the room there is."""
        self._whole = text
        self.setAccessibleName(text)
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self._whole) + 4, super().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        shown = self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, self.width())
        self.setText(shown)
        self.setToolTip(tip(self._whole) if shown != self._whole else "")


class References(QWidget):
    """The ids, each a button that copies."""

    copied = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._line = FlowLayout(2 * SPACE)
        self.setLayout(self._line)
        self._shown: tuple[Reference, ...] = ()

    def show_references(self, references: tuple[Reference, ...]) -> None:
        """Show these ids."""
        if references == self._shown:
            return
        self._shown = references
        while (item := self._line.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        for each in references:
            self._line.addWidget(self._button(each))

    def _button(self, reference: Reference) -> QPushButton:
        short = reference.value
        if len(short) > _ID_SHOWN:
            short = f"…{short[-_ID_SHOWN:]}"
        button = QPushButton(f"{isolated(reference.name)}  {isolated(short)}".replace("&", "&&"))
        button.setProperty("role", "chip")
        button.setIcon(icon("copy"))
        button.setIconSize(QSize(12, 12))
        name(
            button,
            "copyReference",
            tr(
                "Copy id: {name} {value}",
                name=isolated(reference.name),
                value=shortened(isolated(reference.value), 100),
            ),
        )
        button.setToolTip(tip(f"{reference.value}\n{reference.detail}"))

        def copy() -> None:
            QGuiApplication.clipboard().setText(reference.value)
            self.copied.emit(reference.name)

        button.clicked.connect(copy)
        return button


class NothingChosen(QWidget):
    """What stands in the pane while no message is chosen: the cascade itself, drawn large."""

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setSpacing(2 * SPACE)
        column.addStretch(2)
        column.addWidget(_Sketch(), 0, Qt.AlignmentFlag.AlignHCenter)
        title = label(tr("No message chosen"), "title")
        title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        hint = label(
            tr("Send one, or choose one from the history, to see what happens to it step by step."), "muted"
        )
        hint.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        hint.setWordWrap(True)
        column.addWidget(title)
        column.addWidget(hint)
        column.addStretch(3)
        name(self, "timelineEmpty", f"{title.text()}. {hint.text()}")


class _Sketch(QWidget):
    """Viber first, then SMS: the picture of an empty timeline."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(240, 112)
        theme.theme_changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        worn = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for y, left, width, channel in ((24, 40, 110, "viber"), (72, 158, 42, "sms")):
            colour = theme.channel_colour(channel)
            paint_icon(painter, channel, QRectF(4, y - 10, 20, 20), colour)
            painter.setPen(QPen(QColor(worn.border), 1))
            painter.drawLine(QPointF(40, y), QPointF(236, y))
            painter.setPen(QPen(colour, 1.25))
            painter.setBrush(theme.channel_soft(channel))
            painter.drawRoundedRect(QRectF(left, y - 6, width, 12), 6, 6)
        painter.setPen(QPen(QColor(worn.border_strong), 1.25, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(154, 24), QPointF(154, 72))
        for x, y, sign, tone in ((152, 24, "hourglass", "warning"), (212, 72, "check", "good")):
            painter.setPen(QPen(QColor(worn.surface), 4))
            painter.setBrush(theme.tone_soft(tone))
            painter.drawEllipse(QPointF(x, y), 11, 11)
            painter.setPen(QPen(theme.tone_colour(tone), 1.5))
            painter.drawEllipse(QPointF(x, y), 11, 11)
            paint_icon(painter, sign, QRectF(x - 7, y - 7, 14, 14), theme.tone_colour(tone))
        painter.end()

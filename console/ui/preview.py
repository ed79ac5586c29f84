"""How the message will look: a Viber bubble, and SMS in its segments.

User text is only ever inserted as plain text with character formats; nothing in it is
interpreted as HTML.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import (
    QFont,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextCharFormat,
    QTextCursor,
    QTextOption,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QTextEdit, QVBoxLayout, QWidget

from console.cascade.sms import SmsCount
from console.cascade.viber import Span, parse_markup
from console.cascade.words import tr, trn
from console.ui import theme
from console.ui.compose_rules import right_to_left
from console.ui.theme import RADIUS_LARGE, SPACE
from console.ui.widgets import IconLabel, Sentence, name

_PADDING = 3 * SPACE
_MOST_SEGMENTS = 12
"""Segments shown as bubbles of their own; nobody looks at more, and each costs a widget."""


class BubbleText(QTextEdit):
    """Read-only text as tall as it needs, on a painted bubble."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "bubble")
        self.setReadOnly(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().setDocumentMargin(0)
        self.setViewportMargins(_PADDING, 2 * SPACE, _PADDING, 2 * SPACE)
        self.viewport().setAutoFillBackground(False)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)

    def show_spans(self, spans: tuple[Span, ...]) -> None:
        """Show styled runs of plain text."""
        turned = right_to_left("".join(span.text for span in spans))
        option = QTextOption()
        option.setTextDirection(Qt.LayoutDirection.RightToLeft if turned else Qt.LayoutDirection.LeftToRight)
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.document().setDefaultTextOption(option)
        self.clear()
        cursor = QTextCursor(self.document())
        for span in spans:
            look = QTextCharFormat()
            look.setFontWeight(QFont.Weight.Bold if span.bold else QFont.Weight.Normal)
            look.setFontItalic(span.italic)
            if span.mono:
                look.setFontFamilies(theme.fixed_font().families())
                look.setFontFixedPitch(True)
            cursor.insertText(span.text, look)

    def _fit(self) -> None:
        height = max(round(self.document().size().height()), self.fontMetrics().height())
        self.setFixedHeight(height + 4 * SPACE)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()


class _Bubble(QWidget):
    """The painted ground of a bubble."""

    def __init__(self, channel: str, text: BubbleText) -> None:
        super().__init__()
        self._channel = channel
        self.text = text
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(text)
        theme.theme_changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.channel_soft(self._channel))
        painter.drawRoundedRect(QRectF(self.rect()), RADIUS_LARGE, RADIUS_LARGE)
        painter.end()


class ViberPreview(QWidget):
    """One bubble with bold and italic as Viber renders them."""

    def __init__(self) -> None:
        super().__init__()
        self._text = BubbleText()
        name(self._text, "viberPreview", tr("Viber preview"), tr("How the message looks in Viber."))
        row = QVBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE + 2)
        row.addLayout(_heading("viber", tr("In Viber")))
        row.addWidget(_Bubble("viber", self._text))

    def show_text(self, text: str) -> None:
        """Render the text; an empty one shows nothing."""
        self.setVisible(bool(text))
        self._text.show_spans(parse_markup(text))


class SmsPreview(QWidget):
    """One bubble for each segment, since each is paid for."""

    def __init__(self) -> None:
        super().__init__()
        name(self, "smsPreview", tr("SMS preview"))
        self._caption = Sentence("", "caption")
        self._caption.setObjectName("smsPreviewCaption")
        self._bubbles: list[_Bubble] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(SPACE + 2)
        self._column.addLayout(_heading("sms", tr("As SMS, if Viber does not deliver")))
        self._column.addWidget(self._caption)

    def show_count(self, count: SmsCount, *, enabled: bool) -> None:
        """Show the segments of an SMS text; nothing while SMS is off or empty."""
        text = "".join(count.segments)
        self.setVisible(enabled and bool(text))
        self.setAccessibleDescription(text)
        shown = count.segments[:_MOST_SEGMENTS]
        for number, segment in enumerate(shown):
            if number == len(self._bubbles):
                bubble = _Bubble("sms", BubbleText())
                name(
                    bubble.text,
                    f"smsSegment{number + 1}",
                    tr("SMS segment {number}", number=number + 1),
                )
                self._bubbles.append(bubble)
                self._column.insertWidget(self._column.count() - 1, bubble)
            self._bubbles[number].text.show_spans((Span(segment),))
        for number, bubble in enumerate(self._bubbles):
            bubble.setVisible(number < len(shown))
        parts = trn("{n} segment", "{n} segments", len(count.segments))
        if len(count.segments) == 1:
            self._caption.setText("")
        else:
            self._caption.setText(
                tr("{segments}, each paid for; the phone joins them into one message.", segments=parts)
            )
        self._caption.setVisible(len(count.segments) > 1)


def _heading(channel: str, text: str) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(SPACE + 2)
    row.addWidget(IconLabel(channel, channel, 14))
    row.addWidget(Sentence(text, "caption"), 1)
    return row

"""Which characters make an SMS costly, why, and one button for each thing that can be done about it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor, QFont, QSyntaxHighlighter, QTextCharFormat, QTextDocument
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from console.cascade.sms import SmsCount, count_sms
from console.cascade.templates import field_spans
from console.cascade.viber import utf16_length
from console.cascade.words import tr, trn
from console.ui import theme
from console.ui.compose_rules import CHIPS, Suggestion, encoding_sentence, offender_runs, suggestions
from console.ui.flow import FlowLayout
from console.ui.theme import SPACE
from console.ui.widgets import FieldNote


class Marks(QSyntaxHighlighter):
    """Marks what a text must not be sent with: open fields of a template, and UCS-2 where that costs.

    Formats of the layout and not extra selections: hundreds of those, as Cyrillic needs,
    take 20 ms a paint, and the text is painted each time the cursor blinks.
    """

    def __init__(self, document: QTextDocument, *, encoding: bool) -> None:
        super().__init__(document)
        self._encoding = encoding
        self._open: tuple[str, ...] = ()
        theme.theme_changed.connect(self.rehighlight)

    def show_fields(self, names: tuple[str, ...]) -> None:
        """Mark the fields of these names from now on."""
        if names != self._open:
            self._open = names
            self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        if self._encoding:
            self._mark_encoding(text)
        if self._open:
            self._mark_fields(text)

    def _mark_fields(self, text: str) -> None:
        worn = theme.current()
        look = QTextCharFormat()
        look.setBackground(QColor(worn.accent_soft))
        look.setForeground(QColor(worn.accent))
        look.setFontWeight(QFont.Weight.DemiBold)
        for span in field_spans(text, self._open):
            start = utf16_length(text[: span.start])
            self.setFormat(start, utf16_length(text[span.start : span.end]), look)

    def _mark_encoding(self, text: str) -> None:
        worn = theme.current()
        plain, replaceable = QTextCharFormat(), QTextCharFormat()
        for look in (plain, replaceable):
            look.setUnderlineStyle(QTextCharFormat.UnderlineStyle.DotLine)
            look.setUnderlineColor(QColor(worn.warning))
        replaceable.setBackground(QColor(worn.mark))
        replaceable.setForeground(QColor(worn.text))
        for run in offender_runs(count_sms(text)):
            self.setFormat(run.start, run.length, replaceable if run.replaceable else plain)


class EncodingHelp(QWidget):
    """Why the text is costly, and one button for each thing that can be done about it."""

    replace_one = Signal(object)
    replace_every = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._shown: list[Suggestion] | None = None
        self._note = FieldNote("encodingNote", tr("SMS encoding"))
        self._chips = FlowLayout(SPACE)
        self._chips.setContentsMargins(5 * SPACE, 0, 0, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE + 2)
        column.addWidget(self._note)
        column.addLayout(self._chips)
        self.hide()

    def show_count(self, count: SmsCount) -> None:
        """Explain ``count`` and offer what would make it cheaper; hidden for GSM-7."""
        sentence = encoding_sentence(count)
        self._note.say(sentence, "warning")
        offered = suggestions(count)
        if offered != self._shown:
            self._shown = offered
            self._build(offered)
        self.setVisible(bool(sentence))

    def _build(self, offered: list[Suggestion]) -> None:
        while (item := self._chips.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for number, suggestion in enumerate(offered[:CHIPS]):
            chip = self._chip(suggestion.label, f"suggestion{number}")
            chip.setAccessibleName(
                trn(
                    "Replace {n} place: {change}",
                    "Replace {n} places: {change}",
                    suggestion.times,
                    change=suggestion.label,
                )
            )
            chip.setToolTip(chip.accessibleName())
            chip.clicked.connect(partial(self._one, suggestion))
        if len(offered) > 1:
            every = self._chip(tr("Replace all"), "suggestionAll")
            every.setAccessibleName(tr("Replace all that can be replaced"))
            every.clicked.connect(self.replace_every.emit)

    def _one(self, suggestion: Suggestion) -> None:
        self.replace_one.emit(suggestion)

    def _chip(self, text: str, object_name: str) -> QPushButton:
        chip = QPushButton(text.replace("&", "&&"))
        chip.setProperty("role", "chip")
        chip.setObjectName(object_name)
        self._chips.addWidget(chip)
        return chip

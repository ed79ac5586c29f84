"""Tab goes from field to field of a template; what is typed into one stands in all of its name."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QTextCursor

from console.cascade.templates import field_spans, next_field
from console.cascade.viber import utf16_length
from console.ui.compose_encoding import Marks
from console.ui.compose_texts import MessageEdit


@dataclass(frozen=True, slots=True)
class _Visit:
    """A field being written over: cursors that stay around what is typed in its place."""

    edit: MessageEdit
    field: str
    start: QTextCursor
    end: QTextCursor

    @property
    def value(self) -> str:
        """What stands there now."""
        cursor = QTextCursor(self.edit.document())
        cursor.setPosition(self.start.position())  # its anchor has moved with what was typed
        cursor.setPosition(self.end.position(), QTextCursor.MoveMode.KeepAnchor)
        return cursor.selectedText().replace("\u2029", "\n")


class FieldWalker(QObject):
    """Knows which fields are open in the texts of a form, and walks through them."""

    changed = Signal()
    """Other fields are open than before."""

    def __init__(self, *parts: tuple[MessageEdit, Marks]) -> None:
        super().__init__(parts[0][0])
        self._parts = parts
        self._visit: _Visit | None = None
        self.open: tuple[str, ...] = ()
        """Names of fields that may not be sent as they stand.

        A field that was filled keeps its name here: Undo may bring it back.
        """
        for edit, _ in parts:
            edit.walk = self._step
            edit.left.connect(self.settle)

    def set_open(self, names: tuple[str, ...]) -> None:
        """These are open from now on, and no others."""
        self._visit = None
        if names == self.open:
            return
        self.open = names
        for _, marks in self._parts:
            marks.show_fields(names)
        self.changed.emit()

    def add_open(self, names: tuple[str, ...]) -> None:
        """These are open as well."""
        self.set_open(tuple(dict.fromkeys((*self.open, *names))))

    def go_to_first(self, edit: MessageEdit) -> bool:
        """Select the first open field of a text; whether there is one."""
        return self._select_from(edit, 0, 1)

    def settle(self) -> None:
        """What was typed into the field stands in every field of its name."""
        visit, self._visit = self._visit, None
        if visit is None:
            return
        value = visit.value
        if not value or value == "{" + visit.field + "}":
            return
        for edit, _ in self._parts:
            if not _follows(edit):
                _write_over(edit, visit.field, value)

    def _step(self, edit: MessageEdit, step: int, entering: bool) -> bool:
        """Tab (1) or Shift+Tab (-1) in ``edit``, or into it; whether there was a field to go to."""
        if not self.open or _follows(edit):
            return False
        cursor = edit.textCursor()
        self.settle()
        text = edit.toPlainText()
        if entering:
            position = 0 if step > 0 else utf16_length(text)
        else:
            position = cursor.selectionEnd() if step > 0 else cursor.selectionStart()
        return self._select_from(edit, position, step)

    def _select_from(self, edit: MessageEdit, position: int, step: int) -> bool:
        text = edit.toPlainText()
        before = text.encode("utf-16-le", "surrogatepass")[: 2 * position]
        span = next_field(text, len(before.decode("utf-16-le", "surrogatepass")), self.open, step)
        if span is None:
            return False
        start, end = utf16_length(text[: span.start]), utf16_length(text[: span.end])
        chosen = edit.textCursor()
        chosen.setPosition(start)
        chosen.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        edit.setTextCursor(chosen)
        edit.ensureCursorVisible()
        first, last = QTextCursor(edit.document()), QTextCursor(edit.document())
        first.setPosition(start)
        first.setKeepPositionOnInsert(True)
        last.setPosition(end)
        self._visit = _Visit(edit, span.name, first, last)
        return True


def _follows(edit: MessageEdit) -> bool:
    """Whether it only shows what another field says; typing into it would end that."""
    return bool(edit.property("following") == "true")


def _write_over(edit: MessageEdit, field: str, value: str) -> None:
    """Every field of this name, in one step that Undo takes back."""
    text = edit.toPlainText()
    spans = field_spans(text, (field,))
    if not spans:
        return
    cursor = QTextCursor(edit.document())
    cursor.beginEditBlock()
    for span in reversed(spans):
        cursor.setPosition(utf16_length(text[: span.start]))
        cursor.setPosition(utf16_length(text[: span.end]), QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(value)
    cursor.endEditBlock()

"""The parts the settings dialog is made of: a field with its label and note, and a test."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from console.cascade.words import tr
from console.desk.values import CheckResult
from console.ui.icons import icon
from console.ui.theme import SPACE
from console.ui.widgets import FieldNote, Notice, Switch, label, name, restyle, yielding

Editor = QLineEdit | QSpinBox | QComboBox | Switch


class Field(QWidget):
    """A label, the editor under it, and one sentence where there is something to say."""

    changed = Signal()

    def __init__(self, key: str, title: str, editor: Editor, hint: str = "") -> None:
        super().__init__()
        self.key = key
        self.editor = editor
        self._hint = hint
        self.overridden = False
        if isinstance(editor, Switch):
            title = editor.text()
        plain = title.replace("&", "")
        name(editor, f"settings_{key}", plain, hint)
        self._note = FieldNote(f"settings_{key}_note", tr("About {field}", field=plain))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        if not isinstance(editor, Switch):
            column.addWidget(label(title, "label", buddy=editor))
        column.addWidget(editor)
        column.addWidget(self._note)
        if isinstance(editor, QLineEdit):
            editor.textChanged.connect(self.changed)
        elif isinstance(editor, QSpinBox):
            # Qt forgets the style's padding of the box once a property restyles it.
            editor.lineEdit().setTextMargins(2 * SPACE, 0, 0, 0)
            editor.valueChanged.connect(self.changed)
        elif isinstance(editor, Switch):
            editor.toggled.connect(self.changed)
        else:
            editor.currentIndexChanged.connect(self.changed)
        self.say("")

    def say(self, problem: str, tone: str = "bad") -> None:
        """Show a problem; without one the field's hint."""
        restyle(self.editor, "tone", tone if problem and not self.overridden else "")
        problem = "" if self.overridden else problem
        self._note.say(problem or self._hint, tone if problem else "")

    def override(self, note: str) -> None:
        """Somebody else decides, as ``note`` says: shown, not changed."""
        self.overridden = True
        self._hint = note
        if isinstance(self.editor, QLineEdit | QSpinBox):
            self.editor.setReadOnly(True)
        self.editor.setEnabled(isinstance(self.editor, QLineEdit))
        self.say("")

    @property
    def text(self) -> str:
        """What stands in a line."""
        assert isinstance(self.editor, QLineEdit)
        return self.editor.text().strip()

    def write(self, text: str) -> None:
        """Put ``text`` into a line."""
        assert isinstance(self.editor, QLineEdit)
        self.editor.setText(text)

    @property
    def checked(self) -> bool:
        """Whether a switch is on."""
        assert isinstance(self.editor, Switch)
        return self.editor.isChecked()

    @property
    def number(self) -> int:
        """What stands in a number field."""
        assert isinstance(self.editor, QSpinBox)
        return self.editor.value()

    @property
    def choice(self) -> str:
        """What is chosen, by its key."""
        assert isinstance(self.editor, QComboBox)
        return str(self.editor.currentData())


def line(placeholder: str = "", longest: int = 400) -> QLineEdit:
    """An editor of one line."""
    made = QLineEdit()
    made.setPlaceholderText(placeholder)
    made.setMaxLength(longest)
    return made


def secret(stored: bool) -> QLineEdit:
    """An editor of a secret: hidden, shown while its eye is pressed in; empty keeps what is stored."""
    made = line(tr("Stored; type to replace it") if stored else "")
    made.setEchoMode(QLineEdit.EchoMode.Password)
    made.setInputMethodHints(Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText)
    reveal = QAction(icon("eye"), tr("Show what is typed"), made)
    reveal.setCheckable(True)
    modes = QLineEdit.EchoMode
    reveal.toggled.connect(lambda shown: made.setEchoMode(modes.Normal if shown else modes.Password))
    made.addAction(reveal, QLineEdit.ActionPosition.TrailingPosition)
    return made


def number(value: int, low: int, high: int, unit: str, lowest: str = "") -> QSpinBox:
    """An editor of a whole number; ``lowest`` stands for the lowest one, where that means something else."""
    made = QSpinBox()
    made.setRange(low, high)
    made.setValue(value)
    made.setSuffix(f" {unit}")
    made.setSpecialValueText(lowest)
    made.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
    made.setMinimumWidth(120)
    return made


def switch(text: str, *, on: bool) -> Switch:
    """An editor of yes or no."""
    made = Switch(text)
    made.setChecked(on)
    return made


def choice(entries: Sequence[tuple[str, str]], chosen: str) -> QComboBox:
    """An editor that chooses one of ``entries`` (key, text)."""
    made = QComboBox()
    for key, text in entries:
        made.addItem(text, key)
    made.setCurrentIndex(max(made.findData(chosen), 0))
    return yielding(made)


class TryLine(QWidget):
    """A button that tries the settings for real, and what came of it."""

    def __init__(self, object_name: str, text: str, start: Callable[[], None]) -> None:
        super().__init__()
        self.button = QPushButton(text)
        self.button.setIcon(icon("link"))
        self.button.setIconSize(QSize(16, 16))
        name(self.button, object_name, text.replace("&", ""))
        self.button.clicked.connect(start)
        self._running = False
        self._result = Notice()
        self._result.setObjectName(f"{object_name}Result")
        self._result.hide()
        row = QHBoxLayout()
        row.addWidget(self.button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * SPACE)
        column.addLayout(row)
        column.addWidget(self._result)

    def begin(self) -> None:
        """The test runs."""
        self._running = True
        self.button.setEnabled(False)
        self._result.say(tr("Trying…"), "active")
        self._result.show()

    def end(self, result: CheckResult) -> bool:
        """Show what came of it, unless what was tried has changed since; whether it was shown."""
        if not self._running:
            return False
        self._running = False
        self.button.setEnabled(True)
        text = result.sentence if not result.remedy else f"{result.sentence}\n{result.remedy}"
        self._result.say(text, "good" if result.ok else "bad")
        self._result.show()
        return True

    def forget(self) -> None:
        """The settings changed: the result no longer holds, also one that is still to come."""
        self._running = False
        self.button.setEnabled(True)
        self._result.hide()

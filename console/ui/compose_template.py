"""Where a template is chosen: one line above the texts that searches while somebody types."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QCompleter, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from console.cascade.templates import Template, found
from console.cascade.words import tr
from console.ui.deeds import Spawn
from console.ui.icons import icon
from console.ui.theme import SPACE
from console.ui.timeline_text import tip
from console.ui.widgets import FieldNote, label, name

if TYPE_CHECKING:
    from console.desk.desk import Desk

_SEARCHED = Qt.ItemDataRole.UserRole
_NOWHERE = QModelIndex()
_SHOWN = 14
_HINT = 200
"""Characters of a text in a tool tip."""


def title(template: Template) -> str:
    """A template in one line: its name, and what it is filed under."""
    if not template.category:
        return template.name
    return tr("{name} · {category}", name=template.name, category=template.category)


class TemplateModel(QAbstractListModel):
    """Templates in the order given."""

    def __init__(self) -> None:
        super().__init__()
        self.templates: Sequence[Template] = ()

    def show(self, templates: Sequence[Template]) -> None:
        """Hold these instead."""
        self.beginResetModel()
        self.templates = tuple(templates)
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.templates)

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if not index.isValid():
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return title(self.templates[index.row()])
        if role == _SEARCHED:
            return self.templates[index.row()].search_text
        if role == Qt.ItemDataRole.AccessibleDescriptionRole:
            return self.templates[index.row()].viber_text[:_HINT]
        return None


class _Completer(QCompleter):
    """Looks into names, categories and texts; what it writes into the field is the title."""

    def pathFromIndex(self, index: QModelIndex | QPersistentModelIndex) -> str:
        return str(index.data(Qt.ItemDataRole.DisplayRole) or "")


class TemplateField(QWidget):
    """Offers the desk's templates."""

    chosen = Signal(object)
    """The agent wants this :class:`Template` in the form."""
    manage = Signal()
    """The agent wants to see and change the templates."""

    def __init__(self) -> None:
        super().__init__()
        self._model = TemplateModel()
        self._desk: Desk | None = None
        self._spawn: Spawn | None = None
        self._just_chosen: Template | None = None
        self._unwatch: Callable[[], None] = lambda: None
        self.combo = QComboBox()
        self.combo.setEditable(True)
        self.combo.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.combo.setModel(self._model)
        self.combo.setMaxVisibleItems(_SHOWN)
        self.combo.setMinimumContentsLength(8)
        self.combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        completer = _Completer(self._model, self)
        completer.setCompletionRole(_SEARCHED)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setMaxVisibleItems(_SHOWN)
        self.combo.setCompleter(completer)
        name(
            self.combo,
            "templateCombo",
            tr("Template"),
            tr("Type to search by name, category or text; Enter puts the template into the form."),
        )
        line = self.combo.lineEdit()
        assert line is not None  # an editable box has one
        line.setAccessibleName(tr("Template"))
        line.setToolTip(tip(self.combo.accessibleDescription()))
        self._line = line
        self._manage = QToolButton()
        self._manage.setIcon(icon("pencil"))
        self._manage.setToolTip(tr("Write, change, import and export templates"))
        name(self._manage, "templateManageButton", tr("Templates"), self._manage.toolTip())
        self._manage.clicked.connect(self.manage)
        self._note = FieldNote("templateNote", tr("About the template"))

        row = QHBoxLayout()
        row.setSpacing(2 * SPACE)
        row.addWidget(label(tr("Template"), "label", buddy=self.combo))
        row.addWidget(self.combo, 1)
        row.addWidget(self._manage)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE + 2)
        column.addLayout(row)
        column.addWidget(self._note)
        self.combo.activated.connect(self._activated)
        line.returnPressed.connect(self._entered)
        line.textEdited.connect(lambda: self._note.say(""))
        self._show([])

    def attach(self, desk: Desk, spawn: Spawn) -> None:
        """Offer what ``desk`` keeps, and follow it."""
        self._unwatch()
        self._desk, self._spawn = desk, spawn
        self._unwatch = desk.templates.watch(self._read)
        self._read()

    def clear(self) -> None:
        """Nothing is chosen any more."""
        self.combo.setCurrentIndex(-1)
        self._line.clear()
        self._note.say("")

    def say(self, text: str) -> None:
        """One sentence under the field; empty takes it away."""
        self._note.say(text)

    def _read(self) -> None:
        if self._desk is not None and self._spawn is not None:
            self._spawn(self._bring(self._desk))

    async def _bring(self, desk: Desk) -> None:
        self._show(await desk.templates.all())

    def _show(self, templates: Sequence[Template]) -> None:
        typed = self._line.text()
        self._model.show(templates)
        self.combo.setCurrentIndex(-1)
        self._line.setText(typed)
        self._line.setPlaceholderText(
            tr("Search {n} templates", n=len(templates)) if templates else tr("None yet: write one")
        )

    def _activated(self, row: int) -> None:
        if 0 <= row < len(self._model.templates):
            self._choose(self._model.templates[row])

    def _entered(self) -> None:
        text = self._line.text().strip()
        if not text or any(title(each) == text for each in self._model.templates):
            return  # the box says so itself
        hits = found(self._model.templates, text)
        if hits:
            self._choose(hits[0])
        else:
            self._note.say(tr("No template has this in its name or text."), "warning")

    def _choose(self, template: Template) -> None:
        # The box may report one key twice: as what was typed, and as the line it completed to.
        if template is self._just_chosen:
            return
        self._just_chosen = template
        QTimer.singleShot(0, self._forget_choice)
        self._note.say("")
        self.chosen.emit(template)
        self._line.setText(title(template))
        self._line.setCursorPosition(0)  # the beginning of a long name tells more than its end
        if self._desk is not None and self._spawn is not None:
            self._spawn(self._desk.templates.used(template))

    def _forget_choice(self) -> None:
        self._just_chosen = None

"""The terms of the window, searched while somebody types; stays open beside the work."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from console.cascade.glossary import glossary, look_up
from console.cascade.words import tr
from console.ui.theme import SPACE
from console.ui.widgets import Sentence, label, name, search_edit


class GlossaryDialog(QDialog):
    """Use ``show()``."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("What the words mean"))
        name(self, "glossaryDialog", tr("What the words mean"))
        self.resize(520, 640)
        self._search = search_edit("glossarySearch", tr("Search a word"), tr("Search a word"), longest=100)
        self._entries: dict[str, QWidget] = {}
        self._list = QVBoxLayout()
        self._list.setSpacing(4 * SPACE)
        self._list.setContentsMargins(0, 0, 2 * SPACE, 0)
        for term in glossary():
            self._list.addWidget(self._entry(term.name, term.meaning))
        self._nothing = label(tr("No such word. Try a part of it."), "muted")
        self._nothing.setObjectName("glossaryNothing")
        self._nothing.hide()
        self._list.addWidget(self._nothing)
        self._list.addStretch(1)
        inside = QWidget()
        inside.setLayout(self._list)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        name(scroll, "glossaryList", tr("Words and what they mean"))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(6 * SPACE, 5 * SPACE, 4 * SPACE, 5 * SPACE)
        whole.setSpacing(4 * SPACE)
        whole.addWidget(label(tr("What the words mean"), "title"))
        whole.addWidget(self._search)
        whole.addWidget(scroll, 1)
        self._search.textChanged.connect(self._find)

    def _entry(self, term: str, meaning: str) -> QWidget:
        entry = QWidget()
        column = QVBoxLayout(entry)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        text = Sentence(meaning)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(Sentence(term, "subtitle"))
        column.addWidget(text)
        entry.setAccessibleName(f"{term}. {meaning}")
        self._entries[term] = entry
        return entry

    def _find(self, query: str) -> None:
        found = {term.name for term in look_up(query)}
        for term, entry in self._entries.items():
            entry.setVisible(term in found)
        self._nothing.setVisible(not found)

    @property
    def shown(self) -> list[str]:
        """The terms that are shown now."""
        return [term for term, entry in self._entries.items() if not entry.isHidden()]

    def texts(self) -> list[str]:
        """Everything that can be read here, for tests and screen readers."""
        return [each.text() for each in self.findChildren(QLabel)]

"""The strip that shows what a ``cascade:`` link wants, before anything of it is used."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.cascade.message import Draft
from console.cascade.words import tr
from console.ui.link_rules import breakable, link_sentence
from console.ui.widgets import Notice, name


class LinkStrip(QWidget):
    """Shows one proposal at a time, the newest; does not take the keyboard from who is typing."""

    used = Signal(object)
    """The person wants this draft in the form."""

    def __init__(self) -> None:
        super().__init__()
        self._proposed: Draft | None = None
        self._notice = Notice(bar=True)
        self._notice.text.setObjectName("linkSentence")
        use = self._notice.add_button(tr("&Use it"), object_name="linkUseButton")
        use.setAccessibleDescription(tr("Fills the form. Nothing is sent."))
        use.clicked.connect(self._use)
        ignore = self._notice.add_button(tr("&Ignore"), object_name="linkIgnoreButton")
        ignore.setAccessibleDescription(tr("Leaves the form as it is."))
        ignore.clicked.connect(self._settle)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._notice)
        name(self, "linkStrip", tr("Link"))
        self.hide()

    def propose(self, draft: Draft) -> None:
        """Show what a link wants; a proposal that still stands gives way."""
        self._proposed = draft
        sentence = link_sentence(draft)
        self._notice.say(breakable(sentence), "active")
        self._notice.text.setAccessibleName(sentence)
        name(self, "linkStrip", sentence)
        self.show()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    @property
    def sentence(self) -> str:
        """What is shown now; empty: nothing."""
        return "" if self._proposed is None else self.accessibleName()

    def _use(self) -> None:
        proposed = self._proposed
        self._settle()
        if proposed is not None:
            self.used.emit(proposed)

    def _settle(self) -> None:
        self._proposed = None
        self.hide()

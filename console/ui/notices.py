"""Notices at the top of the window: what a person must know and may act on, newest last."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.cascade.words import tr
from console.ui.widgets import Notice

Action = tuple[str, Callable[[], object]]
"""A button's text and what it does; pressing it closes the notice."""


class NoticeBar(QWidget):
    """Holds notices until they are closed; the same sentence stands only once."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("noticeBar")
        self.setAccessibleName(tr("Notices"))
        self._shown: dict[str, Notice] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(1)
        self.hide()

    def notify(self, text: str, tone: str = "active", action: Action | None = None) -> Callable[[], None]:
        """Show ``text`` until it is closed; returns what takes it away. Tones are the theme's."""
        self.dismiss(text)
        notice = Notice(bar=True, closable=True)
        notice.setObjectName("notice")
        notice.say(text, tone)
        notice.setAccessibleName(text)
        notice.name_close(tr("Close this notice"))

        def close() -> None:
            if self._shown.get(text) is notice:
                self.dismiss(text)

        notice.closed.connect(close)
        if action is not None:
            title, do = action

            def act() -> None:
                close()
                do()

            notice.add_button(title, object_name="noticeAction").clicked.connect(act)
        self._shown[text] = notice
        self._column.addWidget(notice)
        self.show()
        QAccessible.updateAccessibility(QAccessibleEvent(notice, QAccessible.Event.Alert))
        return close

    def dismiss(self, text: str) -> None:
        """Take a notice away, if it is there."""
        notice = self._shown.pop(text, None)
        if notice is not None:
            notice.hide()
            self._column.removeWidget(notice)
            notice.deleteLater()
        self.setVisible(bool(self._shown))

    @property
    def texts(self) -> list[str]:
        """What is shown now, oldest first."""
        return list(self._shown)

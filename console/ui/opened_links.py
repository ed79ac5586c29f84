"""Links that the system hands to the running program: on macOS they come as an event, not as an argument."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QUrl, Signal
from PySide6.QtGui import QFileOpenEvent


class OpenedLinks(QObject):
    """Watches the application for links; to be installed on macOS only, for it sees every event.

    What was opened is told as text, whatever it is: whoever hears it decides whether it is a link of ours.
    """

    opened = Signal(str)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Take the links, and leave everything else to whom it is for."""
        if event.type() != QEvent.Type.FileOpen or not isinstance(event, QFileOpenEvent):
            return False
        self.opened.emit(event.url().toString(QUrl.ComponentFormattingOption.FullyEncoded))
        return True

"""A link that the system opens reaches the window whole, and nothing else is taken from anybody."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QUrl
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

from console.ui.opened_links import OpenedLinks

LINK = "cascade:?to=%2B12025550101&viber=50%25%20off%20%26%20more"


class Heard(QObject):
    """Somebody for whom events are meant."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[QEvent.Type] = []

    def event(self, event: QEvent) -> bool:
        self.events.append(event.type())
        return super().event(event)


def test_an_opened_link_is_told_exactly_as_it_was_written(app: QApplication) -> None:
    links, target, told = OpenedLinks(), Heard(), list[str]()
    links.opened.connect(told.append)
    target.installEventFilter(links)
    QCoreApplication.sendEvent(target, QFileOpenEvent(QUrl(LINK)))
    assert told == [LINK]
    assert target.events == []


def test_other_events_reach_whom_they_are_for(app: QApplication) -> None:
    links, target, told = OpenedLinks(), Heard(), list[str]()
    links.opened.connect(told.append)
    target.installEventFilter(links)
    QCoreApplication.sendEvent(target, QEvent(QEvent.Type.User))
    assert target.events == [QEvent.Type.User]
    assert told == []

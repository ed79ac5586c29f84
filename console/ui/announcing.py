"""Tells a screen reader what :mod:`console.ui.announcing_rules` finds worth telling."""

from __future__ import annotations

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget

from console.cascade.outcome import Outlook, Timeline
from console.ui.announcing_rules import Heard, announce


class Announcer:
    """Says it, for one widget that shows one message at a time."""

    def __init__(self, speaker: QWidget) -> None:
        self._speaker = speaker
        self._heard = Heard()

    def show(self, timeline: Timeline, view: Outlook, following: str) -> None:
        """Say what is new."""
        self._heard, said = announce(self._heard, timeline, view, following)
        for each in said:
            event = QAccessibleAnnouncementEvent(self._speaker, each.text)
            event.setPoliteness(
                QAccessible.AnnouncementPoliteness.Assertive
                if each.urgent
                else QAccessible.AnnouncementPoliteness.Polite
            )
            QAccessible.updateAccessibility(event)

"""Tells a screen reader what :mod:`console.ui.announcing_rules` finds worth telling."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from console.cascade.outcome import Outlook, Timeline
from console.ui.announcing_rules import Heard, announce
from console.ui.widgets import speak


class Announcer:
    """Says it, for one widget that shows one message at a time."""

    def __init__(self, speaker: QWidget) -> None:
        self._speaker = speaker
        self._heard = Heard()

    def show(self, timeline: Timeline, view: Outlook, following: str) -> None:
        """Say what is new."""
        self._heard, said = announce(self._heard, timeline, view, following)
        for each in said:
            speak(self._speaker, each.text, urgent=each.urgent)

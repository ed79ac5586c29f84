"""Numbers shortened on the screen while it is shared: one switch for every pane.

Only what is shown changes. What is sent, copied, exported or typed into a field stays whole.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from console.cascade.privacy import mask_number
from console.cascade.words import left_to_right


class Masking(QObject):
    """Whether numbers are shortened now."""

    changed = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self._on = False

    @property
    def on(self) -> bool:
        return self._on

    def switch(self, on: bool) -> None:
        """Shorten numbers from now on, or show them whole."""
        if on != self._on:
            self._on = on
            self.changed.emit(on)


masking = Masking()
"""The one switch of this process."""


def shown(number: str) -> str:
    """A number as it may be shown now."""
    return left_to_right(mask_number(number) if masking.on and number else number)

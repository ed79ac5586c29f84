"""Python's cycle collector, kept on the window's thread.

A cycle that holds a QObject may otherwise be collected by whatever thread happens to allocate
next, and destroying a widget outside its thread ends the process. So the automatic collector
is off while a window lives, and a timer on the window's thread does its work by the same
thresholds.
"""

from __future__ import annotations

import gc
from typing import Final

from PySide6.QtCore import QObject, QTimer

_EVERY_MS: Final = 250
_MANY: Final = 3
"""Times Python's own threshold of objects made and not yet gone, from which on they are taken for events on
their way into the journal."""
_PATIENCE: Final = 10_000 // _EVERY_MS
"""Looks in ten seconds, for which that many objects are left to go by themselves. A collection goes through
all of them, half a microsecond each, while the window stands still; and events hold no cycles."""


class Collector(QObject):
    """Collects on the thread it was made in, from :meth:`start` to :meth:`stop`."""

    def __init__(self) -> None:
        super().__init__()
        self._was_on = False
        self._waited = 0
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self._look)

    def start(self) -> None:
        """From now on nothing is collected on any other thread."""
        self._was_on = gc.isenabled()
        gc.disable()
        self._timer.start()

    def _look(self) -> None:
        if gc.get_count()[0] > _MANY * gc.get_threshold()[0] and self._waited < _PATIENCE:
            self._waited += 1
            return
        self._waited = 0
        collect_if_due()

    def settle(self) -> None:
        """What lives now lives as long as the window: no collection looks at it again.

        Modules, widgets and wording are most of the heap; going through them took 15 ms each time.
        """
        gc.freeze()

    def stop(self) -> None:
        """Collect what is left here; Python may do it again if it did before."""
        self._timer.stop()
        gc.unfreeze()
        gc.collect()
        if self._was_on:
            gc.enable()


def collect_if_due() -> None:
    """What Python's own collector would do now, on the calling thread."""
    counts, thresholds = gc.get_count(), gc.get_threshold()
    for generation in (2, 1, 0):
        if counts[generation] > thresholds[generation] > 0:
            gc.collect(generation)
            return

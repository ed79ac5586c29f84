"""Notices when the UI thread does not come back to its loop, and keeps the culprit's stack.

Qt's event dispatcher says when it wakes and when it is about to sleep; what lies between is
one turn of the loop, during which the window can neither paint nor answer a key. Both
signals are measured, which costs microseconds a turn. The stack can only be taken while
the stall is going on, so a second thread looks at regular intervals and takes it then.
"""

from __future__ import annotations

import sys
import threading
import time
import traceback
from collections import deque
from dataclasses import dataclass
from types import FrameType

from PySide6.QtCore import QAbstractEventDispatcher, QObject

KEPT = 50
"""How many stalls are remembered; the longest is remembered besides."""


@dataclass(frozen=True, slots=True)
class Stall:
    """One turn of the UI loop that took too long."""

    seconds: float
    stack: str
    """Where the UI thread was when the watching thread looked; empty if it never did in time."""


class StallWatchdog(QObject):
    """Watches the loop of the thread it is made in, from :meth:`start` to :meth:`stop`.

    ``threshold`` and ``look_every`` are seconds. The default interval costs nothing
    measurable; tests look every two milliseconds to name any offender.
    """

    def __init__(self, threshold: float = 0.05, look_every: float = 0.05) -> None:
        super().__init__()
        self.threshold = threshold
        self.look_every = look_every
        self.stalls: deque[Stall] = deque(maxlen=KEPT)
        self.longest: Stall | None = None
        self._turn_began: float | None = None
        self._stack: tuple[float, str] | None = None
        self._watched = threading.get_ident()
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to watch. The dispatcher of this thread must exist already."""
        dispatcher = QAbstractEventDispatcher.instance()
        if dispatcher is None:
            raise RuntimeError("the thread has no event dispatcher to watch")
        dispatcher.awake.connect(self._awake)
        dispatcher.aboutToBlock.connect(self._about_to_block)
        self._thread = threading.Thread(target=self._look, name="stall-watchdog", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop watching; the stalls seen stay."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        dispatcher = QAbstractEventDispatcher.instance()
        if dispatcher is not None:
            dispatcher.awake.disconnect(self._awake)
            dispatcher.aboutToBlock.disconnect(self._about_to_block)

    def forget(self) -> None:
        """Drop what was seen so far (start-up, say) and begin anew with this turn."""
        self.stalls.clear()
        self.longest = None
        self._turn_began = time.perf_counter()

    def _awake(self) -> None:
        self._turn_began = time.perf_counter()

    def _about_to_block(self) -> None:
        began, self._turn_began = self._turn_began, None
        if began is None:
            return
        took = time.perf_counter() - began
        if took < self.threshold:
            return
        seen = self._stack
        stall = Stall(took, seen[1] if seen is not None and seen[0] == began else "")
        self.stalls.append(stall)
        if self.longest is None or took > self.longest.seconds:
            self.longest = stall

    def _look(self) -> None:
        while not self._over.wait(self.look_every):
            began = self._turn_began
            if began is None or time.perf_counter() - began < self.threshold:
                continue
            frame: FrameType | None = sys._current_frames().get(self._watched)
            if frame is not None:
                self._stack = (began, "".join(traceback.format_stack(frame)))

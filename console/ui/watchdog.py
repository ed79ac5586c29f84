"""Notices when the UI thread does not come back to its loop, and keeps the culprit's stack.

A timer of the window's own loop beats; a beat that comes late is a stall, for meanwhile the
window could neither paint nor answer a key. (The dispatcher's ``awake`` and ``aboutToBlock``
signals cannot tell: on Linux the one with GLib does not send ``awake`` when it has waited.)
The stack can only be taken while the stall is going on, so a second thread looks for a beat
that is missing and takes it then.
"""

from __future__ import annotations

import sys
import threading
import time
import traceback
from collections import deque
from dataclasses import dataclass
from types import FrameType

from PySide6.QtCore import QObject, Qt, QTimer

KEPT = 50
"""How many stalls are remembered; the longest is remembered besides."""


@dataclass(frozen=True, slots=True)
class Stall:
    """A time in which the UI loop did not turn."""

    seconds: float
    busy: float
    """Seconds of ``seconds`` in which the UI thread itself computed; the rest it waited, for a file,
    a lock, or (on a loaded machine) its turn."""
    stack: str
    """Where the UI thread was when the watching thread looked; empty if it never did in time."""


def stall_text(stall: Stall) -> str:
    """A stall for the file for support: how long, how busy, and where in the code."""
    return f"{stall.seconds:.3f} s, {stall.busy:.3f} s of it computing\n{stall.stack}"


class StallWatchdog(QObject):
    """Watches the loop of the thread it is made in, from :meth:`start` to :meth:`stop`.

    ``threshold`` and ``beat`` are seconds: how late a beat may be, and how often it comes.
    """

    def __init__(self, threshold: float = 0.05, beat: float = 0.05) -> None:
        super().__init__()
        self.threshold = threshold
        self.beat = beat
        self.stalls: deque[Stall] = deque(maxlen=KEPT)
        self.longest: Stall | None = None
        self._last = self._last_busy = 0.0
        self._stack: tuple[float, str] | None = None
        self._watched = threading.get_ident()
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(max(1, round(beat * 1000)))
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        """Begin to watch."""
        self._last, self._last_busy = time.perf_counter(), time.thread_time()
        self._timer.start()
        self._thread = threading.Thread(target=self._look, name="stall-watchdog", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop watching; the stalls seen stay."""
        self._timer.stop()
        self._over.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def worst(self, most: int = 10) -> list[Stall]:
        """The longest stalls, the longest first."""
        every = {id(stall): stall for stall in (*self.stalls, *([self.longest] if self.longest else []))}
        return sorted(every.values(), key=lambda stall: -stall.seconds)[:most]

    def forget(self) -> None:
        """Drop what was seen so far (start-up, say) and begin anew."""
        self.stalls.clear()
        self.longest = None
        self._last, self._last_busy = time.perf_counter(), time.thread_time()

    def _beat(self) -> None:
        last, self._last = self._last, time.perf_counter()
        last_busy, self._last_busy = self._last_busy, time.thread_time()
        late = self._last - last - self.beat
        if late < self.threshold:
            return
        seen = self._stack
        stack = seen[1] if seen is not None and seen[0] == last else ""
        stall = Stall(late, min(self._last_busy - last_busy, late), stack)
        self.stalls.append(stall)
        if self.longest is None or late > self.longest.seconds:
            self.longest = stall

    def _look(self) -> None:
        while not self._over.wait(self.beat):
            last = self._last
            if time.perf_counter() - last - self.beat < self.threshold:
                continue
            frame: FrameType | None = sys._current_frames().get(self._watched)
            if frame is not None:
                self._stack = (last, "".join(traceback.format_stack(frame)))

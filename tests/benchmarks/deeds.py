"""What a measured console is told to do by the one that measures it: one line of JSON a deed.

Runs on the console's own loop and works its real widgets, by their contracted names. Imports
nothing that the console does not need itself, for the process is weighed.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import sys
import time
import uuid
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QTableView,
    QWidget,
)

from console.app import Application
from console.cascade.message import Draft
from console.desk.values import HistoryQuery
from console.ui.history_model import RowRole

W = TypeVar("W", bound=QWidget)
_PATIENCE: Final = 60.0
_BEAT_MS: Final = 1
_WARM_UP: Final = 3
_TEXT: Final = "Your order is ready for collection at the counter until this evening. "


class Painted(QObject):
    """Knows when a widget was last painted, how often, and since when it shows what it shows.

    ``shows`` tells what can be seen in it, as a value to compare.
    """

    def __init__(self, widget: QWidget, shows: Callable[[], object] = lambda: None) -> None:
        super().__init__(widget)
        self.at = self.since = 0.0
        self.times = 0
        self._shows = shows
        self._seen: object = None
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.times += 1
            # Its own painting comes after this filter: the moment that counts is the next turn.
            QTimer.singleShot(0, self._note)
        return False

    def _note(self) -> None:
        self.at = time.monotonic()
        seen = self._shows()
        if seen != self._seen:
            self._seen, self.since = seen, self.at


class Gaps(QObject):
    """Times between two turns of the UI's loop, seconds: how long it could not have answered."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[float] = []
        self._last = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_BEAT_MS)
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        self.found = []
        self._last = time.perf_counter()
        self._timer.start()

    def stop(self) -> list[float]:
        self._timer.stop()
        return self.found

    def _beat(self) -> None:
        now = time.perf_counter()
        self.found.append(now - self._last)
        self._last = now


@contextlib.contextmanager
def changes(view: QAbstractItemView) -> Iterator[list[float]]:
    """The moments at which the rows of a view change."""
    moments: list[float] = []

    def note(*_: object) -> None:
        moments.append(time.monotonic())

    model = view.model()
    signals = (model.modelReset, model.layoutChanged, model.rowsRemoved, model.rowsInserted)
    for signal in signals:
        signal.connect(note)
    try:
        yield moments
    finally:
        for signal in signals:
            signal.disconnect(note)


class Turns(QObject):
    """Processor seconds of the longest turn of the UI's loop: waiting does not count."""

    def __init__(self) -> None:
        super().__init__()
        self._longest = self._last = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_BEAT_MS)
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        self._longest, self._last = 0.0, time.thread_time()
        self._timer.start()

    def stop(self) -> float:
        self._timer.stop()
        return self._longest

    def _beat(self) -> None:
        now = time.thread_time()
        self._longest = max(self._longest, now - self._last)
        self._last = now


class Look(Protocol):
    """What the probe saw by itself."""

    listed: float | None


class Deeds:
    """Does what comes in on standard input and answers each line with one."""

    def __init__(self, application: Application, look: Look) -> None:
        self._application = application
        self._look = look
        self._gaps = Gaps()
        self._lines: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self._rest = b""
        self._timeline = Painted(self._widget(QAbstractItemView, "timelineView").viewport())
        self._history = Painted(self._widget(QAbstractItemView, "historyView").viewport(), self._visible)

    async def run(self) -> None:
        """Until standard input ends."""
        loop = asyncio.get_running_loop()
        os.set_blocking(0, False)
        loop.add_reader(0, self._read)
        try:
            while (line := await self._lines.get()) is not None:
                deed = line.pop("do")
                answer = await getattr(self, f"do_{deed}")(**line)
                sys.stdout.write(json.dumps(answer or {}) + "\n")
                sys.stdout.flush()
        finally:
            loop.remove_reader(0)

    def _read(self) -> None:
        told = os.read(0, 65536)
        *lines, self._rest = (self._rest + told).split(b"\n")
        for line in lines:
            self._lines.put_nowait(json.loads(line))
        if not told:
            asyncio.get_running_loop().remove_reader(0)
            self._lines.put_nowait(None)

    def _widget(self, kind: type[W], name: str) -> W:
        found = self._application.window.findChild(kind, name)
        assert isinstance(found, kind), name
        return found

    async def _until(self, done: Callable[[], bool], what: str, within: float = _PATIENCE) -> None:
        end = time.monotonic() + within
        while not done():
            if time.monotonic() > end:
                raise TimeoutError(what)
            # Moments are noted by the filters; looking all the time would take the journal's turn.
            await asyncio.sleep(0.001)

    # -- looking --------------------------------------------------------------------------------

    async def do_listed(self) -> dict[str, float]:
        """When the history was first painted with rows."""
        await self._until(lambda: self._look.listed is not None, "the history")
        assert self._look.listed is not None
        return {"listed": self._look.listed}

    async def do_settle(self, seconds: float) -> None:
        """Stop looking on, and let everything come to rest."""
        QApplication.instance().removeEventFilter(self._look)  # type: ignore[union-attr, arg-type]
        await asyncio.sleep(seconds)
        gc.collect()

    async def do_live(self) -> dict[str, float]:
        """When the feed has caught up."""
        desk = self._application.desk
        assert desk is not None
        await self._until(lambda: desk.status.relay.kind == "live", "the relay being live", 140.0)
        return {"live": time.monotonic()}

    async def do_ingested(self) -> dict[str, int]:
        """How many callbacks the journal holds."""
        desk = self._application.desk
        assert desk is not None
        ledger = desk._ledger
        count = await ledger.off(
            lambda: int(
                ledger.db.db.execute("SELECT count(*) FROM facts WHERE kind = 'reported'").fetchone()[0]
            )
        )
        return {"callbacks": count}

    async def do_gaps_begin(self) -> None:
        self._gaps.start()

    async def do_gaps_end(self) -> dict[str, list[float]]:
        return {"gaps": self._gaps.stop()}

    async def do_types(self) -> dict[str, int]:
        """How many objects there are of each type that Python's collector knows."""
        gc.collect()
        return dict(Counter(f"{type(each).__module__}.{type(each).__name__}" for each in gc.get_objects()))

    async def do_objects(self) -> dict[str, int]:
        """How many objects Python's collector and Qt know, and the journal's KiB."""
        gc.collect()
        qt = QApplication.instance()
        assert qt is not None
        tops = QApplication.topLevelWidgets()
        ledger = self._application.desk._ledger if self._application.desk is not None else None
        pages = 0
        if ledger is not None:
            pages = await ledger.off(lambda: int(ledger.db.db.execute("PRAGMA page_count").fetchone()[0]))
        return {
            "python": len(gc.get_objects()),
            "journal": pages * 4,
            "qt": sum(1 + len(each.findChildren(QObject)) for each in tops) + len(qt.findChildren(QObject)),
        }

    # -- working --------------------------------------------------------------------------------

    async def do_typing(self, length: int, presses: int) -> dict[str, list[float]]:
        """Presses in a text of ``length`` characters; seconds until text and counter are painted."""
        from PySide6.QtTest import QTest

        edit = self._widget(QPlainTextEdit, "viberTextEdit")
        counter = self._widget(QLabel, "viberCounter")
        text = _TEXT * (length // len(_TEXT) + 1)
        edit.setPlainText(text[: length - 1])
        edit.setFocus()
        edit.moveCursor(edit.textCursor().MoveOperation.End)
        painted, counted = Painted(edit.viewport()), Painted(counter)
        await asyncio.sleep(1)
        taken = []
        for number in range(presses):
            before, counters = painted.times, counted.times
            began = time.monotonic()
            if number % 2:
                QTest.keyClick(edit, Qt.Key.Key_Backspace)
            else:
                QTest.keyClicks(edit, "x")
            await self._until(
                lambda before=before, counters=counters, began=began: (  # type: ignore[misc]
                    painted.times > before
                    and counted.times > counters
                    and painted.at > began
                    and counted.at > began
                ),
                "the paint",
            )
            taken.append(max(painted.at, counted.at) - began)
            await asyncio.sleep(0.01)
        edit.clear()
        return {"seconds": taken}

    async def do_send(self, number: str, text: str) -> dict[str, float]:
        """Send by a click; when it was pressed, and when the new row was painted."""
        from PySide6.QtTest import QTest

        self._widget(QLineEdit, "recipientEdit").setText(number)
        self._widget(QPlainTextEdit, "viberTextEdit").setPlainText(text)
        button = self._widget(QPushButton, "sendButton")
        view = self._widget(QAbstractItemView, "historyView")
        await self._until(button.isEnabled, "Send becoming possible")
        await asyncio.sleep(0.2)
        rows = view.model().rowCount()
        with changes(view) as changed:
            pressed = time.monotonic()
            QTest.mouseClick(button, Qt.MouseButton.LeftButton)
            await self._until(lambda: view.model().rowCount() > rows, "the row")
            await self._until(lambda: self._history.at > changed[-1], "its paint")
        return {"pressed": pressed, "painted": self._history.at}

    async def do_show(self, message_id: str) -> None:
        """Choose a message and wait until its timeline is painted."""
        before = self._timeline.times
        self._application.window.timeline.show_message(message_id)
        view = self._widget(QAbstractItemView, "timelineView")
        await self._until(lambda: self._timeline.times > before and view.model().rowCount() > 0, "a timeline")
        await asyncio.sleep(0.1)

    async def do_event(self, rows: int) -> dict[str, float]:
        """When the timeline shown was painted with more than ``rows`` rows, and how many they are."""
        view = self._widget(QAbstractItemView, "timelineView")
        with changes(view) as changed:
            await self._until(lambda: view.model().rowCount() > rows, "an event")
            await self._until(lambda: not changed or self._timeline.at > changed[0], "its paint")
        return {"painted": self._timeline.at, "rows": view.model().rowCount()}

    async def do_rows(self) -> dict[str, int]:
        view = self._widget(QAbstractItemView, "timelineView")
        history = self._widget(QAbstractItemView, "historyView")
        return {"timeline": view.model().rowCount(), "history": history.model().rowCount()}

    async def do_search(self, text: str) -> dict[str, list[float]]:
        """Type a search key by key; seconds from each key until the rows on screen are the final ones.

        ``whole``: until the last that was found is painted, which may move nothing but the scroll bar.
        """
        from PySide6.QtTest import QTest

        edit = self._widget(QLineEdit, "historySearchEdit")
        view = self._widget(QAbstractItemView, "historyView")
        desk = self._application.desk
        assert desk is not None
        found: list[float] = []
        ask = desk.history_ids

        async def asked(query: HistoryQuery) -> array[int]:
            answer = await ask(query)
            found.append(time.monotonic())
            return answer

        desk.history_ids = asked  # type: ignore[method-assign]
        taken, whole = [], []
        for sign in text:
            found.clear()
            with changes(view) as changed:
                began = time.monotonic()
                QTest.keyClicks(edit, sign)
                await self._until(lambda: bool(found), "what the key finds")
                await asyncio.sleep(0.05)
                ended = found[-1]
                if changed and view.isVisible():
                    await self._until(
                        lambda changed=changed: self._history.at > changed[0],  # type: ignore[misc]
                        "its paint",
                    )
                    ended = self._history.at
                    assert None not in self._visible()
                # Where nothing else was found than before, nothing is painted.
                whole.append(ended - began)
                taken.append((self._history.since if self._history.since > began else found[0]) - began)
            await asyncio.sleep(0.25)
        desk.history_ids = ask  # type: ignore[method-assign]
        edit.clear()
        await asyncio.sleep(0.4)
        return {"seconds": taken, "whole": whole}

    def _visible(self) -> tuple[str | None, ...]:
        """The messages on screen in the history, from the top; ``None`` where one is still being read."""
        view = self._widget(QTableView, "historyView")
        rows = view.model().rowCount()
        first, last = view.rowAt(0), view.rowAt(view.viewport().height() - 1)
        if not rows or first < 0:
            return ()
        seen = range(first, (last if last >= 0 else rows - 1) + 1)
        told = [view.model().index(place, 0).data(RowRole) for place in seen]
        return tuple(None if row is None else row.message_id for row in told)

    async def do_scroll(self, steps: int, jump: bool = False) -> dict[str, list[float]]:
        """Scroll a third of a page a frame, or jump through the whole list; busy seconds of each frame."""
        bar = self._widget(QAbstractItemView, "historyView").verticalScrollBar()
        taken = []
        bar.setValue(0)
        await asyncio.sleep(0.3)
        for number in range(steps):
            before = self._history.times
            busy = time.thread_time()
            target = number * bar.maximum() * 7 // 11 % max(1, bar.maximum())
            bar.setValue(target if jump else min(bar.maximum(), bar.value() + bar.pageStep() // 3))
            view = self._widget(QAbstractItemView, "historyView")
            view.viewport().repaint()
            taken.append(time.thread_time() - busy)
            assert self._history.times > before
            await asyncio.sleep(0.012)
        bar.setValue(0)
        return {"seconds": taken}

    async def do_prepend(self, times: int) -> dict[str, list[float]]:
        """New messages come in; what the longest turn of the loop computed for each."""
        desk = self._application.desk
        assert desk is not None
        view = self._widget(QAbstractItemView, "historyView")
        taken = []
        for number in range(times + _WARM_UP):
            rows = view.model().rowCount()
            turns = Turns()
            with changes(view) as changed:
                turns.start()
                text = f"{_TEXT} {uuid.uuid4()}"
                draft = Draft(to=f"+1202555{number:04d}", viber_text=text, sms_enabled=False)
                await desk.send(draft, confirmed=True)
                await self._until(lambda rows=rows: view.model().rowCount() > rows, "a row")  # type: ignore[misc]
                await self._until(
                    lambda changed=changed: self._history.at > changed[-1],  # type: ignore[misc]
                    "its paint",
                )
                await asyncio.sleep(0.02)
                taken.append(turns.stop())
        return {"seconds": taken[_WARM_UP:]}

    async def do_export(self, path: str) -> dict[str, float]:
        """Export the whole history, as the window's dialog does."""
        desk = self._application.desk
        assert desk is not None
        rowids = await desk.history_ids(HistoryQuery())
        began = time.monotonic()
        await desk.exports.write(rowids, Path(path), "csv", lambda _done: None)
        return {"seconds": time.monotonic() - began, "rows": len(rowids)}

"""Going: says what is still being sent or in doubt; when the session ends, saves and asks nothing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer
from PySide6.QtWidgets import QMessageBox

from console.cascade.words import tr
from console.desk.values import HistoryQuery
from console.ui.deeds import Spawn
from console.ui.leaving_rules import leaving_consequence, leaving_sentence

if TYPE_CHECKING:
    from console.desk.desk import Desk
    from console.ui.window import MainWindow

_log = logging.getLogger(__name__)
SAVING: Final = 2_000
"""Milliseconds the end of a session may be held up to save a draft."""
CALLED_OFF: Final = 60_000
"""Milliseconds after which a session that was to end evidently did not."""
_MOST: Final = 100


class Leaving(QObject):
    """Decides what happens when ``window`` wants to close; calls ``leave`` once it may.

    In doubt counts what was written since ``desk`` was opened: older doubts stand in the history
    and would only teach people to press Quit anyway without reading.
    """

    def __init__(
        self,
        window: MainWindow,
        spawn: Spawn,
        leave: Callable[[], object],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._spawn = spawn
        self._leave = leave
        self._desk: Desk | None = None
        self._box: QMessageBox | None = None
        self._session_ends = False
        self._called_off = QTimer(self, singleShot=True, interval=CALLED_OFF)
        self._called_off.timeout.connect(self._session_goes_on)
        window.closing.connect(self.ask)

    def attach(self, desk: Desk) -> None:
        """Ask ``desk`` what is under way."""
        self._desk = desk
        self._since = desk.clock()

    def ask(self) -> None:
        """Leave, or ask first where something would be left behind."""
        if self._desk is None or self._session_ends:
            self._leave()
        elif self._box is not None:
            self._box.raise_()
            self._box.activateWindow()
        else:
            self._spawn(self._look(self._desk))

    async def _look(self, desk: Desk) -> None:
        try:
            in_doubt = await self._in_doubt(desk)
        except Exception:  # a journal that cannot be read must not keep anybody from leaving
            _log.exception("what is in doubt could not be counted")
            in_doubt = 0
        sentence = leaving_sentence(desk.sending, in_doubt)
        if not sentence:
            self._leave()
        elif self._box is None:
            self._show(sentence, leaving_consequence(desk.sending, in_doubt))

    async def _in_doubt(self, desk: Desk) -> int:
        found = await desk.history_ids(HistoryQuery(states=frozenset({"unconfirmed"}), limit=_MOST))
        rows = await desk.history_rows(list(found))
        return sum(row.created_at >= self._since for row in rows)

    def _show(self, sentence: str, consequence: str) -> None:
        box = QMessageBox(self._window)
        box.setObjectName("leavingBox")
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setWindowTitle(tr("Quit Cascade?"))
        box.setText(sentence)
        box.setInformativeText(consequence)
        box.setAccessibleName(sentence)
        go = box.addButton(tr("Quit anyway"), QMessageBox.ButtonRole.AcceptRole)
        go.setObjectName("quitAnywayButton")
        stay = box.addButton(tr("Stay"), QMessageBox.ButtonRole.RejectRole)
        stay.setObjectName("stayButton")
        box.setDefaultButton(stay)
        box.setEscapeButton(stay)
        go.clicked.connect(self._leave)
        box.finished.connect(self._answered)
        box.setModal(False)
        self._box = box
        box.show()

    def _answered(self) -> None:
        self._box = None

    def session_ends(self) -> None:
        """The desktop session is about to end: save what is being written; closing will not ask."""
        self._session_ends = True
        self._called_off.start()
        if self._desk is None:
            return
        # The session manager goes on as soon as this returns, so the draft must be safe by then.
        saved = QEventLoop()
        task = asyncio.get_running_loop().create_task(self._window.flush())
        task.add_done_callback(lambda _: saved.quit())
        QTimer.singleShot(SAVING, saved, saved.quit)
        saved.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)

    def _session_goes_on(self) -> None:
        self._session_ends = False

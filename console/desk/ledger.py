"""The journal as the rest of the desk sees it: on a thread of its own, and with news of changes.

Everything that touches the journal runs on one worker thread, folds included; coroutines only wait.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

from console.cascade.facts import Fact
from console.cascade.outcome import Timeline
from console.desk.owners import Owner
from console.desk.policy import first_question
from console.desk.texts import is_storage, not_opened
from console.journal.errors import JournalProblem
from console.journal.journal import Journal
from console.journal.opening import copy_back, suspect

_log = logging.getLogger(__name__)
_PAUSES: Final = (0.2, 1.0, 3.0, 10.0)
"""Seconds between tries to write what must be written; the last one for ever."""

P = ParamSpec("P")
T = TypeVar("T")


class Ledger:
    """One open journal, this process as an owner of messages, and the thread both live on.

    Args:
        changed: is called on the loop's thread with the ids of messages that got new facts.
        troubled: is called with why nothing can be written, and with ``None`` once it can again.
    """

    def __init__(
        self,
        directory: Path,
        *,
        changed: Callable[..., None],
        troubled: Callable[[Exception | None], None],
    ) -> None:
        self._directory = directory
        self._changed = changed
        self._troubled = troubled
        self._in_trouble = False
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._journal: Journal | None = None
        self._owner: Owner | None = None
        self._copying: asyncio.Future[None] | None = None

    async def open(self) -> None:
        """Open the journal and become an owner.

        Raises:
            JournalProblem: it cannot be used; then nothing is left open.
        """
        try:
            self._journal = await self.off(Journal, self._directory, first_question=first_question)
            self._owner = await self.off(Owner, self._directory)
        except Exception as error:
            await self.close()
            if is_storage(error):
                raise JournalProblem(not_opened(error)) from error
            raise

    async def close(self) -> None:
        """Let go of everything; what is unfinished may be taken over from now on."""
        if self._copying is not None:
            await self._copying
        if self._journal is not None:
            await self.off(self._journal.close)
            self._journal = None
        if self._owner is not None:
            await self.off(self._owner.release)
            self._owner = None
        self._worker.shutdown(wait=False)

    @property
    def db(self) -> Journal:
        """The journal, for work given to :meth:`off`."""
        if self._journal is None:
            raise RuntimeError("the desk is not started")
        return self._journal

    @property
    def owner(self) -> Owner:
        """This process."""
        if self._owner is None:
            raise RuntimeError("the desk is not started")
        return self._owner

    def off(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]:
        """Run ``work`` on the journal's thread."""
        return asyncio.get_running_loop().run_in_executor(self._worker, partial(work, *args, **kwargs))

    def grown(self) -> None:
        """Something was written: have the log copied back if it is long, beside the journal's thread."""
        if self._copying is None or self._copying.done():
            loop = asyncio.get_running_loop()
            self._copying = loop.run_in_executor(None, copy_back, self._directory)

    async def record(self, message_id: str, *facts: Fact, raw: bytes | None = None) -> Timeline:
        """Add facts to a message; on disk when this returns."""
        timeline = await self.off(self.db.record, message_id, *facts, raw=raw)
        self.well()
        self._changed(message_id)
        return timeline

    async def record_surely(self, message_id: str, *facts: Fact) -> Timeline:
        """As :meth:`record`, and where the disk refuses, again and again until it does not.

        For what the world has told us and will not tell again.
        """
        tries = 0
        while True:
            try:
                return await self.record(message_id, *facts)
            except Exception as error:
                if not self.is_trouble(error):
                    raise
            await asyncio.sleep(_PAUSES[min(tries, len(_PAUSES) - 1)])
            tries += 1

    def is_trouble(self, error: Exception) -> bool:
        """Whether an error is the disk's, not ours; if so it is told, once, until all is well again."""
        if not is_storage(error):
            return False
        suspect(self._directory, error)
        if not self._in_trouble:
            self._in_trouble = True
            _log.error("the journal cannot be used: %s", error)
            self._troubled(error)
        return True

    def well(self) -> None:
        """The disk takes what it is given (again)."""
        if self._in_trouble:
            self._in_trouble = False
            self._troubled(None)

    async def timeline(self, message_id: str) -> Timeline | None:
        """Everything known about a message."""
        return await self.off(self.db.timeline, message_id)

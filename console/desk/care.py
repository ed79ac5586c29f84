"""The journal looked after: checked, copied once a day, and rid of what is older than it should be.

Only the window does this, in the background; ``cascade send`` does not. Copies and checks have
connections and threads of their own. Deleting goes through the journal's thread in small batches.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from console.cascade.formats import day_figures, moment_figures
from console.cascade.words import tr, trn
from console.desk.ledger import Ledger
from console.journal.backups import KEPT, Damaged, NotCopied, copies, copy_journal, is_due, look_at
from console.journal.opening import FILE, suspect_file
from console.journal.retention import Leaving, delete_batch, give_back, preview

_log = logging.getLogger(__name__)
_AT_REST: Final = 10.0
"""Seconds after the start before anything is done: starting comes first."""
_EVERY: Final = 3600.0


class Care:
    """Looks after one journal.

    Args:
        days: how long messages are kept now; 0 for ever.
        tell: what a person must know, one sentence or two.
        gone: is called when messages have left the journal.
    """

    def __init__(
        self,
        ledger: Ledger,
        directory: Path,
        *,
        clock: Callable[[], datetime],
        days: Callable[[], int],
        tell: Callable[[str], None],
        gone: Callable[[], None],
    ) -> None:
        self._ledger = ledger
        self._directory = directory
        self._clock = clock
        self._days = days
        self._tell = tell
        self._gone = gone
        self._looked = False
        self._damaged = False
        self._one = asyncio.Lock()

    async def run(self, at_rest: float = _AT_REST, every: float = _EVERY) -> None:
        """Do what is due, soon and then every hour, until cancelled."""
        await asyncio.sleep(at_rest)
        while True:
            try:
                await self.once()
            except Exception as error:
                if not self._ledger.is_trouble(error):
                    raise
            await asyncio.sleep(every)

    async def once(self) -> None:
        """Delete what is too old, then copy the journal if a day has passed, else look at it once."""
        async with self._one:
            await self._once()

    async def _once(self) -> None:
        days = self._days()
        deleted = await self.retain(days) if days else 0
        if self._damaged:
            return
        path = self._directory / FILE
        if deleted or is_due(self._directory, self._clock()):
            # A copy made before the deletion would bring everything back.
            await self._copy(path, 1 if deleted else KEPT)
        elif not self._looked:
            wrong = await asyncio.to_thread(look_at, path)
            if wrong is not None:
                self._found_damaged(wrong)
        self._looked = True

    async def preview(self, days: int) -> Leaving:
        """What keeping messages for ``days`` would delete now; nothing for 0."""
        if days == 0:
            return Leaving()
        before = self._clock() - timedelta(days=days)
        return await self._ledger.off(lambda: preview(self._ledger.db.db, before))

    async def retain(self, days: int) -> int:
        """Delete what is older than ``days`` (1 or more); returns how many messages and reports went."""
        before = self._clock() - timedelta(days=days)
        total = 0
        while gone := await self._ledger.off(lambda: delete_batch(self._ledger.db.db, before)):
            total += gone
        if total:
            await self._ledger.off(lambda: give_back(self._ledger.db.db))
            _log.info("retention deleted %d messages and reports", total)
            self._gone()
        await asyncio.to_thread(delete_files, self._directory, before)
        return total

    async def _copy(self, path: Path, kept: int) -> None:
        try:
            await asyncio.to_thread(copy_journal, path, self._clock(), kept)
        except Damaged as error:
            self._found_damaged(str(error))
        except NotCopied as error:
            self._tell(tr("The daily copy of the journal could not be made ({reason}).", reason=error))

    def _found_damaged(self, wrong: str) -> None:
        self._damaged = True
        _log.error("the journal is damaged: %s", wrong)
        suspect_file(self._directory)
        made = copies(self._directory)
        if made:
            self._tell(
                tr(
                    "The journal is damaged. Close Cascade and open it again: the damaged file is set aside, "
                    "and the copy of {moment} UTC takes its place.",
                    moment=moment_figures(made[0].made_at),
                )
            )
        else:
            self._tell(
                tr(
                    "The journal is damaged, and there is no copy of it yet. Close Cascade and open it "
                    "again: the damaged file is set aside, and a new journal is begun."
                )
            )


def delete_files(directory: Path, before: datetime) -> int:
    """Delete logs, crash reports, set-aside and copied journals last written before a moment."""
    number = 0
    for path in _old_files(directory):
        with contextlib.suppress(OSError):
            if datetime.fromtimestamp(path.stat().st_mtime, UTC) < before:
                path.unlink()
                number += 1
    return number


def _old_files(directory: Path) -> Iterator[Path]:
    for pattern in ("cascade.log.*", "crash-*.txt", f"{FILE}.corrupt-*", "settings.json.corrupt-*"):
        yield from directory.glob(pattern)
    yield from (copy.path for copy in copies(directory))


def leaving_text(leaving: Leaving, days: int) -> str:
    """What a time of keeping means, in words for a person."""
    if days == 0:
        return tr("Messages are kept for ever.")
    if not leaving.messages and not leaving.unmatched:
        return trn(
            "Nothing here is older than {n} day; nothing is deleted now.",
            "Nothing here is older than {n} days; nothing is deleted now.",
            days,
        )
    told = [
        trn(
            "{n} message is deleted for good, with its texts, reports and traces in copies and logs.",
            "{n} messages are deleted for good, with their texts, reports and traces in copies and logs.",
            leaving.messages,
        )
    ]
    if leaving.oldest is not None:
        told.append(tr("The oldest is of {day}.", day=day_figures(leaving.oldest)))
    if leaving.unread:
        told.append(
            trn("{n} has replies nobody has read.", "{n} have replies nobody has read.", leaving.unread)
        )
    if leaving.in_doubt:
        told.append(trn("{n} is unconfirmed.", "{n} are unconfirmed.", leaving.in_doubt))
    if leaving.unmatched:
        told.append(
            trn(
                "{n} report or reply of no known message goes too.",
                "{n} reports and replies of no known message go too.",
                leaving.unmatched,
            )
        )
    told.append(tr("Who answered STOP is remembered."))
    return " ".join(told)

"""Messages taken out of the desk: many into one file, or one with everything that proves it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from console.cascade.outcome import Timeline
from console.desk.export_files import FORMS, Form, open_form
from console.desk.files import WholeFile
from console.desk.ledger import Ledger
from console.desk.rows import evidence_of
from console.desk.values import RawEvidence
from console.journal.history import read_rows

_STEP: Final = 40
"""Messages read in one go: sending and receiving take their turn in between."""


@dataclass(frozen=True, slots=True)
class Case:
    """One message with the bytes behind each report and reply."""

    timeline: Timeline
    evidence: tuple[tuple[str, RawEvidence], ...]
    """By ``fact_id``, in the order of the timeline."""


class Exports:
    """Reads only. Belongs to one event loop."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def write(
        self, rowids: Sequence[int], target: Path, form_name: str, progress: Callable[[int], None]
    ) -> int:
        """Write messages into a file, whole or not at all; how many there were.

        Args:
            form_name: one of :data:`~console.desk.export_files.FORMS`.
            progress: called with the number written so far, after every few.

        Raises:
            OSError: the file cannot be written; nothing of it stays.
            asyncio.CancelledError: given up; nothing of it stays.
        """
        form = FORMS[form_name]()
        whole = await asyncio.to_thread(WholeFile, target)
        try:
            done = 0
            with await asyncio.to_thread(open_form, whole.path, form) as out:
                out.write(form.begin())
                for start in range(0, len(rowids), _STEP):
                    timelines = await self._ledger.off(self._read, rowids[start : start + _STEP])
                    await asyncio.to_thread(self._add, out, form, timelines)
                    done += len(timelines)
                    progress(done)
                await asyncio.to_thread(self._finish, out, form)
            await asyncio.to_thread(whole.keep)
        except BaseException:
            whole.drop()
            raise
        return done

    @staticmethod
    def _add(out: IO[str], form: Form, timelines: Sequence[Timeline]) -> None:
        out.writelines(form.message(timeline) for timeline in timelines)

    @staticmethod
    def _finish(out: IO[str], form: Form) -> None:
        out.write(form.end())
        out.flush()

    def _read(self, rowids: Sequence[int]) -> list[Timeline]:
        journal = self._ledger.db
        found = (journal.timeline(row.message_id) for row in read_rows(journal.db, rowids))
        return [timeline for timeline in found if timeline is not None]

    async def case(self, message_id: str) -> Case | None:
        """Everything about one message; ``None`` where there is none."""
        return await self._ledger.off(self._case, message_id)

    def _case(self, message_id: str) -> Case | None:
        journal = self._ledger.db
        timeline = journal.timeline(message_id)
        if timeline is None:
            return None
        proofs = []
        for fact_id in dict.fromkeys(event.fact_id for event in timeline.events):
            kept = journal.evidence(fact_id)
            if kept is not None and (raw := evidence_of(kept)).source is not None:
                proofs.append((fact_id, raw))
        return Case(timeline, tuple(proofs))

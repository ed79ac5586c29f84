"""Which messages a list shows: asked of the desk one question at a time, the old one given up."""

from __future__ import annotations

import asyncio
from array import array
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Protocol

from console.desk.values import HistoryQuery
from console.ui.deeds import Spawn

if TYPE_CHECKING:
    from console.desk.desk import Desk

_HEAD: Final = 128
"""How many of the newest are looked at to find what is new."""
_FIRST: Final = 256
"""How many of what a search found are shown while the rest is still being looked for."""
_SEEN: Final = 24
"""Rows of those that are read at once: as many as a tall window shows."""


class Listing(Protocol):
    """The list that is kept up to date. All ids are row ids, newest first."""

    def put_on_top(self, head: array[int]) -> bool:
        """Add what is new in ``head``; whether that was possible."""

    async def read_missing(self, desk: Desk, ids: array[int]) -> None:
        """Have those of these rows read that have not been."""

    def show_first(self, ids: array[int]) -> None:
        """Show these until all are known, unless that would take away what is chosen."""

    def show_all(self, ids: array[int]) -> None:
        """These are all."""

    def done(self) -> None:
        """Nothing is being looked for any more."""


class Finder:
    """Finds what fits a query, at first and whenever messages have changed."""

    def __init__(self, spawn: Spawn, listing: Listing) -> None:
        self._spawn = spawn
        self._listing = listing
        self._desk: Desk | None = None
        self.query = HistoryQuery()
        """What is asked for."""
        self._reading = False
        self._asking: asyncio.Future[array[int]] | None = None
        self._again = False
        self._all_stale = False

    def attach(self, desk: Desk) -> None:
        """Ask this desk from now on."""
        self._desk = desk

    def ask(self, query: HistoryQuery) -> None:
        """Find all that fits ``query``; what was asked before is given up."""
        if self._asking is not None and query != self.query:
            self._asking.cancel()
        self.query = query
        self._all_stale = True
        self.refresh()

    def refresh(self) -> None:
        """Bring the list up to date; one read at a time, and one more if needed meanwhile."""
        if self._desk is None:
            return
        if self._reading:
            self._again = True
            return
        self._reading = True
        self._spawn(self._bring(self._desk))

    async def _bring(self, desk: Desk) -> None:
        try:
            while True:
                self._again = False
                query, anew = self.query, self._all_stale
                whole = anew or query.narrowed
                self._all_stale = False
                if not whole:
                    head = await desk.history_ids(replace(query, limit=_HEAD))
                    whole = query == self.query and not self._listing.put_on_top(head)
                if whole:
                    await self._bring_all(desk, query, anew=anew)
                if not self._again and query == self.query:
                    break
        finally:
            self._reading = False
        self._listing.done()

    async def _bring_all(self, desk: Desk, query: HistoryQuery, *, anew: bool) -> None:
        """Read and show all that fit; the first of many as soon as they are known."""
        if anew and query.narrowed:
            first = await self._asked(desk, replace(query, limit=_FIRST))
            if first is None or query != self.query:
                return
            # What these rows say, before the rest is looked for: the journal does one thing at a time.
            await self._listing.read_missing(desk, first[:_SEEN])
            if query != self.query:
                return
            if len(first) < _FIRST:  # these are all
                self._listing.show_all(first)
                return
            self._listing.show_first(first)
        ids = await self._asked(desk, query)
        if ids is not None and query == self.query:
            self._listing.show_all(ids)

    async def _asked(self, desk: Desk, query: HistoryQuery) -> array[int] | None:
        """The ids that fit; ``None`` if something else is asked by now."""
        self._asking = asyncio.ensure_future(desk.history_ids(query))
        try:
            await asyncio.wait({self._asking})
            return None if self._asking.cancelled() else self._asking.result()
        finally:
            self._asking.cancel()
            self._asking = None

"""Replies as the window sees them: unread, new ones, conversations, opt-outs, and what matched nothing."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from console.cascade.conversation import Arrival, Said, worth_telling
from console.cascade.recipient import Recipient, parse_recipient
from console.desk.bulletin import Bulletin
from console.desk.ledger import Ledger
from console.desk.values import Change
from console.desk.watchers import Watchers
from console.journal import replies, unmatched
from console.journal.history import list_rows, read_rows
from console.journal.journal import Journal
from console.journal.replies import OptedOutNumber
from console.journal.unmatched import NotAssignableError, Pile, Unmatched

__all__ = ["Candidate", "OptedOutNumber", "Pile", "Replies", "Talk", "Unmatched"]

_CANDIDATES: Final = 50
"""Messages offered when one is searched for, newest first."""


@dataclass(frozen=True, slots=True)
class Talk:
    """The conversation with one number."""

    said: tuple[Said, ...]
    cut: bool = False
    """Earlier parts are left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A message something can be assigned to."""

    message_id: str
    to: str
    first_words: str
    created_at: datetime


class Replies:
    """Counts that follow the journal, and the use cases around replies. Belongs to one event loop.

    Args:
        spawn: runs a coroutine to its end, or to the end of the desk.
    """

    def __init__(
        self,
        ledger: Ledger,
        bulletin: Bulletin,
        *,
        spawn: Callable[[Coroutine[Any, Any, None]], object],
        clock: Callable[[], datetime],
        account: Callable[[], str],
    ) -> None:
        self._ledger = ledger
        self._changed = bulletin.changed
        self._spawn = spawn
        self._clock = clock
        self._account = account
        self._seen = 0
        self._following = self._running = self._again = False
        self._watchers = Watchers[()]()
        self._listeners = Watchers[Arrival]()
        self.unread = 0
        """Replies nobody has seen."""
        self.unmatched = 0
        """Things under Unmatched that somebody should look at."""
        self.on_screen: str | None = None
        """The message the agent looks at while the window is in front; its replies call nobody."""
        bulletin.watch(self._look)

    async def start(self) -> None:
        """Take the counts; what comes from now on is new."""
        self._seen = await self._ledger.off(replies.last_seq, self._ledger.db.db)
        await self._count()
        self._following = True

    def stop(self) -> None:
        """Follow no longer; the journal is about to be closed."""
        self._following = False

    def watch(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call ``callback`` when :attr:`unread` or :attr:`unmatched` changed; returns how to stop."""
        return self._watchers.add(callback)

    def on_arrived(self, callback: Callable[[Arrival], None]) -> Callable[[], None]:
        """Call ``callback`` with each new reply that deserves a notification; returns how to stop."""
        return self._listeners.add(callback)

    def _look(self, change: Change) -> None:
        if not self._following or not (change.message_ids or change.status_changed):
            return
        self._again = True
        if not self._running:
            self._running = True
            self._spawn(self._follow())

    async def _follow(self) -> None:
        try:
            while self._again:
                self._again = False
                try:
                    await self._count()
                except Exception as error:
                    # What cannot be read now is read at the next change; the bulletin says why.
                    if not self._ledger.is_trouble(error):
                        raise
        finally:
            self._running = False

    async def _count(self) -> None:
        unread, waiting, arrived, self._seen = await self._ledger.off(
            _look_up, self._ledger.db, self._seen, self._account()
        )
        if (unread, waiting) != (self.unread, self.unmatched):
            self.unread, self.unmatched = unread, waiting
            self._watchers.tell()
        for each in worth_telling(arrived, self._clock(), on_screen=self.on_screen):
            self._listeners.tell(each)

    # -- conversations ---------------------------------------------------------------------------

    async def conversation(self, message_id: str) -> Talk:
        """Everything said with this message's number, oldest first."""
        said, cut = await self._ledger.off(replies.conversation, self._ledger.db.db, message_id)
        return Talk(said, cut)

    async def next_unread(self) -> str | None:
        """The message with the unread reply that has waited longest."""
        return await self._ledger.off(replies.next_unread, self._ledger.db.db)

    # -- opting out ------------------------------------------------------------------------------

    async def opted_out(self) -> list[OptedOutNumber]:
        """Who is not to be written to, the latest first."""
        return await self._ledger.off(replies.list_opted_out, self._ledger.db.db)

    async def opt_out(self, text: str, default_country: str | None) -> str | None:
        """Enter a number by hand; the number as digits, or ``None`` where ``text`` is none."""
        found = await self._ledger.off(parse_recipient, text, default_country)
        if not isinstance(found, Recipient):
            return None
        await self._opt(found.e164[1:], stopped=True)
        return found.e164[1:]

    async def opt_in(self, number: str) -> None:
        """Take a number (digits) off the list."""
        await self._opt(number, stopped=False)

    async def _opt(self, number: str, *, stopped: bool) -> None:
        work = partial(replies.opt_out_by_hand, stopped=stopped)
        await self._ledger.off(work, self._ledger.db.db, number, self._clock())
        self._changed(status=True)

    # -- what matched nothing ------------------------------------------------------------------------

    async def pile(self, pile: Pile) -> list[Unmatched]:
        """A pile of the unmatched, the newest first."""
        work = partial(unmatched.list_unmatched, account=self._account())
        return await self._ledger.off(work, self._ledger.db.db, pile)

    async def assign(self, fact_id: str, message_id: str) -> bool:
        """Give something to a message; whether that was possible."""
        now = self._clock()
        try:
            await self._ledger.off(
                self._ledger.db.deal, lambda db: unmatched.assign(db, fact_id, message_id, now)
            )
        except NotAssignableError:
            return False
        self._changed(message_id, status=True)
        return True

    async def dismiss(self, fact_id: str) -> None:
        """Set something aside; it stays listed as dealt with."""
        await self._set_aside(unmatched.dismiss, fact_id)

    async def restore(self, fact_id: str) -> None:
        """Bring back what was set aside."""
        await self._set_aside(unmatched.restore, fact_id)

    async def _set_aside(self, work: Callable[..., None], fact_id: str) -> None:
        now = self._clock()
        await self._ledger.off(self._ledger.db.deal, lambda db: work(db, fact_id, now))
        self._changed(status=True)

    async def candidates(self, search: str) -> list[Candidate]:
        """Messages that fit a search, newest first: number in any form, words, ids."""
        return await self._ledger.off(_candidates, self._ledger.db, search)


def _look_up(journal: Journal, seen: int, account: str) -> tuple[int, int, list[Arrival], int]:
    arrived, last = replies.arrivals(journal.db, seen, account=account)
    waiting = unmatched.count_waiting(journal.db, account=account)
    return replies.count_unread(journal.db), waiting, arrived, last


def _candidates(journal: Journal, search: str) -> list[Candidate]:
    known = journal.find(search.strip())
    rows = list_rows(journal.db, search=search, states=(), limit=_CANDIDATES)
    listed = read_rows(journal.db, rows)
    if known is not None and all(each.message_id != known for each in listed):
        found = journal.db.execute("SELECT row FROM messages WHERE message_id = ?", (known,)).fetchall()
        listed = read_rows(journal.db, [row for (row,) in found]) + listed
    return [
        Candidate(
            message_id=each.message_id,
            to=each.recipient,
            first_words=each.first_words,
            created_at=each.created_at,
        )
        for each in listed
    ]

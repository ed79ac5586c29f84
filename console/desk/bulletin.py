"""What the desk tells those who watch it: its status, and which messages changed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

from console.cascade.outcome import Timeline
from console.desk import texts
from console.desk.values import AccountStatus, Change, DeskStatus, RelayStatus
from console.desk.watchers import Watchers


class Bulletin:
    """The desk's status and its watchers. Belongs to one event loop."""

    def __init__(self) -> None:
        self.status = DeskStatus(
            account=AccountStatus(kind="not_set_up"), relay=RelayStatus(kind="not_set_up")
        )
        self._lasting: tuple[str, ...] = ()
        self._watchers = Watchers[Change]()
        self._messages: set[str] = set()
        self._history = self._status = False
        self._telling = False

    def watch(self, callback: Callable[[Change], None]) -> Callable[[], None]:
        """Call ``callback`` on this loop's thread after changes, many at once; returns how to stop."""
        return self._watchers.add(callback)

    def changed(self, *message_ids: str, history: bool = False, status: bool = False) -> None:
        """Have the watchers told on the loop's next turn."""
        self._messages.update(message_ids)
        self._history |= history
        self._status |= status
        if not self._telling:
            self._telling = True
            asyncio.get_running_loop().call_soon(self._tell)

    def _tell(self) -> None:
        self._telling = False
        change = Change(frozenset(self._messages), self._history, self._status)
        self._messages = set()
        self._history = self._status = False
        self._watchers.tell(change)

    def opened(self, notices: tuple[str, ...], last_event_at: datetime | None) -> None:
        """The journal is open: what it has to say stands until the desk ends."""
        self._lasting = notices
        self.status = replace(self.status, notices=notices, last_event_at=last_event_at)

    def tell(self, text: str) -> None:
        """Something a person must know, until the desk ends."""
        self._lasting += (text,)
        self.status = replace(self.status, notices=(*self.status.notices, text))
        self.changed(status=True)

    def connected(self, account: AccountStatus, relay: RelayStatus) -> None:
        """Other settings are in use; whoever applied them tells."""
        self.status = replace(self.status, account=account, relay=relay)

    def account(self, account: AccountStatus) -> None:
        """Telesign accepts or refuses the account."""
        self._now(replace(self.status, account=account))

    def relay(self, relay: RelayStatus) -> None:
        """The relay is reached, or not."""
        self._now(replace(self.status, relay=relay))

    def heard(self, message_ids: set[str], newest: datetime) -> None:
        """The relay gave events."""
        self.status = replace(self.status, last_event_at=newest)
        self.changed(*message_ids, status=True)

    def skewed(self, skew: timedelta | None) -> None:
        """The servers' clock, as far as one was heard."""
        if skew is not None:
            self.status = replace(self.status, skew=skew)

    def troubled(self, error: Exception | None) -> None:
        """The journal cannot be written, or (``None``) can be again."""
        now = () if error is None else (texts.not_writable(error),)
        self.status = replace(self.status, notices=self._lasting + now, storage="".join(now))
        self.changed(status=True)

    def _now(self, status: DeskStatus) -> None:
        if status != self.status:
            self.status = status
            self.changed(status=True)

    async def until(
        self,
        message_id: str,
        look: Callable[[str], Awaitable[Timeline | None]],
        done: Callable[[Timeline], bool],
        within: float | None,
    ) -> Timeline:
        """Wait until a message is as wanted, or ``within`` seconds are over; its timeline then.

        Raises:
            KeyError: there is no such message.
        """
        news = asyncio.Event()
        unwatch = self.watch(lambda change: news.set() if message_id in change.message_ids else None)

        async def now() -> Timeline:
            timeline = await look(message_id)
            if timeline is None:
                raise KeyError(message_id)
            return timeline

        try:
            async with asyncio.timeout(within):
                while True:
                    news.clear()
                    timeline = await now()
                    if done(timeline):
                        return timeline
                    await news.wait()
        except TimeoutError:
            return await now()
        finally:
            unwatch()

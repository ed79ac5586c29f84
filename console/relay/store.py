"""What a relay needs of its store, whichever database it is."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Final, Protocol

from console.relay.cursors import CursorExpired, Position

MAX_PAGE_BYTES: Final = 4 * 1024 * 1024
"""A page ends with the event whose body takes it beyond this."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class StoreUnavailable(OSError):  # noqa: N818 - a state, not a mistake
    """The store cannot serve now (disk full, read-only, locked, away); it may later."""


@dataclass(frozen=True, kw_only=True)
class NewEvent:
    """A genuine callback, about to be kept."""

    received_at: datetime
    """Aware, UTC."""
    kind: str
    reference_id: str | None
    external_id: str | None
    customer_id: str
    label: str | None
    signature: str
    body: bytes

    @cached_property
    def digest(self) -> bytes:
        """What makes two callbacks the same: account and exact bytes. 16 bytes of SHA-256.

        The label takes no part: the same callback told under two labels is one event and keeps
        the label it came with first. Neither does the key: while an account's key is being
        changed, the same callback signed with the other one is still the same.
        """
        account = self.customer_id.lower().encode()
        return hashlib.sha256(len(account).to_bytes(4, "big") + account + self.body).digest()[:16]

    def row(self) -> tuple[bytes, int, str, str | None, str | None, str, str | None, str, bytes]:
        """The values as both databases keep them, in the order of their columns."""
        return (
            self.digest,
            microseconds(self.received_at),
            self.kind,
            self.reference_id,
            self.external_id,
            self.customer_id,
            self.label,
            self.signature,
            self.body,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """A callback that is kept, with its place in the order."""

    position: Position
    received_at: datetime
    kind: str
    reference_id: str | None
    external_id: str | None
    customer_id: str
    label: str | None
    signature: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Page:
    """Events in order, and whether there are more after the last of them."""

    events: tuple[StoredEvent, ...]
    next: Position
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenInfo:
    """A reader's token as far as it is known: the token itself is not kept."""

    name: str
    created_at: datetime
    hash: str
    """SHA-256 in hex."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """How much is kept."""

    events: int
    by_kind: dict[str, int]
    oldest: datetime | None
    newest: datetime | None
    bytes: int
    """Size of the database."""
    identity: str
    newest_position: int
    pruned_position: int
    """The last position that retention has removed; 0: none."""


class Store(Protocol):
    """Keeps events for ever or until pruned, in one order that never changes.

    Everything raises :class:`StoreUnavailable` when the database cannot serve.
    """

    identity: str
    """16 random hexadecimal digits, made with the store."""
    max_batch: int
    """How many events one :meth:`append` takes at most."""

    def on_hint(self, told: Callable[[], None]) -> None:
        """Have ``told()`` called on the loop when another process may have committed."""

    async def append(self, events: Sequence[NewEvent]) -> list[bool]:
        """Keep ``events`` in one transaction; returns once they are durable.

        ``False`` marks one kept already. Raised errors leave open whether it was kept: asking
        again is safe. One call at a time.
        """

    async def probe(self) -> None:
        """Write something for the sake of seeing whether it can be done. Not during ``append``."""

    async def newest(self) -> Position:
        """The place of the newest event."""

    async def read(self, after: Position | None, limit: int) -> Page:
        """At most ``limit`` events after a position (``None``: from the oldest kept).

        Raises:
            CursorExpired: events after that position have been pruned, or the position is not
                one of this store's (the database is an older copy).
        """

    async def transaction(self, reference_id: str, after: Position | None, limit: int) -> Page:
        """The same, of one transaction. Raises as :meth:`read`."""

    async def blocked_seconds(self) -> float:
        """How long somebody has been holding what writers need; 0 while nobody is waited for."""

    async def tokens(self) -> list[TokenInfo]:
        """All tokens, by name."""

    async def add_token(self, name: str, token_hash: str) -> bool:
        """Keep a token; ``False`` if the name is taken."""

    async def revoke_token(self, name: str) -> bool:
        """Forget a token; ``False`` if there is none of this name."""

    async def stats(self) -> Stats:
        """How much is kept. Counts every event: slow on a large store."""

    async def prune(self, before: datetime, most: int = 2000) -> int:
        """Remove the oldest events, up to the first that was received at ``before`` or later.

        At most ``most`` at a time, so that callbacks need not wait long. The newest event stays
        whatever its age, and with it its place. Returns how many were removed; 0: it is done.
        """

    async def close(self) -> None:
        """Finish what is being written and let go of the database."""


def microseconds(moment: datetime) -> int:
    """Microseconds since 1970, exactly."""
    return (moment - _EPOCH) // _MICROSECOND


def from_microseconds(count: int) -> datetime:
    """The moment again, in UTC."""
    return _EPOCH + timedelta(microseconds=count)


def make_page(events: Sequence[StoredEvent], start: Position, limit: int) -> Page:
    """A page of what was read, where one more than ``limit`` was asked for."""
    size = 0
    kept = 0
    for event in events:
        if kept == limit or size > MAX_PAGE_BYTES:
            break
        size += len(event.body)
        kept += 1
    return Page(tuple(events[:kept]), events[kept - 1].position if kept else start, len(events) > kept)


def start_of(
    after: Position | None, *, pruned: Position, found: Position | None, newest: Position
) -> Position:
    """Where reading starts.

    ``found`` is the place with ``after``'s number as the store has it, ``None`` if it has no such
    event. ``pruned`` must have been read no earlier than ``found`` and the events.

    Raises:
        CursorExpired: reading cannot go on there.
    """
    if after is None:
        return pruned
    if after in (found, pruned):
        return after
    if after.number < pruned.number:
        raise CursorExpired("events after this cursor have been removed by retention")
    if after.number > newest.number:
        raise CursorExpired("the cursor is ahead of this store, which must be an older copy")
    raise CursorExpired("the cursor is of another copy of this store")

"""What a relay needs of its store, whichever database it is."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class StoreUnavailable(OSError):  # noqa: N818 - a state, not a mistake
    """The store cannot serve now (disk full, read-only, locked); it may later."""


@dataclass(frozen=True, slots=True, kw_only=True)
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

    @property
    def digest(self) -> bytes:
        """What makes two callbacks the same: account and exact bytes."""
        account = self.customer_id.lower().encode()
        return hashlib.sha256(len(account).to_bytes(4, "big") + account + self.body).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """A callback that is kept, with its place in the order."""

    position: int
    received_at: str
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
    next: int
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenInfo:
    """A reader's token as far as it is known: the token itself is not kept."""

    name: str
    created_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """How much is kept."""

    events: int
    by_kind: dict[str, int]
    oldest: str | None
    newest: str | None
    bytes: int
    """Size of the database."""


class Store(Protocol):
    """Keeps events for ever or until pruned, in one order that never changes.

    Everything raises :class:`StoreUnavailable` when the database cannot serve.
    """

    @property
    def identity(self) -> str:
        """16 random hexadecimal digits, made with the store."""

    def on_commit(self, told: Callable[[int, float], None]) -> None:
        """Have ``told(new events, seconds)`` called after each commit, from any thread."""

    async def append(self, events: Sequence[NewEvent]) -> list[bool]:
        """Keep ``events``; returns once they are durable. ``False`` marks one already kept."""

    async def probe(self) -> None:
        """Write something for the sake of seeing whether it can be done."""

    async def latest(self) -> int:
        """The last position given out so far, 0 before the first."""

    async def read(self, after: int | None, limit: int, *, reference_id: str | None = None) -> Page:
        """At most ``limit`` events after a position (``None``: from the oldest kept).

        Raises:
            CursorExpired: events after that position have been pruned, or the position was
                never given out (the database is an older copy).
        """

    async def token_name(self, token_hash: str) -> str | None:
        """Whose token has this SHA-256, in hex."""

    async def add_token(self, name: str, token_hash: str) -> bool:
        """Keep a token; ``False`` if the name is taken."""

    async def tokens(self) -> list[TokenInfo]:
        """All tokens, by name."""

    async def revoke_token(self, name: str) -> bool:
        """Forget a token; ``False`` if there is none of this name."""

    async def stats(self) -> Stats:
        """How much is kept."""

    async def prune(self, before: datetime) -> int:
        """Remove the oldest events received before a moment; returns how many."""

    async def close(self) -> None:
        """Finish what is being written and let go of the database."""

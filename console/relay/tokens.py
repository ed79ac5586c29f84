"""Readers' tokens: kept as hashes, checked on every request, gone the moment they are revoked."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping

from console.relay.coalesced import Coalesced
from console.relay.store import Store


def new_token() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """SHA-256 in hex: tokens are long and random, so that nothing slower is needed."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


class Tokens:
    """Who may read. ``given`` are the tokens of the configuration, by name."""

    def __init__(self, store: Store, given: Mapping[str, str]) -> None:
        self._store = store
        self._given = {hash_token(token): name for name, token in given.items()}
        self._kept = Coalesced(self._load)

    async def _load(self) -> dict[str, str]:
        return {token.hash: token.name for token in await self._store.tokens()}

    async def name(self, token_hash: str) -> str | None:
        """Whose token this is now; ``None``: nobody's.

        Found by its hash: how long the look-up takes tells nothing about any token.

        Raises:
            StoreUnavailable: it cannot be said.
        """
        given = self._given.get(token_hash)
        return given if given is not None else (await self._kept()).get(token_hash)

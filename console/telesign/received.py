"""What comes of one HTTP exchange, apart from how it is made: httpx is imported with the first connection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from console.cascade.facts import SendFailure

KEEP_ALIVE: Final = 60.0
"""Seconds an idle connection is kept for reuse; :mod:`console.telesign.exchange` says why so few."""


def now_utc() -> datetime:
    """This machine's clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A whole HTTP answer, decoded."""

    http_status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """No whole answer."""

    failure: SendFailure
    detail: str
    """One sentence for a person, without secrets, numbers or texts."""
    http_status: int | None = None
    """Known where the head of the answer arrived and its body did not."""

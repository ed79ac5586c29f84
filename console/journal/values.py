"""What the journal answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from console.cascade.facts import Fact
from console.cascade.outcome import Timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is kept beside a fact."""

    fact: Fact | None
    raw: bytes
    signature: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """A message whose sending has not ended."""

    message_id: str
    request: bytes
    account: str
    """Customer id, upper case; empty where the first version recorded it."""
    attempts: int
    """POSTs begun."""
    timeline: Timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """Not recorded: the same text went to the same number a short time ago."""

    message_id: str
    created_at: datetime
    timeline: Timeline


@dataclass(frozen=True, slots=True)
class OptedOut:
    """Not recorded: nobody is to write to this number."""

    since: datetime
    by_hand: bool
    """Whether somebody at this desk entered it, rather than the customer answering STOP."""


@dataclass(frozen=True, slots=True)
class IdUsed:
    """Not recorded: a message has this external id already."""

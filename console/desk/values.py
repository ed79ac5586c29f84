"""What the desk tells its callers: results of intents, rows of the history, states of connections.

Failure is a value here: every expected way not to succeed is a type that the window renders
and the command line turns into an exit code.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from console.cascade.facts import Source, Verification
from console.cascade.message import Problem
from console.cascade.outcome import CascadeOutcome, MessageState

# -- results of sending --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Queued_:  # noqa: N801 - ``Queued`` is the fact; this is the news that it was recorded
    """The message is on disk; the POST goes on by itself."""

    message_id: str


@dataclass(frozen=True, slots=True)
class NeedsConfirmation:
    """Nothing was done yet: ask the agent first, then call again with ``confirmed=True``."""

    question: str
    opted_out: bool = False
    """The question is whether to write to somebody who asked to be left alone."""


@dataclass(frozen=True, slots=True)
class Invalid:
    """The draft cannot be sent; nothing was done."""

    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Sending is impossible at the moment (no account, journal not writable); nothing was done."""

    reason: str


SendResult = Queued_ | NeedsConfirmation | Invalid | Unavailable


# -- history ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HistoryQuery:
    """Which messages a list shows."""

    search: str = ""
    """Words, a number in any format, or an id."""
    states: frozenset[str] = frozenset()
    """Message states and cascade outcomes, by value; empty: all."""
    limit: int | None = None
    channel: str = ""
    """The channel that made it; empty: any, or none."""
    since: datetime | None = None
    """Written at this moment or later."""
    until: datetime | None = None
    """Written before this moment."""
    unread: bool = False
    """Only messages with replies nobody has seen."""

    @property
    def narrowed(self) -> bool:
        """Whether it leaves any message out."""
        asked = (self.search, self.states, self.channel, self.since, self.until, self.unread)
        return any(asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRow:
    """One line of the history."""

    rowid: int
    message_id: str
    to: str
    formatted_to: str
    first_words: str
    state: MessageState
    outcome: CascadeOutcome
    channel: str | None
    """The channel that made it (the last of them, where the customer got both)."""
    created_at: datetime
    updated_at: datetime
    unread: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RawEvidence:
    """The exact bytes behind a fact, and how far they are proven."""

    body: bytes
    source: Source | None
    signature: str | None
    verification: Verification | None
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """What is new since the last call of a watcher."""

    message_ids: frozenset[str]
    history_changed: bool = False
    """Messages were added; otherwise only the named ones changed."""
    status_changed: bool = False


# -- connections -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountStatus:
    """Whether messages can be sent."""

    kind: Literal["ready", "refused", "no_key", "not_set_up"]
    customer_id: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayStatus:
    """How the callbacks reach this desk."""

    kind: Literal["live", "catching_up", "connecting", "offline", "refused", "not_set_up"]
    since: datetime | None = None
    behind: int = 0
    """Events read in this catch-up so far; how many are left is not known."""
    detail: str = ""

    @property
    def reading(self) -> bool:
        """Whether reports may lie at the relay that have not been read yet."""
        return self.kind in ("connecting", "catching_up")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskStatus:
    """Everything the status bar shows."""

    account: AccountStatus
    relay: RelayStatus
    last_event_at: datetime | None = None
    skew: timedelta | None = None
    """How far the servers' clocks are ahead of this computer's."""
    notices: tuple[str, ...] = field(default=())
    """Things the agent must know, such as a journal that was set aside."""
    storage: str = ""
    """Why nothing can be recorded at the moment; empty: it can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """One check of the settings or of ``cascade doctor``."""

    ok: bool
    sentence: str
    remedy: str = ""

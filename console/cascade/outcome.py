"""What a fold of facts says: the timeline of one message, its attempts and its events.

The values here are the contract between the domain and everything that shows or prints
a timeline. Names of states are relied upon by scripts (``cascade show --json``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from console.cascade.facts import MessageType, Source, Verification


class MessageState(StrEnum):
    """What became of our POST."""

    DRAFT = "draft"
    QUEUED = "queued"
    SENDING = "sending"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNCONFIRMED = "unconfirmed"
    """It may have been sent; nobody has said so."""
    NOT_SENT = "not_sent"
    """Certainly not sent."""


class CascadeOutcome(StrEnum):
    """What became of the customer's message."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    UNDECIDED = "undecided"
    """Nobody will tell for certain: an unconfirmed POST, or a final "status unknown"."""


class AttemptState(StrEnum):
    """What became of one channel's attempt."""

    WAITING = "waiting"
    """Its turn has not come."""
    TRYING = "trying"
    AT_GATEWAY = "at_gateway"
    TIMED_OUT = "timed_out"
    """Not confirmed within the fallback time (3056); may still arrive."""
    FAILED = "failed"
    UNCONFIRMED = "unconfirmed"
    """Sent out, and the network will not say whether it arrived (3004, 3039)."""
    DELIVERED = "delivered"
    READ = "read"
    SKIPPED = "skipped"
    """Never needed, because an earlier channel made it or the message was not taken."""


class EventKind(StrEnum):
    """The kinds of line in a timeline."""

    QUEUED = "queued"
    SENDING = "sending"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    RETRY_PLANNED = "retry_planned"
    NOT_SENT = "not_sent"
    UNCONFIRMED = "unconfirmed"
    CHANNEL = "channel"
    """A channel reported a status."""
    STATUS = "status"
    """The whole transaction reported a status no channel line accounts for."""
    REPLY = "reply"
    STATUS_UNAVAILABLE = "status_unavailable"
    DECIDED = "decided"
    REJECTED = "rejected"
    """A callback whose signature does not match: shown, never believed."""


class Tone(StrEnum):
    """The colour of meaning, never the only sign of it."""

    NEUTRAL = "neutral"
    ACTIVE = "active"
    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


TONES: Final = {
    AttemptState.WAITING: Tone.NEUTRAL,
    AttemptState.TRYING: Tone.ACTIVE,
    AttemptState.AT_GATEWAY: Tone.ACTIVE,
    AttemptState.TIMED_OUT: Tone.WARNING,
    AttemptState.FAILED: Tone.BAD,
    AttemptState.UNCONFIRMED: Tone.WARNING,
    AttemptState.DELIVERED: Tone.GOOD,
    AttemptState.READ: Tone.GOOD,
    AttemptState.SKIPPED: Tone.NEUTRAL,
}
"""What each state of an attempt means for the customer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One channel's lane."""

    channel: str
    state: AttemptState
    code: int | None = None
    description: str = ""
    reference_id: str | None = None
    started_at: datetime | None = None
    """When this channel began to try: the acceptance, or the end of the channel before it."""
    updated_at: datetime | None = None
    delivered_at: datetime | None = None
    """The earliest delivery told; ``None`` where only our own asking found it, without a time."""
    fallback_at: datetime | None = None
    """When the next channel takes over unless this one has delivered; ``None`` on the last channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of a timeline, in the order things happened."""

    fact_id: str
    """Leads to the raw bytes in the journal."""
    kind: EventKind
    at: datetime
    """When it happened: the provider's time where it gave a usable one, else when we heard."""
    heard_at: datetime
    at_is_receipt: bool
    """The provider's time was missing or unusable, so ``at`` is when we heard."""
    title: str
    """What it means, in plain words, one short line."""
    detail: str = ""
    """What follows from it, or what to do; may be empty."""
    tone: Tone = Tone.NEUTRAL
    channel: str | None = None
    code: int | None = None
    description: str = ""
    """Telesign's own words."""
    reference_id: str | None = None
    source: Source | None = None
    """``None``: recorded by this desk itself."""
    verification: Verification | None = None
    late: bool = False
    """It came after a later truth was already known, and changes nothing."""
    took: timedelta | None = None
    """Since the attempt (or the message) began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the customer answered."""

    fact_id: str
    at: datetime
    channel: str
    text: str
    media: str | None = None
    file_name: str | None = None
    action: str | None = None
    verification: Verification | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Everything known about one message, as of the facts it was folded from."""

    message_id: str | None
    """``None`` when only reports are known and no message of ours explains them."""
    external_id: str | None
    reference_id: str | None
    state: MessageState
    outcome: CascadeOutcome
    to: str = ""
    viber_text: str = ""
    sms_text: str | None = None
    fallback_time: int = 0
    message_type: MessageType = MessageType.ARN
    reply_id: str | None = None
    session: bool = False
    sender_id: str | None = None
    callback_url: str | None = None
    lifecycle_event: str | None = None
    originating_ip: str | None = None
    answers: str | None = None
    time_scale: float = 1.0
    created_at: datetime | None = None
    accepted_at: datetime | None = None
    fallback_at: datetime | None = None
    """The moment the first channel's time is up: acceptance + ``fallback_time`` (÷ ``time_scale``)."""
    retry_at: datetime | None = None
    """When our own policy will POST again, after a certain refusal or certain failure."""
    made_by: tuple[str, ...] = ()
    """Channels that delivered, in the order they did. Two of them: the customer got both."""
    attempts: tuple[Attempt, ...] = ()
    events: tuple[Event, ...] = ()
    replies: tuple[Reply, ...] = ()
    code: int | None = None
    """The code that decided the state or outcome, for the explanation."""
    last_heard_at: datetime | None = None
    settled: bool = False
    """No report can improve the outcome any more except a late surprise; following may stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What to tell the agent about a timeline at one moment."""

    headline: str
    """“Delivered by SMS”, “Viber is trying”: what the window shows largest."""
    meaning: str
    """What it means for the customer, one sentence."""
    next_step: str
    """What to do now; empty when there is nothing to do."""
    tone: Tone
    countdown: timedelta | None = None
    """Time left until fallback, while it is still to come and nothing is decided."""
    countdown_fraction: float | None = None
    """Part of the fallback time that has passed, 0–1."""
    overdue: bool = False
    """The fallback moment has passed and nothing has been heard."""
    may_resend: bool = False
    """Whether sending again can help and cannot double anything."""

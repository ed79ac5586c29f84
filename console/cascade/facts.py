"""The facts of a message: what this desk intended and what it was told, append-only.

A *fact* is never changed and never removed. Everything shown to anybody is a fold of
facts (:mod:`console.cascade.timeline`). Facts carry their own identity (``fact_id``),
made from their content, so that the same fact heard twice is one fact: the fold takes a
set, and neither order nor repetition matters.

Raw bytes are not part of a fact. The journal keeps them beside it under ``fact_id``.
All moments are aware datetimes in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Channel(StrEnum):
    """Channels composed here. Reports may name others; they are kept as plain strings."""

    VIBER = "viber"
    SMS = "sms"


class MessageType(StrEnum):
    """Telesign's ``message_type`` (documented): the purpose of a message."""

    ARN = "ARN"
    MKT = "MKT"
    OTP = "OTP"


class Source(StrEnum):
    """Who told us a fact that came from outside."""

    CALLBACK = "callback"
    """Telesign called our relay."""
    QUERY = "query"
    """We asked Telesign with ``GET /v1/omnichannel/{reference_id}``."""


class Verification(StrEnum):
    """How far the origin of a callback is proven."""

    DESK = "desk"
    """This desk checked the signature over the exact bytes with its own key."""
    RELAY = "relay"
    """The relay says it checked; this desk holds no key that could confirm it."""
    FAILED = "failed"
    """This desk holds the account's key and the signature does not match. Shown, never believed."""
    DIRECT = "direct"
    """Read by this desk itself over TLS from Telesign; nothing to verify."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """The agent pressed Send; committed before anything else happens."""

    fact_id: str
    at: datetime
    message_id: str
    external_id: str
    """Ours, ASCII, at most 100 characters, unique per message."""
    to: str
    """Recipient, digits only, country code first."""
    viber_text: str
    sms_text: str | None
    """``None``: Viber only, no fallback."""
    fallback_time: int
    """Seconds Viber may try, 30–3600."""
    message_type: MessageType = MessageType.ARN
    reply_id: str | None = None
    session: bool = False
    """Sent with the template ``text_session``."""
    sender_id: str | None = None
    callback_url: str | None = None
    """Where this message's reports go instead of the account's usual address."""
    lifecycle_event: str | None = None
    originating_ip: str | None = None
    answers: str | None = None
    """The ``message_id`` whose reply this answers."""
    time_scale: float = 1.0
    """Provider seconds that pass in one real second; not 1 only in the sandbox."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendBegan:
    """Committed before the socket is touched."""

    fact_id: str
    at: datetime
    attempt: int
    """1 for the first POST of this message; higher only after a certain refusal or a certain failure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """Telesign answered the POST with a status code of its own."""

    fact_id: str
    at: datetime
    attempt: int
    http_status: int
    code: int
    description: str
    reference_id: str | None
    retry_at: datetime | None = None
    """Set when our policy will send again (3204, 3500) at this moment."""


class SendFailure(StrEnum):
    """Why a POST has no usable answer."""

    NOT_CONNECTED = "not_connected"
    """No connection was established: certainly not sent."""
    NO_ANSWER = "no_answer"
    """Time-out after the connection was there."""
    CUT = "cut"
    """Reset or closed before a whole answer arrived."""
    UNREADABLE = "unreadable"
    """An answer without a Telesign status code (HTML page, empty or broken body)."""
    INTERRUPTED = "interrupted"
    """This program ended while the POST was under way; found at the next start."""
    WITHDRAWN = "withdrawn"
    """The agent took it back before it was sent: certainly not sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendFailed:
    """The POST ended without an answer from Telesign."""

    fact_id: str
    at: datetime
    attempt: int
    failure: SendFailure
    detail: str = ""
    """For a person, without secrets, numbers or texts."""
    http_status: int | None = None
    retry_at: datetime | None = None
    """Set when it was certainly not sent and our policy will try again at this moment."""

    @property
    def certain(self) -> bool:
        """Whether it is certain that Telesign did not take the message."""
        return self.failure in (SendFailure.NOT_CONNECTED, SendFailure.WITHDRAWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelReport:
    """One channel's line in a report."""

    channel: str
    code: int | None
    description: str
    reference_id: str | None
    updated_on: datetime | None
    """``None`` where Telesign gave no time or one that no reading makes sense of."""
    updated_raw: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """A delivery report: by callback or by our own question."""

    fact_id: str
    at: datetime
    """Received by the relay (callback) or by this desk (query)."""
    source: Source
    verification: Verification
    reference_id: str | None
    external_id: str | None
    code: int | None
    description: str
    last_channel: str | None
    updated_on: datetime | None
    updated_raw: str | None = None
    channels: tuple[ChannelReport, ...] = ()
    price: str | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replied:
    """The customer answered."""

    fact_id: str
    at: datetime
    source: Source
    verification: Verification
    channel: str
    phone_number: str | None
    text: str
    reference_id: str | None = None
    original_reference_id: str | None = None
    reply_id: str | None = None
    """What we sent as ``reply_id``; Viber returns it as ``tracking_data``."""
    action: str | None = None
    """Lower-cased keyword action Telesign names: ``start``, ``stop``, ``help``, ``generic``."""
    media: str | None = None
    file_name: str | None = None
    updated_on: datetime | None = None
    updated_raw: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusUnavailable:
    """We asked Telesign for the status and got none."""

    fact_id: str
    at: datetime
    http_status: int | None
    code: int | None
    description: str
    final: bool
    """No later question can succeed: expired after 12 h (-10004) or not enabled (3206)."""


class Decision(StrEnum):
    """What an agent said about a message whose fate is not known."""

    TREAT_AS_SENT = "treat_as_sent"
    TREAT_AS_NOT_SENT = "treat_as_not_sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """The agent settled an unconfirmed message, warned. Later facts from Telesign outrank it."""

    fact_id: str
    at: datetime
    decision: Decision


Fact = Queued | SendBegan | Answered | SendFailed | Reported | Replied | StatusUnavailable | Decided

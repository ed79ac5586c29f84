"""The forms nearly everything has, read in a tenth of the time the careful readers take.

Telesign's reports come in one form out of a thousand and one, and so do the pages of our own relay.
Here that one form is read by msgspec, strictly: whatever is missing, of another type or not known
gives ``None``, and the caller reads it the careful way (:mod:`console.telesign.jsons`). What is read
here means what it means there; the tests hold the two against each other.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

_Code = Annotated[int, msgspec.Meta(gt=-(10**9), lt=10**9)]


class State(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """What a report says of one channel."""

    code: _Code | None = None
    description: str = ""
    reference_id: str | None = None
    updated_on: str | None = None


class Status(State, forbid_unknown_fields=True, gc=False):
    """What a report says of the whole transaction."""

    last_channel: str | None = None


class Report(msgspec.Struct, forbid_unknown_fields=True):
    """A Messaging delivery report as documented. Of one channel only, it may come without a list of them."""

    status: Status
    channel_status: list[dict[str, State]] | None = None
    reference_id: str | None = None
    external_id: str | None = None
    submit_timestamp: str | None = None
    price: str | None = None
    currency: str | None = None


class Event(msgspec.Struct, gc=False):
    """One callback as a relay tells it."""

    cursor: str
    received_at: str
    kind: str
    reference_id: str | None
    external_id: str | None
    customer_id: str | None
    label: str | None
    signature: str | None
    body: str
    body_encoding: str


class Page(msgspec.Struct):
    """Some events in order, and where to go on."""

    events: list[Event]
    next: str
    more: bool


_REPORT: Final = msgspec.json.Decoder(Report)
_PAGE: Final = msgspec.json.Decoder(Page)
REPLY_CODE: Final = 1500
"""Status code of every inbound message (documented)."""


def usual_report(body: bytes) -> Report | None:
    """The report, or ``None`` if ``body`` is anything else or holds what the careful reader must mend."""
    if b"\\u0000" in body:  # no store takes it; the careful reader replaces it
        return None
    try:
        told = _REPORT.decode(body)
    except (msgspec.MsgspecError, ValueError):
        return None
    if told.status.code == REPLY_CODE:
        return None
    # Without a list of channels, only a last channel makes a delivery report of it for certain.
    return told if told.channel_status is not None or _names(told.status.last_channel) else None


def _names(channel: str | None) -> bool:
    """Whether this names a channel at sight."""
    return channel is not None and channel.isalpha() and channel != "null"


def usual_page(body: bytes) -> Page | None:
    """The page, or ``None`` if ``body`` is not in every part as our own relay writes it."""
    if b"\\u0000" in body:
        return None
    try:
        return _PAGE.decode(body)
    except (msgspec.MsgspecError, ValueError):
        return None

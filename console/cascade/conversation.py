"""What was said with one number, both ways and across messages; files as links that nobody follows.

Pure: facts in, a list out. What stands in a reply is the customer's and is never trusted: a link is
offered only if it is one a browser may be given, and the host it leads to is told before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from console.cascade.facts import Channel, Queued, Replied, Verification
from console.cascade.optout import Wish, wish
from console.cascade.outcome import MessageState

MEDIA_KEPT: Final = timedelta(days=7)
"""How long Viber keeps a customer's file (documented: up to)."""
NOTICE_AGE: Final = timedelta(hours=1)
"""Older replies were found while catching up: they are unread, but nobody is called for them."""
_LONGEST_LINK: Final = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One side's words in a conversation."""

    fact_id: str
    at: datetime
    """Sent by us (queued), or received by the relay."""
    ours: bool
    channel: str
    text: str
    message_id: str | None = None
    sms_text: str | None = None
    """Ours only: what SMS says; ``None`` for Viber only."""
    state: MessageState | None = None
    """Ours only."""
    wish: Wish | None = None
    media: str | None = None
    file_name: str | None = None
    verification: Verification | None = None

    @property
    def unproven(self) -> bool:
        """Its signature does not match: shown, never believed."""
        return self.verification is Verification.FAILED


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A reply that was heard just now."""

    fact_id: str
    at: datetime
    message_id: str | None
    """``None``: it matches no message and stands under Unmatched."""
    number: str | None
    channel: str
    text: str
    wish: Wish | None
    verification: Verification
    has_media: bool = False


def spoken_by_us(queued: Queued, state: MessageState | None) -> Said:
    """A message of ours as a part of the conversation."""
    return Said(
        fact_id=queued.fact_id,
        at=queued.at,
        ours=True,
        channel=Channel.VIBER,
        text=queued.viber_text,
        message_id=queued.message_id,
        sms_text=queued.sms_text,
        state=state,
    )


def spoken_by_customer(replied: Replied, message_id: str | None) -> Said:
    """A reply as a part of the conversation."""
    return Said(
        fact_id=replied.fact_id,
        at=replied.at,
        ours=False,
        channel=replied.channel,
        text=replied.text,
        message_id=message_id,
        wish=wish(replied.text, replied.action),
        media=replied.media,
        file_name=replied.file_name,
        verification=replied.verification,
    )


def in_order(said: Iterable[Said]) -> tuple[Said, ...]:
    """Oldest first, each once; neither order nor repetition of what comes in matters."""
    each = {one.fact_id: one for one in said}
    return tuple(sorted(each.values(), key=lambda one: (one.at, not one.ours, one.fact_id)))


def worth_telling(
    arrivals: Iterable[Arrival], now: datetime, *, on_screen: str | None = None
) -> tuple[Arrival, ...]:
    """Which new replies deserve a notification.

    Not those whose signature is wrong, not the one the agent is looking at (``on_screen``, a message
    id, given only while the window is in front), and not what is older than :data:`NOTICE_AGE`.
    """
    return tuple(
        each
        for each in arrivals
        if each.verification is not Verification.FAILED
        and (each.message_id is None or each.message_id != on_screen)
        and now - each.at <= NOTICE_AGE
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaLink:
    """A customer's file, as it may be offered."""

    url: str
    host: str
    """Where the browser would go, in ASCII so that no letter passes for another."""
    secure: bool


def media_link(url: str | None) -> MediaLink | None:
    """The link to a file, or ``None`` for anything a browser should not be given.

    Only ``https`` and ``http``, with a host, without a user name (which could pass for a host),
    without spaces, controls or direction marks, of at most 2048 characters.
    """
    if not url or len(url) > _LONGEST_LINK or not url.isprintable() or " " in url or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
        if parts.scheme not in ("http", "https") or not host or parts.username is not None:
            return None
        ascii_host = host if host.isascii() else host.encode("idna").decode("ascii")
    except ValueError:  # a broken port or address, a host that has no ASCII form
        return None
    return MediaLink(url=url, host=ascii_host, secure=parts.scheme == "https")


def media_kept_until(heard_at: datetime) -> datetime:
    """When a file received at ``heard_at`` may be gone."""
    return heard_at + MEDIA_KEPT

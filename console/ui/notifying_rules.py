"""What a notification says: enough to know that somebody answered, and no more than may be seen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from console.cascade.conversation import Arrival
from console.cascade.optout import Wish
from console.cascade.privacy import mask_number
from console.cascade.speech import channel_name, plain
from console.cascade.words import left_to_right, tr, trn

MOST: Final = 3
"""Notifications shown one by one; more that come together are told as one."""
_DIRECTIONS: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""They could make the desktop's words read otherwise."""
_LONGEST: Final = 200
"""Characters of an answer in a notification."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One notification."""

    title: str
    text: str
    message_id: str | None = None
    """The message to show when it is clicked; ``None``: the next unread reply, or what is unmatched."""
    unmatched: bool = False


def notices(arrivals: Sequence[Arrival], *, with_text: bool, masked: bool) -> tuple[Notice, ...]:
    """The notifications for replies that arrived together.

    Args:
        with_text: what customers wrote may be shown.
        masked: numbers are shortened, as on the screen.
    """
    if len(arrivals) > MOST:
        count = trn("{n} customer answered", "{n} customers answered", len(arrivals))
        return (Notice(count, tr("Open Cascade to read what they wrote.")),)
    return tuple(_one(each, with_text=with_text, masked=masked) for each in arrivals)


def _one(arrival: Arrival, *, with_text: bool, masked: bool) -> Notice:
    number = f"+{arrival.number}" if arrival.number else ""
    who = left_to_right(mask_number(number) if masked and number else number) or tr("Somebody")
    channel = channel_name(arrival.channel)
    if arrival.wish is Wish.STOP:
        title = tr("{who} asked to stop, by {channel}", who=who, channel=channel)
    else:
        title = tr("{who} answered by {channel}", who=who, channel=channel)
    if arrival.message_id is None:
        text = tr("It belongs to no message here. It stands under Unmatched.")
    elif with_text and arrival.text:
        text = _DIRECTIONS.sub("", plain(arrival.text))[:_LONGEST]
    elif with_text and arrival.has_media:
        text = tr("They sent a file.")
    else:
        text = tr("Open Cascade to read it.")
    return Notice(title, text, arrival.message_id, unmatched=arrival.message_id is None)


def badge_text(unread: int) -> str:
    """A count for a small round badge: empty for none, ``99+`` for many."""
    if unread <= 0:
        return ""
    return "99+" if unread > 99 else str(unread)


def tray_tip(unread: int) -> str:
    """What the icon says when the mouse rests on it."""
    if unread <= 0:
        return tr("Cascade")
    return trn("Cascade – {n} unread reply", "Cascade – {n} unread replies", unread)

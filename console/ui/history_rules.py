"""The rules of the history list as plain functions."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Final

from console.cascade.outcome import CascadeOutcome, MessageState, Tone
from console.cascade.privacy import mask_number
from console.cascade.speech import channel_name, state_text
from console.cascade.words import left_to_right, tr
from console.ui.timeline_text import day_text, isolated, shortened

if TYPE_CHECKING:
    from console.desk.values import HistoryRow

WORDS_SHOWN: Final = 160


@dataclass(frozen=True, slots=True)
class Chip:
    """A state as icon, word and tone."""

    text: str
    icon: str
    tone: Tone


_STATE_ICONS: Final = {
    MessageState.DRAFT: ("pencil", Tone.NEUTRAL),
    MessageState.QUEUED: ("clock", Tone.NEUTRAL),
    MessageState.SENDING: ("send", Tone.ACTIVE),
    MessageState.REFUSED: ("error", Tone.BAD),
    MessageState.UNCONFIRMED: ("question", Tone.WARNING),
    MessageState.NOT_SENT: ("minus-circle", Tone.BAD),
}


def chip(state: MessageState, outcome: CascadeOutcome, channel: str | None) -> Chip:
    """What a row says about its message; ``channel`` is the one that made it."""
    by = f" · {isolated(channel_name(channel))}" if channel else ""
    match outcome:
        case CascadeOutcome.READ:
            return Chip(tr("Read") + by, "check-double", Tone.GOOD)
        case CascadeOutcome.DELIVERED:
            return Chip(tr("Delivered") + by, "check", Tone.GOOD)
    if state is not MessageState.ACCEPTED:
        icon, tone = _STATE_ICONS[state]
        text = state_text(state)
        return Chip(text[:1].upper() + text[1:], icon, tone)
    match outcome:
        case CascadeOutcome.FAILED:
            return Chip(tr("Not delivered"), "error", Tone.BAD)
        case CascadeOutcome.UNDECIDED:
            return Chip(tr("Not known"), "question", Tone.WARNING)
        case _:
            return Chip(tr("On its way") + by, "send", Tone.ACTIVE)


def chip_of(row: HistoryRow) -> Chip:
    """The chip of a row."""
    return chip(row.state, row.outcome, row.channel)


def short_age(moment: datetime, now: datetime) -> str:
    """``now``, ``4 min``, ``3 h``, ``yesterday``, ``12 Nov``, ``12 Nov 2024``."""
    span = now - moment
    if span < timedelta(minutes=1):
        return tr("now")
    if span < timedelta(hours=1):
        return tr("{n} min", n=int(span.total_seconds() // 60))
    local = moment.astimezone(now.tzinfo)
    if local.date() == now.date():
        return tr("{n} h", n=int(span.total_seconds() // 3600))
    if local.date() == (now - timedelta(days=1)).date():
        return tr("yesterday")
    return day_text(moment, now)


def row_title(row: HistoryRow, *, masked: bool = False) -> str:
    """Whom the message went to; ``masked`` as it may be seen by others."""
    number = row.formatted_to or (f"+{row.to}" if row.to else "")
    return left_to_right(mask_number(number) if masked else number) or tr("Unknown recipient")


def row_words(row: HistoryRow) -> str:
    """The first words of the text, on one line."""
    return isolated(shortened(row.first_words, WORDS_SHOWN))


def row_text(row: HistoryRow, now: datetime, *, masked: bool = False) -> str:
    """A whole row as one text, for tests and screen readers."""
    parts = [row_title(row, masked=masked), chip_of(row).text, row_words(row), short_age(row.created_at, now)]
    if row.unread:
        parts.insert(1, tr("unread reply"))
    return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of the filter."""

    text: str
    states: frozenset[str]


def choices() -> tuple[Choice, ...]:
    """The entries of the filter; the first shows everything."""
    return (
        Choice(tr("All messages"), frozenset()),
        Choice(tr("On their way"), frozenset({"queued", "sending", "waiting"})),
        Choice(tr("Delivered or read"), frozenset({"delivered", "read"})),
        Choice(tr("Not delivered"), frozenset({"failed", "refused", "not_sent"})),
        Choice(tr("In doubt"), frozenset({"unconfirmed", "undecided"})),
    )


def new_on_top(have_newest_last: array[int], head: Sequence[int]) -> list[int] | None:
    """The ids of ``head`` (newest first) that are new; ``None`` if the two do not meet.

    ``head`` holds the newest ids there are, ``have_newest_last`` all that are known. If they do
    not meet, more came than ``head`` shows, or something else changed: read all ids again.
    """
    if not have_newest_last:
        return None
    newest = have_newest_last[-1]
    for place, rowid in enumerate(head):
        if rowid == newest:
            known = min(len(head) - place, len(have_newest_last))
            tail = [have_newest_last[-1 - step] for step in range(known)]
            return list(head[:place]) if tail == list(head[place : place + known]) else None
    return None


def emptiness(search: str, *, narrowed: bool) -> tuple[str, str]:
    """What an empty list says: a heading and a hint."""
    if search.strip():
        return (
            tr("Nothing found"),
            tr("Try part of a number, a word of the text, or a reference id."),
        )
    if narrowed:
        return tr("No such message"), tr("No message fits the filters.")
    return tr("No messages yet"), tr("What you send appears here, newest first.")


# -- time ----------------------------------------------------------------------------------


class Period(Enum):
    """When a message was written."""

    ANY = 0
    TODAY = 1
    WEEK = 7
    MONTH = 30
    RANGE = -1


FILTER_CHANNELS: Final = ("viber", "sms")


def period_name(period: Period) -> str:
    """A period in words."""
    match period:
        case Period.ANY:
            return tr("Any time")
        case Period.TODAY:
            return tr("Today")
        case Period.WEEK:
            return tr("Last 7 days")
        case Period.MONTH:
            return tr("Last 30 days")
        case Period.RANGE:
            return tr("From … to …")


def span_of(
    period: Period,
    now: datetime,
    first: date,
    last: date,
    midnight: Callable[[date], datetime] | None = None,
) -> tuple[datetime | None, datetime | None]:
    """The moments a period begins and ends at; ``None`` where it has no end.

    Whole days of the agent's: the last seven days are today and the six before it. A range
    holds both its days, whichever is named first.

    Args:
        now: in the agent's timezone.
        midnight: when a day begins for the agent; by default in this computer's timezone, which
            may have moved its clocks since.
    """
    begins = midnight or _local_midnight
    match period:
        case Period.ANY:
            return None, None
        case Period.RANGE:
            early, late = min(first, last), max(first, last)
            return begins(early), begins(late + timedelta(days=1))
        case _:
            return begins(now.date() - timedelta(days=period.value - 1)), None


def _local_midnight(day: date) -> datetime:
    return datetime.combine(day, time.min).astimezone()


def day_heading(moment: datetime, now: datetime) -> str:
    """The day of a message, as a heading over all of that day."""
    day = moment.astimezone(now.tzinfo).date()
    if day == now.date():
        return tr("Today")
    if day == now.date() - timedelta(days=1):
        return tr("Yesterday")
    return day_text(moment, now)

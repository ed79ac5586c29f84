"""Text of other people, made safe to stand among ours: plain, short, in its own direction."""

from __future__ import annotations

import html
import unicodedata
from datetime import datetime
from typing import Final

from console.cascade.formats import time_text
from console.cascade.speech import plain
from console.cascade.words import mark, tr

LONGEST_SHOWN: Final = 600
"""Characters of somebody else's text in one row; the whole stands in the evidence."""

# U+2068 and U+2069 keep a text that runs from right to left from turning the words around it.
_ISOLATE, _POP = "\u2068", "\u2069"
_BIDI_CONTROLS: Final = dict.fromkeys(map(ord, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))
_RIGHT_TO_LEFT: Final = frozenset({"R", "AL", "AN"})


def isolated(text: str) -> str:
    """Somebody else's text on one line, unable to reorder the text it stands in."""
    shown = plain(text).translate(_BIDI_CONTROLS)
    if shown.isascii() or not any(unicodedata.bidirectional(char) in _RIGHT_TO_LEFT for char in shown):
        return shown
    return f"{_ISOLATE}{shown}{_POP}"


def shortened(text: str, limit: int = LONGEST_SHOWN) -> str:
    """At most ``limit`` characters, marked where something is left out."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def block(text: str, *, lines: int, limit: int) -> str:
    """Somebody else's text with its line breaks, at most ``lines`` lines and ``limit`` characters."""
    kept = text[: limit + 1].replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
    kept = kept.replace("\u2029", "\n")
    split = kept.split("\n")
    short = [plain(line).translate(_BIDI_CONTROLS) for line in split[:lines]]
    shown = "\n".join(short)[:limit].rstrip()
    whole = len(split) <= lines and len(text) <= limit
    return shown if whole else shown + "…"


def tip(text: str) -> str:
    """``text`` as a tool tip. Qt guesses whether one is HTML; escaped, it cannot be anything but text."""
    return f'<span style="white-space: pre-wrap">{html.escape(text)}</span>' if text else ""


_MONTHS: Final = (
    mark("Jan"), mark("Feb"), mark("Mar"), mark("Apr"), mark("May"), mark("Jun"),
    mark("Jul"), mark("Aug"), mark("Sep"), mark("Oct"), mark("Nov"), mark("Dec"),
)  # fmt: skip


def day_text(moment: datetime, now: datetime) -> str:
    """A day, in the timezone of ``now``: ``12 Nov``, or ``12 Nov 2024`` where it is another year."""
    local = _local(moment, now)
    month = tr(_MONTHS[local.month - 1])
    if local.year == now.year:
        return tr("{day} {month}", day=local.day, month=month)
    return tr("{day} {month} {year}", day=local.day, month=month, year=local.year)


def moment_text(moment: datetime, now: datetime, *, seconds: bool = False) -> str:
    """A time of day in the timezone of ``now``, after its day where that is not today."""
    local = _local(moment, now)
    time = time_text(local, seconds=seconds)
    return time if local.date() == now.date() else f"{day_text(moment, now)} {time}"


def _local(moment: datetime, now: datetime) -> datetime:
    try:
        return moment.astimezone(now.tzinfo)
    except (OverflowError, ValueError):  # the first or last day there is, in another timezone
        return moment

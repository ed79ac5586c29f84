"""Telesign's ways of writing a moment, read by one function.

Seen or documented: ISO 8601 with microseconds and ``Z``, with whole seconds, without a zone,
with a space; a colon before the milliseconds; HTTP dates; and one documented example whose
day and month are swapped into an impossible date.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Final

_ISO: Final = re.compile(
    r"""(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})
        [T\ ]\ ?(?P<hour>\d{2}):(?P<minute>\d{2}):(?P<second>\d{2})
        (?:[.:,](?P<fraction>\d{1,9}))?
        \s*(?P<zone>[Zz]|[+-]\d{2}:?\d{2})?""",
    re.VERBOSE | re.ASCII,
)
_USUAL: Final = re.compile(r"\d{4}-\d{2}-\d{2}T(?!24)\d{2}:\d{2}:\d{2}(?:\.\d{6})?Z", re.ASCII)
"""The form nearly everything has; the library reads it in a tenth of the time."""
_LONGEST: Final = 200
"""Characters beyond which no form of a moment goes; what is remembered must be small."""
_HTTP: Final = re.compile(
    r"(?:[A-Z][a-z]{2},\ )?\d{1,2}\ [A-Z][a-z]{2}\ \d{4}\ \d{2}:\d{2}:\d{2}\ (?:GMT|UTC|[+-]\d{4})", re.ASCII
)
"""The form of HTTP's ``Date``. The library's reader alone takes far more, and guesses."""


def parse_time(text: object) -> datetime | None:
    """The moment in UTC, or ``None`` where no reading makes sense.

    Without a zone, UTC is taken (inferred: every example with a zone is UTC). A time that
    cannot be read is never guessed at: the caller keeps the raw text and uses its own clock.
    """
    return _parsed(text) if isinstance(text, str) else None


@lru_cache(maxsize=256)
def _parsed(text: str) -> datetime | None:
    # Remembered, because one report tells each of its moments two or three times, and the next one again.
    if len(text) > _LONGEST:
        return None
    stripped = text.strip()
    if _USUAL.fullmatch(stripped) is not None:
        # Whatever the library refuses has no other reading either.
        try:
            return datetime.fromisoformat(stripped)
        except ValueError:
            return None
    match = _ISO.fullmatch(stripped)
    try:
        if match is None:
            if _HTTP.fullmatch(stripped) is None:
                return None
            return parsedate_to_datetime(stripped).astimezone(UTC)
        part = match.groupdict()
        fraction = ((part["fraction"] or "") + "000000")[:6]
        moment = datetime(
            int(part["year"]), int(part["month"]), int(part["day"]),
            int(part["hour"]), int(part["minute"]), int(part["second"]), int(fraction),
            tzinfo=_zone(part["zone"]),
        )  # fmt: skip
        return moment.astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def _zone(text: str | None) -> timezone:
    if text is None or text in "Zz":
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:])
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)

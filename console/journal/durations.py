"""How long Viber took for each message of the journal: what the curve beside the fallback slider rests on.

Reading every message costs a fold each, so what was read is kept in memory, and later calls read only
messages with facts newer than the last call. Durations are provider time: the sandbox's speed is undone.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import Final

from console.cascade.facts import Channel, Fact, Source
from console.cascade.message import FALLBACK_MAX
from console.cascade.outcome import AttemptState, Timeline
from console.cascade.recipient import Recipient, parse_recipient
from console.cascade.status import lookup
from console.cascade.survival import Ending, Observation
from console.cascade.timeline import fold
from console.journal.codec import decode

UNKNOWN_REGION: Final = ""
"""Stands for numbers of no one country."""
_ARRIVED: Final = (AttemptState.DELIVERED, AttemptState.READ)
_ENDS: Final = {AttemptState.FAILED: Ending.FAILED, AttemptState.UNCONFIRMED: Ending.CENSORED}


def observation_of(timeline: Timeline, now: datetime) -> Observation | None:
    """How Viber's attempt ended; ``None`` where the journal cannot tell.

    A message is followed to its fallback, or without SMS for the longest a fallback may take; what is
    heard of Viber later does not lengthen it (:mod:`console.cascade.survival` says why). It cannot be told
    when a delivery was only found by asking and Telesign gave no time, when only the reading has a time, or
    when the time ran out and nothing was ever heard of it: then it was this desk that was deaf.
    """
    viber = next((each for each in timeline.attempts if each.channel == Channel.VIBER), None)
    if viber is None or timeline.accepted_at is None:
        return None
    accepted, scale = timeline.accepted_at, timeline.time_scale
    limit = float(timeline.fallback_time if timeline.sms_text is not None else FALLBACK_MAX)

    def ended(at: datetime, how: Ending) -> Observation:
        # Clocks differ a little: what seems to come before the acceptance came at once.
        seconds = max((at - accepted).total_seconds() * scale, 0.0)
        return Observation(seconds, how) if seconds <= limit else Observation(limit, Ending.CENSORED)

    if viber.state in _ARRIVED:
        moments = [
            event.at
            for event in timeline.events
            if event.channel == Channel.VIBER
            and event.code is not None
            and lookup(event.code, where="channel").attempt_state is AttemptState.DELIVERED
            and not (event.at_is_receipt and event.source is Source.QUERY)
        ]
        return ended(min(moments), Ending.DELIVERED) if moments else None
    if viber.state in _ENDS:
        return None if viber.updated_at is None else ended(viber.updated_at, _ENDS[viber.state])
    if viber.state is AttemptState.TIMED_OUT or Channel.SMS in timeline.made_by:
        return Observation(limit, Ending.CENSORED)
    waited = (now - accepted).total_seconds() * scale
    return Observation(waited, Ending.CENSORED) if 0 <= waited < limit else None


class Durations:
    """The durations of one journal, read a part at a time. Belongs to the journal's thread."""

    def __init__(self) -> None:
        self._seen = 0
        self._known: dict[int, tuple[str, Observation]] = {}

    def read(self, db: sqlite3.Connection, *, now: datetime, most: int = 2000) -> bool:
        """Take in up to ``most`` new facts' messages; whether more are waiting."""
        found = db.execute(
            "SELECT seq, message FROM facts WHERE seq > ? ORDER BY seq LIMIT ?", (self._seen, most)
        ).fetchall()
        for row in {row for _, row in found if row is not None}:
            timeline = fold(_facts(db, row))
            seen = observation_of(timeline, now)
            if seen is None:
                self._known.pop(row, None)
            else:
                self._known[row] = (_region(timeline.to), seen)
        if found:
            self._seen = found[-1][0]
        return len(found) == most

    def by_region(self) -> dict[str, tuple[Observation, ...]]:
        """Everything read so far, by region code; :data:`UNKNOWN_REGION` where there is none."""
        sorted_out: dict[str, list[Observation]] = {}
        for region, seen in self._known.values():
            sorted_out.setdefault(region, []).append(seen)
        return {region: tuple(seen) for region, seen in sorted_out.items()}


def _facts(db: sqlite3.Connection, row: int) -> list[Fact]:
    stored = db.execute("SELECT kind, data FROM facts WHERE message = ? ORDER BY seq", (row,))
    return [fact for kind, data in stored if (fact := decode(kind, data)) is not None]


def _region(digits: str) -> str:
    number = parse_recipient(f"+{digits}", None)
    return (number.region or UNKNOWN_REGION) if isinstance(number, Recipient) else UNKNOWN_REGION

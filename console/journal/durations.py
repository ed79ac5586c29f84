"""How long Viber took for each message of the journal: what the curve beside the fallback slider rests on.

Finding that out takes a fold of the message's facts, so the table ``durations`` keeps it: a cache like the
other columns of ``messages``, written with them. A journal from before the table is counted in small
steps, the newest messages first; until a step has come to it, an old message counts for nothing. Durations
are provider time: the sandbox's speed is undone.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from console.cascade.facts import Channel
from console.cascade.message import FALLBACK_MAX
from console.cascade.outcome import AttemptState, Timeline
from console.cascade.recipient import Recipient, parse_recipient
from console.cascade.survival import Ending, Observation
from console.journal.batches import parts, read_rows, row_of, write_rows
from console.transactions import all_or_nothing

UNKNOWN_REGION: Final = ""
"""Stands for numbers of no one country."""
_LEFT: Final = "durations_left"
"""Kept under this name: messages up to this row are still to be counted."""
_OPEN: Final = "open"
_ARRIVED: Final = (AttemptState.DELIVERED, AttemptState.READ)
_ENDS: Final = {AttemptState.FAILED: Ending.FAILED, AttemptState.UNCONFIRMED: Ending.CENSORED}


@dataclass(frozen=True, slots=True, kw_only=True)
class StillOpen:
    """A message on Viber of which nothing final is known."""

    since: datetime
    """When Telesign accepted it."""
    time_scale: float
    limit: float
    """Seconds of provider time it is followed at most."""

    def at(self, now: datetime) -> Observation | None:
        """How far it was followed by ``now``; ``None`` once nothing can be heard of it any more."""
        waited = (now - self.since).total_seconds() * self.time_scale
        return Observation(waited, Ending.CENSORED) if 0 <= waited < self.limit else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How far the messages of an older journal have been counted."""

    done: int
    total: int

    @property
    def all(self) -> bool:
        """Whether nothing is left to count."""
        return self.done >= self.total


def followed(timeline: Timeline) -> Observation | StillOpen | None:
    """How Viber's attempt ended, if it has; ``None`` where the journal cannot tell.

    A message is followed to its fallback, or without SMS for the longest a fallback may take; what is
    heard of Viber later does not lengthen it (:mod:`console.cascade.survival` says why). It cannot be told
    when a delivery was only found by asking and Telesign gave no time, or when only the reading has a time.
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
        return None if viber.delivered_at is None else ended(viber.delivered_at, Ending.DELIVERED)
    if viber.state in _ENDS:
        return None if viber.updated_at is None else ended(viber.updated_at, _ENDS[viber.state])
    if viber.state is AttemptState.TIMED_OUT or Channel.SMS in timeline.made_by:
        return Observation(limit, Ending.CENSORED)
    return StillOpen(since=accepted, time_scale=scale, limit=limit)


def note_durations(db: sqlite3.Connection, told: Sequence[tuple[int, Timeline]]) -> None:
    """Keep what is known of these messages (by row) now, in the transaction that changed their facts."""
    gone: list[int] = []
    seen: dict[int, tuple[str, float | None, float | None, float | None, float | None]] = {}
    for row, timeline in told:
        known = followed(timeline)
        if known is None:
            gone.append(row)
        elif isinstance(known, StillOpen):
            seen[row] = (_OPEN, None, known.since.timestamp(), known.time_scale, known.limit)
        else:
            seen[row] = (known.ending.value, known.seconds, None, None, None)
    for part in parts(gone):
        db.execute(f"DELETE FROM durations WHERE message IN {row_of(len(part))}", part)  # noqa: S608 - ours
    # To find a number's country takes longer than all else here, so only for a message seen first.
    regions = dict(read_rows(db, "message, region", "FROM durations WHERE message IN {}", seen))
    for row, timeline in told:
        if row in seen and row not in regions:
            regions[row] = region_of(timeline.to)
    write_rows(
        db,
        "INSERT INTO durations (message, region, ending, seconds, since, time_scale, most) VALUES {}"
        " ON CONFLICT DO UPDATE SET ending = excluded.ending, seconds = excluded.seconds,"
        " since = excluded.since, time_scale = excluded.time_scale, most = excluded.most",
        [(row, regions[row], *values) for row, values in seen.items()],
    )


def count_some(db: sqlite3.Connection, fold_row: Callable[[int], Timeline], *, most: int) -> Counted:
    """Count up to ``most`` messages (1 or more) of an older journal, in a transaction of its own."""
    if _left(db) == 0:
        return counted(db)
    with all_or_nothing(db):
        rows = [
            row
            for (row,) in db.execute(
                "SELECT row FROM messages WHERE row <= ? ORDER BY row DESC LIMIT ?", (_left(db), most)
            )
        ]
        note_durations(db, [(row, fold_row(row)) for row in rows])
        left = rows[-1] - 1 if len(rows) == most else 0
        db.execute("UPDATE keep SET value = ? WHERE name = ?", (str(left), _LEFT))
    return counted(db)


def counted(db: sqlite3.Connection) -> Counted:
    """How far :func:`count_some` has come."""
    left = _left(db)
    (total,) = db.execute("SELECT count(*) FROM messages").fetchone()
    if left == 0:
        return Counted(done=total, total=total)
    (waiting,) = db.execute("SELECT count(*) FROM messages WHERE row <= ?", (left,)).fetchone()
    return Counted(done=total - waiting, total=total)


def observed(db: sqlite3.Connection, now: datetime) -> dict[str, Counter[Observation]]:
    """How often each duration was seen by ``now``, to a tenth of a second, by region code.

    What other journals' exports taught counts too (:mod:`console.journal.case_files`), unless the message
    is in this one. Under :data:`UNKNOWN_REGION` stand numbers of no one country.
    """
    found: dict[str, Counter[Observation]] = {}
    ended = db.execute(
        "SELECT region, ending, round(seconds, 1) AS tenths, count(*) FROM ("
        "SELECT region, ending, seconds FROM durations WHERE ending <> 'open'"
        " UNION ALL SELECT region, ending, seconds FROM case_durations c"
        " WHERE NOT EXISTS (SELECT 1 FROM messages m WHERE m.message_id = c.message_id)"
        ") GROUP BY region, ending, tenths"
    ).fetchall()
    for region, ending, seconds, number in ended:
        found.setdefault(region, Counter())[Observation(seconds, Ending(ending))] += number
    under_way = db.execute(
        "SELECT region, since, time_scale, most FROM durations"
        " WHERE ending = 'open' AND (? - since) * time_scale < most",
        (now.timestamp(),),
    ).fetchall()
    for region, since, time_scale, limit in under_way:
        begun = StillOpen(since=datetime.fromtimestamp(since, now.tzinfo), time_scale=time_scale, limit=limit)
        if (seen := begun.at(now)) is not None:
            rounded = Observation(round(seen.seconds, 1), seen.ending)
            found.setdefault(region, Counter())[rounded] += 1
    return found


@lru_cache(maxsize=4096)
def region_of(digits: str) -> str:
    """The region code of a number in digits; :data:`UNKNOWN_REGION` where it has none."""
    number = parse_recipient(f"+{digits}", None)
    return (number.region or UNKNOWN_REGION) if isinstance(number, Recipient) else UNKNOWN_REGION


def _left(db: sqlite3.Connection) -> int:
    kept = db.execute("SELECT value FROM keep WHERE name = ?", (_LEFT,)).fetchone()
    return 0 if kept is None else int(kept[0])

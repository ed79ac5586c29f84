"""What ``cascade export --format json`` wrote elsewhere, taken in as experience for the adviser only.

Of each message there remain its id (so that it counts once), its country, how Viber's attempt ended and
when: no number and no text. A file is hostile until every field read from it has been looked at.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NoReturn

from console.cascade.facts import Channel, Source
from console.cascade.lanes import tells_delivery
from console.cascade.message import FALLBACK_MAX, FALLBACK_MIN
from console.cascade.outcome import (
    Attempt,
    AttemptState,
    CascadeOutcome,
    Event,
    EventKind,
    MessageState,
    Timeline,
)
from console.cascade.status import attempt_state
from console.cascade.survival import Observation
from console.cascade.words import tr
from console.journal.durations import StillOpen, followed, region_of
from console.transactions import all_or_nothing

LARGEST: Final = 256 * 1024 * 1024
"""Bytes; an export of 100,000 messages has about this size."""
_LONGEST_NAME: Final = 100
_DEEPEST_ID: Final = 200
_ARRIVED: Final = (AttemptState.DELIVERED, AttemptState.READ)


class CaseFileError(ValueError):
    """The file cannot be used; the text says why, for a person. Nothing of it was taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """How one message of another journal went."""

    message_id: str
    region: str
    seen: Observation


def read_cases(content: bytes) -> list[Case]:
    """The messages of an export from which something can be learned, each once.

    Raises:
        CaseFileError: it is no export, or one that holds what no export holds.
    """
    if len(content) > LARGEST:
        raise CaseFileError(tr("The file is too large for an export."))
    try:
        told = json.loads(content, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise CaseFileError(tr("The file is no JSON.")) from None
    if not isinstance(told, list):
        raise CaseFileError(tr("The file is no export of Cascade in JSON."))
    found: dict[str, tuple[str, Observation | StillOpen | None]] = {}
    newest = datetime.min.replace(tzinfo=UTC)
    for number, entry in enumerate(told, start=1):
        try:
            timeline = _timeline(entry)
            if timeline.accepted_at is not None:
                moments = (timeline.accepted_at, *(event.heard_at for event in timeline.events))
                newest = max(newest, *moments)
            found[timeline.message_id or ""] = (region_of(timeline.to), followed(timeline))
        except (KeyError, TypeError, ValueError, OverflowError):
            raise CaseFileError(
                tr("Message {n} of the file is not as Cascade writes it.", n=number)
            ) from None
    cases = []
    for message_id, (region, last) in found.items():
        # What was under way is followed to the last thing its desk heard of anything.
        seen = last.at(newest) if isinstance(last, StillOpen) else last
        if seen is not None:
            cases.append(Case(message_id=message_id, region=region, seen=seen))
    return cases


def keep_cases(db: sqlite3.Connection, source: str, cases: Iterable[Case]) -> int:
    """Keep them under a name, in place of what stood there; how many of them are kept under it now."""
    source = source[:_LONGEST_NAME]
    with all_or_nothing(db):
        db.execute("DELETE FROM case_durations WHERE source = ?", (source,))
        db.executemany(
            "INSERT OR REPLACE INTO case_durations (message_id, source, region, ending, seconds)"
            " VALUES (?, ?, ?, ?, ?)",
            (
                (each.message_id, source, each.region, each.seen.ending.value, each.seen.seconds)
                for each in cases
            ),
        )
    return dict(case_sources(db)).get(source, 0)


def forget_cases(db: sqlite3.Connection, source: str) -> int:
    """Forget what is kept under a name; how many messages that were."""
    return db.execute("DELETE FROM case_durations WHERE source = ?", (source,)).rowcount


def case_sources(db: sqlite3.Connection) -> list[tuple[str, int]]:
    """The names, each with its number of messages."""
    return [
        (str(source), int(number))
        for source, number in db.execute(
            "SELECT source, count(*) FROM case_durations GROUP BY source ORDER BY source"
        )
    ]


def _timeline(entry: Any) -> Timeline:
    """As much of a message as its duration depends on."""
    accepted = entry["accepted_at"]
    events = tuple(_event(each) for each in _list(entry["events"]) if each["channel"] == Channel.VIBER)
    attempts = tuple(_attempt(each, events) for each in _list(entry["attempts"]))
    sms = entry["sms_text"]
    if sms is not None:
        _text(sms, 1_000_000)
    return Timeline(
        message_id=_text(entry["message_id"], _DEEPEST_ID),
        external_id=None,
        reference_id=None,
        state=MessageState.ACCEPTED,
        outcome=CascadeOutcome.WAITING,
        to=_text(entry["to"], 32),
        sms_text=sms,
        fallback_time=int(_number(entry["fallback_time"], FALLBACK_MIN, FALLBACK_MAX)),
        time_scale=_number(entry["time_scale"], 1e-6, 1e6),
        accepted_at=None if accepted is None else _moment(accepted),
        made_by=tuple(each.channel for each in attempts if each.state in _ARRIVED),
        attempts=attempts,
        events=events,
    )


def _attempt(told: Any, of_viber: Iterable[Event]) -> Attempt:
    updated = told["updated_at"]
    channel = _text(told["channel"], 32)
    # An export tells the moments of deliveries in its events only.
    delivered = (each.at for each in of_viber if _tells_delivery(each)) if channel == Channel.VIBER else ()
    return Attempt(
        channel=channel,
        state=AttemptState(told["state"]),
        updated_at=None if updated is None else _moment(updated),
        delivered_at=min(delivered, default=None),
    )


def _tells_delivery(event: Event) -> bool:
    if event.kind is EventKind.REJECTED or event.code is None:
        return False
    return tells_delivery(attempt_state(event.code, where="channel"), event)


def _event(told: Any) -> Event:
    code, source, receipt = told["code"], told["source"], told["at_is_receipt"]
    if not isinstance(receipt, bool):
        raise TypeError
    return Event(
        fact_id="",
        kind=EventKind(told["kind"]),
        at=_moment(told["at"]),
        heard_at=_moment(told["heard_at"]),
        at_is_receipt=receipt,
        title="",
        channel=Channel.VIBER,
        code=None if code is None else int(_number(code, 0, 99_999)),
        source=None if source is None else Source(source),
    )


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError
    return value


def _text(value: Any, longest: int) -> str:
    if not isinstance(value, str) or len(value) > longest:
        raise TypeError
    value.encode()  # a lone half of a character could be stored nowhere
    return value


def _number(value: Any, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    if not (math.isfinite(value) and least <= value <= most):
        raise ValueError
    return value


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(_text(value, 40))
    if moment.tzinfo is None:
        raise ValueError
    return moment.astimezone(UTC)


def _no_number(_text: str) -> NoReturn:
    raise ValueError

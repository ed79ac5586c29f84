"""The lines of a timeline in words: what each fact means, and what follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from console.cascade.channel_events import channel_event, transaction_event
from console.cascade.facts import (
    Answered,
    Decided,
    Fact,
    Queued,
    Replied,
    Reported,
    SendBegan,
    SendFailed,
    StatusUnavailable,
    Verification,
)
from console.cascade.optout import Wish, wish
from console.cascade.outcome import Attempt, AttemptState, Event, EventKind, Tone
from console.cascade.own_events import (
    answered_event,
    decided_event,
    proof_event,
    queued_event,
    send_failed_event,
    sending_event,
    status_unavailable_event,
)
from console.cascade.reports import Line, usable_time
from console.cascade.scene import Scene
from console.cascade.speech import channel_name
from console.cascade.words import tr


def event_lines(scene: Scene, facts: Sequence[Fact], lines: Sequence[Line]) -> tuple[Event, ...]:
    """Every event of a message, in the order things happened."""
    events: dict[tuple[object, ...], Event] = {}
    for fact in facts:
        told = _of_fact(scene, fact, facts)
        if told is not None:
            key, event = told
            events.setdefault(key, event)
    found = list(events.values())
    if proof := proof_event(scene, facts, lines):
        found.append(proof)
    found += [
        transaction_event(line) if line.channel is None else channel_event(scene, line, line.channel)
        for line in lines
        if not line.accounted
    ]
    return tuple(sorted(found, key=lambda event: _order(event, scene)))


_KINDS: Final = {kind: place for place, kind in enumerate(EventKind)}


def _order(event: Event, scene: Scene) -> tuple[object, ...]:
    """By time told, kept within what can be true: no report before our request or after its hearing.

    Reports tell time in seconds. Where a channel is said to have begun less than one before the
    channel it replaces was given up, it began after that.
    """
    moment = event.at
    if event.source is not None:
        moment = min(moment, event.heard_at)
        if scene.floor is not None:
            moment = max(moment, scene.floor)
    lane = next((n for n, lane in enumerate(scene.lanes) if lane.channel == event.channel), -1)
    if lane > 0:
        given_up = _given_up_at(scene.lanes[lane - 1])
        if given_up is not None and timedelta(0) < given_up - moment < timedelta(seconds=1):
            moment = given_up
    return (
        moment,
        _KINDS[event.kind],
        lane,
        event.at,
        event.heard_at,
        event.code or 0,
        event.fact_id,
        event.title,
    )


def _given_up_at(lane: Attempt) -> datetime | None:
    ended = lane.state in (AttemptState.TIMED_OUT, AttemptState.FAILED)
    return lane.updated_at if ended else None


Told = tuple[tuple[object, ...], Event]


def _of_fact(scene: Scene, fact: Fact, facts: Sequence[Fact]) -> Told | None:
    match fact:
        case Queued():
            return ("queued",), queued_event(fact)
        case SendBegan():
            return ("sending", fact.attempt), sending_event(fact)
        case Answered():
            return ("answered", fact.attempt, fact.code, fact.http_status), answered_event(scene, fact)
        case SendFailed():
            return ("failed", fact.attempt, fact.failure), send_failed_event(scene, fact)
        case Replied():
            return reply_key(fact), _reply(scene, fact)
        case StatusUnavailable():
            return ("no status", fact.http_status, fact.code, fact.final), status_unavailable_event(fact)
        case Decided():
            return ("decided", fact.fact_id, fact.decision), decided_event(fact)
        case Reported():
            return _rejected_report(fact, facts)


# --- what the customer answered ---------------------------------------------------------


def reply_key(fact: Replied) -> tuple[object, ...]:
    """What makes two reports of a reply the same reply.

    Without a provider's time only equal bytes are: a customer may well answer “OK” twice.
    """
    believed = fact.verification is not Verification.FAILED
    if fact.updated_on is None and fact.updated_raw is None:
        return ("reply", believed, fact.fact_id)
    moment = fact.updated_on or fact.updated_raw
    return ("reply", believed, fact.channel, fact.text, fact.media, fact.original_reference_id, moment)


def says_stop(text: str, action: str | None) -> bool:
    """Whether a customer asks not to be written to. Viber names no keyword actions, so the text counts."""
    return wish(text, action) is Wish.STOP


def _reply(scene: Scene, fact: Replied) -> Event:
    told = usable_time(fact.updated_on, heard_at=fact.at, floor=scene.floor)
    name = channel_name(fact.channel)
    if fact.verification is Verification.FAILED:
        title, detail = tr("A reply with a wrong signature was ignored"), _not_believed()
        kind, tone = EventKind.REJECTED, Tone.WARNING
    elif says_stop(fact.text, fact.action):
        title = tr("The customer asked to stop, by {channel}", channel=name)
        detail = tr("Do not write to this number again.")
        kind, tone = EventKind.REPLY, Tone.WARNING
    else:
        title = tr("The customer replied by {channel}", channel=name)
        detail = fact.text or (tr("A file: {name}", name=fact.file_name) if fact.file_name else "")
        kind, tone = EventKind.REPLY, Tone.ACTIVE
    return Event(
        fact_id=fact.fact_id,
        kind=kind,
        at=told or fact.at,
        heard_at=fact.at,
        at_is_receipt=told is None,
        title=title,
        detail=detail,
        tone=tone,
        channel=fact.channel,
        reference_id=fact.original_reference_id or fact.reference_id,
        source=fact.source,
        verification=fact.verification,
        took=scene.since_start(told or fact.at),
    )


# --- what is not believed -----------------------------------------------------------------


def _rejected_report(fact: Reported, facts: Sequence[Fact]) -> Told | None:
    """A report whose signature does not match; believed ones become lines, not events of their own."""
    if fact.verification is not Verification.FAILED:
        return None
    digest = fact.fact_id.removesuffix("-failed")
    if any(isinstance(other, Reported) and other.fact_id == digest for other in facts):
        detail = tr("The same report came with a right signature too; that one counts.")
    else:
        detail = _not_believed()
    event = Event(
        fact_id=fact.fact_id,
        kind=EventKind.REJECTED,
        at=fact.at,
        heard_at=fact.at,
        at_is_receipt=True,
        title=tr("A report with a wrong signature was ignored"),
        detail=detail,
        tone=Tone.WARNING,
        channel=fact.last_channel,
        code=fact.code,
        description=fact.description,
        reference_id=fact.reference_id,
        source=fact.source,
        verification=fact.verification,
    )
    return ("rejected", fact.fact_id), event


def _not_believed() -> str:
    return tr("It is not proven to come from Telesign, so it changes nothing. Tell whoever runs the relay.")

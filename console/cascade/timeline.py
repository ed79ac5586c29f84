"""The fold: facts in any order, any number of times, to the one timeline they tell.

Facts are a set: equal identities are one fact, and what arrives in another order is put into
one order before anything is read. So the fold is commutative and idempotent by construction.
Delivered and read never go back, because of two lines about one channel the further one holds
(:data:`console.cascade.reports.RANK`), whenever it was heard.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from console.cascade.events import event_lines, reply_key
from console.cascade.facts import (
    Answered,
    Fact,
    Queued,
    Replied,
    Reported,
    SendBegan,
    StatusUnavailable,
)
from console.cascade.lanes import attempts_of, deciding_code, made_by, not_taken, outcome_of, plan_of
from console.cascade.outcome import CascadeOutcome, Event, MessageState, Reply, Timeline
from console.cascade.reports import believed, read_reports, usable_time
from console.cascade.scene import Scene
from console.cascade.sending import Posting, posting

_HEARD: Final = (Reported, Replied)
"""What was told us from outside."""


def fold(facts: Iterable[Fact], *, worded: bool = True) -> Timeline:
    """The timeline that ``facts`` tell, whatever their order and however often each is repeated.

    Without ``worded`` it has no ``events``: their words are half the work, and whoever only keeps
    what became of a message needs none.
    """
    ordered = _in_order(facts)
    queued = next((fact for fact in ordered if isinstance(fact, Queued)), None)
    reports = [fact for fact in ordered if isinstance(fact, Reported) and believed(fact.verification)]
    post = posting(ordered, reports)
    floor = _floor(ordered, queued)
    lines = read_reports(reports, floor)
    plan = plan_of(queued)
    lanes = attempts_of(plan, post, lines)
    expired = any(isinstance(fact, StatusUnavailable) and fact.final for fact in ordered)
    outcome = outcome_of(post, lanes, lines, expired=expired)
    events: tuple[Event, ...] = ()
    if worded:
        scene = Scene(plan=plan, queued=queued, post=post, lanes=lanes, floor=floor)
        events = event_lines(scene, ordered, lines)
    return Timeline(
        external_id=queued.external_id if queued else _first(report.external_id for report in reports),
        reference_id=_reference(ordered, reports),
        state=post.state,
        outcome=outcome,
        accepted_at=post.accepted_at,
        fallback_at=lanes[0].fallback_at if lanes else None,
        retry_at=post.retry_at,
        made_by=made_by(lines),
        attempts=lanes,
        events=events,
        replies=_replies(ordered, floor),
        code=deciding_code(outcome, post, lanes, lines),
        last_heard_at=max([fact.at for fact in ordered if isinstance(fact, _HEARD)], default=None),
        settled=_settled(post, outcome),
        **_intended(queued),
    )


def _intended(queued: Queued | None) -> dict[str, Any]:
    """The fields of a timeline that say what we sent; without it, all but the id have their defaults."""
    if queued is None:
        return {"message_id": None}
    return {
        "message_id": queued.message_id,
        "to": queued.to,
        "viber_text": queued.viber_text,
        "sms_text": queued.sms_text,
        "fallback_time": queued.fallback_time,
        "message_type": queued.message_type,
        "reply_id": queued.reply_id,
        "session": queued.session,
        "sender_id": queued.sender_id,
        "callback_url": queued.callback_url,
        "lifecycle_event": queued.lifecycle_event,
        "originating_ip": queued.originating_ip,
        "answers": queued.answers,
        "time_scale": queued.time_scale,
        "created_at": queued.at,
    }


def _in_order(facts: Iterable[Fact]) -> list[Fact]:
    """Each fact once, in one order that depends on the facts alone."""
    unique: dict[tuple[str, str], Fact] = {}
    for fact in facts:
        key = (type(fact).__name__, fact.fact_id)
        known = unique.get(key)
        # The same bytes heard at two moments are one fact: as first heard.
        if known is None or (fact.at, repr(fact)) < (known.at, repr(known)):
            unique[key] = fact
    return sorted(unique.values(), key=lambda fact: (fact.at, type(fact).__name__, fact.fact_id))


def _floor(ordered: Sequence[Fact], queued: Queued | None) -> datetime | None:
    """The moment of our request: nothing Telesign reports of it can have happened much before."""
    began = next((fact.at for fact in ordered if isinstance(fact, SendBegan)), None)
    return began or (queued.at if queued else None)


def _reference(ordered: Sequence[Fact], reports: Sequence[Reported]) -> str | None:
    answered = _first(fact.reference_id for fact in ordered if isinstance(fact, Answered))
    return answered or _first(report.reference_id for report in reports)


def _first(values: Iterable[str | None]) -> str | None:
    return next((value for value in values if value), None)


def _replies(ordered: Sequence[Fact], floor: datetime | None) -> tuple[Reply, ...]:
    replies: dict[tuple[object, ...], Reply] = {}
    for fact in ordered:
        if not isinstance(fact, Replied) or not believed(fact.verification):
            continue
        told = usable_time(fact.updated_on, heard_at=fact.at, floor=floor)
        replies.setdefault(
            reply_key(fact),
            Reply(
                fact_id=fact.fact_id,
                at=told or fact.at,
                channel=fact.channel,
                text=fact.text,
                media=fact.media,
                file_name=fact.file_name,
                action=fact.action,
                verification=fact.verification,
            ),
        )
    return tuple(sorted(replies.values(), key=lambda reply: (reply.at, reply.fact_id)))


def _settled(post: Posting, outcome: CascadeOutcome) -> bool:
    """Whether following may stop: delivered counts, since “read” is a welcome surprise, not a duty."""
    if outcome in (CascadeOutcome.DELIVERED, CascadeOutcome.READ, CascadeOutcome.FAILED):
        return post.state is MessageState.ACCEPTED or not_taken(post)
    return outcome is CascadeOutcome.UNDECIDED and post.state is MessageState.ACCEPTED and not post.decided

"""Events of what this desk did itself: recorded, sent, was answered, decided, asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from console.cascade.facts import (
    Answered,
    Decided,
    Decision,
    Fact,
    Queued,
    SendBegan,
    SendFailed,
    SendFailure,
    StatusUnavailable,
)
from console.cascade.outcome import Event, EventKind, Tone
from console.cascade.reports import Line
from console.cascade.scene import Scene, join
from console.cascade.sending import REPEATABLE, TAKEN
from console.cascade.speech import duration_text
from console.cascade.status import lookup
from console.cascade.words import mark, tr

EXPIRED: Final = -10004
"""Documented: a reference can be asked for during twelve hours only."""
NOT_ENABLED: Final = 3206

_UNCONFIRMED_WHY: Final = {
    SendFailure.NO_ANSWER: mark("Telesign was reached but did not answer in time."),
    SendFailure.CUT: mark("The connection broke before Telesign's answer was complete."),
    SendFailure.UNREADABLE: mark("An answer came, but it does not say what became of the message."),
    SendFailure.INTERRUPTED: mark("This program ended while it was sending."),
}


def _own(
    fact: Fact,
    kind: EventKind,
    title: str,
    detail: str = "",
    tone: Tone = Tone.NEUTRAL,
    *,
    code: int | None = None,
    description: str = "",
    reference_id: str | None = None,
    took: timedelta | None = None,
) -> Event:
    return Event(
        fact_id=fact.fact_id,
        kind=kind,
        at=fact.at,
        heard_at=fact.at,
        at_is_receipt=False,
        title=title,
        detail=detail,
        tone=tone,
        code=code,
        description=description,
        reference_id=reference_id,
        took=took,
    )


def queued_event(fact: Queued) -> Event:
    """The message was recorded, ready to send."""
    if fact.sms_text is None:
        detail = tr("By Viber only; no SMS follows.")
    else:
        detail = tr(
            "Viber first; SMS if Viber has not delivered within {duration}.",
            duration=duration_text(timedelta(seconds=fact.fallback_time)),
        )
    return _own(fact, EventKind.QUEUED, tr("Ready to send"), detail)


def sending_event(fact: SendBegan) -> Event:
    """A POST began."""
    if fact.attempt > 1:
        title = tr("Sending to Telesign again (try {n})", n=fact.attempt)
    else:
        title = tr("Sending to Telesign")
    return _own(fact, EventKind.SENDING, title, tone=Tone.ACTIVE)


def answered_event(scene: Scene, fact: Answered) -> Event:
    """Telesign answered a POST."""
    took = scene.since_start(fact.at)
    if fact.code == TAKEN:
        return _own(
            fact,
            EventKind.ACCEPTED,
            tr("Accepted by Telesign"),
            tr("That is not delivery yet: the channels report for themselves."),
            Tone.ACTIVE,
            code=fact.code,
            description=fact.description,
            reference_id=fact.reference_id,
            took=took,
        )
    status = lookup(fact.code, where="request")
    if fact.retry_at is not None and fact.code in REPEATABLE:
        wait = duration_text(fact.retry_at - fact.at)
        title = (
            tr("Telesign asked to slow down; sending again in {duration}", duration=wait)
            if fact.http_status == 429
            else tr("Telesign is out of service; sending again in {duration}", duration=wait)
        )
        detail = tr("It was not taken, so sending again cannot double it.")
        kind, tone = EventKind.RETRY_PLANNED, Tone.WARNING
    else:
        title = tr("Telesign refused the message")
        detail = join(status.meaning, status.next_step)
        kind, tone = EventKind.REFUSED, Tone.BAD
    return _own(
        fact, kind, title, detail, tone,
        code=fact.code, description=fact.description, reference_id=fact.reference_id, took=took,
    )  # fmt: skip


def send_failed_event(scene: Scene, fact: SendFailed) -> Event:
    """A POST had no answer that says what became of it, or did not leave."""
    took = scene.since_start(fact.at)
    if fact.failure is SendFailure.WITHDRAWN:
        return _own(
            fact, EventKind.NOT_SENT, tr("Taken back before it was sent"),
            tr("Nothing left this computer."), took=took,
        )  # fmt: skip
    if fact.certain:
        detail = join(tr("Nothing left this computer."), fact.detail)
        if fact.retry_at is not None:
            title = tr(
                "No connection to Telesign; trying again in {duration}",
                duration=duration_text(fact.retry_at - fact.at),
            )
            return _own(fact, EventKind.RETRY_PLANNED, title, detail, Tone.WARNING, took=took)
        title = tr("Not sent: no connection to Telesign")
        return _own(fact, EventKind.NOT_SENT, title, detail, Tone.BAD, took=took)
    detail = join(tr(_UNCONFIRMED_WHY[fact.failure]), fact.detail)
    return _own(fact, EventKind.UNCONFIRMED, tr("It may have been sent"), detail, Tone.WARNING, took=took)


def decided_event(fact: Decided) -> Event:
    """The agent decided what nobody could tell."""
    if fact.decision is Decision.TREAT_AS_SENT:
        title, detail = tr("You treat it as sent"), tr("A report from Telesign would outweigh this.")
    else:
        title = tr("You treat it as not sent")
        detail = tr("If it was sent after all, a report from Telesign will say so here.")
    return _own(fact, EventKind.DECIDED, title, detail)


def proof_event(scene: Scene, facts: Sequence[Fact], lines: Sequence[Line]) -> Event | None:
    """The moment a report proved what our request left open."""
    doubted = any(isinstance(fact, SendFailed) for fact in facts)
    if not (scene.post.proven_by_report and doubted and lines):
        return None
    first = lines[0]
    return Event(
        fact_id=first.fact_id,
        kind=EventKind.ACCEPTED,
        at=first.heard_at,
        heard_at=first.heard_at,
        at_is_receipt=True,
        title=tr("A report proves that Telesign has it"),
        detail=tr("The message was sent after all. Do not send it again."),
        tone=Tone.ACTIVE,
        source=first.source,
        verification=first.verification,
        took=scene.since_start(first.heard_at),
    )


def status_unavailable_event(fact: StatusUnavailable) -> Event:
    """Telesign did not tell the status when it was asked."""
    if fact.code == EXPIRED:
        title = tr("Telesign no longer knows the status")
        detail = tr("It keeps one for twelve hours. A late callback could still tell.")
    elif fact.code == NOT_ENABLED:
        title = tr("This account may not ask for the status")
        detail = tr("Only callbacks can tell. Ask Telesign to enable Get Status for the account.")
    elif fact.code is not None:
        status = lookup(fact.code, where="query")
        title = tr("Telesign did not tell the status")
        detail = join(status.meaning, status.next_step)
    else:
        title = tr("Telesign could not be asked for the status")
        detail = fact.description
    return _own(
        fact, EventKind.STATUS_UNAVAILABLE, title, detail, code=fact.code, description=fact.description
    )

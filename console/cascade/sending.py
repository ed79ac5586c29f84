"""What became of our POST: the rules of safe sending, read from the facts.

Telesign has no idempotency key, so nothing is taken as *not sent* unless that is certain.
An answer of Telesign outweighs a failure to hear one; any believed report outweighs both,
and an agent's decision counts only while nobody else has said anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from console.cascade.facts import (
    Answered,
    Decided,
    Decision,
    Fact,
    Queued,
    Reported,
    SendBegan,
    SendFailed,
    SendFailure,
)
from console.cascade.outcome import MessageState

TAKEN: Final = 3001
"""Documented: the only code with which a POST is accepted."""
REPEATABLE: Final = frozenset({3204, 3500})
"""Certainly not taken *and* worth repeating: rate limit, system unavailable. Documented; the
HTTP status tells nothing, for 429 also comes with 3203 and 3206, which no repetition cures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """The fate of the POST."""

    state: MessageState
    accepted_at: datetime | None = None
    """When Telesign took it: its answer, or without one the start of the request that a report proves."""
    retry_at: datetime | None = None
    code: int | None = None
    proven_by_report: bool = False
    """No answer said so, a report did."""
    decided: bool = False
    """The state rests on the agent's decision alone."""


def posting(facts: Sequence[Fact], believed_reports: Sequence[Reported]) -> Posting:
    """The fate of the POST, from facts in the order told."""
    answers = [fact for fact in facts if isinstance(fact, Answered)]
    failures = [fact for fact in facts if isinstance(fact, SendFailed)]
    began = {fact.attempt: fact for fact in reversed(facts) if isinstance(fact, SendBegan)}
    answered = {answer.attempt for answer in answers}

    for answer in answers:
        if answer.code == TAKEN:
            return Posting(state=MessageState.ACCEPTED, accepted_at=answer.at, code=answer.code)
    if believed_reports:
        start = began[max(began)].at if began else _first_told(believed_reports)
        return Posting(state=MessageState.ACCEPTED, accepted_at=start, proven_by_report=True)
    if any(not failure.certain and failure.attempt not in answered for failure in failures):
        return _settled_by_agent(facts)

    withdrawn = [f.attempt for f in failures if f.failure is SendFailure.WITHDRAWN]
    if withdrawn and max(withdrawn) >= max(began, default=0):
        return Posting(state=MessageState.NOT_SENT)
    return _of_last_attempt(facts, answers, failures, began)


def _of_last_attempt(
    facts: Sequence[Fact],
    answers: Sequence[Answered],
    failures: Sequence[SendFailed],
    began: dict[int, SendBegan],
) -> Posting:
    numbers = [*began, *(a.attempt for a in answers), *(f.attempt for f in failures)]
    if not numbers:
        queued = any(isinstance(fact, Queued) for fact in facts)
        return Posting(state=MessageState.QUEUED if queued else MessageState.DRAFT)
    last = max(numbers)
    for answer in answers:
        if answer.attempt == last:
            retry_at = answer.retry_at if answer.code in REPEATABLE else None
            return Posting(state=MessageState.REFUSED, code=answer.code, retry_at=retry_at)
    for failure in failures:
        if failure.attempt == last:
            return Posting(state=MessageState.NOT_SENT, retry_at=failure.retry_at)
    return Posting(state=MessageState.SENDING)


def _settled_by_agent(facts: Sequence[Fact]) -> Posting:
    decisions = [fact for fact in facts if isinstance(fact, Decided)]
    if not decisions:
        return Posting(state=MessageState.UNCONFIRMED)
    sent = decisions[-1].decision is Decision.TREAT_AS_SENT
    return Posting(state=MessageState.ACCEPTED if sent else MessageState.NOT_SENT, decided=True)


def _first_told(reports: Sequence[Reported]) -> datetime:
    """Without facts of ours, the earliest moment the reports speak of."""
    moments = [report.at for report in reports]
    for report in reports:
        moments += [
            told
            for told in (report.updated_on, *(each.updated_on for each in report.channels))
            if told is not None
        ]
    return min(moments)

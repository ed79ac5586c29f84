"""What the desk says to a message that was to be sent, as words for the pane."""

from __future__ import annotations

from dataclasses import dataclass

from console.cascade.words import tr
from console.desk.values import Invalid, NeedsConfirmation, Queued_, SendResult, Unavailable


@dataclass(frozen=True, slots=True)
class Took:
    """Exactly one of message id, question and problem is filled."""

    message_id: str | None = None
    """It is in the journal."""
    question: str = ""
    """It is sent only if the agent says so."""
    opted_out: bool = False
    """The question is about somebody who asked to be left alone."""
    problem: str = ""
    """It cannot be sent; why."""


def took(result: SendResult) -> Took:
    """The answer of the desk, in words."""
    match result:
        case Queued_(message_id=message_id):
            return Took(message_id=message_id)
        case NeedsConfirmation():
            return Took(question=result.question, opted_out=result.opted_out)
        case Invalid(problems=problems):
            return Took(problem=" ".join(problem.text for problem in problems) or tr("It cannot be sent."))
        case Unavailable():
            return Took(problem=result.reason)

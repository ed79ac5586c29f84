"""What can be done with a message, and what must be said before it is done: plain functions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from console.cascade.outcome import CascadeOutcome, EventKind, MessageState, Outlook, Timeline
from console.cascade.own_events import EXPIRED, NOT_ENABLED
from console.cascade.words import tr


class Do(StrEnum):
    """What an agent can do with a message."""

    WITHDRAW = "withdraw"
    STOP_RETRY = "stop_retry"
    RESEND = "resend"
    ASK = "ask"
    TREAT_SENT = "treat_sent"
    TREAT_NOT_SENT = "treat_not_sent"


@dataclass(frozen=True, slots=True)
class Action:
    """A button: what it does, what it says, and what must be said before it is done."""

    do: Do
    label: str
    detail: str
    icon: str
    primary: bool = False
    warning: str = ""
    """Not empty: shown first, and the button asks once more."""


def actions(timeline: Timeline, view: Outlook) -> tuple[Action, ...]:
    """The buttons for a message, the most useful first."""
    if timeline.message_id is None:
        return ()
    found: list[Action] = []
    if timeline.state is MessageState.QUEUED and timeline.retry_at is None:
        found.append(
            Action(Do.WITHDRAW, tr("Take back"), tr("Stops it before it leaves this computer."), "undo", True)
        )
    if timeline.retry_at is not None:
        found.append(
            Action(
                Do.STOP_RETRY, tr("Stop retrying"), tr("Telesign does not have it; nothing is sent."), "pause"
            )
        )
        return tuple(found)
    if timeline.state is MessageState.UNCONFIRMED:
        found += _decisions()
    if resend := _resend(timeline, view):
        found.append(resend)
    if may_ask(timeline):
        found.append(
            Action(
                Do.ASK,
                tr("Ask Telesign now"),
                tr("Reads the status from Telesign; possible for 12 hours after sending."),
                "question",
            )
        )
    return tuple(found)


def may_ask(timeline: Timeline) -> bool:
    """Whether Telesign could know more than we do."""
    if timeline.reference_id is None or timeline.state is not MessageState.ACCEPTED:
        return False
    if any(event.kind is EventKind.STATUS_UNAVAILABLE and event.code in _NEVER for event in timeline.events):
        return False
    return timeline.outcome in (CascadeOutcome.WAITING, CascadeOutcome.UNDECIDED)


_NEVER: Final = frozenset({EXPIRED, NOT_ENABLED})
"""Answers after which no question about this message can succeed."""


def _decisions() -> list[Action]:
    return [
        Action(
            Do.TREAT_SENT,
            tr("It arrived / treat as sent"),
            tr("For when the customer has it. A report from Telesign would outweigh this."),
            "check",
        ),
        Action(
            Do.TREAT_NOT_SENT,
            tr("Treat as not sent"),
            tr("For when the customer surely does not have it."),
            "minus-circle",
            warning=tr(
                "Telesign may have taken the message. If you treat it as not sent and send it again, "
                "the customer can get it twice. Ask the customer first."
            ),
        ),
    ]


def _resend(timeline: Timeline, view: Outlook) -> Action | None:
    if timeline.outcome in (CascadeOutcome.WAITING, CascadeOutcome.DELIVERED, CascadeOutcome.READ):
        return None
    if timeline.state is MessageState.UNCONFIRMED:
        return None  # first decide what became of it
    label = tr("Send again")
    if view.may_resend:
        detail = tr("Sends the same texts to the same number as a new message.")
        return Action(Do.RESEND, label, detail, "retry", primary=True)
    return Action(
        Do.RESEND,
        tr("Send again…"),
        tr("Asks first: this may not help, or the customer may get it twice."),
        "retry",
        warning=resend_warning(timeline),
    )


def resend_warning(timeline: Timeline) -> str:
    """What an agent should know before sending the same again where it is not plainly right."""
    if timeline.outcome in (CascadeOutcome.DELIVERED, CascadeOutcome.READ):
        return tr("The customer already has this message. If you send it again, they get it twice.")
    if timeline.outcome is CascadeOutcome.WAITING or timeline.state in (
        MessageState.QUEUED,
        MessageState.SENDING,
    ):
        return tr("It is still being tried. If you send it again now, the customer may get it twice.")
    if timeline.outcome is CascadeOutcome.UNDECIDED or timeline.state is MessageState.UNCONFIRMED:
        return tr("It may have arrived. If you send it again, the customer may get it twice.")
    return tr("Sending the same again will probably fail the same way. See the reason above first.")


def too_late(do: Do) -> str:
    """Why taking back did not work."""
    if do is Do.STOP_RETRY:
        return tr("Too late: the next try has already begun.")
    return tr("Too late: it is already on its way to Telesign.")

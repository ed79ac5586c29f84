"""The desk's questions and refusals, in words."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from console.cascade.outcome import CascadeOutcome, MessageState, Timeline
from console.cascade.speech import duration_text
from console.cascade.words import tr
from console.desk.values import AccountStatus


def sent_before(timeline: Timeline, created_at: datetime, now: datetime) -> str:
    """The question before the same text goes to the same number again."""
    age = duration_text(now - created_at)
    if timeline.state is MessageState.UNCONFIRMED:
        return tr("You sent this {age} ago and it may have arrived. Send it again all the same?", age=age)
    if timeline.outcome in (CascadeOutcome.DELIVERED, CascadeOutcome.READ):
        return tr("You sent this {age} ago and it was delivered. Send it again?", age=age)
    if timeline.outcome is CascadeOutcome.FAILED:
        return tr("You sent this {age} ago and it was not delivered. Send it again?", age=age)
    return tr("You sent this {age} ago and it is still being tried. Send it again?", age=age)


def opted_out(number: str, since: datetime, now: datetime, *, by_hand: bool) -> str:
    """The question before writing to somebody who said STOP, or for whom a colleague did (``by_hand``)."""
    if by_hand:
        return tr(
            "{number} was put on the opt-out list at this desk {age} ago. Send this one all the same?",
            number=number,
            age=duration_text(now - since),
        )
    return tr(
        "{number} answered STOP {age} ago and does not want messages. Send this one all the same?",
        number=number,
        age=duration_text(now - since),
    )


def no_account(status: AccountStatus) -> str:
    """Why nothing can be sent."""
    if status.kind == "no_key":
        return status.detail or tr("The API key is missing. Enter it in the settings.")
    return status.detail or tr("No Telesign account is set up. Enter it in the settings.")


def is_storage(error: Exception) -> bool:
    """Whether an error is the disk's and not ours."""
    if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
        return False
    return isinstance(error, sqlite3.DatabaseError | OSError)


def _why(error: Exception) -> str:
    """The system's words, without the path that Python adds."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def not_recorded(error: Exception) -> str:
    """Nothing was sent because it could not be recorded first."""
    return tr(
        "The message could not be recorded, so it was not sent ({reason}). Check that the disk is "
        "not full, then press Send again.",
        reason=_why(error),
    )


def not_opened(error: Exception) -> str:
    """The journal cannot be worked with from the start."""
    return tr("Cascade's journal cannot be used ({reason}). Nothing is sent.", reason=_why(error))


def not_writable(error: Exception) -> str:
    """The journal stopped taking what it is given, while the program runs."""
    return tr(
        "Nothing can be recorded at the moment ({reason}). Nothing new is sent, and what comes in waits. "
        "Check that the disk is not full.",
        reason=_why(error),
    )


def too_late() -> str:
    """A message that waited so long that its moment may have passed."""
    return tr("It waited too long to be sent now by itself. Send it again if it still holds.")


def other_account() -> str:
    """A message that was recorded for an account that is not set up any more."""
    return tr("It was meant for another Telesign account than the one set up now, so it was not sent.")

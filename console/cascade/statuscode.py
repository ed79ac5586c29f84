"""What one of Telesign's status codes is: the values of the catalogue (:mod:`console.cascade.status`)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Flag, StrEnum, auto
from typing import Final

from console.cascade.outcome import AttemptState
from console.cascade.words import mark, tr


class Level(Flag):
    """Where Telesign uses a code. A code may belong to several places."""

    REQUEST = auto()
    """The answer to our POST."""
    TRANSACTION = auto()
    """The status of the whole message in a report."""
    CHANNEL = auto()
    """One channel's status in a report."""
    QUERY = auto()
    """The answer to our question about the status (GET)."""
    REPLY = auto()
    """A message from the customer."""
    ELSEWHERE = auto()
    """Products and calls this console does not use."""


class Finality(StrEnum):
    """As Telesign's code page prints it."""

    FINAL = "final"
    INTERMEDIATE = "intermediate"
    FINAL_UNLESS_READ = "final_unless_read"
    """3000: final only where the channel cannot report that a message was read."""
    NOT_STATED = "not_stated"


class Retry(StrEnum):
    """Whether sending the same message again can help."""

    UNNEEDED = "unneeded"
    """Nothing failed: the message arrived or is still on its way."""
    LATER = "later"
    """It can help after a while."""
    AFTER_CHANGE = "after_change"
    """It can help once something has been put right."""
    NEVER = "never"
    MAY_DOUBLE = "may_double"
    """The customer may have the message, or still get it: they could receive it twice."""
    UNKNOWN = "unknown"

    @property
    def helps(self) -> bool:
        """Whether a further try can succeed without doubling anything."""
        return self in (Retry.LATER, Retry.AFTER_CHANGE)


_RETRY_TEXTS: Final = {
    Retry.UNNEEDED: mark("There is no need to send it again."),
    Retry.LATER: mark("Sending again a little later can help."),
    Retry.AFTER_CHANGE: mark("Sending again helps only after this has been put right."),
    Retry.NEVER: mark("Sending again will not help."),
    Retry.MAY_DOUBLE: mark("If you send it again, the customer may get it twice."),
    Retry.UNKNOWN: mark("Whether sending again can help is not known."),
}


def retry_text(retry: Retry) -> str:
    """Whether trying again helps, as one sentence."""
    return tr(_RETRY_TEXTS[retry])


@dataclass(frozen=True, slots=True)
class StatusCode:
    """One code in one place, explained to an agent."""

    code: int
    text: str
    """Telesign's own words, in English; empty for a code that is not in the catalogue."""
    level: Level
    finality: Finality
    retry: Retry
    attempt_state: AttemptState | None
    """What a channel's attempt is once this is reported; ``None`` where it says nothing of that."""
    meaning: str
    """What it means for the customer or the message: one plain sentence."""
    next_step: str
    """What to do now: one sentence."""

    @property
    def known(self) -> bool:
        """Whether the catalogue has this code."""
        return bool(self.text)

"""What the window on the unmatched says, as plain functions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from console.cascade.facts import Replied, Reported, Verification
from console.cascade.speech import channel_name
from console.cascade.words import left_to_right, tr
from console.desk.replies import Candidate, OptedOutNumber, Pile, Unmatched
from console.ui.timeline_text import isolated, moment_text, shortened

_WORDS: Final = 120
"""Characters of somebody else's text in a row."""
_NUMBER: Final = 40
"""Characters of what somebody else says is a number."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list, in columns."""

    when: str
    who: str
    what: str

    @property
    def columns(self) -> tuple[str, str, str]:
        """In the order they stand."""
        return self.when, self.who, self.what


def pile_name(pile: Pile) -> str:
    """A pile as it is called in the choice."""
    match pile:
        case Pile.WAITING:
            return tr("Waiting for somebody")
        case Pile.REPORTS:
            return tr("Delivery reports")
        case Pile.DEALT:
            return tr("Dealt with")


def pile_empty(pile: Pile) -> tuple[str, str]:
    """Title and sentence of a pile with nothing in it."""
    match pile:
        case Pile.WAITING:
            return tr("Nothing is waiting"), tr("Every reply found its message.")
        case Pile.REPORTS:
            return tr("No reports without a message"), tr("Every report found its message.")
        case Pile.DEALT:
            return tr("Nothing here yet"), tr("What you assign or set aside is kept here.")


def unmatched_row(item: Unmatched, now: datetime) -> Row:
    """One of the unmatched as a line."""
    what = _what(item)
    if item.dealt == "assigned":
        what = tr("Assigned: {text}", text=what)
    return Row(moment_text(item.at, now), _who(item), what)


def _who(item: Unmatched) -> str:
    if isinstance(item.fact, Replied) and item.fact.phone_number:
        return number_text(item.fact.phone_number)
    return tr("Unknown")


def number_text(digits: str) -> str:
    """A number that came from outside, which may be anything."""
    shown = shortened(isolated(digits), _NUMBER)
    return left_to_right(f"+{shown}") if digits.isdecimal() else shown


def _what(item: Unmatched) -> str:
    fact = item.fact
    if fact is None:
        return tr("Could not be read")
    if isinstance(fact, Reported):
        said = shortened(isolated(fact.description), _WORDS)
        return " ".join(part for part in (str(fact.code or ""), said) if part) or tr("A report")
    if fact.text:
        return shortened(isolated(fact.text), _WORDS)
    return tr("A picture or a file") if fact.media or fact.file_name else tr("A message without text")


def explanation(item: Unmatched) -> str:
    """How it came, and whether it can be trusted."""
    fact = item.fact
    if fact is None:
        return tr("Something came that is no callback this desk knows. The bytes below are all there is.")
    if isinstance(fact, Replied):
        came = tr("A reply by {channel}.", channel=channel_name(fact.channel))
    else:
        came = tr("A delivery report, perhaps of a message that another desk sent.")
    doubt = tr("Its signature is wrong: do not believe it.")
    return f"{came} {doubt}" if unproven(item) else came


def unproven(item: Unmatched) -> bool:
    """Its signature does not match."""
    return item.fact is not None and item.fact.verification is Verification.FAILED


def first_search(item: Unmatched) -> str:
    """Where the search for its message begins."""
    if isinstance(item.fact, Replied):
        return "".join(sign for sign in item.fact.phone_number or "" if sign.isdecimal())[:_NUMBER]
    return ""


def candidate_row(candidate: Candidate, now: datetime) -> Row:
    """A message something may belong to, as a line."""
    words = shortened(isolated(candidate.first_words), _WORDS)
    return Row(moment_text(candidate.created_at, now), f"+{candidate.to}", words)


def opted_out_row(entry: OptedOutNumber, now: datetime) -> Row:
    """A number that is not to be written to: since when, which, and by what."""
    if entry.by_hand:
        what = tr("Entered by hand")
    else:
        said = shortened(isolated(entry.text), _WORDS)
        channel = channel_name(entry.channel or "")
        what = tr("“{text}” by {channel}", text=said, channel=channel) if said else channel
    return Row(moment_text(entry.at, now), number_text(entry.number), what)

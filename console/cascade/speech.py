"""Timelines as plain text: for the command line, for screen readers, for the words of both.

Everything here is one line per thing, without control characters, whatever a provider or a
customer wrote.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta, tzinfo
from typing import Final

from console.cascade.facts import Verification
from console.cascade.formats import day_figures, time_text
from console.cascade.outcome import (
    Attempt,
    AttemptState,
    CascadeOutcome,
    Event,
    MessageState,
    Timeline,
)
from console.cascade.words import mark, tr

_NAMES: Final = {
    "viber": "Viber",
    "sms": "SMS",
    "rcs": "RCS",
    "whatsapp": "WhatsApp",
    "mms": "MMS",
    "email": mark("Email"),
}
_LONGEST_NAME: Final = 32

_ATTEMPTS: Final = {
    AttemptState.WAITING: mark("waiting for its turn"),
    AttemptState.TRYING: mark("trying"),
    AttemptState.AT_GATEWAY: mark("handed to the network"),
    AttemptState.TIMED_OUT: mark("not delivered in time"),
    AttemptState.FAILED: mark("failed"),
    AttemptState.UNCONFIRMED: mark("sent, arrival not confirmed"),
    AttemptState.DELIVERED: mark("delivered"),
    AttemptState.READ: mark("read"),
    AttemptState.SKIPPED: mark("not needed"),
}

_STATES: Final = {
    MessageState.DRAFT: mark("draft"),
    MessageState.QUEUED: mark("ready to send"),
    MessageState.SENDING: mark("sending"),
    MessageState.ACCEPTED: mark("accepted"),
    MessageState.REFUSED: mark("refused"),
    MessageState.UNCONFIRMED: mark("may have been sent"),
    MessageState.NOT_SENT: mark("not sent"),
}

_OUTCOMES: Final = {
    CascadeOutcome.WAITING: mark("waiting"),
    CascadeOutcome.DELIVERED: mark("delivered"),
    CascadeOutcome.READ: mark("read"),
    CascadeOutcome.FAILED: mark("not delivered"),
    CascadeOutcome.UNDECIDED: mark("not known"),
}

_PROOFS: Final = {
    Verification.DESK: mark("signature verified here"),
    Verification.RELAY: mark("signature verified by the relay"),
    Verification.FAILED: mark("signature wrong"),
    Verification.DIRECT: mark("asked of Telesign directly"),
}


def plain(text: str) -> str:
    """``text`` on one line, without control characters and lone surrogates (they act on terminals)."""
    if text.isprintable():
        return text
    kept = (" " if char in "\t\n\r\v\f\u2028\u2029" else char for char in text)
    return "".join(char for char in kept if unicodedata.category(char) not in ("Cc", "Cs"))


def channel_name(channel: str) -> str:
    """How a channel is called: ``Viber``, ``SMS``; a name nobody knows is shown as it came, shortened."""
    known = _NAMES.get(channel)
    if known is not None:
        return tr(known)
    shown = plain(channel).strip()
    return shown if len(shown) <= _LONGEST_NAME else shown[:_LONGEST_NAME] + "…"


def attempt_text(state: AttemptState) -> str:
    """A lane's state in a few words, lower case."""
    return tr(_ATTEMPTS[state])


def state_text(state: MessageState) -> str:
    """A message's state in a few words, lower case."""
    return tr(_STATES[state])


def outcome_text(outcome: CascadeOutcome) -> str:
    """An outcome in a few words, lower case."""
    return tr(_OUTCOMES[outcome])


def verification_text(verification: Verification) -> str:
    """How far an origin is proven, in a few words, lower case."""
    return tr(_PROOFS[verification])


def summary_text(timeline: Timeline) -> str:
    """Where a message stands, in a few words: its outcome once Telesign has it, else its state."""
    if timeline.state is not MessageState.ACCEPTED and not timeline.made_by:
        return state_text(timeline.state)
    if timeline.made_by and timeline.outcome is CascadeOutcome.DELIVERED:
        channels = " + ".join(channel_name(channel) for channel in timeline.made_by)
        return tr("delivered by {channels}", channels=channels)
    return outcome_text(timeline.outcome)


def duration_text(span: timedelta) -> str:
    """A length of time as people say it: ``45 s``, ``1 min 30 s``, ``10 min``, ``2 h 5 min``, ``3 d 4 h``.

    Rounded to whole seconds; a negative one counts as none.
    """
    seconds = max(round(span.total_seconds()), 0)
    minutes, s = divmod(seconds, 60)
    hours, m = divmod(minutes, 60)
    days, h = divmod(hours, 24)
    if days:
        return tr("{d} d {h} h", d=days, h=h) if h else tr("{d} d", d=days)
    if hours:
        return tr("{h} h {m} min", h=h, m=m) if m else tr("{h} h", h=h)
    if minutes:
        return tr("{m} min {s} s", m=m, s=s) if s else tr("{m} min", m=m)
    return tr("{s} s", s=s)


def clock_text(moment: datetime, now: datetime, *, seconds: bool = False) -> str:
    """A time of day in the timezone of ``now``, with the date where it is not today's."""
    try:
        local = moment.astimezone(now.tzinfo)
    except (OverflowError, ValueError):  # the first or last day there is, in another timezone
        local = moment
    time = time_text(local, seconds=seconds)
    return time if local.date() == now.date() else f"{day_figures(local)} {time}"


def event_line(event: Event, tz: tzinfo | None) -> str:
    """One event as one line: ``14:37:02 Viber did not deliver within 5 min. SMS is tried next. (3056, …)``.

    ``tz`` is the timezone of the clock time; ``None`` keeps the event's own (UTC).
    """
    moment = event.at
    if tz is not None:
        try:
            moment = event.at.astimezone(tz)
        except (OverflowError, ValueError):
            moment = event.at
    said = [_sentence(event.title)]
    if event.detail:
        said.append(_sentence(event.detail))
    notes: list[str] = []
    if event.code is not None:
        notes.append(str(event.code))
    if event.took is not None:
        notes.append(tr("after {duration}", duration=duration_text(event.took)))
    if event.late:
        notes.append(tr("came late"))
    if event.at_is_receipt:
        notes.append(tr("time of receipt"))
    if event.verification is not None:
        notes.append(verification_text(event.verification))
    if notes:
        said.append("(" + ", ".join(notes) + ")")
    return f"{time_text(moment, seconds=True)} " + " ".join(said)


def attempt_line(attempt: Attempt, tz: tzinfo | None) -> str:
    """One lane as one line: ``Viber: not delivered in time, 14:32:00 to 14:37:02 (3056)``."""

    def clock(moment: datetime) -> str:
        try:
            return time_text(moment if tz is None else moment.astimezone(tz), seconds=True)
        except (OverflowError, ValueError):
            return time_text(moment, seconds=True)

    line = f"{channel_name(attempt.channel)}: {attempt_text(attempt.state)}"
    if attempt.started_at is not None and attempt.updated_at is not None:
        line += ", " + tr("{start} to {end}", start=clock(attempt.started_at), end=clock(attempt.updated_at))
    elif attempt.started_at is not None:
        line += ", " + tr("since {start}", start=clock(attempt.started_at))
    return line if attempt.code is None else f"{line} ({attempt.code})"


def _sentence(text: str) -> str:
    shown = plain(text).strip()
    return shown if shown.endswith((".", "!", "?", "…", "”", ":")) else shown + "."

"""The rules of the timeline pane as plain functions: no widget is needed to know them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from console.cascade.facts import MessageType, Source, Verification
from console.cascade.outcome import (
    CascadeOutcome,
    Event,
    EventKind,
    MessageState,
    Outlook,
    Timeline,
    Tone,
)
from console.cascade.speech import channel_name, clock_text, duration_text, event_line, plain
from console.cascade.status import lookup
from console.cascade.words import mark, tr
from console.ui.lanes_rules import ICONS as ATTEMPT_ICONS
from console.ui.lanes_rules import is_live
from console.ui.timeline_text import isolated, moment_text, shortened

NONE: Final = "—"
"""Stands where a value does not apply."""

# --- one event --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Badge:
    """Where a line came from, in two or three words and a sentence."""

    text: str
    detail: str
    icon: str
    tone: Tone


_NO_BADGE: Final = Badge("", "", "", Tone.NEUTRAL)


def badge(event: Event) -> Badge:
    """The provenance of an event; without text where this desk recorded it itself."""
    match event.verification:
        case Verification.DESK:
            return Badge(
                tr("verified here"),
                tr("This desk checked Telesign's signature over the exact bytes."),
                "shield",
                Tone.GOOD,
            )
        case Verification.RELAY:
            return Badge(
                tr("verified by the relay"),
                tr("The relay checked the signature. This desk holds no key that could confirm it."),
                "relay",
                Tone.NEUTRAL,
            )
        case Verification.FAILED:
            return Badge(
                tr("signature wrong"),
                tr("The signature does not match the account's key. Shown here, never believed."),
                "shield-off",
                Tone.BAD,
            )
        case Verification.DIRECT:
            return Badge(
                tr("asked Telesign"),
                tr("This desk read it from Telesign itself over an encrypted connection."),
                "link",
                Tone.NEUTRAL,
            )
        case None if event.source is Source.CALLBACK:
            return Badge(
                tr("not verifiable"),
                tr("Nobody could check the signature of this callback."),
                "question",
                Tone.WARNING,
            )
        case _:
            return _NO_BADGE


_EVENT_ICONS: Final = {
    EventKind.QUEUED: "pencil",
    EventKind.SENDING: "send",
    EventKind.ACCEPTED: "check",
    EventKind.REFUSED: "error",
    EventKind.RETRY_PLANNED: "retry",
    EventKind.NOT_SENT: "minus-circle",
    EventKind.UNCONFIRMED: "question",
    EventKind.STATUS: "info",
    EventKind.REPLY: "reply",
    EventKind.STATUS_UNAVAILABLE: "info",
    EventKind.DECIDED: "user",
    EventKind.REJECTED: "shield-off",
}


def event_icon(event: Event) -> str:
    """The icon that says the event's kind without colour."""
    if event.kind in (EventKind.CHANNEL, EventKind.STATUS) and event.code is not None:
        state = lookup(event.code, where="channel").attempt_state
        if state is not None:
            return ATTEMPT_ICONS[state]
    return _EVENT_ICONS.get(event.kind, "info")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the event list, ready to be painted and read aloud."""

    key: str
    text: str
    """The whole line as text, for tests and screen readers."""
    time: str
    date: str
    """Empty on the day of ``now``."""
    title: str
    detail: str
    notes: str
    """Code, Telesign's words, time taken."""
    badge: Badge
    icon: str
    tone: Tone
    faint: bool
    """It changes nothing: late or not believed."""
    event: Event


_UNBROKEN: Final = "\N{NO-BREAK SPACE}"


def row_of(event: Event, now: datetime) -> Row:
    """An event as it is shown at ``now``, in the timezone of ``now``."""
    whole, event = event, _shortened(event)
    date, _, time = moment_text(event.at, now, seconds=True).rpartition(" ")
    notes = []
    if event.code is not None:
        notes.append(str(event.code))
    if event.description and plain(event.description) != event.detail:
        notes.append(f"“{isolated(event.description)}”")
    if event.took is not None and event.kind not in (EventKind.QUEUED, EventKind.SENDING):
        notes.append(
            tr("after {duration}", duration=duration_text(event.took)).replace(" ", _UNBROKEN)
            if event.took >= timedelta(seconds=1)
            else tr("at once")
        )
    if event.late:
        notes.append(tr("came late"))
    if event.at_is_receipt and event.source is not None:
        notes.append(tr("time of receipt"))
    return Row(
        key=f"{event.fact_id}\n{event.kind}\n{event.channel or ''}\n{event.code}",
        text=event_line(event, now.tzinfo),
        time=time,
        date=date,
        title=isolated(event.title),
        detail=isolated(event.detail),
        notes=" · ".join(notes),
        badge=badge(event),
        icon=event_icon(event),
        tone=event.tone,
        faint=event.late or event.verification is Verification.FAILED,
        event=whole,
    )


def _shortened(event: Event) -> Event:
    """Cut first, cleaned afterwards: a reply can be as long as its sender likes."""
    return replace(
        event,
        title=shortened(event.title, 200),
        detail=shortened(event.detail),
        description=shortened(event.description, 160),
    )


def age_text(span: timedelta) -> str:
    """How long ago: ``just now``, ``3 min ago``, ``2 h ago``, ``5 d ago``."""
    seconds = span.total_seconds()
    if seconds < 5:
        return tr("just now")
    if seconds < 60:
        return tr("{n} s ago", n=int(seconds))
    if seconds < 3600:
        return tr("{n} min ago", n=int(seconds // 60))
    if seconds < 86400:
        return tr("{n} h ago", n=int(seconds // 3600))
    return tr("{n} d ago", n=int(seconds // 86400))


def event_tip(event: Event, now: datetime) -> str:
    """The exact time in UTC, the age, when it was heard, and where it came from."""
    lines = [
        tr(
            "{local} here · {utc} UTC · {age}",
            local=clock_text(event.at, now, seconds=True),
            utc=f"{event.at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"[:-3],
            age=age_text(now - event.at),
        )
    ]
    if event.at_is_receipt and event.source is not None:
        lines.append(tr("Telesign gave no usable time: this is when it was received."))
    elif event.source is not None and abs(event.heard_at - event.at) >= timedelta(seconds=1):
        delay = duration_text(abs(event.heard_at - event.at))
        lines.append(
            tr(
                "Heard at {time}, {delay} later.",
                time=clock_text(event.heard_at, now, seconds=True),
                delay=delay,
            )
        )
    if event.reference_id:
        lines.append(tr("Reference id {id}", id=shortened(isolated(event.reference_id), 80)))
    if shown := badge(event).detail:
        lines.append(shown)
    return "\n".join(lines)


# --- the countdown ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Countdown:
    """What the countdown shows; ``text`` is :data:`NONE` where none applies."""

    text: str = NONE
    fraction: float = 0.0
    """Part of the time that has passed, 0–1."""
    overdue: bool = False
    running: bool = False

    @property
    def shown(self) -> bool:
        return self.running or self.overdue


def countdown(timeline: Timeline, view: Outlook, now: datetime) -> Countdown:
    """“SMS takes over in 4:32”, or what should have happened by now."""
    place = _handing_over(timeline)
    if place is None:
        return Countdown()
    next_one = following(timeline)
    if view.countdown is not None and view.countdown > timedelta(0):
        text = tr("{channel} takes over in {time}", channel=next_one, time=clock_left(view.countdown))
        return Countdown(text, min(max(view.countdown_fraction or 0.0, 0.0), 1.0), running=True)
    moment = timeline.attempts[place].fallback_at
    if view.overdue and moment is not None:
        text = tr(
            "{channel} should have been tried at {time}; no confirmation yet",
            channel=next_one,
            time=clock_text(moment, now),
        )
        return Countdown(text, 1.0, overdue=True)
    return Countdown()


def following(timeline: Timeline) -> str:
    """The name of the channel that takes over at the fallback moment; empty where none does."""
    place = _handing_over(timeline)
    return "" if place is None else channel_name(timeline.attempts[place + 1].channel)


def _handing_over(timeline: Timeline) -> int | None:
    return next((n for n, lane in enumerate(timeline.attempts[:-1]) if lane.fallback_at is not None), None)


def clock_left(span: timedelta) -> str:
    """Time left as a clock counts down: ``0:09``, ``4:32``, ``1:00:00``; a started second counts."""
    seconds = max(-int(-span.total_seconds() // 1), 0)
    minutes, s = divmod(seconds, 60)
    hours, m = divmod(minutes, 60)
    return f"{hours}:{m:02}:{s:02}" if hours else f"{m}:{s:02}"


def next_tick(timeline: Timeline, view: Outlook, changes_at: datetime | None, now: datetime) -> float | None:
    """Seconds until the pane must look again by itself, at least 0.05; ``None``: never.

    ``changes_at`` is the next moment at which the outlook changes.
    """
    if view.countdown is not None:
        part = view.countdown.total_seconds() % 1.0
        return max(part, 0.05) if part else 1.0
    if timeline.retry_at is not None or timeline.state is MessageState.SENDING:
        return 1.0
    if is_live(timeline):
        # Nothing counts down any more: the lanes creep on, and after a while nobody sees a second.
        since = now - (timeline.last_heard_at or timeline.created_at or now)
        return 1.0 if since < timedelta(minutes=10) else 15.0
    if changes_at is not None:
        return max((changes_at - now).total_seconds(), 0.05)
    return None


# --- the header -------------------------------------------------------------------------


TONE_ICONS: Final = {
    Tone.NEUTRAL: "clock",
    Tone.ACTIVE: "send",
    Tone.GOOD: "check",
    Tone.WARNING: "warning",
    Tone.BAD: "error",
}


def headline_icon(timeline: Timeline, view: Outlook) -> str:
    """The icon beside the headline."""
    if timeline.outcome is CascadeOutcome.READ:
        return "check-double"
    if timeline.state is MessageState.UNCONFIRMED or timeline.outcome is CascadeOutcome.UNDECIDED:
        return "question"
    return TONE_ICONS[view.tone]


_KINDS: Final = {
    MessageType.ARN: mark("alert or reminder"),
    MessageType.MKT: mark("marketing"),
    MessageType.OTP: mark("one-time password"),
}


def birth_text(timeline: Timeline, now: datetime) -> str:
    """When it was written and what kind of message it is."""
    if timeline.created_at is None:
        return tr("Not sent by this desk; known from reports only")
    parts = [
        tr("Written {time}", time=moment_text(timeline.created_at, now)),
        tr(_KINDS[timeline.message_type]),
    ]
    if timeline.answers is not None:
        parts.append(tr("an answer to the customer"))
    if timeline.sms_text is None:
        parts.append(tr("Viber only"))
    elif timeline.fallback_time:
        parts.append(
            tr("SMS after {duration}", duration=duration_text(timedelta(seconds=timeline.fallback_time)))
        )
    return " · ".join(parts)


@dataclass(frozen=True, slots=True)
class Reference:
    """An id to copy."""

    name: str
    value: str
    detail: str


def references(timeline: Timeline) -> tuple[Reference, ...]:
    """Both reference ids of Telesign where known, and our own."""
    found: list[Reference] = []
    if timeline.reference_id:
        found.append(
            Reference(
                tr("Telesign"),
                timeline.reference_id,
                tr("Telesign's reference id of the whole message, for support cases."),
            )
        )
    for attempt in timeline.attempts:
        if attempt.reference_id and attempt.reference_id != timeline.reference_id:
            found.append(
                Reference(
                    channel_name(attempt.channel),
                    attempt.reference_id,
                    tr(
                        "Telesign's reference id of the {channel} attempt.",
                        channel=channel_name(attempt.channel),
                    ),
                )
            )
    if timeline.external_id:
        found.append(
            Reference(tr("Our id"), timeline.external_id, tr("The external id this desk gave the message."))
        )
    return tuple(found)

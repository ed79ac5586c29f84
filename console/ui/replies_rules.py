"""The rules of the conversation under a timeline, as plain functions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from console.cascade.events import says_stop
from console.cascade.facts import Verification
from console.cascade.outcome import Reply, Timeline
from console.cascade.speech import channel_name
from console.cascade.words import tr
from console.ui.timeline_text import block, isolated, moment_text, shortened

LINES: Final = 10
LETTERS: Final = 600
"""How much of a text a bubble shows; the whole stands in its evidence."""


@dataclass(frozen=True, slots=True)
class Bubble:
    """One side's words."""

    key: str
    ours: bool
    channel: str
    text: str
    caption: str
    """Channel and time, and what is special about it."""
    spoken: str
    """The whole bubble as one text, for tests and screen readers."""
    warning: bool = False
    """A wish to stop, or words nobody vouches for."""
    whole: str = ""
    """The text to copy, uncut."""


def bubbles(timeline: Timeline, now: datetime) -> tuple[Bubble, ...]:
    """What was sent and what came back, oldest first."""
    found = [_sent(timeline, now)] if timeline.viber_text else []
    found += [_replied(reply, now) for reply in sorted(timeline.replies, key=lambda reply: reply.at)]
    return tuple(found)


def _sent(timeline: Timeline, now: datetime) -> Bubble:
    viber, sms = timeline.viber_text, timeline.sms_text
    text = block(viber, lines=LINES, limit=LETTERS)
    whole = viber
    if sms is None:
        caption = tr("Viber only")
    elif sms == viber:
        caption = tr("Viber, SMS with the same text")
    else:
        caption = tr("Viber, SMS with a text of its own")
        whole = tr("Viber: {viber}\n\nSMS: {sms}", viber=viber, sms=sms)
        text = tr(
            "{viber}\n\nSMS: {sms}",
            viber=text,
            sms=block(sms, lines=LINES, limit=LETTERS),
        )
    if timeline.created_at is not None:
        caption += " · " + moment_text(timeline.created_at, now)
    spoken = tr("You wrote: {text}", text=shortened(isolated(text), LETTERS))
    return Bubble("sent", True, "viber", text, caption, spoken, whole=whole)


def _replied(reply: Reply, now: datetime) -> Bubble:
    if reply.text:
        text = block(reply.text, lines=LINES, limit=LETTERS)
    elif reply.file_name:
        text = tr("A file: {name}", name=shortened(isolated(reply.file_name), 120))
    elif reply.media:
        text = tr("A picture or a file")
    else:
        text = tr("A message without text")
    name = channel_name(reply.channel)
    caption = f"{name} · {moment_text(reply.at, now)}"
    stop = says_stop(reply.text, reply.action)
    unproven = reply.verification is Verification.FAILED
    if stop:
        caption += " · " + tr("asked to stop")
    if unproven:
        caption += " · " + tr("signature wrong")
    spoken = tr(
        "The customer replied by {channel}: {text}",
        channel=name,
        text=shortened(isolated(text), LETTERS),
    )
    if stop:
        spoken += " " + tr("The customer asks not to be written to.")
    return Bubble(
        reply.fact_id,
        False,
        reply.channel,
        text,
        caption,
        spoken,
        warning=stop or unproven,
        whole=reply.text or reply.media or "",
    )


def no_reply_reason(timeline: Timeline | None) -> str:
    """Why the customer cannot be answered here; empty if they can."""
    if timeline is None or timeline.message_id is None:
        return tr("Choose a message first.")
    if not any(reply.verification is not Verification.FAILED for reply in timeline.replies):
        return tr("You can answer here once the customer has replied.")
    return ""


def reply_caution(timeline: Timeline) -> str:
    """What to know before answering; empty where there is nothing."""
    if any(says_stop(reply.text, reply.action) for reply in timeline.replies):
        return tr("The customer asked not to be written to. An answer is sent only if you insist.")
    return ""

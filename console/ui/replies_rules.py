"""The rules of the conversation under a timeline, as plain functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from console.cascade.conversation import MediaLink, Said, media_kept_until, media_link
from console.cascade.events import says_stop
from console.cascade.facts import Verification
from console.cascade.optout import Wish
from console.cascade.outcome import MessageState, Timeline
from console.cascade.speech import channel_name
from console.cascade.words import tr
from console.ui.timeline_text import block, day_text, isolated, moment_text, shortened

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
    is_file: bool = False
    link: MediaLink | None = None
    """Where the file lies; ``None`` where there is none that a browser may be given."""


def bubbles(said: Sequence[Said], now: datetime, *, cut: bool = False) -> tuple[Bubble, ...]:
    """The conversation, oldest first; a file stands in a bubble of its own under its words."""
    found: list[Bubble] = []
    for each in said:
        found += [_sent(each, now)] if each.ours else _replied(each, now)
    if cut and found:
        first = found[0]
        earlier = tr("Earlier messages are left out")
        found[0] = replace(first, caption=f"{first.caption} · {earlier}", spoken=f"{earlier}. {first.spoken}")
    return tuple(found)


def _sent(said: Said, now: datetime) -> Bubble:
    viber, sms = said.text, said.sms_text
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
    caption += " · " + moment_text(said.at, now)
    unsent = said.state in (MessageState.REFUSED, MessageState.NOT_SENT)
    if unsent:
        caption += " · " + tr("not sent")
    elif said.state is MessageState.UNCONFIRMED:
        caption += " · " + tr("perhaps not sent")
    spoken = tr("You wrote: {text}", text=shortened(isolated(text), LETTERS))
    if unsent:
        spoken += " " + tr("It was not sent.")
    return Bubble(said.fact_id, True, "viber", text, caption, spoken, whole=whole)


def _replied(said: Said, now: datetime) -> list[Bubble]:
    name = channel_name(said.channel)
    caption = f"{name} · {moment_text(said.at, now)}"
    stop = said.wish is Wish.STOP
    if stop:
        caption += " · " + tr("asked to stop")
    elif said.wish is Wish.START:
        caption += " · " + tr("may be written to again")
    if said.unproven:
        caption += " · " + tr("signature wrong")
    file = _file(said, name, caption, now) if said.media or said.file_name else None
    if file is not None and not said.text:
        return [file]
    text = block(said.text, lines=LINES, limit=LETTERS) if said.text else tr("A message without text")
    spoken = tr(
        "The customer replied by {channel}: {text}",
        channel=name,
        text=shortened(isolated(text), LETTERS),
    )
    if stop:
        spoken += " " + tr("The customer asks not to be written to.")
    words = Bubble(
        said.fact_id,
        False,
        said.channel,
        text,
        caption,
        spoken,
        warning=stop or said.unproven,
        whole=said.text,
    )
    return [words] if file is None else [words, file]


def _file(said: Said, channel: str, caption: str, now: datetime) -> Bubble:
    told = shortened(isolated(said.file_name or ""), 120)
    text = tr("A file: {name}", name=told) if told else tr("A picture or a file")
    # A link that nobody vouches for is not offered.
    link = None if said.unproven else media_link(said.media)
    until = media_kept_until(said.at)
    if link is None:
        caption += " · " + tr("no usable link")
    elif until <= now:
        caption += " · " + tr("kept for 7 days, probably gone")
    else:
        caption += " · " + tr("kept until {day}", day=day_text(until, now))
    spoken = tr("The customer replied by {channel}: {text}", channel=channel, text=text)
    if link is not None:
        spoken += " " + tr("A link to {host}. Enter asks before it is opened.", host=link.host)
    return Bubble(
        said.fact_id + ":file",
        False,
        said.channel,
        text,
        caption,
        spoken,
        warning=said.unproven,
        whole=said.media or said.file_name or "",
        is_file=True,
        link=link,
    )


def no_reply_reason(timeline: Timeline | None) -> str:
    """Why the customer cannot be answered here; empty if they can."""
    if timeline is None or timeline.message_id is None:
        return tr("Choose a message first.")
    if not any(reply.verification is not Verification.FAILED for reply in timeline.replies):
        return tr("You can answer here once the customer has replied.")
    if not timeline.reply_id:
        return tr("Sent one-way: answer with a new message.")
    return ""


def reply_caution(timeline: Timeline) -> str:
    """What to know before answering; empty where there is nothing."""
    if any(says_stop(reply.text, reply.action) for reply in timeline.replies):
        return tr("The customer asked not to be written to. An answer is sent only if you insist.")
    return ""

"""What a screen reader is told by itself while the agent works elsewhere: what changed, and no more.

Sighted agents see the headline turn and the ring empty. Who listens hears each new headline
once, the countdown at a few moments that leave time to act, and that the customer answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from console.cascade.outcome import Outlook, Reply, Timeline, Tone
from console.cascade.speech import channel_name, duration_text, plain
from console.cascade.words import tr

_MOMENTS: Final = (600, 300, 60, 30, 10)
"""Seconds before fallback at which the time left is said."""
_LONGEST: Final = 200
"""Characters of a reply that are read out at once; the rest stands in the conversation."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What has been said of the message on screen."""

    message_id: str | None = None
    headline: str = ""
    moment: int | None = None
    """The last of the moments that has been said, or that had passed when the message was chosen."""
    replies: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Announcement:
    """One thing to say."""

    text: str
    urgent: bool = False
    """Whether it may interrupt: what went wrong may, what goes well waits for its turn."""


def announce(
    heard: Heard, timeline: Timeline, view: Outlook, following: str
) -> tuple[Heard, tuple[Announcement, ...]]:
    """What to say now that the message looks like this, and what has been said then.

    A message that was only just chosen says nothing by itself: it is read by who goes there.

    Args:
        following: the name of the channel that takes over.
    """
    moment = _moment(view.countdown)
    now = Heard(
        timeline.message_id, view.headline, moment, frozenset(reply.fact_id for reply in timeline.replies)
    )
    if heard.message_id != timeline.message_id:
        return now, ()
    said = []
    if view.headline != heard.headline:
        said.append(Announcement(_sentences(view), urgent=view.tone in (Tone.BAD, Tone.WARNING)))
    elif moment is not None and (heard.moment is None or moment < heard.moment):
        left = duration_text(timedelta(seconds=moment))
        said.append(Announcement(tr("{channel} takes over in {time}", channel=following, time=left)))
    said += [_answer(reply) for reply in timeline.replies if reply.fact_id not in heard.replies]
    return now, tuple(said)


def _answer(reply: Reply) -> Announcement:
    content = reply.text or reply.file_name
    text = plain(content)[:_LONGEST] if content else tr("a file")
    return Announcement(
        tr("The customer answered by {channel}: {text}", channel=channel_name(reply.channel), text=text)
    )


def _moment(left: timedelta | None) -> int | None:
    if left is None:
        return None
    seconds = left.total_seconds()
    return min((moment for moment in _MOMENTS if seconds <= moment), default=None)


def _sentences(view: Outlook) -> str:
    return ". ".join(part.rstrip(".") for part in (view.headline, view.meaning, view.next_step) if part)

"""Events of what Telesign reported, in words: of a channel, or of the whole transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from console.cascade.lanes import MADE_IT
from console.cascade.outcome import TONES, AttemptState, Event, EventKind, Tone
from console.cascade.reports import NO_CHANNEL_ENABLED, Line
from console.cascade.scene import Scene, join
from console.cascade.speech import channel_name, duration_text
from console.cascade.status import lookup
from console.cascade.words import tr


def channel_event(scene: Scene, line: Line, channel: str) -> Event:
    """What was reported of one channel."""
    lane = scene.lane(channel)
    started = lane.started_at if lane else None
    title, detail = _channel_words(scene, line, channel)
    if line.late:
        detail = tr("This came late and changes nothing.")
    tone = _tone(line)
    if tone is Tone.BAD and scene.next_after(channel) is not None:
        tone = Tone.WARNING  # not the end: the next channel has its chance
    took = max(line.at - started, timedelta(0)) if started else None
    return _told(line, EventKind.CHANNEL, title, detail, tone, channel=channel, took=took)


def _told(
    line: Line,
    kind: EventKind,
    title: str,
    detail: str,
    tone: Tone,
    *,
    channel: str | None = None,
    took: timedelta | None = None,
) -> Event:
    return Event(
        fact_id=line.fact_id,
        kind=kind,
        at=line.at,
        heard_at=line.heard_at,
        at_is_receipt=line.at_is_receipt,
        title=title,
        detail=detail,
        tone=tone,
        channel=channel,
        code=line.code,
        description=line.description,
        reference_id=line.reference_id,
        source=line.source,
        verification=line.verification,
        late=line.late,
        took=took,
    )


def _tone(line: Line) -> Tone:
    return Tone.NEUTRAL if line.state is None else TONES[line.state]


def _channel_words(scene: Scene, line: Line, channel: str) -> tuple[str, str]:
    name = channel_name(channel)
    if line.code is None:
        return tr("{channel} reported without a status code", channel=name), line.description
    status = lookup(line.code, where="channel")
    match line.state:
        case AttemptState.READ:
            return _read_title(channel, name), ""
        case AttemptState.DELIVERED:
            return tr("Delivered by {channel}", channel=name), _both(scene, channel)
        case AttemptState.UNCONFIRMED:
            return tr("{channel} was sent; arrival is not confirmed", channel=name), status.meaning
        case AttemptState.TIMED_OUT:
            return _timed_out(scene, channel, name)
        case AttemptState.FAILED:
            title = tr("{channel} could not deliver", channel=name)
            return title, join(status.meaning, _takes_over(scene, channel))
        case AttemptState.AT_GATEWAY:
            title = tr("{channel}: handed to the network", channel=name)
            return title, tr("It is on its way, but not on the customer's phone yet.")
        case AttemptState.TRYING:
            return tr("{channel} is being tried", channel=name), _while_trying(scene, channel)
        case _:
            title = tr("{channel} reported status {code}", channel=name, code=line.code)
            return title, status.meaning


def _read_title(channel: str, name: str) -> str:
    if channel in ("sms", "mms", "email"):
        return tr("The customer read the {channel}", channel=name)
    return tr("The customer read it in {channel}", channel=name)


def _both(scene: Scene, channel: str) -> str:
    others = [lane for lane in scene.lanes if lane.channel != channel]
    for lane in others:
        if lane.state in MADE_IT:
            return tr("{other} delivered too: the customer got both.", other=channel_name(lane.channel))
    for lane in others:
        under_way = lane.state in (AttemptState.TRYING, AttemptState.AT_GATEWAY, AttemptState.UNCONFIRMED)
        if under_way and lane.channel in scene.plan.channels:
            return tr(
                "{other} was already being tried: the customer may get both.",
                other=channel_name(lane.channel),
            )
    return ""


def _timed_out(scene: Scene, channel: str, name: str) -> tuple[str, str]:
    if scene.queued is None:
        title = tr("{channel} did not deliver in time", channel=name)
    else:
        title = tr(
            "{channel} did not deliver within {duration}",
            channel=name,
            duration=duration_text(timedelta(seconds=scene.queued.fallback_time)),
        )
    return title, join(_takes_over(scene, channel), tr("{channel} may still arrive.", channel=name))


def _takes_over(scene: Scene, channel: str) -> str:
    following = scene.next_after(channel)
    if following is None:
        return ""
    name = channel_name(following.channel)
    if following.state is AttemptState.SKIPPED:
        return tr("{channel} was not tried.", channel=name)
    return tr("{channel} is tried next.", channel=name)


def _while_trying(scene: Scene, channel: str) -> str:
    following = scene.next_after(channel)
    if following is None or scene.queued is None:
        return ""
    return tr(
        "If it has not delivered within {duration}, {next} is sent.",
        duration=duration_text(timedelta(seconds=scene.queued.fallback_time)),
        next=channel_name(following.channel),
    )


def transaction_event(line: Line) -> Event:
    """What was reported of the whole transaction, where it speaks of no channel."""
    status = None if line.code is None else lookup(line.code, where="transaction")
    titles: Mapping[AttemptState | None, str] = {
        AttemptState.READ: tr("The customer read it"),
        AttemptState.DELIVERED: tr("Delivered; Telesign does not say by which channel"),
        AttemptState.UNCONFIRMED: tr("Sent; arrival is not confirmed"),
        AttemptState.TIMED_OUT: tr("Not delivered in time"),
        AttemptState.FAILED: tr("Telesign could not deliver it"),
        AttemptState.AT_GATEWAY: tr("Handed to the network"),
        AttemptState.TRYING: tr("Telesign is working on it"),
    }
    if line.code == NO_CHANNEL_ENABLED:
        title = tr("No channel is enabled for this account")
    elif line.code is None:
        title = tr("Telesign reported without a status code")
    else:
        title = titles.get(line.state) or tr("Telesign reported status {code}", code=line.code)
    meaning = status.meaning if status and line.state not in MADE_IT else ""
    return _told(line, EventKind.STATUS, title, meaning, _tone(line))

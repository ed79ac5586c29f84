"""The lines of a timeline in words: what each fact means, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from console.cascade.facts import (
    Answered,
    Decided,
    Decision,
    Fact,
    Queued,
    Replied,
    Reported,
    SendBegan,
    SendFailed,
    SendFailure,
    StatusUnavailable,
    Verification,
)
from console.cascade.lanes import MADE_IT, Plan
from console.cascade.optout import Wish, wish
from console.cascade.outcome import Attempt, AttemptState, Event, EventKind, Tone
from console.cascade.reports import NO_CHANNEL_ENABLED, Line, usable_time
from console.cascade.sending import REPEATABLE, TAKEN, Posting
from console.cascade.speech import channel_name, duration_text
from console.cascade.status import lookup
from console.cascade.words import mark, tr

EXPIRED: Final = -10004
"""Documented: a reference can be asked for during twelve hours only."""
NOT_ENABLED: Final = 3206

_UNCONFIRMED_WHY: Final = {
    SendFailure.NO_ANSWER: mark("Telesign was reached but did not answer in time."),
    SendFailure.CUT: mark("The connection broke before Telesign's answer was complete."),
    SendFailure.UNREADABLE: mark("An answer came, but it does not say what became of the message."),
    SendFailure.INTERRUPTED: mark("This program ended while it was sending."),
}

_TONES: Final = {
    AttemptState.TRYING: Tone.ACTIVE,
    AttemptState.AT_GATEWAY: Tone.ACTIVE,
    AttemptState.TIMED_OUT: Tone.WARNING,
    AttemptState.FAILED: Tone.BAD,
    AttemptState.UNCONFIRMED: Tone.WARNING,
    AttemptState.DELIVERED: Tone.GOOD,
    AttemptState.READ: Tone.GOOD,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What the words of an event depend on besides its own fact."""

    plan: Plan
    queued: Queued | None
    post: Posting
    lanes: Sequence[Attempt]
    floor: datetime | None

    def lane(self, channel: str) -> Attempt | None:
        """That channel's lane."""
        return next((lane for lane in self.lanes if lane.channel == channel), None)

    def next_after(self, channel: str) -> Attempt | None:
        """The lane that takes over from a channel; ``None`` for the last one and for unplanned ones."""
        planned = self.plan.channels
        if channel in planned[:-1]:
            return self.lane(planned[planned.index(channel) + 1])
        return None

    def since_start(self, moment: datetime) -> timedelta | None:
        """Time since the agent pressed Send."""
        return max(moment - self.queued.at, timedelta(0)) if self.queued else None


def event_lines(scene: Scene, facts: Sequence[Fact], lines: Sequence[Line]) -> tuple[Event, ...]:
    """Every event of a message, in the order things happened."""
    events: dict[tuple[object, ...], Event] = {}
    for fact in facts:
        told = _of_fact(scene, fact, facts)
        if told is not None:
            key, event = told
            events.setdefault(key, event)
    found = list(events.values())
    if proof := _proof(scene, facts, lines):
        found.append(proof)
    found += [
        _transaction_event(line) if line.channel is None else _channel_event(scene, line, line.channel)
        for line in lines
        if not line.accounted
    ]
    return tuple(sorted(found, key=lambda event: _order(event, scene)))


_KINDS: Final = {kind: place for place, kind in enumerate(EventKind)}


def _order(event: Event, scene: Scene) -> tuple[object, ...]:
    """By time told, kept within what can be true: no report before our request or after its hearing.

    Reports tell time in seconds. Where a channel is said to have begun less than one before the
    channel it replaces was given up, it began after that.
    """
    moment = event.at
    if event.source is not None:
        moment = min(moment, event.heard_at)
        if scene.floor is not None:
            moment = max(moment, scene.floor)
    lane = next((n for n, lane in enumerate(scene.lanes) if lane.channel == event.channel), -1)
    if lane > 0:
        given_up = _given_up_at(scene.lanes[lane - 1])
        if given_up is not None and timedelta(0) < given_up - moment < timedelta(seconds=1):
            moment = given_up
    return (
        moment,
        _KINDS[event.kind],
        lane,
        event.at,
        event.heard_at,
        event.code or 0,
        event.fact_id,
        event.title,
    )


def _given_up_at(lane: Attempt) -> datetime | None:
    ended = lane.state in (AttemptState.TIMED_OUT, AttemptState.FAILED)
    return lane.updated_at if ended else None


Told = tuple[tuple[object, ...], Event]


def _of_fact(scene: Scene, fact: Fact, facts: Sequence[Fact]) -> Told | None:
    match fact:
        case Queued():
            return ("queued",), _queued(fact)
        case SendBegan():
            return ("sending", fact.attempt), _sending(fact)
        case Answered():
            return ("answered", fact.attempt, fact.code, fact.http_status), _answered(scene, fact)
        case SendFailed():
            return ("failed", fact.attempt, fact.failure), _send_failed(scene, fact)
        case Replied():
            return reply_key(fact), _reply(scene, fact)
        case StatusUnavailable():
            return ("no status", fact.http_status, fact.code, fact.final), _status_unavailable(fact)
        case Decided():
            return ("decided", fact.fact_id, fact.decision), _decided(fact)
        case Reported():
            return _rejected_report(fact, facts)


# --- what this desk did -----------------------------------------------------------------


def _own(
    fact: Fact,
    kind: EventKind,
    title: str,
    detail: str = "",
    tone: Tone = Tone.NEUTRAL,
    *,
    code: int | None = None,
    description: str = "",
    reference_id: str | None = None,
    took: timedelta | None = None,
) -> Event:
    return Event(
        fact_id=fact.fact_id,
        kind=kind,
        at=fact.at,
        heard_at=fact.at,
        at_is_receipt=False,
        title=title,
        detail=detail,
        tone=tone,
        code=code,
        description=description,
        reference_id=reference_id,
        took=took,
    )


def _queued(fact: Queued) -> Event:
    if fact.sms_text is None:
        detail = tr("By Viber only; no SMS follows.")
    else:
        detail = tr(
            "Viber first; SMS if Viber has not delivered within {duration}.",
            duration=duration_text(_seconds(fact.fallback_time)),
        )
    return _own(fact, EventKind.QUEUED, tr("Ready to send"), detail)


def _sending(fact: SendBegan) -> Event:
    if fact.attempt > 1:
        title = tr("Sending to Telesign again (try {n})", n=fact.attempt)
    else:
        title = tr("Sending to Telesign")
    return _own(fact, EventKind.SENDING, title, tone=Tone.ACTIVE)


def _answered(scene: Scene, fact: Answered) -> Event:
    took = scene.since_start(fact.at)
    if fact.code == TAKEN:
        return _own(
            fact,
            EventKind.ACCEPTED,
            tr("Accepted by Telesign"),
            tr("That is not delivery yet: the channels report for themselves."),
            Tone.ACTIVE,
            code=fact.code,
            description=fact.description,
            reference_id=fact.reference_id,
            took=took,
        )
    status = lookup(fact.code, where="request")
    if fact.retry_at is not None and fact.code in REPEATABLE:
        wait = duration_text(fact.retry_at - fact.at)
        title = (
            tr("Telesign asked to slow down; sending again in {duration}", duration=wait)
            if fact.http_status == 429
            else tr("Telesign is out of service; sending again in {duration}", duration=wait)
        )
        detail = tr("It was not taken, so sending again cannot double it.")
        kind, tone = EventKind.RETRY_PLANNED, Tone.WARNING
    else:
        title = tr("Telesign refused the message")
        detail = _join(status.meaning, status.next_step)
        kind, tone = EventKind.REFUSED, Tone.BAD
    return _own(
        fact, kind, title, detail, tone,
        code=fact.code, description=fact.description, reference_id=fact.reference_id, took=took,
    )  # fmt: skip


def _send_failed(scene: Scene, fact: SendFailed) -> Event:
    took = scene.since_start(fact.at)
    if fact.failure is SendFailure.WITHDRAWN:
        return _own(
            fact, EventKind.NOT_SENT, tr("Taken back before it was sent"),
            tr("Nothing left this computer."), took=took,
        )  # fmt: skip
    if fact.certain:
        detail = _join(tr("Nothing left this computer."), fact.detail)
        if fact.retry_at is not None:
            title = tr(
                "No connection to Telesign; trying again in {duration}",
                duration=duration_text(fact.retry_at - fact.at),
            )
            return _own(fact, EventKind.RETRY_PLANNED, title, detail, Tone.WARNING, took=took)
        title = tr("Not sent: no connection to Telesign")
        return _own(fact, EventKind.NOT_SENT, title, detail, Tone.BAD, took=took)
    detail = _join(tr(_UNCONFIRMED_WHY[fact.failure]), fact.detail)
    return _own(fact, EventKind.UNCONFIRMED, tr("It may have been sent"), detail, Tone.WARNING, took=took)


def _decided(fact: Decided) -> Event:
    if fact.decision is Decision.TREAT_AS_SENT:
        title, detail = tr("You treat it as sent"), tr("A report from Telesign would outweigh this.")
    else:
        title = tr("You treat it as not sent")
        detail = tr("If it was sent after all, a report from Telesign will say so here.")
    return _own(fact, EventKind.DECIDED, title, detail)


def _proof(scene: Scene, facts: Sequence[Fact], lines: Sequence[Line]) -> Event | None:
    """The moment a report proved what our request left open."""
    doubted = any(isinstance(fact, SendFailed) for fact in facts)
    if not (scene.post.proven_by_report and doubted and lines):
        return None
    first = lines[0]
    return Event(
        fact_id=first.fact_id,
        kind=EventKind.ACCEPTED,
        at=first.heard_at,
        heard_at=first.heard_at,
        at_is_receipt=True,
        title=tr("A report proves that Telesign has it"),
        detail=tr("The message was sent after all. Do not send it again."),
        tone=Tone.ACTIVE,
        source=first.source,
        verification=first.verification,
        took=scene.since_start(first.heard_at),
    )


# --- what Telesign reported -------------------------------------------------------------


def _channel_event(scene: Scene, line: Line, channel: str) -> Event:
    lane = scene.lane(channel)
    started = lane.started_at if lane else None
    title, detail = _channel_words(scene, line, channel)
    if line.late:
        detail = tr("This came late and changes nothing.")
    return Event(
        fact_id=line.fact_id,
        kind=EventKind.CHANNEL,
        at=line.at,
        heard_at=line.heard_at,
        at_is_receipt=line.at_is_receipt,
        title=title,
        detail=detail,
        tone=_tone(scene, line, channel),
        channel=channel,
        code=line.code,
        description=line.description,
        reference_id=line.reference_id,
        source=line.source,
        verification=line.verification,
        late=line.late,
        took=max(line.at - started, timedelta(0)) if started else None,
    )


def _tone(scene: Scene, line: Line, channel: str) -> Tone:
    tone = Tone.NEUTRAL if line.state is None else _TONES.get(line.state, Tone.NEUTRAL)
    if tone is Tone.BAD and scene.next_after(channel) is not None:
        return Tone.WARNING  # not the end: the next channel has its chance
    return tone


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
            return title, _join(status.meaning, _takes_over(scene, channel))
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
            duration=duration_text(_seconds(scene.queued.fallback_time)),
        )
    return title, _join(_takes_over(scene, channel), tr("{channel} may still arrive.", channel=name))


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
        duration=duration_text(_seconds(scene.queued.fallback_time)),
        next=channel_name(following.channel),
    )


def _transaction_event(line: Line) -> Event:
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
    return Event(
        fact_id=line.fact_id,
        kind=EventKind.STATUS,
        at=line.at,
        heard_at=line.heard_at,
        at_is_receipt=line.at_is_receipt,
        title=title,
        detail=meaning,
        tone=Tone.NEUTRAL if line.state is None else _TONES.get(line.state, Tone.NEUTRAL),
        code=line.code,
        description=line.description,
        reference_id=line.reference_id,
        source=line.source,
        verification=line.verification,
        late=line.late,
    )


def _status_unavailable(fact: StatusUnavailable) -> Event:
    if fact.code == EXPIRED:
        title = tr("Telesign no longer knows the status")
        detail = tr("It keeps one for twelve hours. A late callback could still tell.")
    elif fact.code == NOT_ENABLED:
        title = tr("This account may not ask for the status")
        detail = tr("Only callbacks can tell. Ask Telesign to enable Get Status for the account.")
    elif fact.code is not None:
        status = lookup(fact.code, where="query")
        title = tr("Telesign did not tell the status")
        detail = _join(status.meaning, status.next_step)
    else:
        title = tr("Telesign could not be asked for the status")
        detail = fact.description
    return _own(
        fact, EventKind.STATUS_UNAVAILABLE, title, detail, code=fact.code, description=fact.description
    )


# --- what the customer answered ---------------------------------------------------------


def reply_key(fact: Replied) -> tuple[object, ...]:
    """What makes two reports of a reply the same reply.

    Without a provider's time only equal bytes are: a customer may well answer “OK” twice.
    """
    believed = fact.verification is not Verification.FAILED
    if fact.updated_on is None and fact.updated_raw is None:
        return ("reply", believed, fact.fact_id)
    moment = fact.updated_on or fact.updated_raw
    return ("reply", believed, fact.channel, fact.text, fact.media, fact.original_reference_id, moment)


def says_stop(text: str, action: str | None) -> bool:
    """Whether a customer asks not to be written to. Viber names no keyword actions, so the text counts."""
    return wish(text, action) is Wish.STOP


def _reply(scene: Scene, fact: Replied) -> Event:
    told = usable_time(fact.updated_on, heard_at=fact.at, floor=scene.floor)
    name = channel_name(fact.channel)
    if fact.verification is Verification.FAILED:
        title, detail = tr("A reply with a wrong signature was ignored"), _not_believed()
        kind, tone = EventKind.REJECTED, Tone.WARNING
    elif says_stop(fact.text, fact.action):
        title = tr("The customer asked to stop, by {channel}", channel=name)
        detail = tr("Do not write to this number again.")
        kind, tone = EventKind.REPLY, Tone.WARNING
    else:
        title = tr("The customer replied by {channel}", channel=name)
        detail = fact.text or (tr("A file: {name}", name=fact.file_name) if fact.file_name else "")
        kind, tone = EventKind.REPLY, Tone.ACTIVE
    return Event(
        fact_id=fact.fact_id,
        kind=kind,
        at=told or fact.at,
        heard_at=fact.at,
        at_is_receipt=told is None,
        title=title,
        detail=detail,
        tone=tone,
        channel=fact.channel,
        reference_id=fact.original_reference_id or fact.reference_id,
        source=fact.source,
        verification=fact.verification,
        took=scene.since_start(told or fact.at),
    )


# --- what is not believed -----------------------------------------------------------------


def _rejected_report(fact: Reported, facts: Sequence[Fact]) -> Told | None:
    """A report whose signature does not match; believed ones become lines, not events of their own."""
    if fact.verification is not Verification.FAILED:
        return None
    digest = fact.fact_id.removesuffix("-failed")
    if any(isinstance(other, Reported) and other.fact_id == digest for other in facts):
        detail = tr("The same report came with a right signature too; that one counts.")
    else:
        detail = _not_believed()
    event = Event(
        fact_id=fact.fact_id,
        kind=EventKind.REJECTED,
        at=fact.at,
        heard_at=fact.at,
        at_is_receipt=True,
        title=tr("A report with a wrong signature was ignored"),
        detail=detail,
        tone=Tone.WARNING,
        channel=fact.last_channel,
        code=fact.code,
        description=fact.description,
        reference_id=fact.reference_id,
        source=fact.source,
        verification=fact.verification,
    )
    return ("rejected", fact.fact_id), event


def _not_believed() -> str:
    return tr("It is not proven to come from Telesign, so it changes nothing. Tell whoever runs the relay.")


def _join(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)


def _seconds(number: float) -> timedelta:
    return timedelta(seconds=number)

"""Messages in every state the timeline pane can show, as the facts that lead there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

from console.cascade.facts import (
    Answered,
    ChannelReport,
    Decided,
    Decision,
    Fact,
    Queued,
    Replied,
    Reported,
    SendBegan,
    SendFailed,
    SendFailure,
    Source,
    StatusUnavailable,
    Verification,
)

START = datetime(2026, 11, 23, 14, 32, 0, tzinfo=UTC)
REFERENCE = "3B5AFD3A1C6C0E0891E3C5B8D4A9F2E1"
TEXT = "Hello Ana, your parcel 4471 is waiting at the counter until Friday, 18:00. Bring your ID, please."

_numbers = count(1)


def at(seconds: float) -> datetime:
    """Seconds after the message was written."""
    return START + timedelta(seconds=seconds)


def queued(
    *,
    sms: str | None = TEXT,
    text: str = TEXT,
    to: str = "12025550143",
    fallback: int = 300,
    reply_id: str | None = None,
) -> Queued:
    """A message that waits to be sent."""
    return Queued(
        fact_id="queued",
        at=START,
        message_id="m1",
        external_id="cas-01HF3W8Q2D6Y4",
        to=to,
        viber_text=text,
        sms_text=sms,
        fallback_time=fallback,
        reply_id=reply_id,
    )


def began(seconds: float = 0.05, attempt: int = 1) -> SendBegan:
    """Our request begins."""
    return SendBegan(fact_id=f"began{attempt}", at=at(seconds), attempt=attempt)


def accepted(seconds: float = 0.4, attempt: int = 1) -> Answered:
    """Telesign takes it."""
    return Answered(
        fact_id="answered",
        at=at(seconds),
        attempt=attempt,
        http_status=200,
        code=3001,
        description="Message in progress",
        reference_id=REFERENCE,
    )


def refused(code: int, description: str, http: int = 400, retry: float | None = None) -> Answered:
    """Telesign does not take it."""
    return Answered(
        fact_id=f"refused{code}",
        at=at(0.5),
        attempt=1,
        http_status=http,
        code=code,
        description=description,
        reference_id=None,
        retry_at=at(retry) if retry is not None else None,
    )


_WORDS = {
    3000: "Delivered",
    3001: "Message in progress",
    3002: "Delivered to Gateway",
    3005: "Message is read",
    3055: "Number is not a Viber user",
    3056: "Message failed to deliver in specified fallback time",
    3031: "Permanent phone error",
    3003: "Delivery error",
}


def report(
    seconds: float,
    code: int,
    *channels: tuple[str, int, float],
    verification: Verification = Verification.DESK,
    lag: float = 0.6,
) -> Reported:
    """A callback: the transaction's code, then channel, code and the second of each channel."""
    number = next(_numbers)
    refuted = "-failed" if verification is Verification.FAILED else ""
    return Reported(
        fact_id=f"report{number}{refuted}",
        at=at(seconds + lag),
        source=Source.CALLBACK,
        verification=verification,
        reference_id=REFERENCE,
        external_id="cas-01HF3W8Q2D6Y4",
        code=code,
        description=_WORDS.get(code, "Unknown"),
        last_channel=channels[-1][0] if channels else None,
        updated_on=at(seconds),
        channels=tuple(
            ChannelReport(
                channel=channel,
                code=own,
                description=_WORDS.get(own, "Unknown"),
                reference_id=f"{channel.upper()}-77F0A1",
                updated_on=at(moment),
            )
            for channel, own, moment in channels
        ),
    )


def reply(
    seconds: float,
    text: str,
    *,
    channel: str = "viber",
    action: str | None = None,
    verification: Verification = Verification.DESK,
) -> Replied:
    """The customer writes back."""
    number = next(_numbers)
    return Replied(
        fact_id=f"reply{number}",
        at=at(seconds + 0.4),
        source=Source.CALLBACK,
        verification=verification,
        channel=channel,
        phone_number="12025550143",
        text=text,
        original_reference_id=REFERENCE,
        action=action,
        updated_on=at(seconds),
    )


def failed(failure: SendFailure, seconds: float = 30.0, retry: float | None = None) -> SendFailed:
    """Our request gets no answer."""
    return SendFailed(
        fact_id=f"failed{failure}",
        at=at(seconds),
        attempt=1,
        failure=failure,
        retry_at=at(retry) if retry is not None else None,
    )


@dataclass(frozen=True)
class Scene:
    """Facts, and the second at which they are looked at."""

    facts: tuple[Fact, ...]
    second: float

    @property
    def now(self) -> datetime:
        return at(self.second)


_SENT: tuple[Fact, ...] = (queued(), began(), accepted())
_TWO_WAY = (queued(reply_id="parcel-4471"), began(), accepted())
_TIMED_OUT = (("viber", 3056, 300.4), ("sms", 3001, 300.6))


def _scenes() -> dict[str, Scene]:
    return {
        "queued": Scene((queued(),), 1),
        "sending": Scene((queued(), began()), 3),
        "waiting": Scene((*_SENT, report(2, 3002, ("viber", 3002, 2))), 28.3),
        "waiting-viber-only": Scene((queued(sms=None), began(), accepted()), 40),
        "overdue": Scene(_SENT, 372),
        "overdue-long": Scene(_SENT, 4 * 3600),
        "fallback": Scene((*_SENT, report(2, 3002, ("viber", 3002, 2)), report(301, 3001, *_TIMED_OUT)), 330),
        "delivered-viber": Scene((*_SENT, report(4, 3000, ("viber", 3000, 4))), 60),
        "delivered-sms": Scene(
            (
                *_SENT,
                report(301, 3001, *_TIMED_OUT),
                report(306, 3000, ("viber", 3056, 300.4), ("sms", 3000, 305.8)),
            ),
            900,
        ),
        "read": Scene(
            (*_SENT, report(4, 3000, ("viber", 3000, 4)), report(64, 3005, ("viber", 3005, 64))), 300
        ),
        "read-late": Scene(
            (
                *_SENT,
                report(4, 3000, ("viber", 3000, 4)),
                report(2.2 * 86400, 3005, ("viber", 3005, 2.2 * 86400)),
            ),
            2.5 * 86400,
        ),
        "both-delivered": Scene(
            (
                *_SENT,
                report(301, 3001, *_TIMED_OUT),
                report(306, 3000, ("viber", 3056, 300.4), ("sms", 3000, 305.8)),
                report(512, 3000, ("viber", 3000, 511), ("sms", 3000, 305.8)),
            ),
            900,
        ),
        "both-failed": Scene(
            (
                *_SENT,
                report(3, 3001, ("viber", 3055, 2.5), ("sms", 3001, 3)),
                report(9, 3003, ("viber", 3055, 2.5), ("sms", 3031, 8.8)),
            ),
            120,
        ),
        "refused": Scene((queued(), began(), refused(3203, "Package not enabled", 429)), 20),
        "retry": Scene((queued(), began(), refused(3204, "Rate limit exceeded", 429, retry=30)), 9),
        "unconfirmed": Scene((queued(), began(), failed(SendFailure.NO_ANSWER)), 95),
        "not-sent": Scene((queued(), began(), failed(SendFailure.NOT_CONNECTED, 4)), 60),
        "withdrawn": Scene((queued(), failed(SendFailure.WITHDRAWN, 2)), 60),
        "decided": Scene(
            (
                queued(),
                began(),
                failed(SendFailure.CUT, 3),
                Decided(fact_id="decided", at=at(80), decision=Decision.TREAT_AS_SENT),
            ),
            95,
        ),
        "replies": Scene(
            (
                *_TWO_WAY,
                report(4, 3000, ("viber", 3000, 4)),
                report(40, 3005, ("viber", 3005, 40)),
                reply(75, "Thank you! Can my brother pick it up? He has a different surname."),
                reply(96, "مرحبا، شكرا جزيلا 123"),
            ),
            200,
        ),
        "stop": Scene(
            (
                *_TWO_WAY,
                report(301, 3001, *_TIMED_OUT),
                report(306, 3000, ("viber", 3056, 300.4), ("sms", 3000, 305.8)),
                reply(340, "STOP", channel="sms", action="stop"),
            ),
            400,
        ),
        "reply-one-way": Scene((*_SENT, report(4, 3000, ("viber", 3000, 4)), reply(75, "Thank you!")), 200),
        "rejected": Scene(
            (
                *_SENT,
                report(2, 3002, ("viber", 3002, 2)),
                report(20, 3000, ("viber", 3000, 20), verification=Verification.FAILED),
            ),
            60,
        ),
        "relay-verified": Scene(
            (*_SENT, report(4, 3000, ("viber", 3000, 4), verification=Verification.RELAY)), 60
        ),
        "status-unavailable": Scene(
            (
                *_SENT,
                StatusUnavailable(
                    fact_id="no-status",
                    at=at(900),
                    http_status=404,
                    code=-10004,
                    description="Reference id expired",
                    final=True,
                ),
            ),
            1000,
        ),
        "hostile": Scene(
            (
                queued(text="<h1>Big</h1> \u202egnihtyreve\x00 " + "W" * 400, sms="x"),
                began(),
                accepted(),
                report(4, 3000, ("viber", 3000, 4)),
                reply(9, "<b>bold</b> <img src=x onerror=alert(1)>\x00 \u202eevil\n" + "line\n" * 10_000),
                reply(10, "A" * 5000),
                report(12, 9999, ("<i>smoke\u202esignal</i>" + "X" * 200, 3000, 11)),
            ),
            60,
        ),
    }


SCENES: dict[str, Scene] = _scenes()
scene: Callable[[str], Scene] = SCENES.__getitem__

"""What the status bar says, as plain functions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from console.cascade.formats import number_text
from console.cascade.outcome import Tone
from console.cascade.speech import clock_text
from console.cascade.words import tr, trn
from console.ui.timeline_rules import age_text

if TYPE_CHECKING:
    from console.desk.values import AccountStatus, RelayStatus


@dataclass(frozen=True, slots=True)
class Indicator:
    """An icon and a word or two, with a sentence behind them."""

    text: str
    icon: str
    tone: Tone
    detail: str


def unread_indicator(count: int) -> Indicator:
    """How many replies nobody has seen."""
    detail = trn("{n} reply nobody has seen.", "{n} replies nobody has seen.", count)
    press = tr("Press to see the next.")
    text = trn("{n} unread", "{n} unread", count)
    return Indicator(text, "reply", Tone.ACTIVE, f"{detail} {press}")


def unmatched_indicator(count: int) -> Indicator:
    """How much came that belongs to no message."""
    detail = trn(
        "{n} thing came that belongs to no message.", "{n} things came that belong to no message.", count
    )
    press = tr("Press to look.")
    text = trn("{n} unmatched", "{n} unmatched", count)
    return Indicator(text, "inbox", Tone.WARNING, f"{detail} {press}")


def relay_indicator(status: RelayStatus, now: datetime) -> Indicator:
    """How the callbacks reach this desk."""
    since = clock_text(status.since, now) if status.since is not None else None
    match status.kind:
        case "live":
            return Indicator(
                tr("Live"), "relay", Tone.GOOD, tr("Reports from Telesign arrive here as they happen.")
            )
        case "catching_up":
            text = (
                tr("Catching up · {n}", n=number_text(status.behind)) if status.behind else tr("Catching up")
            )
            detail = trn(
                "Reading the reports that came while this desk was away: {n} so far.",
                "Reading the reports that came while this desk was away: {n} so far.",
                status.behind,
            )
            return Indicator(text, "retry", Tone.ACTIVE, detail)
        case "connecting":
            return Indicator(tr("Connecting"), "relay", Tone.NEUTRAL, tr("Looking for the relay."))
        case "offline":
            text = tr("Offline since {time}", time=since) if since else tr("Offline")
            detail = tr(
                "The relay cannot be reached. Messages can still be sent; what happened to them "
                "appears when the relay is back. Trying again by itself."
            )
            return Indicator(text, "offline", Tone.WARNING, _with(detail, status.detail))
        case "refused":
            detail = tr("The relay does not accept this desk's token. Enter another one in the settings.")
            return Indicator(tr("Relay refuses"), "shield-off", Tone.BAD, _with(detail, status.detail))
        case _:
            detail = tr("Without a relay this desk does not hear what became of a message. Set it up.")
            return Indicator(tr("No relay set up"), "unlink", Tone.WARNING, _with(detail, status.detail))


def account_indicator(status: AccountStatus, *, sandbox: bool) -> Indicator:
    """Whether messages can be sent."""
    if sandbox:
        detail = tr("Nothing leaves this computer: the sandbox stands in for Telesign.")
        return Indicator(tr("Sandbox"), "sandbox", Tone.WARNING, detail)
    match status.kind:
        case "ready":
            detail = tr("Sending as {customer}.", customer=short_customer(status.customer_id))
            return Indicator(tr("Account ready"), "user", Tone.GOOD, _with(detail, status.detail))
        case "refused":
            detail = tr("Telesign does not accept the customer id and key. Check them in the settings.")
            return Indicator(tr("Account refused"), "shield-off", Tone.BAD, _with(detail, status.detail))
        case "no_key":
            detail = tr("The API key is missing. Enter it in the settings.")
            return Indicator(tr("API key missing"), "key", Tone.WARNING, _with(detail, status.detail))
        case _:
            detail = tr("No account is set up, so nothing can be sent. Set it up or try the sandbox.")
            return Indicator(tr("No account"), "user", Tone.WARNING, _with(detail, status.detail))


def short_customer(customer_id: str) -> str:
    """A customer id as it can be recognised, not read out: its first eight characters."""
    return customer_id if len(customer_id) <= 8 else f"{customer_id[:8]}…"


def last_event_text(moment: datetime | None, now: datetime) -> str:
    """How long ago the last report came; empty where none ever did."""
    return "" if moment is None else tr("Last report {age}", age=age_text(now - moment))


def next_age_change(moment: datetime, now: datetime) -> float:
    """Seconds until :func:`last_event_text` reads differently."""
    age = max((now - moment).total_seconds(), 0.0)
    if age < 60:
        return 5.0
    if age < 3600:
        return 60.0 - age % 60.0
    return 3600.0 - age % 3600.0


def skew_text(skew: timedelta | None) -> str:
    """A warning where this computer's clock is far from Telesign's; empty where it is not."""
    if skew is None or abs(skew) < timedelta(seconds=30):
        return ""
    seconds = int(abs(skew).total_seconds())
    if skew > timedelta(0):
        return trn("This computer's clock is {n} s slow.", "This computer's clock is {n} s slow.", seconds)
    return trn("This computer's clock is {n} s fast.", "This computer's clock is {n} s fast.", seconds)


def _with(sentence: str, more: str) -> str:
    return f"{sentence}\n{more}" if more and more not in sentence else sentence

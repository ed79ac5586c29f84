"""Every term of the window in plain words, for whoever asks what it means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from console.cascade.words import mark, tr


@dataclass(frozen=True, slots=True)
class Term:
    """One term and what it means, both translated."""

    name: str
    meaning: str


_TERMS: Final = (
    (mark("Channel"), mark("A way to reach the customer: Viber or SMS.")),
    (
        mark("Cascade"),
        mark("Channels tried one after the other: Viber first, SMS if Viber does not deliver in time."),
    ),
    (mark("Attempt"), mark("What one channel did for one message, from trying to its end.")),
    (
        mark("Fallback"),
        mark("SMS takes over because Viber did not deliver within the fallback time, or failed before."),
    ),
    (
        mark("Fallback time"),
        mark("How long Viber may try before SMS is sent: 30 seconds to one hour. You set it by the slider."),
    ),
    (
        mark("Both"),
        mark("Viber can still arrive after SMS was sent. Then the customer got the message twice."),
    ),
    (
        mark("Callback"),
        mark("A report Telesign sends about a message. The relay receives it, because this computer cannot."),
    ),
    (
        mark("Relay"),
        mark("The small service that receives Telesign's reports and replies and keeps them for this desk."),
    ),
    (
        mark("Signature"),
        mark(
            "Proof that a report comes from Telesign: only who has the account's API key can make it. "
            "This desk checks it itself where it has the key."
        ),
    ),
    (
        mark("Verified here"),
        mark("This desk has checked the signature with its own key. Not even the relay could forge that."),
    ),
    (
        mark("Verified by the relay"),
        mark("The relay has checked the signature, this desk could not: it has no key, or another one."),
    ),
    (
        mark("Reference id"),
        mark("Telesign's number for a message, or for one channel's part of it. Their support asks for it."),
    ),
    (
        mark("External id"),
        mark("This desk's own number for a message. It finds the message again even if the answer was lost."),
    ),
    (
        mark("Delivery status"),
        mark("What Telesign last said about a message, as a number and words, such as 3000 Delivered."),
    ),
    (
        mark("Accepted"),
        mark("Telesign has taken the message. That is not delivery yet: the channels report for themselves."),
    ),
    (
        mark("Delivered"),
        mark("The message is on the customer's phone."),
    ),
    (mark("Read"), mark("The customer has opened the message. Only Viber tells this.")),
    (
        mark("May have been sent"),
        mark(
            "The connection broke before Telesign answered. The customer may get the message. It is not "
            "sent again by itself, so that nobody gets it twice."
        ),
    ),
    (
        mark("Not known"),
        mark("Nobody has reported how it ended, and nobody can be asked any more."),
    ),
    (
        mark("Segment"),
        mark(
            "SMS travels in pieces of up to 160 characters, or 70 if it needs UCS-2. Each piece is paid for."
        ),
    ),
    (
        mark("GSM-7"),
        mark("The small alphabet of SMS: Latin letters, digits and common signs. The cheapest way to write."),
    ),
    (
        mark("UCS-2"),
        mark(
            "The large alphabet of SMS, with every script and emoji. One character outside GSM-7 makes "
            "the whole text use it."
        ),
    ),
    (
        mark("Two-way"),
        mark("The message carries a reply id, so that what the customer answers in Viber is matched to it."),
    ),
    (mark("Reply id"), mark("A word of yours, such as a ticket number, that comes back with every answer.")),
    (
        mark("Session text"),
        mark("A message within a conversation the customer has begun. Viber may charge it differently."),
    ),
    (
        mark("Kind"),
        mark(
            "What the message is for: alert or reminder (ARN), marketing (MKT), or one-time password (OTP). "
            "Operators treat them differently."
        ),
    ),
    (
        mark("Opted out"),
        mark("The customer answered STOP. Nothing is sent to them unless you insist; START takes it back."),
    ),
    (
        mark("Unmatched"),
        mark(
            "Reports and replies that belong to no message here. Nothing is thrown away; you can assign them."
        ),
    ),
    (
        mark("Template"),
        mark("A text kept for use again, with fields such as {name} that you fill in before sending."),
    ),
    (
        mark("Sandbox"),
        mark("A stand-in for Telesign on this computer, to learn and try. Nothing is sent, nothing costs."),
    ),
    (mark("Journal"), mark("The file on this computer that keeps every message and what became of it.")),
    (
        mark("Adviser"),
        mark(
            "From the messages of this desk it estimates how soon Viber delivers, and what waiting longer "
            "would save."
        ),
    ),
)


def glossary() -> tuple[Term, ...]:
    """Every term, in the language of the window, by name."""
    told = (Term(tr(name), tr(meaning)) for name, meaning in _TERMS)
    return tuple(sorted(told, key=lambda term: term.name.casefold()))


def look_up(query: str) -> tuple[Term, ...]:
    """The terms whose name or meaning holds every word of ``query``; names that begin with it first."""
    words = query.casefold().split()
    hits = [
        term for term in glossary() if all(word in f"{term.name} {term.meaning}".casefold() for word in words)
    ]
    wanted = " ".join(words)
    return tuple(sorted(hits, key=lambda term: not term.name.casefold().startswith(wanted)))

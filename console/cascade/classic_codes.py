"""Codes of Telesign's classic SMS product: its reports may come to the same address as ours.

Most have a twin among the Messaging codes with the same text (reference, section 7); those
share the twin's words. The rest are explained here.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from console.cascade.outcome import AttemptState
from console.cascade.statuscode import Finality, Level, Retry, StatusCode
from console.cascade.words import mark

_T_C: Final = Level.TRANSACTION | Level.CHANNEL
_WAIT: Final = mark("Wait; what happens next appears here by itself.")
_OTHER_WAY: Final = mark("Reach the customer another way, such as a call or an email.")
_CHECK_NUMBER: Final = mark("Check the number with the customer, or reach them another way.")
_ADMIN_TELESIGN: Final = mark("Ask your administrator to take this up with Telesign's support.")

TWINS: Final = MappingProxyType(
    {
        200: 3000, 203: 3002, 207: 3003, 210: 3030, 211: 3031, 220: 3032, 221: 3033, 222: 3034,
        229: 3052, 230: 3053, 231: 3035, 233: 3072, 237: 3037, 238: 3038, 250: 3039, 251: 3004,
        290: 3001, 292: 3040, 503: 3041, 504: 3042, 505: 3043, 506: 3044, 508: 3057, 509: 3045,
        510: 3046, 511: 3047, 512: 3048, 513: 3049, 514: 3050, 515: 3051, 516: 3055, 10019: 3205,
        10020: 3207, 10030: 3073, 10031: 3052, 10032: 3053, 10033: 3071, 10035: 3058,
    }
)  # fmt: skip
"""Classic code → Messaging code with the same meaning in a report."""

TEXTS: Final = MappingProxyType(
    {
        200: "Delivered to handset",
        207: "Error delivering SMS to handset (reason unknown)",
        229: "Message blocked by customer request",
        10031: "Message blocked by customer request",
        10033: "{phone_number} has not been verified for this trial account.",
    }
)
"""Where the classic text differs from the twin's."""


def _failure(code: int, text: str, retry: Retry, meaning: str, next_step: str) -> StatusCode:
    return StatusCode(code, text, _T_C, Finality.NOT_STATED, retry, AttemptState.FAILED, meaning, next_step)


CLASSIC: Final = (
    # Once "Message is read" of Messaging, now a fraud notice of classic SMS. A report in which
    # it appears for a cascade is the former.
    StatusCode(
        201, "Message is read", _T_C, Finality.FINAL, Retry.UNNEEDED, AttemptState.READ,
        mark("The customer has opened the message."), mark("Nothing to do."),
    ),
    StatusCode(
        291, "Queued by Telesign", _T_C, Finality.NOT_STATED, Retry.UNNEEDED, AttemptState.TRYING,
        mark("Telesign is busy and will send the message in a moment."), _WAIT,
    ),
    StatusCode(
        295, "Status delayed", _T_C, Finality.NOT_STATED, Retry.MAY_DOUBLE, None,
        mark("Word of what became of the message is late."), _WAIT,
    ),
    _failure(
        500, "Transaction not attempted", Retry.LATER, mark("Telesign did not try to send the message."),
        mark("Send it again in a while."),
    ),
    _failure(
        501, "Not authorized", Retry.AFTER_CHANGE,
        mark("Your account may not do this at Telesign."), _ADMIN_TELESIGN,
    ),
    _failure(
        502, "Campaign error", Retry.AFTER_CHANGE,
        mark("There is a problem with the number the message is sent from."), _ADMIN_TELESIGN,
    ),
    _failure(
        507, "Invalid destination address", Retry.AFTER_CHANGE,
        mark("No network knows the customer's number."), _CHECK_NUMBER,
    ),
    _failure(
        517, "Selected DLT details for India not supported", Retry.AFTER_CHANGE,
        mark("Messages to India must be registered beforehand, and this one is not."), _ADMIN_TELESIGN,
    ),
    _failure(
        518, "Message blocked due to high risk SIM swap indicator.", Retry.NEVER,
        mark("The customer's SIM card was changed lately, which is a sign of fraud, so it was not sent."),
        mark("Make sure who the customer is and reach them another way."),
    ),
    _failure(
        519, "Message not sent - requested SIM swap check could not be performed.", Retry.LATER,
        mark("A fraud check your account asks for was not possible for this number."), _OTHER_WAY,
    ),
    _failure(
        520, "Content sent is not allowed", Retry.AFTER_CHANGE,
        mark("The customer's network does not allow this text."),
        mark("Write it in other words and send it again."),
    ),
    _failure(
        521, "Requested Sender ID is not allowed for destination", Retry.AFTER_CHANGE,
        mark("The sender name or number is not accepted where the customer is."),
        mark("Leave the sender id empty or ask your administrator for one that is allowed, then send again."),
    ),
    StatusCode(
        599, "Status not available", _T_C, Finality.NOT_STATED, Retry.MAY_DOUBLE, None,
        mark("Telesign cannot say just now what became of the message."), _WAIT,
    ),
    _failure(
        11000, "Invalid value for parameter phone_number", Retry.AFTER_CHANGE,
        mark("Telesign does not take this as a phone number; it is too short, too long or mistyped."),
        mark("Correct the number and send it again."),
    ),
)  # fmt: skip

UNCONFIRMED_CLASSIC: Final = mark(
    "The message was sent out, but within 12 hours nobody confirmed that it arrived."
)
"""251: the classic page expects that it did not arrive, the Messaging page (3004) that it did."""

IN_ANSWERS: Final = (
    StatusCode(
        201, "Transaction successfully completed, suspicious activity detected", Level.REQUEST | Level.QUERY,
        Finality.NOT_STATED, Retry.UNNEEDED, None,
        mark("Telesign took the message, but finds something suspicious about the number."),
        mark("Make sure who the customer is before you send more."),
    ),
    StatusCode(
        10031, "Not Allowed Host", Level.REQUEST | Level.QUERY, Finality.NOT_STATED, Retry.AFTER_CHANGE, None,
        mark("Your account may not use the Telesign address set in this console."),
        mark("Ask your administrator to check the account in Settings."),
    ),
)  # fmt: skip
"""Numbers that mean something else in an answer to us than in a report."""

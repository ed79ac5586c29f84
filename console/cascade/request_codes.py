"""Telesign's Messaging codes that say a request was not taken, and those of a status query.

Sources as in :mod:`console.cascade.delivery_codes`. Telesign: act on the code, never on the HTTP
status; a 429 is as often a matter of configuration (3203, 3206) as a rate limit (3204).
"""

from __future__ import annotations

from typing import Final

from console.cascade.outcome import AttemptState
from console.cascade.statuscode import Finality, Level, Retry, StatusCode
from console.cascade.words import mark

_R_C: Final = Level.REQUEST | Level.CHANNEL
_R_Q: Final = Level.REQUEST | Level.QUERY
_REPORT: Final = mark("Report this to your administrator; the message itself need not change.")
_ADMIN_SETTINGS: Final = mark("Ask your administrator to check the account in Settings.")
_ADMIN_TELESIGN: Final = mark("Ask your administrator to take this up with Telesign's support.")
_ADMIN_KEY: Final = mark("Ask your administrator to check the customer id and API key in Settings.")
_UNPUBLISHED: Final = mark(
    "Telesign did not accept how this console signs in; it does not publish what this number means."
)
_CLOCK: Final = mark("Check that this computer's clock is right, then ask your administrator.")


def _refusal(  # noqa: PLR0917 - one row of a table, read across
    code: int,
    text: str,
    retry: Retry,
    meaning: str,
    next_step: str,
    finality: Finality = Finality.FINAL,
    level: Level = Level.REQUEST,
) -> StatusCode:
    return StatusCode(code, text, level, finality, retry, AttemptState.FAILED, meaning, next_step)


def _sign_in(code: int, text: str, meaning: str, next_step: str) -> StatusCode:
    return _refusal(code, text, Retry.AFTER_CHANGE, meaning, next_step, Finality.NOT_STATED, _R_Q)


REFUSALS: Final = (
    _refusal(
        3058, "The requested API host is not allowed for this CustomerID", Retry.AFTER_CHANGE,
        mark("Your account may not use the Telesign address set in this console."), _ADMIN_SETTINGS,
        Finality.NOT_STATED,
    ),
    _refusal(
        3071, "Unverified phone_number requested for trial account", Retry.AFTER_CHANGE,
        mark("Yours is a trial account, and it may only send to numbers verified beforehand."),
        mark("Ask your administrator to verify this number at Telesign, or try a verified one."),
        Finality.NOT_STATED, _R_C,
    ),
    _refusal(
        3073, "Insufficient funds in prepaid wallet", Retry.AFTER_CHANGE,
        mark("Your company's prepaid balance at Telesign is used up, so it was not sent."),
        mark("Ask your administrator to top up the balance, then send it again."),
        Finality.NOT_STATED, _R_C,
    ),
    _refusal(
        3102, "Invalid value for parameter message_type: {message_type}", Retry.AFTER_CHANGE,
        mark("Telesign did not accept the kind of message that was chosen."),
        mark("Choose alert, marketing or one-time password, and send it again."),
    ),
    _refusal(
        3103, "Unsupported value for parameter external_id: {external_id}", Retry.AFTER_CHANGE,
        mark("Telesign did not accept the external id; it is too long or has unusual characters."),
        mark("Clear the external id, or shorten it to plain Latin letters and digits, and send it again."),
    ),
    _refusal(
        3104, "Invalid value for parameter account_lifecycle_event: {account_lifecycle_event}",
        Retry.AFTER_CHANGE, mark("Telesign did not accept the lifecycle event."),
        mark("Choose another lifecycle event, or none, and send it again."),
    ),
    _refusal(
        3105, "Invalid value for parameter originating_ip: {originating_ip}", Retry.AFTER_CHANGE,
        mark("Telesign did not accept the customer's IP address."),
        mark("Correct the originating IP, or clear it, and send it again."),
    ),
    _refusal(
        3106, "Invalid value for parameter callback_url: {callback_url}", Retry.AFTER_CHANGE,
        mark("Telesign did not accept the address to which reports should go."),
        mark("Correct the callback URL, or clear it, and send it again."),
    ),
    _refusal(
        3107, "Invalid value for parameter country_code", Retry.AFTER_CHANGE,
        mark("Telesign did not accept the country of this message."), _ADMIN_TELESIGN,
        Finality.NOT_STATED, _R_C,
    ),
    _refusal(
        3108, "Invalid value for parameter message", Retry.AFTER_CHANGE,
        mark("Telesign could not make out the text of this message."),
        mark("Write the text more simply and send it again."), Finality.NOT_STATED, _R_C,
    ),
    _refusal(
        3109, "Invalid value for parameter sender_id: {sender_id}", Retry.AFTER_CHANGE,
        mark("The sender id is not one that your account may use."),
        mark("Clear the sender id or ask your administrator for one that is allowed, then send again."),
        Finality.NOT_STATED, _R_C,
    ),
    _refusal(
        3110, "Invalid request", Retry.AFTER_CHANGE,
        mark("Telesign could not make out what this console asked of it."), _REPORT,
    ),
    _refusal(
        3113, "Invalid value for parameter channel: {channels}", Retry.AFTER_CHANGE,
        mark("Telesign did not accept the order of channels."), _REPORT,
    ),
    _refusal(
        3116, "Payload limit size exceeded", Retry.AFTER_CHANGE,
        mark("The message is too large for Telesign."), mark("Shorten the texts and send it again."),
    ),
    _refusal(
        3203, "Callback URL parameter not enabled for Customer ID", Retry.AFTER_CHANGE,
        mark("Your account may not choose for each message where reports go."),
        mark("Clear the callback URL and send it again."),
    ),
    _refusal(
        3204, "Rate limit exceeded", Retry.LATER,
        mark("Your account sent too many messages within a second, so this one was not taken."),
        mark("If this console is not already trying again by itself, send it in a minute."),
    ),
    _refusal(
        3206, "Omnichannel Product not enabled for Customer ID", Retry.AFTER_CHANGE,
        mark("Sending by Viber and SMS together is not switched on for your account."),
        mark("Ask your administrator to have Telesign Messaging switched on."),
    ),
    _refusal(
        3207, "Product exceeded transaction hard cap. Request denied.", Retry.AFTER_CHANGE,
        mark("Your account has reached the most messages it may send for now."),
        mark("Ask your administrator to have the limit raised at Telesign."), Finality.NOT_STATED, _R_C,
    ),
    _refusal(
        3208, "Provider Account ID not found", Retry.AFTER_CHANGE,
        mark("The sender is not set up at Telesign for this channel."), _ADMIN_TELESIGN,
        Finality.NOT_STATED, _R_C,
    ),
    _refusal(
        3209, "End-user not registered for testing", Retry.AFTER_CHANGE,
        mark("Your account is in testing and may only send to numbers registered for it."),
        mark("Ask your administrator to register this number for testing."), Finality.NOT_STATED, _R_C,
    ),
    *(
        _refusal(
            code, f"Missing parameter {name}", Retry.AFTER_CHANGE,
            mark("Telesign found something missing in what this console sent."), _REPORT,
        )
        for code, name in (
            (3300, "channels"), (3301, "channel"), (3302, "phone_number"), (3303, "message"),
            (3304, "message_type"),
        )
    ),
    _refusal(
        3305, "Missing template specific parameters", Retry.AFTER_CHANGE,
        mark("Part of the message is missing, such as its text or its reply id."),
        mark("Fill in what is missing and send it again."), Finality.NOT_STATED, _R_C,
    ),
    _refusal(
        3500, "System Unavailable", Retry.LATER,
        mark("Telesign is out of order for the moment, so the message was not taken."),
        mark("If this console is not already trying again by itself, send it in a few minutes."),
    ),
)  # fmt: skip

SIGN_IN: Final = (
    _refusal(
        3400, "Not authorized", Retry.AFTER_CHANGE,
        mark("Telesign did not accept this console's account or what it asked for."), _ADMIN_KEY,
        Finality.FINAL, _R_Q,
    ),
    *(_sign_in(code, "Not published", _UNPUBLISHED, _CLOCK) for code in (3401, 3402, 3403, 3404, 3407)),
    _sign_in(
        3405, "Missing required Authorization header",
        mark("This console's sign-in did not reach Telesign; something between may remove it."),
        mark("Ask your administrator to check the proxy."),
    ),
    _sign_in(
        3406, "CustomerID Account Suspended", mark("Your company's account is suspended at Telesign."),
        _ADMIN_TELESIGN,
    ),
    _sign_in(
        3408, "CustomerID Account Not Found",
        mark("Telesign has no account with the customer id set in this console."), _ADMIN_KEY,
    ),
    _sign_in(
        3409, "Invalid source IP address",
        mark("Your account may not be used from this network."),
        mark("Connect through the company network, or ask your administrator to allow this one."),
    ),
    _sign_in(
        3410, "Invalid Customer ID",
        mark("The customer id set in this console is not one Telesign knows."), _ADMIN_KEY,
    ),
    _sign_in(
        3411, "Invalid API Key", mark("Telesign did not accept the API key set in this console."), _ADMIN_KEY
    ),
    _sign_in(
        3412, "Required 'Authorization' header is not in the correct format",
        mark("Telesign could not make out this console's sign-in."), _ADMIN_KEY,
    ),
    _sign_in(
        3413, "Not Allowed Host",
        mark("Your account may not use the Telesign address set in this console."), _ADMIN_SETTINGS,
    ),
)  # fmt: skip

ELSEWHERE: Final = (
    StatusCode(
        3210, "Capability Check not enabled", Level.ELSEWHERE, Finality.FINAL, Retry.AFTER_CHANGE, None,
        mark("Your account may not ask which channels a phone supports."), _ADMIN_TELESIGN,
    ),
    *(
        StatusCode(
            code, "Template management", Level.ELSEWHERE, Finality.NOT_STATED, Retry.UNKNOWN, None,
            mark("This is about managing message templates at Telesign, not about a message."),
            _ADMIN_TELESIGN,
        )
        for code in range(3800, 3858)
    ),
)  # fmt: skip


def _query(code: int, text: str, finality: Finality, meaning: str, next_step: str) -> StatusCode:
    # That the question failed says nothing about the message: no state, and never a reason to send again.
    return StatusCode(code, text, Level.QUERY, finality, Retry.MAY_DOUBLE, None, meaning, next_step)


_ASK_CUSTOMER: Final = mark("Ask the customer whether the message arrived.")
_REPORTS_COME: Final = mark("Wait for the report, or ask again in a minute.")

QUERIES: Final = (
    _query(
        3041, "System unavailable", Finality.NOT_STATED,
        mark("Telesign cannot say just now what became of the message."), _REPORTS_COME,
    ),
    _query(
        3204, "Rate limit exceeded", Finality.NOT_STATED,
        mark("Telesign was asked too often within a second."), _REPORTS_COME,
    ),
    _query(
        3206, "Omnichannel Product not enabled for Customer ID", Finality.FINAL,
        mark("Your account may not ask what became of a message; only reports will tell."),
        mark("Ask your administrator to have status queries switched on at Telesign."),
    ),
    _query(
        3311, "Invalid value for parameter reference_id", Finality.FINAL,
        mark("Telesign does not take this as the reference of a message."), _REPORT,
    ),
    _query(
        3500, "System Unavailable", Finality.NOT_STATED,
        mark("Telesign cannot say just now what became of the message."), _REPORTS_COME,
    ),
    _query(
        -10004, "ReferenceID expired.", Finality.NOT_STATED,
        mark("Telesign tells what became of a message for 12 hours, and those have passed."), _ASK_CUSTOMER,
    ),
)  # fmt: skip

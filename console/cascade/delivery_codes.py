"""Telesign's Messaging codes that tell what became of a message (reference, section 4.1).

Texts and finality are Telesign's, as printed on its page of codes. Level, retry and the words for
the agent are ours. To change the words for a code, change them here.
"""

from __future__ import annotations

from typing import Final

from console.cascade.outcome import AttemptState
from console.cascade.statuscode import Finality, Level, Retry, StatusCode
from console.cascade.words import mark

_T_C: Final = Level.TRANSACTION | Level.CHANNEL
_WAIT: Final = mark("Wait; what happens next appears here by itself.")
_NOTHING: Final = mark("Nothing to do.")
_OTHER_WAY: Final = mark("Reach the customer another way, such as a call or an email.")
_CHECK_NUMBER: Final = mark("Check the number with the customer, or reach them another way.")
_LATER: Final = mark("Send it again in a while, or reach the customer another way.")
_ASK_CUSTOMER: Final = mark("Ask the customer whether it arrived before you send it again.")
_ADMIN_TELESIGN: Final = mark("Ask your administrator to take this up with Telesign's support.")


def _progress(code: int, text: str, finality: Finality, state: AttemptState, meaning: str) -> StatusCode:
    return StatusCode(code, text, _T_C, finality, Retry.UNNEEDED, state, meaning, _WAIT)


def _failure(  # noqa: PLR0917 - one row of a table, read across
    code: int,
    text: str,
    retry: Retry,
    meaning: str,
    next_step: str,
    finality: Finality = Finality.NOT_STATED,
    level: Level = Level.CHANNEL,
) -> StatusCode:
    return StatusCode(code, text, level, finality, retry, AttemptState.FAILED, meaning, next_step)


OUTCOMES: Final = (
    StatusCode(
        1500, "Delivered", Level.REPLY, Finality.NOT_STATED, Retry.UNNEEDED, None,
        mark("The customer has sent a message."), mark("Read it, and answer if it needs an answer."),
    ),
    StatusCode(
        3000, "Delivered", _T_C, Finality.FINAL_UNLESS_READ, Retry.UNNEEDED, AttemptState.DELIVERED,
        mark("The message has reached the customer's phone."), _NOTHING,
    ),
    _progress(
        3001, "Message in progress", Finality.INTERMEDIATE, AttemptState.TRYING,
        mark("Telesign has the message and is working on it."),
    ),
    _progress(
        3002, "Delivered to Gateway", Finality.INTERMEDIATE, AttemptState.AT_GATEWAY,
        mark("The message has been handed to the network and is on its way."),
    ),
    _failure(
        3003, "Delivery error", Retry.LATER, mark("The message could not be delivered to the customer."),
        _CHECK_NUMBER, Finality.FINAL, _T_C,
    ),
    StatusCode(
        3004, "Message successfully sent out for delivery, however final confirmation of delivery to handset "
        "was not received", _T_C, Finality.NOT_STATED, Retry.MAY_DOUBLE, AttemptState.UNCONFIRMED,
        mark("The message was sent out and has probably arrived, but the network there does not confirm it."),
        _ASK_CUSTOMER,
    ),
    StatusCode(
        3005, "Message is read", _T_C, Finality.FINAL, Retry.UNNEEDED, AttemptState.READ,
        mark("The customer has opened the message."), _NOTHING,
    ),
    _failure(
        3006, "None of the channels is enabled for the customer", Retry.AFTER_CHANGE,
        mark("Neither Viber nor SMS is switched on for your account, so nothing was sent."),
        mark("Ask your administrator to have Viber and SMS switched on at Telesign."),
        Finality.FINAL, Level.TRANSACTION,
    ),
    StatusCode(
        3039, "Final status unknown", Level.CHANNEL, Finality.NOT_STATED, Retry.MAY_DOUBLE,
        AttemptState.UNCONFIRMED,
        mark("The message was sent, but nobody can tell whether it reached the customer."), _ASK_CUSTOMER,
    ),
    _progress(
        3040, "Queued by gateway", Finality.NOT_STATED, AttemptState.AT_GATEWAY,
        mark("The message is waiting its turn in the network."),
    ),
    StatusCode(
        3056, "Message failed to deliver in specified fallback time", Level.CHANNEL, Finality.INTERMEDIATE,
        Retry.MAY_DOUBLE, AttemptState.TIMED_OUT,
        mark("Delivery was not confirmed in the time you allowed, so the next channel, if any, takes over."),
        mark("Wait for the next channel; this message may still arrive late."),
    ),
    StatusCode(
        3060, "Delivery channel supported by the end user's device", Level.ELSEWHERE, Finality.NOT_STATED,
        Retry.UNNEEDED, None, mark("The customer's phone can receive messages on this channel."), _NOTHING,
    ),
)  # fmt: skip

FAILURES: Final = (
    _failure(
        3011, "Provider Account registration error", Retry.AFTER_CHANGE,
        mark("The sender is not fully set up at Telesign, so the message was not sent."), _ADMIN_TELESIGN,
    ),
    _failure(
        3012, "Provider Account migration error", Retry.AFTER_CHANGE,
        mark("The sender is being moved at Telesign, so the message was not sent."), _ADMIN_TELESIGN,
    ),
    _failure(
        3030, "Temporary phone error", Retry.LATER,
        mark("The customer's phone cannot take messages just now; it may be off or full."), _LATER,
        Finality.FINAL,
    ),
    _failure(
        3031, "Permanent phone error", Retry.NEVER,
        mark("The customer's phone cannot receive such messages at all."), _CHECK_NUMBER, Finality.FINAL,
    ),
    _failure(
        3032, "Gateway/network cannot route message", Retry.NEVER,
        mark("The networks found no way to this number; it may not be in use."), _CHECK_NUMBER,
        Finality.FINAL,
    ),
    _failure(
        3033, "Message expired before delivery", Retry.LATER,
        mark("The phone could not be reached for too long, so the network gave the message up."), _LATER,
        Finality.FINAL,
    ),
    _failure(
        3034, "SMS not supported", Retry.NEVER,
        mark("This number cannot receive SMS; it may be a landline."), _CHECK_NUMBER,
    ),
    _failure(
        3035, "Invalid/unsupported", Retry.AFTER_CHANGE,
        mark("Something in the text cannot be delivered on this channel."),
        mark("Write the text more simply, without unusual characters, and send it again."),
    ),
    _failure(
        3036, "Price threshold exceeded", Retry.AFTER_CHANGE,
        mark("Sending to this number costs more than your account allows, so it was not sent."),
        mark("Ask your administrator to raise the price limit, or reach the customer another way."),
    ),
    _failure(
        3037, "Message blocked in requested country", Retry.AFTER_CHANGE,
        mark("Your account does not send to the customer's country, so it was not sent."),
        mark("Ask your administrator to allow this country, or reach the customer another way."),
    ),
    _failure(
        3038, "Destination blocked by prefix", Retry.AFTER_CHANGE,
        mark("Your account does not send to numbers that begin like this one."),
        mark("Ask your administrator to allow these numbers, or reach the customer another way."),
    ),
    _failure(
        3041, "Carrier rejected - temporary problem", Retry.LATER,
        mark("The customer's mobile network has a passing problem and did not take the message."), _LATER,
    ),
    _failure(
        3042, "Carrier rejected - permanent error", Retry.NEVER,
        mark("The customer's mobile network does not take this message."), _OTHER_WAY,
    ),
    _failure(
        3043, "Error on gateway - temporary error", Retry.LATER,
        mark("One of Telesign's partners has a passing problem and did not take the message."), _LATER,
    ),
    _failure(
        3044, "Error on gateway - permanent error", Retry.NEVER,
        mark("One of Telesign's partners does not take this message."), _OTHER_WAY,
    ),
    _failure(
        3045, "Parameters problem", Retry.AFTER_CHANGE,
        mark("Something about this message is not supported on its way to the customer."), _ADMIN_TELESIGN,
    ),
    _failure(
        3046, "Message blocked by subscriber action or request", Retry.NEVER,
        mark("The customer has blocked these messages or asked not to get them."),
        mark("Respect that: send no more until the customer allows it, and use another way."),
    ),
    _failure(
        3047, "Subscriber low on credit", Retry.LATER,
        mark("The customer's phone plan is out of credit, so it cannot receive this."), _OTHER_WAY,
    ),
    _failure(
        3048, "Roaming error", Retry.LATER,
        mark("The customer is abroad, and the network there does not pass this message on."), _OTHER_WAY,
    ),
    _failure(
        3049, "Mobile number portability error", Retry.LATER,
        mark("The number has moved to another network, and the message did not find it there."), _LATER,
    ),
    _failure(
        3050, "Subscriber absent", Retry.LATER,
        mark("The customer's phone cannot be reached just now; it may be off or without signal."), _LATER,
    ),
    _failure(
        3051, "Suspected spam", Retry.AFTER_CHANGE,
        mark("The customer's network took the text for spam and stopped it."),
        mark("Write it in other words, without links and capitals, and send it again."),
    ),
    _failure(
        3052, "Message blocked by your request", Retry.AFTER_CHANGE,
        mark("This number is on your company's own block list, so it was not sent."),
        mark("Ask your administrator whether the number should be unblocked."),
    ),
    _failure(
        3053, "Message blocked by Telesign", Retry.NEVER,
        mark("Telesign sends nothing to this number; it is on a general block list."), _OTHER_WAY,
    ),
    _failure(
        3054, "Message cannot be sent to RBM provider - parsing error", Retry.LATER,
        mark("Telesign's partner for this channel has a passing problem."), _LATER,
    ),
    _failure(
        3055, "Delivery channel not supported by the end user's device", Retry.NEVER,
        mark("The customer's phone cannot get messages this way; probably the number has no Viber."),
        mark("Use SMS for this customer, or reach them another way."), Finality.FINAL,
    ),
    _failure(
        3057, "Invalid source address", Retry.AFTER_CHANGE,
        mark("The sender name or number is not accepted where the customer is."),
        mark("Leave the sender id empty or ask your administrator for one that is allowed, then send again."),
    ),
    _failure(
        3059, "Exceeded number of elements for rich card", Retry.AFTER_CHANGE,
        mark("The message has more buttons or pictures than the channel allows."),
        mark("Send a simpler message."),
    ),
    _failure(
        3061, "Media size exceeds the limit", Retry.AFTER_CHANGE,
        mark("The attached picture or file is too large for the channel."), mark("Send a smaller file."),
    ),
    _failure(
        3062, "MMS not supported", Retry.NEVER,
        mark("The customer cannot receive picture messages."), mark("Send a plain text instead."),
    ),
    _failure(
        3072, "Message blocked due to high risk score", Retry.NEVER,
        mark("The number looks risky to Telesign's fraud check, so it was not sent."),
        mark("Check who the customer is and reach them another way."),
    ),
    _failure(
        3100, "Unknown channel specified: {channel}", Retry.AFTER_CHANGE,
        mark("Telesign does not know this channel, so the next one, if any, is tried."), _ADMIN_TELESIGN,
        Finality.INTERMEDIATE,
    ),
    _failure(
        3101, "Invalid value for parameter phone_number: {phone_number}", Retry.AFTER_CHANGE,
        mark("Telesign does not take this as a phone number; it is too short, too long or mistyped."),
        mark("Correct the number and send it again."), Finality.INTERMEDIATE,
    ),
    _failure(
        3112, "Specified template does not exist for selected channel", Retry.AFTER_CHANGE,
        mark("Your account lacks the kind of message that was chosen for this channel."),
        mark("Switch “in session” off and send it again, or ask your administrator."),
    ),
    _failure(
        3114, "Specified message type not allowed outside of conversation window", Retry.AFTER_CHANGE,
        mark("The customer has not written lately, so a message within a conversation is not allowed."),
        mark("Switch “in session” off and send it as an ordinary message."),
    ),
    _failure(
        3115, "Destination phone number not in coverage", Retry.NEVER,
        mark("This channel does not reach the customer's country or network."), _OTHER_WAY,
    ),
    _failure(
        3200, "{channel} channel is not enabled for customer", Retry.AFTER_CHANGE,
        mark("This channel is not switched on for your account, so the next one, if any, is tried."),
        mark("Ask your administrator to have the channel switched on at Telesign."), Finality.INTERMEDIATE,
    ),
    _failure(
        3202, "Fallback is not enabled for Customer ID", Retry.AFTER_CHANGE,
        mark("Your account may not go on to a second channel, so SMS is not tried after Viber."),
        mark("Ask your administrator to have fallback switched on at Telesign."), Finality.INTERMEDIATE,
    ),
    _failure(
        3205, "Rate Limit Exceeded", Retry.LATER,
        mark("Your account sent too many SMS within a second."), mark("Send it again in a minute."),
    ),
    _failure(
        3306, "Missing message parameters for specified channel", Retry.AFTER_CHANGE,
        mark("Part of the message was missing for this channel, so the next one, if any, is tried."),
        mark("Fill in the text for this channel and send it again."), Finality.INTERMEDIATE,
    ),
    _failure(
        3601, "Missing providers tracking data", Retry.AFTER_CHANGE,
        mark("Something needed to match the customer's answer is missing, most likely the reply id."),
        mark("Fill in the reply id, or switch two-way off, and send it again."),
    ),
)  # fmt: skip

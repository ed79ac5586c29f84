"""Telesign's own words for the status codes the stand-in gives (reference, sections 3 to 4.1).

They are the provider's text, as printed in its documentation, misprints included; what the
codes mean to an agent is :mod:`console.cascade.status`.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

_TEXTS: Final = MappingProxyType(
    {
        1500: "Delivered to customer",
        3000: "Delivered",
        3001: "Message in progress",
        3002: "Delivered to Gateway",
        3003: "Delivery error",
        3004: "Sent out for delivery, final handset confirmation not received",
        3005: "Message is read",
        3006: "None of the channels is enabled for the customer",
        3040: "Queued by gateway",
        3042: "Carrier rejected - permanent error",
        3046: "Message blocked by subscriber action or request",
        3055: "Delivery channel not supported by the end user's device",
        3056: "Message failed to deliver in specified fallback time",
        3100: "Unknown channel specified: {value}",
        3101: "Invalid value for parameter phone_number: {value}",
        3102: "Invalid value for parameter message_type: {value}",
        3103: "Invalid value for parameter external_id: {value}",
        3104: "Invalid value for parameter account_lifecycle_event: {value}",
        3105: "Invalid value for parameter originating_ip: {value}",
        3106: "Invalid value for parameter callback_url: {value}",
        3110: "Invalid request",
        3112: "Specified template does not exist for selected channel",
        3113: "Invalid value for parameter channel: {value}",
        3114: "Specified message type not allowed outside of conversation window",
        3116: "Payload limit size exceeded",
        3200: "{value} channel is not enabled for customer",
        3203: "callback_url is not enabled for this account",
        3204: "Rate limit exceeded",
        3206: "Omnichnnel product not enabled",
        3300: "Missing required parameter channels",
        3301: "Missing required parameter channel",
        3302: "Missing required parameter phone_number",
        3303: "Missing required parameter message",
        3304: "Missing required parameter message_type",
        3305: "Missing template specific parameters",
        3306: "Missing message parameters for specified channel",
        3311: "Invalid value for parameter reference_id",
        3400: "Not authorized",
        3405: "Missing Authorization header",
        3410: "Invalid Customer ID",
        3411: "Invalid API key",
        3412: "Invalid Authorization header format",
        3500: "System Unavailable",
        -10004: "ReferenceID expired.",
    }
)


def known(code: int) -> bool:
    """Whether the code has a documented text here."""
    return code in _TEXTS


def describe(code: int, value: object = "") -> str:
    """Telesign's text for ``code``; ``value`` is what some texts quote, cut to 100 characters."""
    text = _TEXTS.get(code, "Status not described")
    return text.format(value=str(value)[:100]) if "{value}" in text else text

"""What may stand in each setting, wherever it comes from: the file, the environment, a policy.

Each check gives the value to use or raises :class:`ValueError` with one sentence for a person.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import PurePath
from typing import Final

from console.cascade.words import tr
from console.telesign.addresses import check_proxy, check_url

LONGEST_POLL: Final = 55.0
"""Seconds a relay holds a question (its own limit)."""
LONGEST_INTERVAL: Final = 3600.0
LONGEST_UNDO: Final = 60
LONGEST_RETENTION: Final = 36500
"""Days; a hundred years are for ever."""
_CUSTOMER: Final = re.compile(r"[0-9A-Za-z_-]{0,64}", re.ASCII)
_LANGUAGE: Final = re.compile(r"system|qps-(?:ploc|rtl)|[a-z]{2,3}(?:_[A-Z][0-9A-Za-z]{1,7})?", re.ASCII)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(tr("a text is wanted."))  # noqa: TRY004 - one kind of error for every check
    return value.strip()


def _customer_id(value: object) -> str:
    text = _text(value)
    if _CUSTOMER.fullmatch(text) is None:
        raise ValueError(tr("a customer id has Latin letters, digits and dashes only."))
    return text


def _relay_url(value: object) -> str:
    text = _text(value)
    return check_url(text) if text else ""


def _proxy(value: object) -> str | None:
    if value is None:
        return None
    text = _text(value)
    return check_proxy(text) if text else ""


def _country(value: object) -> str:
    text = _text(value).upper()
    if text and re.fullmatch(r"[A-Z]{2}", text) is None:
        raise ValueError(tr("a country is given by its two letters, such as US."))
    return text


def _one_of(*allowed: str) -> Callable[[object], str]:
    def check(value: object) -> str:
        text = _text(value).lower()
        if text not in allowed:
            raise ValueError(tr("it must be one of: {allowed}.", allowed=", ".join(allowed)))
        return text

    return check


def _between(least: float, most: float) -> Callable[[object], float]:
    def check(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(tr("a number of seconds is wanted."))  # noqa: TRY004 - as above
        if not (math.isfinite(value) and least <= value <= most):
            raise ValueError(tr("it must be {least:g} to {most:g} seconds.", least=least, most=most))
        return float(value)

    return check


def _undo(value: object) -> int:
    return int(_between(0, LONGEST_UNDO)(value))


def _days(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(tr("a whole number of days is wanted."))  # noqa: TRY004 - as above
    if not 0 <= value <= LONGEST_RETENTION:
        raise ValueError(tr("it must be 0 to {most} days.", most=LONGEST_RETENTION))
    return value


def _yes_or_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(tr("it must be true or false."))  # noqa: TRY004 - as above
    return value


def _language(value: object) -> str:
    text = _text(value)
    if _LANGUAGE.fullmatch(text) is None:
        raise ValueError(tr("a language is “system” or a code such as en or pt_BR."))
    return text


def _ca_file(value: object) -> str:
    text = _text(value)
    if text and ("\0" in text or not PurePath(text).is_absolute()):
        raise ValueError(tr("a whole path is wanted."))
    return text


CHECKS: Final[dict[str, Callable[[object], object]]] = {
    "api_url": lambda value: check_url(_text(value)),
    "customer_id": _customer_id,
    "auth": _one_of("digest", "basic"),
    "relay_url": _relay_url,
    "poll_wait": _between(0, LONGEST_POLL),
    "poll_interval": _between(0.1, LONGEST_INTERVAL),
    "default_country": _country,
    "undo_seconds": _undo,
    "proxy": _proxy,
    "theme": _one_of("system", "light", "dark"),
    "retention_days": _days,
    "notifications": _yes_or_no,
    "notification_text": _yes_or_no,
    "mask_numbers": _yes_or_no,
    "language": _language,
    "ca_file": _ca_file,
    "update_url": _relay_url,
}
"""Every field that is kept in the file."""

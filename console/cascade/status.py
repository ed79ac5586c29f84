"""The catalogue of Telesign's status codes: what each means to an agent, and what to do about it.

Every code of the reference (section 4.1 and the classic twins of section 7) is in it. The same
number can mean different things in different places, so a code is looked up together with the
place where it was found. Telesign adds codes: one nobody knows gets an honest entry that shows
its number.

The words stand in :mod:`console.cascade.delivery_codes`, :mod:`console.cascade.request_codes` and
:mod:`console.cascade.classic_codes`; a code's words are in one place only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import Final, Literal

from console.cascade import classic_codes, delivery_codes, request_codes
from console.cascade.outcome import AttemptState
from console.cascade.statuscode import Finality, Level, Retry, StatusCode, retry_text
from console.cascade.words import mark, tr

__all__ = ["CATALOGUE", "Finality", "Level", "Place", "Retry", "StatusCode", "lookup", "retry_text"]

Place = Literal["request", "transaction", "channel", "query", "reply"]
"""Where a code was found: the answer to our POST, a report's own status, a channel's status in a
report, the answer to our GET when it is not a report, a message from the customer."""

_LEVELS: Final[Mapping[Place, Level]] = MappingProxyType(
    {
        "request": Level.REQUEST,
        "transaction": Level.TRANSACTION,
        "channel": Level.CHANNEL,
        "query": Level.QUERY,
        "reply": Level.REPLY,
    }
)


def _by_code(entries: Iterable[StatusCode]) -> dict[int, StatusCode]:
    table: dict[int, StatusCode] = {}
    for entry in entries:
        if entry.code in table:
            raise ValueError(f"code {entry.code} is explained twice")
        table[entry.code] = entry
    return table


def _whole_catalogue() -> Mapping[int, StatusCode]:
    messaging = _by_code(
        (
            *delivery_codes.OUTCOMES,
            *delivery_codes.FAILURES,
            *request_codes.REFUSALS,
            *request_codes.SIGN_IN,
            *request_codes.ELSEWHERE,
        )
    )
    classic = _by_code(classic_codes.CLASSIC)
    for code, twin in classic_codes.TWINS.items():
        entry = messaging[twin]
        classic[code] = replace(entry, code=code, text=classic_codes.TEXTS.get(code, entry.text))
    classic[251] = replace(classic[251], meaning=classic_codes.UNCONFIRMED_CLASSIC)
    only_asked = {entry.code: entry for entry in request_codes.QUERIES if entry.code not in messaging}
    return MappingProxyType({**only_asked, **classic, **messaging})


CATALOGUE: Final = _whole_catalogue()
"""Every code, as it reads in the place where it belongs first. Texts are not translated here."""

_ELSEWISE: Final[Mapping[Place, Mapping[int, StatusCode]]] = MappingProxyType(
    {
        "request": _by_code(classic_codes.IN_ANSWERS),
        "query": _by_code((*request_codes.QUERIES, *classic_codes.IN_ANSWERS)),
    }
)

_UNKNOWN: Final[Mapping[Place, str]] = MappingProxyType(
    {
        "request": mark("Telesign did not take the message; this console does not know its reason {code}."),
        "transaction": mark("Telesign reports {code} for this message, which this console does not know."),
        "channel": mark("Telesign reports {code} for this channel, which this console does not know."),
        "query": mark(
            "Telesign did not say what became of the message; its reason {code} is not known here."
        ),
        "reply": mark(
            "The customer's message came with the status {code}, which this console does not know."
        ),
    }
)
_UNKNOWN_STEP: Final = mark("Read Telesign's own words beside it, or ask your administrator.")


def lookup(code: int, *, where: Place) -> StatusCode:
    """What ``code`` means when it is found ``where``, in the language in use. Never fails.

    The result's ``attempt_state`` is ``None`` where the code says nothing about a channel's attempt:
    a request that was not taken, or a question that was not answered.
    """
    entry = _ELSEWISE.get(where, {}).get(code) or CATALOGUE.get(code)
    if entry is None:
        meaning = tr(_UNKNOWN[where], code=code)
        retry = Retry.UNKNOWN
        return StatusCode(
            code, "", _LEVELS[where], Finality.NOT_STATED, retry, None, meaning, tr(_UNKNOWN_STEP)
        )
    return replace(
        entry,
        attempt_state=attempt_state(code, where=where),
        meaning=tr(entry.meaning),
        next_step=tr(entry.next_step),
    )


@lru_cache(maxsize=1024)
def attempt_state(code: int, *, where: Place) -> AttemptState | None:
    """What ``code`` says of a channel's attempt: :func:`lookup` without the words, for folds of many."""
    entry = _ELSEWISE.get(where, {}).get(code) or CATALOGUE.get(code)
    if entry is None:
        return None
    of_attempt = where in ("transaction", "channel") or entry.level & (Level.TRANSACTION | Level.CHANNEL)
    return entry.attempt_state if of_attempt else None

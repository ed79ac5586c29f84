"""Who may come in: the credentials of a request, and the 401 code where they are wrong.

Telesign documents 3400 and, on its page of codes, 3405 and 3408 to 3413; which of them a wrong
signature or date gives is not published (3401 to 3404 and 3407 are a gap), so that is 3400.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from console.sandbox.server import Request
from console.telesign.signing import AccountKey, verify_request

NOT_AUTHORISED: Final = 3400
NO_AUTHORISATION: Final = 3405
UNKNOWN_CUSTOMER: Final = 3410
WRONG_KEY: Final = 3411
WRONG_FORMAT: Final = 3412
DATE_TOLERANCE: Final = timedelta(minutes=15)
"""How far the date of a request may be from ours. Telesign's own tolerance is not published."""


class Gate:
    """Checks Basic and Digest for one account; remembers nonces, so that each is good once."""

    def __init__(self, key: AccountKey, now: Callable[[], datetime]) -> None:
        self._key = key
        self._now = now
        self._nonces: dict[str, datetime] = {}

    def refuses(self, request: Request) -> int | None:
        """The code of the refusal, or ``None`` for a request that may come in."""
        scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
        scheme = scheme.lower()
        if not scheme:
            return NO_AUTHORISATION
        customer_id = _customer_id(scheme, credentials)
        if customer_id is None:
            return WRONG_FORMAT
        if customer_id != self._key.customer_id:
            return UNKNOWN_CUSTOMER
        genuine = verify_request(
            self._key,
            method=request.method,
            path=request.path,
            headers=request.headers,
            body=request.body,
        )
        if scheme == "basic":
            return None if genuine else WRONG_KEY
        return None if genuine and self._fresh(request) else NOT_AUTHORISED

    def _fresh(self, request: Request) -> bool:
        date = _date(request.headers.get("x-ts-date") or request.headers.get("date", ""))
        now = self._now()
        if date is None or abs(now - date) > DATE_TOLERANCE:
            return False
        self._nonces = {nonce: until for nonce, until in self._nonces.items() if until > now}
        nonce = request.headers.get("x-ts-nonce", "")
        if nonce in self._nonces:
            return False
        self._nonces[nonce] = now + 2 * DATE_TOLERANCE
        return True


def _customer_id(scheme: str, credentials: str) -> str | None:
    """Whom the credentials name; ``None`` where they are not of the documented form."""
    if scheme == "basic":
        try:
            credentials = base64.b64decode(credentials, validate=True).decode()
        except ValueError:
            return None
    elif scheme != "tsa":
        return None
    customer_id, colon, secret = credentials.partition(":")
    return customer_id if colon and secret else None


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return date if date.tzinfo is not None else None

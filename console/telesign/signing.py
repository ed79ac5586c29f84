"""Telesign's signatures: Basic and Digest on our requests, HMAC on their callbacks.

Sources: Telesign's SDKs (Python 4.1, Node, Ruby, C#) for the string that Digest signs, the
page "Authenticate callbacks" and the SDKs' helpers for callbacks. The relay, the console and
the sandbox all sign and check here.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final, NamedTuple

AUTH_METHOD: Final = "HMAC-SHA256"
_MAX_HEADER: Final = 1024
"""Longest signature header worth looking at; a genuine one has about 90 characters."""


class BadKey(ValueError):  # noqa: N818 - the field says "bad key"
    """An API key that is not Base64, so that nothing can be signed with it."""


def decode_key(api_key: str) -> bytes:
    """The secret bytes of an API key.

    Telesign's keys are ordinary Base64. Their SDKs decode leniently, dropping every character
    outside the alphabet (one of their own test keys holds dashes), so we drop ``-`` and white
    space as they do; anything else outside the alphabet is a mistyped key and is refused here,
    where it can be explained, rather than by a signature that never matches.

    Raises:
        BadKey: the text is not Base64 or decodes to nothing.
    """
    cleaned = "".join(api_key.split()).replace("-", "")
    try:
        secret = base64.b64decode(cleaned, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadKey("the API key is not Base64: was it copied whole?") from error
    if not secret:
        raise BadKey("the API key is empty")
    return secret


@dataclass(frozen=True, slots=True)
class AccountKey:
    """One API key of one Telesign account. The key never shows in ``repr``.

    Raises:
        BadKey: when made with a key that is not Base64.
    """

    customer_id: str
    api_key: str = field(repr=False)
    _secret: bytes = field(init=False, repr=False, compare=False, default=b"")

    def __post_init__(self) -> None:
        object.__setattr__(self, "_secret", decode_key(self.api_key))

    def sign(self, data: bytes) -> str:
        """Base64 of HMAC-SHA256 over ``data``."""
        # Not hmac.digest: that lets go of the interpreter for two microseconds, and with thousands of
        # events to verify beside other threads, each time it takes a turn of theirs to get it back.
        return base64.b64encode(hmac.new(self._secret, data, hashlib.sha256).digest()).decode("ascii")


def basic_headers(key: AccountKey) -> dict[str, str]:
    """``Authorization: Basic …`` (documented)."""
    credentials = base64.b64encode(f"{key.customer_id}:{key.api_key}".encode()).decode("ascii")
    return {"Authorization": f"Basic {credentials}"}


def string_to_sign(
    *, method: str, content_type: str, date: str, x_ts_date: str | None, nonce: str, body: bytes, path: str
) -> bytes:
    """What a Digest signature covers (seen in the SDKs).

    The body line is left out, with its line break, when there is no body. With ``x-ts-date``
    the date line is empty and a line of its own stands between method and nonce.
    """
    lines = [
        method.upper(),
        content_type,
        "" if x_ts_date is not None else date,
        f"x-ts-auth-method:{AUTH_METHOD}",
    ]
    if x_ts_date is not None:
        lines.append(f"x-ts-date:{x_ts_date}")
    lines.append(f"x-ts-nonce:{nonce}")
    head, resource = _bytes("\n".join(lines)), _bytes(path)
    return b"\n".join([head, body, resource] if body else [head, resource])


def _bytes(text: str) -> bytes:
    """``text`` as UTF-8; what cannot be written (half a surrogate pair) becomes ``?`` and matches nothing."""
    return text.encode("utf-8", "replace")


def _same(one: str, other: str) -> bool:
    if one.isascii() and other.isascii():
        return hmac.compare_digest(one, other)
    return hmac.compare_digest(_bytes(one), _bytes(other))


def same_id(one: str, other: str) -> bool:
    """Whether two customer ids are the same: in any case of letters."""
    return one == other or one.upper() == other.upper()


def digest_headers(
    key: AccountKey,
    *,
    method: str,
    path: str,
    body: bytes,
    content_type: str,
    date: datetime | str,
    nonce: str,
) -> dict[str, str]:
    """The headers of a Digest ("TSA") request.

    ``path`` is the path alone: no host, no query. ``content_type`` is empty for GET. ``date``
    is an aware moment or the finished text of the ``Date`` header.
    """
    told = date if isinstance(date, str) else format_datetime(date.astimezone(UTC), usegmt=True)
    signature = key.sign(
        string_to_sign(
            method=method,
            content_type=content_type,
            date=told,
            x_ts_date=None,
            nonce=nonce,
            body=body,
            path=path,
        )
    )
    headers = {
        "Authorization": f"TSA {key.customer_id}:{signature}",
        "Date": told,
        "x-ts-auth-method": AUTH_METHOD,
        "x-ts-nonce": nonce,
    }
    if content_type:
        headers["Content-Type"] = content_type
    return headers


def verify_request(
    key: AccountKey, *, method: str, path: str, headers: Mapping[str, str], body: bytes
) -> bool:
    """Whether a request carries valid credentials of ``key``: Basic or Digest.

    Header names are compared without regard to case. Dates and nonces are the caller's to judge.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    scheme, _, credentials = lower.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        return _same(credentials.strip(), basic_headers(key)["Authorization"].partition(" ")[2])
    customer_id, signature = parse_tsa(lower.get("authorization", ""))
    if customer_id is None or lower.get("x-ts-auth-method", AUTH_METHOD).upper() != AUTH_METHOD:
        return False
    expected = key.sign(
        string_to_sign(
            method=method,
            content_type=lower.get("content-type", ""),
            date=lower.get("date", ""),
            x_ts_date=lower.get("x-ts-date"),
            nonce=lower.get("x-ts-nonce", ""),
            body=body,
            path=path.partition("?")[0],
        )
    )
    same_account = _same(customer_id, key.customer_id)
    return _same(signature, expected) and same_account


def parse_tsa(header: str) -> tuple[str | None, str]:
    """Split ``TSA {customer id}:{signature}``; a bare signature has ``None`` for the customer."""
    text = header.strip()
    scheme, _, rest = text.partition(" ")
    if scheme.upper() == "TSA" and rest:
        # A customer id holds no colon and Base64 neither, so the last colon divides them.
        customer_id, colon, signature = rest.strip().rpartition(":")
        return (customer_id.strip(), signature.strip()) if colon else (None, rest.strip())
    return None, text


def callback_signature(key: AccountKey, body: bytes) -> str:
    """The signature of a callback: over its exact body bytes and nothing else (documented)."""
    return key.sign(body)


class Signed(NamedTuple):
    """Whose signature a callback carries, and that signature, bare."""

    key: AccountKey
    signature: str


def find_signer(
    body: bytes,
    *,
    x_ts_authorization: str | None,
    authorization: str | None,
    keys: Sequence[AccountKey],
) -> AccountKey | None:
    """The key that signed this callback, or ``None``: see :func:`find_signature`."""
    found = find_signature(
        body, x_ts_authorization=x_ts_authorization, authorization=authorization, keys=keys
    )
    return None if found is None else found.key


def find_signature(
    body: bytes,
    *,
    x_ts_authorization: str | None,
    authorization: str | None,
    keys: Sequence[AccountKey],
) -> Signed | None:
    """The key that signed this callback and its signature, or ``None`` if none of ``keys`` did.

    Telesign sends the signature twice: bare in ``X-TS-Authorization`` and as ``TSA id:signature``
    in ``Authorization`` (documented). Either is enough; a ``TSA id:`` is accepted in both, and
    every customer id that is given must be the key's own (in any case of letters). An empty body
    is never signed by anybody: its signature would be the same for ever. Comparison takes the
    same time whatever it finds.
    """
    if not body:
        return None
    offered = [
        parse_tsa(header)
        for header in (x_ts_authorization, authorization)
        if header is not None and 0 < len(header) <= _MAX_HEADER
    ]
    found: Signed | None = None
    for key in keys:
        expected = key.sign(body)
        genuine, ours = False, True
        for customer_id, signature in offered:
            genuine |= _same(signature, expected)
            if customer_id is not None:
                ours &= _same(customer_id.upper(), key.customer_id.upper())
        if genuine and ours and found is None:
            found = Signed(key, expected)
    return found

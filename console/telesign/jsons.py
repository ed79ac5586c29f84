"""JSON as it comes from outside: read without ever raising, and picked apart with care."""

from __future__ import annotations

import json
import re
from typing import Any, Final

_DEEPEST: Final = 64
"""Nesting beyond which a body is not one of Telesign's; nothing later walks into it."""
_HEX_32: Final = re.compile(r"[0-9A-Fa-f]{32}", re.ASCII)


def read_object(body: bytes) -> dict[str, Any] | None:
    """The JSON object in ``body``, or ``None`` for anything else, whatever the bytes are.

    UTF-8 with or without a byte order mark. A key given twice has its last value. A number with
    a fraction stays the text it was written as: prices must not be rounded, and 1e400 is no number.
    """
    try:
        value = _DECODER.decode(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    # What opens few brackets cannot be deep, which spares nearly every body the walk.
    shallow = body.count(b"{") + body.count(b"[") <= _DEEPEST
    return value if isinstance(value, dict) and (shallow or _shallow(value)) else None


def _whole(digits: str) -> int | str:
    # int() refuses numbers of thousands of digits; such a number is nobody's code.
    return int(digits) if len(digits) <= 20 else digits


_DECODER: Final = json.JSONDecoder(parse_int=_whole, parse_float=str, parse_constant=str)


def _shallow(value: object) -> bool:
    level: list[object] = [value]
    for _ in range(_DEEPEST):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return True
    return False


def _inside(value: object) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def as_object(value: object) -> dict[str, Any]:
    """``value`` if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[Any]:
    """``value`` if it is a JSON array, else an empty one."""
    return value if isinstance(value, list) else []


def as_code(value: object) -> int | None:
    """A status code: an integer, also negative, also written as a string (both documented)."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if abs(value) < 10**9 else None
    if isinstance(value, str):
        digits = value.strip()
        bare = digits[1:] if digits[:1] == "-" else digits
        if bare.isascii() and bare.isdigit() and len(bare) <= 9:
            return int(digits)
    return None


def as_text(value: object) -> str:
    """Text that can be stored and shown: a string or a number as text, without lone surrogates or NUL."""
    if not isinstance(value, str):
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""
    if value.isascii():
        return value.replace("\0", "\ufffd") if "\0" in value else value
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "\ufffd")


def as_id(value: object) -> str | None:
    """An id, or ``None``: absent, ``null``, empty, or the string ``"null"`` (documented)."""
    if value is None:
        return None
    text = as_text(value).strip()
    return None if not text or text == "null" else text


def as_reference(value: object) -> str | None:
    """A Telesign reference id, in the one spelling by which ids are compared.

    Theirs are 32 hex digits, always upper case in what was seen; those are made upper case, so that
    they join whatever case an answer or a callback has. Any other id is kept as told.
    """
    text = as_id(value)
    if text is None or text.isupper():  # nearly every one, which spares it the pattern
        return text
    return text.upper() if _HEX_32.fullmatch(text) else text

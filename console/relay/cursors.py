"""Cursors: a place in the order of one store, opaque to those who hold them."""

from __future__ import annotations

import re
from typing import Final

_FORM: Final = re.compile(r"([0-9a-f]{16})\.(0|[1-9][0-9]{0,17})", re.ASCII)


class BadCursor(ValueError):  # noqa: N818 - the field says "bad cursor"
    """Text that no relay ever gave out as a cursor."""


class CursorExpired(Exception):  # noqa: N818 - the contract says "cursor_expired"
    """A cursor of another store, or of events that retention has removed."""


def write_cursor(identity: str, position: int) -> str:
    """The cursor of ``position`` in the store named ``identity`` (16 hexadecimal digits)."""
    return f"{identity}.{position}"


def read_cursor(text: str, *, identity: str) -> int:
    """The position a cursor stands for.

    Raises:
        BadCursor: it is no cursor at all.
        CursorExpired: another store issued it.
    """
    match = _FORM.fullmatch(text)
    if match is None:
        raise BadCursor("the cursor is not one this relay gave out")
    if match[1] != identity:
        raise CursorExpired("the cursor belongs to another store")
    return int(match[2])

"""Cursors: a place in the order of one store, opaque to those who hold them.

A cursor names the store, the place and, by eight digits of its digest, the event at that place.
So a cursor of another store is told apart, and also one of *this* store that was put back to an
older copy by any means (``restore``, a dump, a snapshot of the disk): there the place is not yet
given out, or was given out anew to another event, and the cursor has expired. Where the place
holds the very same event, all that came before it is the same too and reading goes on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_FORM: Final = re.compile(r"([0-9a-f]{16})\.(0|[1-9][0-9]{0,17})\.([0-9a-f]{8})", re.ASCII)


class BadCursor(ValueError):  # noqa: N818 - the field says "bad cursor"
    """Text that no relay ever gave out as a cursor."""


class CursorExpired(Exception):  # noqa: N818 - the contract says "cursor_expired"
    """A cursor of another store, or of events that retention has removed."""


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the order: after the event numbered ``number``, which has this ``tag``."""

    number: int
    """0 is before the first event."""
    tag: str
    """The first eight hexadecimal digits of the event's digest."""


ORIGIN: Final = Position(0, "00000000")
"""Before the first event of every store."""


def position(number: int, digest: bytes) -> Position:
    """The place of an event with this digest."""
    return Position(number, digest[:4].hex())


def write_cursor(identity: str, place: Position) -> str:
    """The cursor of ``place`` in the store named ``identity`` (16 hexadecimal digits)."""
    return f"{identity}.{place.number}.{place.tag}"


def read_cursor(text: str, *, identity: str) -> Position:
    """The place a cursor stands for.

    Raises:
        BadCursor: it is no cursor at all.
        CursorExpired: another store issued it.
    """
    match = _FORM.fullmatch(text)
    if match is None:
        raise BadCursor("the cursor is not one this relay gave out")
    if match[1] != identity:
        raise CursorExpired("the cursor belongs to another store")
    return Position(int(match[2]), match[3])

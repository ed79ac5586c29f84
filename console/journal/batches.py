"""Statements of many rows.

For each row that a statement gives and each statement that is run, Python's lock is let go and got back, and
while another thread computes, getting it back takes a millisecond. So what comes by the thousand is asked for
and written some hundred rows at a time, and what is found comes as one value.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final, TypeVar

import msgspec

_AT_ONCE: Final = 250
"""Rows or values of one statement; SQLite allows 32,766 places."""

T = TypeVar("T")


def parts(values: Collection[T]) -> Iterator[Sequence[T]]:
    """``values`` in pieces small enough for one statement."""
    told = list(values)
    for first in range(0, len(told), _AT_ONCE):
        yield told[first : first + _AT_ONCE]


def row_of(places: int) -> str:
    """As many question marks in brackets."""
    return f"({', '.join('?' * places)})"


def write_rows(db: sqlite3.Connection, statement: str, rows: Collection[Sequence[Any]]) -> None:
    """Run ``statement``, whose ``{}`` stands for what follows VALUES, for all ``rows``."""
    for part in parts(rows):
        places = row_of(len(part[0]))
        db.execute(
            statement.format(", ".join([places] * len(part))), [value for row in part for value in row]
        )


def read_rows(
    db: sqlite3.Connection, columns: str, rest: str, values: Collection[str] | Collection[int]
) -> Iterator[list[Any]]:
    """``SELECT columns rest``, where ``{}`` in ``rest`` stands for the values of an IN.

    Numbers, texts and NULL only: they travel as JSON.
    """
    for part in parts(values):
        asked = f"SELECT json_group_array(json_array({columns})) {rest.format(row_of(len(part)))}"
        yield from msgspec.json.decode(db.execute(asked, part).fetchone()[0])

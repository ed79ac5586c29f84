"""Which command a few typed letters mean."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Final, NamedTuple

_START: Final = 8
"""For a letter that begins a word."""
_ON: Final = 5
"""For a letter that follows the one found before it."""
_FIRST: Final = 4
"""For a first letter that begins the title."""


class Command(NamedTuple):
    """A deed as the palette shows it."""

    title: str
    menu: str
    """The menus it stands in, outermost first."""
    keys: str
    """As written on this computer; empty: none."""


def folded(text: str) -> str:
    """``text`` as it is compared: without case and without marks."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in apart if not unicodedata.combining(char))


def score(query: str, text: str) -> int | None:
    """How well the letters of ``query`` fit ``text``, in order; higher is better, ``None``: not at all."""
    wanted = "".join(folded(query).split())
    line = folded(text)
    if len(wanted) > len(line):
        return None
    # best[i]: the best score with the letters so far, the last of them at i.
    best: dict[int, int] = {}
    for number, letter in enumerate(wanted):
        now: dict[int, int] = {}
        leading: int | None = None
        """The best score of the letters before, all of them left of here."""
        for at, char in enumerate(line):
            if char == letter:
                gain = _START if at == 0 or not line[at - 1].isalnum() else 0
                gain += _FIRST if number == 0 and at == 0 else 0
                before = 0 if number == 0 else leading
                adjacent = best.get(at - 1)
                options = [] if before is None else [before + gain]
                if adjacent is not None:
                    options.append(adjacent + max(gain, _ON))
                if options:
                    now[at] = max(options)
            if at in best:
                leading = best[at] if leading is None else max(leading, best[at])
        best = now
        if not best:
            return None
    return max(best.values(), default=0)


def ranked(query: str, commands: Sequence[Command]) -> list[int]:
    """Places of the commands that fit ``query``, the best first; an empty query leaves all in order.

    A fit in the title comes before a fit that needs the menu's name as well; shorter titles first.
    """
    found: list[tuple[int, int, int, int]] = []
    for place, command in enumerate(commands):
        own = score(query, command.title)
        wide = score(query, f"{command.menu} {command.title}") if own is None else None
        if own is not None:
            found.append((0, -own, len(command.title) if query.strip() else 0, place))
        elif wide is not None:
            found.append((1, -wide, len(command.title), place))
    return [place for *_, place in sorted(found)]

"""What Viber makes of a text: its length limit and its three kinds of markup."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

VIBER_LIMIT: Final = 1000
"""Characters. The Viber platform's limit (other vendors' pages); Telesign states none."""

_FENCE: Final = re.compile(r"```(?P<mono>.+?)```", re.DOTALL)
_BOLD: Final = "*"
_ITALIC: Final = "_"


@dataclass(frozen=True, slots=True)
class ViberCount:
    """The length of a text, counted three ways; the limit applies to what people see."""

    graphemes: int
    utf16: int
    utf8_bytes: int
    limit: int = VIBER_LIMIT

    @property
    def over(self) -> int:
        """How many characters must go; 0 if none."""
        return max(0, self.graphemes - self.limit)

    @property
    def doubtful(self) -> bool:
        """Within the limit as people count, beyond it as computers do: Viber's own way is not published."""
        return not self.over and self.utf16 > self.limit


def utf16_length(text: str) -> int:
    """How long a text is for Qt and for Viber: in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def count_viber(text: str) -> ViberCount:
    """Count ``text`` in grapheme clusters, UTF-16 units and UTF-8 bytes."""
    if text.isascii():
        graphemes = len(text) - text.count("\r\n")
        return ViberCount(graphemes, len(text), len(text))
    import regex  # noqa: PLC0415 - only texts beyond ASCII need it

    return ViberCount(
        graphemes=len(regex.findall(r"\X", text)),
        utf16=utf16_length(text),
        utf8_bytes=len(text.encode("utf-8", "surrogatepass")),
    )


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text in one style."""

    text: str
    bold: bool = False
    italic: bool = False
    mono: bool = False


def parse_markup(text: str) -> tuple[Span, ...]:
    """The text as Viber shows it: ``*bold*``, ``_italic_``, fenced ``mono`` (Sinch's description).

    A mark counts only at the edge of a word, so ``2*3*4`` and ``snake_case_name`` stay as typed, and
    only within its line. Takes time in proportion to the text, whatever it holds.
    """
    spans: list[Span] = []
    end = 0
    for fence in _FENCE.finditer(text):
        spans += _styled(text[end : fence.start()])
        spans.append(Span(fence["mono"], mono=True))
        end = fence.end()
    spans += _styled(text[end:])
    return tuple(span for span in spans if span.text)


def _styled(text: str) -> list[Span]:
    """Runs of bold and italic; where a style changes, the mark itself is left out."""
    marks = _pairs(text)
    spans: list[Span] = []
    start = 0
    bold = italic = False
    for place in sorted(marks):
        spans.append(Span(text[start:place], bold, italic))
        bold, italic = bold != (text[place] == _BOLD), italic != (text[place] == _ITALIC)
        start = place + 1
    spans.append(Span(text[start:], bold, italic))
    return spans


def _pairs(text: str) -> set[int]:
    """Where the marks stand that open or close a style: each closing one ends the nearest open one."""
    paired: set[int] = set()
    opened: list[int] = []
    for place, letter in enumerate(text):
        if letter == "\n":
            opened.clear()
        if letter not in (_BOLD, _ITALIC):
            continue
        before = text[place - 1] if place else " "
        after = text[place + 1] if place + 1 < len(text) else " "
        own = next((other for other in opened if text[other] == letter), None)
        if own is not None and not before.isspace() and not after.isalnum() and place - own > 1:
            paired |= {own, place}
            del opened[opened.index(own) :]
        elif own is None and not before.isalnum() and not after.isspace():
            opened.append(place)
    return paired

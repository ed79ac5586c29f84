"""How a text travels as SMS: which encoding it needs and how it falls into segments.

GSM 03.38 (3GPP TS 23.038): the default alphabet costs one septet a character, the extension
table two. A text with any other character goes as UCS-2 (UTF-16 units). One message holds 160
septets or 70 units; of several, each holds 153 or 67, since the parts carry a header that
joins them. Telesign documents the encodings; the figures are the standard's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Encoding = Literal["GSM-7", "UCS-2"]

_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION: Final = frozenset("\f^{}\\[~]|€")

_SINGLE: Final = {"GSM-7": 160, "UCS-2": 70}
_PART: Final = {"GSM-7": 153, "UCS-2": 67}

# Look-alikes that lose nothing a reader would miss. Letters whose mark tells words of their language
# apart (č, ş, ą …) have none here: dropping it is the writer's decision.
_PLAIN: Final = {
    "‘": "'", "’": "'", "‚": "'", "‛": "'", "′": "'", "ʼ": "'", "`": "'", "´": "'",
    "“": '"', "”": '"', "„": '"', "‟": '"', "″": '"', "«": '"', "»": '"', "‹": "'", "›": "'",
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-",
    "…": "...", "•": "-", "·": ".", "\u00a0": " ", "\u2002": " ", "\u2003": " ", "\u2009": " ",
    "\u202f": " ", "\u2007": " ", "\t": " ", "\u200b": "", "\ufeff": "", "\u00ad": "", "\u2060": "",
    "\u2028": "\n", "\u2029": "\n", "ё": "е", "Ё": "Е", "™": "(TM)", "®": "(R)", "©": "(C)", "№": "No.",
    "×": "x", "÷": "/", "½": "1/2", "¼": "1/4", "¾": "3/4", "≤": "<=", "≥": ">=", "≠": "!=",
    "ﬁ": "fi", "ﬂ": "fl", "‵": "'", "＇": "'", "＂": '"', "\u2043": "-",
    "\u2000": " ", "\u2001": " ", "\u2004": " ", "\u2005": " ", "\u2006": " ", "\u2008": " ", "\u200a": " ",
    "\u205f": " ", "\u3000": " ", "\u200e": "", "\u200f": "", "\u0085": "\n", "\u000b": "\n",
    # The alphabet has these letters with another accent only, which reads the same.
    "á": "à", "í": "ì", "ó": "ò", "ú": "ù", "È": "É", "ő": "ö", "ű": "ü", "Ő": "Ö", "Ű": "Ü",
    # It has the Greek capitals that Latin lacks; the others look like Latin ones.
    "Α": "A", "Β": "B", "Ε": "E", "Ζ": "Z", "Η": "H", "Ι": "I", "Κ": "K", "Μ": "M", "Ν": "N", "Ο": "O",
    "Ρ": "P", "Τ": "T", "Υ": "Y", "Χ": "X",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Offender:
    """A character that forces the costly encoding."""

    index: int
    """In code points."""
    utf16_index: int
    """In UTF-16 units, as Qt counts."""
    character: str
    suggestion: str | None
    """What could stand in its place without being missed; ``""`` means leave it out."""


@dataclass(frozen=True, slots=True)
class SmsCount:
    """What an SMS text costs."""

    encoding: Encoding
    used: int
    """Septets (GSM-7) or UTF-16 units (UCS-2) of the whole text."""
    limit: int
    """What this number of segments can hold at most."""
    segments: tuple[str, ...]
    """The text as it is divided; joined they are the text. One empty segment for no text."""
    offenders: tuple[Offender, ...]
    """Every character outside GSM-7, in order; empty if the encoding is GSM-7."""


def count_sms(text: str) -> SmsCount:
    """Encoding, segments and offenders of ``text``. Line breaks count as one character each."""
    offenders = tuple(_offenders(text))
    encoding: Encoding = "UCS-2" if offenders else "GSM-7"
    used = sum(_cost(letter, encoding) for letter in text)
    if used <= _SINGLE[encoding]:
        return SmsCount(encoding, used, _SINGLE[encoding], (text,), offenders)
    segments = _split(text, encoding)
    return SmsCount(encoding, used, _PART[encoding] * len(segments), segments, offenders)


def simplify(text: str) -> str:
    """The text with every suggestion taken; unchanged where there is none to take."""
    return "".join(letter if _is_gsm(letter) else _PLAIN.get(letter, letter) for letter in text)


def _is_gsm(letter: str) -> bool:
    return letter in _BASIC or letter in _EXTENSION


def _cost(letter: str, encoding: Encoding) -> int:
    if encoding == "GSM-7":
        return 2 if letter in _EXTENSION else 1
    return 2 if ord(letter) > 0xFFFF else 1


def _offenders(text: str) -> list[Offender]:
    found = []
    units = 0
    for index, letter in enumerate(text):
        if not _is_gsm(letter):
            found.append(Offender(index, units, letter, _PLAIN.get(letter)))
        units += 2 if ord(letter) > 0xFFFF else 1
    return found


def _split(text: str, encoding: Encoding) -> tuple[str, ...]:
    """Fill each part as far as it goes; an escape pair or a surrogate pair is never divided."""
    room = _PART[encoding]
    parts: list[str] = []
    start = 0
    filled = 0
    for index, letter in enumerate(text):
        cost = _cost(letter, encoding)
        if filled + cost > room:
            parts.append(text[start:index])
            start, filled = index, 0
        filled += cost
    parts.append(text[start:])
    return tuple(parts)

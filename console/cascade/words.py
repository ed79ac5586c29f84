"""Every text shown to a person passes through here, so that it can be translated.

The domain must not read files, so it never loads a catalogue: the composition root
installs one (:func:`install`) before the first text is shown. Until then the English
source text is the text.

Texts with values use named fields, filled after translation, so that a translator may
move them: ``tr("{channel} failed after {time}", channel=..., time=...)``.
"""

from __future__ import annotations

import gettext
from typing import Final

from console.cascade.formats import number_text

_NULL: Final = gettext.NullTranslations()
_catalogue: gettext.NullTranslations = _NULL
_right_to_left = False
# U+2066 and U+2069 keep what begins with a sign or a digit in its own direction.
_LEFT_TO_RIGHT, _POP = "\u2066", "\u2069"


def install(catalogue: gettext.NullTranslations | None, *, right_to_left: bool = False) -> None:
    """Use ``catalogue`` for every text from now on; ``None`` returns to English."""
    global _catalogue, _right_to_left  # noqa: PLW0603 - one language a process, as everywhere in gettext
    _catalogue = catalogue or _NULL
    _right_to_left = right_to_left


def left_to_right(figures: str) -> str:
    """A phone number or an id to stand in a text: not turned around where that runs from right to left."""
    return f"{_LEFT_TO_RIGHT}{figures}{_POP}" if _right_to_left and figures else figures


def tr(text: str, /, **fields: object) -> str:
    """Translate ``text`` and fill its ``{named}`` fields."""
    translated = _catalogue.gettext(text)
    return translated.format(**fields) if fields else translated


def trn(one: str, many: str, n: int, /, **fields: object) -> str:
    """Translate a text that counts something; ``{n}`` is filled with the count, its thousands set apart."""
    return _catalogue.ngettext(one, many, n).format(n=number_text(n), **fields)


def mark(text: str, /) -> str:
    """Name a text for the translators without translating it yet (tables of constants)."""
    return text

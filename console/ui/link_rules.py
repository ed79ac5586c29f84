"""What a link wants, in one line that cannot pretend to be something else."""

from __future__ import annotations

import re
from typing import Final

from console.cascade.message import FALLBACK_DEFAULT, Draft
from console.cascade.words import tr

SHOWN: Final = 160
"""So many characters of a text are shown before it is used."""
_ISOLATE, _END = "\u2068", "\u2069"
_LONG_WORD: Final = re.compile(r"\S{24}(?=\S)")


def link_sentence(draft: Draft) -> str:
    """What ``draft``, proposed by a link, would put into the form; long texts are shortened."""
    parts = []
    if draft.to.strip():
        parts.append(tr("to {number}", number=_quoted(draft.to)))
    if draft.viber_text.strip():
        parts.append(tr("text “{text}”", text=_quoted(draft.viber_text)))
    if not draft.sms_follows and draft.sms_text.strip():
        parts.append(tr("SMS text “{text}”", text=_quoted(draft.sms_text)))
    if draft.fallback_time != FALLBACK_DEFAULT:
        parts.append(tr("fallback time {seconds} s", seconds=draft.fallback_time))
    return tr("A link wants to fill this form: {parts}", parts=", ".join(parts))


def _quoted(text: str) -> str:
    """One line, no longer than :data:`SHOWN`, that cannot reorder what stands around it."""
    line = " ".join(text.split("\n")).strip()
    return _ISOLATE + (line if len(line) <= SHOWN else line[: SHOWN - 1].rstrip() + "…") + _END


def breakable(sentence: str) -> str:
    """``sentence`` with places where a very long word may go on in the next line."""
    return _LONG_WORD.sub(lambda found: found[0] + "\u200b", sentence)

"""``cascade:`` links: a help desk opens a filled draft. A link never sends.

``cascade:?to=…&viber=…&sms=…&fallback=300``. What a link says is a proposal, shown before it
is used; anything in it that is not understood is passed over. Characters that would make its texts
look like something else (controls, bidirectional overrides) do not get in.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qs

from console.cascade.message import FALLBACK_DEFAULT, FALLBACK_MAX, FALLBACK_MIN, Draft

SCHEME: Final = "cascade:"
_LONGEST: Final = 20_000
_LONGEST_TEXT: Final = 5_000
_LONGEST_NUMBER: Final = 64
_LINE_END: Final = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_DECEIVING: Final = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
"""Controls, bidirectional controls, characters without width that join nothing, lone surrogates."""


def parse_link(link: str) -> Draft | None:
    """The draft a link proposes, or ``None`` if it is not one of our links or proposes nothing."""
    if link[: len(SCHEME)].lower() != SCHEME or len(link) > _LONGEST:
        return None
    _, _, query = link.partition("?")
    try:
        told = parse_qs(query, keep_blank_values=True, max_num_fields=50, errors="replace")
    except ValueError:
        return None
    values = {name.lower(): _plain(texts[-1])[:_LONGEST_TEXT] for name, texts in told.items()}
    to = " ".join(values.get("to", "").split())[:_LONGEST_NUMBER]
    text = values.get("viber", values.get("text", ""))
    sms = values.get("sms")
    fallback = values.get("fallback", "")
    seconds = int(fallback) if fallback.isascii() and fallback.isdigit() and len(fallback) < 6 else 0
    draft = Draft(
        to=to,
        viber_text=text,
        sms_text=sms or "",
        sms_follows=sms is None or sms == text,
        fallback_time=seconds if FALLBACK_MIN <= seconds <= FALLBACK_MAX else FALLBACK_DEFAULT,
    )
    return None if draft.blank else draft


def _plain(text: str) -> str:
    return _DECEIVING.sub("", _LINE_END.sub("\n", text).replace("\t", " "))

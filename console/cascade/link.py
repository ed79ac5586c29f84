"""``cascade:`` links: a help desk opens a filled draft. A link never sends.

``cascade:?to=…&viber=…&sms=…&fallback=300``. What a link says is a proposal, shown before it
is used; anything in it that is not understood is passed over.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qs

from console.cascade.message import FALLBACK_MAX, FALLBACK_MIN, Draft

SCHEME: Final = "cascade:"
_LONGEST: Final = 20_000
_LONGEST_TEXT: Final = 5_000


def parse_link(link: str) -> Draft | None:
    """The draft a link proposes, or ``None`` if it is not one of our links or proposes nothing."""
    if link[: len(SCHEME)].lower() != SCHEME or len(link) > _LONGEST:
        return None
    _, _, query = link.partition("?")
    try:
        told = parse_qs(query, keep_blank_values=True, max_num_fields=50, errors="replace")
    except ValueError:
        return None
    values = {name.lower(): texts[-1].replace("\0", "")[:_LONGEST_TEXT] for name, texts in told.items()}
    draft = Draft(to=values.get("to", "")[:64], viber_text=values.get("viber", values.get("text", "")))
    sms = values.get("sms")
    fallback = values.get("fallback", "")
    seconds = int(fallback) if fallback.isascii() and fallback.isdigit() and len(fallback) < 6 else 0
    draft = Draft(
        to=draft.to,
        viber_text=draft.viber_text,
        sms_text=sms or "",
        sms_follows=sms is None or sms == draft.viber_text,
        fallback_time=seconds if FALLBACK_MIN <= seconds <= FALLBACK_MAX else draft.fallback_time,
    )
    return None if draft.blank else draft

"""What the compose form asks on every key: can this be sent?"""

from __future__ import annotations

from typing import Final

from console.cascade.message import Checked, Draft, DraftField, Problem
from console.cascade.message import check as check_fields
from console.cascade.words import tr
from console.telesign.body import MAX_REQUEST_BYTES, request_body

_LONGEST_EXTERNAL_ID: Final = "0" * 40
"""As long as the ids we make."""


def check(draft: Draft, default_region: str | None) -> Checked:
    """The domain's checks, and the size of the request, which only the wire knows."""
    checked = check_fields(draft, default_region=default_region)
    if checked.message is None:
        return checked
    size = len(request_body(checked.message, checked.message.external_id or _LONGEST_EXTERNAL_ID))
    if size <= MAX_REQUEST_BYTES:
        return checked
    text = tr(
        "The texts are too large together: {size} bytes, and Telesign takes {limit}. Shorten one of them.",
        size=size,
        limit=MAX_REQUEST_BYTES,
    )
    problem = Problem(DraftField.WHOLE, text)
    return Checked(message=None, problems=(problem, *checked.problems), recipient=checked.recipient)

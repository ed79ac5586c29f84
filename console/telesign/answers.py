"""Telesign's answer to a POST, told apart from everything that merely looks like an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from console.telesign.jsons import as_code, as_id, as_object, as_reference, as_text, read_object

IN_PROGRESS: Final = 3001
"""The one code that means the message was taken (documented)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer with a Telesign status code. Act on ``code``, never on ``http_status`` (documented)."""

    http_status: int
    code: int
    description: str
    reference_id: str | None
    """``None`` in 401, 429 and 503 answers (documented)."""
    external_id: str | None

    @property
    def accepted(self) -> bool:
        """Whether Telesign took the message."""
        return self.code == IN_PROGRESS


def parse_answer(http_status: int, body: bytes) -> Answer | None:
    """Read an answer; ``None`` if it holds no Telesign status code (a proxy's page, half a body, nothing)."""
    fields = read_object(body)
    if fields is None:
        return None
    status = as_object(fields.get("status"))
    code = as_code(status.get("code"))
    if code is None:
        return None
    return Answer(
        http_status=http_status,
        code=code,
        description=as_text(status.get("description")),
        reference_id=as_reference(fields.get("reference_id")),
        external_id=as_id(fields.get("external_id")),
    )

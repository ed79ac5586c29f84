"""The signed probe of ``cascade-relay check``: seen by the relay, never by a console.

A probe is a callback whose body is a JSON object with the single member ``cascade_probe``, which
no callback of Telesign's is. It travels the way of every callback (proxy, signature, caps) and
makes the relay write to its store and flush it, but it leaves no event: the answer says so and
returns the probe's own id. A probe that is replayed later does the same and nothing more.
"""

from __future__ import annotations

import json
import re
import secrets
from typing import Final

_MARK: Final = b'{"cascade_probe":"'
_BODY: Final = re.compile(rb'\{"cascade_probe":"([0-9a-f]{32})"\}')


def make_probe() -> tuple[str, bytes]:
    """A new probe's id and its body."""
    probe_id = secrets.token_hex(16)
    return probe_id, _MARK + probe_id.encode() + b'"}'


def probe_id(body: bytes) -> str | None:
    """The id if the body is a probe's. The form is exact, so that nothing else can be taken for one."""
    match = _BODY.fullmatch(body) if body.startswith(_MARK) else None
    return None if match is None else match[1].decode()


def probe_answer(seen: str) -> bytes:
    """What a relay answers once its store has proven that it can write."""
    return json.dumps({"probe": seen, "stored": True}).encode()

"""A draft as a text that can be kept, and back, whatever version wrote it."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from console.cascade.facts import MessageType
from console.cascade.message import Draft


def draft_to_json(draft: Draft) -> str:
    """The draft as JSON."""
    return json.dumps(dataclasses.asdict(draft))


def draft_from_json(text: str) -> Draft | None:
    """The draft, or ``None`` if the text is not one. Unknown fields are passed over."""
    try:
        told = json.loads(text)
    except ValueError:
        return None
    if not isinstance(told, dict):
        return None
    empty = Draft()
    values: dict[str, Any] = {}
    for field in dataclasses.fields(Draft):
        content = told.get(field.name)
        default = getattr(empty, field.name)
        if field.name == "message_type":
            if isinstance(content, str) and content in MessageType.__members__:
                values[field.name] = MessageType(content)
        elif isinstance(default, tuple):
            if isinstance(content, list) and all(isinstance(each, str) for each in content):
                values[field.name] = tuple(content)
        elif (
            content is None
            or type(content) is type(default)
            or (default is None and isinstance(content, str))
        ):
            values[field.name] = default if content is None else content
    return Draft(**values)

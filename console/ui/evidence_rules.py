"""Raw bytes made readable without believing or changing them."""

from __future__ import annotations

import json
import re
from enum import StrEnum
from typing import Final

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s\[\]{},:"]+', re.DOTALL)
_LONGEST_DUMP: Final = 65_536
_DEEPEST: Final = 64

# Characters that hide, reorder or end a text: shown as what they are.
_HIDDEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


class Kind(StrEnum):
    """What bytes turned out to be."""

    EMPTY = "empty"
    JSON = "json"
    TEXT = "text"
    BINARY = "binary"


def kind_of(body: bytes) -> Kind:
    """What ``body`` can be shown as."""
    if not body:
        return Kind.EMPTY
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return Kind.BINARY
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return Kind.TEXT
    return Kind.JSON


def readable(body: bytes) -> str:
    """``body`` for a person: JSON on indented lines, its parts exactly as they came."""
    match kind_of(body):
        case Kind.EMPTY:
            return ""
        case Kind.BINARY:
            return hex_dump(body)
        case Kind.TEXT:
            return visible(body.decode("utf-8"))
        case Kind.JSON:
            return visible(_indented(body.decode("utf-8")))


def exact(body: bytes) -> str:
    """Every byte of ``body``: as text where it is text, hidden characters shown; else in hexadecimal."""
    return hex_dump(body) if kind_of(body) is Kind.BINARY else visible(body.decode("utf-8"))


def visible(text: str) -> str:
    """``text`` with every character that hides or reorders written as its number."""
    return _HIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def hex_dump(body: bytes) -> str:
    """Sixteen bytes a line: place, hexadecimal, printable ASCII. At most the first 64 KiB."""
    lines = []
    for place in range(0, min(len(body), _LONGEST_DUMP), 16):
        part = body[place : place + 16]
        digits = " ".join(f"{byte:02x}" for byte in part)
        letters = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in part)
        lines.append(f"{place:06x}  {digits:<47}  {letters}")
    return "\n".join(lines)


def _indented(text: str) -> str:
    """Valid JSON, one member a line. Not parsed and printed anew: numbers and escapes stay as they came."""
    made: list[str] = []
    depth = 0
    parts = _TOKEN.findall(text)
    for place, part in enumerate(parts):
        following = parts[place + 1] if place + 1 < len(parts) else ""
        margin = "\n" + "  " * min(depth, _DEEPEST)
        if part in "{[":
            depth += 1
            empty = following in ("}", "]")
            made.append(part if empty else part + "\n" + "  " * min(depth, _DEEPEST))
        elif part in "}]":
            depth -= 1
            opened = place > 0 and parts[place - 1] in ("{", "[")
            made.append(part if opened else "\n" + "  " * min(depth, _DEEPEST) + part)
        elif part == ",":
            made.append(part + margin)
        else:
            made.append(": " if part == ":" else part)
    return "".join(made)

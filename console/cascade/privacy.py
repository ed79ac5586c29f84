"""Keep numbers, texts, keys and tokens out of logs, crash reports and everything like them.

:func:`mask` works on the finished line, because secrets arrive there by ways nobody planned: the
repr of a value in a traceback, a header list, a URL logged by a library, a body quoted in an error.
It would rather mask too much than too little. Identifiers that help to find a case (reference
ids, UUIDs, digests) and times stay readable.
"""

from __future__ import annotations

import logging
import re
from typing import Final

HIDDEN: Final = "•••"

_LEAST_DIGITS: Final = 7
"""Shorter runs of digits are durations, ports, counts."""

_PLAIN: Final = re.compile(rf"\d{{{_LEAST_DIGITS},}}")
_SCHEME: Final = re.compile(r"\b(TSA|Basic|Bearer)(?:\s+|%20)[^\s\"'\\,;)}\]]+", re.IGNORECASE)

_CONFIDENTIAL: Final = r"(?:api[_-]?key|relay[_-]?keys|token|secret|password|passwd|authorization)s?"
_TEXTS: Final = (
    r"text|viber|sms|viber_text|sms_text|message|mo_message|body|raw_body|content|reply|reply_text|"
    r"first_words|signature_string|media|file_name|character|key|signature"
)
_NUMBERS: Final = (
    r"to|tel|phone|phone_number|recipient|formatted|formatted_to|national|number|e164|digits|msisdn"
)
_QUOTED: Final = re.compile(
    rf"(?:(?<![A-Za-z])(?P<number>{_NUMBERS})|(?P<hidden>{_CONFIDENTIAL}|(?<![A-Za-z])(?:{_TEXTS})))"
    r"\\*[\"']?\s*[:=]\s*[bru]{0,2}(?P<quote>\\*[\"'])",
    re.IGNORECASE,
)
_BARE: Final = re.compile(
    rf"({_CONFIDENTIAL}\\*[\"']?\s*[:=]\s*)(?!\s|[bru]{{0,2}}\\*[\"'])[^\s\"'&]+", re.IGNORECASE
)
_QUERY: Final = re.compile(
    r"((?:[?&;]|\bcascade:)(?:to|viber|sms|text|viber_text|sms_text|message)=)[^&\s\"']*", re.IGNORECASE
)
# A text may hold line breaks and dashes: it ends at the next option of ours, or not at all.
_OPTION: Final = re.compile(
    r"(--(?:to|viber|sms|text|search|reply-id|api-key|token)(?:=|\s+|\\*[\"'],\s*))(.*?)"
    r"(?=(?:\s|[\"'],\s*[\"'])--(?:to|viber|sms|no-sms|fallback-time|type|reply-id|session|follow|json|"
    r"search|state|limit|profile|data-dir)\b|\Z)",
    re.DOTALL,
)

_ISO_TIME: Final = (
    r"(?<![\d-])(?:19|20)\d\d-[01]\d-[0-3]\d(?!\d)"
    r"(?:[T ]\d\d:\d\d(?!\d)(?::\d\d(?!\d)(?:[.,:]\d{1,6}(?!\d))?)?)?"
)
_IDENTIFIER: Final = (
    r"(?<![0-9A-Za-z])(?:[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"
    r"|(?=\d*[A-Fa-f])(?:[0-9A-Fa-f]{64}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{32}))(?![0-9A-Za-z])"
)
_GAPS: Final = r"[^\S\n]|[().\-/‐‑‒–\u2060\u200e\u200f\u202a-\u202e]"
_FOUND: Final = re.compile(
    # Where a traceback points, when, and what leads to a case: kept.
    rf"(?P<kept>File \"[^\"\n]*\", line \d+|{_ISO_TIME}|{_IDENTIFIER})"
    # A key, token or signature by its looks: long, with letters of both sizes and digits.
    r"|(?P<key>(?<![A-Za-z0-9+/_=-])(?=[A-Za-z0-9+/_-]*[A-Z])(?=[A-Za-z0-9+/_-]*[a-z])"
    r"(?=[A-Za-z/_-]*[0-9+=])[A-Za-z0-9+/_-]{32,}={0,2})"
    rf"|(?P<international>(?:[+＋]|%2[Bb]|(?<![\w:.,-])00)(?:\d|{_GAPS})*\d)"
    r"|(?P<national>(?<![\d:.])(?:\(\d|0\d)(?:[ \u00a0()‑-]{0,3}\d)+)"
    r"|(?P<spaced>(?<![\d:.])\d(?:[ \u00a0()‑-]{0,3}\d)+)"
    r"|(?P<plain>\d+)"
)
_LEAST: Final = {"spaced": 9}
"""Digits in groups may be counts beside each other; from so many on they are taken for a number."""


def mask(text: str) -> str:
    """``text`` without phone numbers, message texts, keys and tokens.

    A number keeps enough to tell two apart: ``+15558675309`` becomes ``+1555•••••09``.
    """
    text = _SCHEME.sub(rf"\1 {HIDDEN}", text)
    text = _mask_quoted(text)
    text = _BARE.sub(rf"\1{HIDDEN}", text)
    text = _QUERY.sub(rf"\1{HIDDEN}", text)
    text = _OPTION.sub(rf"\1{HIDDEN}", text)
    return _FOUND.sub(_mask_found, text)


def mask_number(text: str) -> str:
    """A phone number as it may be shown: at most its first four and its last two digits remain."""
    digits = [character for character in text if character.isdigit()]
    plus = "+" if text.lstrip(" \u200e\u202a(").startswith(("+", "＋", "%2B", "%2b")) else ""
    if text[:3].upper() == "%2B":
        digits = digits[1:]
    shown = max(0, min(4, len(digits) - _LEAST_DIGITS))
    hidden = "•" * (len(digits) - shown - 2)
    return f"{plus}{''.join(digits[:shown])}{hidden}{''.join(digits[-2:])}"


class MaskingFormatter(logging.Formatter):
    """A formatter whose finished line is masked, traceback and stack included."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as :class:`logging.Formatter` writes it, masked."""
        return mask(super().format(record))


def _mask_found(match: re.Match[str]) -> str:
    found = match.group()
    if match.lastgroup == "kept":
        return found
    if match.lastgroup == "key":
        return HIDDEN
    digits = sum(map(str.isdigit, found)) - (found[:3].upper() == "%2B")
    if digits >= _LEAST.get(match.lastgroup or "", _LEAST_DIGITS):
        return mask_number(found)
    # Too short as a whole; a part of it may still be a number written without gaps.
    return _PLAIN.sub(lambda run: mask_number(run.group()), found)


def _mask_quoted(text: str) -> str:
    """Mask the quoted values of fields whose names say that they hold something private."""
    done: list[str] = []
    start = 0
    while (opening := _QUOTED.search(text, start)) is not None:
        end = _closing(text, opening.end(), opening["quote"])
        value = text[opening.end() : end]
        done.append(text[start : opening.end()])
        if opening["hidden"] is not None:
            done.append(HIDDEN if value else "")
        else:
            done.append(mask_number(value) if sum(map(str.isdigit, value)) > 2 else value)
        start = end
    done.append(text[start:])
    return "".join(done)


def _closing(text: str, start: int, quote: str) -> int:
    """Where the value that begins at ``start`` ends.

    JSON inside a repr inside JSON escapes its quotes anew at each level. Where the number of
    backslashes leaves open whether a quote ends the value, the rest of the line belongs to it.
    """
    depth = len(quote) - 1
    at = text.find(quote[-1], start)
    while at >= 0:
        slashes = 0
        while at - slashes > start and text[at - slashes - 1] == "\\":
            slashes += 1
        if slashes == depth:
            return at - depth
        if slashes != 2 * depth + 1:
            break
        at = text.find(quote[-1], at + 1)
    line_end = text.find("\n", start)
    return len(text) if line_end < 0 else line_end

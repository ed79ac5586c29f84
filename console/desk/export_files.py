"""Messages as files: CSV that no spreadsheet takes for formulas, JSON, and a table in HTML.

A form makes text piece by piece, so that a hundred thousand messages never stand in memory at once.
"""

from __future__ import annotations

import csv
import html
import io
import json
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Any, Final, Protocol

from console.cascade.outcome import Timeline
from console.cascade.speech import plain
from console.cascade.words import tr
from console.desk.cli_common import timeline_json

COLUMNS: Final = (
    "message_id",
    "external_id",
    "reference_id",
    "state",
    "outcome",
    "made_by",
    "to",
    "viber_text",
    "sms_text",
    "fallback_time",
    "created_at",
    "accepted_at",
    "code",
    "replies",
)
_FORMULA_SIGNS: Final = frozenset("=+-@＝＋－＠|%")
_BLANK: Final = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})


class Form(Protocol):
    """One kind of file."""

    encoding: str

    def begin(self) -> str:
        """What stands before the first message."""

    def message(self, timeline: Timeline) -> str:
        """One message."""

    def end(self) -> str:
        """What stands after the last."""


def open_form(path: Path, form: Form) -> IO[str]:
    """The file to write a form's text into; half a surrogate pair is written as its escape."""
    return path.open("w", encoding=form.encoding, errors="backslashreplace", newline="")


def record(timeline: Timeline) -> dict[str, Any]:
    """A message as one row, by :data:`COLUMNS`."""
    told = timeline_json(timeline)
    told["made_by"] = " + ".join(timeline.made_by)
    told["code"] = timeline.code
    told["replies"] = " | ".join(reply.text for reply in timeline.replies)
    return {name: told[name] for name in COLUMNS}


def formula_safe(value: object) -> str:
    """A cell that no spreadsheet takes for a formula.

    Some skip blanks and invisible characters before they look, or fold full-width signs.
    """
    text = "" if value is None else str(value)
    first = next((sign for sign in text if unicodedata.category(sign) not in _BLANK), "")
    return "'" + text if first in _FORMULA_SIGNS or text[:1] in ("\t", "\r", "\n") else text


class Csv:
    """One line a message, for spreadsheets."""

    encoding = "utf-8-sig"  # spreadsheets look for the mark

    def begin(self) -> str:
        return self._line(COLUMNS)

    def message(self, timeline: Timeline) -> str:
        return self._line(
            [formula_safe(value).replace("\0", "\N{SYMBOL FOR NULL}") for value in record(timeline).values()]
        )

    def end(self) -> str:
        return ""

    @staticmethod
    def _line(cells: Sequence[str]) -> str:
        line = io.StringIO()
        csv.writer(line).writerow(cells)
        return line.getvalue()


class Json:
    """One list, each message as ``cascade show --json`` prints it."""

    encoding = "utf-8"

    def __init__(self) -> None:
        self._any = False

    def begin(self) -> str:
        return "["

    def message(self, timeline: Timeline) -> str:
        before = ",\n" if self._any else "\n"
        self._any = True
        return before + json.dumps(timeline_json(timeline))

    def end(self) -> str:
        return "\n]\n" if self._any else "]\n"


class Html:
    """One table, for reading."""

    encoding = "utf-8"

    def begin(self) -> str:
        title = html.escape(tr("Cascade: sent messages"))
        head = f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>{title}</title></head><body>\n'
        return f"{head}<h1>{title}</h1>\n<table>\n{self._row('th', COLUMNS)}"

    def message(self, timeline: Timeline) -> str:
        return self._row("td", record(timeline).values())

    def end(self) -> str:
        return "</table>\n</body></html>\n"

    @staticmethod
    def _row(tag: str, cells: Iterable[object]) -> str:
        shown = ("" if value is None else html.escape(plain(str(value))) for value in cells)
        return "<tr>" + "".join(f"<{tag}>{text}</{tag}>" for text in shown) + "</tr>\n"


FORMS: Final[dict[str, type[Csv] | type[Json] | type[Html]]] = {"csv": Csv, "json": Json, "html": Html}

"""``cascade history``, ``show`` and ``export``: they only read, and connect to nothing."""

from __future__ import annotations

import argparse
import csv
import html
import json
import sqlite3
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Protocol

from console.cascade.outcome import CascadeOutcome, MessageState, Timeline
from console.cascade.outlook import outlook
from console.cascade.speech import attempt_line, channel_name, event_line, outcome_text, plain, state_text
from console.cascade.words import tr
from console.desk.cli_common import USAGE, complain, journal_place, place, say, say_json, stamp, timeline_json
from console.desk.settings import SettingsProblem
from console.journal.errors import JournalProblem
from console.journal.history import Listed, list_rows, read_rows
from console.journal.journal import Journal

NOT_FOUND: Final = 1
_STATES: Final = frozenset(MessageState) | frozenset(CascadeOutcome)
_CHUNK: Final = 500
_COLUMNS: Final = (
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


def run(command: str, options: argparse.Namespace) -> int:
    """Run ``history``, ``show`` or ``export``. Returns the exit code."""
    try:
        directory, _ = place(options)
        folder = journal_place(options, directory)
        wanted = set(getattr(options, "state", ()))
        if unknown := sorted(wanted - _STATES):
            known = ", ".join(sorted(_STATES))
            complain(tr("“{state}” is no state; there are: {known}.", state=unknown[0], known=known))
            return USAGE
        with closing(Journal(folder)) as journal:
            for notice in journal.notices:
                complain(notice)
            if command == "show":
                return _show(journal, options)
            if command == "history":
                return _history(journal, options)
            return _export(journal, options)
    except SettingsProblem as problem:
        complain(problem.sentence)
        return USAGE
    except JournalProblem as problem:
        complain(problem.sentence)
        return NOT_FOUND
    except BrokenPipeError:
        raise
    except (OSError, sqlite3.Error) as error:
        complain(tr("It could not be done: {reason}", reason=error))
        return NOT_FOUND


def _rows(journal: Journal, options: argparse.Namespace) -> Iterator[Listed]:
    rows = list_rows(journal.db, search=options.search, states=options.state, limit=options.limit)
    for start in range(0, len(rows), _CHUNK):
        yield from read_rows(journal.db, rows[start : start + _CHUNK])


def _history(journal: Journal, options: argparse.Namespace) -> int:
    for row in _rows(journal, options):
        if options.json:
            say_json(
                {
                    "message_id": row.message_id,
                    "to": row.recipient,
                    "first_words": row.first_words,
                    "state": row.state.value,
                    "outcome": row.outcome.value,
                    "channel": row.channel,
                    "created_at": stamp(row.created_at),
                    "updated_at": stamp(row.updated_at),
                    "unread": bool(row.unread),
                }
            )
            continue
        accepted = row.state is MessageState.ACCEPTED or row.channel
        said = outcome_text(row.outcome) if accepted else state_text(row.state)
        if row.channel:
            said += f" ({channel_name(row.channel)})"
        when = row.created_at.astimezone()
        say(f"{when:%Y-%m-%d %H:%M}  +{row.recipient}  {said}  {row.message_id}  {row.first_words}")
    return 0


def _show(journal: Journal, options: argparse.Namespace) -> int:
    message_id = journal.find(options.message_id.strip())
    timeline = None if message_id is None else journal.timeline(message_id)
    if timeline is None:
        complain(tr("There is no message with this id in the journal."))
        return NOT_FOUND
    if options.json:
        say_json(timeline_json(timeline))
        return 0
    zone = datetime.now(UTC).astimezone().tzinfo
    now = outlook(timeline, datetime.now(zone))
    say(f"{timeline.message_id}  +{timeline.to}")
    for line in (now.headline, now.meaning, now.next_step):
        if line:
            say(line)
    for name, text in (("Viber", timeline.viber_text), ("SMS", timeline.sms_text)):
        if text is not None:
            say(f"{name}: {text}")
    for attempt in timeline.attempts:
        say(attempt_line(attempt, zone))
    for event in timeline.events:
        say(event_line(event, zone))
    for reply in timeline.replies:
        said = reply.text or reply.file_name or reply.media or reply.action or ""
        say(tr("Reply by {channel}: {text}", channel=channel_name(reply.channel), text=said))
    return 0


# -- export --------------------------------------------------------------------------------------


def _export(journal: Journal, options: argparse.Namespace) -> int:
    timelines = (
        timeline
        for row in _rows(journal, options)
        if (timeline := journal.timeline(row.message_id)) is not None
    )
    write = {"csv": _write_csv, "json": _write_json, "html": _write_html}[options.format]
    target: Path | None = options.output
    if target is None:
        write(timelines, sys.stdout)
        sys.stdout.flush()
        return 0
    # Whole or not at all, and for the owner's eyes only, as temporary files are.
    with ExitStack() as undo:
        encoding = "utf-8-sig" if options.format == "csv" else "utf-8"  # spreadsheets look for the mark
        out = undo.enter_context(
            tempfile.NamedTemporaryFile(
                "w", encoding=encoding, newline="", dir=target.absolute().parent, delete=False
            )
        )
        temporary = Path(out.name)
        undo.callback(temporary.unlink, missing_ok=True)
        write(timelines, out)
        out.close()
        temporary.replace(target)
    return 0


def _record(timeline: Timeline) -> dict[str, Any]:
    told = timeline_json(timeline)
    told["made_by"] = " + ".join(timeline.made_by)
    told["code"] = timeline.code
    told["replies"] = " | ".join(reply.text for reply in timeline.replies)
    return {name: told[name] for name in _COLUMNS}


class _Out(Protocol):
    def write(self, text: str, /) -> object: ...


def formula_safe(value: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return "'" + text if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _write_csv(timelines: Iterator[Timeline], out: _Out) -> None:
    lines = csv.writer(out)
    lines.writerow(_COLUMNS)
    for timeline in timelines:
        lines.writerow([formula_safe(value) for value in _record(timeline).values()])


def _write_json(timelines: Iterator[Timeline], out: _Out) -> None:
    before = "["
    for timeline in timelines:
        out.write(f"{before}\n{json.dumps(timeline_json(timeline))}")
        before = ","
    out.write("\n]\n" if before == "," else "[]\n")


def _write_html(timelines: Iterator[Timeline], out: _Out) -> None:
    title = html.escape(tr("Cascade: sent messages"))
    out.write(f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>{title}</title></head><body>\n')
    out.write(f"<h1>{title}</h1>\n<table>\n{_html_row('th', dict(zip(_COLUMNS, _COLUMNS, strict=True)))}")
    for timeline in timelines:
        out.write(_html_row("td", _record(timeline)))
    out.write("</table>\n</body></html>\n")


def _html_row(tag: str, cells: Mapping[str, object]) -> str:
    shown = ("" if value is None else html.escape(plain(str(value))) for value in cells.values())
    return "<tr>" + "".join(f"<{tag}>{text}</{tag}>" for text in shown) + "</tr>\n"

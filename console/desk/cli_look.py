"""``cascade history``, ``show`` and ``export``: they only read, and connect to nothing."""

from __future__ import annotations

import argparse
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final

from console.cascade.outcome import CascadeOutcome, MessageState
from console.cascade.outlook import outlook
from console.cascade.speech import attempt_line, channel_name, event_line, outcome_text, state_text
from console.cascade.words import tr
from console.desk.cli_common import USAGE, complain, journal_place, place, say, say_json, stamp, timeline_json
from console.desk.export_files import FORMS, Form, open_form
from console.desk.files import WholeFile
from console.desk.settings import SettingsProblem
from console.journal.errors import JournalProblem
from console.journal.history import Listed, list_rows, read_rows
from console.journal.journal import Journal

NOT_FOUND: Final = 1
_STATES: Final = frozenset(MessageState) | frozenset(CascadeOutcome)
_CHUNK: Final = 500


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
    form = FORMS[options.format]()
    target: Path | None = options.output
    if target is None:
        _write(journal, options, form, sys.stdout)
        sys.stdout.flush()
        return 0
    with WholeFile(target) as written, open_form(written, form) as out:
        _write(journal, options, form, out)
    return 0


def _write(journal: Journal, options: argparse.Namespace, form: Form, out: IO[str]) -> None:
    out.write(form.begin())
    for row in _rows(journal, options):
        timeline = journal.timeline(row.message_id)
        if timeline is not None:
            out.write(form.message(timeline))
    out.write(form.end())

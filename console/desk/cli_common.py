"""What the commands share: where things are, which secrets there are, and how JSON looks."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any, Final

from console.cascade.outcome import Attempt, Timeline
from console.cascade.speech import plain
from console.desk.keychain import Keychain, KeychainProblem
from console.desk.settings import (
    Secrets,
    Settings,
    check_profile,
    data_dir,
    journal_dir,
    load_settings,
    secrets_from,
)
from console.languages import speak

USAGE: Final = 2


def place(options: argparse.Namespace) -> tuple[Path, Settings]:
    """The data directory and the settings the options name; from here on their language is spoken.

    What programs read, as with ``--json``, is English whatever the language.

    Raises:
        SettingsProblem: for a profile or an environment that cannot be used.
    """
    directory = data_dir(options.data_dir, os.environ)
    settings = load_settings(directory, check_profile(options.profile), os.environ)
    for_programs = getattr(options, "json", False) or getattr(options, "format", "") in ("csv", "json")
    speak("en" if for_programs else settings.language)
    return directory, settings


def journal_place(options: argparse.Namespace, directory: Path) -> Path:
    """The folder of the journal the options name."""
    return journal_dir(directory, options.profile, getattr(options, "sandbox", False))


def secrets_for(settings: Settings, env: Mapping[str, str]) -> tuple[Secrets, str]:
    """The environment's secrets, completed from the keychain; and why that gave none, if so."""
    given = secrets_from(env)
    if given.api_key and (given.relay_token or not settings.relay_url):
        return given, ""
    try:
        kept = Keychain(settings.profile).load()
    except KeychainProblem as problem:
        return given, problem.sentence
    complete = Secrets(
        api_key=given.api_key or kept.api_key, relay_token=given.relay_token or kept.relay_token
    )
    return complete, ""


def complain(sentence: str) -> None:
    """One line on standard error."""
    sys.stderr.write(f"cascade: {plain(sentence)}\n")


def say(line: str) -> None:
    """One line on standard output, at once."""
    sys.stdout.write(f"{plain(line)}\n")
    sys.stdout.flush()


def say_json(value: object) -> None:
    """One JSON object on a line of standard output, in ASCII, at once."""
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def stamp(moment: datetime | None) -> str | None:
    """A moment as ``2026-01-02T03:04:05.678901Z``."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def as_json(value: Any) -> dict[str, Any]:
    """An event or a reply with the names of its fields; times as :func:`stamp`, lengths in seconds."""
    return {field.name: _plain_value(getattr(value, field.name)) for field in fields(value)}


def _plain_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value.value if isinstance(value, Enum) else value


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "channel": attempt.channel,
        "state": attempt.state.value,
        "code": attempt.code,
        "description": attempt.description,
        "reference_id": attempt.reference_id,
        "started_at": stamp(attempt.started_at),
        "updated_at": stamp(attempt.updated_at),
    }


def timeline_json(timeline: Timeline) -> dict[str, Any]:
    """A message as ``cascade show --json`` prints it."""
    return {
        "message_id": timeline.message_id,
        "external_id": timeline.external_id,
        "reference_id": timeline.reference_id,
        "state": timeline.state.value,
        "outcome": timeline.outcome.value,
        "to": timeline.to,
        "viber_text": timeline.viber_text,
        "sms_text": timeline.sms_text,
        "fallback_time": timeline.fallback_time,
        "time_scale": timeline.time_scale,
        "created_at": stamp(timeline.created_at),
        "accepted_at": stamp(timeline.accepted_at),
        "attempts": [_attempt(attempt) for attempt in timeline.attempts],
        "events": [as_json(event) for event in timeline.events],
        "replies": [as_json(reply) for reply in timeline.replies],
    }

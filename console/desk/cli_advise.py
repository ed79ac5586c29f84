"""``cascade advise``: how soon Viber delivers, and what a longer fallback time would save."""

from __future__ import annotations

import argparse
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from console.cascade.advice import Basis, advice, basis, curves
from console.cascade.countries import country_name
from console.cascade.formats import number_text
from console.cascade.message import FALLBACK_MAX, FALLBACK_MIN, FALLBACK_STEPS, speak_duration
from console.cascade.words import tr, trn
from console.desk.cli_common import USAGE, complain, journal_place, place, say, say_json
from console.desk.settings import SettingsProblem
from console.journal.case_files import (
    LARGEST,
    CaseFileError,
    case_sources,
    forget_cases,
    keep_cases,
    read_cases,
)
from console.journal.durations import observed
from console.journal.errors import JournalProblem
from console.journal.journal import Journal

TOO_LITTLE: Final = 1
"""Too little is known, or the journal cannot be used."""
_STEP: Final = 500
"""Messages counted at once: another process waits for the journal no longer than that takes."""


def run(options: argparse.Namespace) -> int:
    """Print the advice. Returns the exit code."""
    region = options.country.upper() or None
    try:
        directory, _ = place(options)
        if region is not None and country_name(region) is None:
            complain(tr("“{region}” is no country; two letters are wanted, as RS or BG.", region=region))
            return USAGE
        if not FALLBACK_MIN <= options.fallback_time <= FALLBACK_MAX:
            complain(
                tr(
                    "The fallback time must be {least} to {most} seconds.",
                    least=FALLBACK_MIN,
                    most=FALLBACK_MAX,
                )
            )
            return USAGE
        cases = None if options.case_file is None else read_cases(_bytes(options.case_file))
        with closing(Journal(journal_place(options, directory))) as journal:
            if cases is not None:
                kept = keep_cases(journal.db, options.case_file.name, cases)
                complain(
                    trn(
                        "{n} message taken in as “{name}”.",
                        "{n} messages taken in as “{name}”.",
                        kept,
                        name=options.case_file.name,
                    )
                )
            if options.forget is not None and not _forget(journal, options.forget):
                return USAGE
            while not journal.count_durations(_STEP).all:
                pass
            known = curves(observed(journal.db, datetime.now(UTC)))
    except SettingsProblem as problem:
        complain(problem.sentence)
        return USAGE
    except CaseFileError as problem:
        complain(str(problem))
        return USAGE
    except JournalProblem as problem:
        complain(problem.sentence)
        return TOO_LITTLE
    except (OSError, sqlite3.Error) as error:
        complain(tr("It could not be done: {reason}", reason=error))
        return TOO_LITTLE
    grounds = basis(known, region)
    if options.json:
        say_json(_as_json(grounds, region, options.fallback_time))
    else:
        _tell(grounds, options.fallback_time)
    return 0 if grounds.enough else TOO_LITTLE


def _bytes(path: Path) -> bytes:
    """The file, or as much of it as shows that it is too large."""
    with path.open("rb") as file:
        return file.read(LARGEST + 1)


def _forget(journal: Journal, name: str) -> bool:
    gone = forget_cases(journal.db, name)
    if gone:
        complain(trn("{n} message forgotten.", "{n} messages forgotten.", gone))
        return True
    known = ", ".join(f"“{source}”" for source, _ in case_sources(journal.db)) or tr("none")
    complain(tr("Nothing was learned from “{name}”. Files learned from: {known}.", name=name, known=known))
    return False


def _tell(grounds: Basis, fallback_time: int) -> None:
    if grounds.enough:
        say(
            tr(
                "{place}, {n} messages; delivered by Viber, of all, with a 95 % band:",
                place=country_name(grounds.region) or tr("All countries"),
                n=number_text(grounds.curve.n),
            )
        )
        for step in FALLBACK_STEPS:
            share, band = grounds.curve.at(step), grounds.curve.band(step)
            if share is not None and band is not None:
                say(f"{speak_duration(step):>9}  {share:4.0%}  {band[0]:4.0%} – {band[1]:.0%}")
    say(advice(grounds, fallback_time))


def _as_json(grounds: Basis, asked: str | None, fallback_time: int) -> dict[str, Any]:
    curve = grounds.curve
    steps = []
    for step in FALLBACK_STEPS:
        share, band = curve.at(step), curve.band(step)
        if share is not None and band is not None:
            steps.append({"seconds": step, "share": share, "low": band[0], "high": band[1]})
    return {
        "asked": asked,
        "country": grounds.region,
        "enough": grounds.enough,
        "n": curve.n,
        "delivered": curve.delivered,
        "failed": curve.failed,
        "horizon": curve.horizon,
        "fallback_time": fallback_time,
        "advice": advice(grounds, fallback_time),
        "steps": steps if grounds.enough else [],
    }

"""Every figure of the console and its relay, against its budget.

    python -m tests.benchmarks [ROW …] [--quick] [--json FILE]
    python -m tests.benchmarks --list
    python -m tests.benchmarks --compare BEFORE AFTER

A ROW is a group (``start``) or one figure of it (``start.empty``; its group is measured, the line
is shown). Never fails because of a figure.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.groups import GROUPS, chosen
from tests.benchmarks.machine import Given, described, environment, screen
from tests.benchmarks.table import Figure, compare, load, render, save


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("rows", nargs="*", metavar="ROW")
    parser.add_argument("--quick", action="store_true", help="fewer runs: the whole table in ten minutes")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    parser.add_argument("--list", action="store_true", help="say what can be measured")
    parser.add_argument("--compare", nargs=2, type=Path, metavar=("BEFORE", "AFTER"))
    given = parser.parse_args(argv)
    if given.list:
        say("\n".join(f"{group.name:<9} {group.what}" for group in GROUPS))
        return 0
    if given.compare is not None:
        try:
            say(compare(*(load(path) for path in given.compare)))
        except (OSError, ValueError) as error:
            parser.error(str(error))
        return 0
    try:
        groups = chosen(given.rows)
    except ValueError as error:
        parser.error(str(error))
    figures: list[Figure] = []
    missing: list[str] = []
    with tempfile.TemporaryDirectory(prefix="cascade-bench-") as folder, screen() as (display, screen_name):
        place = Path(folder)
        home = place / "home"
        home.mkdir()
        machine = described(place, screen_name)
        how = Given(
            quick=given.quick, place=place, environment=environment(display, home), screen=screen_name
        )
        for group in groups:
            began = time.monotonic()
            say(f"measuring {group.name}: {group.what}")
            try:
                found = group.measure(how)
            except Exception as error:
                # One group that cannot be measured must not cost the others an hour.
                missing.append(group.name)
                say(f"  could not be measured: {type(error).__name__}: {error}")
                continue
            wanted = [row for row in given.rows if row.startswith(f"{group.name}.")]
            figures += [f for f in found if not wanted or group.name in given.rows or f.key in wanted]
            say(f"  took {time.monotonic() - began:.0f} s")
    say("\n" + render(figures, machine))
    if missing:
        say(f"could not be measured: {', '.join(missing)} (why, stands above)")
    if given.json is not None:
        save(given.json, figures, machine)
    return 0


if __name__ == "__main__":
    sys.exit(main())

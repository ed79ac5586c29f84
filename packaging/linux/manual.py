"""The manual pages, from the very parsers that the programs use, so that page and ``--help`` agree.

    python packaging/linux/manual.py FOLDER

writes ``cascade.1`` and ``cascade-relay.1``.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from console import __version__, cli
from console.relay import cli as relay_cli

_FILES = """\
.SH FILES
.TP
.I ~/.local/share/cascade
The journal and the settings of each profile. Keys and tokens are in the desktop's keychain, not there.
.TP
.I /etc/cascade/policy.toml
What an administrator decides for every desk of this computer; see policy.toml among the examples in
.IR /usr/share/doc/cascade-console/examples .
"""


def escaped(text: str) -> str:
    """``text`` as roff shows it unchanged."""
    lines = text.replace("\\", "\\e").replace("-", "\\-").splitlines()
    return "\n".join(f"\\&{line}" if line.startswith((".", "'")) else line for line in lines)


def subcommands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """The commands below ``parser``, by name."""
    found: dict[str, argparse.ArgumentParser] = {}
    for action in parser._actions:  # argparse tells its own parts nowhere else
        if isinstance(action, argparse._SubParsersAction):
            found |= action.choices
    return found


def _told(action: argparse.Action) -> str:
    words = [f"\\fB{escaped(option)}\\fR" for option in action.option_strings]
    if not words:
        return f"\\fI{escaped(str(action.metavar or action.dest))}\\fR"
    if action.nargs == 0:
        return ", ".join(words)
    value = action.metavar or ("|".join(action.choices) if action.choices else action.dest.upper())
    shown = f"\\fI{escaped(str(value))}\\fR"
    return ", ".join(words) + (f" [{shown}]" if action.nargs == "?" else f" {shown}")


def _options(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            continue
        text = (
            (action.help or "").replace("%(default)s", str(action.default)).replace("%(prog)s", parser.prog)
        )
        yield f".TP\n{_told(action)}\n{escaped(text or 'see above')}\n"


def _section(name: str, parser: argparse.ArgumentParser) -> Iterator[str]:
    yield f".SS {escaped(name)}\n"
    if parser.description:
        yield f"{escaped(parser.description)}\n"
    yield from _options(parser)
    if parser.epilog:
        yield f".PP\n.nf\n{escaped(parser.epilog)}\n.fi\n"
    for inner, below in subcommands(parser).items():
        yield from _section(f"{name} {inner}", below)


def page(
    parser: argparse.ArgumentParser,
    summary: str,
    commands: Iterable[tuple[str, argparse.ArgumentParser]],
    day: str,
) -> str:
    """One manual page: the program's own options, then each command's."""
    name = parser.prog
    parts = [
        f'.TH {escaped(name).upper()} 1 {day} "Cascade {__version__}" "User commands"\n',
        f".SH NAME\n{escaped(name)} \\- {escaped(summary)}\n",
        f".SH SYNOPSIS\n.B {escaped(name)}\n[\\fIOPTION\\fR]... [\\fICOMMAND\\fR] [\\fIARGUMENT\\fR]...\n",
        f".SH DESCRIPTION\n.nf\n{escaped(parser.description or '')}\n.fi\n",
        ".SH OPTIONS\n",
        *_options(parser),
        ".SH COMMANDS\n",
    ]
    for each, below in commands:
        parts += _section(each, below)
    if parser.epilog:
        parts.append(f".SH NOTES\n.nf\n{escaped(parser.epilog)}\n.fi\n")
    return "".join(parts)


def pages(day: str) -> dict[str, str]:
    """Both pages by their file's name; ``day`` is the date they carry (ISO)."""
    relay = relay_cli._parser()
    relay.prog = "cascade-relay"
    return {
        "cascade.1": page(
            cli._window_parser(),
            "send Viber messages with SMS behind them and watch them arrive",
            cli._parsers().items(),
            day,
        )
        + _FILES,
        "cascade-relay.1": page(
            relay, "keep Telesign's reports for the consoles", subcommands(relay).items(), day
        ),
    }


def main(folder: Path) -> None:
    """Write both pages into ``folder``."""
    os.environ.pop("CASCADE_LANGUAGE", None)
    day = datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), UTC).date().isoformat()
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages(day).items():
        (folder / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

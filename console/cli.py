"""``cascade``: the desktop console, and everything a script can do without it.

Nothing of ours beyond the version is imported until a command asks for it.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NoReturn

from console import __version__

USAGE: Final = 2
COMMANDS: Final = ("send", "history", "show", "export", "advise", "doctor", "sandbox")
_TAKES_TEXT: Final = ("--to", "--viber", "--sms", "--search", "--reply-id")
_DESCRIPTION: Final = """\
Without a command the desktop console opens.

commands:
  send      send a message and say what becomes of it
  history   list what was sent
  show      everything known about one message
  export    the history as CSV, JSON or HTML
  advise    how soon Viber delivers, and what a longer fallback time would save
  doctor    check keychain, credentials, relay, clock, display, fonts, journal and policy
  sandbox   run the stand-in for Telesign as a server

“cascade COMMAND --help” explains each."""


_SEND_EPILOG: Final = """\
exit codes:
  0  accepted by Telesign; with --follow: delivered or read
  2  wrong usage or input; nothing was recorded, nothing was sent
  3  refused by Telesign
  4  unconfirmed: it may have been sent, so it is never sent again by itself
  5  not delivered on any channel
  6  still undecided when the time of --follow was over
  7  certainly not sent: no connection, or it could not be recorded

--follow without SECONDS waits until the outcome is final, at most 12 hours; for an
unconfirmed message until a minute after the fallback time.

--json prints one JSON object a line. With --follow, first one for each event:
  fact_id, kind (queued, sending, accepted, refused, retry_planned, not_sent, unconfirmed,
  channel, status, reply, status_unavailable, decided, rejected), at (when it happened),
  heard_at, at_is_receipt, title, detail, tone, channel, code, description, reference_id,
  source, verification, late, took (seconds)
The last line is the message, as “cascade show MESSAGE_ID --json” prints it:
  message_id, external_id, reference_id, state, outcome, to, viber_text, sms_text,
  fallback_time, time_scale (1 but in the sandbox), created_at, accepted_at,
  attempts [channel, state, code, description, reference_id, started_at, updated_at],
  events [as above], replies [fact_id, at, channel, text, media, file_name, action, verification]
Moments are UTC, as 2026-01-02T03:04:05.678901Z. Complaints go to standard error."""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(USAGE, f"{self.prog}: {message}\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns its exit code; never raises for wrong arguments."""
    given = list(sys.argv[1:] if argv is None else argv)
    if given == ["--version"]:
        print(f"cascade {__version__}")
        return 0
    if argv is None:
        _leave_the_process_list()
    from console.languages import speak_first

    speak_first(os.environ)  # the settings may choose another language, once they are read
    try:
        return _dispatch(given)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has gone; nothing may be flushed into the closed pipe at exit.
        sys.stdout = None
        return 141


def _leave_the_process_list() -> None:
    """Numbers and texts given as arguments are for this program, not for everybody on this computer."""
    try:
        import setproctitle
    except ImportError:  # a convenience; its absence must not keep a message from being sent
        return
    setproctitle.setproctitle("cascade")


def _dispatch(given: list[str]) -> int:
    place = _command_at(given)
    if place is None:
        _window_parser().parse_args(given)
        from console.app import main as open_window

        return open_window(given)
    command, arguments = given[place], [*given[:place], *given[place + 1 :]]
    if command == "sandbox":
        from console.sandbox.cli import main as run_sandbox

        return run_sandbox(arguments)
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a letter must not stop a message half-way.
        reconfigure: Callable[..., None] | None = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    options = _parsers()[command].parse_args(_joined(arguments))
    if command == "send":
        from console.desk.cli_send import run as run_send

        return run_send(options)
    if command == "advise":
        from console.desk.cli_advise import run as run_advise

        return run_advise(options)
    if command == "doctor":
        from console.desk.doctor import run as run_doctor

        return run_doctor(options)
    from console.desk.cli_look import run as run_look

    return run_look(command, options)


def _command_at(given: Sequence[str]) -> int | None:
    """Where the command stands; the options of the profile may come before it."""
    at = 0
    while at < len(given):
        if given[at] in COMMANDS:
            return at
        if given[at] in ("--profile", "--data-dir"):
            at += 2
        elif given[at] == "--sandbox" or given[at].startswith(("--profile=", "--data-dir=")):
            at += 1
        else:
            return None
    return None


def _joined(arguments: Sequence[str]) -> list[str]:
    """Bind free texts to their options, because a text may begin with a dash."""
    done: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        if argument not in _TAKES_TEXT:
            done.append(argument)
            continue
        text = next(rest, None)
        if text is None:
            done.append(argument)
        elif text.startswith("--") and text.split("=")[0] in _OPTIONS:
            done += [argument, text]  # the text was forgotten; argparse says so
        else:
            done.append(f"{argument}={text}")
    return done


_OPTIONS: Final = frozenset(
    (
        "--to",
        "--viber",
        "--sms",
        "--no-sms",
        "--fallback-time",
        "--type",
        "--reply-id",
        "--session",
        "--follow",
        "--again",
        "--override-opt-out",
        "--json",
        "--help",
        "--version",
        "--profile",
        "--data-dir",
        "--sandbox",
        "--search",
        "--state",
        "--limit",
        "--format",
        "--output",
        "--country",
        "--import",
        "--forget",
    )
)


def _window_parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="cascade",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"cascade {__version__}")
    parser.add_argument("--sandbox", action="store_true", help="practise: nothing reaches a real phone")
    _add_place(parser)
    parser.add_argument("uri", nargs="?", type=_uri, metavar="cascade:URI", help="a message to open")
    return parser


def _uri(text: str) -> str:
    if not text.lower().startswith("cascade:"):
        commands = ", ".join(COMMANDS)
        raise argparse.ArgumentTypeError(f"this is neither a command ({commands}) nor a cascade: link.")
    return text


def _add_place(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--profile", default="default", metavar="NAME", help="whose settings and journal")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="where everything is kept")


def _parsers() -> dict[str, argparse.ArgumentParser]:
    made: dict[str, argparse.ArgumentParser] = {}

    def command(name: str, description: str) -> argparse.ArgumentParser:
        parser = _Parser(
            prog=f"cascade {name}",
            description=description,
            epilog=_SEND_EPILOG if name == "send" else None,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        parser.add_argument("--version", action="version", version=f"cascade {__version__}")
        _add_place(parser)
        if name != "export":
            parser.add_argument("--json", action="store_true", help="one JSON object per line, nothing else")
        made[name] = parser
        return parser

    _fill_send(command("send", "Send a message over Viber, with SMS behind it."))
    _fill_list(command("history", "List what was sent, newest first."), limit=50)
    show = command("show", "Everything known about one message.")
    show.add_argument("message_id", metavar="MESSAGE_ID", help="a message, external or reference id")
    show.add_argument("--sandbox", action="store_true", help="look at the sandbox's journal")
    export = command("export", "Write the history as a table.")
    _fill_list(export, limit=None)
    export.add_argument("--format", required=True, choices=("csv", "json", "html"))
    export.add_argument("--output", type=Path, metavar="FILE", help="instead of standard output")
    _fill_advise(command("advise", "How soon Viber delivers, from the messages of this journal."))
    doctor = command("doctor", "Check everything that sending needs; no message is sent.")
    doctor.add_argument("--bundle", type=Path, metavar="FILE", help="write a masked file for support (zip)")
    return made


def _fill_send(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--to", required=True, metavar="NUMBER", help="the customer's number; - reads standard input")
    add("--viber", required=True, metavar="TEXT", help="the Viber text; - reads standard input")
    sms = parser.add_mutually_exclusive_group()
    sms.add_argument("--sms", metavar="TEXT", help="the SMS text (default: the Viber text); - reads input")
    sms.add_argument("--no-sms", action="store_true", help="Viber only")
    add("--fallback-time", type=_seconds, default=300, metavar="SECONDS", help="Viber's time, 30 to 3600")
    add("--type", choices=("ARN", "MKT", "OTP"), default="ARN", help="the purpose of the message")
    add("--reply-id", default="", metavar="ID", help="lets the customer answer")
    add("--session", action="store_true", help="a session text, in a conversation with this reply id")
    add(
        "--follow",
        nargs="?",
        type=_follow_time,
        const=float("inf"),
        metavar="SECONDS",
        help="print each event until the outcome is final, or this long",
    )
    add("--again", action="store_true", help="send although the same was sent a short time ago")
    add("--override-opt-out", action="store_true", help="send although the customer answered STOP")


_CASE_HELP: Final = "learn from another desk's “export --format json”; no number or text is kept"


def _fill_advise(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--country", default="", metavar="RS", help="two letters; all countries if it has too few messages")
    add("--fallback-time", type=_seconds, default=300, metavar="SECONDS", help="what to advise on")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--import", dest="case_file", type=Path, metavar="FILE", help=_CASE_HELP)
    source.add_argument("--forget", metavar="NAME", help="forget what was learned from the file of this name")
    add("--sandbox", action="store_true", help="look at the sandbox's journal")
    parser.epilog = "exit codes: 0 there is advice; 1 too little is known; 2 wrong usage"


def _fill_list(parser: argparse.ArgumentParser, *, limit: int | None) -> None:
    parser.add_argument("--search", default="", metavar="TEXT", help="words, a number, an id")
    parser.add_argument("--state", action="append", default=[], metavar="STATE", help="may be repeated")
    parser.add_argument("--limit", type=_count, default=limit, metavar="N", help="at most so many")
    parser.add_argument("--sandbox", action="store_true", help="look at the sandbox's journal")


def _seconds(text: str) -> int:
    if not (text.isascii() and text.removeprefix("-").isdigit()) or len(text) > 9:
        raise argparse.ArgumentTypeError("a whole number of seconds, 30 to 3600, is wanted.")
    return int(text)


def _follow_time(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 1e7:
        raise argparse.ArgumentTypeError("a number of seconds is wanted.")
    return seconds


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 9 or int(text) < 1:
        raise argparse.ArgumentTypeError("a whole number above 0 is wanted.")
    return int(text)

"""``cascade-relay``: run a relay and look after it.

Account keys come from the environment only: a command line can be read by everybody on the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import os
import re
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

from console import __version__
from console.cascade.words import tr, trn
from console.languages import speak_first
from console.relay.config import (
    MAX_DAYS,
    ConfigError,
    RelayConfig,
    from_environment,
    is_postgresql,
    parse_port,
    sqlite_path,
)
from console.relay.store import Store
from console.relay.tokens import hash_token, new_token

_OK: Final = 0
_FAILED: Final = 1
_USAGE: Final = 2
_TOKEN_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)


_ENVIRONMENT: Final = """\
environment:
  CASCADE_RELAY_KEYS            CUSTOMER_ID:API_KEY, several separated by commas: several accounts, or
                                the old and the new key while one is being changed
  CASCADE_RELAY_DATABASE        sqlite:////var/lib/cascade-relay/relay.db
                                or postgresql://user:password@host/database
  CASCADE_RELAY_HOST, _PORT     where to listen; 127.0.0.1 and 8787
  CASCADE_RELAY_TOKENS          NAME:TOKEN, for containers; otherwise use "cascade-relay token add"
  CASCADE_RELAY_RETENTION_DAYS  remove older events every hour
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns 0 if it did its work, 1 if it could not, 2 for wrong arguments or settings."""
    speak_first(os.environ)
    arguments = _parser().parse_args(argv)
    try:
        config = _config(arguments)
        code: int = arguments.run(arguments, config)
    except ConfigError as error:
        _complain(str(error))
        return _USAGE
    except OSError as error:
        _complain(str(error))
        return _FAILED
    except KeyboardInterrupt:
        return _OK
    return code


def _config(arguments: argparse.Namespace) -> RelayConfig:
    env = dict(os.environ)
    if arguments.database is not None:
        env["CASCADE_RELAY_DATABASE"] = arguments.database
    config = from_environment(env)
    options = ("host", "port", "tls_cert", "tls_key", "retention_days")
    given = {name: getattr(arguments, name, None) for name in options}
    return dataclasses.replace(config, **{name: value for name, value in given.items() if value is not None})


def _serve(_arguments: argparse.Namespace, config: RelayConfig) -> int:
    if not config.keys:
        raise ConfigError(tr("CASCADE_RELAY_KEYS is not set: every callback would be refused"))
    if (config.tls_cert is None) != (config.tls_key is None):
        raise ConfigError(tr("--tls-cert and --tls-key belong together"))
    from console.relay.logs import log_to
    from console.relay.server import serve

    log_to(sys.stderr)
    serve(config, started=lambda url: print(tr("The relay listens on {url}", url=url), flush=True))
    return _OK


def _with_store(
    work: Callable[[Store, argparse.Namespace], Awaitable[int]],
) -> Callable[[argparse.Namespace, RelayConfig], int]:
    def run(arguments: argparse.Namespace, config: RelayConfig) -> int:
        async def inside() -> int:
            from console.relay.stores import open_store

            async with open_store(config.database) as store:
                return await work(store, arguments)

        return asyncio.run(inside())

    return run


async def _token_add(store: Store, arguments: argparse.Namespace) -> int:
    token = new_token()
    if not await store.add_token(arguments.name, hash_token(token)):
        _complain(tr("There is a token named {name} already.", name=arguments.name))
        return _FAILED
    print(token)
    print(tr("Copy it now: it is not kept and cannot be shown again."), file=sys.stderr)
    return _OK


async def _token_list(store: Store, _arguments: argparse.Namespace) -> int:
    for token in await store.tokens():
        print(f"{token.name}\t{token.created_at:%Y-%m-%dT%H:%M:%SZ}")
    return _OK


async def _token_revoke(store: Store, arguments: argparse.Namespace) -> int:
    if await store.revoke_token(arguments.name):
        return _OK
    _complain(tr("There is no token named {name}.", name=arguments.name))
    return _FAILED


async def _stats(store: Store, _arguments: argparse.Namespace) -> int:
    stats = await store.stats()
    rows: list[tuple[str, object]] = [
        ("events", stats.events),
        *((f"  {kind}", count) for kind, count in stats.by_kind.items()),
        ("oldest", stats.oldest and f"{stats.oldest:%Y-%m-%dT%H:%M:%SZ}"),
        ("newest", stats.newest and f"{stats.newest:%Y-%m-%dT%H:%M:%SZ}"),
        ("newest position", stats.newest_position),
        ("pruned position", stats.pruned_position),
        ("bytes", stats.bytes),
        ("store", stats.identity),
    ]
    for name, value in rows:
        print(f"{name}\t{'-' if value is None else value}")
    return _OK


async def _prune(store: Store, arguments: argparse.Namespace) -> int:
    from console.relay.maintenance import prune_all

    removed = await prune_all(store, arguments.older_than)
    print(trn("{n} event removed", "{n} events removed", removed))
    return _OK


def _backup(arguments: argparse.Namespace, config: RelayConfig) -> int:
    from console.relay.backup import back_up

    count = back_up(_file(config), arguments.file)
    print(trn("{n} event copied", "{n} events copied", count))
    return _OK


def _restore(arguments: argparse.Namespace, config: RelayConfig) -> int:
    from console.relay.backup import restore

    count = restore(arguments.file, _file(config))
    print(trn("{n} event restored", "{n} events restored", count))
    print(tr("Consoles will notice and read everything anew."), file=sys.stderr)
    return _OK


def _file(config: RelayConfig) -> Path:
    if is_postgresql(config.database):
        raise ConfigError(tr("a PostgreSQL database is copied with pg_dump and put back with pg_restore"))
    return sqlite_path(config.database)


def _check(arguments: argparse.Namespace, config: RelayConfig) -> int:
    if arguments.url is not None:
        return _check_outside(arguments.url, config)

    async def inside() -> int:
        from console.relay.stores import open_store

        async with open_store(config.database) as store:
            await store.probe()
            return len(await store.tokens())

    kept = asyncio.run(inside()) + len(config.tokens)
    findings = (
        (True, tr("database: can be written")),
        (
            bool(config.keys),
            trn("account keys: {n}", "account keys: {n}", len(config.keys))
            if config.keys
            else tr("account keys: none; set CASCADE_RELAY_KEYS"),
        ),
        (
            kept > 0,
            trn("tokens: {n}", "tokens: {n}", kept)
            if kept
            else tr("tokens: none; make one with cascade-relay token add"),
        ),
    )
    for good, text in findings:
        print(f"{'ok  ' if good else 'FAIL'} {text}")
    return _OK if all(good for good, _ in findings) else _FAILED


def _check_outside(url: str, config: RelayConfig) -> int:
    from console.relay.outside import look_from_outside, report, usable_url

    if (problem := usable_url(url)) is not None:
        raise ConfigError(problem)
    token = next(iter(config.tokens.values()), None)
    good = report(look_from_outside(url, config.keys, token), print)
    return _OK if good else _FAILED


def _complain(text: str) -> None:
    print(f"cascade-relay: {text}", file=sys.stderr)


def _port(text: str) -> int:
    try:
        return parse_port(text)
    except ConfigError:
        raise argparse.ArgumentTypeError(tr("a port is a number from 0 to 65535")) from None


def _days(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= MAX_DAYS):
        raise argparse.ArgumentTypeError(tr("a whole number of days, 1 or more"))
    return int(text)


def _name(text: str) -> str:
    if _TOKEN_NAME.fullmatch(text) is None:
        raise argparse.ArgumentTypeError(tr("a name has 1 to 64 letters, digits, dots, dashes, underscores"))
    return text


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--database",
        metavar="URL",
        help=tr("sqlite:///PATH or postgresql://…; by default a file of this user's"),
    )
    common.add_argument("--version", action="version", version=f"cascade-relay {__version__}")
    parser = argparse.ArgumentParser(
        prog="cascade-relay",
        description=tr(
            "Takes Telesign's callbacks and hands them to consoles. Account keys are read from"
            " CASCADE_RELAY_KEYS."
        ),
        epilog=_ENVIRONMENT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"cascade-relay {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(
        under: argparse._SubParsersAction[argparse.ArgumentParser],
        name: str,
        text: str,
        run: Callable[[argparse.Namespace, RelayConfig], int],
    ) -> argparse.ArgumentParser:
        made = under.add_parser(name, help=text, description=text, parents=[common])
        made.set_defaults(run=run)
        return made

    serving = command(commands, "serve", tr("run the relay"), _serve)
    serving.add_argument("--host", help=tr("address to listen on"))
    serving.add_argument("--port", type=_port, help=tr("port to listen on; 0 takes any"))
    serving.add_argument("--tls-cert", type=Path, metavar="F", help=tr("certificate chain, PEM"))
    serving.add_argument("--tls-key", type=Path, metavar="F", help=tr("private key, PEM"))
    serving.add_argument(
        "--retention-days",
        type=_days,
        metavar="DAYS",
        help=tr("remove older events, every hour; by default they are kept for ever"),
    )
    token = commands.add_parser("token", help=tr("make, list and revoke readers' tokens"))
    tokens = token.add_subparsers(required=True, metavar="ACTION")
    for action, text, work in (
        ("add", tr("make a token and print it once"), _token_add),
        ("revoke", tr("make a token useless at once"), _token_revoke),
    ):
        command(tokens, action, text, _with_store(work)).add_argument("name", type=_name, metavar="NAME")
    command(tokens, "list", tr("list tokens by name"), _with_store(_token_list))
    command(commands, "stats", tr("how much is kept"), _with_store(_stats))
    pruning = command(
        commands, "prune", tr("remove old events; the newest always stays"), _with_store(_prune)
    )
    pruning.add_argument("--older-than", type=_days, required=True, metavar="DAYS")
    for name, text, run in (
        ("backup", tr("copy an SQLite store to a new file while the relay runs"), _backup),
        ("restore", tr("put such a copy back; stop the relay first"), _restore),
    ):
        command(commands, name, text, run).add_argument("file", type=Path, metavar="FILE")
    checking = command(
        commands,
        "check",
        tr(
            "whether a relay could run with these settings; with --url whether the public address works"
            " from here to its disk, by signed probes that no console sees"
        ),
        _check,
    )
    checking.add_argument("--url", metavar="URL", help=tr("the relay's public address, from outside"))
    return parser


if __name__ == "__main__":
    sys.exit(main())

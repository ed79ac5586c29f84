"""``cascade-relay``: run a relay and look after it.

Account keys come from the environment only: a command line can be read by everybody on the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import logging
import os
import re
import secrets
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from console import __version__
from console.cascade.words import tr, trn
from console.relay.app import hash_token
from console.relay.config import ConfigError, RelayConfig, from_environment, parse_port, sqlite_path
from console.relay.server import serve
from console.relay.sqlite import SqliteStore
from console.relay.store import Store

_OK: Final = 0
_FAILED: Final = 1
_USAGE: Final = 2
_MAX_DAYS: Final = 36500
_TOKEN_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns 0 if it did its work, 1 if it could not, 2 for wrong arguments or settings."""
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
    given = {name: getattr(arguments, name, None) for name in ("host", "port", "tls_cert", "tls_key")}
    return dataclasses.replace(config, **{name: value for name, value in given.items() if value is not None})


def _serve(_arguments: argparse.Namespace, config: RelayConfig) -> int:
    if not config.keys:
        raise ConfigError(tr("CASCADE_RELAY_KEYS is not set: every callback would be refused"))
    if (config.tls_cert is None) != (config.tls_key is None):
        raise ConfigError(tr("--tls-cert and --tls-key belong together"))
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr
    )
    serve(config, started=lambda url: print(tr("The relay listens on {url}", url=url), flush=True))
    return _OK


def _with_store(
    work: Callable[[Store, argparse.Namespace], Awaitable[int]],
) -> Callable[[argparse.Namespace, RelayConfig], int]:
    def run(arguments: argparse.Namespace, config: RelayConfig) -> int:
        async def inside() -> int:
            store = SqliteStore(sqlite_path(config.database))
            try:
                return await work(store, arguments)
            finally:
                await store.close()

        return asyncio.run(inside())

    return run


async def _token_add(store: Store, arguments: argparse.Namespace) -> int:
    token = secrets.token_urlsafe(32)
    if not await store.add_token(arguments.name, hash_token(token)):
        _complain(tr("There is a token named {name} already.", name=arguments.name))
        return _FAILED
    print(token)
    print(tr("Copy it now: it is not kept and cannot be shown again."), file=sys.stderr)
    return _OK


async def _token_list(store: Store, _arguments: argparse.Namespace) -> int:
    for token in await store.tokens():
        print(f"{token.name}\t{token.created_at}")
    return _OK


async def _token_revoke(store: Store, arguments: argparse.Namespace) -> int:
    if await store.revoke_token(arguments.name):
        return _OK
    _complain(tr("There is no token named {name}.", name=arguments.name))
    return _FAILED


async def _stats(store: Store, _arguments: argparse.Namespace) -> int:
    stats = await store.stats()
    rows = [("events", stats.events), *((f"  {kind}", count) for kind, count in stats.by_kind.items())]
    for name, value in (*rows, ("oldest", stats.oldest), ("newest", stats.newest), ("bytes", stats.bytes)):
        print(f"{name}\t{'-' if value is None else value}")
    return _OK


async def _prune(store: Store, arguments: argparse.Namespace) -> int:
    removed = await store.prune(datetime.now(UTC) - timedelta(days=arguments.older_than))
    print(trn("{n} event removed", "{n} events removed", removed))
    return _OK


def _check(_arguments: argparse.Namespace, config: RelayConfig) -> int:
    async def inside() -> int:
        store = SqliteStore(sqlite_path(config.database))
        try:
            await store.probe()
            return len(await store.tokens())
        finally:
            await store.close()

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


def _complain(text: str) -> None:
    print(f"cascade-relay: {text}", file=sys.stderr)


def _port(text: str) -> int:
    try:
        return parse_port(text)
    except ConfigError:
        raise argparse.ArgumentTypeError(tr("a port is a number from 0 to 65535")) from None


def _days(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= _MAX_DAYS):
        raise argparse.ArgumentTypeError(tr("a whole number of days, 1 or more"))
    return int(text)


def _name(text: str) -> str:
    if _TOKEN_NAME.fullmatch(text) is None:
        raise argparse.ArgumentTypeError(tr("a name has 1 to 64 letters, digits, dots, dashes, underscores"))
    return text


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--database", metavar="URL", help=tr("sqlite:///PATH; by default a file of this user's")
    )
    common.add_argument("--version", action="version", version=f"cascade-relay {__version__}")
    parser = argparse.ArgumentParser(
        prog="cascade-relay",
        description=tr(
            "Takes Telesign's callbacks and hands them to consoles. Account keys are read from"
            " CASCADE_RELAY_KEYS."
        ),
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
    token = commands.add_parser("token", help=tr("make, list and revoke readers' tokens"))
    tokens = token.add_subparsers(required=True, metavar="ACTION")
    for action, text, work in (
        ("add", tr("make a token and print it once"), _token_add),
        ("revoke", tr("make a token useless at once"), _token_revoke),
    ):
        command(tokens, action, text, _with_store(work)).add_argument("name", type=_name, metavar="NAME")
    command(tokens, "list", tr("list tokens by name"), _with_store(_token_list))
    command(commands, "stats", tr("how much is kept"), _with_store(_stats))
    pruning = command(commands, "prune", tr("remove old events"), _with_store(_prune))
    pruning.add_argument("--older-than", type=_days, required=True, metavar="DAYS")
    command(commands, "check", tr("whether a relay could run with these settings"), _check)
    return parser


if __name__ == "__main__":
    sys.exit(main())

"""``cascade sandbox``: the stand-in as a server of its own."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import sqlite3
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from console import __version__
from console.cascade.words import tr
from console.sandbox.world import World, WorldSettings, running_world
from console.telesign.signing import AccountKey, BadKey

_USAGE = 2
_CANNOT_START = 1


def main(argv: Sequence[str] | None = None) -> int:
    """Run until interrupted. Returns 0 at the end, 1 if it cannot start, 2 for wrong arguments."""
    arguments = _parser().parse_args(argv)
    try:
        given = _key_from(os.environ)
    except ValueError as error:
        _say_error(str(error))
        return _USAGE
    settings = WorldSettings(
        data_dir=arguments.data_dir,
        speed=arguments.speed,
        host=arguments.host,
        port=arguments.port,
        key=given,
        relay_url=arguments.relay_url,
    )
    try:
        asyncio.run(_serve(settings))
    except KeyboardInterrupt:
        return 0
    except (OSError, sqlite3.Error) as error:
        _say_error(tr("The sandbox cannot start: {reason}", reason=error))
        return _CANNOT_START
    return 0


async def _serve(settings: WorldSettings) -> None:
    ended = asyncio.Event()
    # Windows has no signal handlers in the loop; there Ctrl+C is all there is, and main() sees it.
    with contextlib.suppress(NotImplementedError):
        for name in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(name, ended.set)
    async with running_world(settings) as world:
        sys.stdout.write(_introduction(world, settings))
        sys.stdout.flush()
        await ended.wait()


def _introduction(world: World, settings: WorldSettings) -> str:
    lines = [
        tr("# Telesign's stand-in answers at {url}; end it with Ctrl+C.", url=world.stand_in.url),
        tr("# Give the console this environment:"),
        f"CASCADE_API_URL={world.stand_in.url}",
    ]
    if settings.key is None:  # else whoever started it has the key, and it is not ours to print
        lines += [f"CASCADE_CUSTOMER_ID={world.key.customer_id}", f"CASCADE_API_KEY={world.key.api_key}"]
    lines.append(f"CASCADE_RELAY_URL={world.relay_url}")
    if world.relay_token is not None:
        lines.append(f"CASCADE_RELAY_TOKEN={world.relay_token}")
    elif settings.key is None:
        lines += [
            tr("# and the relay this:"),
            f"CASCADE_RELAY_KEYS={world.key.customer_id}:{world.key.api_key}",
        ]
    return "\n".join(lines) + "\n"


def _key_from(environment: Mapping[str, str]) -> AccountKey | None:
    customer_id = environment.get("CASCADE_CUSTOMER_ID", "")
    api_key = environment.get("CASCADE_API_KEY", "")
    if not customer_id and not api_key:
        return None
    if not customer_id or not api_key:
        raise ValueError(tr("Set both CASCADE_CUSTOMER_ID and CASCADE_API_KEY, or neither."))
    try:
        return AccountKey(customer_id, api_key)
    except BadKey as error:
        raise ValueError(tr("CASCADE_API_KEY is not a Telesign API key: {reason}", reason=error)) from error


def _say_error(text: str) -> None:
    sys.stderr.write(f"cascade sandbox: {text}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cascade sandbox", description=tr("Run a stand-in for Telesign: no account, no network.")
    )
    parser.add_argument("--version", action="version", version=f"cascade {__version__}")
    parser.add_argument("--host", default="127.0.0.1", help=tr("the address to listen on"))
    parser.add_argument("--port", type=_port, default=0, help=tr("the port; 0 takes any free one"))
    parser.add_argument(
        "--relay-url", type=_url, metavar="URL", help=tr("the relay to call; without it one is started")
    )
    parser.add_argument(
        "--speed", type=_speed, default=1.0, metavar="FACTOR", help=tr("how many times faster time passes")
    )
    parser.add_argument(
        "--data-dir", type=Path, metavar="DIR", help=tr("keep messages here; without it they are forgotten")
    )
    return parser


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(tr("a port is a number from 0 to 65535"))
    return int(text)


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed < float("inf"):
        raise argparse.ArgumentTypeError(tr("the speed is a number greater than 0"))
    return speed


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        usable = False
    if not usable:
        raise argparse.ArgumentTypeError(tr("a relay's URL begins with https:// or http://"))
    return text

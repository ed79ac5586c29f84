"""The stand-in, its memory and (unless there is one already) a real relay, started together."""

from __future__ import annotations

import base64
import secrets
import tempfile
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from console.sandbox.store import Store
from console.sandbox.telesign import StandIn
from console.telesign.signing import AccountKey

STORE_FILE: Final = "sandbox.db"
RELAY_FILE: Final = "sandbox-relay.db"
_TOKEN_NAME: Final = "sandbox"  # noqa: S105 - a name, not a token


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldSettings:
    """What to start."""

    data_dir: Path | None
    """Where things survive a restart; ``None`` forgets everything at the end."""
    speed: float = 1.0
    scenario: str | None = None
    host: str = "127.0.0.1"
    port: int = 0
    key: AccountKey | None = None
    """``None``: the account kept under ``data_dir``, made at random the first time."""
    relay_url: str | None = None
    """A relay that runs already; ``None`` starts one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What runs."""

    stand_in: StandIn
    key: AccountKey
    relay_url: str
    relay_token: str | None
    """``None`` where the relay is somebody else's."""


@asynccontextmanager
async def running_world(settings: WorldSettings) -> AsyncIterator[World]:
    """Everything, running; stopped in order at the end.

    The account's id and key are kept in the stand-in's file and the relay's database is kept
    too, so that a console's cursor and the signatures of earlier callbacks hold across
    restarts. They open nothing but this sandbox. The relay's token is new each time.

    Raises ``OSError`` or ``sqlite3.Error`` where an address or a file cannot be used.
    """
    async with AsyncExitStack() as stack:
        directory = settings.data_dir
        if directory is None:
            directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cascade-sandbox-")))
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        store = Store(directory / STORE_FILE)
        stack.callback(store.close)
        key = settings.key or _kept_account(store)
        relay_url, token = settings.relay_url, None
        if relay_url is None:
            # Only here: beside a relay that runs elsewhere, this one need not even be installed.
            from console.relay.config import RelayConfig  # noqa: PLC0415
            from console.relay.server import running_relay  # noqa: PLC0415

            token = secrets.token_urlsafe(32)
            config = RelayConfig(
                database=f"sqlite:///{(directory / RELAY_FILE).as_posix()}",
                host="127.0.0.1",
                port=0,
                keys=(key,),
                tokens={_TOKEN_NAME: token},
            )
            relay_url = (await stack.enter_async_context(running_relay(config))).url
        stand_in = StandIn(
            key=key,
            relay_url=relay_url,
            store=store,
            host=settings.host,
            port=settings.port,
            speed=settings.speed,
        )
        stand_in.scenario = settings.scenario
        await stand_in.start()
        stack.push_async_callback(stand_in.stop)
        yield World(stand_in=stand_in, key=key, relay_url=relay_url, relay_token=token)


def _kept_account(store: Store) -> AccountKey:
    customer_id, api_key = store.get("customer_id"), store.get("api_key")
    if customer_id is None or api_key is None:
        customer_id = str(uuid.uuid4()).upper()
        api_key = base64.b64encode(secrets.token_bytes(64)).decode("ascii")
        store.put("customer_id", customer_id)
        store.put("api_key", api_key)
    return AccountKey(customer_id, api_key)

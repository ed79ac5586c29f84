"""From settings and secrets to connections, and what the status bar says of them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from importlib import import_module
from typing import Final

from console.cascade.words import tr
from console.desk.settings import Secrets, Settings
from console.desk.values import AccountStatus, RelayStatus
from console.telesign.addresses import BadUrl
from console.telesign.client import TelesignClient
from console.telesign.events import RelayClient
from console.telesign.signing import AccountKey, BadKey

_LOADED_LATE: Final = "anyio._backends._asyncio"
"""What httpcore imports in the middle of the first connection: 70 ms, on the loop's own thread."""


async def load_network() -> None:
    """Import on a thread what the first client and its first connection would import on the loop."""
    for module in ("console.telesign.exchange", "httpcore", _LOADED_LATE):
        if module not in sys.modules:
            with suppress(ImportError):  # then there is nothing to wait for
                await asyncio.to_thread(import_module, module)


def account_of(settings: Settings, secrets: Secrets) -> tuple[AccountStatus, AccountKey | None]:
    """The account that is set up, and its key if there is a usable one."""
    if not settings.customer_id:
        return AccountStatus(kind="not_set_up"), None
    if not secrets.api_key:
        return AccountStatus(kind="no_key", customer_id=settings.customer_id), None
    try:
        key = AccountKey(settings.customer_id, secrets.api_key)
    except BadKey as error:
        return AccountStatus(kind="no_key", customer_id=settings.customer_id, detail=str(error)), None
    return AccountStatus(kind="ready", customer_id=settings.customer_id), key


def telesign_of(
    settings: Settings, key: AccountKey | None, account: AccountStatus, clock: Callable[[], datetime]
) -> tuple[TelesignClient | None, AccountStatus]:
    """The client of the account, if its key and its address can be used."""
    if key is None:
        return None, account
    try:
        client = TelesignClient(
            settings.api_url,
            key,
            auth=settings.auth,
            proxy=settings.proxy,
            ca_file=settings.ca_file,
            clock=clock,
        )
    except BadUrl as error:
        return None, replace(account, kind="not_set_up", detail=str(error))
    return client, account


def relay_of(
    settings: Settings, secrets: Secrets, clock: Callable[[], datetime]
) -> tuple[RelayClient | None, RelayStatus]:
    """The client of the relay, if one is set up."""
    if not settings.relay_url:
        return None, RelayStatus(kind="not_set_up")
    if not secrets.relay_token:
        return None, RelayStatus(kind="not_set_up", detail=tr("The relay's token is missing."))
    try:
        relay = RelayClient(
            settings.relay_url,
            secrets.relay_token,
            proxy=settings.proxy,
            ca_file=settings.ca_file,
            clock=clock,
        )
    except BadUrl as error:
        return None, RelayStatus(kind="not_set_up", detail=str(error))
    return relay, RelayStatus(kind="connecting")

"""Live tests of the settings: is the account accepted, does the relay answer? No message is sent."""

from __future__ import annotations

import secrets as chance
from collections.abc import Callable
from datetime import datetime

from console.cascade.facts import SendFailure
from console.cascade.words import tr
from console.desk.connections import load_network
from console.desk.settings import Secrets, Settings
from console.desk.values import CheckResult
from console.telesign.addresses import BadUrl
from console.telesign.client import NOT_ENABLED, StatusRefusal, TelesignClient
from console.telesign.events import LATEST, RelayClient, RelayProblem
from console.telesign.signing import AccountKey, BadKey


async def check_account(settings: Settings, secrets: Secrets, clock: Callable[[], datetime]) -> CheckResult:
    """Ask for the status of a message that does not exist: the refusal tells whether we may ask."""
    if not settings.customer_id or not secrets.api_key:
        return CheckResult(
            ok=False,
            sentence=tr("The customer id or the API key is missing."),
            remedy=tr("Both stand in Telesign's portal; enter them in the settings."),
        )
    try:
        key = AccountKey(settings.customer_id, secrets.api_key)
        await load_network()
        client = TelesignClient(
            settings.api_url,
            key,
            auth=settings.auth,
            proxy=settings.proxy,
            ca_file=settings.ca_file,
            clock=clock,
            read_timeout=10.0,
        )
    except (BadKey, BadUrl) as error:
        return CheckResult(ok=False, sentence=str(error), remedy=tr("Correct it in the settings."))
    try:
        told = await client.query(chance.token_hex(16).upper())
    finally:
        await client.aclose()
    return _account_result(told) if isinstance(told, StatusRefusal) else _accepted()


def _accepted(more: str = "") -> CheckResult:
    return CheckResult(ok=True, sentence=tr("Telesign accepts the customer id and the key.") + more)


def _account_result(told: StatusRefusal) -> CheckResult:
    if told.failure is SendFailure.NOT_CONNECTED:
        return CheckResult(
            ok=False,
            sentence=tr("Telesign cannot be reached: {reason}", reason=told.description),
            remedy=tr("Check the network, the proxy and the address in the settings."),
        )
    if told.failure is not None or told.code is None:
        return CheckResult(
            ok=False,
            sentence=tr("What answers at this address is not Telesign: {reason}", reason=told.description),
            remedy=tr("Check the address in the settings."),
        )
    if told.code == NOT_ENABLED:
        return _accepted(" " + tr("Asking for a status is not enabled for this account."))
    if 3400 <= told.code < 3500 or told.http_status == 401:
        return CheckResult(
            ok=False,
            sentence=tr("Telesign refuses the customer id or the key ({code}).", code=told.code),
            remedy=tr("Copy both again from Telesign's portal."),
        )
    return _accepted()


async def check_relay(settings: Settings, secrets: Secrets, clock: Callable[[], datetime]) -> CheckResult:
    """Ask the relay for its newest events: address and token at once."""
    if not settings.relay_url:
        return CheckResult(
            ok=False,
            sentence=tr("No relay is set up, so this desk does not hear what becomes of messages."),
            remedy=tr("Enter the relay's address in the settings."),
        )
    if not secrets.relay_token:
        return CheckResult(
            ok=False,
            sentence=tr("The relay's token is missing."),
            remedy=tr("Whoever runs the relay makes one with “cascade-relay token add”."),
        )
    try:
        await load_network()
        relay = RelayClient(
            settings.relay_url,
            secrets.relay_token,
            proxy=settings.proxy,
            ca_file=settings.ca_file,
            clock=clock,
        )
    except BadUrl as error:
        return CheckResult(ok=False, sentence=str(error), remedy=tr("Correct it in the settings."))
    try:
        page = await relay.events(after=LATEST, limit=1)
    finally:
        await relay.aclose()
    if not isinstance(page, RelayProblem):
        return CheckResult(ok=True, sentence=tr("The relay answers and accepts the token."))
    remedy = (
        tr("Ask whoever runs the relay for a new token.")
        if page.kind == "unauthorised"
        else tr("Check the relay's address, and that it is running.")
    )
    return CheckResult(ok=False, sentence=page.detail, remedy=remedy)

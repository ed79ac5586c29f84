"""``cascade-relay check --url``: the public address tried as Telesign and as a console would."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import ssl
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit

import httpx
import truststore

from console.cascade.words import tr
from console.relay.probe import make_probe
from console.telesign.signing import AccountKey, callback_signature

_SECONDS: Final = 10.0
_SLOW: Final = 2.0
"""Telesign waits five seconds."""
_SKEW: Final = 30.0
_CALLBACKS: Final = "/callbacks/telesign"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. ``good`` is ``None`` for what deserves a look but works."""

    good: bool | None
    text: str


def usable_url(url: str) -> str | None:
    """Why an address must not be used; ``None``: it may. Plain HTTP only to this machine."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return tr("the address must begin with https://")
    if parts.scheme == "https" or parts.hostname == "localhost":
        return None
    try:
        loopback = ipaddress.ip_address(parts.hostname).is_loopback
    except ValueError:
        loopback = False
    return None if loopback else tr("plain http:// is used to this machine only")


async def look_from_outside(
    url: str, keys: tuple[AccountKey, ...], token: str | None, *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Finding]:
    """Everything that must work between the internet and the relay's disk, one finding after another.

    ``tls`` says whom to trust; by default whom the system trusts.
    """
    trusted = tls or truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    async with httpx.AsyncClient(
        base_url=url.rstrip("/"), timeout=_SECONDS, verify=trusted, follow_redirects=False
    ) as client:
        try:
            alive = await client.get("/healthz")
        except httpx.HTTPError as error:
            yield Finding(False, tr("no answer: {what}", what=str(error) or type(error).__name__))
            return
        yield _expect(alive, 200, tr("reached and alive"))
        yield _clock(alive)
        if "server" in alive.headers and "uvicorn" in alive.headers["server"]:
            yield Finding(None, tr("the answer names its server software"))
        for key in keys:
            async for finding in _probes(client, key):
                yield finding
        if not keys:
            yield Finding(None, tr("no probe was sent: CASCADE_RELAY_KEYS is not set here"))
        forged = await client.post(
            _CALLBACKS, content=make_probe()[1], headers={"X-TS-Authorization": "Zm9yZ2Vk"}
        )
        yield _expect(forged, 401, tr("a forged callback is refused"))
        yield await _reading(client, token)


async def _probes(client: httpx.AsyncClient, key: AccountKey) -> AsyncIterator[Finding]:
    account = key.customer_id[:8]
    for method, headers_of, text in (
        ("POST", _bare, tr("a signed probe for {account}… reaches the disk", account=account)),
        ("POST", _tsa, tr("the Authorization header arrives too")),
        ("GET", _bare, tr("GET with a body passes, as Telesign's older documents have it")),
    ):
        probe, body = make_probe()
        started = time.monotonic()
        try:
            answer = await client.request(method, _CALLBACKS, content=body, headers=headers_of(key, body))
        except httpx.HTTPError as error:
            yield Finding(False, f"{text}: {str(error) or type(error).__name__}")
            continue
        seconds = time.monotonic() - started
        finding = _expect(answer, 200, text)
        if finding.good and _probe_of(answer) != probe:
            finding = Finding(False, tr("{what}: something other than a relay answered", what=text))
        if method == "GET" and not finding.good:
            finding = Finding(None, finding.text)  # Telesign is not known to do it for Messaging
        yield finding
        if finding.good and seconds > _SLOW:
            yield Finding(None, tr("that took {seconds} s; Telesign waits 5 s", seconds=f"{seconds:.1f}"))


def _bare(key: AccountKey, body: bytes) -> dict[str, str]:
    return {"X-TS-Authorization": callback_signature(key, body), "Content-Type": "application/json"}


def _tsa(key: AccountKey, body: bytes) -> dict[str, str]:
    signature = callback_signature(key, body)
    return {"Authorization": f"TSA {key.customer_id}:{signature}", "Content-Type": "application/json"}


def _probe_of(answer: httpx.Response) -> object:
    try:
        told = json.loads(answer.content)
    except ValueError:
        return None
    return told.get("probe") if isinstance(told, dict) else None


async def _reading(client: httpx.AsyncClient, token: str | None) -> Finding:
    params = {"after": "latest", "limit": "1"}
    if token is None:
        answer = await client.get("/v1/events", params=params)
        return _expect(answer, 401, tr("events are not read without a token"))
    answer = await client.get("/v1/events", params=params, headers={"Authorization": f"Bearer {token}"})
    return _expect(answer, 200, tr("events are read with the token"))


def _expect(answer: httpx.Response, status: int, text: str) -> Finding:
    if answer.status_code == status:
        return Finding(True, text)
    return Finding(False, tr("{what}: HTTP {status} instead", what=text, status=answer.status_code))


def _clock(answer: httpx.Response) -> Finding:
    try:
        theirs = parsedate_to_datetime(answer.headers["date"])
    except (KeyError, ValueError, TypeError):
        return Finding(None, tr("the answer has no date: clocks cannot be compared"))
    skew = abs((theirs - datetime.now(UTC)).total_seconds())
    if skew > _SKEW:
        return Finding(None, tr("the clocks differ by {seconds} s", seconds=round(skew)))
    return Finding(True, tr("the clocks agree"))


def report(findings: AsyncIterator[Finding], show: Callable[[str], None]) -> bool:
    """Show the findings as they come; whether all that must work does."""

    async def run() -> bool:
        good = True
        async for finding in findings:
            mark = {True: "ok  ", False: "FAIL", None: "note"}[finding.good]
            show(f"{mark} {finding.text}")
            good = good and finding.good is not False
        return good

    return asyncio.run(run())

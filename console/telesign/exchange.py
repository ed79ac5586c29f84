"""One request, one answer, and certainty about what may have left this machine.

Telesign knows no idempotency, so the question after a failed exchange is never "what kind of
exception was it" but "can the other side have seen the request". That is watched, not guessed:
httpcore tells every step it takes (its ``trace`` extension), and only while each step told so far
belongs to making a connection is it certain that no byte of the request has left. A step that is
not known counts as the request on its way.

There is no retry here at any level, and redirects are not followed: one call puts at most one
request on the wire. A connection is used again only while it was idle for less than
``keep_alive`` seconds and shows no sign of having been closed (httpcore looks before each use, and
a connection found closed is replaced before anything is written). Telesign closes idle connections
after 499 s; proxies and address translators forget them sooner and silently, which would turn a
send into a doubt, so the default is far below. What is left of the race, a connection closed while
the request travels, ends as ``CUT``.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import socket
import ssl
import zlib
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import Any, Final, cast
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx
import truststore

from console import __version__
from console.cascade.facts import SendFailure
from console.cascade.words import tr
from console.telesign.addresses import BadUrl, check_proxy, check_url, is_loopback
from console.telesign.received import KEEP_ALIVE, Missed, Received, now_utc
from console.telesign.times import parse_time

LONGEST_KEEP_ALIVE: Final = 480.0
"""Seconds; Telesign closes idle connections after 499 (seen in the SDK)."""
USER_AGENT: Final = f"Cascade/{__version__}"
_CERTAIN: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_CONNECTIONS: Final = 8


class Endpoint:
    """One server, spoken to over few, reused connections.

    Everything slow (certificates of the system, proxy settings) happens in :meth:`prepare`, on a
    thread; the first exchange does it where nobody did before. Belongs to one event loop.

    Args:
        base_url: as :func:`console.telesign.addresses.check_url` allows.
        proxy: an address; ``None`` for the system's proxy settings, ``""`` for no proxy. A server on
            this machine is always spoken to directly.
        tls: instead of the system's trust store.
        ca_file: a PEM file of certificates trusted besides the system's; empty for none. One that
            cannot be used keeps everything encrypted from leaving.
        transport: instead of the network, for tests.
        connect_timeout: seconds for each step of making a connection.
        keep_alive: seconds an idle connection is kept for reuse, at most 480.
        clock: aware moments, for the measured skew.

    Raises:
        BadUrl: for a base URL or proxy that must not be used.
    """

    def __init__(
        self,
        base_url: str,
        *,
        proxy: str | None = None,
        tls: ssl.SSLContext | None = None,
        ca_file: str = "",
        transport: httpx.AsyncBaseTransport | None = None,
        connect_timeout: float = 10.0,
        keep_alive: float = KEEP_ALIVE,
        clock: Callable[[], datetime] = now_utc,
    ) -> None:
        self.base_url = check_url(base_url)
        parts = urlsplit(self.base_url)
        self.host = parts.hostname or ""
        self.base_path = parts.path
        self._encrypted = parts.scheme == "https"
        self._proxy = check_proxy(proxy) if proxy else proxy
        self._proxy_host: str | None = None
        self._tls = tls
        self._ca_file = ca_file
        self._transport = transport
        self._connect_timeout = connect_timeout
        self._keep_alive = min(keep_alive, LONGEST_KEEP_ALIVE)
        self._clock = clock
        self._client: httpx.AsyncClient | None = None
        self._preparing = asyncio.Lock()
        self.server_skew: timedelta | None = None
        """The server's clock minus ours, to about a second; ``None`` until it has told its time."""

    async def prepare(self) -> None:
        """Do what is slow before the first exchange.

        Raises:
            BadUrl: where the system's proxy settings name a proxy, or the file of certificates is
                one, that cannot be used.
        """
        await self._ready()

    async def aclose(self) -> None:
        """Close the connections. An exchange under way ends as :class:`Missed`."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def exchange(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        content: bytes = b"",
        params: Mapping[str, str] | None = None,
        within: float,
        at_most: int,
    ) -> Received | Missed:
        """Put one request on the wire, at most once, and take the answer.

        Args:
            path: the part after the base URL, already quoted.
            within: seconds from the request's first byte to the answer's last.
            at_most: bytes of an answer, as sent and as decoded, beyond which it is not read.
        """
        try:
            client = await self._ready()
        except BadUrl as problem:
            return Missed(failure=SendFailure.NOT_CONNECTED, detail=str(problem))
        steps = _Steps(within)
        request = client.build_request(
            method,
            f"{self.base_url}{path}",
            params=params,
            headers={"Accept-Encoding": "identity", **headers},
            content=content or None,
            timeout=httpx.Timeout(
                connect=self._connect_timeout, pool=self._connect_timeout, read=within, write=within
            ),
            extensions={"trace": steps.heard},
        )
        status: int | None = None
        try:
            # Until the request is on its way, the limit leaves room for a name, a proxy and TLS.
            async with asyncio.timeout(3 * self._connect_timeout + within) as steps.limit:
                before = self._clock()
                response = await client.send(request, stream=True)
                status = response.status_code
                self._measure(response.headers.get("date"), before, self._clock())
                async with aclosing(response):
                    raw = await _read(response, at_most)
        except (httpx.HTTPError, httpx.StreamError, OSError) as error:
            return self._missed(error, steps, status)
        finally:
            # httpx leaves a cycle behind each request; through the limit it would hold our task and what
            # that gives, a page of the relay, until the collector comes.
            steps.limit = None
        body = None if raw is None else decoded(raw, response.headers.get("content-encoding", ""), at_most)
        if body is None:
            return Missed(
                failure=SendFailure.UNREADABLE,
                detail=tr("{host} gave an answer that is too long or cannot be unpacked.", host=self.host),
                http_status=status,
            )
        return Received(http_status=status, headers=dict(response.headers), body=body)

    async def _ready(self) -> httpx.AsyncClient:
        async with self._preparing:
            if self._client is None:
                proxy, tls = await asyncio.to_thread(self._surroundings)
                # Whole addresses (with reference ids) and headers must not reach a log.
                for name in ("httpx", "httpcore"):
                    logging.getLogger(name).setLevel(logging.WARNING)
                self._client = httpx.AsyncClient(
                    verify=tls,
                    proxy=proxy,
                    transport=self._transport,
                    trust_env=False,
                    follow_redirects=False,
                    headers={"User-Agent": USER_AGENT, "Accept": "application/json"},
                    limits=httpx.Limits(
                        max_connections=_CONNECTIONS,
                        max_keepalive_connections=_CONNECTIONS // 2,
                        keepalive_expiry=self._keep_alive,
                    ),
                )
            return self._client

    def _surroundings(self) -> tuple[httpx.Proxy | None, ssl.SSLContext]:
        address = "" if is_loopback(self.host) else self._proxy
        if address is None:
            address = system_proxy(self.host, "https" if self._encrypted else "http")
        self._proxy_host = urlsplit(address).hostname
        tls = self._tls
        if tls is None:
            # Without encryption the context is never used; one without certificates trusts nobody.
            tls = trust(self._ca_file) if self._encrypted else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if not address:
            return None, tls
        return httpx.Proxy(address, ssl_context=tls if address.startswith("https:") else None), tls

    def _measure(self, date: str | None, before: datetime, after: datetime) -> None:
        if (told := parse_time(date)) is not None:
            # A Date header is cut to whole seconds: on average it is half a second behind.
            self.server_skew = told + timedelta(seconds=0.5) - (before + (after - before) / 2)

    def _missed(self, error: Exception, steps: _Steps, status: int | None) -> Missed:
        if steps.nothing_left(error):
            server = self.host if steps.tunnelled else self._proxy_host or self.host
            return Missed(failure=SendFailure.NOT_CONNECTED, detail=_why(error, server))
        if isinstance(error, httpx.TimeoutException | TimeoutError):
            detail = tr("{host} did not answer in time.", host=self.host)
            return Missed(failure=SendFailure.NO_ANSWER, detail=detail, http_status=status)
        if isinstance(error, httpx.RemoteProtocolError) and status is None and not _disconnected(error):
            detail = tr("{host} gave an answer that is not HTTP.", host=self.host)
            return Missed(failure=SendFailure.UNREADABLE, detail=detail)
        detail = tr("{host} closed the connection before the whole answer arrived.", host=self.host)
        return Missed(failure=SendFailure.CUT, detail=detail, http_status=status)


class _Steps:
    """How far one exchange came, told by httpcore while it happens."""

    def __init__(self, within: float) -> None:
        self.limit: asyncio.Timeout | None = None
        self.tunnelled = False
        """A proxy has been asked to connect us."""
        self._within = within
        self._told = False
        self._asking_proxy = False
        self._begun = False

    async def heard(self, name: str, info: Mapping[str, Any]) -> None:
        self._told = True
        part, _, step = name.partition(".")
        if step == "send_request_headers.started" and info["request"].method == b"CONNECT":
            self._asking_proxy = self.tunnelled = True
        elif step == "start_tls.started":
            self._asking_proxy = False
        elif step == "send_request_headers.started" or (
            part not in ("connection", "proxy") and not self._asking_proxy
        ):
            self._begin()

    def _begin(self) -> None:
        if not self._begun:
            self._begun = True
            if self.limit is not None:
                self.limit.reschedule(asyncio.get_running_loop().time() + self._within)

    def nothing_left(self, error: Exception) -> bool:
        """Whether it is certain that no byte of the request has left."""
        return not self._begun and (self._told or isinstance(error, _CERTAIN))


async def _read(response: httpx.Response, at_most: int) -> bytes | None:
    pieces = bytearray()
    # An iterator by its type, a generator in fact; left half-way it has to be closed.
    async with aclosing(cast(AsyncGenerator[bytes, None], response.aiter_raw())) as stream:
        async for piece in stream:
            pieces += piece
            if len(pieces) > at_most:
                return None
    return bytes(pieces)


def decoded(raw: bytes, encoding: str, at_most: int) -> bytes | None:
    """``raw`` unpacked; ``None`` if it cannot be, or would be longer than ``at_most`` bytes.

    We ask for ``identity``; what a proxy packed all the same is unpacked with the limit in hand, so
    that a small answer cannot fill the memory.
    """
    if encoding.strip().lower() in ("", "identity"):
        return raw
    if encoding.strip().lower() not in ("gzip", "x-gzip", "deflate"):
        return None
    unpacker = zlib.decompressobj(wbits=47)  # finds out by itself whether gzip or zlib
    try:
        body = unpacker.decompress(raw, at_most)
    except zlib.error:
        return None
    return body if unpacker.eof else None


@functools.cache
def system_trust() -> ssl.SSLContext:
    """The one TLS context of this process: the operating system's certificates. Slow the first time."""
    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def trust(ca_file: str) -> ssl.SSLContext:
    """The operating system's certificates and, if named, those in ``ca_file`` (PEM). Slow.

    Raises:
        BadUrl: for a file that cannot be read or holds no certificates.
    """
    if not ca_file:
        return system_trust()
    both = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        both.load_verify_locations(cafile=ca_file)
    except ssl.SSLError:
        raise BadUrl(tr("The extra file of certificates holds none that can be used.")) from None
    except OSError as error:
        raise BadUrl(
            tr("The extra file of certificates cannot be read ({reason}).", reason=error.strerror or error)
        ) from None
    return both


def system_proxy(host: str, scheme: str) -> str:
    """The proxy that the system (environment, or its settings) wants for ``host``; ``""`` for none.

    Raises:
        BadUrl: where it names one that cannot be used, such as a SOCKS proxy.
    """
    if proxy_bypass(host):
        return ""
    proxies = getproxies()
    address = proxies.get(scheme) or proxies.get("all") or ""
    if not address:
        return ""
    return check_proxy(address if "://" in address else f"http://{address}")


def _disconnected(error: httpx.RemoteProtocolError) -> bool:
    # httpx has one type for "closed" and "not HTTP". Both are in doubt; only the wording differs.
    return "disconnected" in str(error) or "closed" in str(error)


def _causes(error: BaseException) -> Iterator[BaseException]:
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        each = waiting.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        waiting += [each.__cause__, each.__context__]
        if isinstance(each, BaseExceptionGroup):
            waiting += each.exceptions


def _why(error: Exception, host: str) -> str:
    """Why there is no connection, from the first cause up."""
    causes = list(_causes(error))

    def is_a(*kinds: type[BaseException]) -> bool:
        return any(isinstance(cause, kinds) for cause in causes)

    if is_a(httpx.ProxyError):
        if any(str(cause).startswith("407") for cause in causes):
            return tr("The proxy wants a user name and password.")
        return tr("The proxy could not connect to {host}.", host=host)
    if is_a(ssl.SSLCertVerificationError):
        return tr("The certificate of {host} is not trusted by this computer.", host=host)
    if is_a(ssl.SSLError):
        return tr("No secure connection to {host} could be made.", host=host)
    if is_a(socket.gaierror):
        return tr("The name {host} was not found.", host=host)
    if is_a(ConnectionRefusedError):
        return tr("{host} refused the connection.", host=host)
    if is_a(httpx.PoolTimeout):
        return tr("Too much was under way at once.")
    if is_a(httpx.TimeoutException, TimeoutError):
        return tr("{host} could not be reached in time.", host=host)
    return tr("No connection to {host} could be made.", host=host)

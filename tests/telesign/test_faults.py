"""Every way a send can go wrong, made by a real server on a real socket.

The promise: at most one request on the wire for each call, and "not connected" is said only where
nothing left this machine.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import socket
import ssl
import sys
import zlib
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest
import trustme

from console.cascade.facts import SendFailure
from console.telesign.answers import Answer
from console.telesign.client import LONGEST_ANSWER, NoAnswer, SendResult, StatusRefusal, TelesignClient
from tests.telesign.conftest import (
    KEY,
    REFERENCE,
    TAKEN,
    Behaviour,
    Server,
    answering,
    closing,
    http,
    reset,
    serving,
)

BODY = b'{"message":"x"}'
FAR = "https://api.telesign.test"


@contextlib.asynccontextmanager
async def client_of(url: str, **options: Any) -> AsyncIterator[TelesignClient]:
    client = TelesignClient(url, KEY, **{"connect_timeout": 5.0, "read_timeout": 5.0, **options})
    try:
        yield client
    finally:
        await client.aclose()


async def send(url: str, **options: Any) -> SendResult:
    async with client_of(url, **options) as client:
        return await client.send(BODY)


async def failure(behaviour: Behaviour, *, requests: int = 1, **options: Any) -> NoAnswer:
    """Send to a server with ``behaviour``; exactly ``requests`` must have reached it."""
    async with serving(behaviour) as server:
        result = await send(server.url, **options)
    assert len(server.requests) == requests
    assert isinstance(result, NoAnswer)
    assert result.detail
    assert KEY.api_key not in result.detail
    return result


async def unknown_name(*_: object, **__: object) -> None:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


async def silent(server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await server.take(reader)
    await reader.read()


# --- certainly not sent ---


async def test_nobody_listens() -> None:
    result = await send(f"http://127.0.0.1:{free_port()}")
    assert isinstance(result, NoAnswer)
    assert (result.failure, result.detail) == (SendFailure.NOT_CONNECTED, "127.0.0.1 refused the connection.")


async def test_the_name_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", unknown_name)
    result = await send(FAR)
    assert isinstance(result, NoAnswer)
    assert (result.failure, result.detail) == (
        SendFailure.NOT_CONNECTED,
        "The name api.telesign.test was not found.",
    )


@pytest.mark.skipif(sys.platform != "linux", reason="how a full backlog drops connections is Linux's way")
async def test_nobody_picks_up() -> None:
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):  # fills the queue of connections nobody accepts
            caller = stack.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(listener.getsockname())
        result = await send(f"http://127.0.0.1:{listener.getsockname()[1]}", connect_timeout=0.3)
    assert isinstance(result, NoAnswer)
    assert result.failure is SendFailure.NOT_CONNECTED
    assert "in time" in result.detail


async def test_the_certificate_is_not_trusted(server_tls: ssl.SSLContext) -> None:
    async with serving(answering(http()), server_tls) as server:
        result = await send(server.url)
    assert isinstance(result, NoAnswer)
    assert result.failure is SendFailure.NOT_CONNECTED
    assert "not trusted" in result.detail
    assert server.requests == []


async def test_the_certificate_is_of_another_host(authority: trustme.CA, trusting: ssl.SSLContext) -> None:
    other = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("another.test").configure_cert(other)
    async with serving(answering(http()), other) as server:
        result = await send(server.url, tls=trusting)
    assert isinstance(result, NoAnswer)
    assert result.failure is SendFailure.NOT_CONNECTED
    assert server.requests == []


@pytest.mark.parametrize(
    "greeting", [b"", b"220 mail.example.com ESMTP\r\n", b"\x15\x03\x01\x00\x02\x02\x28"]
)
async def test_tls_cannot_be_made(greeting: bytes, trusting: ssl.SSLContext) -> None:
    async def behave(_: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(greeting)
        await writer.drain()

    async with serving(behave) as server:
        result = await send(server.url.replace("http:", "https:"), tls=trusting)
    assert isinstance(result, NoAnswer)
    assert result.failure is SendFailure.NOT_CONNECTED


async def test_tls_is_never_finished(trusting: ssl.SSLContext) -> None:
    async def behave(_: Server, reader: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        await reader.read()

    async with serving(behave) as server:
        result = await send(server.url.replace("http:", "https:"), tls=trusting, connect_timeout=0.2)
    assert isinstance(result, NoAnswer)
    assert result.failure is SendFailure.NOT_CONNECTED


async def test_too_much_is_under_way() -> None:
    async with serving(silent) as server, client_of(server.url, connect_timeout=0.3) as client:
        under_way = [asyncio.create_task(client.send(BODY)) for _ in range(9)]
        (first, *_), others = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
        for each in others:
            each.cancel()
        await asyncio.gather(*others, return_exceptions=True)
    result = first.result()
    assert isinstance(result, NoAnswer)
    assert result.failure is SendFailure.NOT_CONNECTED
    assert len(server.requests) == 8


# --- a proxy in between ---


def proxy(answer: bytes, to: Server | None = None, wait: bool = False) -> Behaviour:
    """A proxy that gives ``answer`` to CONNECT and then connects to ``to``."""

    async def behave(server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await server.take(reader)
        assert (request.method, request.target) == ("CONNECT", "api.telesign.test:443")
        writer.write(answer)
        await writer.drain()
        if wait:
            await reader.read()
        if to is None:
            return
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", to.port)

        async def pass_on(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
            with contextlib.suppress(ConnectionError):
                while data := await source.read(4096):
                    target.write(data)
                    await target.drain()
            target.close()

        try:
            await asyncio.gather(pass_on(reader, far_writer), pass_on(far_reader, writer))
        finally:
            far_writer.close()
            with contextlib.suppress(ConnectionError):
                await far_writer.wait_closed()

    return behave


CONNECTED = b"HTTP/1.1 200 Connection established\r\n\r\n"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", "The proxy could not connect"),
        (
            b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
            "user name and password",
        ),
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n", "The proxy"),
        (b"", "api.telesign.test"),
        (b"garbage\r\n\r\n", "api.telesign.test"),
        (CONNECTED, "api.telesign.test"),
        (CONNECTED + b"not TLS at all", "api.telesign.test"),
    ],
    ids=["502", "407", "302", "closed", "garbage", "closed after connecting", "not TLS"],
)
async def test_a_proxy_that_does_not_connect_us(answer: bytes, said: str, trusting: ssl.SSLContext) -> None:
    async with serving(proxy(answer)) as server:
        result = await send(FAR, proxy=server.url, tls=trusting)
    assert isinstance(result, NoAnswer)
    assert result.failure is SendFailure.NOT_CONNECTED
    assert said in result.detail


async def test_a_proxy_that_keeps_silent_before_it_connects_us(trusting: ssl.SSLContext) -> None:
    async with serving(proxy(b"", wait=True)) as server:
        result = await send(FAR, proxy=server.url, tls=trusting, read_timeout=0.2)
    assert isinstance(result, NoAnswer)
    assert result.failure is SendFailure.NOT_CONNECTED


async def test_a_proxy_that_is_not_there() -> None:
    result = await send(FAR, proxy=f"http://localhost:{free_port()}")
    assert isinstance(result, NoAnswer)
    assert (result.failure, result.detail) == (SendFailure.NOT_CONNECTED, "localhost refused the connection.")


async def test_through_a_proxy_a_message_arrives_once(
    server_tls: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    async with serving(answering(http()), server_tls) as far, serving(proxy(CONNECTED, far)) as server:
        result = await send(FAR, proxy=server.url, tls=trusting)
    assert isinstance(result, Answer)
    assert len(far.requests) == 1
    assert "authorization" not in server.requests[0].headers


@pytest.mark.parametrize("answer", [b"", http()[:30], http()[:-1]])
async def test_what_is_cut_behind_a_proxy_is_in_doubt(
    answer: bytes, server_tls: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    async with serving(closing(answer), server_tls) as far, serving(proxy(CONNECTED, far)) as server:
        result = await send(FAR, proxy=server.url, tls=trusting)
    assert isinstance(result, NoAnswer)
    assert result.failure is SendFailure.CUT
    assert len(far.requests) == 1


async def test_the_systems_proxy_is_used_and_never_for_this_machine(
    server_tls: ssl.SSLContext, trusting: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(answering(http()), server_tls) as far, serving(proxy(CONNECTED, far)) as server:
        monkeypatch.setenv("HTTPS_PROXY", f"127.0.0.1:{server.port}")
        assert isinstance(await send(FAR, tls=trusting), Answer)
        assert isinstance(await send(far.url, tls=trusting), Answer)
        assert (server.connections, len(far.requests)) == (1, 2)
        monkeypatch.setenv("NO_PROXY", "telesign.test")
        monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", unknown_name)
        direct = await send(FAR, tls=trusting)
        assert isinstance(direct, NoAnswer)
        assert direct.detail == "The name api.telesign.test was not found."
        assert server.connections == 1


async def test_a_proxy_of_a_kind_we_cannot_use_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1080")
    result = await send(FAR)
    assert isinstance(result, NoAnswer)
    assert result.failure is SendFailure.NOT_CONNECTED
    assert "proxy" in result.detail
    assert isinstance(await send(f"http://127.0.0.1:{free_port()}"), NoAnswer)


# --- in doubt ---


async def test_accepted_and_then_silent() -> None:
    assert (await failure(silent, read_timeout=0.2)).failure is SendFailure.NO_ANSWER


async def test_accepted_and_never_even_read() -> None:
    async def behave(_: Server, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    assert (await failure(behave, requests=0, read_timeout=0.2)).failure is SendFailure.NO_ANSWER


@pytest.mark.parametrize("head", [b"", http()[: -len(TAKEN)]], ids=["in the head", "in the body"])
async def test_an_answer_that_drips_for_ever(head: bytes) -> None:
    async def behave(server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await server.take(reader)
        writer.write(head)
        for byte in b"HTTP/1.1 200 OK\r\nX: " + b"x" * 1000:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.01)  # the fault itself: always a sign of life, never an end

    head_known = 200 if head else None
    result = await failure(behave, read_timeout=0.3)
    assert (result.failure, result.http_status) == (SendFailure.NO_ANSWER, head_known)


@pytest.mark.parametrize("read", [0, 1, 60])
async def test_reset_while_the_request_travels(read: int) -> None:
    async def behave(_: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(read)
        reset(writer)

    result = await failure(behave, requests=0)
    assert result.failure is SendFailure.CUT


async def test_reset_after_the_request() -> None:
    async def behave(server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await server.take(reader)
        reset(writer)

    assert (await failure(behave)).failure is SendFailure.CUT


async def test_a_kept_connection_closed_while_the_next_request_travels_is_not_tried_again() -> None:
    async def behave(server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await server.take(reader)
        writer.write(http())
        await server.take(reader)

    async with serving(behave) as server, client_of(server.url) as client:
        assert isinstance(await client.send(BODY), Answer)
        second = await client.send(BODY)
        assert isinstance(second, NoAnswer)
        assert second.failure is SendFailure.CUT
        assert (server.connections, len(server.requests)) == (1, 2)


async def test_cut_at_every_byte_of_the_answer() -> None:
    answer = http()
    for length in range(len(answer)):
        result = await failure(closing(answer[:length]))
        assert result.failure is SendFailure.CUT, length
        assert result.http_status == (200 if length >= answer.index(b"\r\n\r\n") + 4 else None)


async def test_garbled_at_every_byte_of_the_answer() -> None:
    answer = http()
    async with serving(closing(answer)) as server:
        for place in range(len(answer)):
            garbled = answer[:place] + bytes([answer[place] ^ 0x80]) + answer[place + 1 :]
            server.behaviour = closing(garbled)
            before = len(server.requests)
            result = await send(server.url, read_timeout=1.0)
            assert len(server.requests) == before + 1
            if place >= len(answer) - len(TAKEN):
                assert isinstance(result, NoAnswer)
                assert result.failure is SendFailure.UNREADABLE
            assert isinstance(result, Answer) or result.failure is not SendFailure.NOT_CONNECTED


async def test_an_answer_longer_than_it_says_is_cut_where_it_says() -> None:
    long = http().replace(f"Content-Length: {len(TAKEN)}".encode(), b"Content-Length: 20")
    assert (await failure(closing(long))).failure is SendFailure.UNREADABLE


async def test_an_answer_shorter_than_it_says() -> None:
    short = http().replace(f"Content-Length: {len(TAKEN)}".encode(), b"Content-Length: 9999")
    assert (await failure(closing(short))).failure is SendFailure.CUT


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (http(b"<html><h1>502 Bad Gateway</h1></html>", "502 Bad Gateway"), 502),
        (http(b""), 200),
        (http(b"", "413 Payload Too Large"), 413),
        (b"HTTP/1.1 413 Payload Too Large\r\nConnection: close\r\n\r\n", 413),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204),
        (http(b"{}"), 200),
        (http(b"\xff\xfe\0garbage"), 200),
        (http(TAKEN[:-1]), 200),
        (http(b"", "307 Temporary Redirect", "Location: /v1/elsewhere"), 307),
        (http(TAKEN, "200 OK", "Content-Encoding: br"), 200),
        (http(TAKEN, "200 OK", "Content-Encoding: gzip"), 200),
        (http(gzip.compress(TAKEN)[:-9], "200 OK", "Content-Encoding: gzip"), 200),
        (http(gzip.compress(TAKEN + b" " * LONGEST_ANSWER * 50), "200 OK", "Content-Encoding: gzip"), 200),
        (http(TAKEN + b" " * LONGEST_ANSWER), 200),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", None),
        (b"\0\0\0\0\r\n\r\n", None),
        (http(TAKEN, "200 OK", "X: " + "x" * 200_000), None),
    ],
    ids=[
        "HTML 502", "empty 200", "413", "413 without length", "204", "empty object", "garbage body",
        "half a body", "redirect", "unknown packing", "not packed", "cut packing", "gzip bomb", "too long",
        "not HTTP", "zeros", "endless head",
    ],
)  # fmt: skip
async def test_what_is_no_answer_of_telesigns_is_unreadable(answer: bytes, status: int | None) -> None:
    result = await failure(closing(answer))
    assert (result.failure, result.http_status) == (SendFailure.UNREADABLE, status)


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
async def test_an_answer_packed_against_our_wish_is_unpacked(encoding: str, pack: Any) -> None:
    async with serving(closing(http(pack(TAKEN), "200 OK", f"Content-Encoding: {encoding}"))) as server:
        assert isinstance(await send(server.url), Answer)


@pytest.mark.parametrize(
    "behaviour", [closing(b""), closing(http()[:30]), closing(http(b"<html>", "502 Bad"))]
)
async def test_a_question_is_not_repeated_either(behaviour: Behaviour) -> None:
    async with serving(behaviour) as server, client_of(server.url) as client:
        result = await client.query(REFERENCE)
    assert isinstance(result, StatusRefusal)
    assert result.failure in (SendFailure.CUT, SendFailure.UNREADABLE)
    assert len(server.requests) == 1


async def test_a_send_that_is_cancelled_stays_cancelled_and_was_one_request() -> None:
    reached = asyncio.Event()

    async def behave(server: Server, reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await server.take(reader)
        reached.set()
        await reader.read()

    async with serving(behave) as server, client_of(server.url) as client:
        under_way = asyncio.create_task(client.send(BODY))
        await reached.wait()
        under_way.cancel()
        with pytest.raises(asyncio.CancelledError):
            await under_way
        assert len(server.requests) == 1


async def test_closing_the_client_leaves_a_send_in_doubt() -> None:
    reached = asyncio.Event()

    async def behave(server: Server, reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await server.take(reader)
        reached.set()
        await reader.read()

    async with serving(behave) as server, client_of(server.url) as client:
        under_way = asyncio.create_task(client.send(BODY))
        await reached.wait()
        await client.aclose()
        result = await under_way
    assert isinstance(result, NoAnswer)
    assert result.failure is SendFailure.CUT


# --- what is certain rests on what was watched, and errs on the side of doubt ---


Step = tuple[str, Mapping[str, Any]]


class Scripted(httpx.AsyncBaseTransport):
    """A transport that tells ``steps`` and then fails with ``error``."""

    def __init__(self, error: Exception, *steps: Step) -> None:
        self._error = error
        self._steps = steps

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        for name, info in self._steps:
            await request.extensions["trace"](name, info)
        raise self._error


ASKED: Step = ("http11.send_request_headers.started", {"request": httpx.Request("POST", FAR)})


class Connect:
    method = b"CONNECT"


PROXY_ASKED: Step = ("http11.send_request_headers.started", {"request": Connect()})
CONNECTING: Step = ("connection.connect_tcp.started", {})
TLS: Step = ("proxy.start_tls.started", {})
ANSWERING: Step = ("http11.receive_response_headers.started", {})


@pytest.mark.parametrize(
    ("transport", "failure"),
    [
        (Scripted(httpx.ConnectError("")), SendFailure.NOT_CONNECTED),
        (Scripted(httpx.ReadTimeout("")), SendFailure.NO_ANSWER),
        (Scripted(httpx.ReadError("")), SendFailure.CUT),
        (Scripted(httpx.ConnectError(""), CONNECTING, ASKED), SendFailure.CUT),
        (Scripted(httpx.ConnectError(""), ("http3.something_new.started", {})), SendFailure.CUT),
        (Scripted(httpx.ReadTimeout(""), CONNECTING, PROXY_ASKED, ANSWERING), SendFailure.NOT_CONNECTED),
        (Scripted(httpx.ReadTimeout(""), CONNECTING, PROXY_ASKED, TLS), SendFailure.NOT_CONNECTED),
        (Scripted(httpx.ReadTimeout(""), CONNECTING, PROXY_ASKED, TLS, ANSWERING), SendFailure.NO_ANSWER),
        (Scripted(ssl.SSLError(1, "bad record"), CONNECTING, ASKED), SendFailure.CUT),
    ],
)
async def test_only_steps_known_to_come_before_the_request_are_certain(
    transport: httpx.AsyncBaseTransport, failure: SendFailure
) -> None:
    result = await send(FAR, transport=transport)
    assert isinstance(result, NoAnswer)
    assert result.failure is failure

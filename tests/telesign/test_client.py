"""The client against a server that behaves."""

from __future__ import annotations

import json
import logging
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trustme

from console import __version__
from console.cascade.facts import SendFailure, Source, Verification
from console.telesign.addresses import BadUrl
from console.telesign.answers import Answer
from console.telesign.client import (
    LONGEST_ANSWER,
    NoAnswer,
    StatusRefusal,
    StatusReport,
    TelesignClient,
)
from console.telesign.exchange import LONGEST_KEEP_ALIVE, Endpoint, system_trust
from console.telesign.received import KEEP_ALIVE
from console.telesign.signing import verify_request
from tests.telesign.conftest import KEY, REFERENCE, TAKEN, Server, answering, closing, http, serving

BODY = '{"message":{"viber":{"parameters":{"text":"Здраво 👋"}}}}'.encode()
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
STATUS = json.dumps(
    {
        "reference_id": REFERENCE,
        "status": {"code": 3000, "description": "Delivered", "updated_on": "2024-11-12T13:12:29.551105Z"},
        "channel_status": [{"viber": {"code": 3000, "updated_on": "2024-11-12T13:12:29.551105Z"}}],
    }
).encode()


def refusal(code: int) -> bytes:
    return json.dumps({"status": {"code": code, "description": "No."}}).encode()


@pytest.mark.parametrize("auth", ["digest", "basic"])
async def test_a_message_is_posted_once_signed_and_unchanged(auth: str) -> None:
    async with serving(answering(http())) as server:
        client = TelesignClient(server.url, KEY, auth="basic" if auth == "basic" else "digest")
        result = await client.send(BODY)
        await client.aclose()
    assert result == Answer(
        http_status=200,
        code=3001,
        description="Message in progress",
        reference_id=REFERENCE,
        external_id="ours-1",
    )
    (request,) = server.requests
    assert (request.method, request.target, request.body) == ("POST", "/v1/omnichannel", BODY)
    assert verify_request(
        KEY, method=request.method, path=request.target, headers=request.headers, body=request.body
    )
    assert request.headers["authorization"].startswith("TSA " if auth == "digest" else "Basic ")
    assert request.headers["user-agent"] == f"Cascade/{__version__}"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["accept-encoding"] == "identity"


async def test_a_base_path_is_kept_and_signed() -> None:
    async with serving(answering(http(), http(STATUS))) as server:
        client = TelesignClient(f"{server.url}/proxied/", KEY)
        await client.send(BODY)
        await client.query(REFERENCE)
        await client.aclose()
    for request in server.requests:
        assert request.target.startswith("/proxied/v1/omnichannel")
        assert verify_request(
            KEY, method=request.method, path=request.target, headers=request.headers, body=request.body
        )


async def test_date_and_nonce_are_ours_to_choose() -> None:
    async with serving(answering(http())) as server:
        client = TelesignClient(server.url, KEY, clock=lambda: NOW, nonce=lambda: "n-1")
        await client.send(BODY)
        await client.aclose()
    headers = server.requests[0].headers
    assert (headers["date"], headers["x-ts-nonce"]) == ("Fri, 02 Jan 2026 03:04:05 GMT", "n-1")


async def test_every_request_has_a_nonce_of_its_own() -> None:
    async with serving(answering(http())) as server:
        client = TelesignClient(server.url, KEY)
        await client.send(BODY)
        await client.send(BODY)
        await client.aclose()
    assert len({request.headers["x-ts-nonce"] for request in server.requests}) == 2


@pytest.mark.parametrize(
    ("behind", "dated"), [(timedelta(hours=1), NOW + timedelta(hours=1)), (timedelta(seconds=20), NOW)]
)
async def test_a_clock_that_is_far_off_is_corrected_by_the_servers(
    behind: timedelta, dated: datetime
) -> None:
    date = f"Date: {format_datetime(NOW + behind, usegmt=True)}"
    async with serving(answering(http(TAKEN, "200 OK", date))) as server:
        client = TelesignClient(server.url, KEY, clock=lambda: NOW)
        assert client.server_skew is None
        await client.send(BODY)
        assert client.server_skew == behind + timedelta(seconds=0.5)
        await client.send(BODY)
        await client.aclose()
    sent = datetime.strptime(server.requests[1].headers["date"], "%a, %d %b %Y %H:%M:%S GMT").replace(
        tzinfo=UTC
    )
    assert sent == dated
    assert verify_request(
        KEY, method="POST", path="/v1/omnichannel", headers=server.requests[1].headers, body=BODY
    )


async def test_connections_are_used_again_and_for_less_than_telesign_keeps_them() -> None:
    async with serving(answering(http(), http(STATUS), http())) as server:
        client = TelesignClient(server.url, KEY)
        await client.send(BODY)
        await client.query(REFERENCE)
        await client.send(BODY)
        await client.aclose()
    assert (server.connections, len(server.requests)) == (1, 3)
    assert KEEP_ALIVE < LONGEST_KEEP_ALIVE < 499


async def test_a_connection_that_was_idle_too_long_is_not_used_again() -> None:
    async with serving(answering(http())) as server:
        client = TelesignClient(server.url, KEY, keep_alive=0.0)
        await client.send(BODY)
        await client.send(BODY)
        await client.aclose()
    assert (server.connections, len(server.requests)) == (2, 2)


async def test_a_connection_the_server_closed_while_idle_is_replaced_before_anything_is_written() -> None:
    async with serving(closing(http())) as server:
        client = TelesignClient(server.url, KEY)
        first = await client.send(BODY)
        second = await client.send(BODY)
        await client.aclose()
    assert isinstance(first, Answer)
    assert isinstance(second, Answer)
    assert (server.connections, len(server.requests)) == (2, 2)


async def test_an_answer_after_an_interim_answer_counts() -> None:
    async with serving(answering(b"HTTP/1.1 100 Continue\r\n\r\n" + http())) as server:
        client = TelesignClient(server.url, KEY)
        assert isinstance(await client.send(BODY), Answer)
        await client.aclose()


@pytest.mark.parametrize(
    "status", ["400 Bad Request", "401 Unauthorized", "429 Too Many Requests", "503 Nope"]
)
async def test_a_refusal_is_an_answer_whatever_http_says(status: str) -> None:
    async with serving(answering(http(refusal(3204), status))) as server:
        client = TelesignClient(server.url, KEY)
        result = await client.send(BODY)
        await client.aclose()
    assert isinstance(result, Answer)
    assert (result.code, result.http_status, len(server.requests)) == (3204, int(status[:3]), 1)


async def test_a_status_is_asked_for_once_and_stated_as_a_fact() -> None:
    async with serving(answering(http(STATUS))) as server:
        client = TelesignClient(server.url, KEY)
        result = await client.query(REFERENCE.lower())
        await client.aclose()
    assert isinstance(result, StatusReport)
    assert result.raw == STATUS
    fact = result.fact(NOW)
    assert (fact.source, fact.verification, fact.at) == (Source.QUERY, Verification.DIRECT, NOW)
    assert (fact.reference_id, fact.code, [line.channel for line in fact.channels]) == (
        REFERENCE,
        3000,
        ["viber"],
    )
    (request,) = server.requests
    assert (request.method, request.target, request.body) == (
        "GET",
        f"/v1/omnichannel/{REFERENCE.lower()}",
        b"",
    )
    assert "content-type" not in request.headers
    assert verify_request(KEY, method="GET", path=request.target, headers=request.headers, body=b"")


async def test_a_status_without_reference_id_is_of_the_one_we_asked_about() -> None:
    async with serving(answering(http(b'{"status":{"code":3002}}'))) as server:
        client = TelesignClient(server.url, KEY)
        result = await client.query(REFERENCE)
        await client.aclose()
    assert isinstance(result, StatusReport)
    assert result.fact(NOW).reference_id == REFERENCE


@pytest.mark.parametrize(
    ("status", "code", "final"),
    [
        ("404 Not Found", -10004, True),
        ("200 OK", -10004, True),
        ("401 Unauthorized", 3206, True),
        ("401 Unauthorized", 3400, False),
        ("400 Bad Request", 3311, False),
        ("429 Too Many Requests", 3204, False),
        ("503 Service Unavailable", 3041, False),
        ("200 OK", 3411, False),
    ],
)
async def test_a_refused_question_says_whether_asking_again_can_help(
    status: str, code: int, final: bool
) -> None:
    async with serving(answering(http(refusal(code), status))) as server:
        client = TelesignClient(server.url, KEY)
        result = await client.query(REFERENCE)
        await client.aclose()
    assert result == StatusRefusal(description="No.", http_status=int(status[:3]), code=code)
    assert result.final is final
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        http(b"<html>", "502 Bad Gateway"),
        http(b""),
        http(b'{"reference_id":"x","status":{"code":3000}}'),
        http(b"", "302 Found", "Location: /elsewhere"),
    ],
)
async def test_a_status_that_is_not_ours_or_not_one_at_all_is_no_report(answer: bytes) -> None:
    async with serving(answering(answer)) as server:
        client = TelesignClient(server.url, KEY)
        result = await client.query(REFERENCE)
        await client.aclose()
    assert isinstance(result, StatusRefusal)
    assert (result.failure, result.code, result.final) == (SendFailure.UNREADABLE, None, False)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "reference_id", ["", "..", "a/b", "a?b", "a b", "a\r\nX: y", "ж", "x" * 101, "\udcff"]
)
async def test_an_id_that_would_change_the_address_is_not_asked_about(reference_id: str) -> None:
    async with serving(answering(http(STATUS))) as server:
        client = TelesignClient(server.url, KEY)
        result = await client.query(reference_id)
        await client.aclose()
    assert isinstance(result, StatusRefusal)
    assert server.connections == 0


async def test_certificates_are_checked_and_a_trusted_one_works(
    server_tls: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    async with serving(answering(http()), server_tls) as server:
        client = TelesignClient(server.url, KEY, tls=trusting)
        assert isinstance(await client.send(BODY), Answer)
        await client.aclose()


async def test_preparing_makes_the_one_tls_context_before_it_is_needed() -> None:
    system_trust.cache_clear()
    clients = [TelesignClient(f"https://host{n}.example.com", KEY) for n in range(2)]
    for client in clients:
        await client.prepare()
        await client.prepare()
        await client.aclose()
    assert system_trust.cache_info().misses == 1
    assert system_trust().verify_mode is ssl.CERT_REQUIRED
    assert system_trust().check_hostname


@pytest.mark.parametrize("url", ["http://rest-ww.telesign.com", "ftp://x", ""])
def test_an_address_that_must_not_be_used_is_refused_when_the_client_is_made(url: str) -> None:
    with pytest.raises(BadUrl):
        TelesignClient(url, KEY)


async def test_nothing_confidential_reaches_the_log_however_much_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    async with serving(answering(http(), http(STATUS))) as server:
        client = TelesignClient(server.url, KEY, auth="basic")
        await client.send(BODY)
        await client.query(REFERENCE)
        await client.aclose()
    sent = server.requests[0].headers["authorization"].split()[1]
    for secret in (KEY.api_key, sent, REFERENCE, "Здраво", urlsplit(server.url).netloc):
        assert secret not in caplog.text


async def test_a_long_answer_is_read_up_to_its_limit_and_no_further() -> None:
    padded = TAKEN + b" " * (LONGEST_ANSWER - len(TAKEN))
    async with serving(answering(http(padded))) as server:
        client = TelesignClient(server.url, KEY)
        assert isinstance(await client.send(BODY), Answer)
        await client.aclose()


async def test_after_closing_it_can_be_used_again() -> None:
    async with serving(answering(http())) as server:
        client = TelesignClient(server.url, KEY)
        await client.aclose()
        assert isinstance(await client.send(BODY), Answer)
        await client.aclose()
        await client.aclose()


async def test_an_endpoint_never_keeps_a_connection_longer_than_telesign_does() -> None:
    async def behave(server: Server, *_: object) -> None:
        raise AssertionError("not used")

    async with serving(behave) as server:
        endpoint = Endpoint(server.url, keep_alive=10_000.0)
        await endpoint.prepare()
        assert endpoint._keep_alive == LONGEST_KEEP_ALIVE
        await endpoint.aclose()


async def test_an_extra_file_of_certificates_is_trusted_besides_the_systems(
    authority: trustme.CA, server_tls: ssl.SSLContext, tmp_path: Path
) -> None:
    extra = tmp_path / "company.pem"
    extra.write_bytes(authority.cert_pem.bytes())
    async with serving(answering(http()), server_tls) as server:
        client = TelesignClient(server.url, KEY, ca_file=str(extra))
        assert isinstance(await client.send(BODY), Answer)
        await client.aclose()


@pytest.mark.parametrize("content", [None, b"", b"no certificate", b"\x00\xff" * 50])
async def test_an_extra_file_that_cannot_be_used_lets_nothing_leave(
    server_tls: ssl.SSLContext, tmp_path: Path, content: bytes | None
) -> None:
    extra = tmp_path / "company.pem"
    if content is not None:
        extra.write_bytes(content)
    async with serving(answering(http()), server_tls) as server:
        client = TelesignClient(server.url, KEY, ca_file=str(extra))
        told = await client.send(BODY)
        await client.aclose()
    assert isinstance(told, NoAnswer)
    assert told.failure is SendFailure.NOT_CONNECTED
    assert "file of certificates" in told.detail
    assert not server.requests

"""What the relay takes from Telesign, and what it refuses."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
import re
import sqlite3
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from console.relay.sqlite import SqliteStore
from console.relay.store import StoreUnavailable
from console.telesign.signing import AccountKey
from tests.relay.conftest import KEY, OTHER_KEY, Bench, Start, reference, report, signed


async def test_a_signed_callback_is_answered_200_once_it_is_in_the_file(bench: Bench, tmp_path: Path) -> None:
    response = await bench.tell(report(1))
    assert (response.status_code, response.content) == (200, b"{}")
    with sqlite3.connect(tmp_path / "relay.db") as connection:
        kept = connection.execute("SELECT body FROM events").fetchall()
    connection.close()
    assert kept == [(report(1),)]


async def test_an_event_carries_everything_the_contract_names(each_bench: Bench) -> None:
    body = report(1)
    await each_bench.tell(body, "/callbacks/telesign/viber-main")
    page = await each_bench.page()
    (event,) = page["events"]
    received_at = event.pop("received_at")
    assert len(received_at) == len("2026-01-02T03:04:05.678901Z")
    assert received_at.endswith("Z")
    assert event == {
        "cursor": page["next"],
        "kind": "delivery",
        "reference_id": reference(1),
        "external_id": "external-1",
        "customer_id": KEY.customer_id,
        "label": "viber-main",
        "signature": signed(body)["X-TS-Authorization"],
        "body": body.decode(),
        "body_encoding": "utf-8",
    }
    assert page["more"] is False


async def test_a_get_with_a_body_is_a_callback_too(bench: Bench) -> None:
    body = report(1)
    response = await bench.client.request("GET", "/callbacks/telesign", content=body, headers=signed(body))
    assert response.status_code == 200
    assert len((await bench.page())["events"]) == 1


async def test_the_same_bytes_again_are_the_same_event(each_bench: Bench) -> None:
    answers = await asyncio.gather(*(each_bench.tell(report(1)) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert len((await each_bench.page())["events"]) == 1
    assert await each_bench.metric("cascade_relay_duplicates_total") == 19


async def test_two_accounts_that_say_the_same_are_two_events(each_start: Start) -> None:
    async with each_start(keys=(KEY, OTHER_KEY)) as bench:
        await bench.tell(report(1))
        await bench.tell(report(1), **signed(report(1), OTHER_KEY))
        accounts = [event["customer_id"] for event in (await bench.page())["events"]]
    assert accounts == [KEY.customer_id, OTHER_KEY.customer_id]


async def test_while_a_key_is_changed_the_same_callback_signed_with_either_is_one_event(
    each_start: Start,
) -> None:
    new = AccountKey(KEY.customer_id, OTHER_KEY.api_key)
    async with each_start(keys=(new, KEY)) as bench:
        for key in (KEY, new):
            assert (await bench.tell(report(1), **signed(report(1), key))).status_code == 200
        (event,) = (await bench.page())["events"]
    assert event["signature"] == signed(report(1))["X-TS-Authorization"]


async def test_the_same_callback_under_two_labels_is_one_event_with_the_first(each_bench: Bench) -> None:
    for label in ("viber", "sms"):
        assert (await each_bench.tell(report(1), f"/callbacks/telesign/{label}")).status_code == 200
    assert [event["label"] for event in (await each_bench.page())["events"]] == ["viber"]


async def test_an_id_too_long_for_an_index_stands_in_the_body_only(each_bench: Bench) -> None:
    body = b'{"reference_id":"' + b"A" * 60_000 + b'","status":{"code":3001},"channel_status":[]}'
    assert (await each_bench.tell(body)).status_code == 200
    (event,) = (await each_bench.page())["events"]
    assert (event["reference_id"], event["body"].encode()) == (None, body)


FULL = "CREATE TRIGGER full BEFORE INSERT ON {table} BEGIN SELECT RAISE(FAIL, 'disk is full'); END"
SIGNATURE = signed(report(1))["X-TS-Authorization"]


@pytest.mark.parametrize(
    "headers",
    [
        {"X-TS-Authorization": SIGNATURE},
        {"X-TS-Authorization": f"TSA {KEY.customer_id}:{SIGNATURE}"},
        {"Authorization": f"TSA {KEY.customer_id}:{SIGNATURE}"},
        {"Authorization": f"tsa {KEY.customer_id.lower()}:{SIGNATURE}"},
        {"X-TS-Authorization": SIGNATURE, "Authorization": f"TSA {KEY.customer_id}:{SIGNATURE}"},
    ],
)
async def test_each_form_of_the_signature_is_accepted(bench: Bench, headers: dict[str, str]) -> None:
    assert (await bench.tell(report(1), **headers)).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Nothing": "1"},
        {"X-TS-Authorization": ""},
        {"X-TS-Authorization": "wrong"},
        {"X-TS-Authorization": SIGNATURE[:-2]},
        {"X-TS-Authorization": signed(report(2))["X-TS-Authorization"]},
        {"X-TS-Authorization": signed(report(1), OTHER_KEY)["X-TS-Authorization"]},
        {"Authorization": f"TSA {OTHER_KEY.customer_id}:{SIGNATURE}"},
        {"Authorization": "Bearer token-of-the-console"},
    ],
)
async def test_what_is_not_signed_by_us_leaves_nothing_but_a_count(
    bench: Bench, headers: dict[str, str]
) -> None:
    response = await bench.tell(report(1), **headers)
    assert response.status_code == 401
    assert response.json()["error"] == "bad_signature"
    assert (await bench.page())["events"] == []
    assert await bench.metric('cascade_relay_refused_total{reason="bad_signature"}') == 1


async def test_an_empty_body_is_refused_even_if_signed(bench: Bench) -> None:
    assert (await bench.tell(b"", **signed(b""))).status_code == 401


@pytest.mark.parametrize(
    "body", [b"not json", b"[]", b'{"a":1}', b"\xff\xfe\x00", b"[" * 5000, b'{"status":{"code":1e999}}']
)
async def test_signed_bytes_that_cannot_be_read_are_kept_as_unknown(each_bench: Bench, body: bytes) -> None:
    assert (await each_bench.tell(body)).status_code == 200
    (event,) = (await each_bench.page())["events"]
    assert event["kind"] == "unknown"
    kept = event["body"]
    assert (base64.b64decode(kept) if event["body_encoding"] == "base64" else kept.encode()) == body
    assert (event["body_encoding"] == "base64") == (b"\xff" in body)


async def test_half_a_surrogate_pair_in_an_id_stops_nothing(each_bench: Bench) -> None:
    body = b'{"reference_id":"\\ud800","external_id":"a\\u0000b","status":{"code":3001},"channel_status":[]}'
    assert (await each_bench.tell(body)).status_code == 200
    assert (await each_bench.tell(report(2))).status_code == 200
    first, second = (await each_bench.page())["events"]
    assert first["body"].encode() == body
    assert second["reference_id"] == reference(2)


@pytest.mark.parametrize("label", ["a", "sms-2", "0" * 32])
async def test_a_label_is_kept(bench: Bench, label: str) -> None:
    assert (await bench.tell(report(1), f"/callbacks/telesign/{label}")).status_code == 200
    assert (await bench.page())["events"][0]["label"] == label


@pytest.mark.parametrize("label", ["Upper", "0" * 33, "a_b", "a%20b", "%C3%A9", "a/b", ""])
async def test_a_label_outside_its_letters_is_not_found(bench: Bench, label: str) -> None:
    response = await bench.tell(report(1), f"/callbacks/telesign/{label}")
    assert response.status_code == 404
    assert response.json()["error"] == "not_found"
    assert (await bench.page())["events"] == []


async def test_a_body_of_64_kib_is_kept_and_one_byte_more_is_refused(bench: Bench) -> None:
    whole = b"x" * 65536
    assert (await bench.tell(whole)).status_code == 200
    response = await bench.tell(whole + b"x")
    assert (response.status_code, response.json()["error"]) == (413, "too_large")
    assert len((await bench.page())["events"]) == 1


async def test_the_cap_holds_for_bodies_of_untold_length(bench: Bench) -> None:
    response = await bench.client.post("/callbacks/telesign", content=_chunks(20, 10_000))
    assert (response.status_code, response.json()["error"]) == (413, "too_large")


async def _chunks(count: int, size: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"x" * size


async def test_a_body_that_never_comes_is_given_up(start: Start) -> None:
    async with start(body_seconds=0.05) as bench:
        url = httpx.URL(bench.relay.url)
        reader, writer = await asyncio.open_connection(url.host, url.port)
        writer.write(b"POST /callbacks/telesign HTTP/1.1\r\nHost: relay\r\nContent-Length: 10\r\n\r\nabc")
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
    assert answer.startswith(b"HTTP/1.1 408 ")


async def test_what_cannot_be_stored_is_answered_503_until_it_can(bench: Bench, tmp_path: Path) -> None:
    await bench.tell(report(1))
    blocker = sqlite3.connect(tmp_path / "relay.db")
    blocker.execute(FULL.format(table="events"))
    blocker.commit()
    response = await bench.tell(report(2))
    assert response.status_code == 503
    assert response.json()["error"] == "unavailable"
    assert int(response.headers["Retry-After"]) > 0
    blocker.execute("DROP TRIGGER full")
    blocker.commit()
    blocker.close()
    assert (await bench.tell(report(2))).status_code == 200
    assert len((await bench.page())["events"]) == 2


async def test_ready_says_whether_it_can_store_and_health_whether_it_lives(
    bench: Bench, tmp_path: Path
) -> None:
    assert (await bench.client.get("/readyz")).status_code == 200
    path = tmp_path / "relay.db"
    blocker = sqlite3.connect(path)
    blocker.execute(FULL.format(table="meta"))
    blocker.commit()
    blocker.close()
    assert (await bench.client.get("/readyz")).status_code == 503
    assert (await bench.client.get("/healthz")).status_code == 200


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
async def test_only_its_owner_may_read_the_database(bench: Bench, tmp_path: Path) -> None:
    await bench.tell(report(1))
    modes = await asyncio.to_thread(
        lambda: {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    )
    assert {"relay.db", "relay.db-wal"} <= set(modes)
    assert set(modes.values()) == {0o600}


def test_a_file_that_is_no_database_is_said_at_the_start(tmp_path: Path) -> None:
    path = tmp_path / "relay.db"
    path.write_bytes(b"something else entirely, of some length" * 100)
    before = hashlib.sha256(path.read_bytes()).digest()
    with pytest.raises(StoreUnavailable, match="not a database"):
        SqliteStore(path)
    assert hashlib.sha256(path.read_bytes()).digest() == before


async def test_errors_and_answers_carry_safe_headers_and_the_date(bench: Bench) -> None:
    for response in (await bench.client.get("/healthz"), await bench.client.put("/v1/events")):
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cache-Control"] == "no-store"
        assert "Date" in response.headers
        assert "Server" not in response.headers
    assert response.status_code == 405
    assert response.json()["error"] == "method_not_allowed"
    assert "GET" in response.headers["Allow"]


async def test_answers_on_one_connection_keep_their_order_whatever_they_are(bench: Bench) -> None:
    body = report(1)
    told = f"Host: r\r\nX-TS-Authorization: {signed(body)['X-TS-Authorization']}\r\n"
    told += f"Content-Length: {len(body)}\r\n"
    asked = [
        b"GET /healthz HTTP/1.1\r\nHost: r\r\n\r\n",
        b"GET /nowhere HTTP/1.1\r\nHost: r\r\n\r\n",
        f"POST /callbacks/telesign HTTP/1.1\r\n{told}\r\n".encode() + body,
        f"POST /callbacks/telesign HTTP/1.1\r\n{told}Expect: 100-continue\r\n\r\n".encode() + body,
        b"HEAD /healthz HTTP/1.1\r\nHost: r\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: r\r\nConnection: close\r\n\r\n",
    ]
    url = httpx.URL(bench.relay.url)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    async with asyncio.timeout(20):
        writer.write(b"".join(asked))
        answers = (await reader.read(-1)).decode()
    writer.close()
    statuses = re.findall(r"HTTP/1\.1 (\d+)", answers)
    assert [status for status in statuses if status != "100"] == ["200", "404", "200", "200", "405", "200"]
    assert answers.count("x-content-type-options: nosniff") == len(asked)
    assert answers.lower().count("\r\ndate: ") == len(asked)
    assert answers.count("connection: close") == 1
    assert answers.endswith('{"status":"alive"}')


async def test_an_old_client_is_answered_and_let_go(bench: Bench) -> None:
    url = httpx.URL(bench.relay.url)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    async with asyncio.timeout(20):
        writer.write(b"GET /healthz HTTP/1.0\r\n\r\n")
        answer = (await reader.read(-1)).decode()
    writer.close()
    assert answer.startswith("HTTP/1.1 200 OK\r\n")
    assert "connection: close\r\n" in answer

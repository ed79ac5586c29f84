"""Slow clients, large heads, full disks, damaged files, and what the relay says of all that."""

from __future__ import annotations

import asyncio
import contextlib
import io
import itertools
import json
import logging
import os
import re
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import trustme

from console.relay.cli import main
from console.relay.config import RelayConfig
from console.relay.logs import JsonFormatter
from console.relay.outside import Finding, look_from_outside, usable_url
from console.relay.probe import make_probe, probe_id
from console.relay.server import _listen
from tests.relay.conftest import KEY, READER, TOKEN, Bench, Start, reference, report, signed, starter
from tests.relay.processes import RelayProcess, everything
from tests.relay.test_reading import aged

QUICK = {"head_seconds": 0.1, "body_seconds": 0.1, "write_seconds": 0.1}


@asynccontextmanager
async def connection(bench: Bench) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    url = httpx.URL(bench.relay.url)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def drip(writer: asyncio.StreamWriter, data: bytes) -> None:
    """Send a byte at a time for as long as the relay listens."""
    with contextlib.suppress(OSError):
        for byte in data:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.01)


# Slow and stuck clients


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET /healthz HTT",
        b"GET /healthz HTTP/1.1\r\nHost: relay\r\nX-Slow: ",
        b"\r\n\r\n",
    ],
)
async def test_a_head_that_never_ends_is_cut_off(start: Start, sent: bytes) -> None:
    async with start(**QUICK) as bench, connection(bench) as (reader, writer):
        writer.write(sent)
        async with asyncio.timeout(20):
            assert (await reader.read()).startswith(b"HTTP/1.1 408 ")


async def test_a_head_that_comes_in_drips_is_cut_off_all_the_same(start: Start) -> None:
    async with start(**QUICK) as bench, connection(bench) as (reader, writer):
        dripping = asyncio.create_task(drip(writer, b"GET /healthz HTTP/1.1\r\nX-Slow: " + b"x" * 5000))
        async with asyncio.timeout(20):
            with contextlib.suppress(ConnectionResetError):
                assert (await reader.read()).startswith(b"HTTP/1.1 408 ")
            await dripping


async def test_line_breaks_do_not_keep_an_idle_connection_open(start: Start) -> None:
    async with start(**QUICK) as bench, connection(bench) as (reader, writer):
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: relay\r\n\r\n")
        await reader.readuntil(b"}")
        dripping = asyncio.create_task(drip(writer, b"\r\n" * 2500))
        async with asyncio.timeout(20):
            with contextlib.suppress(ConnectionResetError):
                await reader.read()
            await dripping


async def test_a_body_nobody_asked_for_does_not_keep_a_connection_open(start: Start) -> None:
    async with start(**QUICK) as bench, connection(bench) as (reader, writer):
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: relay\r\nContent-Length: 100000\r\n\r\n")
        await reader.readuntil(b"}")
        dripping = asyncio.create_task(drip(writer, b"x" * 5000))
        async with asyncio.timeout(20):
            with contextlib.suppress(ConnectionResetError):
                await reader.read()
            await dripping


async def test_a_client_that_does_not_read_its_answer_is_cut_off(start: Start) -> None:
    async with start(**QUICK) as bench:
        for number in range(40):
            await bench.tell(report(number) + b" " * 60_000)
        async with connection(bench) as (reader, writer):
            request = (
                f"GET /v1/events?limit=1000 HTTP/1.1\r\nHost: relay\r\nAuthorization: Bearer {TOKEN}\r\n\r\n"
            )
            for _ in range(10):
                writer.write(request.encode())
            reader._transport.pause_reading()  # type: ignore[attr-defined]
            async with asyncio.timeout(30):
                while await bench.metric('cascade_relay_refused_total{reason="too_slow"}') == 0:
                    pass
        assert (await bench.tell(report(99))).status_code == 200


async def test_a_reader_may_wait_for_longer_than_any_of_these(start: Start) -> None:
    async with start(**QUICK) as bench:
        assert (await bench.page(wait=2))["events"] == []


_TOO_LARGE = (
    b"GET /healthz HTTP/1.1\r\nHost: relay\r\nX: " + b"x" * 40_000 + b"\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: relay\r\n" + b"X: 1\r\n" * 20_000 + b"\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: relay\r\nX: " + b"x" * 600_000,
    b"GET /" + b"x" * 600_000,
)


@pytest.mark.parametrize("head", _TOO_LARGE)
async def test_a_head_that_is_too_large_in_pieces_is_refused_too(bench: Bench, head: bytes) -> None:
    async with connection(bench) as (reader, writer):
        with contextlib.suppress(ConnectionResetError):
            for first in range(0, min(len(head), 60_000), 15_000):
                writer.write(head[first : first + 15_000])
                await bench.page()  # so that the relay reads the pieces one by one
            answer = await reader.read()
            assert answer.startswith(b"HTTP/1.1 431 ")
    assert await bench.metric('cascade_relay_refused_total{reason="head_too_large"}') >= 1


@pytest.mark.parametrize("head", _TOO_LARGE)
async def test_a_head_that_is_too_large_is_refused(bench: Bench, head: bytes) -> None:
    async with connection(bench) as (reader, writer):
        with contextlib.suppress(ConnectionResetError):
            writer.write(head)
            answer = await reader.read()
            assert answer.startswith(b"HTTP/1.1 431 ")
    assert await bench.metric('cascade_relay_refused_total{reason="head_too_large"}') >= 1


@pytest.mark.parametrize(
    "garbage", [b"\x16\x03\x01\x02\x00\x01\x00", b"HELLO\r\n\r\n", b"GET \xff HTTP/1.1\r\n\r\n"]
)
async def test_what_is_not_http_is_answered_400_in_our_own_words(bench: Bench, garbage: bytes) -> None:
    async with connection(bench) as (reader, writer):
        writer.write(garbage)
        answer = await reader.read()
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"] == "bad_request"
    assert b"erver:" not in answer


async def test_beyond_its_connections_the_relay_says_503(start: Start) -> None:
    async with (
        start(max_connections=3) as bench,
        connection(bench),
        connection(bench),
        connection(bench),
        connection(bench) as (reader, _),
    ):
        assert (await reader.read()).startswith(b"HTTP/1.1 503 ")


async def test_one_token_has_so_many_requests_a_second(start: Start) -> None:
    async with start(read_rate=0.001, max_readers=2) as bench:
        answers = [await bench.ask() for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 429, 429]
    assert answers[-1].json()["error"] == "too_many_requests"
    assert int(answers[-1].headers["Retry-After"]) > 0


# Disks


def listed(place: Path, pattern: str) -> list[Path]:
    return list(place.glob(pattern))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MiB. Fails where it could be had and cannot be made."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root can mount a file system; CI runs as root")
    place = tmp_path / "disk"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "cascade-test", str(place)], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def remount(place: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(place)], check=True)


@pytest.mark.skipif(sys.platform != "linux", reason="needs a tmpfs")
async def test_a_full_disk_is_answered_503_and_recovered_from_without_loss(small_disk: Path) -> None:
    acknowledged: list[int] = []
    refused = 0
    async with starter(f"sqlite:///{small_disk / 'relay.db'}")() as bench:
        for number in range(60):
            answer = await bench.tell(report(number) + b" " * 30_000)
            assert answer.status_code in (200, 503)
            if answer.status_code == 200:
                acknowledged.append(number)
            else:
                refused += 1
        assert refused
        # A small write may still fit; either way it must answer.
        assert (await bench.client.get("/readyz")).status_code in (200, 503)
        assert [int(e["reference_id"], 16) for e in (await bench.page(limit=1000))["events"]] == acknowledged
        await asyncio.to_thread(remount, small_disk, "size=16m")
        for number in range(100, 110):
            assert (await bench.tell(report(number) + b" " * 30_000)).status_code == 200
            acknowledged.append(number)
    async with starter(f"sqlite:///{small_disk / 'relay.db'}")() as bench:
        assert [int(e["reference_id"], 16) for e in (await bench.page(limit=1000))["events"]] == acknowledged


async def test_a_damaged_database_is_set_aside_and_a_new_one_begun(tmp_path: Path) -> None:
    path = tmp_path / "relay.db"
    path.write_bytes(b"damaged" * 1000)
    async with starter(f"sqlite:///{path}")() as bench:
        assert (await bench.tell(report(1))).status_code == 200
    (kept,) = listed(tmp_path, "relay.db.damaged-*")
    assert kept.read_bytes() == b"damaged" * 1000


@pytest.mark.skipif(sys.platform != "linux", reason="strace")
async def test_the_flush_comes_before_the_answer(sqlite_url: str, tmp_path: Path) -> None:
    """SIGKILL proves nothing about a power cut: here the system calls themselves are watched."""
    assert shutil.which("strace"), "strace is needed for this proof"
    trace = tmp_path / "trace"
    calls = "trace=fdatasync,fsync,write,writev,sendto,sendmsg,pwrite64,pwritev"
    wrapper = ("strace", "-f", "-s", "64", "-e", calls, "-o", str(trace))
    relay = await RelayProcess.start(sqlite_url, *wrapper)
    async with httpx.AsyncClient(base_url=relay.url, trust_env=False, timeout=60) as client:
        for number in range(5):
            body = report(number)
            answer = await client.post("/callbacks/telesign", content=body, headers=signed(body))
            assert answer.status_code == 200
    (child,) = re.findall(r"^(\d+)", trace.read_text(), re.MULTILINE)[:1]
    os.kill(int(child), signal.SIGTERM)
    await relay.process.communicate()
    lines = trace.read_text().splitlines()
    answers = [n for n, line in enumerate(lines) if "HTTP/1.1 200" in line]
    assert len(answers) == 5
    for begin, end in itertools.pairwise([0, *answers]):
        between = lines[begin:end]
        writes = [n for n, line in enumerate(between) if "pwrite64(" in line]
        flushes = [n for n, line in enumerate(between) if re.search(r"(fdatasync|fsync)(\(| resumed)", line)]
        assert writes
        assert flushes
        assert max(flushes) > max(writes), "something was written after the last flush before an answer"


# Copies


def _run(*argv: str) -> int:
    return main(list(argv))


async def test_a_backup_taken_while_the_relay_runs_can_be_put_back(
    sqlite_url: str,
    start: Start,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("CASCADE_RELAY_DATABASE", sqlite_url)
    copy = str(tmp_path / "copy.db")
    async with start() as bench:
        await bench.tell(report(1))
        assert await asyncio.to_thread(_run, "backup", copy) == 0
        assert await asyncio.to_thread(_run, "backup", copy) == 1  # never over a file that is there
        await bench.tell(report(2))
        cursor = (await bench.page())["next"]
        assert await asyncio.to_thread(_run, "restore", copy) == 1
        assert "running" in capsys.readouterr().err
        assert len((await bench.page())["events"]) == 2
    assert await asyncio.to_thread(_run, "restore", copy) == 0
    async with start() as bench:
        assert (await bench.ask(after=cursor)).status_code == 410
        assert [e["reference_id"] for e in (await bench.page())["events"]] == [reference(1)]
    assert len(listed(tmp_path, "relay.db.replaced-*")) == 1
    assert os.stat(copy).st_mode & 0o077 == 0  # noqa: PTH116 - the path's own would block the loop as well


async def test_a_copy_put_back_by_hand_is_noticed_once_it_differs(start: Start, tmp_path: Path) -> None:
    async with start() as bench:
        await bench.tell(report(1))
        first = (await bench.page())["next"]
    shutil.copy(tmp_path / "relay.db", tmp_path / "snapshot")
    async with start() as bench:
        await bench.tell(report(2))
        second = (await bench.page())["next"]
    shutil.copy(tmp_path / "snapshot", tmp_path / "relay.db")
    async with start() as bench:
        assert (await bench.ask(after=second)).status_code == 410
        await bench.tell(report(3))  # takes the very number that the second one had
        assert (await bench.ask(after=second)).status_code == 410
        assert [e["reference_id"] for e in (await bench.page(after=first))["events"]] == [reference(3)]


@pytest.mark.parametrize("content", [b"", b"nonsense" * 1000])
def test_what_is_no_backup_is_not_put_back(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    monkeypatch.setenv("CASCADE_RELAY_DATABASE", sqlite_url)
    assert main(["stats"]) == 0
    before = (tmp_path / "relay.db").read_bytes()
    (tmp_path / "copy").write_bytes(content)
    assert main(["restore", str(tmp_path / "copy")]) == 1
    assert (tmp_path / "relay.db").read_bytes() == before


# The check from outside


async def findings(url: str, token: str | None = TOKEN, tls: ssl.SSLContext | None = None) -> list[Finding]:
    return [each async for each in look_from_outside(url, (KEY,), token, tls=tls)]


async def test_the_check_from_outside_reaches_the_disk_and_no_console(each_bench: Bench) -> None:
    place = (await each_bench.page())["next"]
    found = await findings(each_bench.relay.url)
    assert [each.text for each in found if not each.good] == []
    assert len(found) >= 7
    assert (await each_bench.page(after=place))["events"] == []
    assert await each_bench.metric("cascade_relay_probes_total") == 3


async def test_the_check_says_what_does_not_work(bench: Bench, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "relay.db") as blocker:
        blocker.execute("CREATE TRIGGER full BEFORE INSERT ON meta BEGIN SELECT RAISE(ABORT, 'full'); END")
    blocker.close()
    found = await findings(bench.relay.url, "wrong")
    wrong = [each.text for each in found if each.good is False]
    assert any("HTTP 503" in text for text in wrong)
    assert any("HTTP 401" in text for text in wrong)
    assert [each.good for each in await findings("http://127.0.0.1:9")] == [False]


async def test_only_the_exact_form_of_a_probe_is_one(bench: Bench) -> None:
    _, probe = make_probe()
    for body in (probe + b" ", probe.replace(b'"}', b'","status":{"code":3000}}'), b'{"cascade_probe":"x"}'):
        assert probe_id(body) is None
        assert (await bench.tell(body)).status_code == 200
    assert len((await bench.page())["events"]) == 3
    assert (await bench.tell(probe, **{"X-TS-Authorization": "wrong"})).status_code == 401


@pytest.mark.parametrize(
    "url", ["http://relay.example.org", "ftp://relay.example.org", "relay.example.org", "https://"]
)
def test_the_check_goes_to_the_internet_by_https_only(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert usable_url(url) is not None
    assert main(["check", "--url", url]) == 2


async def test_tls_is_spoken_and_a_renewed_certificate_taken_up(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("console.relay.maintenance._EVERY", 0.05)
    authority = trustme.CA()
    cert, key, roots = tmp_path / "cert.pem", tmp_path / "key.pem", tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(roots))

    def issue() -> bytes:
        made = authority.issue_cert("127.0.0.1")
        made.private_key_pem.write_to_path(str(key))
        made.cert_chain_pems[0].write_to_path(str(cert))
        return made.cert_chain_pems[0].bytes()

    issue()
    async with start(tls_cert=cert, tls_key=key) as bench:
        assert bench.relay.url.startswith("https://")
        context = ssl.create_default_context(cafile=str(roots))
        found = await findings(bench.relay.url, tls=context)
        assert [each.text for each in found if not each.good] == []
        async with httpx.AsyncClient(verify=context, trust_env=False) as client:
            answer = await client.get(f"{bench.relay.url}/healthz")
        assert "max-age" in answer.headers["Strict-Transport-Security"]
        url = httpx.URL(bench.relay.url)

        async def shown() -> str:
            _, writer = await asyncio.open_connection(url.host, url.port, ssl=context)
            told = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
            writer.close()
            with contextlib.suppress(OSError, ssl.SSLError):
                await writer.wait_closed()
            return ssl.DER_cert_to_PEM_cert(told)

        first = await shown()
        # The new key is there before its certificate: until both fit, the old pair serves.
        authority.issue_cert("127.0.0.1").private_key_pem.write_to_path(str(key))
        async with asyncio.timeout(20):
            while "cannot be used" not in caplog.text:
                assert await shown() == first
        renewed = issue()
        async with asyncio.timeout(20):
            while (await shown()).split() != renewed.decode().split():
                pass


# What is said


async def test_the_log_is_json_and_holds_nothing_of_anybody(sqlite_url: str) -> None:
    relay = await RelayProcess.start(sqlite_url, log=asyncio.subprocess.PIPE)
    body = b'{"phone_number":"15558675309","text":"private words"}'
    async with httpx.AsyncClient(base_url=relay.url, trust_env=False) as client:
        await client.post("/callbacks/telesign", content=body, headers=signed(body))
        await client.post("/callbacks/telesign", content=body, headers={"X-TS-Authorization": "forged"})
        await client.get("/v1/events", headers=READER)
        await client.get("/v1/events?after=15558675309", headers=READER)
    relay.process.send_signal(signal.SIGTERM)
    _, log = await relay.process.communicate()
    lines = [json.loads(line) for line in log.decode().splitlines()]
    assert [line["message"] for line in lines] == ["listening", "stopping", "stopped"]
    for secret in ("15558675309", "private words", TOKEN, KEY.api_key):
        assert secret not in log.decode()


def test_a_traceback_is_logged_as_places_without_the_words_of_the_error() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    try:
        int("15558675309x")
    except ValueError:
        record = logging.LogRecord("relay", logging.ERROR, __file__, 1, "it failed", (), sys.exc_info())
    handler.emit(record)
    told = json.loads(stream.getvalue())
    assert told["error"] == "ValueError"
    assert "test_hard_times.py" in told["at"][0]
    assert "15558675309" not in stream.getvalue()


async def test_the_reader_furthest_behind_is_seen_in_the_metrics(bench: Bench) -> None:
    for number in range(10):
        await bench.tell(report(number))
    page = await bench.page(limit=3)
    assert await bench.metric("cascade_relay_reader_lag_events") == 7
    page = await bench.page(limit=3, after=page["next"])
    assert await bench.metric("cascade_relay_reader_lag_events") == 4
    await bench.page(after=page["next"])
    assert await bench.metric("cascade_relay_reader_lag_events") == 0
    assert await bench.metric("cascade_relay_newest_position") == 10
    assert await bench.metric("cascade_relay_uncommitted") == 0
    assert await bench.metric("cascade_relay_commit_seconds_count") == 10


async def test_retention_works_by_itself(each_start: Start, each_url: str) -> None:
    async with each_start() as bench:
        await bench.relay.store.append([aged(number, days=500) for number in range(5)])
    async with each_start(retention_days=30) as bench, asyncio.timeout(20):
        while len((await bench.page())["events"]) > 1:
            pass
        (kept,) = (await bench.page())["events"]
        assert kept["reference_id"] == reference(4)


async def test_stopping_finishes_what_was_accepted(sqlite_url: str) -> None:
    relay = await RelayProcess.start(sqlite_url)
    answers: list[int] = []

    async def insist(client: httpx.AsyncClient, number: int) -> None:
        body = report(number)
        with contextlib.suppress(httpx.TransportError):
            answer = await client.post("/callbacks/telesign", content=body, headers=signed(body))
            answers.append(number if answer.status_code == 200 else -1)

    async with httpx.AsyncClient(base_url=relay.url, trust_env=False) as client:
        tasks = [asyncio.create_task(insist(client, number)) for number in range(200)]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        assert await relay.end(signal.SIGTERM) == 0
        await asyncio.gather(*tasks)
    again = await RelayProcess.start(sqlite_url)
    kept = {int(event["reference_id"], 16) for event in await everything(again.url, 1000)}
    await again.end()
    assert {number for number in answers if number >= 0} <= kept


def test_answers_do_not_wait_for_the_acknowledgement_of_their_head() -> None:
    """asyncio turns Nagle's algorithm off only for sockets that name TCP; 40 ms an answer otherwise."""
    with contextlib.closing(_listen(RelayConfig(database="sqlite:///unused", port=0))) as listener:
        assert listener.proto == socket.IPPROTO_TCP

"""``cascade sandbox`` as a process: what it prints, whom it calls, how it ends."""

from __future__ import annotations

import asyncio
import base64
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from console.sandbox.cli import main
from console.sandbox.scenarios import scenario
from console.telesign.signing import AccountKey
from tests.sandbox import requests
from tests.sandbox.conftest import KEY, Receiver

RUN = "import sys; from console.sandbox.cli import main; sys.exit(main(sys.argv[1:]))"


@asynccontextmanager
async def running(
    *arguments: str, lines: int, **environment: str
) -> AsyncIterator[tuple[Process, dict[str, str]]]:
    """The command, once it has printed that many environment lines."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CASCADE_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", RUN, *arguments, stdout=PIPE, stderr=PIPE, env=inherited | environment
    )
    assert process.stdout is not None
    printed: dict[str, str] = {}
    try:
        while len(printed) < lines:
            line = (await process.stdout.readline()).decode()
            assert line, (await process.communicate())[1].decode()
            if not line.startswith("#"):
                name, _, value = line.strip().partition("=")
                printed[name] = value
        yield process, printed
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def post(printed: dict[str, str], key: AccountKey, scenario_id: str) -> httpx.Response:
    body = requests.to(scenario(scenario_id).number)
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.send(
            requests.signed_post(printed["CASCADE_API_URL"] + "/v1/omnichannel", key, body)
        )


async def test_alone_it_prints_all_a_console_needs_and_starts_a_relay() -> None:
    async with running("--speed", "1000", lines=5) as (process, printed):
        key = AccountKey(printed["CASCADE_CUSTOMER_ID"], printed["CASCADE_API_KEY"])
        assert len(base64.b64decode(key.api_key, validate=True)) == 64
        reference_id = (await post(printed, key, "viber_delivered")).json()["reference_id"]
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            events = await client.get(
                printed["CASCADE_RELAY_URL"] + "/v1/events",
                params={"wait": "20"},
                headers={"Authorization": f"Bearer {printed['CASCADE_RELAY_TOKEN']}"},
            )
        assert [each["reference_id"] for each in events.json()["events"]] == [reference_id]
        process.send_signal(signal.SIGINT)
        _, errors = await process.communicate()
        assert (process.returncode, errors) == (0, b"")


async def test_with_a_relay_it_calls_that_one_and_prints_what_it_needs(receiver: Receiver) -> None:
    async with running("--speed", "1000", "--relay-url", receiver.url, lines=5) as (process, printed):
        assert printed["CASCADE_RELAY_URL"] == receiver.url
        customer_id, _, api_key = printed["CASCADE_RELAY_KEYS"].partition(":")
        assert "CASCADE_RELAY_TOKEN" not in printed
        await post(printed, AccountKey(customer_id, api_key), "reply_viber")
        told = await receiver.until(lambda told: len(told) == 3)
        assert [each.path for each in told] == ["/callbacks/telesign"] * 2 + ["/callbacks/telesign/viber"]
        process.send_signal(signal.SIGTERM)
        await process.communicate()
        assert process.returncode == 0


async def test_a_given_key_is_used_and_not_printed(receiver: Receiver) -> None:
    async with running(
        "--speed",
        "1000",
        "--relay-url",
        receiver.url,
        lines=2,
        CASCADE_CUSTOMER_ID=KEY.customer_id,
        CASCADE_API_KEY=KEY.api_key,
    ) as (process, printed):
        assert (await post(printed, KEY, "viber_delivered")).status_code == 200
        told = await receiver.until(lambda told: len(told) == 1)
        assert told[0].genuine
        process.send_signal(signal.SIGINT)
        output, _ = await process.communicate()
        assert KEY.api_key not in output.decode() + "".join(printed.values())


async def test_a_data_directory_keeps_the_account(tmp_path: Path, receiver: Receiver) -> None:
    accounts = []
    for _ in range(2):
        arguments = ("--relay-url", receiver.url, "--data-dir", str(tmp_path))
        async with running(*arguments, lines=5) as (process, printed):
            accounts.append(printed["CASCADE_RELAY_KEYS"])
            process.send_signal(signal.SIGINT)
            await process.communicate()
    assert accounts[0] == accounts[1]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--port", "70000"],
        ["--port", "http"],
        ["--port", "-1"],
        ["--speed", "0"],
        ["--speed", "nan"],
        ["--speed", "inf"],
        ["--speed", "fast"],
        ["--relay-url", "relay.example.org"],
        ["--relay-url", "http://[broken"],
        ["--unknown"],
    ],
)
def test_wrong_arguments_are_refused_before_anything_starts(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("customer_id", "api_key"), [("id", ""), ("", "a2V5"), ("id", "not base64 at all!")])
def test_half_an_account_or_a_broken_key_is_refused(
    customer_id: str, api_key: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CASCADE_CUSTOMER_ID", customer_id)
    monkeypatch.setenv("CASCADE_API_KEY", api_key)
    assert main([]) == 2
    errors = capsys.readouterr().err
    assert errors.startswith("cascade sandbox: ")
    assert "not base64" not in errors


def test_a_port_that_is_taken_is_said(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("CASCADE_CUSTOMER_ID", "CASCADE_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    port = receiver.url.rpartition(":")[2]
    assert main(["--port", port, "--relay-url", receiver.url]) == 1
    assert "cannot start" in capsys.readouterr().err


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_it_explains_itself(argument: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([argument])
    assert ended.value.code == 0
    assert "cascade" in capsys.readouterr().out

"""``cascade send`` as a script runs it: a process of its own, against any server that speaks the protocol."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import pytest

from tests.desk.stand_in import (
    KEY,
    REF,
    TAKEN,
    call_back,
    coded,
    half,
    http,
    relay_at,
    reset,
    says,
    telesign,
)

DATA = Path(__file__).parent / "data"
TEXT = "Buy one get one free! Use code 'BOGO' at checkout on viatushop.com"


async def cascade(
    directory: Path,
    api: str,
    *arguments: str,
    relay: str = "",
    token: str = "t" * 32,
    stdin: int | None = None,
) -> Process:
    """Start ``cascade`` with everything it needs in the environment and nothing else."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("CASCADE_")},
        "CASCADE_DATA_DIR": str(directory / "desk"),
        "CASCADE_API_URL": api,
        "CASCADE_CUSTOMER_ID": KEY.customer_id,
        "CASCADE_API_KEY": KEY.api_key,
        "CASCADE_RELAY_URL": relay,
        "CASCADE_RELAY_TOKEN": token,
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "console", *arguments, env=environment, stdin=stdin, stdout=PIPE, stderr=PIPE
    )


def send(*more: str) -> tuple[str, ...]:
    return ("send", "--to", "15558675309", "--viber", TEXT, *more, "--json")


def lines(out: bytes) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.decode().splitlines()]


async def test_the_documented_message_is_posted_and_followed_to_delivery_by_sms(tmp_path: Path) -> None:
    vector = json.loads((DATA / "send_request.json").read_text())
    vector["recipient"] = {"phone_number": vector.pop("phone_number")}
    async with telesign(says(TAKEN)) as server, relay_at(tmp_path, KEY) as relay:
        process = await cascade(
            tmp_path,
            server.url,
            *send("--fallback-time", "600", "--reply-id", "100035", "--follow"),
            relay=relay,
        )
        await server.reached(1)
        body = json.loads(server.bodies[0])
        assert body.pop("external_id")
        assert body == vector
        report = (DATA / "delivery_fallback_sms.json").read_bytes().strip()
        assert json.loads(report)["reference_id"] == REF
        await call_back(relay, report)
        out, _ = await process.communicate()
        assert process.returncode == 0
        last = lines(out)[-1]
        assert last["outcome"] == "delivered"
        assert [attempt["state"] for attempt in last["attempts"]] == ["timed_out", "delivered"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("respond", [reset, half, says(http(502, b"<html></html>", "text/html"))])
async def test_doubt_is_exit_code_4_and_one_post(respond: object, tmp_path: Path) -> None:
    async with telesign(respond) as server:  # type: ignore[arg-type]
        process = await cascade(tmp_path, server.url, *send())
        out, _ = await process.communicate()
        assert process.returncode == 4
        assert lines(out)[-1]["state"] == "unconfirmed"
        assert len(server.bodies) == 1


async def test_a_refusal_is_exit_code_3_and_no_connection_7(tmp_path: Path) -> None:
    async with telesign(says(http(401, coded(3411)))) as server:
        process = await cascade(tmp_path, server.url, *send())
        await process.communicate()
        assert process.returncode == 3
    process = await cascade(tmp_path, "http://127.0.0.1:9", *send("--again"))
    await process.communicate()
    assert process.returncode == 7


async def test_killed_while_the_server_holds_the_answer_it_is_found_in_doubt_and_never_sent_again(
    tmp_path: Path,
) -> None:
    arrived = asyncio.Event()

    async def hold(_writer: asyncio.StreamWriter, _number: int) -> None:
        arrived.set()

    async with telesign(hold) as server:
        process = await cascade(tmp_path, server.url, *send())
        async with asyncio.timeout(60):
            await arrived.wait()
        process.send_signal(signal.SIGKILL)
        await process.communicate()
        # The next one that starts finds it, and sends only its own.
        again = await cascade(tmp_path, server.url, "send", "--to", "12025550101", "--viber", "Another")
        await server.reached(2)
        again.send_signal(signal.SIGKILL)
        await again.communicate()
        history = await cascade(tmp_path, server.url, "history", "--json")
        out, _ = await history.communicate()
        assert lines(out)[-1]["state"] == "unconfirmed"
        assert len(server.bodies) == 2
        assert TEXT not in server.bodies[1].decode()

"""``cascade send`` in a hard world: killed at any moment, told late, on broken disks, at wrong relays."""

from __future__ import annotations

import asyncio
import json
import random
import signal
from asyncio.subprocess import PIPE
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from console.cli import main
from console.desk import cli_send
from console.desk.settings import journal_dir
from console.journal.opening import FILE
from tests.cli.test_main_job import TEXT, cascade, lines, send
from tests.desk.stand_in import (
    KEY,
    OTHER,
    TAKEN,
    Respond,
    call_back,
    coded,
    delivery,
    http,
    relay_at,
    reset,
    says,
    telesign,
)


def journal(directory: Path) -> Path:
    return journal_dir(directory / "desk", "default", sandbox=False) / FILE


async def states(directory: Path, api: str) -> dict[str, str]:
    """State by message id, as ``cascade history`` tells it."""
    process = await cascade(directory, api, "history", "--json", "--limit", "1000")
    out, err = await process.communicate()
    assert (process.returncode, err) == (0, b"")
    return {str(row["message_id"]): str(row["state"]) for row in lines(out)}


# -- killed ----------------------------------------------------------------------------------------


async def head_only(_writer: asyncio.StreamWriter, _number: int) -> None:
    return


async def answered(writer: asyncio.StreamWriter, _number: int) -> None:
    writer.write(TAKEN)
    await writer.drain()


@pytest.mark.parametrize("respond", [head_only, answered], ids=["before the answer", "as the answer arrives"])
async def test_killed_around_the_answer_the_message_is_never_sent_again(
    respond: Respond, tmp_path: Path
) -> None:
    async with telesign(respond) as server:
        process = await cascade(tmp_path, server.url, *send())
        await server.reached(1)
        process.send_signal(signal.SIGKILL)
        await process.communicate()
        async with telesign(says(http(400, coded(3110)))) as elsewhere:
            for text in ("First", "Second"):  # what the first one settles, the second one leaves alone
                other = await cascade(tmp_path, elsewhere.url, "send", "--to", "12025550101", "--viber", text)
                await other.communicate()
            assert len(elsewhere.bodies) == 2, "only their own"
        (state,) = [state for state in (await states(tmp_path, server.url)).values() if state != "refused"]
        # The kill may come before or after the answer was recorded; "accepted" only if it was.
        assert state in (("unconfirmed",) if respond is head_only else ("unconfirmed", "accepted"))
        assert len(server.bodies) == 1


async def test_killed_at_random_moments_no_message_is_ever_posted_twice(
    tmp_path: Path, long_form: bool
) -> None:
    chance = random.Random(20260504)
    async with telesign(answered) as server:
        for number in range(60 if long_form else 5):
            process = await cascade(
                tmp_path, server.url, "send", "--to", "12025550101", "--viber", f"Message {number}", "--json"
            )
            # Between the interpreter's start and the end of the command.
            ending = asyncio.create_task(process.communicate())
            await asyncio.wait((ending,), timeout=chance.uniform(0.2, 1.6))
            if process.returncode is None:
                process.kill()
            await ending
        last = await cascade(
            tmp_path, server.url, "send", "--to", "12025550101", "--viber", "The last", "--json"
        )
        out, _ = await last.communicate()
        assert last.returncode == 0, out
        posts = Counter(json.loads(body)["external_id"] for body in server.bodies)
        assert set(posts.values()) == {1}
        told = await states(tmp_path, server.url)
        # Nothing is left half-way once the last one has gone through the journal.
        assert set(told.values()) <= {"accepted", "unconfirmed"}
        assert {external.removeprefix("cascade-") for external in posts} <= set(told)
        taken = {name for name, state in told.items() if state == "accepted"}
        assert taken <= {external.removeprefix("cascade-") for external in posts}


async def test_terminated_it_waits_for_the_answer_and_says_what_became_of_it(tmp_path: Path) -> None:
    go_on = asyncio.Event()

    async def slow(writer: asyncio.StreamWriter, _number: int) -> None:
        await go_on.wait()
        writer.write(TAKEN)

    async with telesign(slow) as server:
        process = await cascade(tmp_path, server.url, *send("--follow"))
        await server.reached(1)
        process.terminate()
        go_on.set()
        out, _ = await process.communicate()
        assert lines(out)[-1]["state"] == "accepted"
        assert len(server.bodies) == 1


# -- told late ---------------------------------------------------------------------------------------


async def test_doubt_is_settled_by_a_later_report_while_following_and_afterwards(tmp_path: Path) -> None:
    async with telesign(reset) as server, relay_at(tmp_path, KEY) as relay:
        following = await cascade(tmp_path, server.url, *send("--follow", "60"), relay=relay)
        await server.reached(1)
        await call_back(relay, delivery(json.loads(server.bodies[0])["external_id"]))
        out, _ = await following.communicate()
        assert following.returncode == 0
        assert lines(out)[-1]["outcome"] == "delivered"
        kinds = [line["kind"] for line in lines(out)[:-1]]
        assert kinds.index("unconfirmed") < kinds.index("accepted")

        doubtful = await cascade(
            tmp_path, server.url, "send", "--to", "12025550101", "--viber", "Two", "--json"
        )
        out, _ = await doubtful.communicate()
        assert doubtful.returncode == 4
        await call_back(relay, delivery(json.loads(server.bodies[1])["external_id"]))
        third = await cascade(
            tmp_path,
            server.url,
            "send",
            "--to",
            "12025550102",
            "--viber",
            "Three",
            "--follow",
            "3",
            relay=relay,
        )
        await third.communicate()
        assert (await states(tmp_path, server.url))[str(lines(out)[-1]["message_id"])] == "accepted"
        assert len(server.bodies) == 3


def test_following_a_doubtful_post_without_a_time_ends_with_4(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {
        "DATA_DIR": str(tmp_path),
        "CUSTOMER_ID": KEY.customer_id,
        "API_KEY": KEY.api_key,
        "RELAY_URL": "",
    }.items():
        monkeypatch.setenv(f"CASCADE_{name}", value)
    monkeypatch.setattr(cli_send, "_DOUBT_MARGIN", -29.8)

    async def run() -> int:
        async with telesign(reset) as server:
            monkeypatch.setenv("CASCADE_API_URL", server.url)
            options = [
                "send",
                "--to",
                "+15558675309",
                "--viber",
                "Hi",
                "--fallback-time",
                "30",
                "--follow",
                "--json",
            ]
            return await asyncio.to_thread(_in_a_thread, options)

    assert asyncio.run(run()) == 4
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["state"] == "unconfirmed"


def _in_a_thread(options: list[str]) -> int:
    # Signals belong to the main thread; without them the command still runs.
    original = cli_send._stop_signals
    cli_send._stop_signals = lambda undo: asyncio.Event()
    try:
        return main(options)
    finally:
        cli_send._stop_signals = original


# -- the wrong relay ------------------------------------------------------------------------------------


@pytest.mark.parametrize("trouble", ["no relay there", "wrong token"])
async def test_a_relay_that_tells_nothing_is_said_and_the_end_is_6(trouble: str, tmp_path: Path) -> None:
    async with telesign(says(TAKEN)) as server, relay_at(tmp_path, KEY) as relay:
        process = await cascade(
            tmp_path,
            server.url,
            *send("--follow", "2"),
            relay="http://127.0.0.1:9" if trouble == "no relay there" else relay,
            token="wrong" * 8 if trouble == "wrong token" else "t" * 32,
        )
        out, err = await process.communicate()
        assert process.returncode == 6
        assert lines(out)[-1]["state"] == "accepted"
        assert err.decode().count("Reports may be missing") == 1


async def test_a_relay_with_another_key_is_said_and_believed_in_nothing(tmp_path: Path) -> None:
    async with telesign(says(TAKEN)) as server, relay_at(tmp_path, OTHER) as relay:
        process = await cascade(tmp_path, server.url, *send("--follow", "4"), relay=relay)
        await server.reached(1)
        await call_back(relay, delivery(json.loads(server.bodies[0])["external_id"]), OTHER)
        out, _ = await process.communicate()
        assert process.returncode == 6
        *events, last = lines(out)
        assert last["outcome"] == "waiting"
        assert "rejected" in [event["kind"] for event in events]


# -- the wrong disk ---------------------------------------------------------------------------------------


async def test_a_damaged_journal_is_set_aside_said_and_the_message_sent(tmp_path: Path) -> None:
    journal(tmp_path).parent.mkdir(parents=True)
    journal(tmp_path).write_bytes(b"damaged" * 5000)
    async with telesign(says(TAKEN)) as server:
        process = await cascade(tmp_path, server.url, *send())
        out, err = await process.communicate()
        assert process.returncode == 0
        assert lines(out)[-1]["state"] == "accepted"
        assert "corrupt-" in err.decode()
        (aside,) = journal(tmp_path).parent.glob(f"{FILE}.corrupt-*")
        assert aside.read_bytes() == b"damaged" * 5000


def unusable_file(directory: Path) -> None:
    (directory / "desk").write_text("a file")


def unusable_folder(directory: Path) -> None:
    journal(directory).mkdir(parents=True)


def unusable_owners(directory: Path) -> None:
    journal(directory).parent.mkdir(parents=True)
    (journal(directory).parent / "owners").write_text("a file")


@pytest.mark.parametrize("spoil", [unusable_file, unusable_folder, unusable_owners])
async def test_a_data_folder_that_cannot_be_used_is_one_sentence_and_no_post(
    spoil: Callable[[Path], None], tmp_path: Path
) -> None:
    spoil(tmp_path)
    async with telesign(says(TAKEN)) as server:
        process = await cascade(tmp_path, server.url, *send())
        out, err = await process.communicate()
        assert (process.returncode, out, err.count(b"\n")) == (2, b"", 1), err
        assert server.bodies == []


async def test_a_request_over_10000_bytes_is_one_sentence_and_2(tmp_path: Path) -> None:
    async with telesign(says(TAKEN)) as server:
        process = await cascade(tmp_path, server.url, *send("--sms", "ж" * 6000))
        out, err = await process.communicate()
        assert (process.returncode, out, err.count(b"\n")) == (2, b"", 1)
        assert b"10000" in err
        assert server.bodies == []
        assert not journal(tmp_path).exists()


# -- who may look -----------------------------------------------------------------------------------------


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="no /proc here")
async def test_neither_number_nor_text_nor_key_stays_in_the_process_list_or_the_log(tmp_path: Path) -> None:
    async with telesign(head_only) as server:
        process = await cascade(
            tmp_path, server.url, "send", "--to", "-", "--viber", TEXT, "--follow", stdin=PIPE
        )
        assert process.stdin is not None
        process.stdin.write(b"+1 555 867 5309\n")
        process.stdin.close()
        await server.reached(1)
        listed = await asyncio.to_thread(Path(f"/proc/{process.pid}/cmdline").read_bytes)
        process.kill()
        await process.communicate()
        assert listed.rstrip(b"\0") == b"cascade"
        assert json.loads(server.bodies[0])["recipient"] == {"phone_number": "15558675309"}
    for file in (tmp_path / "desk").rglob("*"):
        assert file.is_dir() or file.stat().st_mode & 0o077 == 0, file.name
    for log in (tmp_path / "desk").glob("*.log*"):
        logged = log.read_text()
        assert not any(secret in logged for secret in ("5558675309", TEXT, KEY.api_key))

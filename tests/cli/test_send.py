"""``cascade send`` and ``doctor`` against the sandbox: exit codes, and what is printed where."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from console.cli import main
from console.desk.settings import journal_dir
from console.journal.opening import FILE
from console.journal.replies import opt_out_by_hand
from console.sandbox.embedded import Sandbox
from console.sandbox.scenarios import scenario


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """Telesign's stand-in and the relay, a hundred times as fast as life."""
    with Sandbox(tmp_path_factory.mktemp("sandbox"), speed=100.0) as running:
        running.ready.result(30)
        yield running


@pytest.fixture(autouse=True)
def _account(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    values = {
        "DATA_DIR": str(tmp_path),
        "API_URL": sandbox.api_url,
        "CUSTOMER_ID": sandbox.customer_id,
        "API_KEY": sandbox.api_key,
        "RELAY_URL": sandbox.relay_url,
        "RELAY_TOKEN": sandbox.relay_token,
        "POLL_WAIT": "5",
    }
    for name, value in values.items():
        monkeypatch.setenv(f"CASCADE_{name}", value)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")


def send(name: str, *more: str) -> int:
    to = scenario(name).number
    return main(["send", "--to", to, "--viber", "Your parcel is here", "--fallback-time", "30", *more])


def printed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Standard output, every line of which must be a JSON object."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize(
    ("name", "code", "state"),
    [
        ("viber_delivered", 0, "accepted"),
        ("unauthorised", 3, "refused"),
        ("cut_then_silence", 4, "unconfirmed"),
    ],
)
def test_without_follow_the_answer_decides(
    capsys: pytest.CaptureFixture[str], name: str, code: int, state: str
) -> None:
    assert send(name, "--json") == code
    (last,) = printed(capsys)
    assert last["state"] == state
    assert last["viber_text"] == last["sms_text"] == "Your parcel is here"


@pytest.mark.parametrize(
    ("name", "code", "outcomes"),
    [
        ("viber_read", 0, {"delivered", "read"}),
        ("fallback_sms", 0, {"delivered"}),
        ("both_fail", 5, {"failed"}),
    ],
)
def test_followed_to_the_end_the_outcome_decides(
    capsys: pytest.CaptureFixture[str], name: str, code: int, outcomes: set[str]
) -> None:
    assert send(name, "--follow", "60", "--json") == code
    *events, last = printed(capsys)
    assert last["outcome"] in outcomes
    assert {event["fact_id"] for event in events} == {event["fact_id"] for event in last["events"]}
    main(["show", last["message_id"], "--json"])
    assert printed(capsys) == [last]


def test_undecided_when_the_time_is_over(capsys: pytest.CaptureFixture[str]) -> None:
    assert send("nobody_tells", "--follow", "0", "--json") == 6
    assert printed(capsys)[-1]["outcome"] == "waiting"


def test_no_connection_is_certainly_not_sent(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CASCADE_API_URL", "http://127.0.0.1:1")
    monkeypatch.setattr("console.desk.policy._UNCONNECTED_DELAYS", ())
    assert send("viber_delivered", "--json") == 7
    assert printed(capsys)[-1]["state"] == "not_sent"


def test_the_same_again_is_refused_unless_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    assert send("viber_delivered") == 0
    capsys.readouterr()
    assert send("viber_delivered") == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "--again" in said.err
    assert send("viber_delivered", "--again") == 0


def test_who_opted_out_is_not_written_to_unless_that_is_said(
    capsys: pytest.CaptureFixture[str], sandbox: Sandbox, tmp_path: Path
) -> None:
    assert send("viber_delivered") == 0
    number = scenario("viber_delivered").number
    journal = journal_dir(tmp_path, "default", sandbox=False) / FILE
    with contextlib.closing(sqlite3.connect(journal)) as db, db:
        opt_out_by_hand(db, number.lstrip("+"), datetime.now(UTC), stopped=True)
    posts = sum(received.method == "POST" for received in sandbox.received)
    capsys.readouterr()
    # --again answers whether to send the same twice, and nothing else.
    for options in ([], ["--again"], ["--follow", "60", "--json"]):
        assert send("viber_delivered", *options) == 2
        said = capsys.readouterr()
        assert said.out == ""
        assert "was put on the opt-out list" in said.err
        assert "--override-opt-out" in said.err
        assert "Traceback" not in said.err
    assert sum(received.method == "POST" for received in sandbox.received) == posts
    assert send("viber_delivered", "--again", "--override-opt-out") == 0


def test_trouble_with_the_relay_is_said_once(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CASCADE_RELAY_TOKEN", "wrong")
    assert send("viber_delivered", "--follow", "1", "--json") == 6
    assert capsys.readouterr().err.count("Reports may be missing") == 1


def test_the_log_holds_neither_number_nor_text(tmp_path: Path) -> None:
    assert send("viber_delivered") == 0
    log = tmp_path / "cascade.log"
    assert log.stat().st_mode & 0o077 == 0
    logged = log.read_text(encoding="utf-8")
    assert scenario("viber_delivered").number.lstrip("+") not in logged
    assert "parcel" not in logged


def test_the_doctor_checks_without_sending(capsys: pytest.CaptureFixture[str], sandbox: Sandbox) -> None:
    posts = sum(received.method == "POST" for received in sandbox.received)
    main(["doctor", "--json"])
    results = {result["check"]: result for result in printed(capsys)}
    assert set(results) >= {"keychain", "account", "relay", "clock", "display", "fonts", "policy"}
    assert all(results[name]["ok"] for name in ("keychain", "account", "relay", "clock"))
    assert all(result["ok"] or result["remedy"] for result in results.values())
    assert sum(received.method == "POST" for received in sandbox.received) == posts


def test_the_doctor_names_wrong_credentials(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CASCADE_API_KEY", "d3Jvbmc=")
    monkeypatch.setenv("CASCADE_RELAY_TOKEN", "wrong")
    assert main(["doctor", "--json"]) == 1
    results = {result["check"]: result for result in printed(capsys)}
    assert not results["account"]["ok"]
    assert not results["relay"]["ok"]

"""Settings, the command line, and a relay that is killed."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from console.relay.cli import main
from console.relay.config import ConfigError, RelayConfig, from_environment
from console.relay.server import running_relay
from tests.relay.conftest import KEY, TOKEN, Start, report

READER = {"Authorization": f"Bearer {TOKEN}"}


def test_settings_come_from_the_environment_and_show_no_secret() -> None:
    config = from_environment(
        {
            "CASCADE_RELAY_DATABASE": "sqlite:////tmp/x.db",
            "CASCADE_RELAY_KEYS": f"{KEY.customer_id}:{KEY.api_key}, SECOND:YWJj",
            "CASCADE_RELAY_HOST": "::1",
            "CASCADE_RELAY_PORT": "99",
            "CASCADE_RELAY_TOKENS": "desk:abc",
        }
    )
    assert (config.host, config.port, config.tokens) == ("::1", 99, {"desk": "abc"})
    assert config.keys == (KEY, type(KEY)("SECOND", "YWJj"))
    assert KEY.api_key not in repr(config)
    assert "abc" not in repr(config)


def test_without_settings_the_database_is_a_file_of_this_user() -> None:
    config = from_environment({})
    assert config.database.startswith("sqlite:///")
    assert config.host == "127.0.0.1"


@pytest.mark.parametrize(
    "env",
    [
        {"CASCADE_RELAY_DATABASE": "sqlite:///"},
        {"CASCADE_RELAY_DATABASE": "sqlite:///:memory:"},
        {"CASCADE_RELAY_DATABASE": "/secret.db"},
        {"CASCADE_RELAY_DATABASE": "mysql://u:secret@h/d"},
        {"CASCADE_RELAY_RETENTION_DAYS": "secret"},
        {"CASCADE_RELAY_RETENTION_DAYS": "0"},
        {"CASCADE_RELAY_PORT": "65536"},
        {"CASCADE_RELAY_PORT": "secret"},
        {"CASCADE_RELAY_KEYS": "secret"},
        {"CASCADE_RELAY_KEYS": "ID:sec!ret"},
        {"CASCADE_RELAY_KEYS": ":secret"},
        {"CASCADE_RELAY_TOKENS": "a:secret,a:other"},
    ],
)
def test_settings_that_cannot_be_used_are_refused_without_showing_them(env: Mapping[str, str]) -> None:
    with pytest.raises(ConfigError) as caught:
        from_environment(env)
    assert "secret" not in str(caught.value)
    assert next(iter(env)) in str(caught.value)


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite:///{(tmp_path / 'relay.db').as_posix()}"
    for name in [name for name in os.environ if name.startswith("CASCADE_RELAY_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CASCADE_RELAY_DATABASE", url)
    return url


def test_tokens_are_made_listed_and_revoked(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["token", "add", "desk"]) == 0
    token = capsys.readouterr().out.strip()
    assert len(token) >= 43
    assert main(["token", "add", "desk"]) == 1
    assert main(["token", "list"]) == 0
    listed = capsys.readouterr().out
    assert listed.startswith("desk\t")
    assert token not in listed
    assert main(["token", "revoke", "desk"]) == 0
    assert main(["token", "revoke", "desk"]) == 1
    capsys.readouterr()
    assert main(["token", "list"]) == 0
    assert capsys.readouterr().out == ""


async def test_what_is_kept_is_counted_and_pruned(
    database: str, start: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    async with start() as bench:
        await bench.tell(report(1))
        await bench.tell(b"unreadable")
    assert await asyncio.to_thread(main, ["stats"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert {"events\t2", "  delivery\t1", "  unknown\t1"} <= set(lines)
    assert await asyncio.to_thread(main, ["prune", "--older-than", "1"]) == 0
    assert capsys.readouterr().out == "0 events removed\n"


def test_check_names_what_is_missing(
    database: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["check"]) == 1
    assert capsys.readouterr().out.count("FAIL") == 2
    monkeypatch.setenv("CASCADE_RELAY_KEYS", f"{KEY.customer_id}:{KEY.api_key}")
    monkeypatch.setenv("CASCADE_RELAY_TOKENS", "desk:abc")
    assert main(["check"]) == 0
    assert "FAIL" not in capsys.readouterr().out


def test_a_relay_without_keys_does_not_start(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--port", "0"]) == 2
    assert "CASCADE_RELAY_KEYS" in capsys.readouterr().err


@pytest.mark.parametrize(
    "argv", [[], ["nothing"], ["prune"], ["prune", "--older-than", "0"], ["token", "add", "a b"]]
)
def test_wrong_arguments_are_usage_errors(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(argv)
    assert caught.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_a_relay_runs_in_a_thread_of_its_own(tmp_path: Path) -> None:
    answers: list[int] = []

    async def inside() -> None:
        config = RelayConfig(database=f"sqlite:///{(tmp_path / 'relay.db').as_posix()}", port=0)
        async with running_relay(config) as relay, httpx.AsyncClient(trust_env=False) as client:
            answers.append((await client.get(f"{relay.url}/readyz")).status_code)

    thread = threading.Thread(target=lambda: asyncio.run(inside()))
    thread.start()
    thread.join(30)
    assert answers == [200]


async def test_an_address_in_use_is_an_error_at_the_start(start: Start, tmp_path: Path) -> None:
    async with start() as bench:
        config = RelayConfig(
            database=f"sqlite:///{(tmp_path / 'other.db').as_posix()}",
            port=httpx.URL(bench.relay.url).port or 0,
        )
        with pytest.raises(OSError, match="in use"):
            async with running_relay(config):
                pass

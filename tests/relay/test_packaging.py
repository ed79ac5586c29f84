"""What an operator copies from ``packaging/relay`` agrees with the relay it is for."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from console.relay.app import MAX_WAIT
from console.relay.cli import _parser
from console.relay.config import DEFAULT_PORT, MAX_BODY_BYTES, from_environment

PLACE = Path(__file__).parents[2] / "packaging" / "relay"
UNIT = (PLACE / "cascade-relay.service").read_text(encoding="utf-8")
CONTAINER = (PLACE / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ")
NGINX = (PLACE / "nginx.conf").read_text(encoding="utf-8")
CADDY = (PLACE / "Caddyfile").read_text(encoding="utf-8")


def settings(text: str) -> dict[str, str]:
    return dict(re.findall(r"\b(CASCADE_RELAY_\w+)=(\S+)", text))


def test_the_unit_starts_the_relay_with_options_it_has() -> None:
    (command,) = re.findall(r"^ExecStart=(.*)$", UNIT, re.MULTILINE)
    program, *arguments = shlex.split(command)
    assert Path(program).name == "cascade-relay"
    given = _parser().parse_args(arguments)
    assert (given.host, given.port, given.retention_days) == ("127.0.0.1", DEFAULT_PORT, 90)


def test_the_unit_keeps_the_database_in_its_state_directory_and_secrets_out_of_itself() -> None:
    assert "\nStateDirectory=cascade-relay\n" in UNIT
    (database,) = re.findall(r"^Environment=CASCADE_RELAY_DATABASE=(\S+)$", UNIT, re.MULTILINE)
    assert from_environment({"CASCADE_RELAY_DATABASE": database}).database == (
        "sqlite:////var/lib/cascade-relay/relay.db"
    )
    assert re.search(r"^EnvironmentFile=", UNIT, re.MULTILINE)
    assert not re.search(r"^Environment=.*(KEYS|TOKENS)", UNIT, re.MULTILINE)


def test_the_unit_comes_back_before_telesign_tries_again_and_lets_requests_finish() -> None:
    assert "\nRestart=always\nRestartSec=1\n" in UNIT
    (stop,) = re.findall(r"^TimeoutStopSec=(\d+)$", UNIT, re.MULTILINE)
    assert int(stop) > from_environment({}).stop_seconds
    (files,) = re.findall(r"^LimitNOFILE=(\d+)$", UNIT, re.MULTILINE)
    assert int(files) > from_environment({}).max_connections + 256


def test_the_container_starts_the_relay_with_settings_it_has() -> None:
    environment = settings(CONTAINER.partition("ENV ")[2].partition("EXPOSE")[0])
    config = from_environment(environment)
    assert config.database == "sqlite:////data/relay.db"
    assert (config.host, config.port, config.retention_days) == ("0.0.0.0", DEFAULT_PORT, 90)
    assert f"\nEXPOSE {DEFAULT_PORT}\n" in CONTAINER
    (command,) = re.findall(r"^CMD (\[.*\])$", CONTAINER, re.MULTILINE)
    _parser().parse_args(json.loads(command))
    (check,) = re.findall(r"HEALTHCHECK .*? CMD (\[.*\])$", CONTAINER, re.MULTILINE)
    compile(json.loads(check)[2], "healthcheck", "exec")
    assert f":{DEFAULT_PORT}/readyz" in check


def test_the_container_runs_as_nobody_in_particular_and_installs_what_is_locked() -> None:
    assert re.search(r"^USER 10001$", CONTAINER, re.MULTILINE)
    assert "--require-hashes" in CONTAINER
    lock = PLACE.parent / re.findall(r"packaging/(\S+\.txt)", CONTAINER)[0]
    assert "uvicorn==" in lock.read_text(encoding="utf-8")


@pytest.mark.parametrize(("text", "size"), [(NGINX, "client_max_body_size 128k"), (CADDY, "max_size 128KiB")])
def test_a_proxy_lets_the_relay_itself_refuse_what_is_too_large(text: str, size: str) -> None:
    assert size in text
    assert MAX_BODY_BYTES < 128 * 1024


@pytest.mark.parametrize("text", [NGINX, CADDY])
def test_a_proxy_waits_longer_than_a_console_may_and_shows_no_metrics(text: str) -> None:
    waits = [int(each) for each in re.findall(r"(?:read_timeout|header_timeout) (\d+)s", text)]
    assert max(waits) > MAX_WAIT
    assert f"127.0.0.1:{DEFAULT_PORT}" in text
    assert "/metrics" not in re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE)

"""The administrator's policy: what it decides, and what in it is refused."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.desk.policy_file import LARGEST, NO_POLICY, Policy, policy_path, read_policy
from console.desk.settings import Settings, load_settings, save_settings, settings_file


def policy(tmp_path: Path, content: str | bytes) -> Policy:
    file = tmp_path / "policy.toml"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_policy({}, file)


def test_each_system_has_its_place() -> None:
    assert policy_path({}, "linux") == Path("/etc/cascade/policy.toml")
    assert policy_path({}, "darwin") == Path("/Library/Application Support/Cascade/policy.toml")
    assert policy_path({"PROGRAMDATA": "/pd"}, "win32") == Path("/pd/Cascade/policy.toml")


def test_without_a_file_nothing_is_decided(tmp_path: Path) -> None:
    assert read_policy({}, tmp_path / "none.toml") == NO_POLICY


def test_a_variable_names_a_policy_only_where_the_system_has_none(tmp_path: Path) -> None:
    own, system = tmp_path / "own.toml", tmp_path / "system.toml"
    own.write_text("[locked]\nretention_days = 0", encoding="utf-8")
    env = {"CASCADE_POLICY": str(own)}
    assert read_policy(env, system).locked == {"retention_days": 0}
    system.write_text("[locked]\nretention_days = 30", encoding="utf-8")
    assert read_policy(env, system).locked == {"retention_days": 30}


def test_locked_outweighs_the_environment_which_outweighs_the_file_which_outweighs_defaults(
    tmp_path: Path,
) -> None:
    save_settings(tmp_path, Settings(customer_id="FILE", default_country="RS"))
    told = policy(
        tmp_path,
        '[defaults]\ncustomer_id="D"\nundo_seconds=3\ndefault_country="BG"\n[locked]\npoll_wait=10',
    )
    env = {"CASCADE_CUSTOMER_ID": "ENV", "CASCADE_POLL_WAIT": "20"}
    loaded = load_settings(tmp_path, "default", env, told)
    assert (loaded.customer_id, loaded.default_country) == ("ENV", "RS")
    assert (loaded.undo_seconds, loaded.poll_wait) == (3, 10)
    assert loaded.decided == {"customer_id", "poll_wait"}


def test_what_is_locked_is_never_written_and_a_default_stays_the_administrators(tmp_path: Path) -> None:
    told = policy(tmp_path, "[defaults]\nundo_seconds = 3\n[locked]\nretention_days = 90")
    loaded = load_settings(tmp_path, "default", {}, told)
    save_settings(tmp_path, replace(loaded, customer_id="X", retention_days=1))
    assert json.loads(settings_file(tmp_path, "default").read_text(encoding="utf-8")) == {"customer_id": "X"}
    later = policy(tmp_path, "[defaults]\nundo_seconds = 5")
    assert load_settings(tmp_path, "default", {}, later).undo_seconds == 5
    save_settings(tmp_path, replace(loaded, undo_seconds=0))
    assert load_settings(tmp_path, "default", {}, later).undo_seconds == 0


@pytest.mark.parametrize("key", ["api_key", "relay_token"])
@pytest.mark.parametrize("table", ["defaults", "locked"])
def test_a_secret_is_refused_and_not_repeated(tmp_path: Path, table: str, key: str) -> None:
    told = policy(tmp_path, f'[{table}]\n{key} = "TOPSECRET"\n')
    assert not told.defaults
    assert not told.locked
    assert [key in each for each in told.problems] == [True]
    assert "TOPSECRET" not in repr(told)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"\xff\xfe", "TOML"),
        (b"[locked", "TOML"),
        (b"a = " + b"[" * 60_000, "TOML"),
        (b"#" * (LARGEST + 1), "larger"),
        (b"locked = 3", "table"),
        (b"[[locked]]\nundo_seconds = 1", "table"),
        (b"[typo]\nundo_seconds = 1", "typo"),
        (b"[locked]\nhologram = 1", "hologram"),
        (b"[locked]\nretention_days = true", "days"),
        (b"[locked]\nretention_days = -1", "0 to"),
        (b"[locked]\nca_file = '../../x.pem'", "path"),
        (b"[locked]\nlanguage = '../../etc'", "language"),
        (b"[locked]\nproxy = 'ftp://x'", "proxy"),
        (b"[locked]\napi_url = 'http://evil.example'", "api_url"),
    ],
)
def test_what_cannot_be_used_is_said_and_decides_nothing(tmp_path: Path, content: bytes, word: str) -> None:
    told = policy(tmp_path, content)
    assert told.locked == {}
    assert any(word in each for each in told.problems)


def test_one_bad_value_spoils_only_itself(tmp_path: Path) -> None:
    told = policy(tmp_path, "[locked]\nretention_days = 7\ntheme = 'pink'")
    assert told.locked == {"retention_days": 7}
    assert len(told.problems) == 1


def test_a_pipe_or_a_folder_is_not_read(tmp_path: Path) -> None:
    assert read_policy({}, tmp_path).problems
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        assert read_policy({}, tmp_path / "pipe").problems


@given(st.binary(max_size=300))
def test_no_content_raises(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    told = policy(tmp_path_factory.mktemp("p"), content)
    assert told.path is not None

"""Settings: what is kept, what the environment overrides, what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from console.desk.settings import (
    DEFAULT_API_URL,
    Secrets,
    Settings,
    SettingsProblem,
    data_dir,
    journal_dir,
    load_settings,
    save_settings,
    secrets_from,
    settings_file,
)


def test_a_new_profile_has_the_defaults(tmp_path: Path) -> None:
    assert load_settings(tmp_path, "default", {}) == Settings()
    assert Settings().api_url == DEFAULT_API_URL == "https://rest-ww.telesign.com"


def test_what_is_saved_is_loaded_again(tmp_path: Path) -> None:
    saved = Settings(
        profile="shop",
        api_url="http://127.0.0.1:8080",
        customer_id="ABCD-12",
        auth="basic",
        relay_url="https://relay.example.com",
        poll_wait=0,
        poll_interval=2.5,
        default_country="GB",
        undo_seconds=7,
        proxy="",
        theme="dark",
    )
    save_settings(tmp_path, saved)
    assert load_settings(tmp_path, "shop", {}) == saved
    assert load_settings(tmp_path, "default", {}) == Settings()
    assert [file.name for file in settings_file(tmp_path, "shop").parent.iterdir()] == ["settings.json"]


def test_the_environment_overrides_and_is_not_saved(tmp_path: Path) -> None:
    save_settings(tmp_path, Settings(customer_id="MINE", poll_wait=10))
    env = {"CASCADE_CUSTOMER_ID": "THEIRS", "CASCADE_POLL_WAIT": "0", "CASCADE_DEFAULT_COUNTRY": "us"}
    loaded = load_settings(tmp_path, "default", env)
    assert (loaded.customer_id, loaded.poll_wait, loaded.default_country) == ("THEIRS", 0, "US")
    assert loaded.overridden == {"customer_id", "poll_wait", "default_country"}
    save_settings(tmp_path, loaded)
    assert load_settings(tmp_path, "default", {}) == Settings(customer_id="MINE", poll_wait=10)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("CASCADE_API_URL", "http://rest-ww.telesign.com"),
        ("CASCADE_API_URL", "telesign"),
        ("CASCADE_RELAY_URL", "ftp://relay.example.com"),
        ("CASCADE_AUTH", "oauth"),
        ("CASCADE_POLL_WAIT", "soon"),
        ("CASCADE_POLL_WAIT", "nan"),
        ("CASCADE_POLL_WAIT", "56"),
        ("CASCADE_POLL_INTERVAL", "0"),
        ("CASCADE_DEFAULT_COUNTRY", "USA"),
        ("CASCADE_CUSTOMER_ID", "a:b"),
    ],
)
def test_an_unusable_variable_is_named_in_one_line(tmp_path: Path, variable: str, value: str) -> None:
    with pytest.raises(SettingsProblem) as caught:
        load_settings(tmp_path, "default", {variable: value})
    assert caught.value.sentence.startswith(f"{variable} cannot be used: ")
    assert "\n" not in caught.value.sentence


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"null", b"[" * 100_000])
def test_a_damaged_file_is_set_aside_and_kept(tmp_path: Path, content: bytes) -> None:
    file = settings_file(tmp_path, "default")
    file.parent.mkdir(parents=True)
    for number in (1, 2):
        file.write_bytes(content)
        assert load_settings(tmp_path, "default", {}) == Settings()
        assert file.with_name(f"settings.json.corrupt-{number}").read_bytes() == content
        assert not file.exists()


def test_one_unusable_value_spoils_only_itself(tmp_path: Path) -> None:
    file = settings_file(tmp_path, "default")
    file.parent.mkdir(parents=True)
    told = {
        "customer_id": "KEPT",
        "poll_wait": True,
        "theme": 3,
        "proxy": [],
        "api_url": "http://evil.example",
    }
    file.write_text(json.dumps(told), encoding="utf-8")
    assert load_settings(tmp_path, "default", {}) == Settings(customer_id="KEPT")


def test_keys_of_a_later_version_survive(tmp_path: Path) -> None:
    file = settings_file(tmp_path, "default")
    file.parent.mkdir(parents=True)
    file.write_text('{"hologram": {"on": true}}', encoding="utf-8")
    save_settings(tmp_path, Settings(customer_id="X"))
    told = json.loads(file.read_text(encoding="utf-8"))
    assert told["hologram"] == {"on": True}
    assert told["customer_id"] == "X"


def test_an_unusable_value_is_not_saved_and_the_old_file_stays(tmp_path: Path) -> None:
    save_settings(tmp_path, Settings(customer_id="OLD"))
    with pytest.raises(SettingsProblem):
        save_settings(tmp_path, Settings(customer_id="NEW", api_url="http://rest-ww.telesign.com"))
    assert load_settings(tmp_path, "default", {}).customer_id == "OLD"


@pytest.mark.parametrize("name", ["", "..", "a/b", "a\\b", ".hidden", "x" * 65, "a\0", "ä", "a "])
def test_a_profile_cannot_lead_elsewhere(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsProblem):
        journal_dir(tmp_path, name, sandbox=False)


def test_the_sandbox_has_its_own_journal(tmp_path: Path) -> None:
    assert journal_dir(tmp_path, "default", sandbox=True) != journal_dir(tmp_path, "default", sandbox=False)


def test_the_data_directory_is_given_or_named_or_the_platforms(tmp_path: Path) -> None:
    env = {"CASCADE_DATA_DIR": str(tmp_path / "named")}
    assert data_dir(tmp_path / "given", env) == tmp_path / "given"
    assert data_dir(None, env) == tmp_path / "named"
    assert data_dir(None, {}).name == "cascade"


def test_secrets_come_from_the_environment_and_are_never_shown() -> None:
    secrets = secrets_from({"CASCADE_API_KEY": " c2VjcmV0 ", "CASCADE_RELAY_TOKEN": "token"})
    assert secrets == Secrets(api_key="c2VjcmV0", relay_token="token")
    assert "c2VjcmV0" not in repr(secrets)
    assert "token'" not in repr(secrets)
    assert secrets_from({}) == Secrets()

"""The command line: for people in their language, for programs always in English."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from console.cli import main
from tests.cli.journals import one_accepted


@pytest.fixture(autouse=True)
def journal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A journal with one accepted message, on a computer that speaks Ukrainian."""
    monkeypatch.setenv("CASCADE_DATA_DIR", str(tmp_path))
    for name in ("LC_ALL", "LC_MESSAGES", "LANGUAGE", "CASCADE_LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "uk_UA.UTF-8")
    one_accepted(tmp_path, "Hello")


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == 0
    return capsys.readouterr().out


def test_people_are_told_in_the_systems_language(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Прийнято в Telesign" in told(capsys, "show", "m1")


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "m1", "--json"),
        ("history", "--json"),
        ("export", "--format", "json"),
        ("export", "--format", "csv"),
    ],
)
def test_programs_are_told_the_same_whatever_the_language(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    ukrainian = told(capsys, *arguments)
    monkeypatch.setenv("LANG", "C")
    assert told(capsys, *arguments) == ukrainian
    assert ukrainian.isascii()
    if "--json" in arguments:
        assert all(json.loads(line) for line in ukrainian.splitlines())


def test_the_variable_outweighs_the_system(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CASCADE_LANGUAGE", "en")
    assert "Accepted by Telesign" in told(capsys, "show", "m1")


def test_the_setting_outweighs_the_system(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "profiles" / "default" / "settings.json").write_text('{"language": "en"}')
    assert "Accepted by Telesign" in told(capsys, "show", "m1")


def test_complaints_before_any_settings_are_in_the_systems_language(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["show", "m1", "--profile", "../x"]) == 2
    assert "Назва профілю" in capsys.readouterr().err

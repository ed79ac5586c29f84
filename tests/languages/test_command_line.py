"""The command line: for people in their language, for programs always in English."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.cascade.facts import Answered, Queued, SendBegan
from console.cli import main
from console.desk.settings import journal_dir
from console.journal.journal import Journal

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def journal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A journal with one accepted message, on a computer that speaks Ukrainian."""
    monkeypatch.setenv("CASCADE_DATA_DIR", str(tmp_path))
    for name in ("LC_ALL", "LC_MESSAGES", "LANGUAGE", "CASCADE_LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "uk_UA.UTF-8")
    folder = journal_dir(tmp_path, "default", sandbox=False)
    folder.mkdir(parents=True)
    queued = Queued(
        fact_id="q",
        at=AT,
        message_id="m1",
        external_id="e1",
        to="15558675309",
        viber_text="Hello",
        sms_text="Hello",
        fallback_time=60,
    )
    opened = Journal(folder)
    opened.add_message(queued, request=b"{}", owner="nobody")
    opened.record(
        "m1",
        SendBegan(fact_id="s", at=AT, attempt=1),
        Answered(
            fact_id="a",
            at=AT,
            attempt=1,
            http_status=200,
            code=3001,
            description="Message in progress",
            reference_id="0123456789ABCDEF0123456789ABCDEF",
        ),
    )
    opened.close()


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

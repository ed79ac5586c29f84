"""Looking back: the shape scripts rely on, and exports that cannot bite."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from console.cli import main
from console.desk.export_files import formula_safe
from tests.cli.journals import one_accepted

KEYS = [
    *("message_id", "external_id", "reference_id", "state", "outcome", "to", "viber_text", "sms_text"),
    *("fallback_time", "time_scale", "created_at", "accepted_at", "attempts", "events", "replies"),
]


@pytest.fixture(autouse=True)
def journal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A journal with one accepted message, whose text wants to be a formula and a script."""
    monkeypatch.setenv("CASCADE_DATA_DIR", str(tmp_path))
    one_accepted(tmp_path, "=1+1 <script>")


@pytest.mark.parametrize("name", ["m1", "e1", "0123456789ABCDEF0123456789ABCDEF"])
def test_show_prints_the_promised_object(capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert main(["show", name, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert list(told) == KEYS
    assert told["state"] == "accepted"
    assert told["outcome"] == "waiting"
    assert told["created_at"] == "2026-01-02T03:04:05.678901Z"
    assert [attempt["channel"] for attempt in told["attempts"]] == ["viber", "sms"]
    assert list(told["attempts"][0]) == [
        *("channel", "state", "code", "description", "reference_id", "started_at", "updated_at")
    ]
    assert told["events"]


def test_show_speaks_without_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "m1"]) == 0
    assert "Viber: =1+1 <script>" in capsys.readouterr().out


def test_an_unknown_message_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "nothing", "--json"]) == 1
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)


def test_history_lists_and_filters(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["history", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["message_id"] == "m1"
    assert main(["history", "--json", "--state", "refused"]) == 0
    assert capsys.readouterr().out == ""
    assert main(["history", "--search", "867-5309"]) == 0
    assert "m1" in capsys.readouterr().out


def test_looking_at_the_sandbox_is_looking_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["history", "--sandbox", "--json"]) == 0
    assert capsys.readouterr().out == ""


def test_csv_holds_no_formula(tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    assert main(["export", "--format", "csv", "--output", str(target)]) == 0
    text = target.read_text(encoding="utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert row["viber_text"] == "'=1+1 <script>"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_every_start_of_a_formula_is_quoted(start: str) -> None:
    assert formula_safe(start + "1") == "'" + start + "1"


def test_html_is_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "--format", "html"]) == 0
    said = capsys.readouterr().out
    assert "&lt;script&gt;" in said
    assert "<script>" not in said


def test_json_is_one_array(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "--format", "json"]) == 0
    assert [list(each) for each in json.loads(capsys.readouterr().out)] == [KEYS]
    assert main(["export", "--format", "json", "--state", "refused"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_an_export_that_cannot_be_written_is_said(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["export", "--format", "csv", "--output", str(tmp_path / "no" / "x.csv")]) == 1
    assert capsys.readouterr().err.count("\n") == 1

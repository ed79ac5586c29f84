"""``cascade advise``: what the journal teaches, for people and for scripts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from console.cascade.advice import ENOUGH
from console.cascade.message import FALLBACK_STEPS
from console.cli import main
from console.desk.settings import journal_dir
from console.journal.journal import Journal
from tests.desk.test_adviser import deliver
from tests.journal.test_durations import as_before_the_table

SERBIAN = "381601234567"


@pytest.fixture(autouse=True)
def journal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Journal]:
    monkeypatch.setenv("CASCADE_DATA_DIR", str(tmp_path))
    folder = journal_dir(tmp_path, "default", sandbox=False)
    folder.mkdir(parents=True)
    with closing(Journal(folder)) as opened:
        yield opened


def fill(journal: Journal, number: int = ENOUGH) -> None:
    for each in range(number):
        deliver(journal, each, to=SERBIAN, after=each + 1)


def test_too_little_is_said_and_is_an_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["advise"]) == 1
    assert capsys.readouterr().out == "Too little is known yet: 0 Viber deliveries seen, 30 are needed.\n"
    assert main(["advise", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["enough"], told["n"], told["steps"]) == (False, 0, [])


def test_it_tells_the_curve_and_the_sentence(journal: Journal, capsys: pytest.CaptureFixture[str]) -> None:
    fill(journal)
    assert main(["advise", "--country", "rs", "--fallback-time", "30"]) == 0
    head, step, *rest, sentence = capsys.readouterr().out.splitlines()
    assert len(rest) == 14
    assert head.startswith("Serbia, 30 messages")
    assert step.split() == ["30", "s", "100%", "88%", "–", "100%"]
    assert sentence.startswith(
        "At 30 s, 100 % of what Viber delivered within 30 s has been delivered (n = 30)."
    )


def test_a_country_with_too_few_gets_what_is_known_of_all(
    journal: Journal, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(journal)
    assert main(["advise", "--country", "BG", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["asked"], told["country"], told["n"], told["delivered"]) == ("BG", None, 30, 30)
    assert [each["seconds"] for each in told["steps"]] == list(FALLBACK_STEPS)


def test_an_older_journal_is_counted_first(journal: Journal, capsys: pytest.CaptureFixture[str]) -> None:
    fill(journal)
    as_before_the_table(journal)
    assert main(["advise", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["n"] == ENOUGH


@pytest.mark.parametrize(
    "wrong",
    [
        ["--country", "Serbia"],
        ["--country", "\x1b[31m"],
        ["--country", "🦊"],
        ["--fallback-time", "29"],
        ["--fallback-time", "3601"],
        ["--fallback-time", "soon"],
    ],
)
def test_wrong_usage_is_one_line(capsys: pytest.CaptureFixture[str], wrong: list[str]) -> None:
    assert main(["advise", *wrong]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert "\x1b" not in said.err


def test_another_desks_export_is_taken_in_and_forgotten(
    tmp_path: Path, journal: Journal, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(journal)
    file = tmp_path / "belgrade.json"
    assert main(["export", "--format", "json", "--output", str(file)]) == 0
    there = ["--data-dir", str(tmp_path / "elsewhere")]
    capsys.readouterr()
    assert main([*there, "advise", "--import", str(file), "--country", "RS", "--json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["country"] == "RS"
    assert said.err == "cascade: 30 messages taken in as “belgrade.json”.\n"
    assert main([*there, "advise", "--forget", "rome.json"]) == 2
    assert "Files learned from: “belgrade.json”." in capsys.readouterr().err
    assert main([*there, "advise", "--forget", "belgrade.json", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["n"] == 0


@pytest.mark.parametrize("content", [b"", b"[{}]", b"\x00\xff"])
def test_a_file_that_is_no_export_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    file = tmp_path / "bad.json"
    file.write_bytes(content)
    assert main(["advise", "--import", str(file)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert main(["advise", "--import", str(tmp_path / "none.json")]) == 1
    assert capsys.readouterr().err.count("\n") == 1

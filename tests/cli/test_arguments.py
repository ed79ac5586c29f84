"""The command line refuses what cannot be right: exit code 2, one line on standard error."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest

from console import __version__
from console.cli import COMMANDS, main

GOOD = {"--to": "+15558675309", "--viber": "Your parcel is here"}


@pytest.fixture(autouse=True)
def _nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("CUSTOMER_ID", "API_KEY", "API_URL", "RELAY_URL", "RELAY_TOKEN", "DEFAULT_COUNTRY"):
        monkeypatch.delenv(f"CASCADE_{name}", raising=False)
    monkeypatch.setenv("CASCADE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")


def send(**changed: str) -> list[str]:
    options = GOOD | {"--" + name.replace("_", "-"): value for name, value in changed.items()}
    return ["send", *(part for pair in options.items() for part in pair)]


def complaint(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> str:
    """What is said about arguments that are refused."""
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    return said.err


@pytest.mark.parametrize(
    "changed",
    [
        {"to": "+1555CALLNOW"},
        {"to": ""},
        {"to": "12"},
        {"viber": ""},
        {"viber": "  \n"},
        {"viber": "x" * 1001},
        {"sms": ""},
        {"fallback_time": "29"},
        {"fallback_time": "3601"},
        {"fallback_time": "-1"},
        {"fallback_time": "ten"},
        {"fallback_time": "60.5"},
        {"fallback_time": "٦٠"},
        {"type": "SPAM"},
        {"follow": "nan"},
        {"profile": "../x"},
    ],
    ids=str,
)
def test_wrong_input_is_one_sentence_and_2(
    capsys: pytest.CaptureFixture[str], changed: dict[str, str]
) -> None:
    assert complaint(capsys, send(**changed)).startswith("cascade")


def test_the_limits_themselves_pass_the_checks(capsys: pytest.CaptureFixture[str]) -> None:
    for changed in ({"fallback_time": "30"}, {"fallback_time": "3600"}, {"viber": "x" * 1000}):
        assert main(send(**changed)) == 2
        assert "No Telesign account" in capsys.readouterr().err


def test_a_key_that_is_missing_or_broken_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CASCADE_CUSTOMER_ID", "ABC")
    assert "API key" in complaint(capsys, send(sms="a"))[-200:]
    monkeypatch.setenv("CASCADE_API_KEY", "not base64!")
    assert "not base64" not in complaint(capsys, send(sms="a"))


def test_a_variable_that_cannot_be_used_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CASCADE_API_URL", "http://rest-ww.telesign.com")
    assert "CASCADE_API_URL" in complaint(capsys, send())


def test_sms_and_no_sms_exclude_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    complaint(capsys, [*send(sms="Hello"), "--no-sms"])


def test_a_forgotten_text_does_not_swallow_the_next_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert "--viber" in complaint(capsys, ["send", "--to", "+15558675309", "--viber", "--no-sms"])


def test_a_text_may_begin_with_a_dash(capsys: pytest.CaptureFixture[str]) -> None:
    assert "No Telesign account" in complaint(capsys, send(viber="--10% today", sms="-1"))


class Pipe(io.TextIOWrapper):
    """Standard input as a pipe gives it."""

    def __init__(self, raw: bytes) -> None:
        super().__init__(io.BytesIO(raw))


def test_a_text_is_read_from_standard_input(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", Pipe(("ž" * 1001 + "\n").encode()))
    assert "1 character too long" in complaint(capsys, send(viber="-"))
    monkeypatch.setattr(sys, "stdin", Pipe(b"\xff"))
    assert "UTF-8" in complaint(capsys, send(viber="-"))
    assert "Only one" in complaint(capsys, send(viber="-", to="-"))


def test_an_unknown_command_is_named_as_such(capsys: pytest.CaptureFixture[str]) -> None:
    assert "neither a command" in complaint(capsys, ["sned"])


@pytest.mark.parametrize("arguments", [["history"], ["show", "none"], ["export", "--format", "csv"]])
def test_looking_back_checks_the_profile(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert "profile" in complaint(capsys, [*arguments, "--profile", "a/b"])


@pytest.mark.parametrize("limit", ["0", "-3", "x", "9" * 30])
def test_a_limit_is_a_number_above_0(capsys: pytest.CaptureFixture[str], limit: str) -> None:
    complaint(capsys, ["history", "--limit", limit])


def test_an_unknown_state_is_told_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert "unconfirmed" in complaint(capsys, ["history", "--state", "lost"])


@pytest.mark.parametrize("command", [c for c in COMMANDS if c != "sandbox"])
def test_every_command_explains_itself(capsys: pytest.CaptureFixture[str], command: str) -> None:
    assert main([command, "--help"]) == 0
    assert f"cascade {command}" in capsys.readouterr().out
    assert main([command, "--version"]) == 0
    assert capsys.readouterr().out == f"cascade {__version__}\n"


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    said = capsys.readouterr().out
    assert all(command in said for command in COMMANDS)


def test_the_version_needs_none_of_our_rooms() -> None:
    code = (
        "import sys; from console.cli import main; main(['--version']); "
        "print(sorted(m for m in sys.modules if m.startswith(('console.', 'httpx', 'PySide6', 'asyncio'))))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == f"cascade {__version__}\n['console.cli']\n"

"""The file for support and the crash reports hold nothing personal."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from console.crash import KEPT, CrashReports, describe
from console.desk.diagnostics import Evidence, bundle, masked_settings, without_home, write_bundle
from console.desk.doctor import journal_result
from console.desk.settings import Secrets, Settings
from console.desk.values import CheckResult
from console.journal.opening import FILE, SUSPECT
from console.logs import LOG_FILE
from tests.journal.test_opening import filled, garbage

NUMBER, TEXT, KEY = "+15558675309", "Dear Anna, your parcel", "c2VjcmV0X2FwaV9rZXlfb2ZfbWluZQ12"
SECRETS = Secrets(api_key=KEY, relay_token="TOKEN-of-mine")
SETTINGS = Settings(
    customer_id="FFFFFFFF-EEEE-DDDD-1234-AB1234567890",
    relay_url="https://relay.example.com/secret-path",
    proxy="http://anna:pass@proxy.example:3128",
    ca_file="/home/anna/ca.pem",
)


def made(directory: Path, **more: object) -> dict[str, str]:
    evidence = Evidence(
        settings=SETTINGS,
        secrets=SECRETS,
        directory=directory,
        checks={"account": CheckResult(ok=False, sentence=f"no {NUMBER}", remedy="r")},
        **more,  # type: ignore[arg-type]
    )
    with zipfile.ZipFile(io.BytesIO(bundle(evidence))) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_it_holds_versions_settings_doctor_log_stalls_and_crashes(tmp_path: Path) -> None:
    (tmp_path / LOG_FILE).write_text("began\n", encoding="utf-8")
    CrashReports(tmp_path).write("a test", ValueError("x"))
    told = made(tmp_path, stalls=("0.5 s in paint",))
    assert set(told) == {
        "README.txt", "versions.json", "settings.json", "doctor.json", "log.txt", "stalls.txt", "crash-1.txt",
    }  # fmt: skip
    assert json.loads(told["versions.json"])["cascade"]
    assert json.loads(told["doctor.json"])["account"]["ok"] is False
    assert (told["log.txt"], told["stalls.txt"]) == ("began\n", "0.5 s in paint")


def test_nothing_personal_is_in_it(tmp_path: Path) -> None:
    home = str(Path.home())
    (tmp_path / LOG_FILE).write_text(
        f"to={NUMBER!r} text={TEXT!r} api_key={KEY}\nBearer {SECRETS.relay_token}\n{home}/x\n" * 5,
        encoding="utf-8",
    )
    told = "\n".join(made(tmp_path, stalls=(f"sending {NUMBER}",)).values())
    for private in (NUMBER, "5558675309", "Anna", "anna", "parcel", KEY, "TOKEN-of-mine", "pass@", home):
        assert private not in told
    for private in ("secret-path", SETTINGS.customer_id):
        assert private not in told


def test_a_cut_line_cannot_hide_a_number_from_the_mask(tmp_path: Path) -> None:
    line = f"to={NUMBER}\n"
    for shift in range(len(line)):
        (tmp_path / LOG_FILE).write_bytes(b"x" * shift + (line * 20_000).encode())
        log = made(tmp_path)["log.txt"]
        assert log
        assert "8675309" not in log
        assert not log.startswith(("5", "8"))


def test_without_log_or_with_a_hostile_one_it_is_made_all_the_same(tmp_path: Path) -> None:
    assert made(tmp_path)["log.txt"] == ""
    (tmp_path / LOG_FILE).write_bytes(b"\xff\x00\xfe" * 100)
    assert made(tmp_path)["log.txt"]


def test_settings_say_that_there_is_a_key_and_not_which() -> None:
    told = masked_settings(SETTINGS, SECRETS)
    assert told["api_key"] is True
    assert told["relay_url"] == "https://relay.example.com"
    assert told["proxy"] == "http://proxy.example:3128"
    assert masked_settings(Settings(), Secrets())["customer_id"] == ""


def test_a_home_is_hidden_however_it_is_written() -> None:
    assert without_home("/home/anna/x and /home/anna", Path("/home/anna")) == "~/x and ~"
    assert without_home("/usr/lib", Path("/")) == "/usr/lib"


def test_the_file_is_private_and_replaces_nothing(tmp_path: Path) -> None:
    path = tmp_path / "support.zip"
    evidence = Evidence(settings=SETTINGS, secrets=SECRETS, directory=tmp_path, checks={})
    write_bundle(path, evidence)
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        write_bundle(path, evidence)
    with pytest.raises(OSError):  # noqa: PT011 - any refusal of the system
        write_bundle(tmp_path / "no" / "folder.zip", evidence)


class QuotingError(Exception):
    """An error whose words quote what the program worked on."""


def failing() -> Exception:
    try:
        try:
            raise QuotingError(TEXT)  # noqa: TRY301 - to be caught is what it is for
        except QuotingError as first:
            raise ExceptionGroup(NUMBER, [QuotingError(KEY)]) from first
    except ExceptionGroup as error:
        return error


def test_a_crash_report_says_where_and_not_what(tmp_path: Path) -> None:
    path = CrashReports(tmp_path).write("a test", failing())
    assert path is not None
    told = path.read_text(encoding="utf-8")
    assert "ExceptionGroup" in told
    assert told.count("test_diagnostics.QuotingError") == 2
    assert "in failing" in told
    for private in (TEXT, NUMBER, KEY, str(Path(__file__).parents[2])):
        assert private not in told
    assert path.stat().st_mode & 0o777 == 0o600


def test_an_error_that_leads_to_itself_ends(tmp_path: Path) -> None:
    error = ValueError()
    error.__cause__ = error
    assert describe(error).count("ValueError") == 1


def outcome(directory: Path, work: str) -> tuple[int, str]:
    """What a process that does ``work`` with the reports installed ends with, and its one report."""
    program = (
        "import faulthandler, sys, threading; from pathlib import Path\n"
        "from console.crash import CrashReports\n"
        f"with CrashReports(Path(sys.argv[1])).installed(): {work}"
    )
    done = subprocess.run([sys.executable, "-c", program, directory], check=False, capture_output=True)
    (path,) = CrashReports(directory).unseen()
    assert [each for each in directory.iterdir() if each != path] == []
    return done.returncode, path.read_text(encoding="utf-8")


def test_a_thread_that_fails_leaves_a_report(tmp_path: Path) -> None:
    code, told = outcome(tmp_path, "t = threading.Thread(target=lambda: 1 // 0); t.start(); t.join()")
    assert code == 0
    assert "in a thread" in told
    assert "ZeroDivisionError" in told


def test_an_end_nobody_planned_leaves_a_report(tmp_path: Path) -> None:
    code, told = outcome(tmp_path, "raise RuntimeError('private')")
    assert code == 1
    assert "RuntimeError" in told
    assert "private" not in told


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the fault is a signal")
def test_a_fault_of_the_machine_leaves_its_places(tmp_path: Path) -> None:
    code, told = outcome(tmp_path, "faulthandler._sigabrt()")
    assert code < 0
    assert "Fatal Python error: Aborted" in told


def test_a_few_are_kept_and_told_of_once(tmp_path: Path) -> None:
    reports = CrashReports(tmp_path)
    for _ in range(KEPT + 3):
        reports.write("a test", ValueError())
    assert len(reports.unseen()) == KEPT
    reports.mark_seen()
    assert reports.unseen() == ()
    assert len(reports.all()) == KEPT


def test_an_error_in_a_loop_does_not_fill_the_disk(tmp_path: Path) -> None:
    reports = CrashReports(tmp_path)
    written = [reports.write("a test", ValueError()) for _ in range(100)]
    assert sum(path is not None for path in written) == 10


def test_where_nothing_can_be_written_nothing_else_breaks(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    reports = CrashReports(tmp_path / "file")
    with reports.installed():
        assert reports.write("a test", ValueError()) is None
    assert reports.unseen() == ()


def test_the_doctor_looks_at_the_journal(tmp_path: Path) -> None:
    assert journal_result(tmp_path).ok
    path = filled(tmp_path, 1)
    good = journal_result(tmp_path)
    assert good.ok
    assert "no copy" in good.sentence
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    garbage(path)
    bad = journal_result(tmp_path)
    assert not bad.ok
    assert bad.remedy
    assert (tmp_path / SUSPECT).exists()
    assert path.name == FILE

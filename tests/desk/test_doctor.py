"""What the doctor says about this computer."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from console.desk.doctor import clock_result, display_result, fonts_result, policy_result
from console.desk.policy_file import NO_POLICY, Policy


@pytest.mark.parametrize(
    ("ahead", "ok", "word"),
    [(0, True, "agrees"), (-30, True, "agrees"), (31, False, "behind"), (-3600, False, "ahead")],
)
def test_a_clock_may_differ_by_half_a_minute(ahead: int, ok: bool, word: str) -> None:
    result = clock_result(timedelta(seconds=ahead))
    assert (result.ok, word in result.sentence) == (ok, True)
    assert bool(result.remedy) is not ok


def test_a_clock_nobody_answers_is_a_problem_with_a_remedy() -> None:
    assert not clock_result(None).ok
    assert clock_result(None).remedy


def test_a_display_is_wanted_where_there_might_be_none() -> None:
    assert not display_result("linux", {}).ok
    assert display_result("linux", {"DISPLAY": ":0"}).ok
    assert display_result("linux", {"WAYLAND_DISPLAY": "wayland-0"}).ok
    assert display_result("darwin", {}).ok


def test_fonts_are_wanted_for_letters_and_for_emoji(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    assert "No fonts" in fonts_result("linux", [nowhere, tmp_path]).sentence
    (tmp_path / "DejaVuSans.ttf").touch()
    assert "emoji" in fonts_result("linux", [tmp_path]).remedy
    (tmp_path / "NotoColorEmoji.ttf").touch()
    assert fonts_result("linux", [tmp_path]).ok
    assert fonts_result("win32", []).ok


def test_a_policy_file_is_named_and_its_faults_are_told() -> None:
    path = Path("/etc/cascade/policy.toml")
    assert policy_result(NO_POLICY).ok
    good = policy_result(Policy(path, {"undo_seconds": 3}, {"retention_days": 90}))
    assert good.ok
    assert str(path) in good.sentence
    bad = policy_result(Policy(path, problems=("“x” in the policy file is no setting.",)))
    assert not bad.ok
    assert "“x”" in bad.sentence
    assert str(path) in bad.remedy

"""What a second start says where the first one cannot be reached."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from console.desk.owners import only_window
from console.desk.settings import journal_dir


def test_where_the_open_window_does_not_answer_the_second_start_says_so(tmp_path: Path) -> None:
    with only_window(journal_dir(tmp_path, "default", sandbox=True)):
        second = subprocess.run(
            [sys.executable, "-m", "console", "--sandbox", "--data-dir", str(tmp_path), "cascade:?to=1"],
            check=False,
            capture_output=True,
            timeout=60,
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        )
    assert second.returncode == 2
    assert b"already open" in second.stderr

"""An idle window carries nothing that only a connection needs, and no source code."""

from __future__ import annotations

import subprocess
import sys

import pytest


def printed(code: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.mark.parametrize("module", ["console.desk.desk", "console.app"])
def test_httpx_comes_with_the_first_connection(module: str) -> None:
    assert printed(f"import sys, {module}; print(*{{'httpx', 'keyring'}} & set(sys.modules))") == []


def test_pyside_keeps_no_source_of_what_is_imported_after_it() -> None:
    kept = printed(
        "import console.app, console.desk.desk, linecache, sys\n"
        "print(*[m for m, n in sys.modules.items() if m.startswith('console.')"
        " and getattr(n, '__file__', None) in linecache.cache])"
    )
    assert set(kept) <= {"console.lean"}

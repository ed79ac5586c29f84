"""The tools of ``packaging/`` are scripts, not a package: their folders are put where imports look."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"
for folder in ("", "freeze", "linux", "windows", "macos"):
    if (place := str(PACKAGING / folder)) not in sys.path:
        sys.path.append(place)

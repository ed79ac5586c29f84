"""The version resource of the Windows programs, as PyInstaller reads it.

python packaging/windows/details.py VERSION FILE
"""

from __future__ import annotations

import re
import sys
from pathlib import Path


def numbers(version: str) -> tuple[int, int, int, int]:
    """Windows counts in four numbers: ``1.2.3`` and ``1.2.3rc1`` are (1, 2, 3, 0).

    Raises:
        ValueError: the version does not begin with one to four numbers below 65536.
    """
    found = re.match(r"\d+(?:\.\d+){0,3}", version)
    parts = [int(part) for part in found[0].split(".")] if found else []
    if not parts or max(parts) > 65535:
        raise ValueError(f"{version!r} is no version that Windows can count")
    first, second, third, fourth = (parts + [0] * 4)[:4]
    return first, second, third, fourth


def details(version: str) -> str:
    """The resource as text."""
    counted = numbers(version)
    told = {
        "CompanyName": "Cascade contributors",
        "FileDescription": "Cascade",
        "FileVersion": version,
        "InternalName": "cascade",
        "LegalCopyright": "MIT licence; parts under their own, see LICENCES.txt",
        "OriginalFilename": "cascade.exe",
        "ProductName": "Cascade",
        "ProductVersion": version,
    }
    strings = ", ".join(f"StringStruct({name!r}, {value!r})" for name, value in told.items())
    return f"""VSVersionInfo(
  ffi=FixedFileInfo(filevers={counted}, prodvers={counted}, mask=0x3F, flags=0x0, OS=0x40004, fileType=0x1),
  kids=[
    StringFileInfo([StringTable("040904B0", [{strings}])]),
    VarFileInfo([VarStruct("Translation", [1033, 1200])]),
  ],
)
"""


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(details(sys.argv[1]), "utf-8")

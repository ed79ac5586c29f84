"""Sign Windows programs, if there is something to sign them with; otherwise say so and do nothing.

    python packaging/windows/sign.py FILE...

``CASCADE_SIGN_PFX`` names the certificate with its key (PKCS #12), ``CASCADE_SIGN_PASSWORD`` opens it,
``CASCADE_SIGN_TIME`` is the time stamp's server (http://timestamp.digicert.com). On Windows signtool does
it, elsewhere osslsigncode.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

_TIME: Final = "http://timestamp.digicert.com"


def command(file: Path, env: Mapping[str, str], signtool: str | None) -> list[str]:
    """What signs ``file`` in place (signtool) or into ``FILE.signed`` (osslsigncode)."""
    certificate, password = env["CASCADE_SIGN_PFX"], env.get("CASCADE_SIGN_PASSWORD", "")
    server = env.get("CASCADE_SIGN_TIME", _TIME)
    if signtool is not None:
        words = [signtool, "sign", "/fd", "sha256", "/f", certificate, "/p", password, "/d", "Cascade"]
        return [*words, *(["/tr", server, "/td", "sha256"] if server else []), str(file)]
    words = [
        "osslsigncode",
        "sign",
        "-h",
        "sha256",
        "-pkcs12",
        certificate,
        "-pass",
        password,
        "-n",
        "Cascade",
    ]
    return [*words, *(["-ts", server] if server else []), "-in", str(file), "-out", f"{file}.signed"]


def main(files: Sequence[str]) -> int:
    """Sign every file; 0 if that was done or is not wanted."""
    if not os.environ.get("CASCADE_SIGN_PFX"):
        sys.stderr.write("cascade: no certificate (CASCADE_SIGN_PFX), so nothing is signed\n")
        return 0
    # Elsewhere a program of that name is another one (NSS's, for Java archives).
    signtool = shutil.which("signtool") if sys.platform == "win32" else None
    for file in map(Path, files):
        done = subprocess.run(command(file, os.environ, signtool), check=False)
        if done.returncode:
            return done.returncode
        made = Path(f"{file}.signed")
        if made.exists():
            made.replace(file)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

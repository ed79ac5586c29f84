"""What the relay takes from the wire must not bring along what a relay has no use for."""

from __future__ import annotations

import subprocess
import sys

CHECK = """
import sys
import console.telesign.addresses, console.telesign.answers, console.telesign.callbacks
import console.telesign.signing, console.telesign.times
print(*sorted({"httpx", "phonenumbers", "PySide6", "truststore", "regex", "ssl"} & set(sys.modules)))
"""


def test_signatures_and_callbacks_need_the_standard_library_only() -> None:
    done = subprocess.run([sys.executable, "-c", CHECK], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []

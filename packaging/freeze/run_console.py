"""Where the frozen ``cascade`` begins."""

import os
import sys

if sys.platform == "linux":
    # The bundle's libraries are for this process only, not for the browser it may open.
    before = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
    os.environ.pop("LD_LIBRARY_PATH", None)
    if before is not None:
        os.environ["LD_LIBRARY_PATH"] = before

if sys.argv[1:] == ["--version"]:
    # Installers and scripts ask this often; it needs nothing of what the commands need.
    from console import __version__

    sys.stdout.write(f"cascade {__version__}\n")
    sys.exit()

from console.cli import main

sys.exit(main())

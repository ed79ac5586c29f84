"""Where the frozen ``cascade`` begins."""

import os
import sys

if sys.platform == "linux":
    # The bundle's libraries are for this process only, not for the browser it may open.
    before = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
    os.environ.pop("LD_LIBRARY_PATH", None)
    if before is not None:
        os.environ["LD_LIBRARY_PATH"] = before

from console.cli import main

sys.exit(main())

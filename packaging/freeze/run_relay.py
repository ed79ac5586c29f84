"""Where the frozen ``cascade-relay`` begins."""

import sys

from console.relay.cli import main

sys.exit(main())

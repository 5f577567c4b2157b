"""``python -m burnish``: the command line."""

import sys

from burnish.cli import main

sys.exit(main())

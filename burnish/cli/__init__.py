"""The command line: one file a command, each a thin shell over an importable function."""

import sys

try:
    from burnish.cli.main import main
except KeyboardInterrupt:  # while Python was still reading it
    sys.stderr.write("interrupted\n")
    raise SystemExit(130) from None

__all__ = ["main"]

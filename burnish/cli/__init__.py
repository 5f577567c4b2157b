"""The command line: one file a command, each a thin shell over an importable function."""

import sys

from burnish.cli.hangup import hold_hangup

hold_hangup()  # before the next import, which takes its time

try:
    from burnish.cli.main import main
except KeyboardInterrupt:  # while Python was still reading it
    sys.stderr.write("interrupted\n")
    raise SystemExit(130) from None

__all__ = ["main"]

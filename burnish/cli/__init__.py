"""The command line: one file a command, each a thin shell over an importable function."""

from burnish.cli.hangup import hold_hangup

hold_hangup()  # before the next line, which takes its time

from burnish.cli.main import main  # noqa: E402

__all__ = ["main"]

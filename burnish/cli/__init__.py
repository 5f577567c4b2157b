"""The command line: one file a command, each a thin shell over an importable function."""

from burnish.cli.main import main

__all__ = ["main"]

"""What a command is, and the table of all commands. A new one is a file and a line here."""

from __future__ import annotations

import argparse
from functools import partial
from importlib import import_module
from typing import Protocol, cast

from burnish.cli.terminal import Terminal

__all__ = ["COMMANDS", "HELP_FORMAT", "Command", "command_parser", "load_command"]

COMMANDS = {
    "init": "write a recipe with a comment on every line",
    "check": "look a data file over before training on it",
    "train": "train a model from a recipe",
    "evaluate": "score a run or a bundle on labelled rows",
    "export": "turn a run into a verified, quantized bundle",
    "predict": "answer a text, a file or a pipe",
    "serve": "answer over HTTP",
    "bench": "time a bundle on this machine",
    "package": "build a BentoML archive that serves bundles",
    "demo": "train, export and serve models of the sample data",
    "doctor": "look this machine and installation over",
}
"""Every command, and what it does."""

HELP_FORMAT = partial(argparse.RawDescriptionHelpFormatter, width=88)
"""As wide in docs/cli.md as on every terminal."""

_WITHOUT_DOCUMENT = ("serve",)


class Command(Protocol):
    """A module of this package that is a command."""

    EXAMPLE: str
    """Command lines for the end of ``--help``, one a line."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare what the command takes."""

    def run(self, arguments: argparse.Namespace, terminal: Terminal) -> int:
        """Do it, and return the exit code."""


def load_command(name: str) -> Command:
    """Import a command's module: only the one that runs, so that every command starts fast."""
    return cast(Command, import_module(f"burnish.cli.{name}"))


def command_parser(name: str, command: Command) -> argparse.ArgumentParser:
    """The command's parser, with what all commands take."""
    parser = argparse.ArgumentParser(
        prog=f"burnish {name}",
        description=COMMANDS[name][0].upper() + COMMANDS[name][1:] + ".",
        epilog="example:\n" + "\n".join(f"  {line}" for line in command.EXAMPLE.splitlines()),
        formatter_class=HELP_FORMAT,
        allow_abbrev=False,
    )
    command.add_arguments(parser)
    if name in _WITHOUT_DOCUMENT:
        parser.set_defaults(json=False)
    else:
        shape = "one JSON line an input, as always" if name == "predict" else "one JSON document"
        parser.add_argument("--json", action="store_true", help=f"print {shape}")
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    return parser

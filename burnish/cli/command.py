"""What a command is, and the table of all commands. A new one is a file and a line here.

A command that does several things (``burnish keys create``, ``burnish keys list``) is a module
with ``ACTIONS`` in place of ``add_arguments`` and ``run``::

    EXAMPLE = "burnish keys list --keys keys.json"
    ACTIONS = {"list": Action("show every key", EXAMPLE, add_arguments=_declare, run=_list)}

Each action has its own ``--help``, and ``--json`` and ``--debug`` stand after it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any, Protocol, cast

from burnish.cli.terminal import Terminal
from burnish.cli.usage import Parser

__all__ = [
    "COMMANDS",
    "HELP_FORMAT",
    "RENAMED",
    "Action",
    "Command",
    "CommandOfActions",
    "command_parser",
    "load_command",
    "parsers",
]

COMMANDS = {
    "init": "write a recipe with a comment on every line",
    "check": "check a data file before training on it",
    "suggest": "pick the unlabelled rows to label next",
    "up": "check, train, export and serve a file of rows",
    "vocabulary": "say how a base model reads the words of texts, and what to do about it",
    "pretrain": "go on with a base model's pre-training, on texts without labels",
    "prune-vocabulary": "take the tokens that a field never uses out of a base model",
    "train": "train a model from a recipe or a file of rows",
    "adopt": "judge a model that was trained elsewhere, and make a run of it",
    "lr-find": "find a learning rate for a recipe",
    "search": "find values of a recipe's keys that do best on validation",
    "distill": "train a smaller model to answer as a run does",
    "evaluate": "score a run or a bundle on labelled rows",
    "compare": "compare models on the same rows: scores, costs, differing answers",
    "report": "write a one-page report of a run for a reviewer",
    "manuscript": "print the methods paragraph, tables and references of a run",
    "reproduce": "repeat a training from its record, and compare",
    "export": "turn a run into a verified, quantized bundle",
    "predict": "answer a text, a file or standard input",
    "serve": "serve models over HTTP",
    "models": "list and switch a server's models, and fetch base models",
    "keys": "create and revoke API keys, and sign bundles",
    "audit": "verify a server's audit log",
    "bench": "measure the speed of a bundle on this machine",
    "package": "build a BentoML archive that serves bundles",
    "demo": "train, export and serve models on sample data",
    "doctor": "check this machine and installation",
}
"""Every command, and what it does."""

RENAMED = {"methods": "manuscript"}
"""Commands' names in 0.1, read until 0.3, and their names now."""

HELP_FORMAT = partial(argparse.RawDescriptionHelpFormatter, width=88)
"""As wide in docs/reference/cli.md as on every terminal."""

_WITHOUT_DOCUMENT = ("serve",)


class Command(Protocol):
    """A module of this package that is a command."""

    EXAMPLE: str
    """Command lines for the end of ``--help``, one a line."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare what the command takes."""

    def run(self, arguments: argparse.Namespace, terminal: Terminal) -> int:
        """Do it, and return the exit code."""


@dataclass(frozen=True, slots=True)
class Action:
    """One of the things that a command does: the word after it."""

    summary: str
    """What it does, as in :data:`COMMANDS`."""
    example: str
    """Command lines for the end of its ``--help``, one a line."""
    add_arguments: Callable[[argparse.ArgumentParser], None]
    """Declare what it takes."""
    run: Callable[[argparse.Namespace, Terminal], int]
    """Do it, and return the exit code."""


class CommandOfActions(Protocol):
    """A module of this package that is a command of several actions."""

    EXAMPLE: str
    """Command lines for the end of ``--help``, one a line."""

    ACTIONS: Mapping[str, Action]
    """By the word that chooses them."""


def load_command(name: str) -> Command | CommandOfActions:
    """Import a command's module: only the one that runs, so that every command starts fast."""
    return cast(
        "Command | CommandOfActions", import_module(f"burnish.cli.{name.replace('-', '_')}")
    )


def command_parser(name: str, command: Command | CommandOfActions) -> argparse.ArgumentParser:
    """The command's parser, with what all commands take.

    What it parses has ``command``: the function of the command, or of the chosen action.
    """
    if actions := getattr(command, "ACTIONS", None):
        return _ActionsParser(name, example=command.EXAMPLE, actions=actions)
    plain = cast(Command, command)
    return _parser(
        name,
        Action(COMMANDS[name], plain.EXAMPLE, add_arguments=plain.add_arguments, run=plain.run),
    )


def parsers(name: str) -> dict[str, argparse.ArgumentParser]:
    """The command's parser and those of its actions, by the words that lead to them."""
    first = command_parser(name, load_command(name))
    inner = first.actions if isinstance(first, _ActionsParser) else {}
    return {name: first} | {f"{name} {word}": parser for word, parser in inner.items()}


class _ActionsParser(Parser):
    """Takes the word that chooses an action; the action's own parser takes the rest.

    Not argparse's sub-parsers: those cannot take options between arguments.
    """

    def __init__(self, name: str, *, example: str, actions: Mapping[str, Action]) -> None:
        width = max(map(len, actions))
        listed = "\n".join(f"  {word:{width}}  {each.summary}" for word, each in actions.items())
        super().__init__(
            prog=f"burnish {name}",
            usage=f"burnish {name} ACTION ...",
            description=_sentence(COMMANDS[name]),
            epilog=f"actions:\n{listed}\n\n{_epilog(example)}",
            formatter_class=HELP_FORMAT,
            allow_abbrev=False,
        )
        self.add_argument("action", choices=actions, metavar="ACTION", help=argparse.SUPPRESS)
        self.actions = {word: _parser(f"{name} {word}", each) for word, each in actions.items()}

    def parse_intermixed_args(
        self, args: Iterable[str] | None = None, namespace: Any = None
    ) -> Any:
        """Parse with the parser of the action that the first word chooses."""
        words = list(sys.argv[1:] if args is None else args)
        chosen = self.parse_args(words[:1]).action
        return self.actions[chosen].parse_intermixed_args(words[1:], namespace)


def _parser(words: str, action: Action) -> argparse.ArgumentParser:
    parser = Parser(
        prog=f"burnish {words}",
        description=_sentence(action.summary),
        epilog=_epilog(action.example),
        formatter_class=HELP_FORMAT,
        allow_abbrev=False,
    )
    action.add_arguments(parser)
    parser.set_defaults(command=action.run)
    if words in _WITHOUT_DOCUMENT:
        parser.set_defaults(json=False)
    else:
        each = "one JSON line per input (it always does; with -o, one JSON document)"
        shape = each if words == "predict" else "one JSON document"
        parser.add_argument("--json", action="store_true", help=f"print {shape}")
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    return parser


def _sentence(summary: str) -> str:
    return f"{summary[0].upper()}{summary[1:]}."


def _epilog(example: str) -> str:
    return "example:\n" + "\n".join(f"  {line}" for line in example.splitlines())

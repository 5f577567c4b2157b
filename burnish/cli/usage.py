"""Wrong usage: what was typed, what was probably meant, and how to see what there is."""

from __future__ import annotations

import argparse
import difflib
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NoReturn

__all__ = ["Parser", "nearest"]

_CHOICE = re.compile(r"argument (?P<name>.+?): invalid choice: '(?P<value>.*?)' \(choose from .*\)")
_UNKNOWN = "unrecognized arguments: "
_REQUIRED = "the following arguments are required: "
_USAGE_LINES = 2


class Parser(argparse.ArgumentParser):
    """An argument parser that says what was probably meant."""

    _given: Sequence[str] = ()

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As argparse has it; what was given is kept for the hint."""
        self._given = list(sys.argv[1:] if args is None else args)
        return super().parse_args(args, namespace)

    def parse_intermixed_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As argparse has it; what was given is kept for the hint."""
        self._given = list(sys.argv[1:] if args is None else args)
        return super().parse_intermixed_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        """Print usage, error and hint, and exit 2."""
        wrong, hint = self._explained(message)
        self.exit(2, f"{self._short_usage()}error: {wrong}\n  {hint}\n")

    def _short_usage(self) -> str:
        lines = self.format_usage().splitlines(keepends=True)
        if len(lines) <= _USAGE_LINES:
            return "".join(lines)
        return f"usage: {self.prog} [OPTION ...] {lines[-1].lstrip()}"

    def _explained(self, message: str) -> tuple[str, str]:
        see = f"{self.prog} --help lists the options"
        if (task := message.find("there is no task ")) >= 0:
            return message[task:].partition("; ")[0], message[task:].partition("; ")[2]
        if choice := _CHOICE.fullmatch(message):
            what = "command" if choice["name"] == "COMMAND" else choice["name"].lower()
            return f"there is no {what} {choice['value']!r}", self._near_choice(choice) or see
        if message.startswith(_REQUIRED):
            return message.removesuffix(", key=value"), see
        if message.startswith(_UNKNOWN):
            return self._unknown(message.removeprefix(_UNKNOWN).split(), see)
        return message, see

    def _near_choice(self, choice: re.Match[str]) -> str:
        actions = (a for a in self._actions if choice["name"] in (a.metavar, a.dest))
        known = [str(each) for action in actions for each in action.choices or ()]
        near = nearest(choice["value"], known)
        return f"did you mean {near}?" if near else ""

    def _unknown(self, words: Sequence[str], see: str) -> tuple[str, str]:
        option = next((word for word in words if word.startswith("-") and len(word) > 1), None)
        if option is None:
            return f"{' '.join(words)}: unexpected arguments", see
        name, _, value = option.partition("=")
        if any(action.dest == "overrides" for action in self._actions):
            key = next(_recipe_keys(name), "")
            if key:
                setting = f"{key}={value or self._behind(option)}"
                told = "override recipe keys without dashes"
                return f"there is no option {name}", f"did you mean {setting}? {told}"
        shown = [a for a in self._actions if a.help != argparse.SUPPRESS]
        near = nearest(name, (option for action in shown for option in action.option_strings))
        return f"there is no option {name}", f"did you mean {near}?" if near else see

    def _behind(self, option: str) -> str:
        """The value that was typed behind an option."""
        after = list(self._given)[list(self._given).index(option) + 1 :]
        return after[0] if after and not after[0].startswith("-") else "VALUE"


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that one probably meant; empty where none is near."""
    by_case = {each.casefold(): each for each in known}
    close = difflib.get_close_matches(word.casefold(), by_case, n=1)
    return by_case[close[0]] if close else ""


def _recipe_keys(option: str) -> Iterator[str]:
    """Keys of the recipe whose last part is an option's name, the nearest first."""
    from burnish.recipe.recipe import recipe_keys

    name = option.lstrip("-").replace("-", "_")
    keys = recipe_keys()
    yield from (key for key in keys if name in (key, key.rpartition(".")[2]))
    near = nearest(name, {key.rpartition(".")[2] for key in keys})
    yield from (key for key in keys if near and key.rpartition(".")[2] == near)

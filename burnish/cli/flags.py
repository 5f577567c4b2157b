"""Flags in hints: what a recipe calls ``data.text`` is ``--text`` where a command has that flag.

Messages about data name the recipe's keys. A command that reads rows without a recipe says them as
its own flags, so that a hint can be followed where it is read.
"""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Collection

__all__ = ["flags_of", "in_flags"]

_SETTING = re.compile(
    r"""(?P<verb>\bset\ )?\bdata\.(?P<key>[a-z_]+)
        (?P<value>:\ (?:'[^']*'|"[^"]*"|\[[^\]]*\]|[^\s,;)]+))?""",
    re.VERBOSE,
)
_FILES = ("train", "validation", "test")
_RENAMED = {"subgroups": "subgroup"}


def flags_of(arguments: argparse.Namespace) -> frozenset[str]:
    """The keys of a recipe's ``data`` that are flags of the command; none beside a recipe."""
    if getattr(arguments, "recipe", None) is not None:
        return frozenset()
    return frozenset(vars(arguments)).difference(_FILES)


def in_flags(text: str, flags: Collection[str]) -> str:
    """A message with the command's flags instead of the recipe's keys."""

    def flag(found: re.Match[str]) -> str:
        key = _RENAMED.get(found["key"], found["key"])
        if key not in flags:
            return found[0]
        value = (found["value"] or "").removeprefix(":")
        name = ("use " if found["verb"] else "") + f"--{key.replace('_', '-')}"
        if value.startswith(" ["):  # a list is commas alone as a flag
            names = ",".join(each.strip() for each in value[2:-1].split(","))
            value = f" {shlex.quote(names)}"
        return name if value == " true" else name + value

    return _SETTING.sub(flag, text)

"""``burnish doctor``: look this machine and installation over."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from burnish.cli.checkup import check_up
from burnish.cli.terminal import Colour, Terminal

__all__ = ["EXAMPLE", "add_arguments", "run"]

EXAMPLE = "burnish doctor"

_COLOURS: dict[str, Colour] = {"ok": "green", "warn": "yellow", "fail": "red"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It takes nothing of its own."""
    del parser


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Print one line per finding; exit 1 where burnish cannot work."""
    del arguments
    findings = check_up(Path.cwd())
    for finding in findings:
        level = terminal.paint(f"{finding.level:4}", _COLOURS[finding.level])
        terminal.result(f"{level}  {finding.name:12}  {finding.found}")
        if finding.fix:
            terminal.result(f"      {finding.fix}")
    # ``mend`` is what 0.1 calls ``fix``; it goes after 0.2.
    terminal.document({"checks": [{**asdict(each), "mend": each.fix} for each in findings]})
    return int(any(finding.level == "fail" for finding in findings))

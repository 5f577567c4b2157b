"""``burnish reproduce``: train again from a run's record, and compare."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from burnish.cli.extras import needs_extra
from burnish.cli.terminal import Terminal, format_table
from burnish.run import read_run

__all__ = ["EXAMPLE", "add_arguments", "run"]

EXAMPLE = """\
burnish reproduce runs/tickets
burnish reproduce runs/tickets -o runs/tickets-again --json"""

_SHOWN = 20
"""Differences that are listed."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("run", type=Path, metavar="RUN", help="a run directory")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="DIRECTORY", help="keep the new run here"
    )


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Bit-equal where nothing differs; elsewhere the scores must lie in the run's intervals."""
    with needs_extra("train"):
        from burnish.training.pipeline.reproduction import reproduce_run
    found = reproduce_run(read_run(arguments.run), arguments.output, notify=terminal.note)
    rows = [
        [s.part, f"{s.before:.4f}", f"{s.low:.4f} to {s.high:.4f}", f"{s.after:.4f}"]
        for s in found.scores
    ]
    terminal.result(format_table(["part", "then", "interval", "now"], rows))
    terminal.result("bit-equal: metrics and weights" if found.bit_equal else "not bit-equal")
    for difference in found.differences[:_SHOWN]:
        terminal.result(f"differs: {difference}")
    if len(found.differences) > _SHOWN:
        terminal.result(f"and {len(found.differences) - _SHOWN} more (--json lists them)")
    terminal.result("reproduced" if found.holds else "NOT reproduced")
    terminal.document(
        {
            "run": None if arguments.output is None else str(found.run),
            "reproduced": found.holds,
            "bit_equal": found.bit_equal,
            "scores": [asdict(score) for score in found.scores],
            "differences": list(found.differences),
        }
    )
    return int(not found.holds)

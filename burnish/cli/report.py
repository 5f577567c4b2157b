"""``burnish report``: a run as one page for a reviewer, for reading and for printing."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from shlex import quote
from urllib.parse import quote as quote_url

from burnish.cli.terminal import Terminal, shown
from burnish.errors import UsageError
from burnish.evidence.report import read_facts, render_report
from burnish.run import read_run

__all__ = ["EXAMPLE", "add_arguments", "run"]

EXAMPLE = """\
burnish report runs/tickets
burnish report runs/tickets -o tickets-for-the-board.html
burnish report runs/tickets --errors errors.html"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("run", type=Path, metavar="RUN", help="a run directory")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="where to write it (RUN.html)"
    )
    parser.add_argument(
        "--errors",
        type=Path,
        metavar="FILE",
        help="link to the wrong answers with their texts (burnish evaluate RUN DATA --out FILE)",
    )


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Write the page anew from the run's own files."""
    done = read_run(arguments.run)
    target: Path = arguments.output or Path(f"{done.path.resolve().name}.html")
    if target.is_dir():
        raise UsageError(f"{target} is a directory", "give a file: -o report.html")
    if target.resolve().is_relative_to(done.path.resolve()):
        raise UsageError(
            f"{target} is inside the run, whose files must not change",
            "choose a file outside the run; it has its own report.html",
        )
    if not target.parent.is_dir():
        make = f"create it first: mkdir -p {quote(str(target.parent))}"
        raise UsageError(f"{target.parent} is not a directory", make)
    link = None if arguments.errors is None else _link(arguments.errors, target)
    target.write_text(render_report(read_facts(done), answers=link), encoding="utf-8")
    terminal.result(f"report: {shown(target)}")
    terminal.document({"report": str(target)})
    return 0


def _link(errors: Path, page: Path) -> str:
    """How the page names another file: as seen from its own folder."""
    if not errors.is_file():
        raise UsageError(
            f"{errors}: no such file", f"write it first: burnish evaluate RUN DATA --out {errors}"
        )
    return quote_url(os.path.relpath(errors.resolve(), page.resolve().parent))

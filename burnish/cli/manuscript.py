"""``burnish manuscript``: what a manuscript says of a run."""

from __future__ import annotations

import argparse
from pathlib import Path

from burnish.cli.terminal import Terminal
from burnish.evidence.manuscript import bibliography, latex_table, markdown_table, methods_paragraph
from burnish.evidence.report import read_facts
from burnish.run import read_run

__all__ = ["EXAMPLE", "add_arguments", "run"]

EXAMPLE = """\
burnish manuscript runs/tickets
burnish manuscript runs/tickets --part bibtex > references.bib"""

_PARTS = ("paragraph", "markdown", "latex", "bibtex")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("run", type=Path, metavar="RUN", help="a run directory")
    parser.add_argument("--part", choices=_PARTS, help="one part alone (all)")


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Print the parts; nothing in them is written by hand."""
    facts = read_facts(read_run(arguments.run))
    parts = {
        "paragraph": methods_paragraph(facts) + "\n",
        "markdown": markdown_table(facts),
        "latex": latex_table(facts),
        "bibtex": bibliography(facts),
    }
    wanted = [arguments.part] if arguments.part else list(_PARTS)
    terminal.result("\n".join(parts[name] for name in wanted).rstrip("\n"))
    terminal.document(parts)
    return 0

"""``burnish check``: look a data file over before training on it."""

from __future__ import annotations

import argparse
from pathlib import Path

from burnish.cli.rows import add_column_options, guess_task, read_given_rows
from burnish.cli.terminal import Terminal
from burnish.tasks import TASKS

__all__ = ["EXAMPLE", "add_arguments", "run"]

EXAMPLE = """\
burnish check tickets.csv
burnish check mails.tsv --text body --label team
burnish check notices.conll --task extraction"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("data", type=Path, metavar="DATA", help="a rows file (docs/data.md)")
    parser.add_argument("--task", choices=TASKS, help="what the rows are for (from the first row)")
    add_column_options(parser)


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Print what the rows hold; exit 1 where a model could not learn from them."""
    from burnish.data import check_rows, render_report

    task = arguments.task or guess_task(arguments.data)
    report = check_rows(read_given_rows(arguments.data, task, arguments=arguments))
    terminal.result(render_report(report))
    terminal.document(report.to_json())
    return int(not report.ok)

"""``burnish evaluate``: score a run or a bundle on labelled rows."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from burnish.bundle import MANIFEST, read_bundle
from burnish.cli.extras import needs_extra
from burnish.cli.numbers import positive_int
from burnish.cli.rows import add_column_options, read_given_rows
from burnish.cli.scores import print_labels, print_metrics
from burnish.cli.scoring import evaluate_bundle
from burnish.cli.terminal import Terminal
from burnish.errors import UsageError
from burnish.run import read_run
from burnish.tasks.evaluation import Evaluation

__all__ = ["EXAMPLE", "add_arguments", "run"]

EXAMPLE = """\
burnish evaluate bundles/tickets tickets-of-may.csv
burnish evaluate runs/tickets tickets-of-may.csv --json"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("model", type=Path, metavar="RUN|BUNDLE", help="a directory of either kind")
    parser.add_argument("data", type=Path, metavar="DATA", help="a rows file (docs/data.md)")
    parser.add_argument(
        "--threads",
        type=positive_int,
        metavar="N",
        help="inputs answered at once (one a processor)",
    )
    add_column_options(parser)


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Print the scores, a table of labels and the commonest confusions."""
    evaluation, trust = _evaluate(arguments, terminal)
    print_metrics(terminal, {arguments.data.name: evaluation})
    terminal.result()
    print_labels(terminal, evaluation)
    if trust:
        terminal.result()
        terminal.result("\n".join(_trust_lines(trust)))
    intervals = {name: [i.low, i.high] for name, i in evaluation.metrics.items()}
    terminal.document(
        {
            "metrics": evaluation.values(),
            "intervals": intervals,
            "rows": evaluation.rows,
            "labels": evaluation.to_json()["labels"],
            **trust,
        }
    )
    return 0


def _trust_lines(trust: dict[str, Any]) -> list[str]:
    """How far scores can be trusted on these rows."""
    found, said = trust["calibration"], trust["abstention"]
    lines = []
    if found:
        interval = f"[{found['low']:.3f}, {found['high']:.3f}]"
        lines.append(f"calibration error: {found['ece']:.3f} {interval}")
    if said["abstain_below"]:
        lines.append(
            f"not marked as abstained: {said['answered']} of {said['claims']} {said['of']}, "
            f"{said['wrong']} of them wrong ({100 * said['error']:.1f} %)"
        )
    return lines


def _evaluate(
    arguments: argparse.Namespace, terminal: Terminal
) -> tuple[Evaluation, dict[str, Any]]:
    path = arguments.model
    if (path / MANIFEST).exists():
        task = read_bundle(path).manifest.task.task
        rows = read_given_rows(arguments.data, task, arguments=arguments)
        return evaluate_bundle(
            path, rows, threads=arguments.threads, progress=terminal.is_interactive
        )
    if not (path / "record.json").exists():
        raise UsageError(
            f"{path} is neither a run (record.json) nor a bundle ({MANIFEST})", "check the path"
        )
    done = read_run(path)
    rows = read_given_rows(arguments.data, done.record.task.task, arguments=arguments)
    with needs_extra("train"):
        from burnish.training import evaluate_run
    return evaluate_run(done, rows), {}

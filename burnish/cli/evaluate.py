"""``burnish evaluate``: score a run or a bundle on labelled rows."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from burnish.bundle import MANIFEST, read_bundle
from burnish.cli.extras import needs_extra
from burnish.cli.numbers import positive_int
from burnish.cli.rows import add_column_options, read_given_rows
from burnish.cli.scores import print_label_limits, print_labels, print_metrics, print_subgroups
from burnish.cli.scoring import Answers, answer_bundle, answer_run, score_subgroups
from burnish.cli.terminal import Terminal
from burnish.data import Rows
from burnish.errors import UsageError
from burnish.run import read_run

__all__ = ["EXAMPLE", "add_arguments", "run"]

EXAMPLE = """\
burnish evaluate bundles/tickets tickets-of-may.csv
burnish evaluate runs/tickets tickets-of-may.csv --json
burnish evaluate bundles/tickets tickets-of-may.csv --subgroup age --subgroup sex+age"""


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
    parser.add_argument(
        "--subgroup",
        action="append",
        default=[],
        metavar="NAME",
        help="a column: each of its values is scored on its own (sex+age: the combinations of two; "
        "may be said again)",
    )
    add_column_options(parser)


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Print the scores, a table of labels, the commonest confusions, and what was asked for."""
    _check_subgroups(arguments.subgroup)
    answers, trust = _answer(arguments, terminal)
    evaluation = answers.evaluate()
    subgroups = score_subgroups(answers, arguments.subgroup, part=arguments.data.name)
    print_metrics(terminal, {arguments.data.name: evaluation})
    terminal.result()
    print_labels(terminal, answers.task, evaluation)
    print_label_limits(terminal, answers.task, evaluation, part=arguments.data.name)
    if trust:
        terminal.result()
        terminal.result("\n".join(_trust_lines(trust)))
    print_subgroups(terminal, subgroups)
    intervals = {name: [i.low, i.high] for name, i in evaluation.metrics.items()}
    terminal.document(
        {
            "metrics": evaluation.values(),
            "intervals": intervals,
            "rows": evaluation.rows,
            "labels": evaluation.to_json()["labels"],
            "subgroups": [report.to_json() for report in subgroups],
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


def _check_subgroups(names: list[str]) -> None:
    """Before anything is read: columns that are told apart, and what scores them."""
    if not all(names) or len(set(names)) < len(names):
        raise UsageError(
            f"--subgroup must name columns, each once: {', '.join(map(repr, names))}",
            "for example --subgroup age --subgroup site",
        )
    if names:
        with needs_extra("train"):
            from burnish.training.subgroups import check_fairlearn
        check_fairlearn(names)


def _answer(arguments: argparse.Namespace, terminal: Terminal) -> tuple[Answers, dict[str, Any]]:
    """The answers, and of a bundle how far its scores can be trusted."""
    path = arguments.model
    if (path / MANIFEST).exists():
        rows = _read_rows(read_bundle(path).manifest.task.task, arguments)
        answers = answer_bundle(
            path, rows, threads=arguments.threads, progress=terminal.is_interactive
        )
        return answers, answers.trust()
    if not (path / "record.json").exists():
        raise UsageError(
            f"{path} is neither a run (record.json) nor a bundle ({MANIFEST})", "check the path"
        )
    done = read_run(path)
    return answer_run(done, _read_rows(done.record.task.task, arguments)), {}


def _read_rows(task: str, arguments: argparse.Namespace) -> Rows:
    return read_given_rows(arguments.data, task, arguments=arguments, subgroups=arguments.subgroup)

"""``burnish evaluate``: score a run or a bundle on labelled rows."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

from burnish.batch.destination import Destination
from burnish.cli.answering import answering_model
from burnish.cli.extras import needs_extra
from burnish.cli.known_rows import (
    describe_outside,
    describe_unknown,
    measure_outside,
    sort_rows,
)
from burnish.cli.numbers import positive_int
from burnish.cli.rows import add_column_options, read_given_rows
from burnish.cli.scores import print_label_limits, print_labels, print_metrics, print_subgroups
from burnish.cli.scoring import divide, measure_trust, score_subgroups
from burnish.cli.terminal import Terminal, shown
from burnish.cli.trust import add_trust
from burnish.errors import UsageError
from burnish.evidence.side_by_side import (
    ENDINGS,
    compare_rows,
    compared_destination,
    write_compared,
)
from burnish.plural import plural
from burnish.tasks.evaluation import check_labels

__all__ = ["EXAMPLE", "add_arguments", "run"]

EXAMPLE = """\
burnish evaluate bundles/tickets tickets-of-may.csv
burnish evaluate runs/tickets tickets-of-may.csv --json
burnish evaluate bundles/tickets tickets-of-may.csv --out errors.html
burnish evaluate bundles/tickets tickets-of-may.csv --subgroup age --subgroup sex+age"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "model", type=Path, metavar="RUN|BUNDLE", help="a run or a bundle directory"
    )
    parser.add_argument(
        "data", type=Path, metavar="DATA", help="a rows file (docs/reference/data.md)"
    )
    parser.add_argument(
        "--threads",
        type=positive_int,
        metavar="N",
        help="inputs answered at once (one per processor)",
    )
    parser.add_argument(
        "--subgroup",
        action="append",
        default=[],
        metavar="NAME",
        help="score each value of this column on its own (sex+age: combinations of two; "
        "repeatable)",
    )
    parser.add_argument(
        "--strict",
        action="store_true",
        help="refuse a file with labels that the model does not know, instead of scoring the rest",
    )
    parser.add_argument(
        "--out-of-scope",
        metavar="LABEL",
        help="the label of rows out of scope: measured, not scored (the recipe's)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help=f"write the wrong answers with their texts: {', '.join(ENDINGS)}",
    )
    parser.add_argument("--all", action="store_true", help="write the right answers to FILE too")
    parser.add_argument("--replace", action="store_true", help="replace an older FILE")
    add_column_options(parser)
    add_trust(parser)


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Print the scores, a table of labels, the commonest confusions, and what was asked for.

    Exit 1 where rows were not scored because the model does not know their labels.
    """
    _check_subgroups(arguments.subgroup)
    destination = _destination(arguments)
    model = answering_model(arguments.model, arguments)
    rows = read_given_rows(
        arguments.data, model.task.task, arguments=arguments, subgroups=arguments.subgroup
    )
    label = arguments.out_of_scope or model.out_of_scope
    model.task.check_form(rows)
    given = sort_rows(model.task, rows, out_of_scope=label)
    if arguments.strict:
        outside_ids = {each.id for each in given.outside}
        inside = [each for each in rows.examples if each.id not in outside_ids]
        check_labels(model.task, replace(rows, examples=tuple(inside)))
    with model.loaded(threads=arguments.threads, progress=terminal.is_interactive) as answer:
        asked = answer(given.rows)
    answers, outside = divide(asked, len(asked.examples) - len(given.outside))
    evaluation = answers.evaluate(model.task)
    trust = measure_trust(model.task, answers) if model.is_bundle else {}
    subgroups = score_subgroups(model.task, answers, arguments.subgroup, part=arguments.data.name)
    print_metrics(terminal, {arguments.data.name: evaluation})
    terminal.result()
    print_labels(terminal, model.task, evaluation)
    print_label_limits(terminal, model.task, evaluation, part=arguments.data.name)
    if trust:
        terminal.result()
        terminal.result("\n".join(_trust_lines(trust)))
    print_subgroups(terminal, subgroups)
    if outside.examples:
        trust = {**trust, "out_of_scope": measure_outside(answers, outside, label=label or "")}
        terminal.result()
        terminal.result(describe_outside(trust["out_of_scope"]))
    if given.unknown:
        terminal.result()
        terminal.result("\n".join(describe_unknown(given.unknown, model.task.answer_labels)))
    if destination is not None:
        found = compare_rows(model.task, answers, all_rows=arguments.all)
        write_compared(destination, found)
        written = plural(len(found), "# [row|rows] with [its|their] texts")
        terminal.note(f"{shown(arguments.out)}: {written}, readable by you alone")
    intervals = {name: [i.low, i.high] for name, i in evaluation.metrics.items()}
    terminal.document(
        {
            "metrics": evaluation.values(),
            "intervals": intervals,
            "rows": evaluation.rows,
            "labels": evaluation.to_json()["labels"],
            "subgroups": [report.to_json() for report in subgroups],
            "unknown_labels": dict(given.unknown),
            **trust,
        }
    )
    return int(bool(given.unknown))


def _destination(arguments: argparse.Namespace) -> Destination | None:
    """Where texts and answers go, before anything is read."""
    if arguments.out is None:
        if arguments.all or arguments.replace:
            raise UsageError("--all and --replace are about a file", "name one: --out errors.html")
        return None
    return compared_destination(arguments.out, source=arguments.data, replacing=arguments.replace)


def _trust_lines(trust: dict[str, Any]) -> list[str]:
    """How far scores can be trusted on these rows."""
    found, said = trust.get("calibration"), trust.get("abstention")
    lines = []
    if found:
        interval = f"[{found['low']:.3f}, {found['high']:.3f}]"
        lines.append(f"calibration error: {found['ece']:.3f} {interval}")
    if said and said["abstain_below"]:
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
            from burnish.training.evaluation.subgroups import check_fairlearn
        check_fairlearn(names)

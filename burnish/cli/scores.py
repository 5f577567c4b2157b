"""Tables of scores, as `train`, `evaluate` and `demo` print them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from burnish.cli.terminal import Terminal
from burnish.evidence.bias import SubgroupReport, SubgroupScore
from burnish.evidence.calibration import abstention_lines, scope_lines
from burnish.evidence.error_analysis import label_limits
from burnish.plural import plural
from burnish.tasks import Task
from burnish.tasks.evaluation import Evaluation, Interval, LabelScores

__all__ = [
    "print_label_limits",
    "print_labels",
    "print_metrics",
    "print_seeds",
    "print_subgroups",
    "print_trust",
]

_MOST_CONFUSED = 5


def print_metrics(terminal: Terminal, parts: dict[str, Evaluation]) -> None:
    """One row per metric, one column per part of the data, each score with its 95 % interval."""
    names = list(next(iter(parts.values())).metrics)
    header = [
        "metric",
        *(f"{part} ({plural(each.rows, '# [row|rows]')})" for part, each in parts.items()),
    ]
    rows = [[name, *(_cell(each.metrics[name]) for each in parts.values())] for name in names]
    terminal.table(header, rows)


def print_label_limits(
    terminal: Terminal, task: Task, evaluation: Evaluation, *, part: str
) -> None:
    """Print the labels that are never answered right, and those that no row tests, if any."""
    for sentence in label_limits(evaluation, part=part).sentences(task.label_noun):
        terminal.result(sentence)


def print_labels(terminal: Terminal, task: Task, evaluation: Evaluation) -> None:
    """One row per label, and the pairs that are confused most often; nothing without labels."""
    if not evaluation.labels:
        return
    terminal.table(
        ["label", "precision", "recall", "f1", task.support_noun[1]],
        [[name, *_label_cells(scores)] for name, scores in evaluation.labels.items()],
    )
    if evaluation.confusion:
        terminal.result()
        terminal.table(
            ["true", "predicted", "count"], [list(c) for c in evaluation.confusion[:_MOST_CONFUSED]]
        )


def _label_cells(scores: LabelScores) -> list[object]:
    """A label that no row has is not judged: 0.000 would look like the worst."""
    if not scores.support:
        return ["-", "-", "not judged", 0]
    figures = (scores.precision, scores.recall, scores.f1)
    return [*(f"{figure:.3f}" for figure in figures), scores.support]


def print_subgroups(terminal: Terminal, reports: Sequence[SubgroupReport]) -> None:
    """For each column: one row per subgroup, and the largest difference."""
    for report in reports:
        terminal.result()
        terminal.table(
            [report.column, "rows", report.metric],
            [
                [
                    each.name if each.compared else f"{each.name} (not compared)",
                    each.rows,
                    _subgroup_cell(each),
                ]
                for each in report.subgroups
            ],
        )
        if report.gap is None:
            terminal.result(f"{report.column}: fewer than two subgroups have enough rows")
        else:
            terminal.result(
                f"{report.column}: largest difference {report.gap:.3f} "
                f"[{report.low:.3f}, {report.high:.3f}]"
            )


def print_trust(terminal: Terminal, metrics: dict[str, Any]) -> None:
    """Print how many answers are not marked, and the rows out of scope, if there are any.

    Args:
        terminal: where to.
        metrics: of a run or a bundle.
    """
    lines = [*abstention_lines(metrics), *scope_lines(metrics)]
    if lines:
        terminal.result()
        terminal.result("\n".join(lines))


def _place(seed: int, seeds: dict[str, Any]) -> str:
    """What became of a seed's model."""
    if averaged := seeds.get("averaged"):  # older runs have no such entry
        return " (averaged)" if seed in averaged else ""
    return " (kept)" if seed == seeds["kept"] else ""


def print_seeds(terminal: Terminal, seeds: dict[str, Any]) -> None:
    """One row per seed, and how scores and answers vary with it; nothing for a single seed.

    Args:
        terminal: where to.
        seeds: of a run's ``metrics.json``.
    """
    runs, summary = seeds["runs"], seeds["summary"]
    if len(runs) == 1:
        return
    terminal.result()
    rows = [
        [
            f"{run['seed']}{_place(run['seed'], seeds)}",
            *(f"{run[part]:.3f}" if part in run else "-" for part in summary),
            run["flag"] or "",
        ]
        for run in runs
    ]
    terminal.table(["seed", *(f"{part} {seeds['metric']}" for part in summary), ""], rows)
    for part, each in summary.items():
        spread = (
            "" if each["deviation"] is None else f", standard deviation {each['deviation']:.3f}"
        )
        other = seeds["differing"][part]
        terminal.result(
            f"{part}: mean {each['mean']:.3f}{spread}; the seeds disagree on "
            f"{plural(other['rows'], '# [row|rows]')} "
            f"({other['share']:.1%})"
        )


def _subgroup_cell(each: SubgroupScore) -> str:
    if each.score is None:
        return "nothing to find"
    return f"{each.score:.3f} [{each.low:.3f}, {each.high:.3f}]"


def _cell(interval: Interval) -> str:
    return f"{interval.value:.3f} [{interval.low:.3f}, {interval.high:.3f}]"

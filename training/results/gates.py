"""The gates of a training, which measure the common pitfalls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from burnish.calibration import scope_figures
from burnish.data import Split
from burnish.evidence.bias import BiasReport, SubgroupReport, largest_gap
from burnish.gates import Gate, judge
from burnish.plural import plural
from burnish.recipe.recipe import Recipe
from burnish.tasks import Task
from burnish.tasks.encoded import EncodedRows
from burnish.tasks.evaluation import Evaluation
from burnish.tasks.examples import Example

from ..data.splits import EncodedParts
from ..evaluation.calibration import Trust
from ..evaluation.linear_probe import probe_name
from ..tasks import TRAINING_TASKS
from .tuned import Tuned

__all__ = ["Figures", "bias_figures", "subgroup_figures", "train_gates", "trust_figures"]


def train_gates(
    tuned: Tuned,
    parts: EncodedParts,
    *,
    split: Split,
    recipe: Recipe,
    baselines: Mapping[str, Mapping[str, Evaluation]],
    bias: Mapping[str, BiasReport],
    subgroups: Mapping[str, Sequence[SubgroupReport]],
    missing: Sequence[str],
) -> tuple[Gate, ...]:
    """Judge a training.

    Args:
        tuned: the model, its history and its scores.
        parts: encoded rows.
        split: what leaked between the parts.
        recipe: resolved; its ``gates`` have the thresholds.
        baselines: evaluations of cheap methods, by name and part.
        bias: reports on the tuned model and the frozen one.
        subgroups: reports on the same two.
        missing: what a rerun needs and the record lacks.
    """
    figures = (
        *_of_data(tuned.task, parts, split),
        *_of_training(tuned, baselines),
        *trust_figures(tuned.trust),
        *_of_task(tuned),
        *bias_figures(bias),
        *subgroup_figures(subgroups),
        ("undocumented", float(len(missing)), ", ".join(missing)),
    )
    return tuple(
        judge(name, value, detail=detail, settings=recipe.gates) for name, value, detail in figures
    )


Figures = Iterator[tuple[str, float, str]]
"""Name, value and detail of each gate."""


def _of_data(task: Task, parts: EncodedParts, split: Split) -> Figures:
    counts = _label_counts(task, parts.train.examples)
    count = len(parts.train.examples)
    yield "training_rows", count, plural(count, "# [row|rows] to train on")
    if counts:
        label, least = min(counts.items(), key=lambda item: (item[1], item[0]))
        rows = plural(least, "# [row|rows]")
        yield "rows_per_label", least, f"{label!r} has {rows} to train on, the fewest of all labels"
    count = len(parts.validation.examples)
    yield "validation_rows", count, plural(count, "# [row|rows] to validate on")
    leaks = {part: _leak(part, rows, split) for part, rows in parts.evaluated.items()}
    told = [f"{seen} of {judged} rows of {part}" for part, (seen, judged) in leaks.items()]
    worst = max(seen / max(judged, 1) for seen, judged in leaks.values())
    yield "leaked_rows", worst, f"{', '.join(told)} were also in earlier parts"


def _leak(part: str, rows: EncodedRows, split: Split) -> tuple[int, int]:
    """How many of a part's rows are also in an earlier part, and how many rows it has.

    Validation is earlier than the test set: its rows chose the epoch and the thresholds.
    """
    seen = {row for leak in split.leaked if leak.part == part for row in leak.ids}
    return len(seen), len(rows.examples) + len(rows.unreadable)


def _of_training(tuned: Tuned, baselines: Mapping[str, Mapping[str, Evaluation]]) -> Figures:
    """Compare on the last part: on validation, the best epoch and seed were chosen."""
    metric = tuned.task.main_metric
    part = list(tuned.evaluations)[-1]
    reached = tuned.evaluations[part].values()[metric]
    best = tuned.history.best
    name_of_probe = probe_name(tuned.task)
    if tuned.baseline and (best.epoch or tuned.head_kept):
        probe = tuned.baseline[part].values()[metric]
        detail = _compared(name_of_probe, reached, probe, metric, part)
        yield "beats_probe", reached - probe, detail
    elif tuned.baseline:  # the start was kept: compare the best tuned epoch with it
        trained, start = tuned.history.best_tuned or 0.0, tuned.history.epochs[0].score
        detail = _compared(name_of_probe, trained, start, metric, "validation")
        yield "beats_probe", trained - start, f"{detail}; no tuned epoch was kept"
    else:
        yield "learned", best.epoch, f"epoch {best.epoch} was kept; 0 is the untrained start"
    for name, evaluations in baselines.items():
        rival = evaluations[part].values()[metric]
        gate = TRAINING_TASKS[tuned.task.task].gates.get(name, "beats_baseline")
        yield gate, reached - rival, _compared(name, reached, rival, metric, part)
    validation = tuned.evaluations["validation"].values()[metric]
    known = f"{metric} on training rows {tuned.train_score:.4f}, on validation {validation:.4f}"
    yield "train_validation_gap", tuned.train_score - validation, known


def _compared(rival: str, own: float, other: float, metric: str, part: str) -> str:
    """Compare two scores in words; equal is not better."""
    verdict = "better" if own > other else "not better"
    return f"{verdict} than {rival}: {metric} {own:.4f} against {other:.4f} on {part}"


def trust_figures(trust: Trust) -> Figures:
    """Judge the last part, since calibration was fitted on validation."""
    if calibration := trust.documents.get("calibration"):
        part, found = list(calibration["parts"].items())[-1]
        if found["after"]:  # else the scores were not calibrated
            error = found["after"]["ece"]
            off = f"scores on {part} are off by {error:.3f} on average"
            yield "calibration_error", error, f"{off} (expected calibration error)"
    if scope := trust.documents.get("out_of_scope"):
        yield from scope_figures(scope)


def _of_task(tuned: Tuned) -> Figures:
    """What only one task has."""
    part, judged = list(tuned.evaluations.items())[-1]
    if own := TRAINING_TASKS[tuned.task.task].figures:
        yield from own(tuned.task, judged, part)


def bias_figures(bias: Mapping[str, BiasReport]) -> Figures:
    """Judge the lower end of the worst axis's interval, which is not chance."""
    worst = bias["tuned"].worst if "tuned" in bias else None
    if worst is not None:
        detail = (
            f"{worst.axis}: {worst.flipped} of {worst.swaps} swapped texts get another answer, "
            f"at least {100 * worst.low:.1f} % with 95 % confidence"
        )
        yield "bias_flips", worst.low, detail


def subgroup_figures(subgroups: Mapping[str, Sequence[SubgroupReport]]) -> Figures:
    """Judge the lower end too. Name columns but not their values, since a bundle shows this."""
    widest = largest_gap(subgroups.get("tuned", ()))
    if widest is not None and widest.low is not None:
        sure = f"by at least {widest.low:.3f} with 95 % confidence"
        detail = (
            f"{widest.metric} differs by {widest.gap:.3f} between subgroups of {widest.column!r} "
            f"on {widest.part}, {sure if widest.low else 'which may be chance'}"
        )
        yield "subgroup_gap", widest.low, detail


def _label_counts(task: Task, examples: Sequence[Example]) -> Counter[str]:
    """How many rows have each label of the answers; in a tree, each or one that lies under it."""
    tree = task.tree
    if tree is not None:  # labels that validation alone names have no rows
        counts = Counter(dict.fromkeys(task.answer_labels, 0))
        for example in examples:
            counts.update(tree.upwards(example.class_names))
        return counts
    if not task.answer_labels:
        return Counter()
    return Counter(name for example in examples for name in example.class_names)

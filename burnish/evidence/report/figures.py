"""The report's charts with their captions; None where there is nothing to draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from burnish.evidence.report.charts import Bar, Line, bar_chart, interval_chart, line_chart
from burnish.evidence.report.facts import Facts

__all__ = [
    "Figure",
    "abstention",
    "epochs",
    "error_kinds",
    "labels",
    "loss",
    "reliability",
    "rivals",
]

_SHOWN_LABELS = 40
_SHOWN_BRANCHES = 120
_INDENT = "· "
"""Before a label of a tree, once for each that it lies under."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart and what it shows."""

    chart: str
    """SVG."""
    caption: str


def rivals(facts: Facts, metric: str) -> Figure | None:
    """The model's score and those of cheaper methods, on the last part."""
    part, judged = list(facts.scores.items())[-1]
    scores = {"this model": judged.metrics[metric]} | {
        name: parts[part].metrics[metric] for name, parts in facts.rivals.items() if part in parts
    }
    if len(scores) == 1:
        return None
    caption = f"{_spoken(metric)} on the {part} rows, with 95 % intervals."
    bars = [Bar(name, each.value, each.low, each.high) for name, each in scores.items()]
    return Figure(interval_chart(bars, label=caption), caption)


def labels(facts: Facts) -> Figure | None:
    """F1 of the labels that rows of the last part have: lowest first, or as a tree."""
    part, judged = list(facts.scores.items())[-1]
    task, tree = facts.record.task, facts.record.task.tree
    known = [(name, each) for name, each in judged.labels.items() if each.support]
    if tree is not None and len(known) <= _SHOWN_BRANCHES:
        bars = [
            Bar(_INDENT * (len(tree.path(name)) - 1) + name, s.f1, note=f"{s.f1:.2f} ({s.support})")
            for name, s in known
        ]
        caption = (
            f"F1 of each label together with all that lies under it, on the {part} rows. In "
            "brackets: how many of them lie there."
        )
        return Figure(bar_chart(bars, label=caption, high=1.0), caption) if bars else None
    known.sort(key=lambda item: (item[1].f1, item[0]))
    bars = [
        Bar(
            task.label_title(name),
            s.f1,
            note=f"{s.f1:.2f} ({s.support} {task.support_noun[s.support != 1]})",
        )
        for name, s in known[:_SHOWN_LABELS]
    ]
    which = (
        f"each {task.label_noun[0]}"
        if len(bars) == len(known)
        else f"the {len(bars)} lowest of {len(known)} {task.label_noun[1]}"
    )
    counted = f"the number of {part} {task.support_noun[1]}"
    caption = f"F1 of {which}, lowest first. In brackets: {counted}."
    return Figure(bar_chart(bars, label=caption, high=1.0), caption) if bars else None


def epochs(facts: Facts) -> Figure | None:
    """Validation and train scores per epoch; runs of older versions have validation alone."""
    history, metric = facts.metrics["history"], facts.record.task.main_metric
    lines = [Line("validation", [(e["epoch"], e["score"]) for e in history])]
    known = [(e["epoch"], e["train_score"]) for e in history if "train_score" in e]
    lines += [Line("train", known)] if known else []
    names = " and ".join(line.name for line in lines)
    best = facts.record.training.best_epoch
    caption = f"{_spoken(metric)} on the {names} rows after each epoch. Epoch {best} was kept."
    return _lines(lines, caption, across="epoch", up=metric)


def loss(facts: Facts) -> Figure | None:
    """The training loss, smoothed."""
    steps = [(e["epoch"], e["loss"]) for e in facts.log if "step" in e]
    size = max(1, len(steps) // 50)
    groups = [steps[i : i + size] for i in range(0, len(steps), size)]
    means = [(g[-1][0], sum(loss for _, loss in g) / len(g)) for g in groups]
    caption = "Training loss. Each point is the mean of about a fiftieth of the training."
    return _lines([Line("loss", means)], caption, across="epoch", up="loss")


def reliability(bins: Sequence[dict[str, float]]) -> Figure | None:
    """How scores compare with the share of right answers.

    Args:
        bins: with ``confidence`` and ``accuracy``, by rising confidence.
    """
    points = [(b["confidence"], b["accuracy"]) for b in bins]
    ends = [(x, x) for x, _ in (*points[:1], *points[-1:])]
    caption = (
        "Share of right answers by score. On the dashed line a score equals the share of right "
        "answers."
    )
    lines = [Line("answers", points), Line("true scores", ends)]
    return _lines(lines, caption, across="score", up="share of right answers")


def abstention(curve: Sequence[dict[str, float]], part: str) -> Figure | None:
    """The error rate by the share of answers that are given.

    Args:
        curve: with ``coverage`` and ``error``.
        part: the part's name.
    """
    points = [(point["coverage"], point["error"]) for point in curve]
    caption = f"Share of wrong answers when only the most confident ones are given ({part} rows)."
    return _lines([Line("wrong", points)], caption, across="share of answers given", up="wrong")


def error_kinds(kinds: dict[str, int]) -> Figure | None:
    """Errors by kind."""
    bars = [Bar(name, count, note=f"{count:,}") for name, count in kinds.items()]
    caption = "Errors by kind."
    return Figure(bar_chart(bars, label=caption), caption) if bars else None


def _lines(lines: Sequence[Line], caption: str, *, across: str, up: str) -> Figure | None:
    if len(lines[0].points) < 2:
        return None
    return Figure(line_chart(lines, label=caption, across=across, up=up), caption)


def _spoken(metric: str) -> str:
    spoken = metric.replace("_", " ").replace("f1", "F1")
    return spoken[:1].upper() + spoken[1:]

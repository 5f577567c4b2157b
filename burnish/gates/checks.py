"""Every gate: its threshold, and what happens beyond it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from burnish.errors import ConfigError
from burnish.gates.record import Severity

__all__ = ["CHECKS", "Check", "check_names"]


@dataclass(frozen=True, slots=True)
class Check:
    """A gate before anything was measured."""

    stage: Literal["train", "export"]
    holds: Literal["at least", "at most", "more than"]
    threshold: float | None
    """None: recorded, unless the recipe sets one."""
    severity: Severity
    meaning: str
    movable: bool = True
    """Whether a recipe may set another threshold."""


def _data(threshold: float, meaning: str) -> Check:
    return Check("train", "at least", threshold, "warn", meaning)


def _exact(threshold: float, meaning: str) -> Check:
    return Check("export", "at most", threshold, "block", meaning, movable=threshold > 0)


CHECKS: dict[str, Check] = {
    # Too little data, and no separate validation set.
    "training_rows": _data(100, "rows to train on"),
    "rows_per_label": _data(8, "training rows of the label with the fewest"),
    "validation_rows": _data(50, "rows to validate on"),
    "leaked_rows": Check(
        "train",
        "at most",
        0.05,
        "block",
        "share of validation or test rows that were seen before",
    ),
    # A badly chosen learning rate.
    "learned": Check(
        "train", "at least", 1, "block", "epoch that was kept; 0 is the untrained model"
    ),
    "beats_probe": Check(
        "train", "more than", 0, "warn", "gain over a linear model on the frozen encoder"
    ),
    "beats_baseline": Check(
        "train", "more than", 0, "warn", "gain over the best method without a transformer"
    ),
    "beats_lead": Check(
        "train", "more than", 0, "warn", "gain over a summary of the first sentences"
    ),
    "train_validation_gap": Check(
        "train", "at most", 0.3, "warn", "score on training rows minus score on validation rows"
    ),
    "calibration_error": Check(
        "train", "at most", 0.1, "warn", "expected calibration error of the scores"
    ),
    "interval_coverage": Check(
        "train", "at least", 0.9, "warn", "share of scores inside their interval, at most"
    ),
    # Texts that belong under no label, where the rows hold some.
    "scope_auroc": Check(
        "train", "at least", 0.75, "warn", "how well scores separate rows out of scope (AUROC)"
    ),
    "scope_answered": Check(
        "train", "at most", 0.5, "warn", "share of rows out of scope answered without a mark"
    ),
    # Bias, inherited from the base model or learned from the rows.
    "bias_flips": Check(
        "train", "at most", 0.05, "warn", "share of answers that change with a person's group"
    ),
    "subgroup_gap": Check(
        "train", "at most", 0.05, "warn", "score difference between subgroups, at least"
    ),
    # An undocumented run.
    "undocumented": Check(
        "train", "at most", 0, "block", "facts that the record lacks for a rerun"
    ),
    # Nothing is lost on the way to the bundle.
    "merged_equals_unmerged": _exact(1e-4, "largest difference of a logit after merging"),
    "merged_flips": _exact(0, "answers that merging changes"),
    "onnx_equals_torch": _exact(1e-3, "largest difference of a logit after conversion"),
    "onnx_flips": _exact(0, "answers that conversion changes"),
    "int8_metric_loss": _exact(0.5, "points of the main metric that int8 loses"),
    "int8_agreement": Check(
        "export", "at least", 0.98, "block", "share of answers that int8 does not change"
    ),
    "int8_answers_lost": Check(
        "export", "at most", None, "record", "right answers that int8 loses", movable=False
    ),
    "int8_recall_loss": Check(
        "export", "at most", None, "block", "points of any label's recall that int8 loses"
    ),
    "int8_speedup": Check(
        "export", "at least", 1.0, "block", "speed of int8 relative to fp32, on this machine"
    ),
    "int8_size": Check(
        "export", "at most", None, "record", "size relative to the fp32 graph", movable=False
    ),
    # A small model that answers first, where an export has one.
    "cascade_metric_loss": Check(
        "export",
        "at most",
        0.5,
        "block",
        "points of the main metric lost to a first model",
        movable=False,
    ),
    "cascade_agreement": Check(
        "export",
        "at least",
        None,
        "record",
        "share of answers that a first model does not change",
        movable=False,
    ),
    "cascade_cost": Check(
        "export",
        "at most",
        1.0,
        "block",
        "time with a first model relative to the whole model alone",
        movable=False,
    ),
    "served_flips": _exact(0, "answers of the finished bundle that differ from the verified ones"),
}
"""By name, in the order of a run. The five pitfalls first, then exactness."""


def check_names(names: Iterable[str]) -> None:
    """Refuse a name that no gate has.

    Raises:
        ConfigError: names the nearest one.
    """
    for name in names:
        if name not in CHECKS:
            near = difflib.get_close_matches(name, CHECKS, n=1)
            hint = f"did you mean {near[0]}?" if near else f"gates: {', '.join(CHECKS)}"
            raise ConfigError(f"there is no gate {name!r}", hint)

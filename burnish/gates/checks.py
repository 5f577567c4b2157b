"""Every gate there is: what it is held against, and what happens where it does not hold."""

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
    "rows_per_label": _data(8, "training rows of the label that has fewest"),
    "validation_rows": _data(50, "rows to judge on"),
    "leaked_rows": Check(
        "train",
        "at most",
        0.05,
        "block",
        "share of validation or test that was seen before",
    ),
    # A badly chosen learning rate.
    "learned": Check(
        "train", "at least", 1, "block", "the epoch that was kept; 0: the untrained start"
    ),
    "beats_probe": Check(
        "train", "more than", 0, "warn", "gain over logistic regression on the frozen encoder"
    ),
    "beats_baseline": Check(
        "train", "more than", 0, "warn", "gain over the best method without a transformer"
    ),
    "train_validation_gap": Check(
        "train", "at most", 0.3, "warn", "how much better the training rows are answered"
    ),
    "calibration_error": Check(
        "train", "at most", 0.1, "warn", "how far scores are from the share of right answers"
    ),
    # Texts that belong under no label, where the rows hold some.
    "scope_auroc": Check(
        "train", "at least", 0.75, "warn", "how surely scores tell rows out of scope (AUROC)"
    ),
    "scope_answered": Check(
        "train", "at most", 0.5, "warn", "share of rows out of scope answered without a mark"
    ),
    # Bias, inherited from the base model or learned from the rows.
    "bias_flips": Check(
        "train", "at most", 0.05, "warn", "share of answers that a person's group alone changes"
    ),
    "subgroup_gap": Check(
        "train", "at most", 0.05, "warn", "how much better one subgroup is surely answered"
    ),
    # An undocumented run.
    "undocumented": Check(
        "train", "at most", 0, "block", "facts that a rerun needs and the record lacks"
    ),
    # Nothing is lost on the way to the bundle.
    "merged_equals_unmerged": _exact(1e-4, "largest difference of a logit after merging"),
    "merged_flips": _exact(0, "answers that merging changes"),
    "onnx_equals_torch": _exact(1e-3, "largest difference of a logit after conversion"),
    "onnx_flips": _exact(0, "answers that conversion changes"),
    "int8_metric_loss": _exact(0.5, "points of the main metric that int8 loses"),
    "int8_agreement": Check(
        "export", "at least", 0.98, "block", "share of answers that int8 leaves as they are"
    ),
    "int8_answers_lost": Check(
        "export", "at most", None, "record", "right answers that int8 loses", movable=False
    ),
    "int8_recall_loss": Check(
        "export", "at most", None, "block", "points of any label's recall that int8 loses"
    ),
    "int8_speedup": Check(
        "export", "at least", 1.0, "block", "times as fast as fp32 that int8 is here"
    ),
    "int8_size": Check(
        "export", "at most", None, "record", "size in units of the fp32 graph's", movable=False
    ),
    "served_flips": _exact(0, "answers of the finished bundle that are not the verified ones"),
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

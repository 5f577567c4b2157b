"""Gates: checks with a threshold. Every figure is kept, passed or failed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from burnish.calibration import scope_figures
from burnish.errors import GateError, UsageError
from burnish.gates import CHECKS, Gate, GateSettings, Severity, check_names, judge

from .comparison import Comparison
from .int8.timing import Timing

__all__ = ["GATES", "Budgets", "Gates", "int8_gates"]

GATES = tuple(CHECKS)
"""Gates that can stop an export, in the order in which they are checked."""

_BUDGET_OF = {
    "int8_metric_loss": "metric_loss",
    "int8_agreement": "agreement",
    "int8_recall_loss": "recall_loss",
    "int8_speedup": "speedup",
    "onnx_equals_torch": "difference",
    "merged_equals_unmerged": "merge_difference",
}
"""Gates whose threshold is a budget."""
_UPPER_BOUNDS = {"metric_loss": 100.0, "agreement": 1.0, "recall_loss": 100.0}
"""The largest value of a budget, where there is one; none may be below 0."""
_OPEN = ("metric_loss", "agreement", "recall_loss")
"""Budgets that need not be given."""
_SHORTEST_REASON = 10
_ROUNDING = 1e-9


def _threshold(gate: str) -> float:
    """The default threshold of a gate."""
    threshold = CHECKS[gate].threshold
    assert threshold is not None  # noqa: S101  a gate that is only recorded has no budget
    return threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class Budgets:
    """What quantization may cost, and how exact the steps before it must be.

    Raises:
        UsageError: a budget is not a number, or out of its range.
    """

    metric_loss: float | None = None
    """Percentage points of the task's main metric on the validation rows. None: 0.5, or one
    answer where that is more: of 111 rows half a point is half an answer."""
    agreement: float | None = None
    """Least share of rows with the same answer as in fp32. None: 0.98, or all but one where that
    is less; recorded only where answers are texts, which two good models word differently."""
    recall_loss: float | None = None
    """Percentage points of any label's recall. None: recorded only, as a rare label loses many
    points by one row."""
    speedup: float = _threshold("int8_speedup")
    """int8 has to be at least so many times as fast as fp32 on this machine."""
    difference: float = _threshold("onnx_equals_torch")
    """Largest difference of a logit between torch and ONNX."""
    merge_difference: float = _threshold("merged_equals_unmerged")
    """Largest difference of a logit between the unmerged and the merged adapter."""
    search_rows: int = 1000
    """Validation rows on which candidates are tried; the chosen one answers all."""

    @classmethod
    def of_recipe(
        cls, settings: Mapping[str, GateSettings], given: Mapping[str, Any] | None = None
    ) -> Budgets:
        """The recipe's thresholds; a budget in ``given`` overrides its own."""
        said = {
            budget: settings[gate].threshold
            for gate, budget in _BUDGET_OF.items()
            if gate in settings and settings[gate].threshold is not None
        }
        return cls(**{**said, **(given or {})})

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value = getattr(self, name)
            if name == "search_rows":
                _check_count(name, value)
            elif not (name in _OPEN and value is None):
                _check_budget(name, value, upper=_UPPER_BOUNDS.get(name, math.inf))

    def most_lost(self, rows: int) -> float:
        """Percentage points of the main metric that so many rows may lose."""
        if self.metric_loss is not None:
            return self.metric_loss
        return max(_threshold("int8_metric_loss"), 100 / rows)

    def least_agreement(self, rows: int) -> float:
        """Share of so many rows that must keep their answer."""
        if self.agreement is not None:
            return self.agreement
        return min(_threshold("int8_agreement"), 1 - 1 / rows)


@dataclass(slots=True)
class Gates:
    """The gates judged so far, and those that may fail."""

    reasons: Mapping[str, str] = field(default_factory=dict)
    """Why a gate may fail, by its name."""
    lenient: Mapping[str, Severity] = field(default_factory=dict)
    """Gates that the recipe sets to warn or record."""
    passed: list[Gate] = field(default_factory=list)

    @classmethod
    def allowing(
        cls, reasons: Mapping[str, str], settings: Mapping[str, GateSettings] | None = None
    ) -> Gates:
        """Start without figures, with the user's reasons and the recipe's settings by gate.

        Raises:
            UsageError: no gate has that name, or a reason is too short.
        """
        check_names(reasons)
        for name, reason in reasons.items():
            if len(reason.strip()) < _SHORTEST_REASON:
                raise UsageError(
                    f"gate {name}: {reason!r} is too short for a reason",
                    "give it in a few words, for example --allow "
                    f"'{name}=agreed with the ward for the pilot'; it is kept, and served",
                )
        settings = settings or {}
        said = {name: each.reason for name, each in settings.items() if each.reason}
        severities = {name: each.severity for name, each in settings.items()}
        lenient = {name: each for name, each in severities.items() if each in ("warn", "record")}
        return cls({**said, **reasons}, lenient)

    def holds(self, gates: Sequence[Gate]) -> bool:
        """Whether every gate passes, may fail, or cannot be judged."""
        return all(gate.passed or not gate.known or self._may_fail(gate) for gate in gates)

    def record(self, gates: Iterable[Gate]) -> None:
        """Keep the gates' figures."""
        self.passed += [self._marked(gate) for gate in gates]

    def judge_again(self, metrics: Mapping[str, Any], settings: Mapping[str, GateSettings]) -> None:
        """Judge the gates on out-of-scope rows again, on the graph that is served.

        Args:
            metrics: those of the manifest.
            settings: the recipe's, by gate.

        Raises:
            GateError: as :meth:`check`.
        """
        if scope := metrics.get("out_of_scope"):
            found = [
                judge(name, value, detail=detail, settings=settings)
                for name, value, detail in scope_figures(scope)
            ]
            names = {gate.name for gate in found}
            self.passed = [gate for gate in self.passed if gate.name not in names]
            self.check(*found)

    def check(self, *gates: Gate) -> None:
        """Keep the gates' figures, and stop at the first that fails.

        Raises:
            GateError: a gate fails and may not.
        """
        self.record(gates)
        for gate in gates:
            if not self.holds([gate]):
                limit = "" if gate.threshold is None else f" against {gate.threshold:g}"
                raise GateError(
                    f"gate {gate.name}: {gate.figure(6)}{limit}; {gate.detail}",
                    "to export anyway, with the reason on record: "
                    f"--allow '{gate.name}=WHY IT MAY BE SO'",
                    gates=tuple(self.passed),
                )

    def _may_fail(self, gate: Gate) -> bool:
        return gate.severity != "block" or gate.name in self.reasons or gate.name in self.lenient

    def _marked(self, gate: Gate) -> Gate:
        if gate.passed or not gate.known:
            return gate
        severity = self.lenient.get(gate.name, gate.severity)
        reason = gate.reason or self.reasons.get(gate.name)
        return gate.model_copy(update={"severity": severity, "reason": reason})


def _check_budget(name: str, value: Any, *, upper: float) -> None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or not 0 <= value <= upper:
        span = "of at least 0" if upper == math.inf else f"from 0 to {upper:g}"
        raise UsageError(
            f"budget {name} is {value!r}", f"--{name.replace('_', '-')} takes a number {span}"
        )


def _check_count(name: str, value: Any) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise UsageError(
            f"budget {name} is {value!r}",
            f"--{name.replace('_', '-')} takes a whole number above 0",
        )


def int8_gates(
    comparison: Comparison,
    timing: Timing,
    *,
    size_ratio: float,
    budgets: Budgets,
    forced: bool,
    answers_vary: bool = False,
) -> list[Gate]:
    """The gates of a quantized graph against fp32.

    Args:
        comparison: with fp32 on the validation rows.
        timing: on this machine.
        size_ratio: file size relative to the fp32 graph's.
        budgets: the thresholds.
        forced: the user asked for int8, so its speed is only recorded.
        answers_vary: as the task says; how many answers stay is then judged only by a budget that
            somebody has set.
    """
    worst, rows = comparison.recall_loss, comparison.rows
    most_lost = budgets.most_lost(rows)
    least = budgets.agreement if answers_vary else budgets.least_agreement(rows)
    label = f"{worst.label!r}, {worst.support} times true" if worst.label else "no label loses"
    speed = None if forced else budgets.speedup
    return [
        Gate(
            name="int8_metric_loss",
            value=comparison.metric_loss,
            threshold=most_lost,
            passed=comparison.metric_loss <= most_lost + _ROUNDING,
            detail=f"points of {comparison.metric}: {comparison.before:.4f} in fp32, "
            f"{comparison.after:.4f} in int8, {rows} validation rows",
        ),
        Gate(
            name="int8_agreement",
            value=comparison.agreement,
            threshold=least,
            passed=least is None or comparison.agreement >= least - _ROUNDING,
            detail=f"share of the answers to {rows} validation rows that stay as in fp32"
            + (comparison.detail and f"; {comparison.detail}"),
        ),
        Gate(
            name="int8_answers_lost",
            value=comparison.lost,
            passed=True,
            detail=f"{comparison.lost} right answers lost, {comparison.gained} gained, exact "
            f"McNemar p = {comparison.p_value:.3g}",
        ),
        Gate(
            name="int8_recall_loss",
            value=worst.points,
            threshold=budgets.recall_loss,
            passed=budgets.recall_loss is None or worst.points <= budgets.recall_loss,
            detail=f"points of the label that loses most: {label}",
        ),
        Gate(
            name="int8_speedup",
            value=timing.speedup,
            threshold=speed,
            passed=speed is None or timing.speedup >= speed,
            detail=f"speed relative to fp32: {timing.milliseconds:.2f} ms per window, batch 1, "
            "one thread",
        ),
        Gate(
            name="int8_size",
            value=size_ratio,
            passed=True,
            detail="size relative to the fp32 graph",
        ),
    ]

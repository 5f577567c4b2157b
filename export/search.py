"""The search for the fastest int8 graph that keeps fp32's answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from burnish.runtime.session import ModelFaultError, Session
from burnish.tasks import Task

from .answers import Answers, ask, open_session
from .calibration import channel_maxima
from .candidates import UNIFORM, Candidate, mixed_plans
from .comparison import Comparison, compare
from .gates import Budgets, Gates, int8_gates
from .plans import Plan, write_quantized
from .rows import EncodedRows, sample_windows
from .sensitivity import Sensitivity, measure_sensitivity
from .timing import Timing, time_sessions

__all__ = ["Reference", "Search", "Searcher", "best_of"]

Notify = Callable[[str], None]

_REFERENCE = "fp32"
_TIMED_WINDOWS = 16
_SENSITIVITY_ROWS = 24
_AS_FAST = 0.9
"""Within a tenth of the fastest counts as equally fast: a busy machine times no better."""


@dataclass(frozen=True, slots=True)
class Reference:
    """The fp32 graph and its answers to the rows that judge."""

    graph: Path
    task: Task
    inputs: tuple[str, ...]
    rows: EncodedRows
    answers: Answers


@dataclass(frozen=True, slots=True)
class Search:
    """What was tried, and what came of it."""

    candidates: tuple[Candidate, ...]
    """In the order in which they were tried."""
    ranking: tuple[Sensitivity, ...]
    """Node by node, the most urgent first; empty where a uniform plan was good enough."""
    passing: tuple[Candidate, ...]
    """The best first."""
    fp32_milliseconds: float


@dataclass(slots=True)
class Searcher:
    """Tries candidates against a reference.

    Attributes:
        reference: fp32, and the rows that judge.
        calibration: training rows, for smoothing and sensitivity.
        workplace: a directory for candidates' graphs.
        budgets: what may be lost.
        gates: knows which failures are allowed.
        forced: int8 was asked for, so a graph slower than fp32 passes too.
        notify: told of each candidate.
    """

    reference: Reference
    calibration: EncodedRows
    workplace: Path
    budgets: Budgets
    gates: Gates
    forced: bool = False
    notify: Notify = lambda _: None
    _maxima: Mapping[str, npt.NDArray[np.float32]] = field(default_factory=dict)

    def run(self, plans: Sequence[Plan] = UNIFORM) -> Search:
        """Try the plans; where none of the dynamic ones holds, spare sensitive nodes too.

        A mixed plan is never faster than the uniform one that it departs from, so it is tried
        only where that one fails.
        """
        self._maxima = channel_maxima(self.reference.graph, self.calibration.windows)
        self.notify(f"int8: trying {len(plans)} ways on {len(self.reference.rows)} rows")
        candidates, fp32 = self._measure(plans)
        ranking: list[Sensitivity] = []
        base = next((plan for plan in plans if plan.smoothing and plan.scheme == "channel"), None)
        if base and not self._passing([c for c in candidates if c.plan.scheme != "blocks"]):
            self.notify("int8: measuring node by node which multiplications it hurts")
            ranking = self._sensitivity(base)
            mixed, _ = self._measure(mixed_plans(base, ranking))
            candidates = [*candidates, *mixed]
        passing = self._passing(candidates)
        return Search(tuple(candidates), tuple(ranking), best_of(passing), fp32)

    def judge(self, plan: Plan, path: Path, comparison: Comparison, timing: Timing) -> Candidate:
        """A measured graph with its gates."""
        size = path.stat().st_size
        gates = int8_gates(
            comparison,
            timing,
            size_ratio=size / self.reference.graph.stat().st_size,
            budgets=self.budgets,
            forced=self.forced,
        )
        return Candidate(plan, path, comparison, timing, size, tuple(gates))

    def _measure(self, plans: Sequence[Plan]) -> tuple[list[Candidate], float]:
        reference = self.reference
        paths = {plan.name: self.workplace / f"{plan.name}.onnx" for plan in plans}
        sessions = {_REFERENCE: self._open(reference.graph)}
        comparisons: dict[str, Comparison] = {}
        for plan in plans:
            write_quantized(reference.graph, paths[plan.name], plan, maxima=self._maxima)
            session = self._open(paths[plan.name])
            try:
                comparisons[plan.name] = self._compare(session)
            except ModelFaultError:
                self.notify(f"int8: {plan.name}: its numbers are not finite, left out")
                continue
            sessions[plan.name] = session
        windows = sample_windows(reference.rows, _TIMED_WINDOWS)
        timings = time_sessions(sessions, windows, reference=_REFERENCE)
        candidates = [
            self.judge(plan, paths[plan.name], comparisons[plan.name], timings[plan.name])
            for plan in plans
            if plan.name in comparisons
        ]
        for candidate in candidates:
            self.notify(_line(candidate))
        return candidates, timings[_REFERENCE].milliseconds

    def _compare(self, session: Session) -> Comparison:
        reference = self.reference
        after = ask(session, reference.task, reference.rows)
        return compare(
            reference.task,
            reference.rows.examples,
            reference.answers.predictions,
            after.predictions,
        )

    def _sensitivity(self, base: Plan) -> list[Sensitivity]:
        return measure_sensitivity(
            self.reference.graph,
            self.workplace,
            self.reference.task,
            self.calibration.take(range(min(_SENSITIVITY_ROWS, len(self.calibration)))),
            plan=base,
            inputs=self.reference.inputs,
            maxima=self._maxima,
        )

    def _open(self, path: Path) -> Session:
        return open_session(path, task=self.reference.task, inputs=self.reference.inputs)

    def _passing(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        return [candidate for candidate in candidates if self.gates.holds(candidate.gates)]


def best_of(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """The fastest first; among those as fast as the fastest, the one that agrees most."""
    left = list(candidates)
    ordered = []
    while left:
        bar = _AS_FAST * max(candidate.timing.speedup for candidate in left)
        fast = [candidate for candidate in left if candidate.timing.speedup >= bar]
        best = max(fast, key=lambda each: (each.comparison.agreement, each.timing.speedup))
        ordered.append(best)
        left.remove(best)
    return tuple(ordered)


def _line(candidate: Candidate) -> str:
    found: Any = candidate.comparison
    verdict = "passes" if all(gate.passed for gate in candidate.gates) else "fails"
    return (
        f"int8: {candidate.plan.name}: {100 * found.agreement:.1f} % same answers, "
        f"{found.metric_loss:+.2f} points lost, {candidate.timing.speedup:.2f} x fp32: {verdict}"
    )

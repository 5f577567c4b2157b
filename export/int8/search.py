"""The search for the fastest int8 graph that keeps fp32's answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from burnish.generation.layout import GenerationLayout
from burnish.notify import Notify, ignore
from burnish.runtime.session import ModelFaultError, Session
from burnish.steps import Steps
from burnish.tasks import Task
from burnish.tasks.encoded import EncodedRows

from ..answers import Answers, ask, open_session
from ..comparison import Comparison, compare
from ..gates import Budgets, Gates, int8_gates
from ..rows import sample_windows
from .activation_ranges import channel_maxima
from .candidates import UNIFORM, Candidate, mixed_plans
from .plans import Plan, write_quantized
from .selection import Selection
from .sensitivity import Sensitivity, measure_sensitivity
from .timing import Timing, time_sessions

__all__ = ["Reference", "Search", "Searcher", "describe_candidate"]

Recheck = Callable[[Candidate], Candidate]

_REFERENCE = "fp32"
_TIMED_WINDOWS = 16
_SENSITIVITY_ROWS = 24


@dataclass(frozen=True, slots=True)
class Reference:
    """The fp32 graph and its answers to the validation rows."""

    graph: Path
    """The file; of a model that writes, the directory of its files."""
    task: Task
    inputs: tuple[str, ...]
    rows: EncodedRows
    answers: Answers
    layout: GenerationLayout | None = None
    """The shapes of a pair of graphs; None: there is one."""


@dataclass(frozen=True, slots=True)
class Search:
    """The outcome of a search."""

    candidates: tuple[Candidate, ...]
    """In the order in which they were tried."""
    ranking: tuple[Sensitivity, ...]
    """Nodes, the most urgent first; empty where a uniform plan was good enough."""
    chosen: Candidate | None
    """The fastest that passes its gates on all rows."""
    fp32_milliseconds: float


@dataclass(slots=True)
class Searcher:
    """Tries candidates against a reference.

    Attributes:
        reference: the fp32 graph and the validation rows.
        calibration: training rows, for smoothing and sensitivity.
        workplace: a directory for candidates' graphs.
        budgets: what int8 may lose.
        gates: knows which failures are allowed.
        forced: the user asked for int8, so a graph slower than fp32 passes too.
        notify: called with a line per candidate.
        steps: each candidate that has been tried is a part of the step.
    """

    reference: Reference
    calibration: EncodedRows
    workplace: Path
    budgets: Budgets
    gates: Gates
    forced: bool = False
    notify: Notify = ignore
    steps: Steps = field(default_factory=Steps)
    _maxima: Mapping[str, npt.NDArray[np.float32]] = field(default_factory=dict)

    def run(self, plans: Sequence[Plan] = UNIFORM, *, recheck: Recheck = lambda c: c) -> Search:
        """Try the plans; where no dynamic one passes, try mixed plans that spare sensitive nodes.

        A mixed plan is never faster than its uniform one, so it is tried only where that one fails.
        A candidate whose failing gates may fail is chosen only where none passes all.

        Args:
            plans: the ways to quantize.
            recheck: judges a candidate that passes on these rows again, on all rows.
        """
        self._maxima = channel_maxima(self.reference.graph, self.calibration.windows)
        self.notify(f"int8: trying {len(plans)} ways on {len(self.reference.rows)} rows")
        tried, fp32 = self._measure(plans)
        selection = Selection(recheck)
        selection.add(tried)
        chosen = selection.first(lambda each: each.passed)
        ranking: list[Sensitivity] = []
        base = next((plan for plan in plans if plan.smoothing and plan.scheme == "channel"), None)
        if base and not any(each.passed for each in selection.candidates if each.dynamic):
            self.notify("int8: measuring which multiplications lose accuracy, node by node")
            ranking = self._sensitivity(base)
            mixed, _ = self._measure(mixed_plans(base, ranking))
            selection.add(mixed)
            chosen = selection.first(lambda each: each.passed)
        if chosen is None:
            chosen = selection.first(lambda each: self.gates.holds(each.gates))
        return Search(selection.candidates, tuple(ranking), chosen, fp32)

    def judge(self, plan: Plan, path: Path, comparison: Comparison, timing: Timing) -> Candidate:
        """Judge a measured graph by the gates."""
        size = path.stat().st_size
        gates = int8_gates(
            comparison,
            timing,
            size_ratio=size / self.reference.graph.stat().st_size,
            budgets=self.budgets,
            forced=self.forced,
            answers_vary=self.reference.task.answers_vary,
        )
        return Candidate(plan, path, comparison, timing, size, tuple(gates))

    def open(self, path: Path) -> Session:
        """Load a graph of the reference's inputs and outputs."""
        return open_session(path, task=self.reference.task, inputs=self.reference.inputs)

    def ask(self, session: Session) -> Answers:
        """Answer the reference's rows."""
        return ask(session, self.reference.task, self.reference.rows)

    def compare(self, answers: Answers) -> Comparison:
        """Compare answers to the reference's rows with its own."""
        given, before = self.reference, self.reference.answers.predictions
        return compare(given.task, given.rows.examples, before, answers.predictions)

    def _measure(self, plans: Sequence[Plan]) -> tuple[list[Candidate], float]:
        reference = self.reference
        paths = {plan.name: self.workplace / f"{plan.name}.onnx" for plan in plans}
        sessions = {_REFERENCE: self.open(reference.graph)}
        comparisons: dict[str, Comparison] = {}
        for tried, plan in enumerate(plans):
            self.steps.part(tried, len(plans))
            write_quantized(reference.graph, paths[plan.name], plan, maxima=self._maxima)
            session = self.open(paths[plan.name])
            try:
                comparisons[plan.name] = self.compare(self.ask(session))
            except ModelFaultError as fault:
                self.notify(f"int8: {plan.name}: left out, {fault.message}")
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
            self.notify(describe_candidate(candidate))
        return candidates, timings[_REFERENCE].milliseconds

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


def describe_candidate(candidate: Candidate) -> str:
    """A candidate's figures in a line."""
    found = candidate.comparison
    verdict = "passes" if candidate.passed else "fails"
    return (
        f"int8: {candidate.plan.name}: {100 * found.agreement:.1f} % same answers, "
        f"{found.metric_loss:+.2f} points lost, {candidate.timing.speedup:.2f} x fp32: {verdict}"
    )

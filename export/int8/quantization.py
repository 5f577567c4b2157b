"""From a verified fp32 graph to the int8 graph that is shipped, or the reason why none is."""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from burnish.errors import GateError
from burnish.gates import Gate, Severity
from burnish.notify import Notify
from burnish.processor import describe_processor
from burnish.steps import Steps
from burnish.tasks.encoded import EncodedRows

from ..answers import Answers
from ..gates import Budgets, Gates
from .candidates import Candidate
from .graph import load_graph, weight_matmuls
from .search import Reference, Search, Searcher, describe_candidate
from .selection import NOISE_BAND

__all__ = [
    "Draw",
    "Quantized",
    "chosen",
    "none_chosen",
    "nothing_to_quantize",
    "quantize",
    "size_of",
]

Draw = Callable[[], EncodedRows]
"""Draws and encodes rows, if they are needed."""

_NOTHING = "nothing to quantize: no matrix multiplication of the graph is large enough to gain"
_NONE_HOLDS = "no int8 graph stays within its budgets"


@dataclass(frozen=True, slots=True)
class Quantized:
    """The graph that is shipped, with its answers; ``report`` has the reason where it is fp32."""

    graph: Path
    answers: Answers
    chosen: Candidate | None
    report: dict[str, Any]
    """Every candidate's figures, for the manifest."""


def quantize(
    reference: Reference,
    calibration: Draw,
    *,
    workplace: Path,
    gates: Gates,
    budgets: Budgets,
    forced: bool,
    seed: int,
    notify: Notify,
    steps: Steps,
) -> Quantized:
    """Find the fastest int8 graph that passes its gates on all rows.

    Args:
        reference: the fp32 graph and its answers to all validation rows.
        calibration: draws training rows.
        workplace: a directory for candidates' graphs.
        gates: keeps the figures of the chosen graph, or of the nearest one.
        budgets: what int8 may lose.
        forced: fail where no int8 graph passes, rather than ship fp32.
        seed: draws the rows on which candidates are tried, where those are not all.
        notify: called with each line of progress.
        steps: each candidate that has been tried is a part of the step.

    Raises:
        GateError: with ``forced``, no candidate passes or there is nothing to quantize.
    """
    if not weight_matmuls(load_graph(reference.graph)):
        return nothing_to_quantize(reference, gates=gates, forced=forced, notify=notify)
    places = reference.rows.draw(budgets.search_rows, seed=seed)
    tried = replace(
        reference, rows=reference.rows.take(places), answers=reference.answers.take(places)
    )
    searcher = Searcher(tried, calibration(), workplace, budgets, gates, forced, notify, steps)
    recheck = _Recheck(replace(searcher, reference=reference))
    search = searcher.run(recheck=recheck)
    if search.chosen is None:
        return none_chosen(search, reference, len(places), gates=gates, forced=forced)
    answers = recheck.answers[search.chosen.plan.name]
    return chosen(search.chosen, search, reference, answers, len(places), gates=gates)


def chosen(
    candidate: Candidate,
    search: Search,
    reference: Reference,
    answers: Answers,
    searched: int,
    *,
    gates: Gates,
) -> Quantized:
    """The candidate that is shipped; its gates' figures are kept.

    Args:
        candidate: what was chosen.
        search: all that were tried.
        reference: the fp32 graph.
        answers: the candidate's, to all validation rows.
        searched: on how many rows candidates were tried.
        gates: keeps the figures.
    """
    gates.record(candidate.gates)
    return Quantized(candidate.path, answers, candidate, _report(search, reference, searched))


@dataclass(frozen=True, slots=True)
class _Recheck:
    """Judges candidates on all rows and keeps their answers."""

    searcher: Searcher
    answers: dict[str, Answers] = field(default_factory=dict)

    def __call__(self, candidate: Candidate) -> Candidate:
        answers = self.searcher.ask(self.searcher.open(candidate.path))
        comparison = self.searcher.compare(answers)
        judged = self.searcher.judge(candidate.plan, candidate.path, comparison, candidate.timing)
        self.answers[candidate.plan.name] = answers
        if not judged.passed:
            self.searcher.notify(f"{describe_candidate(judged)} on all {comparison.rows} rows")
        return judged


def nothing_to_quantize(
    reference: Reference, *, gates: Gates, forced: bool, notify: Notify
) -> Quantized:
    """The fp32 graph, because none of its multiplications is worth quantizing.

    Raises:
        GateError: the user asked for int8.
    """
    if forced:
        raise GateError(
            _NOTHING,
            "export with --precision auto or fp32, which ship fp32",
            gates=tuple(gates.passed),
        )
    notify(f"int8: {_NOTHING}")
    report: dict[str, Any] = {
        "chosen": None,
        "reason": _NOTHING,
        "portable": True,
        "candidates": [],
    }
    return Quantized(reference.graph, reference.answers, None, report)


def _nearest(candidates: Sequence[Candidate]) -> Candidate | None:
    """The candidate that passes most gates, then agrees most; those judged on all rows first."""
    return max(
        candidates,
        key=lambda each: (
            each.comparison.rows,
            sum(gate.passed for gate in each.gates),
            each.comparison.agreement,
        ),
        default=None,
    )


def none_chosen(
    search: Search, reference: Reference, searched: int, *, gates: Gates, forced: bool
) -> Quantized:
    """The fp32 graph, with the figures of the int8 graph that came nearest to its budgets.

    Args:
        search: all that were tried.
        reference: the fp32 graph.
        searched: on how many rows candidates were tried.
        gates: keeps the figures.
        forced: the user asked for int8.

    Raises:
        GateError: with ``forced``.
    """
    nearest = _nearest(search.candidates)
    outcome = "the nearest" if forced else "which is not shipped; fp32 is"
    severity: Severity = "block" if forced else "record"
    shown = [_of(gate, nearest, outcome, severity) for gate in nearest.gates] if nearest else []
    gates.record(shown)
    if forced:
        lines = [
            f"\n  {g.name}: {g.figure(6)} against {g.threshold:g}" for g in shown if not g.passed
        ]
        raise GateError(
            f"no int8 graph of {len(search.candidates)} stays within its budgets; the nearest is "
            f"{nearest.plan.name if nearest else 'none'}:" + "".join(lines),
            "export with --precision auto, which ships fp32 then; or raise the budgets, or name "
            "the gates that may fail with --allow",
            gates=tuple(gates.passed),
        )
    report = _report(search, reference, searched)
    return Quantized(reference.graph, reference.answers, None, report)


def _of(gate: Gate, candidate: Candidate, outcome: str, severity: Severity) -> Gate:
    detail = f"{gate.detail}; of {candidate.plan.name}, {outcome}"
    return gate.model_copy(update={"detail": detail, "severity": severity})


def _report(search: Search, reference: Reference, searched: int) -> dict[str, Any]:
    found, processor = search.chosen, describe_processor()
    return {
        "chosen": found.plan.name if found else None,
        "reason": None if found else _NONE_HOLDS,
        "portable": found.plan.portable if found else True,
        "rows": len(reference.rows),
        "search_rows": searched,
        "noise_band": NOISE_BAND,
        "processor": {
            "machine": platform.machine(),
            "model": processor.name,
            "instructions": list(processor.instructions),
        },
        "fp32_milliseconds": search.fp32_milliseconds,
        "fp32_size_bytes": size_of(reference.graph),
        "candidates": [candidate.to_json() for candidate in search.candidates],
        "sensitivity": [{"node": each.node, "error": each.error} for each in search.ranking],
    }


def size_of(graph: Path) -> int:
    """Bytes of a graph's file, or of all files in the directory of several."""
    files = graph.iterdir() if graph.is_dir() else (graph,)
    return sum(file.stat().st_size for file in files)

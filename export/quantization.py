"""From a verified fp32 graph to the int8 graph that is shipped, or the reason why none is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from burnish.bundle import Gate
from burnish.errors import GateError

from .answers import Answers, ask, open_session
from .candidates import Candidate
from .comparison import compare
from .gates import Budgets, Gates
from .processor import describe_processor
from .rows import EncodedRows
from .search import Notify, Reference, Search, Searcher

__all__ = ["Quantized", "quantize"]


@dataclass(frozen=True, slots=True)
class Quantized:
    """The outcome: a graph with its answers, or fp32 with the reason."""

    graph: Path
    answers: Answers
    chosen: Candidate | None
    report: dict[str, Any]
    """For the manifest: every candidate's figures."""


def quantize(
    reference: Reference,
    calibration: EncodedRows,
    *,
    workplace: Path,
    gates: Gates,
    budgets: Budgets,
    forced: bool,
    seed: int,
    notify: Notify,
) -> Quantized:
    """Find the fastest int8 graph that holds its gates; it answers all rows before it is chosen.

    Args:
        reference: the fp32 graph and its answers to all validation rows.
        calibration: training rows.
        workplace: a directory for candidates' graphs.
        gates: get the figures of the chosen graph, or of the nearest one.
        budgets: what may be lost.
        forced: fp32 is not an answer.
        seed: of the choice of rows, where the candidates are tried on some only.
        notify: told of each step.

    Raises:
        GateError: no candidate holds, and int8 is forced.
    """
    places = reference.rows.draw(budgets.search_rows, seed=seed)
    tried = replace(
        reference, rows=reference.rows.take(places), answers=reference.answers.take(places)
    )
    searcher = Searcher(tried, calibration, workplace, budgets, gates, forced, notify)
    search = searcher.run()
    full = replace(searcher, reference=reference)
    failed: list[Candidate] = []
    for candidate in search.passing:
        judged, answers = _answer_all(full, candidate)
        if gates.holds(judged.gates):
            gates.record(judged.gates)
            report = _report(search, reference, tried.rows, chosen=judged)
            return Quantized(judged.path, answers, judged, report)
        failed.append(judged)
    nearest = _nearest(failed or search.candidates)
    return _refused(nearest, search, reference, tried.rows, gates=gates, forced=forced)


def _answer_all(searcher: Searcher, candidate: Candidate) -> tuple[Candidate, Answers]:
    reference = searcher.reference
    session = open_session(candidate.path, task=reference.task, inputs=reference.inputs)
    answers = ask(session, reference.task, reference.rows)
    comparison = compare(
        reference.task,
        reference.rows.examples,
        reference.answers.predictions,
        answers.predictions,
    )
    return searcher.judge(candidate.plan, candidate.path, comparison, candidate.timing), answers


def _nearest(candidates: Sequence[Candidate]) -> Candidate | None:
    """The one that fails fewest gates, and agrees most."""
    return max(
        candidates,
        key=lambda each: (sum(gate.passed for gate in each.gates), each.comparison.agreement),
        default=None,
    )


def _refused(
    nearest: Candidate | None,
    search: Search,
    reference: Reference,
    tried: EncodedRows,
    *,
    gates: Gates,
    forced: bool,
) -> Quantized:
    shown = [_of(gate, nearest) for gate in nearest.gates] if nearest else []
    if forced:
        lines = [
            f"\n  {g.name}: {g.value:g} against {g.threshold:g}" for g in shown if not g.passed
        ]
        raise GateError(
            f"no int8 graph of {len(search.candidates)} keeps to its budgets; the nearest is "
            f"{nearest.plan.name if nearest else 'none'}:" + "".join(lines),
            "export with --precision auto, which ships fp32 then; or widen the budgets, or name "
            "the gates that may fail with --allow",
        )
    gates.record(shown)
    report = _report(search, reference, tried, chosen=None)
    return Quantized(reference.graph, reference.answers, None, report)


def _of(gate: Gate, candidate: Candidate) -> Gate:
    detail = f"{gate.detail}; of {candidate.plan.name}, which is not shipped: fp32 is"
    return gate.model_copy(update={"detail": detail})


def _report(
    search: Search, reference: Reference, tried: EncodedRows, *, chosen: Candidate | None
) -> dict[str, Any]:
    return {
        "chosen": chosen.plan.name if chosen else None,
        "portable": chosen.plan.portable if chosen else True,
        "rows": len(reference.rows),
        "search_rows": len(tried),
        "processor": describe_processor(),
        "fp32_milliseconds": search.fp32_milliseconds,
        "fp32_size_bytes": reference.graph.stat().st_size,
        "candidates": [candidate.to_json() for candidate in search.candidates],
        "sensitivity": [{"node": each.node, "error": each.error} for each in search.ranking],
    }

"""From a verified pair of fp32 graphs to the int8 pair that is shipped, or the reason why none is.

There is one way to quantize (`burnish.export.generation.int8`), so nothing is searched: it is
carried out and judged on all validation rows, by what its texts are worth and not by whether they
are the same, since a text goes another way from the first token on that rounding changes.
"""

from __future__ import annotations

from pathlib import Path

from burnish.generation.layout import DECODER, ENCODER
from burnish.notify import Notify
from burnish.runtime import usable_cpus
from burnish.runtime.session import ModelFaultError
from burnish.steps import Steps

from ..answers import Answering, Answers, ask_at_once
from ..comparison import compare
from ..gates import Budgets, Gates, int8_gates
from ..int8.candidates import Candidate
from ..int8.graph import load_graph, weight_matmuls
from ..int8.plans import Plan
from ..int8.quantization import (
    Draw,
    Quantized,
    chosen,
    none_chosen,
    nothing_to_quantize,
    size_of,
)
from ..int8.search import Reference, Search, describe_candidate
from ..int8.timing import time_sessions
from ..rows import sample_windows
from .exactness import open_writer
from .int8 import quantize_generator

__all__ = ["open_written", "quantize_writing"]

_PLAN = Plan("channel", "channel")
_REFERENCE = "fp32"
_TIMED_WINDOWS = 16


def quantize_writing(
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
    """Quantize a pair of graphs, and choose it if it passes its gates on all rows.

    Args:
        reference: the fp32 graphs and their answers to all validation rows.
        calibration: not needed; nothing is searched.
        workplace: a directory for the int8 graphs' own.
        gates: keeps the figures.
        budgets: what int8 may lose.
        forced: fail where int8 does not pass, rather than ship fp32.
        seed: not needed.
        notify: called with each line of progress.
        steps: quantizing and timing are parts of the step.

    Raises:
        GateError: with ``forced``, int8 does not pass or there is nothing to quantize.
    """
    del calibration, seed
    if not any(weight_matmuls(load_graph(reference.graph / name)) for name in (ENCODER, DECODER)):
        return nothing_to_quantize(reference, gates=gates, forced=forced, notify=notify)
    target, rows = workplace / "int8", len(reference.rows)
    target.mkdir()
    steps.part(0, 2)
    quantize_generator(reference.graph, target)
    notify(f"int8: answering {rows} validation rows")
    session = open_written(reference, target)
    try:
        answers = ask_at_once(session, reference.task, reference.rows, threads=usable_cpus())
    except ModelFaultError as fault:
        notify(f"int8: {_PLAN.name}: left out, {fault.message}")
        failed = Search((), (), None, 0.0)
        return none_chosen(failed, reference, rows, gates=gates, forced=forced)
    steps.part(1, 2)
    candidate, fp32_milliseconds = _judged(
        reference, target, session, answers, budgets=budgets, forced=forced
    )
    notify(describe_candidate(candidate))
    passes = gates.holds(candidate.gates)
    search = Search((candidate,), (), candidate if passes else None, fp32_milliseconds)
    if not passes:
        return none_chosen(search, reference, rows, gates=gates, forced=forced)
    return chosen(candidate, search, reference, answers, rows, gates=gates)


def open_written(reference: Reference, graph: Path) -> Answering:
    """Load graphs of the reference's layout as the runtime does."""
    assert reference.layout is not None  # noqa: S101  of a pair of graphs
    return open_writer(graph, task=reference.task, layout=reference.layout)


def _judged(
    reference: Reference,
    target: Path,
    session: Answering,
    answers: Answers,
    *,
    budgets: Budgets,
    forced: bool,
) -> tuple[Candidate, float]:
    """The int8 graphs with their figures, and the milliseconds that fp32 takes for a window."""
    task, examples = reference.task, reference.rows.examples
    comparison = compare(task, examples, reference.answers.predictions, answers.predictions)
    timings = time_sessions(
        {_REFERENCE: open_written(reference, reference.graph), _PLAN.name: session},
        sample_windows(reference.rows, _TIMED_WINDOWS),
        reference=_REFERENCE,
    )
    size = size_of(target)
    found = int8_gates(
        comparison,
        timings[_PLAN.name],
        size_ratio=size / size_of(reference.graph),
        budgets=budgets,
        forced=forced,
        answers_vary=task.answers_vary,
    )
    timing = timings[_PLAN.name]
    candidate = Candidate(_PLAN, target, comparison, timing, size, tuple(found))
    return candidate, timings[_REFERENCE].milliseconds

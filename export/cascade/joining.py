"""A small model before the whole one: what it costs and loses decides how sure it must be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from burnish.arrays import DoubleArray
from burnish.errors import UsageError
from burnish.gates import Gate
from burnish.notify import Notify
from burnish.run import Run
from burnish.self_test.comparison import TOLERANCES
from burnish.steps import Steps
from burnish.tasks.regimes import Regime, task_regime

from ..answers import ask, decode, open_session
from ..comparison import Comparison, compare
from ..exactness import convert_run
from ..gates import Budgets, Gates
from ..int8.quantization import Draw, Quantized, quantize
from ..int8.search import Reference
from ..int8.timing import Timing, time_sessions
from .graph import write_cascade
from .switch import Switch, best_probability

__all__ = ["Cascade", "cascade", "check_first"]

_THRESHOLDS = 60
"""Of the first model's best probability that are tried, evenly over the validation rows."""
_ROUNDING = 1e-9
_APART = 1e-6
"""Between two probabilities that the graph, which computes in fp32, surely tells apart."""
_TIMED = 64
"""Validation rows whose windows are timed."""


@dataclass(frozen=True, slots=True)
class Cascade:
    """The joined graph, its gates, and how it was made."""

    outcome: Quantized
    gates: tuple[Gate, ...]
    report: dict[str, Any]
    """For the manifest."""
    switch: Switch


def check_first(run: Run, first: Run) -> None:
    """Refuse a first model that cannot stand before a run's.

    Raises:
        UsageError: it has other labels, another tokenizer or window, or the task does not suit.
    """
    task, small = run.record.task, first.record.task
    if task_regime(task) is not Regime.ONE_LABEL:
        raise UsageError(
            f"{run.path}: only a model that gives one label per text can have a first one before "
            "it: how sure it is tells who answers",
            "export it without --first",
        )
    if small.task != task.task or small.output_labels != task.output_labels:
        raise UsageError(
            f"{first.path} is not a model for {task.task} with the labels of {run.path}",
            f"make one of the run itself: burnish distill {run.path} -o RUN --static",
        )
    windows = [(each.max_length, each.stride) for each in (task, small)]
    tokens = [(each.path / "model" / "tokenizer.json").read_bytes() for each in (run, first)]
    apart = small.reads_apart != task.reads_apart
    if len(set(windows)) > 1 or len(set(tokens)) > 1 or apart:
        raise UsageError(
            f"{first.path} reads texts otherwise than {run.path}: another tokenizer or window",
            f"make one of the run itself: burnish distill {run.path} -o RUN --static",
        )


def cascade(
    reference: Reference,
    whole: Quantized,
    *,
    first: Run,
    calibration: Draw,
    workplace: Path,
    quantized: bool,
    budgets: Budgets,
    notify: Notify,
) -> Cascade:
    """Join two models, at the threshold that leaves most to the first within the budget.

    The first model is converted, compared with torch and quantized as any other; its own figures
    are not kept, for those of the two together are judged.

    Args:
        reference: the whole model, with the validation rows.
        whole: its graph that would be shipped alone, and its answers.
        first: the run of the small model, which passed `check_first`.
        calibration: draws training rows.
        workplace: a directory for graphs.
        quantized: whether the small model may become int8 too.
        budgets: how many points of the metric the two may lose against the whole one alone.
        notify: called with each line of progress.

    Raises:
        GateError: the small model's graph gives other answers than the small model.
        UsageError: the small model takes inputs that the whole one does not.
    """
    task, rows, seed = reference.task, reference.rows, first.record.training.seed
    notify(f"the first model: {first.path.name}")
    small, inputs = _answered_first(
        first,
        reference,
        calibration,
        workplace=workplace,
        quantized=quantized,
        budgets=budgets,
        notify=notify,
    )
    temperature, own = (_temperature(each) for each in (first.record.task, task))
    sure = [
        [best_probability(window, temperature) for window in windows]
        for windows in small.answers.logits
    ]
    scale = own / temperature
    most_lost = budgets.most_lost(len(rows))
    chosen: float | None = None
    for least in _thresholds(sure):
        joined = [
            [a * np.float32(scale) if p >= least else b for a, b, p in zip(*each, strict=True)]
            for each in zip(small.answers.logits, whole.answers.logits, sure, strict=True)
        ]
        answers = decode(task, rows, joined)
        found = compare(task, rows.examples, whole.answers.predictions, answers.predictions)
        if found.metric_loss > most_lost + _ROUNDING and chosen is not None:
            break
        chosen = least
    assert chosen is not None  # noqa: S101  there is a row
    target = workplace / "cascade.onnx"
    write_cascade(
        small.graph,
        whole.graph,
        target,
        output=task.output_names[0],
        least=chosen,
        temperature=temperature,
        scale=scale,
    )
    session = open_session(target, task=task, inputs=reference.inputs)
    answers = ask(session, task, rows)
    compared = compare(task, rows.examples, whole.answers.predictions, answers.predictions)
    drawn = rows.take(rows.draw(_TIMED, seed=seed))
    sessions = {
        "alone": open_session(whole.graph, task=task, inputs=reference.inputs),
        "joined": session,
    }
    windows = [window for encoding in drawn.encodings for window in encoding.windows]
    timing = time_sessions(sessions, windows, reference="alone")["joined"]
    handled = float(np.mean([p >= chosen for windows in sure for p in windows]))
    notify(
        f"the first model answers {100 * handled:.0f} % of the windows, from a probability of "
        f"{chosen:.3f}: {100 / timing.speedup:.0f} % of the time"
    )
    report = {
        "first": first.digest,
        "least": chosen,
        "answered": handled,
        "scale": scale,
        "temperature": temperature,
    }
    gates = _gates(compared, timing, handled=handled, most_lost=most_lost)
    # int8 in either model makes numbers that differ from processor to processor as int8's do.
    outcome = Quantized(target, answers, whole.chosen or small.chosen, whole.report)
    switch = Switch(
        open_session(small.graph, task=task, inputs=inputs),
        temperature,
        chosen,
        within=TOLERANCES["int8" if small.chosen else "fp32"],
    )
    return Cascade(outcome, tuple(gates), report, switch)


def _answered_first(
    first: Run,
    reference: Reference,
    calibration: Draw,
    *,
    workplace: Path,
    quantized: bool,
    budgets: Budgets,
    notify: Notify,
) -> tuple[Quantized, tuple[str, ...]]:
    """The small model's graph with its answers to the validation rows, and its inputs."""
    place = workplace / "first"
    place.mkdir()
    converted = convert_run(
        first,
        reference.rows,
        graph=place / "fp32.onnx",
        config=place / "config.json",
        gates=Gates.allowing({}),
        budgets=budgets,
        notify=notify,
        steps=Steps(),
    )
    others = sorted(set(converted.inputs) - set(reference.inputs))
    if others:
        raise UsageError(
            f"{first.path} also reads {', '.join(others)}, which the whole model does not",
            "name a first model of the same kind of base: burnish distill RUN -o RUN --static",
        )
    if not quantized:
        return Quantized(converted.graph, converted.answers, None, {}), converted.inputs
    outcome = quantize(
        converted,
        calibration,
        workplace=place,
        gates=Gates.allowing({}),
        budgets=budgets,
        forced=False,
        seed=first.record.training.seed,
        notify=notify,
        steps=Steps(),
    )
    return outcome, converted.inputs


def _temperature(task: Any) -> float:
    return float(task.temperature)


def _thresholds(sure: Sequence[Sequence[float]]) -> list[float]:
    """From the surest down: each between two probabilities, so that rounding decides nothing."""
    known = np.append(np.unique([p for windows in sure for p in windows]), 1.0)
    apart = np.diff(known) > _APART
    between: DoubleArray = ((known[1:] + known[:-1]) / 2)[apart]
    if not len(between):  # all are as sure
        return [float(known[0]) / 2]
    places = np.unique(np.linspace(0, len(between) - 1, _THRESHOLDS).astype(int))
    return [float(between[place]) for place in places[::-1]]


def _gates(compared: Comparison, timing: Timing, *, handled: float, most_lost: float) -> list[Gate]:
    cost = 1 / timing.speedup
    return [
        Gate(
            name="cascade_metric_loss",
            value=compared.metric_loss,
            threshold=most_lost,
            passed=compared.metric_loss <= most_lost + _ROUNDING,
            detail=f"points of {compared.metric}: {compared.before:.4f} of the whole model alone, "
            f"{compared.after:.4f} behind the first, {compared.rows} validation rows",
        ),
        Gate(
            name="cascade_agreement",
            value=compared.agreement,
            passed=True,
            detail=f"share of {compared.rows} validation rows with the whole model's answer; "
            f"{compared.lost} right answers lost, {compared.gained} gained, exact McNemar p = "
            f"{compared.p_value:.3g}",
        ),
        Gate(
            name="cascade_cost",
            value=cost,
            threshold=1.0,
            passed=cost <= 1,
            detail=f"time relative to the whole model alone: {timing.milliseconds:.2f} ms per "
            f"window, batch 1, one thread; the first answers {100 * handled:.0f} % of them",
        ),
    ]

"""From a run to a verified fp32 graph: load, merge, convert, and compare at every step."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import nn

from burnish.gates import Gate
from burnish.notify import Notify
from burnish.run import Run
from burnish.runtime import usable_cpus
from burnish.steps import Steps
from burnish.tasks import Task
from burnish.tasks.encoded import EncodedRows
from burnish.torch_models.checkpoint import has_adapter, load_run_model
from burnish.torch_models.logits import predict_logits
from burnish.torch_models.merging import merge_adapter

from .answers import Answers, ask, count_flips, decode, largest_difference, open_session
from .convert import convert
from .files import write_config
from .gates import Budgets, Gates
from .int8.search import Reference

__all__ = ["convert_run", "exact_gates", "torch_answers"]


def convert_run(
    run: Run,
    rows: EncodedRows,
    *,
    graph: Path,
    config: Path,
    gates: Gates,
    budgets: Budgets,
    notify: Notify,
    steps: Steps,
) -> Reference:
    """Write a run's model as a fp32 graph, and compare its answers with torch's on every row.

    Args:
        run: the run.
        rows: the validation rows.
        graph: the ONNX file to write.
        config: the ``config.json`` to write.
        gates: keeps the figures.
        budgets: the thresholds.
        notify: called with each line of progress.
        steps: "answer", "merge", "convert" and "check" are begun here.

    Raises:
        GateError: the merged model or the graph gives other answers than the trained model.
    """
    task = run.record.task
    steps.begin("answer")
    model = load_run_model(run)
    notify(f"torch: answering {len(rows)} validation rows")
    trained = torch_answers(model, run, task, rows)
    if has_adapter(model):
        steps.begin("merge")
        notify("merging the adapter, in fp32")
        model = merge_adapter(model)
        merged = torch_answers(model, run, task, rows)
        names = ("merged_equals_unmerged", "merged_flips")
        gates.check(*_exact(names, task, trained, merged, threshold=budgets.merge_difference))
    write_config(model.config, task, config)
    steps.begin("convert")
    notify("converting to ONNX")
    inputs = convert(model, task, graph)
    del model  # changed by the conversion; ``trained`` was computed before
    steps.begin("check")
    answers = ask(open_session(graph, task=task, inputs=inputs), task, rows)
    names = ("onnx_equals_torch", "onnx_flips")
    gates.check(*_exact(names, task, trained, answers, threshold=budgets.difference))
    return Reference(graph, task, inputs, rows, answers)


def torch_answers(model: nn.Module, run: Run, task: Task, rows: EncodedRows) -> Answers:
    """The answers of a run's model in torch, decoded by a task."""
    with _threads(run):
        logits = predict_logits(model, task, rows.encodings)
    return decode(task, rows, logits)


@contextmanager
def _threads(run: Run) -> Iterator[None]:
    """Use as many threads as the training did, if this process may."""
    before = torch.get_num_threads()
    torch.set_num_threads(min(run.record.training.threads, usable_cpus()))
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _exact(
    names: tuple[str, str], task: Task, one: Answers, other: Answers, *, threshold: float
) -> tuple[Gate, Gate]:
    rows = f"{len(one.predictions)} validation rows"
    changed = task.agreement_detail(one.predictions, other.predictions)
    return exact_gates(
        names,
        difference=largest_difference(one.logits, other.logits),
        flips=count_flips(task, one, other),
        threshold=threshold,
        details=(
            f"largest difference of a logit on {rows}",
            f"changed answers of {rows}" + (changed and f"; {changed}"),
        ),
    )


def exact_gates(
    names: tuple[str, str],
    *,
    difference: float,
    flips: int,
    threshold: float,
    details: tuple[str, str],
) -> tuple[Gate, Gate]:
    """The gates of a step that changes no answer: on the model's numbers, and on its answers.

    Args:
        names: of the two.
        difference: the largest of a logit; may be infinite.
        flips: how many answers change.
        threshold: of the difference.
        details: what the two figures measure.
    """
    return (
        Gate(
            name=names[0],
            value=min(difference, sys.float_info.max),  # JSON has no infinity
            threshold=threshold,
            passed=difference <= threshold,
            detail=details[0],
        ),
        Gate(name=names[1], value=flips, threshold=0, passed=flips == 0, detail=details[1]),
    )

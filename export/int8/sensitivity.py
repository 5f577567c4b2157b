"""Which multiplications quantization hurts: quantize each one alone and compare the logits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from burnish.tasks import Task
from burnish.tasks.answered import Logits
from burnish.tasks.encoded import EncodedRows

from ..answers import ask, open_session
from .graph import load_graph, weight_matmuls
from .plans import Plan, write_quantized

__all__ = ["Sensitivity", "measure_sensitivity", "root_mean_square"]


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """The effect of quantizing one node alone."""

    node: str
    error: float
    """Root mean square of the change of the logits."""
    elements: int
    """Numbers in its matrix, to which the time of leaving it in fp32 is proportional."""

    @property
    def urgency(self) -> float:
        """Error spared per time that it costs. The squares of the nodes' errors add up."""
        return self.error**2 / self.elements


def measure_sensitivity(
    graph: Path,
    workplace: Path,
    task: Task,
    rows: EncodedRows,
    *,
    plan: Plan,
    inputs: tuple[str, ...],
    maxima: Mapping[str, npt.NDArray[np.float32]],
) -> list[Sensitivity]:
    """Quantize node after node, each alone.

    Args:
        graph: the fp32 graph.
        workplace: a directory to write to.
        task: names the outputs.
        rows: a few dozen training rows.
        plan: its scheme and smoothing are used.
        inputs: the graph's input names.
        maxima: the channels' largest values, for smoothing.

    Returns:
        The nodes, the most urgent first.
    """
    reference = ask(open_session(graph, task=task, inputs=inputs), task, rows).logits
    trial = workplace / "one-node.onnx"
    found = []
    for matmul in weight_matmuls(load_graph(graph)):
        alone = Plan(
            name=matmul.name,
            scheme="fp32",
            exceptions=(matmul.name,),
            exception_scheme=plan.scheme,
            smoothing=plan.smoothing,
            tables=False,
        )
        write_quantized(graph, trial, alone, maxima=maxima)
        logits = ask(open_session(trial, task=task, inputs=inputs), task, rows).logits
        error = root_mean_square(reference, logits)
        found.append(Sensitivity(matmul.name, error, matmul.elements))
    trial.unlink(missing_ok=True)
    return sorted(found, key=lambda each: -each.urgency)


def root_mean_square(one: Logits, other: Logits) -> float:
    """Root mean square difference over all logits."""
    total = count = 0.0
    for ones, others in zip(one, other, strict=True):
        for left, right in zip(ones, others, strict=True):
            total += float(np.square(left - right, dtype=np.float64).sum())
            count += left.size
    return float(np.sqrt(total / count))

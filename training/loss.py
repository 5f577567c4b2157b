"""The loss of each task, from a model's output."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from burnish.data.examples import ClassificationExample
from burnish.tasks import ClassificationTask, ExtractionTask, Task
from burnish.tasks.extraction import IGNORED

__all__ = ["Loss", "balanced_weights", "loss_for"]

Loss = Callable[[Any, torch.Tensor, torch.Tensor], torch.Tensor]
"""From a model's output, targets and window weights (batch,) to a scalar."""


def loss_for(task: Task, class_weights: torch.Tensor | None = None) -> Loss:
    """The task's loss.

    Args:
        task: the task.
        class_weights: (labels,) for classification: of each class, or, with several labels, of
            each label's presence.
    """
    if isinstance(task, ClassificationTask):
        if task.multi_label:
            return lambda output, targets, weights: _average(
                functional.binary_cross_entropy_with_logits(
                    output.logits, targets, pos_weight=class_weights, reduction="none"
                ).sum(-1),
                weights,
            )
        return lambda output, targets, weights: _one_label(
            output.logits, targets, weights, class_weights
        )
    if isinstance(task, ExtractionTask):
        return lambda output, targets, _: functional.cross_entropy(
            output.logits.transpose(1, 2), targets, ignore_index=IGNORED
        )
    return _span


def balanced_weights(
    task: ClassificationTask, examples: Sequence[ClassificationExample]
) -> torch.Tensor:
    """(labels,) weights that make every class, or every label's two sides, count the same."""
    present = np.array([[label in e.labels for label in task.labels] for e in examples])
    counts = np.maximum(present.sum(0), 1)
    if task.multi_label:
        return torch.tensor((len(examples) - counts) / counts, dtype=torch.float32).clamp(min=1e-3)
    return torch.tensor(len(examples) / (len(task.labels) * counts), dtype=torch.float32)


def _one_label(
    logits: torch.Tensor,
    targets: torch.Tensor,
    weights: torch.Tensor,
    class_weights: torch.Tensor | None,
) -> torch.Tensor:
    if class_weights is not None:
        weights = weights * class_weights[targets]
    return _average(functional.cross_entropy(logits, targets, reduction="none"), weights)


def _span(output: Any, targets: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    start = functional.cross_entropy(output.start_logits, targets[:, 0], reduction="none")
    end = functional.cross_entropy(output.end_logits, targets[:, 1], reduction="none")
    return _average((start + end) / 2, weights)


def _average(losses: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    return (losses * weights).sum() / weights.sum()

"""The loss of each regime."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from burnish.tasks import Task
from burnish.tasks.examples import Example
from burnish.tasks.regimes import IGNORED, Regime, task_regime

from ..evaluation.tree_losses import tree_losses

__all__ = ["Loss", "balanced_weights", "loss_for"]


_SMOOTHING = 0.1
"""Of the tokens to write (Vaswani et al. 2017, section 5.4): at most places several are right."""


@dataclass(frozen=True, slots=True)
class Loss:
    """A mean over a batch with its total weight, so that the means of parts can be combined."""

    mean: Callable[[Any, torch.Tensor, torch.Tensor], torch.Tensor]
    """From a model's output, targets and window weights (batch,) to a scalar."""
    weight: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
    """From targets and window weights to the scalar that ``mean`` divides by."""

    def __call__(self, output: Any, targets: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
        """The mean."""
        return self.mean(output, targets, weights)


def loss_for(task: Task, class_weights: torch.Tensor | None = None) -> Loss:
    """The task's loss.

    Args:
        task: the task.
        class_weights: (labels,) for labelled texts: weights of each class, or, with several
            labels, of each label's presence.
    """
    match task_regime(task):
        case Regime.ONE_LABEL:
            return _one_label(class_weights)
        case Regime.SEVERAL_LABELS:
            return _several_labels(class_weights)
        case Regime.PATH | Regime.BRANCHES:
            return Loss(
                lambda output, targets, weights: _average(
                    tree_losses(task, output.logits, targets), weights
                ),
                _window_weight,
            )
        case Regime.TAGS:
            return Loss(_tags, lambda targets, _: (targets != IGNORED).sum())
        case Regime.SPAN:
            return Loss(_span, _window_weight)
        case Regime.MARKS:
            return Loss(_marks, lambda targets, _: (targets != IGNORED).sum())
        case Regime.NUMBER:
            return Loss(_squared_error, _window_weight)
        case Regime.WRITTEN:
            return Loss(_written, lambda targets, _: (targets != IGNORED).sum())


def balanced_weights(task: Task, examples: Sequence[Example]) -> torch.Tensor:
    """(labels,) weights that balance the classes, or each label's presence and absence."""
    present = np.array([[label in e.class_names for label in task.output_labels] for e in examples])
    counts = np.maximum(present.sum(0), 1)
    if task.several_labels:
        return torch.tensor((len(examples) - counts) / counts, dtype=torch.float32).clamp(min=1e-3)
    return torch.tensor(len(examples) / (len(task.output_labels) * counts), dtype=torch.float32)


def _one_label(class_weights: torch.Tensor | None) -> Loss:
    return Loss(
        lambda output, targets, weights: _average(
            functional.cross_entropy(output.logits, targets, reduction="none"),
            _of_class(targets, weights, class_weights),
        ),
        lambda targets, weights: _of_class(targets, weights, class_weights).sum(),
    )


def _several_labels(class_weights: torch.Tensor | None) -> Loss:
    return Loss(
        lambda output, targets, weights: _average(
            functional.binary_cross_entropy_with_logits(
                output.logits, targets, pos_weight=class_weights, reduction="none"
            ).sum(-1),
            weights,
        ),
        _window_weight,
    )


def _of_class(
    targets: torch.Tensor, weights: torch.Tensor, class_weights: torch.Tensor | None
) -> torch.Tensor:
    return weights if class_weights is None else weights * class_weights[targets]


def _window_weight(_: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    return weights.sum()


def _tags(output: Any, targets: torch.Tensor, _: torch.Tensor) -> torch.Tensor:
    return functional.cross_entropy(output.logits.transpose(1, 2), targets, ignore_index=IGNORED)


def _written(output: Any, targets: torch.Tensor, _: torch.Tensor) -> torch.Tensor:
    return functional.cross_entropy(
        output.logits.transpose(1, 2),
        targets,
        ignore_index=IGNORED,
        label_smoothing=_SMOOTHING,
    )


def _span(output: Any, targets: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    start = functional.cross_entropy(output.start_logits, targets[:, 0], reduction="none")
    end = functional.cross_entropy(output.end_logits, targets[:, 1], reduction="none")
    return _average((start + end) / 2, weights)


def _marks(output: Any, targets: torch.Tensor, _: torch.Tensor) -> torch.Tensor:
    known = targets != IGNORED
    return functional.binary_cross_entropy_with_logits(
        output.logits.squeeze(-1)[known], targets[known]
    )


def _squared_error(output: Any, targets: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    return _average((output.logits.squeeze(-1) - targets) ** 2, weights)


def _average(losses: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    return (losses * weights).sum() / weights.sum()

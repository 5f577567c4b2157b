"""The loss on validation: a finer measure than the score where rows are few.

It also tells two models apart that answer the same rows right, by how sure they were.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from burnish.arrays import DoubleArray
from burnish.tasks import Task
from burnish.tasks.answered import Logits
from burnish.tasks.encoded import EncodedRows
from burnish.tasks.heads import Head
from burnish.tasks.scores import log_softmax, window_mean

from .ridge import score_targets
from .scoring import label_targets
from .tree_losses import tree_losses

__all__ = ["validation_loss"]


def validation_loss(
    task: Task, rows: EncodedRows, logits: Logits, class_weights: torch.Tensor | None = None
) -> float:
    """The mean loss of a task whose model answers for an input as a whole (`Head.of_windows`).

    Args:
        task: the model's.
        rows: encoded, with their labels.
        logits: one array per window, by row.
        class_weights: (labels,) as in training.
    """
    outputs = _means(logits)
    if task.head is Head.SCORE:
        return float(((outputs[:, 0] - score_targets(task, rows)) ** 2).mean())
    if task.tree is not None:
        own = np.stack(
            [task.targets(*each)[0] for each in zip(rows.examples, rows.encodings, strict=True)]
        )
        losses = tree_losses(task, torch.from_numpy(outputs), torch.from_numpy(own).double())
        return float(losses.mean())
    targets = label_targets(task, rows)
    weights = None if class_weights is None else class_weights.numpy().astype(np.float64)
    if targets.ndim > 1:
        present = np.ones(targets.shape[1]) if weights is None else weights
        return float(_binary(outputs, targets * present, ~targets).sum(1).mean())
    of_row = np.ones(len(targets)) if weights is None else weights[targets]
    log_p = log_softmax(outputs)[np.arange(len(targets)), targets]
    return float(-(of_row * log_p).sum() / of_row.sum())


def _means(logits: Logits) -> DoubleArray:
    return np.stack([window_mean(windows) for windows in logits]).astype(np.float64)


def _binary(
    outputs: DoubleArray, present: npt.NDArray[Any], absent: npt.NDArray[Any]
) -> DoubleArray:
    """(rows, labels) cross-entropy of a choice for each label, with weights for either side."""
    losses: DoubleArray = present * np.logaddexp(0, -outputs) + absent * np.logaddexp(0, outputs)
    return losses

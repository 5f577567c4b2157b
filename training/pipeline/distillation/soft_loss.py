"""The loss of a student: its distance to the teacher's answers, and to the rows' own labels.

A window's target has both, packed into one array of float32, by regime:

=================  ===============  ============================================================
one label          (1 + labels,)    the label's index or ``NOT_KNOWN``, the teacher's logits
several labels     (2, labels)      whether the text has each or ``NOT_KNOWN``; teacher's logits
tags               (n, 1 + tags)    each token's tag, ``NOT_KNOWN`` or ``IGNORED``; its logits
span               (n, 4)           teacher's logits of start and end; 1 where they truly are
number             (2,)             the score or NaN; the teacher's
path, branches     (2, labels)      as in training or ``NOT_KNOWN``; the teacher's probabilities
=================  ===============  ============================================================

Padding is ``IGNORED``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeAlias

import torch
from torch.nn import functional

from burnish.recipe.distilling import DistillSection
from burnish.tasks import Task
from burnish.tasks.regimes import IGNORED, Regime, task_regime

from ...evaluation.tree_losses import tree_losses
from ...loop.loss import Loss
from .hidden_states import StateDistance

__all__ = ["NOT_KNOWN", "soft_loss"]

NOT_KNOWN = -1
"""In place of a label: the text has none on record."""

_Output: TypeAlias = Any
_Parts: TypeAlias = tuple[torch.Tensor, torch.Tensor, torch.Tensor]
"""(units,) losses to the teacher, losses to the own label, and whether there is one."""


def soft_loss(
    task: Task,
    settings: DistillSection,
    class_weights: torch.Tensor | None = None,
    states: StateDistance | None = None,
) -> Loss:
    """The loss of packed targets.

    The distance to the teacher is the Kullback-Leibler divergence of the softened answers, times
    the square of the temperature, so that its gradients are as large as those of the own labels
    whatever the temperature (Hinton et al. 2015, section 2.1).

    Args:
        task: the student's.
        settings: temperature, the share of the own labels, and the weight of hidden states.
        class_weights: (labels,) of the own labels' loss.
        states: their distance from the teacher's, where they are taught.
    """
    regime = task_regime(task)
    parts = _PARTS[regime] if task.tree is None else partial(_tree, task)

    def mean(output: _Output, targets: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
        soft, hard, known = parts(output, targets, settings.temperature, class_weights)
        share = settings.own_labels * known
        losses = (1 - share) * soft + share * hard
        if states is not None:
            apart = settings.hidden_states * states.take()
            losses = losses + apart.reshape(-1, *[1] * (losses.dim() - 1))
        units = _units(regime, targets, weights)
        return (losses * units).sum() / units.sum()

    return Loss(mean, lambda targets, weights: _units(regime, targets, weights).sum())


def _units(regime: Regime, targets: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """The weights of what a loss is the mean of: windows, or tokens."""
    of_tokens = regime in (Regime.TAGS, Regime.MARKS)
    return (targets[..., 0] != IGNORED).float() if of_tokens else weights


def _one_label(
    output: _Output,
    targets: torch.Tensor,
    temperature: float,
    class_weights: torch.Tensor | None,
) -> _Parts:
    own, told = targets[:, 0].long(), targets[:, 1:]
    known = own != NOT_KNOWN
    index = own.clamp(min=0)
    hard = functional.cross_entropy(output.logits, index, reduction="none")
    if class_weights is not None:
        hard = hard * class_weights[index]
    return _divergence(output.logits, told, temperature), hard, known.float()


def _several_labels(
    output: _Output,
    targets: torch.Tensor,
    temperature: float,
    class_weights: torch.Tensor | None,
) -> _Parts:
    own, told = targets[:, 0], targets[:, 1]
    known = (own != NOT_KNOWN).all(-1)
    hard = functional.binary_cross_entropy_with_logits(
        output.logits, own.clamp(min=0), pos_weight=class_weights, reduction="none"
    )
    soft = _of_choices(output.logits, told, temperature).sum(-1)
    return soft, hard.sum(-1), known.float()


def _tree(
    task: Task,
    output: _Output,
    targets: torch.Tensor,
    temperature: float,
    _: torch.Tensor | None,
) -> _Parts:
    own, told = targets[:, 0], targets[:, 1]
    known = (own != NOT_KNOWN).any(-1)
    soft = temperature**2 * tree_losses(task, output.logits / temperature, told)
    return soft, tree_losses(task, output.logits, own), known.float()


def _tags(
    output: _Output, targets: torch.Tensor, temperature: float, _: torch.Tensor | None
) -> _Parts:
    own, told = targets[..., 0].long(), targets[..., 1:]
    counted = own != IGNORED
    told = torch.where(counted.unsqueeze(-1), told, 0.0)
    index = own.clamp(min=0)
    hard = functional.cross_entropy(output.logits.transpose(1, 2), index, reduction="none")
    return _divergence(output.logits, told, temperature), hard, (own >= 0).float()


def _marks(
    output: _Output, targets: torch.Tensor, temperature: float, _: torch.Tensor | None
) -> _Parts:
    own, told = targets[..., 0], targets[..., 1]
    given = output.logits.squeeze(-1)
    hard = functional.binary_cross_entropy_with_logits(given, own.clamp(min=0), reduction="none")
    soft = _of_choices(given, told, temperature)
    return soft, hard, (own >= 0).float()


def _span(
    output: _Output, targets: torch.Tensor, temperature: float, _: torch.Tensor | None
) -> _Parts:
    padding = targets[..., 0] == IGNORED
    soft, hard = [], []
    for place, logits in enumerate((output.start_logits, output.end_logits)):
        student = logits.masked_fill(padding, torch.finfo(logits.dtype).min)
        told = targets[..., place].masked_fill(padding, torch.finfo(logits.dtype).min)
        soft.append(_divergence(student, told, temperature))
        truth = targets[..., 2 + place].clamp(min=0)
        hard.append(-(truth * functional.log_softmax(student, -1)).sum(-1))
    known = (targets[..., 2] == 1).any(-1)
    return (soft[0] + soft[1]) / 2, (hard[0] + hard[1]) / 2, known.float()


def _number(output: _Output, targets: torch.Tensor, _: float, __: torch.Tensor | None) -> _Parts:
    given = output.logits.squeeze(-1)
    known = ~targets[:, 0].isnan()
    own = targets[:, 0].nan_to_num()
    return (given - targets[:, 1]) ** 2, (given - own) ** 2, known.float()


_PARTS: Mapping[Regime, Callable[..., _Parts]] = {
    Regime.ONE_LABEL: _one_label,
    Regime.SEVERAL_LABELS: _several_labels,
    Regime.TAGS: _tags,
    Regime.SPAN: _span,
    Regime.NUMBER: _number,
    Regime.MARKS: _marks,
}


def _of_choices(student: torch.Tensor, teacher: torch.Tensor, temperature: float) -> torch.Tensor:
    """The divergence of each softened choice of yes or no, times the temperature's square."""
    own, told = student / temperature, teacher / temperature
    given = functional.binary_cross_entropy_with_logits(own, told.sigmoid(), reduction="none")
    least = functional.binary_cross_entropy_with_logits(told, told.sigmoid(), reduction="none")
    return temperature**2 * (given - least)  # the entropy, which no student can go below


def _divergence(student: torch.Tensor, teacher: torch.Tensor, temperature: float) -> torch.Tensor:
    """Of the softened answers, over the last dimension, times the temperature's square."""
    log_p = functional.log_softmax(teacher / temperature, -1)
    log_q = functional.log_softmax(student / temperature, -1)
    found: torch.Tensor = temperature**2 * (log_p.exp() * (log_p - log_q)).sum(-1)
    return found

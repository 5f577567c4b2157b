"""Losses of labels in a tree, for targets of a row or of a teacher."""

from __future__ import annotations

import torch
from torch.nn import functional

from burnish.tasks import Task
from burnish.tasks.regimes import Regime, task_regime
from burnish.tasks.tree import LabelTree

__all__ = ["tree_losses"]


def tree_losses(task: Task, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """(batch,) cross-entropy of the labels of a tree.

    ``conditional`` is that of each label given its parent, so that the losses along a path add up
    to its own (Redmon & Farhadi 2017, "YOLO9000"; compared with others for texts by Plaud et al.
    2024, "Revisiting Hierarchical Text Classification: Inference and Metrics"). ``flat`` is that of
    the leaves, or of each label by itself. ``levels`` is conditional, and a label counts half as
    much as its parent, as weights by height do in Bertinetto et al. (2020), "Making Better
    Mistakes".

    Args:
        task: with a tree.
        logits: (batch, n).
        targets: (batch, n) the probability of each label, 0 or 1 of a row's own; below 0 where it
            is not known.
    """
    tree = task.tree
    assert tree is not None  # noqa: S101  asked only of such tasks
    one_path = task_regime(task) is Regime.PATH
    if task.tree_loss == "flat":
        return _leaves(tree, logits, targets) if one_path else _each(logits, targets)
    weights = torch.ones(len(tree.labels), dtype=logits.dtype)
    if task.tree_loss == "levels":
        weights = 0.5 ** (torch.from_numpy(tree.level).to(logits.dtype) - 1)
    terms = _siblings(tree, logits, targets) if one_path else _given_parent(tree, logits, targets)
    return (terms * weights.to(logits.device)).sum(-1)


def _siblings(tree: LabelTree, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """(batch, n) of the choice of each label of the path among its siblings."""
    log_p = torch.empty_like(logits)
    for family in tree.families:
        places = torch.from_numpy(family).to(logits.device)
        log_p[:, places] = functional.log_softmax(logits[:, places], -1)
    return -(targets * log_p)


def _leaves(tree: LabelTree, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """(batch,) of the end of the path, which has all leaves under it."""
    leaf = torch.from_numpy(tree.leaf).to(logits.device)
    log_p = torch.full_like(logits, -torch.inf)
    log_p[:, leaf] = functional.log_softmax(logits[:, leaf], -1)
    columns = list(log_p.unbind(-1))
    ending = list(targets.unbind(-1))
    for family in reversed(tree.families[1:]):
        over = int(tree.parent[family[0]])
        columns[over] = torch.logsumexp(torch.stack([columns[at] for at in family.tolist()]), 0)
        ending[over] = targets[:, over] - targets[:, torch.from_numpy(family)].sum(-1)
    terms = [share * column for share, column in zip(ending, columns, strict=True)]
    return -torch.stack(terms, -1).sum(-1)


def _given_parent(tree: LabelTree, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """(batch, n) of each label where its parent holds."""
    over = torch.from_numpy(tree.parent).to(logits.device)
    parent = torch.where(over < 0, torch.ones_like(targets), targets[:, over.clamp(min=0)])
    known = (targets >= 0) & (parent > 0)
    present = torch.where(known, targets, torch.zeros_like(targets))
    absent = torch.where(known, (parent - targets).clamp(min=0), torch.zeros_like(targets))
    return present * functional.softplus(-logits) + absent * functional.softplus(logits)


def _each(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """(batch,) of every label by itself."""
    losses = functional.binary_cross_entropy_with_logits(
        logits, targets.clamp(min=0), reduction="none"
    )
    return (losses * (targets >= 0)).sum(-1)

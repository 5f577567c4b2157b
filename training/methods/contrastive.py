"""Contrastive tuning: texts of one class are drawn together, those of others pushed apart.

SetFit (Tunstall et al. 2022, "Efficient Few-Shot Learning Without Prompts") encodes both sides of
every sampled pair. Here a batch is encoded once, and every pair within it counts, which for the
same pairs is many times cheaper.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal, cast

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from transformers.modeling_outputs import BaseModelOutputWithPooling

from burnish.torch_models.build import head_module

from ..loop.loss import Loss

__all__ = ["ClassGroupedBatches", "ContrastiveLoss", "VectorModel", "contrastive_loss"]

ContrastiveLoss = Literal["supervised", "cosine"]

_CHUNK = 16
"""Windows of like length that are encoded at once; a batch mixes short and long ones."""


class ClassGroupedBatches:
    """Batches with several rows per class, and rows of other classes.

    Args:
        classes: of every row.
        batch_size: rows a batch, about; batches of one epoch differ by one group at most.
        group_size: rows of one class that stay together, at most.
        oversampling: every class has as many rows a pass as the largest; else each row once.
        least: batches of an epoch, which takes as many passes over the rows as that needs.
        seed: decides the order, with the number of the epoch.
    """

    def __init__(
        self,
        classes: Sequence[int],
        *,
        batch_size: int,
        group_size: int,
        oversampling: bool,
        least: int = 1,
        seed: int,
    ) -> None:
        values = np.asarray(classes)
        self._rows = [np.flatnonzero(values == each) for each in np.unique(values)]
        largest = max(len(rows) for rows in self._rows)
        self._drawn = [largest if oversampling else len(rows) for rows in self._rows]
        self._group_size = group_size
        self._seed = seed
        groups = sum(math.ceil(rows / group_size) for rows in self._drawn)
        self._batches = math.ceil(groups / max(2, batch_size // group_size))
        self._passes = math.ceil(least / self._batches)

    def __len__(self) -> int:
        return self._batches * self._passes

    def of_epoch(self, epoch: int) -> list[list[int]]:
        """An epoch's batches: the same for the same seed and epoch."""
        first = epoch * self._passes
        return [batch for n in range(first, first + self._passes) for batch in self._of_pass(n)]

    def _of_pass(self, number: int) -> list[list[int]]:
        rng = np.random.default_rng((self._seed, number))
        groups: list[Any] = []
        places: list[float] = []
        for rows, drawn in zip(self._rows, self._drawn, strict=True):
            rounds = math.ceil(drawn / len(rows))
            order = np.concatenate([rng.permutation(rows) for _ in range(rounds)])[:drawn]
            parts = np.array_split(order, math.ceil(drawn / self._group_size))
            groups += parts
            # Evenly over the pass: no batch is without a class that others are full of.
            places += ((np.arange(len(parts)) + rng.random(len(parts))) / len(parts)).tolist()
        batches = np.array_split(np.argsort(places), self._batches)
        chosen = [[row for i in batch for row in groups[i].tolist()] for batch in batches]
        return [chosen[index] for index in rng.permutation(len(chosen)).tolist()]


class VectorModel(nn.Module):
    """A classifier without its last linear layer: it gives the vectors that this layer sees.

    The classifier's parameters are its own; its head takes no gradient. :meth:`close` frees it.
    """

    def __init__(self, classifier: nn.Module) -> None:
        super().__init__()
        self.module = classifier
        self._seen: list[torch.Tensor] = []
        _, head = head_module(classifier)
        head.requires_grad_(False)
        self._hook = head.register_forward_pre_hook(self._see)

    @property
    def config(self) -> Any:
        """The classifier's configuration."""
        return self.module.config

    def forward(self, **inputs: torch.Tensor) -> BaseModelOutputWithPooling:
        """Vectors (batch, hidden) as ``pooler_output``, each chunk without needless padding."""
        lengths = inputs["attention_mask"].sum(1)
        order = torch.argsort(lengths)
        self._seen.clear()
        for chunk in torch.split(order, _CHUNK):
            longest = int(lengths[chunk].max())
            self.module(**{name: each[chunk, :longest] for name, each in inputs.items()})
        vectors = torch.cat(self._seen)[torch.argsort(order)]
        self._seen.clear()
        return BaseModelOutputWithPooling(pooler_output=cast(torch.FloatTensor, vectors))

    def close(self) -> None:
        """Leave the classifier as it was: nobody watches it, and its head may be trained."""
        self._hook.remove()
        _, head = head_module(self.module)
        head.requires_grad_(True)

    def _see(self, _: nn.Module, given: tuple[torch.Tensor, ...]) -> None:
        self._seen.append(given[0])


def contrastive_loss(kind: ContrastiveLoss, *, temperature: float) -> Loss:
    """A loss over all pairs of a batch's vectors.

    Args:
        kind: ``supervised`` is the supervised contrastive loss of Khosla et al. 2020 (eq. 2,
            each text's partners outside the logarithm); ``cosine`` is SetFit's, the squared
            difference of cosine similarity and 1 (same class) or 0, positives and negatives
            weighing the same.
        temperature: of ``supervised``; smaller ones heed the nearest wrong texts more.
    """
    compare: Callable[..., torch.Tensor]
    compare = _cosine if kind == "cosine" else _supervised

    def loss(output: Any, targets: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
        vectors = functional.normalize(output.pooler_output, dim=-1)
        others = ~torch.eye(len(targets), dtype=torch.bool, device=targets.device)
        same = targets[:, None] == targets[None]
        return compare(vectors @ vectors.T, same, others, weights, temperature)

    return Loss(loss, lambda _, weights: weights.sum())


def _supervised(
    similarity: torch.Tensor,
    same: torch.Tensor,
    others: torch.Tensor,
    weights: torch.Tensor,
    temperature: float,
) -> torch.Tensor:
    least = torch.finfo(similarity.dtype).min  # not -inf: a row may be alone in its batch
    scaled = (similarity / temperature).masked_fill(~others, least)
    surprise = torch.logsumexp(scaled, 1, keepdim=True) - similarity / temperature
    partners = same & others
    count = partners.sum(1)
    weights = weights * (count > 0)  # a row alone in its class is a wrong text to the others
    each = (surprise * partners).sum(1) / count.clamp(min=1)
    return (each * weights).sum() / weights.sum().clamp(min=torch.finfo(weights.dtype).tiny)


def _cosine(
    similarity: torch.Tensor,
    same: torch.Tensor,
    others: torch.Tensor,
    weights: torch.Tensor,
    _: float,
) -> torch.Tensor:
    errors = (similarity - same.to(similarity.dtype)) ** 2
    pairs = weights[:, None] * weights[None]
    sides = [pairs * (same & others), pairs * ~same]
    means = [(errors * side).sum() / side.sum() for side in sides if side.sum() > 0]
    return torch.stack(means).mean() if means else errors.sum() * 0

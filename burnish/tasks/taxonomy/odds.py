"""How likely each label of a tree is, from a model's logits; a child never more than its parent."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from burnish.arrays import DoubleArray
from burnish.tasks.scores import log_softmax
from burnish.tasks.tree import LabelTree

__all__ = ["branch_odds", "path_odds"]

_SUREST = -1e-12
"""Of a log probability: log odds stay finite."""


def path_odds(tree: LabelTree, logits: npt.NDArray[np.floating], *, flat: bool) -> DoubleArray:
    """Log odds that each label lies on the one path of a text.

    Args:
        tree: of the labels.
        logits: (…, n).
        flat: whether the logits choose between the leaves, and a label has the sum of those under
            it; else they choose between siblings, and a label has the product along its path.

    Returns:
        (…, n).
    """
    doubles: DoubleArray = logits.astype(np.float64)
    if flat:
        log_p = np.full(doubles.shape, -np.inf)
        log_p[..., tree.leaf] = log_softmax(doubles[..., tree.leaf])
        for children in reversed(tree.families[1:]):  # the deepest parents come last
            over = tree.parent[children[0]]
            log_p[..., over] = np.logaddexp.reduce(log_p[..., children], axis=-1)
    else:
        log_p = _among_siblings(tree, doubles)
        _multiply_down(tree, log_p)
    return _log_odds(log_p)


def branch_odds(tree: LabelTree, logits: npt.NDArray[np.floating], *, flat: bool) -> DoubleArray:
    """Log odds that each label holds of a text that may have several.

    Args:
        tree: of the labels.
        logits: (…, n).
        flat: whether each logit is a label's own, and no label is likelier than its parent; else it
            is that of the label where its parent holds, and a label has the product along its path.

    Returns:
        (…, n).
    """
    odds = logits.astype(np.float64)
    if flat:
        for places in tree.levels[1:]:
            odds[..., places] = np.minimum(odds[..., places], odds[..., tree.parent[places]])
        return odds
    log_p = -np.logaddexp(0, -odds)
    _multiply_down(tree, log_p)
    return _log_odds(log_p)


def _among_siblings(tree: LabelTree, logits: DoubleArray) -> DoubleArray:
    """(…, n) log probability of each label among those with its parent."""
    sizes = np.array([len(family) for family in tree.families])
    order, starts = np.concatenate(tree.families), np.cumsum(sizes) - sizes
    ranked = logits[..., order]
    most = np.maximum.reduceat(ranked, starts, axis=-1)
    ranked = ranked - np.repeat(most, sizes, axis=-1)
    total = np.add.reduceat(np.exp(ranked), starts, axis=-1)
    log_p: DoubleArray = np.empty_like(logits)
    log_p[..., order] = ranked - np.repeat(np.log(total), sizes, axis=-1)
    return log_p


def _multiply_down(tree: LabelTree, log_p: DoubleArray) -> None:
    for places in tree.levels[1:]:
        log_p[..., places] += log_p[..., tree.parent[places]]


def _log_odds(log_p: DoubleArray) -> DoubleArray:
    sure = np.minimum(log_p, _SUREST)
    found: DoubleArray = sure - np.log(-np.expm1(sure))
    return found

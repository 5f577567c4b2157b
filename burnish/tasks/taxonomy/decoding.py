"""From scores to answers: which labels of a tree are given."""

from __future__ import annotations

import numpy as np

from burnish.arrays import DoubleArray
from burnish.tasks.taxonomy.prediction import Branches, BranchScore
from burnish.tasks.taxonomy.statistics import BoolArray
from burnish.tasks.tree import LabelTree
from burnish.tasks.windows import Encoding

__all__ = ["choose_branches", "choose_path", "make_answer"]


def choose_branches(tree: LabelTree, scores: DoubleArray, least: DoubleArray) -> BoolArray:
    """(…, n) the labels that reach their thresholds together with all that they lie under.

    Args:
        tree: of the labels.
        scores: (…, n) probabilities.
        least: (n,) thresholds.
    """
    return tree.top_down(scores >= least)


def choose_path(tree: LabelTree, scores: DoubleArray, least: DoubleArray) -> BoolArray:
    """(…, n) the path to the likeliest leaf, down to its last label that reaches its threshold.

    The root is always given. The arguments are those of ``choose_branches``.
    """
    path = np.zeros(scores.shape, dtype=np.bool_)
    rows = path.reshape(-1, len(tree.labels))
    at = np.atleast_1d(np.where(tree.leaf, scores, -1.0).argmax(-1)).ravel()
    for _ in range(len(tree.levels)):
        below_top = at >= 0
        rows[np.flatnonzero(below_top), at[below_top]] = True
        at = np.where(below_top, tree.parent[at], -1)
    return tree.top_down(path & ((scores >= least) | (tree.parent < 0)))


def make_answer(
    tree: LabelTree,
    scores: DoubleArray,
    chosen: BoolArray,
    *,
    abstain_below: float,
    encoding: Encoding,
) -> Branches:
    """The answer of (n,) scores and (n,) whether each label is given.

    A label that is given with a score below ``abstain_below`` is marked.
    """
    ends = tree.ends(chosen)
    order = np.argsort(-scores, kind="stable")  # among equals a parent comes before its children
    columns = (scores, chosen & (scores < abstain_below), tree.leaf)
    ranked = [
        BranchScore(tree.labels[at], score, unsure, tree.paths[at], leaf)
        for at, score, unsure, leaf in zip(
            order.tolist(), *(each[order].tolist() for each in columns), strict=True
        )
    ]
    return Branches(
        labels=tuple(
            e.label for e, is_given in zip(ranked, chosen[order], strict=True) if is_given
        ),
        scores=tuple(ranked),
        ends=tuple(e for e, is_end in zip(ranked, ends[order], strict=True) if is_end),
        tokens=encoding.tokens,
        windows=len(encoding.windows),
    )

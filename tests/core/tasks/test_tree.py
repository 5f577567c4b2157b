"""Trees of labels: order, paths, closed sets, distances and cycles."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from burnish.tasks.tree import LabelTree

TREE = LabelTree({"oak": "tree", "tree": "plant", "plant": None, "moss": "plant", "dog": "animal"})
"""plant: moss, tree: oak; animal: dog. ``animal`` has no entry of its own."""


def names(marks: np.ndarray) -> set[str]:
    return {TREE.labels[at] for at in np.flatnonzero(marks)}


@st.composite
def trees(draw: st.DrawFn) -> LabelTree:
    """Trees of 1 to 12 labels in which each parent has a lower number."""
    size = draw(st.integers(1, 12))
    parents: dict[str, str | None] = {"n0": None}
    for at in range(1, size):
        up = draw(st.integers(-1, at - 1))
        parents[f"n{at}"] = None if up < 0 else f"n{up}"
    return LabelTree(parents)


def test_a_label_stands_behind_its_parent_and_siblings_by_name() -> None:
    assert TREE.labels == ("animal", "dog", "plant", "moss", "tree", "oak")
    assert TREE.parent.tolist() == [-1, 0, -1, 2, 2, 4]
    assert TREE.level.tolist() == [1, 2, 1, 2, 2, 3]
    assert names(TREE.leaf) == {"dog", "moss", "oak"}
    assert [names(np.isin(np.arange(6), each)) for each in TREE.families] == [
        {"animal", "plant"},
        {"dog"},
        {"moss", "tree"},
        {"oak"},
    ]


def test_a_path_goes_down_from_the_root() -> None:
    assert TREE.path("oak") == ("plant", "tree", "oak")
    assert TREE.path("animal") == ("animal",)


def test_closed_sets_their_ends_and_what_lies_under_them() -> None:
    closed = TREE.closed(["oak", "moss", "unheard of"])
    assert names(closed) == {"oak", "tree", "plant", "moss"}
    assert names(TREE.ends(closed)) == {"oak", "moss"}
    assert names(TREE.below(TREE.ends(TREE.closed(["plant"])))) == {"moss", "tree", "oak"}
    given = np.isin(TREE.labels, ["oak", "plant", "dog"])
    assert names(TREE.top_down(given)) == {"plant"}


def test_distances_go_by_the_lowest_common_ancestor() -> None:
    assert TREE.distance("oak", "oak") == 0
    assert TREE.distance("oak", "tree") == 1
    assert TREE.distance("oak", "moss") == 3
    assert TREE.distance("dog", "moss") == 4


def test_only_the_branches_of_some_labels_are_kept() -> None:
    assert TREE.kept(["tree"]).labels == ("plant", "tree")
    assert TREE.kept([]).labels == ()


@pytest.mark.parametrize(
    ("parents", "cycle"),
    [
        ({"a": "a"}, "a -> a"),
        ({"root": None, "a": "b", "b": "c", "c": "a"}, "a -> b -> c -> a"),
        ({"a": "b", "b": "c", "c": "b"}, "b -> c -> b"),
    ],
)
def test_a_cycle_is_named(parents: dict[str, str | None], cycle: str) -> None:
    with pytest.raises(ValueError, match=f"cycle: {cycle}$"):
        LabelTree(parents)


@given(trees())
def test_the_parts_of_a_tree_agree(tree: LabelTree) -> None:
    assert LabelTree(tree.parents).labels == tree.labels
    everything = np.sort(np.concatenate(tree.families)).tolist()
    assert everything == np.sort(np.concatenate(tree.levels)).tolist() == [*range(len(tree.labels))]
    for label in tree.labels:
        closed = tree.closed([label])
        assert {tree.labels[at] for at in np.flatnonzero(closed)} == set(tree.path(label))
        assert [tree.labels[at] for at in np.flatnonzero(tree.ends(closed))] == [label]
        assert tree.level[tree.index[label]] == len(tree.path(label))

"""The rows of the benchmark of labels in a tree."""

from __future__ import annotations

from pathlib import Path

from benchmarks.taxonomies import by_first_word, lifted


def test_labels_with_one_first_word_lie_under_it() -> None:
    parents = by_first_word(Path(), ["card_lost", "card_late", "refund_late"])
    assert parents == {"card_lost": "card …", "card_late": "card …", "refund_late": None}


def test_a_share_of_the_rows_names_the_parent_alone() -> None:
    parents = {"elm": "tree", "tree": None, "dog": None}
    rows = [{"text": str(at), "label": ("elm", "dog")[at % 2]} for at in range(400)]
    found = [row["label"] for row in lifted(rows, parents, 0.3)]
    assert 40 < found.count("tree") < 80
    assert found.count("dog") == 200
    assert [row["label"] for row in lifted(rows, parents, 0.0)] == [row["label"] for row in rows]
    several = lifted([{"text": "x", "labels": ["elm", "tree"]}] * 50, parents, 1.0)
    assert {tuple(row["labels"]) for row in several} == {("tree",)}

"""Draws of a few rows a class."""

from __future__ import annotations

from benchmarks.few_shot import draw_rows

_ROWS = [{"text": f"text {i}", "label": "ab"[i % 7 == 0]} for i in range(30)]


def test_a_draw_has_so_many_rows_a_class_and_all_of_a_rarer_one() -> None:
    labels = [row["label"] for row in draw_rows(_ROWS, 8, seed=1)]

    assert (labels.count("a"), labels.count("b")) == (8, 5)


def test_a_draw_is_of_its_seed_alone() -> None:
    assert draw_rows(_ROWS, 8, seed=1) == draw_rows(_ROWS, 8, seed=1)
    assert draw_rows(_ROWS, 8, seed=1) != draw_rows(_ROWS, 8, seed=2)

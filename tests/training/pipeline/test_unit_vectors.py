"""Where a new classifier reads vectors of the length 1."""

from __future__ import annotations

import pytest

from burnish.training import load_run_model, train
from burnish.training.data.splits import make_task
from burnish.training.methods.method import FEW_ROWS
from burnish.training.pipeline.preparation import prepare
from burnish.training.pipeline.setup import build_for


def _normalized(recipe, rows):
    base, split, recipe = prepare(recipe)
    return build_for(base, make_task(recipe, split, base), recipe, rows=rows, seed=1).normalized


@pytest.mark.parametrize(
    ("kind", "pooling", "rows", "expected"),
    [
        ("several", "mean", 100, True),
        ("several", "mean", FEW_ROWS, False),
        ("several", "cls", 100, False),
        ("several", "native", 100, False),
        ("one", "mean", 100, False),
    ],
)
def test_few_rows_with_several_labels_are_read_from_the_direction_of_their_mean(
    make_recipe, kind, pooling, rows, expected
) -> None:
    assert _normalized(make_recipe(kind, pooling=pooling), rows) is expected


@pytest.mark.parametrize("method", ["full", "head", "lora", "adapters", "prefix"])
def test_a_run_is_loaded_with_the_vectors_that_it_was_tuned_with(make_recipe, method) -> None:
    recipe = make_recipe("several", method=method, pooling="mean", train={"epochs": 1})
    assert bool(load_run_model(train(recipe)).normalized)

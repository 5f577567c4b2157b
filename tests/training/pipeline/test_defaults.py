"""The table behind ``auto``."""

from __future__ import annotations

from dataclasses import replace

import pytest

from burnish.torch_models.base import resolve_base
from burnish.training.pipeline.defaults import resolve_recipe


@pytest.mark.parametrize(
    ("kind", "method", "hidden_size", "rate"),
    [
        ("one", "full", 128, 5e-5),
        ("one", "full", 384, 5e-5),
        ("one", "full", 768, 1.3e-5),
        ("one", "lora", 384, 8e-4),
        ("one", "lora", 768, 4e-4),
        ("extraction", "full", 384, 3e-4),
        ("extraction", "full", 768, 7.5e-5),
        ("extraction", "lora", 768, 1e-3),
        ("qa", "full", 1024, 2.8e-5),
    ],
)
def test_auto_is_the_tables_rate_and_less_for_a_wider_model(
    make_recipe, bert, kind, method, hidden_size, rate
) -> None:
    recipe = make_recipe(kind, method=method, train={"learning_rate": "auto"})
    base = replace(resolve_base(str(bert)), hidden_size=hidden_size)

    assert resolve_recipe(recipe, base, rows=100).train.learning_rate == pytest.approx(rate)

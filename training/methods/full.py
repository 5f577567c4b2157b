"""Full fine-tuning: every weight is trained, those of the word embeddings if asked to."""

from __future__ import annotations

from typing import Any

from torch import nn

from burnish.recipe.recipe import Recipe
from burnish.tasks.regimes import Regime
from burnish.torch_models.base import BaseModel
from burnish.torch_models.build import BuiltModel
from burnish.torch_models.pooled import PooledClassifier

from .method import Defaults, FewRows, Method

__all__ = ["FULL"]


def _prepare(built: BuiltModel, base: BaseModel, recipe: Recipe) -> nn.Module:
    """The model as it is, all of it trainable, or all but its word embeddings."""
    del base
    model = built.module.requires_grad_(True)
    if recipe.train.embeddings == "frozen":
        encoder: Any = model.encoder if isinstance(model, PooledClassifier) else model
        encoder.get_input_embeddings().requires_grad_(False)
    return model


FULL = Method(
    name="full",
    summary="every weight",
    prepare=_prepare,
    from_nothing=True,
    loose_start=True,
    defaults=Defaults(
        learning_rate={
            Regime.ONE_LABEL: 5e-5,
            Regime.SEVERAL_LABELS: 2e-4,
            Regime.TAGS: 3e-4,
            Regime.SPAN: 2e-4,
            Regime.NUMBER: 1e-4,
            Regime.MARKS: 1e-4,
            Regime.WRITTEN: 3e-4,
        },
        size_power=2.0,
        head_factor={Regime.SPAN: 5.0},
        synthetic_questions={Regime.SPAN: 4.0},
        few_rows=FewRows(
            learning_rate={Regime.ONE_LABEL: 1e-4},
            epochs={Regime.ONE_LABEL: 10, Regime.SEVERAL_LABELS: 10, Regime.WRITTEN: 20},
            batch_size={Regime.ONE_LABEL: 16},
        ),
    ),
)

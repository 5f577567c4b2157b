"""A model made ready to be trained: built on its base, with a method's parts in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import nn

from burnish.recipe.recipe import Recipe, TrainSection
from burnish.tasks import Task
from burnish.tasks.heads import Head
from burnish.tasks.regimes import Regime, task_regime
from burnish.torch_models.base import BaseModel, Pooling
from burnish.torch_models.build import BuiltModel, build_model, input_names, pooling_for

from ..data.batches import Batches
from ..data.features import Feature
from ..data.splits import EncodedParts
from ..distributed.device import device_of
from ..loop.attention import without_attention_dropout
from ..loop.loop import TrainingLoop
from ..loop.loss import Loss, balanced_weights
from ..loop.regularization import Anchor
from ..loop.unfreezing import freeze_lowest
from ..methods import Method, find_method
from ..methods.method import FEW_ROWS

__all__ = ["Ready", "build_for", "class_weights_of", "make_ready", "new_parameters_of"]


@dataclass(frozen=True, slots=True)
class Ready:
    """A model, and how its parameters learn."""

    model: nn.Module
    built: BuiltModel
    """What it was made of."""
    method: Method
    recipe: Recipe
    names: tuple[str, ...]
    """The tensors that it takes."""
    rate_factors: Mapping[str, float]
    anchor: Anchor

    def loop(
        self,
        features: Sequence[Feature],
        *,
        loss: Loss,
        settings: TrainSection | None = None,
        under: nn.Module | None = None,
        batches: Batches | None = None,
    ) -> TrainingLoop:
        """A loop over the model.

        Args:
            features: training windows.
            loss: of the model's output.
            settings: replace the recipe's.
            under: a module with the model's parameters under other names, to train instead.
            batches: which windows form a batch; those of similar length where None.
        """
        return TrainingLoop(
            self.model if under is None else under,
            features,
            names=self.names,
            new_parameters=new_parameters_of(under or self.model, self.built),
            loss=loss,
            settings=settings or self.recipe.train,
            rate_factors=self.rate_factors,
            batches=batches,
            anchor=self.anchor if under is None else None,
        )

    def hooked(self, loop: TrainingLoop) -> TrainingLoop:
        """The loop, with what the method does in every step."""
        loop.hook = self.method.step_hook(self.model, self.recipe, loop.steps)
        return loop


def build_for(base: BaseModel, task: Task, recipe: Recipe, *, rows: int, seed: int) -> BuiltModel:
    """The base with the task's head; not on a GPU yet.

    Args:
        base: a vetted base model.
        task: names the outputs.
        recipe: resolved.
        rows: how many are trained on.
        seed: draws the weights that the base lacks.
    """
    keeps = recipe.head == "keep" and recipe.pooling == "auto"  # else the base may declare another
    pooling = "native" if keeps else pooling_for(base, task, recipe.pooling)
    return build_model(
        base,
        task,
        pooling=pooling,
        seed=seed,
        head=recipe.head,
        normalized=rows < FEW_ROWS and _has_unit_vectors(task, pooling),
    )


def _has_unit_vectors(task: Task, pooling: Pooling) -> bool:
    """Whether few rows are learned better from vectors of the length 1.

    They are where a text may have several labels: see docs/explanation/training.md, which says what
    one label gains and loses. Trees, scores and the first token's vector were not measured.
    """
    several = task_regime(task) is Regime.SEVERAL_LABELS
    return several and pooling == "mean" and not task.reads_apart


def make_ready(built: BuiltModel, base: BaseModel, recipe: Recipe) -> Ready:
    """Put the method's parts in, and freeze what is not trained."""
    settings, method = recipe.train, find_method(recipe.method)
    if settings.attention_dropout == "none":
        without_attention_dropout(built.module)
    names = input_names(built.module)  # a method may hide them
    model = method.prepare(built, base, recipe).to(device_of(built.module))
    freeze_lowest(model, settings.freeze)
    new_parameters = new_parameters_of(model, built)
    return Ready(
        model=model,
        built=built,
        method=method,
        recipe=recipe,
        names=names,
        rate_factors=method.rate_factors(model, recipe),
        anchor=Anchor(model, settings, new_parameters=new_parameters),
    )


def class_weights_of(task: Task, parts: EncodedParts, recipe: Recipe) -> torch.Tensor | None:
    """(labels,) weights of the loss; None where every row counts alike."""
    if recipe.train.class_weights == "none" or task.head is not Head.SEQUENCE:
        return None
    return balanced_weights(task, parts.train.examples)


def new_parameters_of(model: nn.Module, built: BuiltModel) -> frozenset[str]:
    """The trained parameters that the base lacks, by their names under a method's wrapping."""
    return frozenset(
        name
        for name, parameter in model.named_parameters()
        if parameter.requires_grad and _plain_name(name) in built.missing
    )


def _plain_name(name: str) -> str:
    plain = name.removeprefix("base_model.model.").replace(".modules_to_save.default", "")
    return plain.removeprefix("module.")

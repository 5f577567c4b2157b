"""SetFit (Tunstall et al. 2022): a contrastively tuned encoder, then logistic regression on it.

For a few rows a class: their pairs are many, where the rows themselves are few.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import nn

from burnish.config import Recipe
from burnish.errors import ConfigError
from burnish.tasks import ClassificationTask, TextEncoder
from burnish.tasks.encoded import EncodedRows

from .contrastive import ClassGroupedBatches, VectorModel, contrastive_loss
from .epoch_scores import EpochScores
from .features import Feature, make_features
from .interpolation import Interpolation
from .label_names import with_label_names
from .parts import EncodedParts
from .probe import Probe, fit_probe, score_probe, start_head
from .stage import Stage
from .watching import History

__all__ = ["check_labels_for", "pairs_stage"]

_LEAST_BATCHES = 10
"""Of an epoch. A hundred rows make two, and six steps tune nothing (docs/how-to/few-rows.md)."""


def check_labels_for(recipe: Recipe, *, multi_label: bool) -> None:
    """Refuse rows that do not fall into classes, where the method compares classes.

    Raises:
        ConfigError: with the methods that the rows suit.
    """
    if recipe.method == "setfit" and multi_label:
        raise ConfigError(
            "method: setfit needs one label a text: two texts that share some of their labels are "
            "neither alike nor different",
            "set method=full or method=lora",
        )


def pairs_stage(
    model: nn.Module,
    task: ClassificationTask,
    parts: EncodedParts,
    *,
    probe: Probe,
    class_weights: torch.Tensor | None,
    encoder: TextEncoder,
    recipe: Recipe,
    say: Callable[[str], None],
) -> Stage:
    """The stage that tunes a classifier's encoder, and ends with the head of its best epoch.

    An epoch's score is what a probe on its vectors reaches on validation, so the frozen encoder's
    own probe stays where no epoch beats it.

    Args:
        model: a classifier; what requires a gradient is tuned, but its head.
        task: its labels, one a text.
        parts: encoded rows.
        probe: the frozen encoder's, which is the model's head.
        class_weights: (labels,) of the head.
        encoder: reads the labels' names.
        recipe: resolved.
        say: told whether the labels' names help.

    Raises:
        ConfigError: everything below the head is frozen.
    """

    def fitted(rows: EncodedRows) -> Probe:
        return fit_probe(
            model, task, rows, validation=parts.validation, class_weights=class_weights
        )

    def scores(found: Probe) -> EpochScores:
        return EpochScores(found.score, score_probe(model, task, found, sample))

    def score(_: nn.Module) -> EpochScores:
        with halfway.mixed():
            return scores(fitted(rows))

    def finish(history: History) -> None:
        vectors.close()
        if history.best.epoch:
            halfway.mix()
            start_head(model, fitted(rows))

    sample = parts.train_sample(seed=recipe.train.seed)
    rows, start = parts.train, probe
    if recipe.setfit.label_names == "tried":
        named = with_label_names(task, rows, encoder)
        with_names = fitted(named)
        if with_names.score > probe.score:
            rows, start = named, with_names
            start_head(model, start)
            say(f"the labels' names are rows too: validation {task.main_metric} {start.score:.4f}")
    features = make_features(task, rows)
    vectors = VectorModel(model)
    if not any(parameter.requires_grad for parameter in vectors.parameters()):
        raise ConfigError(
            f"train -> freeze: {recipe.train.freeze} layers are all that method: setfit can tune",
            "set train.freeze to less",
        )
    halfway = Interpolation(vectors, recipe.setfit.share)
    return Stage(
        model=vectors,
        features=features,
        loss=contrastive_loss(recipe.setfit.loss, temperature=recipe.setfit.temperature),
        batches=_batches(features, recipe),
        score=score,
        start_score=lambda _: scores(start),
        finish=finish,
    )


def _batches(features: Sequence[Feature], recipe: Recipe) -> ClassGroupedBatches:
    return ClassGroupedBatches(
        [int(feature.target) for feature in features],
        batch_size=int(recipe.train.batch_size),
        group_size=recipe.setfit.rows_a_class,
        oversampling=recipe.setfit.sampling == "oversampling",
        least=_LEAST_BATCHES,
        seed=recipe.train.seed,
    )

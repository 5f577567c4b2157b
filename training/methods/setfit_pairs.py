"""SetFit (Tunstall et al. 2022): a contrastively tuned encoder, then logistic regression on it.

For a few rows per class: their pairs are many, where the rows themselves are few.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from burnish.errors import ConfigError
from burnish.recipe.recipe import Recipe
from burnish.tasks.encoded import EncodedRows

from ..data.features import Feature, make_features
from ..evaluation.linear_probe import Probe, fit_probe, score_probe, start_head
from ..loop.epoch_scores import EpochScores
from ..loop.history import History
from ..loop.stage import Stage, StageParts
from .contrastive import ClassGroupedBatches, VectorModel, contrastive_loss
from .interpolation import Interpolation
from .label_names import with_label_names

__all__ = ["nothing_tuned", "pairs_stage"]

_LEAST_BATCHES = 10
"""Of an epoch. A hundred rows make two, and six steps tune nothing (docs/how-to/few-rows.md)."""


def pairs_stage(given: StageParts) -> Stage:
    """The stage that tunes a classifier's encoder, and ends with the head of its best epoch.

    An epoch's score is what a probe on its vectors reaches on validation, so the frozen encoder's
    own probe stays where no epoch beats it.

    Raises:
        ConfigError: everything below the head is frozen.
    """
    model, task, parts, probe = given.model, given.task, given.parts, given.probe
    recipe = given.recipe

    def fitted(rows: EncodedRows) -> Probe:
        return fit_probe(
            model, task, rows, validation=parts.validation, class_weights=given.class_weights
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
    if recipe.setfit.use_label_names == "auto":
        named = with_label_names(task, rows, given.encoder)
        with_names = fitted(named)
        if with_names.score > probe.score:
            rows, start = named, with_names
            start_head(model, start)
            given.say(
                f"the labels' names are rows too: validation {task.main_metric} {start.score:.4f}"
            )
    features = make_features(task, rows)
    vectors = VectorModel(model)
    if not any(parameter.requires_grad for parameter in vectors.parameters()):
        raise nothing_tuned(recipe)
    halfway = Interpolation(vectors, recipe.setfit.weight_ensemble)
    return Stage(
        model=vectors,
        features=features,
        loss=contrastive_loss(recipe.setfit.loss, temperature=recipe.setfit.temperature),
        batches=_batches(features, recipe),
        score=score,
        start_score=lambda _: scores(start),
        finish=finish,
    )


def nothing_tuned(recipe: Recipe) -> ConfigError:
    """The refusal of a recipe that freezes everything below the head."""
    return ConfigError(
        f"train -> freeze: {recipe.train.freeze} layers are all that method: setfit can tune",
        "set train.freeze to less",
    )


def _batches(features: Sequence[Feature], recipe: Recipe) -> ClassGroupedBatches:
    return ClassGroupedBatches(
        [int(feature.target) for feature in features],
        batch_size=int(recipe.train.batch_size),
        group_size=recipe.setfit.samples_per_class,
        oversampling=recipe.setfit.sampling == "oversampling",
        least=_LEAST_BATCHES,
        seed=recipe.train.seed,
    )

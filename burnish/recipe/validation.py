"""What a recipe's keys say that no training can do, found without a training library.

A field says what its own value may be, and a section what its keys may be together
(``sections.py``). Here is what only the whole recipe tells. Trainings call it by
``burnish.training.pipeline.validation``, which adds what needs their libraries.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Sequence

from burnish.data.shares import check_shares
from burnish.errors import ConfigError
from burnish.evidence.bias.terms import UNKNOWN_LANGUAGE, load_terms
from burnish.recipe.recipe import Recipe
from burnish.recipe.sections import ADOPTED
from burnish.tasks.heads import Head
from burnish.tasks.table import TASKS, find_task

__all__ = ["validate_keys"]


def validate_keys(recipe: Recipe, *, given: Collection[str] = ()) -> None:
    """Refuse a recipe that contradicts itself, before anything but its own files is read.

    Args:
        recipe: as it was read.
        given: names of the parts whose rows come from elsewhere than the recipe says.

    Raises:
        ConfigError: names the key, and how to fix it.
        DataError: the shares leave nothing to train on.
    """
    for check in (
        *(_check_terms, _check_metric, _check_reading, _check_labels, _check_tree, _check_aim),
        *(_check_chances, _check_scope, _check_removed),
    ):
        check(recipe)
    parts = {"validation": recipe.data.validation, "test": recipe.data.test}
    check_shares([s for name, s in parts.items() if isinstance(s, float) and name not in given])


def _check_terms(recipe: Recipe) -> None:
    """Read the terms that the recipe names, before hours go into what they are to judge."""
    bias = recipe.bias
    if bias.language is not None or bias.terms is not None:
        load_terms(bias.language or UNKNOWN_LANGUAGE, bias.terms)


def _check_metric(recipe: Recipe) -> None:
    """Refuse to choose by what the task does not measure, or what falls as answers get better."""
    known = find_task(recipe.task).settings.metric_choices
    if recipe.train.metric not in ("auto", *known):
        near = difflib.get_close_matches(recipe.train.metric, known, n=1)
        raise ConfigError(
            f"train -> metric: {recipe.train.metric!r} cannot choose the epochs of {recipe.task}",
            (f"did you mean {near[0]}? " if near else "")
            + f"set train.metric to {', '.join(known[:-1])} or {known[-1]}, or leave it out",
        )


def _check_reading(recipe: Recipe) -> None:
    """Refuse a head of the architecture's own where texts are to be read one without the other."""
    own = {
        "pooling: native": recipe.pooling == "native",
        "head: keep": recipe.head == "keep",
        "an adopted model": recipe.method == ADOPTED,
    }
    if recipe.pairs.reading == "apart" and any(own.values()):
        raise ConfigError(
            "pairs -> reading: apart compares the vectors of two texts, and "
            f"{next(key for key, asked in own.items() if asked)} has the architecture's own head, "
            "which reads them together",
            "set pairs.reading=together, or leave the other key out",
        )


def _check_labels(recipe: Recipe) -> None:
    """Refuse what only rows with labels can have."""
    labelled = [name for name in TASKS if find_task(name).settings.head is Head.SEQUENCE]
    weighted = [name for name in labelled if not find_task(name).settings.has_tree]
    weights = recipe.train.class_weights
    if weights != "none" and recipe.task not in weighted:
        raise ConfigError(
            f"train -> class_weights: {weights} is for {_listed(weighted)} alone",
            "set train.class_weights=none",
        )
    if recipe.data.out_of_scope is not None and recipe.task not in labelled:
        raise ConfigError(
            f"data -> out_of_scope: {recipe.data.out_of_scope} is for {_listed(labelled)} alone",
            "leave data.out_of_scope out",
        )


def _listed(names: Sequence[str]) -> str:
    """Two names or more: ``a, b and c``."""
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _check_tree(recipe: Recipe) -> None:
    """Refuse a tree where labels lie in none, and what labels that lie in one cannot have."""
    has_tree = find_task(recipe.task).settings.has_tree
    if recipe.data.taxonomy is not None and not has_tree:
        tasks = " or ".join(name for name in TASKS if find_task(name).settings.has_tree)
        raise ConfigError(
            f"data -> taxonomy: the labels of {recipe.task} lie in no tree",
            f"set task: {tasks}, or leave data.taxonomy out",
        )
    if recipe.data.taxonomy is None and has_tree and recipe.method != ADOPTED:
        raise ConfigError(
            "data -> taxonomy: is missing: labels in a tree need the tree",
            "name a file with the columns child and parent: data.taxonomy=tree.csv",
        )


def _check_aim(recipe: Recipe) -> None:
    """Refuse to give labels below the thresholds that keep a promise."""
    if recipe.thresholds != "f1" and recipe.task_options().get("at_least_one"):
        raise ConfigError(
            f"{recipe.task} -> at_least_one: true gives labels below their thresholds, which would "
            f"break the promise of thresholds: {recipe.thresholds}",
            f"set {recipe.task}.at_least_one=false, or thresholds=f1",
        )


def _check_chances(recipe: Recipe) -> None:
    """Refuse what only answers with a probability can have."""
    if find_task(recipe.task).settings.gives_probabilities:
        return
    if recipe.abstain is not None:
        raise ConfigError(
            f"abstain: the answers of {recipe.task} have no probability to abstain by",
            "leave abstain out; each answer has an interval instead",
        )
    if recipe.thresholds != "f1":
        raise ConfigError(
            f"thresholds: {recipe.thresholds} is for tasks with labels, not for {recipe.task}",
            "set thresholds=f1",
        )


def _check_scope(recipe: Recipe) -> None:
    """Refuse a share of rows out of scope where no row is known to be."""
    if recipe.abstain and recipe.abstain.reject and recipe.data.out_of_scope is None:
        raise ConfigError(
            f"abstain -> reject: {recipe.abstain.reject:g} of the rows out of scope, but the "
            "recipe names none",
            "name their label: data.out_of_scope=LABEL; or choose a score: 'abstain={score: 0.7}'",
        )


def _check_removed(recipe: Recipe) -> None:
    """Refuse what runs of 0.1.0 may say and no training does any more."""
    if recipe.train.regularization == "mixout":
        raise ConfigError(
            "train -> regularization: mixout was removed in burnish 0.2.0",
            "use L2 regularization instead: train.regularization=l2 "
            "train.regularization_strength=auto",
        )

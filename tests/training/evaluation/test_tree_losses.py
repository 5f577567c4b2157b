"""Losses of labels in a tree, against the likelihoods that answers are made of."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from burnish.tasks import ClassificationExample, TaxonomyTask
from burnish.tasks.scores import sigmoid
from burnish.tasks.tree import LabelTree
from burnish.training.evaluation.tree_losses import tree_losses
from burnish.training.loop.loss import loss_for

TREE = LabelTree({"tree": "plant", "moss": "plant", "oak": "tree", "elm": "tree", "dog": None})
RNG = np.random.default_rng(4)
LOGITS = RNG.normal(0, 2, (5, len(TREE.labels))).astype(np.float32)


def task_of(loss: str, *, several: bool = False) -> TaxonomyTask:
    return TaxonomyTask(
        labels=TREE.labels, parents=TREE.parents, loss=loss, multi_label=several, max_length=16,
        stride=4,
    )  # fmt: skip


def target(task: TaxonomyTask, *labels: str) -> torch.Tensor:
    example = ClassificationExample(id="rows:1", text="x", labels=labels)
    windows: Any = SimpleNamespace(windows=(None,))
    return torch.from_numpy(task.targets(example, windows)[0])


def log_p(task: TaxonomyTask, logits: np.ndarray, label: str) -> float:
    return float(np.log(sigmoid(task.odds([logits]))[TREE.index[label]]))


@pytest.mark.parametrize("loss", ["conditional", "flat"])
@pytest.mark.parametrize("label", TREE.labels)
def test_the_loss_of_a_path_is_its_negative_log_likelihood(loss: str, label: str) -> None:
    task = task_of(loss)
    found = tree_losses(task, torch.from_numpy(LOGITS), target(task, label).expand(5, -1))
    expected = [-log_p(task, each, label) for each in LOGITS]
    assert found.numpy() == pytest.approx(np.array(expected), rel=1e-4, abs=1e-5)


def test_levels_count_half_as_much_each_further_down() -> None:
    task = task_of("levels")
    found = tree_losses(task, torch.from_numpy(LOGITS), target(task, "oak").expand(5, -1))
    plain = task_of("conditional")
    expected = [
        -log_p(plain, each, "plant")
        - (log_p(plain, each, "tree") - log_p(plain, each, "plant")) / 2
        - (log_p(plain, each, "oak") - log_p(plain, each, "tree")) / 4
        for each in LOGITS
    ]
    assert found.numpy() == pytest.approx(np.array(expected), rel=1e-4)


def test_a_branch_is_asked_for_only_where_its_parent_holds_and_it_is_known() -> None:
    task = task_of("conditional", several=True)
    given = target(task, "tree", "dog")
    logits = torch.from_numpy(LOGITS[:1]).requires_grad_()
    (loss,) = tree_losses(task, logits, given[None])
    p = dict(zip(TREE.labels, sigmoid(LOGITS[0].astype(np.float64)), strict=True))
    expected = -np.log([p["plant"], p["tree"], p["dog"], 1 - p["moss"]]).sum()
    assert float(loss.detach()) == pytest.approx(expected, rel=1e-5)
    loss.backward()
    assert logits.grad is not None
    moved = {label for label, g in zip(TREE.labels, logits.grad[0], strict=True) if g != 0}
    assert moved == {"plant", "tree", "moss", "dog"}
    nothing = tree_losses(task, torch.from_numpy(LOGITS[:1]), target(task)[None])
    assert float(nothing) == pytest.approx(-np.log([1 - p["plant"], 1 - p["dog"]]).sum(), rel=1e-5)


def test_a_flat_branch_is_a_label_by_itself() -> None:
    task = task_of("flat", several=True)
    found = tree_losses(task, torch.from_numpy(LOGITS[:1]), target(task, "tree")[None])
    p = dict(zip(TREE.labels, sigmoid(LOGITS[0].astype(np.float64)), strict=True))
    right = [p["plant"], p["tree"], 1 - p["moss"], 1 - p["dog"]]
    assert float(found) == pytest.approx(-np.log(right).sum(), rel=1e-5)


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("loss", ["conditional", "flat", "levels"])
def test_no_answer_loses_less_than_that_of_the_probabilities_told(loss: str, several: bool) -> None:
    """Of a teacher's probabilities: its own logits are a minimum."""
    task = task_of(loss, several=several)
    if loss == "flat" and several:  # capped by the parent: not what each was learned by
        told = torch.sigmoid(torch.from_numpy(LOGITS))
    else:
        told = torch.from_numpy(np.stack([sigmoid(task.odds([each])) for each in LOGITS])).float()
    logits = torch.from_numpy(LOGITS).requires_grad_()
    tree_losses(task, logits, told).sum().backward()
    assert logits.grad is not None
    assert logits.grad.abs().max() < 1e-4


def test_the_loss_of_a_batch_is_weighted_by_window() -> None:
    task = task_of("conditional")
    targets = torch.stack([target(task, "oak"), target(task, "dog")])
    logits, weights = torch.from_numpy(LOGITS[:2]), torch.tensor([1.0, 0.5])
    each = tree_losses(task, logits, targets)
    found = loss_for(task)(SimpleNamespace(logits=logits), targets, weights)
    assert float(found) == pytest.approx(float((each * weights).sum() / 1.5), rel=1e-6)

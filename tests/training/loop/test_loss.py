"""Losses: a long text counts once, and weights make classes count the same."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch
from torch.nn import functional

from burnish.tasks import ClassificationTask, ExtractionTask, QATask
from burnish.tasks.classification.example import ClassificationExample
from burnish.training.loop.loss import balanced_weights, loss_for

ONE = ClassificationTask(labels=("a", "b", "c"))
SEVERAL = ClassificationTask(labels=("a", "b"), multi_label=True)


def test_one_label_is_cross_entropy() -> None:
    logits, targets = torch.randn(4, 3), torch.tensor([0, 1, 2, 0])
    loss = loss_for(ONE)(SimpleNamespace(logits=logits), targets, torch.ones(4))
    assert loss == pytest.approx(functional.cross_entropy(logits, targets).item())


def test_two_windows_of_a_text_count_as_one() -> None:
    logits, targets = torch.randn(2, 3), torch.tensor([0, 1])
    plain = loss_for(ONE)(SimpleNamespace(logits=logits), targets, torch.ones(2))
    doubled = loss_for(ONE)(
        SimpleNamespace(logits=logits[[0, 0, 1]]), targets[[0, 0, 1]], torch.tensor([0.5, 0.5, 1])
    )
    assert doubled.item() == pytest.approx(plain.item())


def test_balanced_weights_make_classes_equal() -> None:
    labels = ["a"] * 6 + ["b"] * 3 + ["c"]
    rows = [ClassificationExample(id=str(i), text="x", labels=(x,)) for i, x in enumerate(labels)]
    weights = balanced_weights(ONE, rows)
    assert (weights * torch.tensor([6, 3, 1])).tolist() == pytest.approx([10 / 3] * 3)
    logits, targets = torch.randn(10, 3), torch.tensor([ONE.labels.index(x) for x in labels])
    loss = loss_for(ONE, weights)(SimpleNamespace(logits=logits), targets, torch.ones(10))
    assert loss.item() == pytest.approx(
        functional.cross_entropy(logits, targets, weight=weights).item()
    )


def test_balanced_weights_of_several_labels_weigh_presence_against_absence() -> None:
    rows = [ClassificationExample(id=str(i), text="x", labels=("a",) * (i < 2)) for i in range(8)]
    assert balanced_weights(SEVERAL, rows).tolist() == pytest.approx([3.0, 7.0])


def test_special_tokens_and_padding_do_not_count() -> None:
    task = ExtractionTask(labels=("x",))
    logits, targets = torch.randn(1, 4, 3), torch.tensor([[-100, 1, 0, -100]])
    loss = loss_for(task)(SimpleNamespace(logits=logits), targets, torch.ones(1))
    expected = functional.cross_entropy(logits[0, 1:3], targets[0, 1:3])
    assert loss.item() == pytest.approx(expected.item())


def test_a_span_is_the_mean_of_start_and_end() -> None:
    start, end = torch.randn(2, 5), torch.randn(2, 5)
    targets = torch.tensor([[1, 2], [0, 0]])
    output = SimpleNamespace(start_logits=start, end_logits=end)
    loss = loss_for(QATask())(output, targets, torch.ones(2))
    halves = [functional.cross_entropy(start, targets[:, 0]).item()]
    halves.append(functional.cross_entropy(end, targets[:, 1]).item())
    assert loss.item() == pytest.approx(sum(halves) / 2)

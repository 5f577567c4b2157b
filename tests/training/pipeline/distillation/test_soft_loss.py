"""The loss of a student, against its parts by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from scipy.special import log_softmax, softmax

from burnish.recipe.distilling import DistillSection
from burnish.tasks import (
    ClassificationTask,
    ExtractionTask,
    QATask,
    RegressionTask,
    TaxonomyTask,
)
from burnish.tasks.regimes import IGNORED, Regime, task_regime
from burnish.training.pipeline.distillation.soft_loss import NOT_KNOWN, soft_loss

_ONE = torch.ones(1)
_TREE = {"labels": ("a", "b", "c"), "parents": {"a": None, "b": "a", "c": "a"}}
_TASKS = {
    task_regime(task): task
    for task in (
        ClassificationTask(labels=("a", "b")),
        ClassificationTask(labels=("a", "b"), multi_label=True),
        TaxonomyTask(**_TREE),
        TaxonomyTask(**_TREE, multi_label=True),
        ExtractionTask(labels=("X",)),
        QATask(),
        RegressionTask(),
    )
}


def _logits(*rows):
    return torch.tensor(rows, dtype=torch.float32)


def _loss(regime, output, target, *, weights=_ONE, class_weights=None, **settings):
    loss = soft_loss(_TASKS[regime], DistillSection(**settings), class_weights)
    return float(loss(SimpleNamespace(**output), target, weights))


def _kl(teacher, student, t):
    told, given = np.array(teacher) / t, np.array(student) / t
    return t**2 * (softmax(told) * (log_softmax(told) - log_softmax(given))).sum()


def test_one_label_is_divergence_and_cross_entropy() -> None:
    student, teacher = [1.0, 0.0, -1.0], [2.0, 1.0, 0.0]
    target = _logits([1, *teacher])
    found = _loss(
        Regime.ONE_LABEL, {"logits": _logits([0.0, 0.0, 3.0])}, target, temperature=3, own_labels=0
    )
    assert found == pytest.approx(_kl(teacher, [0, 0, 3], 3), rel=1e-5)
    mixed = _loss(Regime.ONE_LABEL, {"logits": _logits(student)}, target, own_labels=0.25)
    # The teacher's logits are the student's and 1: it says the same.
    assert mixed == pytest.approx(0.25 * -log_softmax(np.array(student))[1], rel=1e-5)


def test_a_text_without_a_label_is_the_teachers_alone() -> None:
    teacher = [2.0, 0.0]
    target = _logits([NOT_KNOWN, *teacher])
    found = _loss(Regime.ONE_LABEL, {"logits": _logits([0.0, 0.0])}, target, own_labels=0.9)
    assert found == pytest.approx(_kl(teacher, [0, 0], 2), rel=1e-5)


def test_class_weights_are_of_the_own_label_alone() -> None:
    target, output = _logits([1, 0.0, 0.0]), {"logits": _logits([0.0, 0.0])}
    weights = torch.tensor([1.0, 4.0])
    found = _loss(Regime.ONE_LABEL, output, target, own_labels=0.5, class_weights=weights)
    assert found == pytest.approx(0.5 * 4 * np.log(2), rel=1e-5)


def test_several_labels_that_the_student_knows_cost_nothing() -> None:
    teacher = [2.0, -1.0]
    unknown = torch.full((1, 2), float(NOT_KNOWN))
    target = torch.stack([unknown, _logits(teacher)], 1)
    assert _loss(Regime.SEVERAL_LABELS, {"logits": _logits(teacher)}, target) == pytest.approx(
        0, abs=1e-6
    )
    assert _loss(Regime.SEVERAL_LABELS, {"logits": _logits([0.0, 0.0])}, target) > 0.1


def test_several_labels_of_its_own_are_binary_cross_entropy() -> None:
    target = torch.stack([_logits([1.0, 0.0]), _logits([0.0, 0.0])], 1)
    found = _loss(Regime.SEVERAL_LABELS, {"logits": _logits([0.0, 0.0])}, target, own_labels=1)
    assert found == pytest.approx(2 * np.log(2), rel=1e-5)


def test_tags_count_tokens_and_neither_padding_nor_special_ones() -> None:
    teacher, student = [3.0, 0.0], [0.0, 0.0]
    rows = [[IGNORED, 9.0, 9.0], [1, *teacher], [NOT_KNOWN, *teacher], [IGNORED] * 3]
    target = torch.tensor([rows], dtype=torch.float32)
    output = {"logits": torch.tensor([[[5.0, 1.0], student, student, [7.0, 7.0]]])}
    soft = _kl(teacher, student, 2)
    expected = (0.5 * soft + 0.5 * np.log(2) + soft) / 2
    assert _loss(Regime.TAGS, output, target) == pytest.approx(expected, rel=1e-5)
    weight = soft_loss(_TASKS[Regime.TAGS], DistillSection()).weight(target, _ONE)
    assert weight == 2


def test_the_distance_of_hidden_states_counts_as_the_window_or_its_tokens_do() -> None:
    """Of two windows one has three quarters of the weight, or of the tokens."""
    states: Any = SimpleNamespace(take=lambda: torch.tensor([0.2, 1.0]))
    settings = DistillSection(hidden_states=2)
    told = {"logits": torch.zeros(2, 2)}, _logits([0, 0, 0], [1, 0, 0]), torch.tensor([0.25, 0.75])
    tags = torch.zeros(2, 3, 3)
    tags[0, 1:, 0] = IGNORED
    tagged = {"logits": torch.zeros(2, 3, 2)}, tags, torch.ones(2)
    for regime, (output, target, weights) in ((Regime.ONE_LABEL, told), (Regime.TAGS, tagged)):
        task = _TASKS[regime]
        given = SimpleNamespace(**output), target, weights
        more = soft_loss(task, settings, None, states)(*given) - soft_loss(task, settings)(*given)
        assert float(more) == pytest.approx(2 * (0.25 * 0.2 + 0.75 * 1.0), rel=1e-5)


def test_a_span_is_chosen_among_the_tokens_of_the_window() -> None:
    start, end = [3.0, 0.0, 0.0], [0.0, 0.0, 3.0]
    truth = [[1, 0], [0, 0], [0, 1]]
    rows = [[s, e, *t] for s, e, t in zip(start, end, truth, strict=True)]
    padded = torch.tensor([[*rows, [IGNORED] * 4]], dtype=torch.float32)
    flat = torch.zeros(1, 4)
    flat[0, 3] = 50.0  # padding, which no answer is taken from
    output = {"start_logits": flat, "end_logits": flat}
    own = _loss(Regime.SPAN, output, padded, own_labels=1)
    assert own == pytest.approx(np.log(3), rel=1e-5)
    told = _loss(Regime.SPAN, output, padded, own_labels=0)
    assert told == pytest.approx((_kl(start, [0] * 3, 2) + _kl(end, [0] * 3, 2)) / 2, rel=1e-4)
    unknown = padded.clone()
    unknown[..., 2:] = 0
    assert _loss(Regime.SPAN, output, unknown, own_labels=1) == pytest.approx(told, rel=1e-5)


def test_a_number_is_between_the_teachers_and_its_own() -> None:
    output = {"logits": _logits([1.0])}
    assert _loss(Regime.NUMBER, output, _logits([3.0, 0.0]), own_labels=0.25) == 0.25 * 4 + 0.75
    assert _loss(Regime.NUMBER, output, _logits([float("nan"), 0.0]), own_labels=0.25) == 1


def test_windows_count_by_their_weight() -> None:
    target = _logits([0, 0.0, 0.0], [0, 4.0, 0.0])
    output = {"logits": _logits([0.0, 0.0], [0.0, 0.0])}
    weights = torch.tensor([1.0, 0.0])
    assert _loss(Regime.ONE_LABEL, output, target, weights=weights, own_labels=0) == 0

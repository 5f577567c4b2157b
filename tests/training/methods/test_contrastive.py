"""Batches of classes, vectors of a classifier, and the losses over a batch's pairs."""

from __future__ import annotations

from contextlib import closing

import numpy as np
import pytest
import torch
from torch.nn import functional
from transformers.modeling_outputs import BaseModelOutputWithPooling

from burnish.tasks import ClassificationTask
from burnish.tasks.encoded import encode_rows
from burnish.torch_models.base import resolve_base
from burnish.torch_models.build import build_model, head_module, input_names
from burnish.torch_models.logits import pad_id
from burnish.training.data.batches import Collator
from burnish.training.data.features import make_features
from burnish.training.evaluation.linear_probe import pooled_vectors
from burnish.training.methods.contrastive import ClassGroupedBatches, VectorModel, contrastive_loss
from tests.training.evaluation.test_linear_probe import _examples

_CLASSES = [0] * 9 + [1] * 4 + [2] * 1


def _batches(**options):
    settings = {"batch_size": 8, "group_size": 4, "oversampling": False, "seed": 3, **options}
    return ClassGroupedBatches(_CLASSES, **settings)


def test_every_row_stands_in_one_batch_of_an_epoch() -> None:
    batches = _batches().of_epoch(0)

    assert sorted(row for batch in batches for row in batch) == list(range(len(_CLASSES)))
    assert len(batches) == len(_batches()) == 3


def test_a_short_epoch_goes_through_the_rows_again() -> None:
    batches = _batches(least=7).of_epoch(1)

    assert len(batches) == len(_batches(least=7)) == 9
    assert batches == [batch for n in (3, 4, 5) for batch in _batches().of_epoch(n)]


def test_a_row_has_a_partner_where_its_class_has_two() -> None:
    for batch in _batches().of_epoch(5):
        classes = np.array(_CLASSES)[batch]
        assert all((classes == each).sum() > 1 for each in classes if each != 2)


def test_the_order_is_of_seed_and_epoch_alone() -> None:
    assert _batches().of_epoch(4) == _batches().of_epoch(4)
    assert _batches().of_epoch(4) != _batches().of_epoch(5)
    assert _batches().of_epoch(4) != _batches(seed=4).of_epoch(4)


def test_oversampling_draws_every_class_as_often_as_the_largest() -> None:
    rows = [row for batch in _batches(oversampling=True).of_epoch(0) for row in batch]

    counts = np.bincount(np.array(_CLASSES)[rows])
    assert counts.tolist() == [9, 9, 9]
    assert set(rows) == set(range(len(_CLASSES)))


@pytest.mark.parametrize("pooling", ["mean", "cls", "native"])
def test_the_vectors_are_what_the_head_sees(bert, pooling) -> None:
    labels = ("a", "b", "c")
    task = ClassificationTask(labels=labels, max_length=32, stride=8)
    base = resolve_base(str(bert))
    model = build_model(base, task, pooling=pooling, seed=3).module.eval()
    rows = encode_rows(task, _examples(labels), task.text_encoder(base.path / "tokenizer.json"))
    short = [i for i, e in enumerate(rows.encodings) if len(e.windows) == 1]
    features = make_features(task, rows)
    inputs = Collator(input_names(model), pad_id=pad_id(model))(features)
    with closing(VectorModel(model)) as vectors, torch.no_grad():
        tensors = {name: inputs[name] for name in input_names(model)}
        seen = vectors(**tensors).pooler_output.numpy()

    starts = np.cumsum([0, *(len(e.windows) for e in rows.encodings)])
    expected = pooled_vectors(model, task, [rows.encodings[i] for i in short])
    assert seen[starts[short]] == pytest.approx(expected, abs=1e-5)


def test_a_closed_model_is_free_again(bert) -> None:
    task = ClassificationTask(labels=("a", "b"), max_length=32, stride=8)
    model = build_model(resolve_base(str(bert)), task, pooling="mean", seed=3).module
    _, head = head_module(model)
    vectors = VectorModel(model)
    held = head.weight.requires_grad
    vectors.close()

    assert not held
    assert head.weight.requires_grad
    assert not head._forward_pre_hooks


def _output(vectors):
    return BaseModelOutputWithPooling(pooler_output=vectors)


def test_the_supervised_loss_is_the_papers() -> None:
    torch.manual_seed(0)
    vectors, targets = torch.randn(6, 4), torch.tensor([0, 0, 0, 1, 1, 2])
    value = contrastive_loss("supervised", temperature=0.2)(
        _output(vectors), targets, torch.ones(6)
    )

    z = functional.normalize(vectors, dim=-1).numpy()
    terms = []
    for i in range(5):  # the last row is alone in its class
        others = [a for a in range(6) if a != i]
        total = sum(np.exp(z[i] @ z[a] / 0.2) for a in others)
        partners = [a for a in others if targets[a] == targets[i]]
        terms.append(-np.mean([np.log(np.exp(z[i] @ z[p] / 0.2) / total) for p in partners]))
    assert value.item() == pytest.approx(np.mean(terms), rel=1e-5)


def test_the_cosine_loss_weighs_like_and_unlike_pairs_the_same() -> None:
    torch.manual_seed(0)
    vectors, targets = torch.randn(5, 4), torch.tensor([0, 0, 1, 1, 1])
    value = contrastive_loss("cosine", temperature=1.0)(_output(vectors), targets, torch.ones(5))

    z = functional.normalize(vectors, dim=-1).numpy()
    pairs = [(i, j) for i in range(5) for j in range(5) if i != j]
    like = [(z[i] @ z[j] - 1) ** 2 for i, j in pairs if targets[i] == targets[j]]
    unlike = [(z[i] @ z[j]) ** 2 for i, j in pairs if targets[i] != targets[j]]
    assert value.item() == pytest.approx((np.mean(like) + np.mean(unlike)) / 2, rel=1e-5)


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("kind", ["supervised", "cosine"])
def test_a_batch_without_partners_has_a_finite_gradient(kind, rows) -> None:
    vectors = torch.randn(rows, 4, requires_grad=True)
    loss = contrastive_loss(kind, temperature=0.1)(
        _output(vectors), torch.arange(rows), torch.ones(rows)
    )
    loss.backward()

    assert torch.isfinite(loss)
    assert vectors.grad is not None
    assert torch.isfinite(vectors.grad).all()


@pytest.mark.parametrize("kind", ["supervised", "cosine"])
def test_a_few_steps_draw_classes_together(kind) -> None:
    torch.manual_seed(0)
    vectors = torch.randn(8, 6, requires_grad=True)
    targets, loss = torch.arange(8) % 2, contrastive_loss(kind, temperature=0.5)
    optimizer = torch.optim.SGD([vectors], lr=1.0)
    for _ in range(60):
        optimizer.zero_grad()
        loss(_output(vectors), targets, torch.ones(8)).backward()
        optimizer.step()

    unit = functional.normalize(vectors.detach(), dim=-1)
    similarity, same = unit @ unit.T, targets[:, None] == targets[None]
    assert similarity[same].min() > similarity[~same].max()

"""Batches hold every window once, of like length, in an order that the seed decides."""

from __future__ import annotations

import numpy as np
import pytest

from burnish.tasks.windows import Window
from burnish.torch_models.batches import pad_windows, token_batches
from burnish.training.data.batches import Collator, LengthGroupedBatches
from burnish.training.data.features import Feature


def _window(length: int) -> Window:
    ids = np.arange(1, length + 1, dtype=np.int64)
    return Window(
        input_ids=ids, token_type_ids=np.ones(length, np.int64), start=0, stop=length, prefix=0
    )


def test_every_window_stands_in_one_batch_an_epoch() -> None:
    lengths = np.random.default_rng(0).integers(1, 100, 1003).tolist()
    batches = LengthGroupedBatches(lengths, batch_size=8, seed=1)
    for epoch in range(2):
        drawn = batches.of_epoch(epoch)
        assert len(drawn) == len(batches)
        assert sorted(index for batch in drawn for index in batch) == list(range(1003))


def test_the_order_is_the_seeds_and_another_each_epoch() -> None:
    lengths = list(range(50))
    one, same = (LengthGroupedBatches(lengths, batch_size=4, seed=1) for _ in range(2))
    first, second = one.of_epoch(0), one.of_epoch(1)
    assert [second, first] == [same.of_epoch(1), same.of_epoch(0)]
    assert first != second
    assert first != LengthGroupedBatches(lengths, batch_size=4, seed=2).of_epoch(0)


def test_grouping_leaves_little_padding() -> None:
    lengths = np.random.default_rng(0).integers(1, 100, 4000)
    batches = LengthGroupedBatches(lengths.tolist(), batch_size=16, seed=1).of_epoch(0)
    padded = sum(len(batch) * lengths[batch].max() for batch in batches)
    assert padded / lengths.sum() < 1.1


def test_a_token_batch_holds_no_more_than_its_budget() -> None:
    lengths = np.random.default_rng(0).integers(1, 100, 500).tolist()
    batches = token_batches([*lengths, 3000], batch_tokens=512)
    sizes = [len(b) * max([*lengths, 3000][i] for i in b) for b in batches]
    assert sorted(i for b in batches for i in b) == list(range(501))
    assert max(sizes[:-1]) <= 512
    assert batches[-1] == [500]


def test_padding_uses_the_models_own_token() -> None:
    tensors = pad_windows([_window(3), _window(1)], names=["input_ids", "attention_mask"], pad_id=9)
    assert tensors["input_ids"].tolist() == [[1, 2, 3], [1, 9, 9]]
    assert tensors["attention_mask"].tolist() == [[1, 1, 1], [1, 0, 0]]
    assert list(tensors) == ["input_ids", "attention_mask"]


def test_targets_of_tokens_are_padded_with_what_the_loss_ignores() -> None:
    features = [
        Feature(_window(n), np.full(n, 1, dtype=np.int64), weight)
        for n, weight in ((2, 0.5), (3, 1))
    ]
    batch = Collator(["input_ids"], pad_id=0)(features)
    assert batch["targets"].tolist() == [[1, 1, -100], [1, 1, 1]]
    assert batch["weights"].tolist() == pytest.approx([0.5, 1])

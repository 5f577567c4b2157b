"""The loss on validation is the one that training lowers."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from burnish.tasks.classification.example import ClassificationExample
from burnish.tasks.classification.settings import ClassificationTask
from burnish.tasks.encoded import EncodedRows
from burnish.tasks.windows import Encoding, Window
from burnish.training.evaluation.losses import validation_loss
from burnish.training.evaluation.scoring import label_targets
from burnish.training.loop.loss import loss_for

LABELS = ("a", "b", "c")
WINDOW = Window(np.zeros(3, dtype=int), np.zeros(3, dtype=int), start=0, stop=1, prefix=1)
ENCODING = Encoding(
    tokens=1,
    unknown=0,
    offsets=np.zeros((0, 2), dtype=int),
    words=np.zeros(0, dtype=int),
    windows=(WINDOW, WINDOW),
)


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("weights", [None, (0.5, 3.0, 1.0)])
def test_it_is_the_trainings_own_of_each_texts_mean(several, weights) -> None:
    rng = np.random.default_rng(5)
    task = ClassificationTask(labels=LABELS, multi_label=several)
    examples = tuple(
        ClassificationExample(
            id=str(index),
            text="a",
            labels=tuple(LABELS[: index % 4]) if several else (LABELS[index % 3],),
        )
        for index in range(9)
    )
    rows = EncodedRows(examples, ("a",) * 9, (ENCODING,) * 9)
    logits = [list(rng.normal(size=(2, 3)).astype(np.float32)) for _ in examples]
    of_class = None if weights is None else torch.tensor(weights)

    means = torch.tensor(np.stack([np.mean(windows, axis=0) for windows in logits]))
    targets = torch.tensor(label_targets(task, rows))
    expected = loss_for(task, of_class)(
        SimpleNamespace(logits=means), targets.float() if several else targets, torch.ones(9)
    )
    assert validation_loss(task, rows, logits, of_class) == pytest.approx(float(expected), rel=1e-5)

"""A summary's training: the loss of its marks, and the baselines that it has to beat."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from burnish.tasks import SummaryTask
from burnish.tasks.regimes import IGNORED
from burnish.training import train
from burnish.training.loop.loss import loss_for
from burnish.training.tasks.summary import CENTROID, LEAD, TEXTRANK


def test_the_loss_is_that_of_each_token_with_a_target() -> None:
    loss = loss_for(SummaryTask())
    logits = torch.tensor([[[0.0], [2.0], [-1.0], [9.0]]])
    targets = torch.tensor([[IGNORED, 1.0, 0.0, IGNORED]])
    wanted = (np.log1p(np.exp(-2.0)) + np.log1p(np.exp(-1.0))) / 2
    weights = torch.ones(1)
    found = loss(SimpleNamespace(logits=logits), targets, weights)
    assert float(found) == pytest.approx(wanted, rel=1e-6)
    assert float(loss.weight(targets, weights)) == 2


def test_a_model_is_compared_with_the_first_sentences(make_recipe) -> None:
    run = train(make_recipe("summary", train={"epochs": 1}), progress=False)
    assert set(run.metrics["baselines"]) == {LEAD, TEXTRANK, CENTROID}
    gates = {gate["name"]: gate for gate in run.metrics["gates"]}
    assert LEAD in gates["beats_lead"]["detail"]
    assert {"rouge1", "rouge2", "rouge_l", "ceiling"} <= run.metrics["test"]["metrics"].keys()

"""Where few rows are tuned, epoch 0 is the probe, and the first step starts at a looser fit."""

from __future__ import annotations

import pytest
import torch

from burnish.training import train
from burnish.training.evaluation.linear_probe import fit_probe
from burnish.training.loop.loop import TrainingLoop
from burnish.training.pipeline import tuning


@pytest.mark.parametrize(
    ("few", "method", "looser"), [(2000, "full", True), (10, "full", False), (2000, "lora", False)]
)
def test_the_first_step_starts_at_a_looser_fit(
    make_recipe, monkeypatch, few, method, looser
) -> None:
    heads, probes = [], []
    step = TrainingLoop._step

    def stepping(self, batches):
        (head,) = [
            module for name, module in self.model.named_modules() if name.endswith("classifier")
        ][:1]
        heads.append(getattr(head, "original_module", head).weight.detach().clone())
        return step(self, batches)

    def fitting(*given, **named):
        probes.append(fit_probe(*given, **named))
        return probes[-1]

    monkeypatch.setattr(TrainingLoop, "_step", stepping)
    monkeypatch.setattr(tuning, "fit_probe", fitting)
    monkeypatch.setattr(tuning, "FEW_ROWS", few)
    run = train(make_recipe("one", method=method, pooling="mean", train={"epochs": 1}))

    probe = probes[0]
    expected = torch.from_numpy(probe.looser[0] if looser else probe.weight).float()
    assert torch.allclose(heads[0], expected)
    assert not torch.allclose(torch.from_numpy(probe.looser[0]), torch.from_numpy(probe.weight))
    start = run.metrics["history"][0]["score"]
    assert start == run.metrics["baseline"]["validation"]["metrics"]["accuracy"]["value"]


def test_a_start_that_is_kept_is_the_probe_itself(make_recipe) -> None:
    settings = {"learning_rate": 0.5, "warmup_ratio": 0}
    run = train(make_recipe("one", pooling="mean", train=settings))
    assert run.record.training.best_epoch == 0
    assert run.metrics["validation"] == run.metrics["baseline"]["validation"]
    assert run.metrics["test"] == run.metrics["baseline"]["test"]

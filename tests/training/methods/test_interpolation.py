"""Weights between a start and what training made of them."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from burnish.training.methods.interpolation import Interpolation


def _trained(share: float) -> tuple[nn.Linear, Interpolation]:
    model = nn.Linear(2, 1)
    nn.init.constant_(model.weight, 1.0)
    nn.init.constant_(model.bias, 1.0)
    model.bias.requires_grad_(False)
    interpolation = Interpolation(model, share)
    with torch.no_grad():
        model.weight.fill_(5.0)
        model.bias.fill_(5.0)
    return model, interpolation


@pytest.mark.parametrize(("share", "weight"), [(0.25, 2.0), (0.5, 3.0), (1.0, 5.0)])
def test_trained_weights_are_mixed_and_others_left(share, weight) -> None:
    model, interpolation = _trained(share)
    interpolation.mix()

    assert model.weight.tolist() == [[weight, weight]]
    assert model.bias.tolist() == [5.0]


def test_mixed_for_a_while_gives_the_trained_weights_back_bit_for_bit() -> None:
    model, interpolation = _trained(0.3)
    with interpolation.mixed():
        inside = model.weight.tolist()

    assert inside != [[5.0, 5.0]]
    assert model.weight.tolist() == [[5.0, 5.0]]

"""Encoders made of some layers of another."""

from __future__ import annotations

import pytest
import torch
from transformers import AutoModel

from burnish.errors import BaseModelError
from burnish.torch_models.base import read_base
from burnish.torch_models.families import LAYERS
from burnish.torch_models.quiet import quiet
from burnish.torch_models.shrinking import count_layers, even_layers, keep_layers
from tests.tiny import tiny_base

_IDS = torch.tensor([[2, 7, 8, 9, 3]])


@pytest.fixture(params=sorted(LAYERS))
def model(request, tmp_path):
    tiny_base(tmp_path / "base", request.param)
    with quiet():
        return AutoModel.from_pretrained(tmp_path / "base").eval()


def _states(model):
    with torch.inference_mode():
        return model(input_ids=_IDS, output_hidden_states=True).hidden_states


def test_all_layers_are_the_model_itself(model) -> None:
    same = keep_layers(model, range(count_layers(model)))
    for own, found in zip(_states(model), _states(same), strict=True):
        assert torch.equal(own, found)


def test_the_first_layer_gives_what_it_gave(model, tmp_path) -> None:
    one = keep_layers(model, [0])
    assert count_layers(one) == 1
    first = 1 if model.config.model_type not in ("modernbert", "eurobert") else 0
    # Theirs are normed after the last layer alone.
    assert torch.allclose(_states(one)[first], _states(model)[first], atol=1e-6)


def test_what_is_saved_is_a_base(model, tmp_path) -> None:
    one = keep_layers(model, [0])
    one.save_pretrained(tmp_path / "student")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (tmp_path / "student" / name).write_bytes((tmp_path / "base" / name).read_bytes())
    assert read_base(tmp_path / "student").layers == 1
    with quiet():
        again = AutoModel.from_pretrained(tmp_path / "student").eval()
    assert torch.allclose(_states(one)[-1], _states(again)[-1], atol=1e-6)


def test_the_other_model_stays_as_it_is(model) -> None:
    before = _states(model)[-1]
    keep_layers(model, [0])
    assert torch.equal(_states(model)[-1], before)
    assert count_layers(model) == 2


@pytest.mark.parametrize(
    ("count", "kept", "expected"),
    [
        (12, 6, (0, 2, 4, 7, 9, 11)),
        (6, 3, (0, 2, 5)),
        (6, 1, (0,)),
        (2, 1, (0,)),
        (12, 2, (0, 11)),
        (4, 3, (0, 2, 3)),
    ],
)
def test_the_layers_that_stay_are_evenly_apart(count, kept, expected) -> None:
    assert even_layers(count, kept) == expected


def test_a_family_whose_layers_are_not_known_is_refused(tmp_path) -> None:
    tiny_base(tmp_path / "base", "rembert")
    with quiet():
        model = AutoModel.from_pretrained(tmp_path / "base")
    with pytest.raises(BaseModelError, match="the order of the layers of a 'rembert' model"):
        keep_layers(model, [0])

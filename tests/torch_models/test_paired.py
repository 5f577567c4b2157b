"""A classifier of two texts: each is read as if it were alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from burnish.tasks import PairsTask, TextPair
from burnish.torch_models.base import resolve_base
from burnish.torch_models.build import build_model, encoder_inputs, input_names
from burnish.torch_models.logits import predict_logits
from burnish.torch_models.paired import WIDTH, PairedClassifier
from tests.tiny import tiny_base

TASK = PairsTask(labels=("no", "yes"), max_length=48, stride=4, reading="apart")
PAIRS = [
    TextPair("my card", "the money is late"),
    TextPair("the money is late", "my card"),
    TextPair("a", "a"),
]


@pytest.mark.parametrize("family", ["bert", "roberta", "distilbert"])
@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_vectors_are_those_of_each_text_alone(tmp_path: Path, family: str, pooling: Any) -> None:
    base = resolve_base(str(tiny_base(tmp_path / "base", family)))
    module = build_model(base, TASK, pooling=pooling, seed=3).module.eval()
    assert isinstance(module, PairedClassifier)
    assert module.classifier.in_features == WIDTH * base.hidden_size
    assert input_names(module) == ("input_ids", "attention_mask", "token_type_ids")
    encoder = TASK.text_encoder(base.path / "tokenizer.json")
    encodings = [TASK.encode(pair, encoder) for pair in PAIRS]
    assert all(len(encoding.windows) == 1 for encoding in encodings)
    found = predict_logits(module, TASK, encodings)

    def vector(text: str) -> torch.Tensor:
        window = encoder.encode(text).windows[0]
        ids = torch.from_numpy(window.input_ids)[None]
        types = torch.zeros_like(ids) if "token_type_ids" in encoder_inputs(module) else None
        return module.pool(ids, torch.ones_like(ids), types)

    with torch.inference_mode():
        for pair, logits in zip(PAIRS, found, strict=True):
            one, other = vector(pair.text), vector(pair.text_pair)
            compared = torch.cat([one, other, (one - other).abs(), one * other], dim=-1)
            wanted = module.classifier(compared)[0].numpy()
            assert logits[0] == pytest.approx(wanted, abs=1e-5)


def test_each_text_has_its_own_special_tokens_and_the_longer_one_is_cut(tmp_path: Path) -> None:
    base = resolve_base(str(tiny_base(tmp_path / "base", "bert")))
    task = TASK.model_copy(update={"max_length": 16})
    encoder = task.text_encoder(base.path / "tokenizer.json")
    long = "the parcel is late and the money is lost " * 3
    for pair in (TextPair("my card", long), TextPair(long, "my card")):
        encoding = task.encode(pair, encoder)
        assert len(encoding.windows) > 1
        card = encoder.encode("my card").windows[0].input_ids.tolist()
        short = int(pair.text == long)
        for window in encoding.windows:
            ids, types = window.input_ids, window.token_type_ids
            assert len(ids) == 16
            assert ids[types == short].tolist() == card
            other = ids[types != short]
            assert (other[0], other[-1]) == (card[0], card[-1])
            place = slice(window.prefix, window.prefix + window.stop - window.start)
            assert set(types[place]) == {1 - short}

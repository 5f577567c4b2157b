"""Tokenizers and tensors without the tokens that nobody needs."""

from __future__ import annotations

import json

import pytest
import torch
from tokenizers import Tokenizer

from burnish.errors import BaseModelError
from burnish.torch_models.smaller_vocabulary import (
    kept_ids,
    smaller_config,
    smaller_tensors,
    smaller_tokenizer,
)
from tests.tiny import tiny_base

TEXT = "my parcels is late"


@pytest.fixture(params=["bert", "xlm-roberta"])
def document(request, tmp_path):
    base = tiny_base(tmp_path / "base", request.param)
    return json.loads((base / "tokenizer.json").read_bytes())


def _read(document, text):
    return Tokenizer.from_str(json.dumps(document)).encode(text)


def test_a_text_that_needs_no_removed_token_is_the_same_tokens(document) -> None:
    whole = _read(document, TEXT)
    kept = kept_ids(document, set(whole.ids), config={}, name="base")
    smaller = smaller_tokenizer(document, kept)
    found = _read(smaller, TEXT)
    assert found.tokens == whole.tokens
    assert [kept[new] for new in found.ids] == whole.ids  # and special tokens around it
    size = Tokenizer.from_str(json.dumps(document)).get_vocab_size()
    assert Tokenizer.from_str(json.dumps(smaller)).get_vocab_size() == len(kept) < size


def test_any_word_can_still_be_spelled(document) -> None:
    kept = kept_ids(document, (), config={}, name="base")
    found = _read(smaller_tokenizer(document, kept), "refund")
    unknown = {"[UNK]", "<unk>"}
    own = set(found.tokens) & unknown
    assert not own or not set(_read(document, "r e f u n d").tokens).isdisjoint(unknown)


def test_rows_follow_their_tokens() -> None:
    table = torch.arange(12.0).reshape(6, 2)
    tensors = {
        "embeddings.word_embeddings.weight": table,
        "cls.predictions.bias": torch.arange(6.0),
        "encoder.layer.0.output.dense.weight": torch.zeros(6, 2),
    }
    found = smaller_tensors(tensors, [0, 2, 5], rows=6)
    assert torch.equal(found["embeddings.word_embeddings.weight"], table[[0, 2, 5]])
    assert found["cls.predictions.bias"].tolist() == [0, 2, 5]
    assert found["encoder.layer.0.output.dense.weight"].shape == (6, 2)


def test_the_config_names_the_new_ids() -> None:
    found = smaller_config({"vocab_size": 9, "pad_token_id": 0, "sep_token_id": 5}, [0, 2, 5])
    assert found == {"vocab_size": 3, "pad_token_id": 0, "sep_token_id": 2}


def test_byte_pairs_are_refused(tmp_path) -> None:
    base = tiny_base(tmp_path / "base", "roberta")
    document = json.loads((base / "tokenizer.json").read_bytes())
    with pytest.raises(BaseModelError, match="whose tokens are built of others"):
        kept_ids(document, (), config={}, name="base")

"""Tokenizers that do not belong to the weights, or are none."""

from __future__ import annotations

import json
from typing import Any

import pytest
from transformers import AutoModel, AutoTokenizer

from burnish.torch_models.base import resolve_base
from tests.torch_models.bases import refusal


def test_the_hint_for_added_tokens_leads_on(model, tmp_path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(model)
    tokenizer.add_tokens(["[NAME]", "[DATE]"])
    tokenizer.save_pretrained(model)
    refused = refusal(model)
    assert "2 tokens ('[NAME]', '[DATE]')" in refused.message
    assert "resize_token_embeddings" in refused.hint

    larger: Any = AutoModel.from_pretrained(model)
    larger.resize_token_embeddings(len(tokenizer))
    larger.save_pretrained(model)
    assert resolve_base(str(model)).family == "bert"


def test_a_tokenizer_of_another_model_is_refused(model) -> None:
    tokenizer = json.loads((model / "tokenizer.json").read_text())
    kept = dict(list(tokenizer["model"]["vocab"].items())[:40])
    (model / "tokenizer.json").write_text(
        json.dumps({**tokenizer, "model": {**tokenizer["model"], "vocab": kept}})
    )
    assert "belongs to another model" in refusal(model).message


@pytest.mark.parametrize(
    "content",
    ["{}", "[]", '{"version": "1.0"}', '{"version": "1.0", "model": {"type": "Nobodys"}}'],
)
def test_a_tokenizer_that_is_none_is_refused(model, content) -> None:
    (model / "tokenizer.json").write_text(content)
    assert "tokenizer.json" in refusal(model).message


@pytest.mark.parametrize("change", ["vocab", "post_processor", "unk"])
def test_a_tokenizer_without_its_vocabulary_is_refused(model, change) -> None:
    tokenizer = json.loads((model / "tokenizer.json").read_text())
    if change == "vocab":
        del tokenizer["model"]["vocab"]
    elif change == "unk":
        tokenizer["model"]["vocab"] = {"[PAD]": 0}
    else:
        special = tokenizer["post_processor"]["special_tokens"]["[CLS]"]
        special["ids"] = [10**6]
    (model / "tokenizer.json").write_text(json.dumps(tokenizer))
    assert "tokenizer.json" in refusal(model).message

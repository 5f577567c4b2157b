"""Token types: which of two texts a token is of, where a checkpoint was tuned without them."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn
from transformers import AutoTokenizer

__all__ = ["level_token_types"]

_TYPES = "token_type_ids"
_EMBEDDINGS = "token_type_embeddings"


def level_token_types(module: nn.Module, tokenizer: Path) -> None:
    """Give both texts the first type, where the checkpoint's tokenizer returns no types.

    transformers then takes every token for one of the first text; burnish tells the model which
    text each is of. With one embedding for both, the answers are the same.

    Args:
        module: the checkpoint's model, changed in place.
        tokenizer: the directory of its tokenizer.
    """
    if _TYPES in AutoTokenizer.from_pretrained(tokenizer).model_input_names:
        return
    for name, each in module.named_modules():
        if name.endswith(_EMBEDDINGS) and isinstance(each, nn.Embedding):
            with torch.no_grad():
                each.weight[1:] = each.weight[0].clone()

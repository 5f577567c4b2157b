"""Small encoders of every family, their weights by their names, and what they are asked.

Imports torch and transformers alone, of whatever version: the oracle's environment and ours both
build the same models from this file.
"""

from __future__ import annotations

import random
from typing import Any

import torch
from torch import nn
from transformers import AutoConfig, AutoModel

__all__ = ["ATTENTION_MASK", "FAMILIES", "INPUT_IDS", "STRUCTURES", "answer", "encoder", "fill"]

_SMALL: dict[str, Any] = {
    "vocab_size": 40,
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 48,
    "max_position_embeddings": 40,
    "pad_token_id": 1,
}
_OPTIONS: dict[str, dict[str, Any]] = {
    "albert": {"embedding_size": 16, "num_hidden_groups": 2, "num_hidden_layers": 4},
    "deberta-v2": {
        "relative_attention": True,
        "pos_att_type": ["p2c", "c2p"],
        "position_buckets": 4,
        "norm_rel_ebd": "layer_norm",
        "share_att_key": True,
        "type_vocab_size": 0,
    },
    "distilbert": {"dim": 32, "n_layers": 3, "n_heads": 4, "hidden_dim": 48},
    "electra": {"embedding_size": 16},
    "modernbert": {
        "global_attn_every_n_layers": 3,
        "local_attention": 4,
        "bos_token_id": 0,
        "eos_token_id": 2,
        "cls_token_id": 0,
        "sep_token_id": 2,
    },
}
FAMILIES = (
    "albert",
    "bert",
    "deberta-v2",
    "distilbert",
    "electra",
    "modernbert",
    "mpnet",
    "roberta",
    "xlm-roberta",
)
STRUCTURES = ("houlsby", "pfeiffer", "flat", "network")
"""Two bottlenecks of an eighth of the hidden size, and two prefixes of 3, the last by a network of
width 6."""
LENGTHS = (9, 5, 7)
INPUT_IDS = torch.tensor(
    [[(7 * row + 3 * i) % 37 + 3 for i in range(max(LENGTHS))] for row in range(3)]
)
ATTENTION_MASK = torch.tensor([[int(i < n) for i in range(max(LENGTHS))] for n in LENGTHS])


def encoder(family: str, *, attention: str = "eager") -> Any:
    """An encoder in double precision, its weights not filled yet."""
    options = {**_SMALL, **_OPTIONS.get(family, {})}
    if family == "distilbert":
        options = {k: v for k, v in options.items() if k in _DISTILBERT or k not in _SMALL}
    config = AutoConfig.for_model(family, **options)
    if family == "modernbert":
        config.reference_compile = False
    return AutoModel.from_config(config, attn_implementation=attention).double().eval()


_DISTILBERT = ("vocab_size", "max_position_embeddings", "pad_token_id")


def fill(model: nn.Module) -> None:
    """Weights that follow from the parameters' names, large enough that each of them matters."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            draw = random.Random(name)
            values = [draw.random() - 0.5 for _ in range(parameter.numel())]
            drawn = torch.tensor(values, dtype=parameter.dtype).view(parameter.shape)
            norm = "norm" in name.lower() and name.endswith("weight")
            parameter.copy_(1 + drawn / 2 if norm else drawn)


def answer(model: nn.Module) -> torch.Tensor:
    """The hidden states of the real tokens (tokens, hidden size)."""
    with torch.no_grad():
        states = model(input_ids=INPUT_IDS, attention_mask=ATTENTION_MASK).last_hidden_state
    found: torch.Tensor = states[ATTENTION_MASK.bool()]
    return found

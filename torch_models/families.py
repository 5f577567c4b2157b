"""Encoder families: tables of where each keeps its layers.

PEFT has no default targets for DistilBERT, MPNet and ModernBERT, and its defaults for the others
leave out the feed-forward layers. Patterns match whole names of the encoder's layers only, so that
no head and no pooler is wrapped twice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from torch import nn

from burnish.errors import BaseModelError
from burnish.torch_models.inner import inner_model

__all__ = [
    "FEED_FORWARD",
    "IA3_TARGETS",
    "LAYERS",
    "LORA_TARGETS",
    "FeedForward",
    "Ia3Targets",
    "encoder_layers",
    "ia3_targets",
    "layer_depths",
    "lora_targets",
    "unknown_layers",
]

_Targets = TypeVar("_Targets")


def _bert(*attention: str) -> str:
    inner = "|".join(attention)
    return (
        rf"(.*\.)?encoder\.layer\.\d+\.(attention\.({inner})"
        r"|attention\.output\.dense|intermediate\.dense|output\.dense)"
    )


_BERT = _bert(r"self\.(query|key|value)")

_ALBERT = r"(.*\.)?albert_layer_groups\.\d+\.albert_layers\.\d+\."

_GATED = r"(.*\.)?layers\.\d+\."
"""Layers as Llama names them, which newer encoders took over."""

_WRITER = r"(.*\.)?(encoder|decoder)\.layers\.\d+\.((self|encoder)_attn\.(q|k|v|out)_proj|fc[12])"
_T5 = (
    r"(.*\.)?(encoder|decoder)\.block\.\d+\.layer\.\d+\."
    r"((SelfAttention|EncDecAttention)\.[qkvo]|DenseReluDense\.(wi|wi_0|wi_1|wo))"
)

LORA_TARGETS: dict[str, str] = {
    # Its layers share their weights, and so their adapters.
    "albert": _ALBERT + r"(attention\.(query|key|value|dense)|ffn|ffn_output)",
    "bart": _WRITER,
    "bert": _BERT,
    "camembert": _BERT,
    "deberta-v2": _bert(r"self\.(query_proj|key_proj|value_proj)"),
    "distilbert": r"(.*\.)?transformer\.layer\.\d+\.(attention\.(q|k|v|out)_lin|ffn\.lin[12])",
    "electra": _BERT,
    "ernie": _BERT,
    "eurobert": _GATED + r"(self_attn\.[qkvo]_proj|mlp\.(gate|up|down)_proj)",
    "m2m_100": _WRITER,
    "marian": _WRITER,
    "mbart": _WRITER,
    "modernbert": r"(.*\.)?layers\.\d+\.(attn\.(Wqkv|Wo)|mlp\.(Wi|Wo))",
    "mpnet": _bert(r"attn\.[qkvo]"),
    "mt5": _T5,
    "pegasus": _WRITER,
    "roberta": _BERT,
    "roberta-prelayernorm": _BERT,
    "t5": _T5,
    "xlm-roberta": _BERT,
}
"""Linear layers that LoRA adapts, by ``model_type``. DeBERTa-v3 is of type ``deberta-v2``."""


@dataclass(frozen=True, slots=True)
class Ia3Targets:
    """Patterns of the layers whose values (IA)³ scales."""

    attention: str
    """Keys and values: their outputs are scaled."""
    feedforward: str
    """Feed-forward layers: their inputs are scaled."""

    @property
    def all(self) -> str:
        """The pattern of both."""
        return f"({self.attention})|({self.feedforward})"


def _bert_ia3(*attention: str) -> Ia3Targets:
    layer = r"(.*\.)?encoder\.layer\.\d+\."
    return Ia3Targets(rf"{layer}attention\.({'|'.join(attention)})", rf"{layer}output\.dense")


_BERT_IA3 = _bert_ia3(r"self\.(key|value)")

IA3_TARGETS: dict[str, Ia3Targets] = {
    "albert": Ia3Targets(_ALBERT + r"attention\.(key|value)", _ALBERT + "ffn_output"),
    "bert": _BERT_IA3,
    "camembert": _BERT_IA3,
    "deberta-v2": _bert_ia3(r"self\.(key_proj|value_proj)"),
    "distilbert": Ia3Targets(
        r"(.*\.)?transformer\.layer\.\d+\.attention\.(k|v)_lin",
        r"(.*\.)?transformer\.layer\.\d+\.ffn\.lin2",
    ),
    "electra": _BERT_IA3,
    "ernie": _BERT_IA3,
    "eurobert": Ia3Targets(_GATED + r"self_attn\.[kv]_proj", _GATED + r"mlp\.down_proj"),
    # Queries, keys and values are one layer: the queries are scaled too.
    "modernbert": Ia3Targets(r"(.*\.)?layers\.\d+\.attn\.Wqkv", r"(.*\.)?layers\.\d+\.mlp\.Wo"),
    "mpnet": _bert_ia3(r"attn\.[kv]"),
    "roberta": _BERT_IA3,
    "roberta-prelayernorm": _BERT_IA3,
    "xlm-roberta": _BERT_IA3,
}
"""As Liu et al. 2022 place them ("Few-Shot Parameter-Efficient Fine-Tuning is Better and Cheaper
than In-Context Learning"), by ``model_type``."""


def lora_targets(family: str) -> str:
    """The pattern of the layers that LoRA adapts.

    Raises:
        BaseModelError: the family is not in the table.
    """
    return _known(LORA_TARGETS, family, method="LoRA")


def ia3_targets(family: str) -> Ia3Targets:
    """The patterns of the layers that (IA)³ scales.

    Raises:
        BaseModelError: the family is not in the table.
    """
    return _known(IA3_TARGETS, family, method="(IA)³")


def _known(table: Mapping[str, _Targets], family: str, *, method: str) -> _Targets:
    try:
        return table[family]
    except KeyError:
        raise BaseModelError(
            f"{method} does not know the layers of a {family!r} model",
            f"it knows {', '.join(sorted(table))}; or train with method: full",
        ) from None


_LAYER = r"encoder\.layer\.(\d+)"
_NUMBERED = r"layers\.(\d+)"

LAYERS: dict[str, str] = {
    "albert": r"albert_layer_groups\.(\d+)",
    "bert": _LAYER,
    "camembert": _LAYER,
    "deberta-v2": _LAYER,
    "distilbert": r"transformer\.layer\.(\d+)",
    "electra": _LAYER,
    "ernie": _LAYER,
    "eurobert": _NUMBERED,
    "modernbert": _NUMBERED,
    "mpnet": _LAYER,
    "roberta": _LAYER,
    "xlm-roberta": _LAYER,
}
"""Names of the layers, lowest first, by ``model_type``. ALBERT's share their weights: one group of
them counts as one layer."""


@dataclass(frozen=True, slots=True)
class FeedForward:
    """Where a layer has its feed-forward part."""

    up: tuple[str, ...] = ("intermediate.dense",)
    """Linear layers from the hidden width to the inner units."""
    down: str = "output.dense"
    """The linear layer back from the inner units."""
    key: str = "intermediate_size"
    """The key of ``config.json`` that has the number of inner units."""
    stacked: int = 1
    """How many rows of a layer up belong to a unit: 2 where its value and its gate are computed by
    one matrix, all values first."""


FEED_FORWARD: dict[str, FeedForward] = {
    **dict.fromkeys(
        ("bert", "camembert", "deberta-v2", "electra", "ernie", "mpnet", "roberta", "xlm-roberta"),
        FeedForward(),
    ),
    "distilbert": FeedForward(("ffn.lin1",), "ffn.lin2", "hidden_dim"),
    "eurobert": FeedForward(("mlp.gate_proj", "mlp.up_proj"), "mlp.down_proj"),
    "modernbert": FeedForward(("mlp.Wi",), "mlp.Wo", stacked=2),
}
"""By ``model_type``. ALBERT's layers share their feed-forward part, so that its units could not be
chosen layer by layer."""

_BOTTOM = (
    r"embeddings|embed_tokens|embeddings_project|embedding_hidden_mapping_in"
    r"|encoder\.rel_embeddings|encoder\.LayerNorm|encoder\.relative_attention_bias"
)
"""Modules below the lowest layer, or shared by all layers."""
_LOWEST = r"encoder\.conv"
"""DeBERTa-v2's convolution, which runs in parallel to the lowest layer."""
_HIGHEST = r"final_norm|norm"
"""The last norm of ModernBERT and EuroBERT, after the highest layer."""


def unknown_layers(family: str) -> BaseModelError:
    """The refusal of what depends on the order of a family's layers."""
    return BaseModelError(
        f"the order of the layers of a {family!r} model is not known",
        f"it is known for {', '.join(sorted(LAYERS))}; for others leave train.layer_decay=1, "
        "train.freeze=0 and train.gradual_unfreezing=false",
    )


def encoder_layers(model: nn.Module) -> list[nn.Module]:
    """The layers of a model's encoder, lowest first, whatever wraps it.

    Raises:
        BaseModelError: the family is not in the table.
    """
    pattern = re.compile(rf"(?:.*\.)?{_layer_pattern(model)}")
    found: dict[int, nn.Module] = {}
    for name, module in model.named_modules():
        if match := pattern.fullmatch(name):
            found.setdefault(int(match.group(1)), module)
    return [found[index] for index in sorted(found)]


def layer_depths(model: nn.Module) -> dict[str, int]:
    """The depth of each parameter: 0 for the embeddings, 1 for the lowest layer, and so on.

    Args:
        model: a transformers model, a pooled classifier, or either under PEFT.

    Returns:
        Depth by parameter. The head, and all else above the layers, is one above the highest.

    Raises:
        BaseModelError: the family is not in the table.
    """
    count = len(encoder_layers(model))
    layer = re.compile(rf"(?:^|\.){_layer_pattern(model)}\.")

    def depth(name: str) -> int:
        if match := layer.search(name):
            return int(match.group(1)) + 1
        for pattern, height in ((_BOTTOM, 0), (_LOWEST, 1), (_HIGHEST, count)):
            if re.search(rf"(?:^|\.)(?:{pattern})\.", name):
                return height
        return count + 1

    return {name: depth(name) for name, _ in model.named_parameters()}


def _layer_pattern(model: nn.Module) -> str:
    config: Any = inner_model(model).config
    family = str(getattr(config, "model_type", ""))
    if family not in LAYERS:
        raise unknown_layers(family)
    return LAYERS[family]

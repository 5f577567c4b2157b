"""Encoder families: where each keeps its layers, as a table.

PEFT has no default targets for DistilBERT, MPNet and ModernBERT, and its default for the others
leaves out the feed-forward layers. Patterns are matched whole, against layers of the encoder only,
so that no head and no pooler is wrapped twice.
"""

from __future__ import annotations

from burnish.errors import BaseModelError

__all__ = ["LORA_TARGETS", "lora_targets"]


def _bert(*attention: str) -> str:
    inner = "|".join(attention)
    return (
        rf"(.*\.)?encoder\.layer\.\d+\.(attention\.({inner})"
        r"|attention\.output\.dense|intermediate\.dense|output\.dense)"
    )


_BERT = _bert(r"self\.(query|key|value)")

LORA_TARGETS: dict[str, str] = {
    "bert": _BERT,
    "camembert": _BERT,
    "deberta-v2": _bert(r"self\.(query_proj|key_proj|value_proj)"),
    "distilbert": r"(.*\.)?transformer\.layer\.\d+\.(attention\.(q|k|v|out)_lin|ffn\.lin[12])",
    "electra": _BERT,
    "modernbert": r"(.*\.)?layers\.\d+\.(attn\.(Wqkv|Wo)|mlp\.(Wi|Wo))",
    "mpnet": _bert(r"attn\.[qkvo]"),
    "roberta": _BERT,
    "xlm-roberta": _BERT,
}
"""Linear layers that LoRA adapts, by ``model_type``. DeBERTa-v3 is of type ``deberta-v2``."""


def lora_targets(family: str) -> str:
    """The pattern of the layers that LoRA adapts.

    Raises:
        BaseModelError: the family is not in the table.
    """
    try:
        return LORA_TARGETS[family]
    except KeyError:
        raise BaseModelError(
            f"LoRA does not know the layers of a {family!r} model",
            f"it knows {', '.join(sorted(LORA_TARGETS))}; or train with method: full",
        ) from None

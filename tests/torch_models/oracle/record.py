"""What the package ``adapters`` answers; runs in the environment that ``__main__`` makes."""

from __future__ import annotations

import sys
from typing import Any

import adapters
from adapters import AdapterModelInterface, DoubleSeqBnConfig, PrefixTuningConfig, SeqBnConfig
from safetensors.torch import save_file

from tests.torch_models.oracle.cases import FAMILIES, STRUCTURES, answer, encoder, fill

_PLUGGED: dict[str, dict[str, Any]] = {
    "mpnet": {
        "model_layers": "encoder.layer",
        "layer_self_attn": "attention.attn",
        "attn_q_proj": "q",
        "attn_k_proj": "k",
        "attn_v_proj": "v",
        "attn_o_proj": "o",
        "layer_intermediate_proj": "intermediate.dense",
        "layer_output_proj": "output.dense",
    },
    "modernbert": {
        "model_layers": "layers",
        "layer_self_attn": "attn",
        "attn_qkv_proj": "Wqkv",
        "attn_o_proj": "Wo",
        "layer_intermediate_proj": "mlp.Wi",
        "layer_output_proj": "mlp.Wo",
    },
}
"""Families that need a plug-in interface to the package, as burnish 0.1.0 had them. It names no
LayerNorm: each layer's hook would take that of the last layer. Prefixes it does not have."""
_CONFIGS: dict[str, Any] = {
    "houlsby": DoubleSeqBnConfig(reduction_factor=8),
    "pfeiffer": SeqBnConfig(reduction_factor=8),
    "flat": PrefixTuningConfig(prefix_length=3, flat=True),
    "network": PrefixTuningConfig(prefix_length=3, flat=False, bottleneck_size=6),
}


def _attention(family: str) -> str:
    """Eager, for DistilBERT's prefix is wrong under sdpa; ModernBERT under eager attention answers
    with NaN in double precision, as its two masks add up to minus infinity."""
    return "sdpa" if family == "modernbert" else "eager"


def _structured(family: str, structure: str) -> Any:
    model = encoder(family, attention=_attention(family))
    interface = None
    if family in _PLUGGED:
        interface = AdapterModelInterface(
            adapter_methods=["bottleneck"],
            model_embeddings="embeddings",
            layer_cross_attn=None,
            **_PLUGGED[family],
        )
    adapters.init(model, interface=interface)
    model.add_adapter("burnish", config=_CONFIGS[structure])
    model.set_active_adapters("burnish")
    model.double().eval()
    fill(model)
    return model


if __name__ == "__main__":
    found = {}
    for family in FAMILIES:
        plain = encoder(family, attention=_attention(family))
        fill(plain)
        found[f"{family} plain"] = answer(plain).float()
        for structure in STRUCTURES:
            if family not in _PLUGGED or structure in ("houlsby", "pfeiffer"):
                found[f"{family} {structure}"] = answer(_structured(family, structure)).float()
    save_file(found, sys.argv[1], metadata={"adapters": adapters.__version__})

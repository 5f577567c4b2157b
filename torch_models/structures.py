"""Structures inside the encoder that cannot be merged: bottleneck adapters and prefixes.

The package ``adapters`` puts them in. They stay in the exported model, and slow it down a little.
A :class:`StructuredModel` names the inputs that the package's own classes hide.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import nn

from burnish.errors import BaseModelError
from burnish.torch_models.build import BuiltModel, head_module, input_names
from burnish.torch_models.pooled import PooledClassifier
from burnish.torch_models.quiet import quiet

__all__ = [
    "BOTTLENECK_FAMILIES",
    "EAGER_FAMILIES",
    "PREFIX_FAMILIES",
    "Bottleneck",
    "Prefix",
    "Structure",
    "StructuredModel",
    "attach",
    "folded_tensors",
]

_NAME = "burnish"
"""The package's name for the one adapter in the model."""

PREFIX_FAMILIES = frozenset(
    {"albert", "bert", "deberta-v2", "distilbert", "electra", "roberta", "xlm-roberta"}
)
"""Families in which the package can put a prefix before attention's keys and values."""
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
"""Families that need a plug-in interface to the package.

It names no LayerNorm, though the package's own interface for ModernBERT does: each layer's hook
would take that of the last layer (adapters 1.3.0, ``init_bottleneck``)."""
BOTTLENECK_FAMILIES = PREFIX_FAMILIES | frozenset(_PLUGGED)
EAGER_FAMILIES = frozenset({"distilbert"})
"""Families in which a prefix is silently wrong under sdpa: padding changes answers."""


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """Adapters of two layers and a residual, in every layer of the encoder."""

    kind: Literal["houlsby", "pfeiffer"]
    """After attention and feed-forward (Houlsby et al. 2019), or after feed-forward only (Pfeiffer
    et al. 2021)."""
    reduction: float
    """Hidden size divided by the adapter's."""


@dataclass(frozen=True, slots=True)
class Prefix:
    """Trained keys and values in front of every layer's own (Li & Liang 2021)."""

    length: int
    """Positions of a prefix."""
    bottleneck: int | None
    """Hidden size of the network that makes it; None: the prefix itself is the parameters, as in
    P-tuning v2 (Liu et al. 2022)."""


Structure = Bottleneck | Prefix


class StructuredModel(nn.Module):
    """A task's model with a structure in its encoder.

    Args:
        module: the model with the structure in it.
        structure: the structure.
        names: the tensors that the model takes.
        own: the parameters that a checkpoint holds: the structure's, and those the base lacks.
    """

    def __init__(
        self,
        module: nn.Module,
        structure: Structure,
        *,
        names: tuple[str, ...],
        own: frozenset[str],
    ) -> None:
        super().__init__()
        self.module = module
        self.structure = structure
        self.names = names
        self.own = own

    @property
    def config(self) -> Any:
        """The encoder's configuration, with the labels."""
        return self.module.config

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        token_type_ids: torch.Tensor | None = None,
    ) -> Any:
        """The module's output of token ids (batch, length)."""
        types = {} if token_type_ids is None else {"token_type_ids": token_type_ids}
        return self.module(input_ids=input_ids, attention_mask=attention_mask, **types)


def attach(built: BuiltModel, structure: Structure, *, family: str) -> StructuredModel:
    """Put a structure into a model's encoder, in place.

    A bottleneck starts as the identity; torch's generator draws a prefix.

    Raises:
        BaseModelError: the package does not support the family.
    """
    known = BOTTLENECK_FAMILIES if isinstance(structure, Bottleneck) else PREFIX_FAMILIES
    if family not in known:
        raise BaseModelError(
            f"the package adapters has no place for a {type(structure).__name__.lower()} in a "
            f"{family!r} model",
            f"it has one in {', '.join(sorted(known))}",
        )
    module, names = built.module, input_names(built.module)
    before = {name for name, _ in module.named_parameters()}
    with quiet():
        _put_in(_encoder(module), structure, family)
    added = {name: p for name, p in module.named_parameters() if name not in before}
    _start(added, structure)
    head, _ = head_module(module)
    lacking = {*built.missing, f"{head}.weight", f"{head}.bias"} & before
    own = frozenset(f"module.{name}" for name in {*added, *lacking})
    return StructuredModel(module, structure, names=names, own=own)


def folded_tensors(model: StructuredModel) -> tuple[Structure, dict[str, torch.Tensor]]:
    """Replace the network that makes a prefix by the prefix itself, for a checkpoint.

    Returns:
        The structure to attach on loading, and its parameters by their names in it.
    """
    from adapters.methods.prefix_tuning import PrefixTuning

    made = {name: m for name, m in model.named_modules() if isinstance(m, PrefixTuning)}
    tensors = {
        name: parameter.detach().contiguous()
        for name, parameter in model.named_parameters()
        if name in model.own and not name.startswith(tuple(f"{path}." for path in made))
    }
    with torch.no_grad():
        tensors |= {f"{path}.control_trans": module.eject() for path, module in made.items()}
    structure = model.structure
    if isinstance(structure, Prefix):
        structure = Prefix(structure.length, bottleneck=None)
    return structure, tensors


def _encoder(module: nn.Module) -> Any:
    return module.encoder if isinstance(module, PooledClassifier) else module.base_model


def _put_in(encoder: Any, structure: Structure, family: str) -> None:
    import adapters

    interface = None
    if family in _PLUGGED:
        interface = adapters.AdapterModelInterface(
            adapter_methods=["bottleneck"],
            model_embeddings="embeddings",
            layer_cross_attn=None,
            **_PLUGGED[family],
        )
    adapters.init(encoder, interface=interface)
    encoder.add_adapter(_NAME, config=_config(structure))
    encoder.set_active_adapters(_NAME)


def _config(structure: Structure) -> Any:
    from adapters import DoubleSeqBnConfig, PrefixTuningConfig, SeqBnConfig

    if isinstance(structure, Bottleneck):
        kinds = {"houlsby": DoubleSeqBnConfig, "pfeiffer": SeqBnConfig}
        return kinds[structure.kind](reduction_factor=structure.reduction)
    return PrefixTuningConfig(
        prefix_length=structure.length,
        flat=structure.bottleneck is None,
        bottleneck_size=structure.bottleneck or 1,
    )


def _start(added: dict[str, nn.Parameter], structure: Structure) -> None:
    """Houlsby et al. start near the identity; a zero last layer starts at it."""
    if isinstance(structure, Bottleneck):
        for name, parameter in added.items():
            if ".adapter_up." in name:
                nn.init.zeros_(parameter)

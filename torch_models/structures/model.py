"""A task's model with a structure in its encoder."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from burnish.errors import BaseModelError
from burnish.torch_models.build import BuiltModel, head_module, input_names
from burnish.torch_models.pooled import PooledClassifier
from burnish.torch_models.structures.attention import put_prefix
from burnish.torch_models.structures.bottleneck import put_bottlenecks
from burnish.torch_models.structures.places import PLACES
from burnish.torch_models.structures.prefix import PrefixNetwork
from burnish.torch_models.structures.structure import Bottleneck, Prefix, Structure

__all__ = ["StructuredModel", "attach", "folded_tensors"]


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

    @property
    def normalized(self) -> bool:
        """Whether the vectors that the head reads have the length 1."""
        return bool(getattr(self.module, "normalized", False))

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
        BaseModelError: the places of the family's encoder are not known.
    """
    if family not in PLACES:
        raise BaseModelError(
            f"the place of a {type(structure).__name__.lower()} in a {family!r} model is not known",
            f"it is known for {', '.join(sorted(PLACES))}",
        )
    module, names = built.module, input_names(built.module)
    before = {name for name, _ in module.named_parameters()}
    encoder = module.encoder if isinstance(module, PooledClassifier) else module.base_model
    if isinstance(structure, Bottleneck):
        put_bottlenecks(encoder, structure, PLACES[family])
    else:
        put_prefix(encoder, structure, PLACES[family], family=family)
    added = {name for name, _ in module.named_parameters() if name not in before}
    head, _ = head_module(module)
    lacking = {*built.missing, f"{head}.weight", f"{head}.bias"} & before
    own = frozenset(f"module.{name}" for name in {*added, *lacking})
    return StructuredModel(module, structure, names=names, own=own)


def folded_tensors(model: StructuredModel) -> tuple[Structure, dict[str, torch.Tensor]]:
    """Replace the network that makes a prefix by the prefix itself, for a checkpoint.

    Returns:
        The structure to attach on loading, and its parameters by their names in it.
    """
    made = {name: m for name, m in model.named_modules() if isinstance(m, PrefixNetwork)}
    tensors = {
        name: parameter.detach().contiguous()
        for name, parameter in model.named_parameters()
        if name in model.own and not name.startswith(tuple(f"{path}." for path in made))
    }
    with torch.no_grad():
        tensors |= {f"{path}.control_trans": module.flat() for path, module in made.items()}
    structure = model.structure
    if isinstance(structure, Prefix):
        structure = Prefix(structure.length, bottleneck=None)
    return structure, tensors

"""A base's own head: kept where it names the task's labels, else started anew.

A head with as many outputs as the task has labels loads without an error, whatever its outputs
mean. A tagger of five other tags would start confidently wrong, and tuning might never undo it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from transformers import PretrainedConfig, PreTrainedModel

__all__ = ["head_module", "settle_head"]

_SHOWN = 5


def head_module(module: nn.Module) -> tuple[str, nn.Linear]:
    """Name and module of the last linear layer, which computes the logits."""
    linear = [(n, m) for n, m in module.named_modules() if isinstance(m, nn.Linear)]
    outputs = int(module.config.num_labels)  # type: ignore[union-attr,arg-type]
    name, head = [(n, m) for n, m in linear if m.out_features == outputs][-1]
    return name, head


def settle_head(
    model: PreTrainedModel,
    missing: set[str],
    *,
    base_config: PretrainedConfig,
    labels: Sequence[str],
) -> tuple[set[str], str]:
    """Put a loaded head's outputs in the task's order, or start it anew.

    Args:
        model: loaded; its last linear layer is the head.
        missing: names of the parameters that the base lacks.
        base_config: the base's own.
        labels: the task's outputs, in order; empty where they have no names (question answering).

    Returns:
        The names of what is missing now, and a sentence on what became of the base's head, empty
        where it has none.
    """
    name, head = head_module(model)
    own = {f"{name}.{key}" for key, _ in head.named_parameters()}
    if own & missing or not labels:
        said = "" if own & missing else "the head is the base model's own"
        return missing, said
    names: Any = base_config.id2label or {}
    known = [str(names[index]) for index in sorted(names)]
    classes = base_config.architectures or [type(model).__name__]
    if sorted(known) != sorted(labels) or type(model).__name__ not in classes:
        _start_anew(head, std=float(getattr(base_config, "initializer_range", 0.02)))
        shown = ", ".join(known[:_SHOWN]) + (", …" if len(known) > _SHOWN else "")
        return missing | own, (
            f"the base model's head is not used, and a new one is started: it is for other labels "
            f"({shown})"
        )
    if known == list(labels):
        return missing, "the head is the base model's own, which names the same labels"
    order = [known.index(label) for label in labels]
    with torch.no_grad():
        for parameter in head.parameters():
            parameter.copy_(parameter[order].clone())
    return missing, (
        "the head is the base model's own, which names the same labels; its outputs were put in "
        "this task's order"
    )


def _start_anew(head: nn.Linear, *, std: float) -> None:
    nn.init.normal_(head.weight, std=std)
    if head.bias is not None:
        nn.init.zeros_(head.bias)

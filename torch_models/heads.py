"""A base's own head: kept where it names the task's labels, else started anew.

A head with as many outputs as the task has labels loads without an error, whatever its outputs
mean. A tagger of five other tags would start confidently wrong, and tuning might never undo it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import nn
from transformers import PretrainedConfig, PreTrainedModel

from burnish.errors import BaseModelError

__all__ = ["HeadChoice", "SettledHead", "head_module", "settle_head"]

HeadChoice = Literal["auto", "keep", "new"]
"""What becomes of a base's own head; ``auto`` keeps it if it names the same labels."""

_SHOWN, _ALL = 5, 40


@dataclass(frozen=True, slots=True)
class SettledHead:
    """What became of a base's own head."""

    missing: set[str]
    """Names of the parameters that the base lacks, or whose values are not used."""
    said: str = ""
    """A sentence on it; empty where the base has none."""
    kept: bool = False


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
    choice: HeadChoice = "auto",
) -> SettledHead:
    """Put a loaded head's outputs in the task's order, or start it anew.

    Args:
        model: loaded; its last linear layer is the head.
        missing: names of the parameters that the base lacks.
        base_config: the base's own.
        labels: the task's outputs, in order; empty where they have no names (question answering).
        choice: what is to become of the base's own head.

    Raises:
        BaseModelError: it is to be kept, and there is none, or one for other labels.
    """
    name, head = head_module(model)
    own = {f"{name}.{key}" for key, _ in head.named_parameters()}
    std = float(getattr(base_config, "initializer_range", 0.02))
    names: Any = base_config.id2label or {}
    known = [str(names[index]) for index in sorted(names)]
    has_one = type(model).__name__ in (base_config.architectures or [type(model).__name__])
    lacks = bool(own & missing)  # it has other outputs, or there is none
    if choice == "new":
        if lacks:
            return SettledHead(missing)
        _start_anew(head, std=std)
        return SettledHead(missing | own, "the base model's head is not used, as head: new asks")
    if not labels and not lacks:
        return SettledHead(missing, "the head is the base model's own", kept=True)
    if lacks or not has_one or sorted(known) != sorted(labels):
        if choice == "keep":
            raise _cannot_keep(known, labels, has_one=has_one and bool(labels))
        if not lacks:
            _start_anew(head, std=std)
        other = has_one and bool(base_config.architectures) and bool(labels)
        said = (
            "the base model's head is not used, and a new one is started: it is for other labels "
            f"({_listed(known, _SHOWN)})"
        )
        return SettledHead(missing | own, said if other or not lacks else "")
    if known == list(labels):
        said = "the head is the base model's own, which names the same labels"
        return SettledHead(missing, said, kept=True)
    order = [known.index(label) for label in labels]
    with torch.no_grad():
        for parameter in head.parameters():
            parameter.copy_(parameter[order].clone())
    said = (
        "the head is the base model's own, which names the same labels; its outputs were put in "
        "this task's order"
    )
    return SettledHead(missing, said, kept=True)


def _cannot_keep(known: Sequence[str], labels: Sequence[str], *, has_one: bool) -> BaseModelError:
    if not has_one:
        return BaseModelError(
            "head: keep needs a head of the task, and the base model has none",
            "set head=new, or choose a base that was tuned for the task",
        )
    return BaseModelError(
        "head: keep needs the same labels on both sides.\n"
        f"  the base model: {_listed(known, _ALL)}\n  the rows: {_listed(labels, _ALL)}",
        "set head=new, or rename the labels of the rows",
    )


def _listed(names: Sequence[str], most: int) -> str:
    return ", ".join(names[:most]) + (", …" if len(names) > most else "")


def _start_anew(head: nn.Linear, *, std: float) -> None:
    nn.init.normal_(head.weight, std=std)
    if head.bias is not None:
        nn.init.zeros_(head.bias)

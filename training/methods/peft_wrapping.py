"""PEFT around a built model: everything that the base lacks is trained and saved with it."""

from __future__ import annotations

from typing import Any

from peft import PeftConfig, get_peft_model
from torch import nn

from burnish.torch_models.base import BaseModel
from burnish.torch_models.build import BuiltModel, head_module, is_writer
from burnish.torch_models.quiet import quiet

__all__ = ["modules_to_save", "name_base", "wrap"]

_ONLY_BURNISH = "(the base model; load the adapter with burnish, as the card says)"
"""Behind the base's name, so that ``AutoModelFor…`` finds no such model and says so: it would put
the adapter on a model of other labels, or without the pooling, and answer at random."""


def wrap(built: BuiltModel, base: BaseModel, config: PeftConfig) -> nn.Module:
    """The model with a PEFT adapter in it."""
    with quiet():
        model: Any = get_peft_model(built.module, config)
    name_base(model, base)
    wrapped: nn.Module = model
    return wrapped


def name_base(model: Any, base: BaseModel) -> None:
    """Write the base's name into an adapter's configuration, so that only burnish follows it."""
    model.peft_config["default"].base_model_name_or_path = f"{base.name} {_ONLY_BURNISH}"


def modules_to_save(built: BuiltModel) -> list[str]:
    """The modules that hold a tensor which the base lacks, and the head in any case.

    Without a task type PEFT freezes the head and does not save it: every module is named.
    """
    new = {missing.rpartition(".")[0] for missing in built.missing}
    return sorted(new if is_writer(built.module) else {head_module(built.module)[0], *new})

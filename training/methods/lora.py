"""LoRA (Hu et al. 2021) by PEFT: low-rank updates of every linear layer of the encoder."""

from __future__ import annotations

from peft import LoraConfig, get_peft_model
from torch import nn

from burnish.config import Recipe
from burnish.torch_models.base import BaseModel
from burnish.torch_models.build import BuiltModel, head_module
from burnish.torch_models.families import lora_targets
from burnish.torch_models.quiet import quiet

__all__ = ["prepare_lora"]


def prepare_lora(built: BuiltModel, base: BaseModel, recipe: Recipe) -> nn.Module:
    """The model with adapters in it; they, and all that the base lacks, are trained and saved.

    Raises:
        BaseModelError: the family's layers are not known.
    """
    config = LoraConfig(
        r=recipe.lora.r,
        lora_alpha=recipe.lora.alpha,  # type: ignore[arg-type]
        lora_dropout=recipe.lora.dropout,
        target_modules=lora_targets(base.family),
        # Without a task type PEFT freezes the head and does not save it: every module is named.
        modules_to_save=_modules_to_save(built),
    )
    with quiet():
        model = get_peft_model(built.module, config)
    model.peft_config["default"].base_model_name_or_path = base.name
    return model


def _modules_to_save(built: BuiltModel) -> list[str]:
    """The modules that hold a tensor which the base lacks, and the head in any case."""
    name, _ = head_module(built.module)
    return sorted({name, *(missing.rpartition(".")[0] for missing in built.missing)})

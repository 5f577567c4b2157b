"""What a base's ``config.json`` describes, found out without loading or allocating anything.

transformers builds the model on torch's ``meta`` device, where tensors have shapes and no
content. So the architecture itself tells the longest input, the rows of the embedding and whether
the weights fit; keys of the config may be missing or ignored.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import AutoConfig, AutoModel, PretrainedConfig, PreTrainedModel

from burnish.errors import BaseModelError
from burnish.torch_models.base_files import first_line, read_json
from burnish.torch_models.families import LAYERS, encoder_layers
from burnish.torch_models.quiet import quiet
from burnish.torch_models.weights import Weights

__all__ = ["Architecture", "load_config", "longest_input", "read_architecture"]

_MOST_LAYERS = 128
_LARGEST = 2**31
"""Limit of any whole number in a config: no existing model has larger sizes."""
_REPEATED = ("num_hidden_layers", "num_hidden_groups", "inner_group_num")
_MOST_LABELS = 100_000
_FACTOR = 2
"""An encoder may have so many times the numbers of its weights file, which may lack a pooler, or
share layers."""
_DAMAGED = (
    "config.json is damaged, or belongs to another model: use the one that comes with the weights"
)


@dataclass(frozen=True, slots=True)
class Architecture:
    """An encoder's measures."""

    family: str
    """``model_type`` of the config."""
    hidden_size: int
    positions: int | None
    """The longest input, special tokens included; None where there is no limit."""
    vocabulary: int
    """Rows of the embedding."""
    layers: int | None
    """None where their order is not known (``families.py``)."""


def read_architecture(directory: Path, weights: Weights, *, name: str) -> Architecture:
    """Build the encoder without content, and compare it with the weights.

    Args:
        directory: the model's; its config is vetted.
        weights: the model's.
        name: the model's name in an error.

    Raises:
        BaseModelError: the config describes no model, or another one than the weights.
    """
    labels = read_json(directory / "config.json", name=name).get("num_labels", 0)
    if not isinstance(labels, int) or not 0 <= labels <= _MOST_LABELS:
        raise BaseModelError(f"{name}: config.json: 'num_labels' is {labels!r}", _DAMAGED)
    config = load_config(directory, name=name)
    _check_values(config, name=name)
    encoder = _outline(config, name=name)
    _check_shapes(encoder, weights, name=name)
    _check_forward(encoder, name=name)
    embedding: Any = encoder.get_input_embeddings()
    return Architecture(
        family=str(config.model_type),
        hidden_size=int(config.hidden_size),
        positions=longest_input(encoder, config),
        vocabulary=int(embedding.weight.shape[0]),
        layers=len(encoder_layers(encoder)) if config.model_type in LAYERS else None,
    )


def load_config(directory: Path, *, name: str, **options: Any) -> PretrainedConfig:
    """Read a vetted ``config.json`` into the family's own class, fit for training.

    Args:
        directory: the model's.
        name: the model's name in an error.
        options: keys to set.

    Raises:
        BaseModelError: transformers cannot read it.
    """
    try:
        with quiet():
            config: PretrainedConfig = AutoConfig.from_pretrained(
                directory, trust_remote_code=False, **options
            )
            config.return_dict, config.torchscript = True, False  # else outputs have no names
            if hasattr(config, "reference_compile"):
                config.reference_compile = False  # ModernBERT would compile at the first batch
            if getattr(config, "classifier_pooling", None) == "late":
                # EuroBERT would put its head on every token; ours starts at a probe on the text.
                config.classifier_pooling = "mean"
    except Exception as e:  # whatever a value of the wrong kind makes of it
        raise BaseModelError(f"{name}: config.json is refused: {_reason(e)}", _DAMAGED) from e
    return config


def _check_values(config: PretrainedConfig, *, name: str) -> None:
    """Refuse values of another kind than the family's defaults, and impossible sizes."""
    try:
        defaults, given = type(config)().to_dict(), config.to_dict()
    except Exception as e:
        raise BaseModelError(f"{name}: config.json is refused: {_reason(e)}", _DAMAGED) from e
    for key, value in given.items():
        default: Any = defaults.get(key)
        if _is_number(default) and value is not None and not _is_number(value):
            raise BaseModelError(
                f"{name}: config.json: {key!r} is {str(value)[:40]!r}, and must be a number",
                _DAMAGED,
            )
        number: Any = value if _is_number(value) else 0
        lowest: Any = 0 if _is_number(default) and default >= 0 else -_LARGEST
        if not lowest <= number < _LARGEST:
            raise BaseModelError(
                f"{name}: config.json: {key!r} is {value}, which no model has", _DAMAGED
            )
    for key in _REPEATED:
        count = getattr(config, key, None) or 0
        if not 0 <= count <= _MOST_LAYERS:
            raise BaseModelError(
                f"{name}: config.json: {key!r} is {count}, which no model has", _DAMAGED
            )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _outline(config: PretrainedConfig, *, name: str) -> PreTrainedModel:
    """Build the encoder on the device ``meta``."""
    if type(config) not in AutoModel._model_mapping:
        raise BaseModelError(
            f"transformers has no encoder of the type {config.model_type!r} ({name})",
            "choose an encoder such as BERT, RoBERTa, DistilBERT, ELECTRA or DeBERTa",
        )
    auto: Any = AutoModel
    try:
        with quiet(), torch.device("meta"):
            encoder: PreTrainedModel = auto.from_config(config, attn_implementation="eager")
    except Exception as e:
        raise BaseModelError(
            f"{name}: config.json describes no model: {_reason(e)}", _DAMAGED
        ) from e
    return encoder


def _check_shapes(encoder: nn.Module, weights: Weights, *, name: str) -> None:
    prefix = getattr(encoder, "base_model_prefix", "")
    parameters = dict(encoder.named_parameters())
    known = 0
    for key, parameter in parameters.items():
        stored = next((n for n in (f"{prefix}.{key}", key) if n in weights.shapes), None)
        if stored is None:
            continue
        known += 1
        found = weights.shapes[stored]
        if stored in weights.whole:
            raise BaseModelError(
                f"{name}: the weights hold {stored!r} as whole numbers",
                "train from the unquantized model",
            )
        if found != tuple(parameter.shape):
            raise BaseModelError(
                f"{name}: config.json and the weights are of different models: {key!r} has the "
                f"shape {tuple(parameter.shape)} by the one and {found} in the other",
                _DAMAGED,
            )
    if known < len(parameters) / 2:
        raise BaseModelError(
            f"{name}: config.json and the weights are of different models: of the "
            f"{len(parameters)} tensors of the one, {known} are in the other",
            _DAMAGED,
        )
    described = sum(parameter.numel() for parameter in encoder.parameters())
    if described > _FACTOR * weights.elements:
        raise BaseModelError(
            f"{name}: config.json describes a model of {described:,} parameters, and the weights "
            f"hold {weights.elements:,}",
            _DAMAGED,
        )


def _check_forward(encoder: nn.Module, *, name: str) -> None:
    """Run the outline, which finds an epsilon or an activation that is not valid.

    Some families read the content of a mask, which an outline lacks, and some make a mask where
    none is given and read that: so run it both ways.
    """
    ids = torch.zeros((1, 8), dtype=torch.long, device="meta")
    writes = getattr(getattr(encoder, "config", None), "is_encoder_decoder", False)
    written = {"decoder_input_ids": ids} if writes else {}
    masked = {"attention_mask": torch.ones_like(ids)}
    given: tuple[dict[str, torch.Tensor], ...] = (written, {**written, **masked})
    for masks in given:
        try:
            with quiet(), torch.inference_mode():
                encoder.eval()(input_ids=ids, **masks)
        except Exception as e:
            if isinstance(e, RuntimeError) and "meta" in str(e):
                continue  # it reads content; a wrong shape does not name the device
            raise BaseModelError(
                f"{name}: config.json describes no model: {_reason(e)}", _DAMAGED
            ) from e


def longest_input(encoder: nn.Module, config: PretrainedConfig) -> int | None:
    """Tokens that an encoder or a decoder has positions for; None where they are relative.

    RoBERTa and its relatives count positions from after the padding's.
    """
    longest = getattr(config, "max_position_embeddings", None)
    if not isinstance(longest, int) or longest <= 0:
        return None
    for key, module in encoder.named_modules():
        if key.endswith("position_embeddings") and isinstance(module, nn.Embedding):
            padding: int | None = module.padding_idx
            return min(longest, module.num_embeddings) - (0 if padding is None else padding + 1)
    return longest


def _reason(error: Exception) -> str:
    text = first_line(error)
    return f"{type(error).__name__}: {text}" if isinstance(error, KeyError) else text

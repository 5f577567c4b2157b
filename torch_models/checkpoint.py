"""Saving a trained model into a run's ``model/``, and loading it again.

Layouts::

    full, native head     config.json  model.safetensors             AutoModelFor…
    full, writing         the same, generation_config.json           AutoModelForSeq2SeqLM
    full, pooled          encoder/ (config.json, model.safetensors)  AutoModel
                          head.safetensors (weight, bias)
    head alone            as full
    PEFT                  adapter_config.json  adapter_model.safetensors
    bottleneck, prefix    structure.json       structure.safetensors

The head's file also says whether the pooled vectors have the length 1; beside an adapter or a
structure, which hold the head themselves, it says nothing else.

Only the first has a ``config.json`` beside it: no class of transformers computes what the others
do, and one that loaded them would answer at random under the right labels. The last two hold all
that the base lacks, but not the base itself, and load only on the weights that they were trained
on. Each has the tokenizer's files; none is a pickle. In runs of 0.1.0 the pooled encoder's files
lie in ``model/`` itself.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal, cast

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from transformers import PreTrainedModel

from burnish.errors import RunError
from burnish.run import Run
from burnish.tasks import Task
from burnish.tasks.heads import Head
from burnish.torch_models.base import BaseModel, Pooling, read_base, resolve_base
from burnish.torch_models.build import build_model, encoder_inputs, is_writer
from burnish.torch_models.inner import inner_model
from burnish.torch_models.pooled import PooledClassifier
from burnish.torch_models.quiet import quiet
from burnish.torch_models.structure_file import (
    STRUCTURE,
    load_tensors,
    read_structure,
    save_structure,
)
from burnish.torch_models.structures import StructuredModel, attach
from burnish.torch_models.tokenizer_files import write_tokenizer_files
from burnish.torch_models.vetting import vet_directory
from burnish.torch_models.writers import open_writer, save_writer

__all__ = [
    "has_adapter",
    "is_native",
    "load_checkpoint",
    "load_run_model",
    "save_checkpoint",
    "save_encoder",
]

_ADAPTER = "adapter_config.json"
_HEAD = "head.safetensors"
_NORMALIZED = "normalized"
"""A tensor of the head's file: there, and not 0, where the pooled vectors have the length 1. Runs
from before it have none."""
_ENCODER = "encoder"
_OF_THE_HEAD = ("id2label", "label2id", "problem_type", "num_labels")
"""Keys of a config that describe a head."""


def save_checkpoint(
    model: nn.Module, directory: Path, *, base: BaseModel, max_length: int | None = None
) -> None:
    """Write a model and its tokenizer.

    Args:
        model: a transformers model, a :class:`PooledClassifier`, a PEFT model over either, or a
            :class:`StructuredModel`.
        directory: a new one.
        base: the model's base, whose tokenizer is written.
        max_length: the window, in tokens; the base's positions where None.
    """
    directory.mkdir(parents=True)
    with quiet():
        _save(model, directory, base=base)
    encoder = directory / _ENCODER
    for place in (directory, *([encoder] if encoder.exists() else [])):
        write_tokenizer_files(
            base.path,
            place,
            max_length=max_length or base.positions,
            inputs=encoder_inputs(inner_model(model)),
        )


def load_checkpoint(
    directory: Path, *, base: BaseModel | None, task: Task, pooling: Pooling
) -> nn.Module:
    """Load what :func:`save_checkpoint` wrote, in eval mode, an adapter still unmerged.

    Args:
        directory: a run's ``model/``.
        base: the base model, which only adapters need.
        task: names the outputs.
        pooling: how the classifier pools.

    Raises:
        RunError: an adapter without its base.
        BaseModelError: the files are refused.
    """
    if _needs_base(directory):
        if base is None:
            raise RunError(f"{directory} holds an adapter, and its base model is missing")
        model = _load_on_base(directory, base, task, pooling)
    elif task.head is Head.WRITTEN:
        vet_directory(directory, name=str(directory))
        model = open_writer(directory, task)
    else:
        whole = directory / _ENCODER if (directory / _ENCODER).exists() else directory
        head = _read_head(directory)
        built = build_model(
            read_base(whole), task, pooling=pooling, seed=0, normalized=_pop_normalized(head)
        )
        if isinstance(built.module, PooledClassifier):
            built.module.classifier.load_state_dict(head)
        elif built.missing:
            raise RunError(f"{directory} lacks the tensors {', '.join(built.missing)}")
        model = built.module
    return model.eval().requires_grad_(False)


def load_run_model(run: Run) -> nn.Module:
    """Load a run's model, in eval mode, an adapter still unmerged.

    Raises:
        RunError: the base model's weights are not those that the adapter was trained on.
    """
    directory, record = run.path / "model", run.record
    base = _base_of(run) if _needs_base(directory) else None
    return load_checkpoint(directory, base=base, task=record.task, pooling=record.pooling)


def _base_of(run: Run) -> BaseModel:
    wanted = run.record.base_model
    found = resolve_base(wanted.name, wanted.revision)
    if found.digest != wanted.digest:
        raise RunError(
            f"{run.path} holds an adapter to a base model with SHA-256 {wanted.digest}, and the "
            f"weights of {wanted.name!r} have {found.digest}",
            "an adapter gives wrong answers on any other base: bring back the weights it was "
            "trained on",
        )
    return found


def is_native(model: nn.Module) -> bool:
    """Whether a checkpoint of the model is one that ``AutoModelFor…`` loads."""
    return not isinstance(model, StructuredModel | PooledClassifier) and not has_adapter(model)


def has_adapter(model: nn.Module) -> bool:
    """Whether the model has a PEFT adapter, which can be merged."""
    return hasattr(model, "peft_config")


def _needs_base(directory: Path) -> bool:
    return (directory / _ADAPTER).exists() or (directory / STRUCTURE).exists()


def _save(model: nn.Module, directory: Path, *, base: BaseModel) -> None:
    if isinstance(model, StructuredModel):
        save_structure(model, directory, base_sha256=base.digest)
    elif has_adapter(model):
        adapter: Any = model
        _keep_ranks(adapter)
        # "auto" would ask the hub for the base's config.
        adapter.save_pretrained(directory, save_embedding_layers=False)
        (directory / "README.md").unlink(missing_ok=True)  # PEFT's empty card
    elif isinstance(model, PooledClassifier):
        save_encoder(model.encoder, directory / _ENCODER, pooling=model.pooling)
        head = {name: t.contiguous() for name, t in model.classifier.state_dict().items()}
        save_file({**head, **_said_normalized(model)}, directory / _HEAD)
    elif is_writer(model):
        save_writer(cast(PreTrainedModel, model), directory)
    else:
        native: Any = model
        native.save_pretrained(directory, safe_serialization=True)
    if _needs_base(directory) and (said := _said_normalized(_with_head(model))):
        save_file(said, directory / _HEAD)


def _with_head(model: nn.Module) -> nn.Module:
    """The model without an adapter's or a structure's wrapper."""
    inner = inner_model(model)
    return inner.module if isinstance(inner, StructuredModel) else inner


def _said_normalized(model: nn.Module) -> dict[str, torch.Tensor]:
    """What the head's file says of the vectors' length: nothing where it is left as it is."""
    unit = isinstance(model, PooledClassifier) and model.normalized
    return {_NORMALIZED: torch.ones(1)} if unit else {}


def _read_head(directory: Path) -> dict[str, torch.Tensor]:
    """The tensors of the head's file; none where there is no such file."""
    path = directory / _HEAD
    return load_file(path) if path.exists() else {}


def _pop_normalized(head: dict[str, torch.Tensor]) -> bool:
    """Whether the vectors have the length 1; what says so is taken out of the head's tensors."""
    return bool(head.pop(_NORMALIZED, torch.zeros(1)).any())


def save_encoder(encoder: Any, directory: Path, *, pooling: Literal["mean", "cls"]) -> None:
    """Save an encoder as a model of its own, without the labels of the missing head.

    Args:
        encoder: a transformers model.
        directory: new, or empty.
        pooling: how its vectors are pooled, which the directory declares.
    """
    encoder.save_pretrained(directory, safe_serialization=True)
    config = json.loads((directory / "config.json").read_bytes())
    kept = {key: value for key, value in config.items() if key not in _OF_THE_HEAD}
    (directory / "config.json").write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
    modes = {f"pooling_mode_{m}": m.startswith(pooling) for m in ("cls_token", "mean_tokens")}
    (directory / "1_Pooling").mkdir()
    declared = {"word_embedding_dimension": int(encoder.config.hidden_size), **modes}
    text = json.dumps(declared, indent=2) + "\n"
    (directory / "1_Pooling" / "config.json").write_text(text, encoding="utf-8")


def _keep_ranks(adapter: Any) -> None:
    """Have PEFT save AdaLoRA's tensors in full, the dropped ranks as zeros.

    Cut to the ranks that are left, they would load with another scale: PEFT divides by the rank
    that training began with, and, after loading, by the rank that it finds.
    """
    for config in adapter.peft_config.values():
        if config.peft_type == "ADALORA":
            config.rank_pattern = None


def _load_on_base(directory: Path, base: BaseModel, task: Task, pooling: Pooling) -> nn.Module:
    from peft import PeftModel

    normalized = _pop_normalized(_read_head(directory))
    if not (directory / STRUCTURE).exists():
        built = build_model(base, task, pooling=pooling, seed=0, normalized=normalized)
        with quiet(), torch.no_grad():
            return PeftModel.from_pretrained(built.module, str(directory), is_trainable=False)
    file = read_structure(directory)
    if file.base_sha256 != base.digest:
        raise RunError(
            f"{directory} was trained on weights with SHA-256 {file.base_sha256}, and those of "
            f"{base.name!r} have {base.digest}",
            "restore the weights that it was trained on",
        )
    built = build_model(base, task, pooling=pooling, seed=0, normalized=normalized)
    return load_tensors(attach(built, file.structure, family=base.family), directory)

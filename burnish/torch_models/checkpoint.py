"""Saving a trained model into a run's ``model/``, and loading it again.

Layouts::

    full, native head     config.json  model.safetensors             AutoModelFor…
    full, pooled          config.json  model.safetensors (encoder)   AutoModel
                          head.safetensors (weight, bias)
    head alone            as full
    PEFT                  config.json  adapter_config.json  adapter_model.safetensors
    bottleneck, prefix    config.json  structure.json       structure.safetensors

The last two hold neither the base nor a copy of it, but all that the base lacks, and load on the
weights that they were trained on alone. Each has the tokenizer's files beside it; none a pickle.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, Literal

import torch
from safetensors.torch import load_file, save_file
from torch import nn

from burnish.errors import RunError
from burnish.tasks import Task
from burnish.torch_models.base import BaseModel, Pooling, read_base, resolve_base
from burnish.torch_models.build import build_model
from burnish.torch_models.pooled import PooledClassifier
from burnish.torch_models.quiet import quiet
from burnish.torch_models.structure_file import (
    STRUCTURE,
    load_tensors,
    read_structure,
    save_structure,
)
from burnish.torch_models.structures import (
    EAGER_FAMILIES,
    Prefix,
    Structure,
    StructuredModel,
    attach,
)

__all__ = ["attention_for", "load_checkpoint", "load_model", "save_checkpoint"]

_TOKENIZER_FILES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
)
_ADAPTER = "adapter_config.json"
_HEAD = "head.safetensors"


def save_checkpoint(model: nn.Module, directory: Path, *, base: BaseModel) -> None:
    """Write a model and its tokenizer.

    Args:
        model: a transformers model, a :class:`PooledClassifier`, a PEFT model over either, or a
            :class:`StructuredModel`.
        directory: is made.
        base: what it was trained on; the tokenizer's files are taken from there.
    """
    directory.mkdir(parents=True)
    with quiet():
        _save(model, directory, base=base)
    for name in _TOKENIZER_FILES:
        if (base.path / name).is_file():
            shutil.copyfile(base.path / name, directory / name)


def load_checkpoint(
    directory: Path, *, base: BaseModel | None, task: Task, pooling: Pooling
) -> nn.Module:
    """Load what :func:`save_checkpoint` wrote, in eval mode, an adapter still unmerged.

    Args:
        directory: a run's ``model/``.
        base: the base model; needed by adapters only.
        task: names the outputs.
        pooling: how the classifier pools.

    Raises:
        RunError: an adapter without its base.
        BaseModelError: what lies there is refused.
    """
    if _needs_base(directory):
        if base is None:
            raise RunError(f"{directory} holds an adapter, and its base model is not given")
        model = _load_on_base(directory, base, task, pooling)
    else:
        built = build_model(read_base(directory), task, pooling=pooling, seed=0)
        if isinstance(built.module, PooledClassifier):
            built.module.classifier.load_state_dict(load_file(directory / _HEAD))
        elif built.missing:
            raise RunError(f"{directory} lacks the tensors {', '.join(built.missing)}")
        model = built.module
    return model.eval().requires_grad_(False)


def load_model(
    run_path: Path, *, task: Task, base: tuple[str, str | None, str], pooling: Pooling
) -> nn.Module:
    """Load a run's model, in eval mode.

    Args:
        run_path: the run directory.
        task: from its record.
        base: name or path, revision and digest of the base model, from its record.
        pooling: from its record.

    Raises:
        RunError: the base model's weights are not those that the adapter was trained on.
    """
    directory = run_path / "model"
    if not _needs_base(directory):
        return load_checkpoint(directory, base=None, task=task, pooling=pooling)
    name, revision, digest = base
    found = resolve_base(name, revision)
    if found.digest != digest:
        raise RunError(
            f"{run_path} holds an adapter to a base model with SHA-256 {digest}, and the weights "
            f"of {name!r} have {found.digest}",
            "an adapter answers wrongly on any other base: bring back the weights it was "
            "trained on",
        )
    return load_checkpoint(directory, base=found, task=task, pooling=pooling)


def attention_for(structure: Structure | None, family: str) -> Literal["auto", "eager"]:
    """The kernel of attention under which a structure is right."""
    return "eager" if isinstance(structure, Prefix) and family in EAGER_FAMILIES else "auto"


def _needs_base(directory: Path) -> bool:
    return (directory / _ADAPTER).exists() or (directory / STRUCTURE).exists()


def _save(model: nn.Module, directory: Path, *, base: BaseModel) -> None:
    if isinstance(model, StructuredModel):
        save_structure(model, directory, base_sha256=base.digest)
        model.config.save_pretrained(directory)
    elif hasattr(model, "peft_config"):
        adapter: Any = model
        _keep_ranks(adapter)
        # "auto" would ask the hub for the base's config.
        adapter.save_pretrained(directory, save_embedding_layers=False)
        adapter.get_base_model().config.save_pretrained(directory)
        (directory / "README.md").unlink(missing_ok=True)  # PEFT's empty card
    elif isinstance(model, PooledClassifier):
        encoder: Any = model.encoder
        encoder.save_pretrained(directory, safe_serialization=True)
        head = {name: t.contiguous() for name, t in model.classifier.state_dict().items()}
        save_file(head, directory / _HEAD)
    else:
        native: Any = model
        native.save_pretrained(directory, safe_serialization=True)


def _keep_ranks(adapter: Any) -> None:
    """Have AdaLoRA's tensors saved in full, the ranks that it dropped as zeros.

    Cut to the ranks that are left, they load with another scale: PEFT divides by the rank that it
    began with while it trains, and by the one that it finds when it loads.
    """
    for config in adapter.peft_config.values():
        if config.peft_type == "ADALORA":
            config.rank_pattern = None


def _load_on_base(directory: Path, base: BaseModel, task: Task, pooling: Pooling) -> nn.Module:
    if not (directory / STRUCTURE).exists():
        built = build_model(base, task, pooling=pooling, seed=0)
        return _load_adapter(directory, built.module)
    file = read_structure(directory)
    if file.base_sha256 != base.digest:
        raise RunError(
            f"{directory} was trained on weights with SHA-256 {file.base_sha256}, and those of "
            f"{base.name!r} have {base.digest}",
            "bring back the weights it was trained on",
        )
    attention = attention_for(file.structure, base.family)
    built = build_model(base, task, pooling=pooling, seed=0, attention=attention)
    return load_tensors(attach(built, file.structure, family=base.family), directory)


def _load_adapter(directory: Path, module: nn.Module) -> nn.Module:
    from peft import PeftModel

    with quiet(), torch.no_grad():
        return PeftModel.from_pretrained(module, str(directory), is_trainable=False)

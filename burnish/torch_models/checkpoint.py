"""Saving a trained model into a run's ``model/``, and loading it again.

Layouts::

    full, native head     config.json  model.safetensors             AutoModelFor…
    full, pooled          config.json  model.safetensors (encoder)   AutoModel
                          head.safetensors (weight, bias)
    PEFT                  config.json  adapter_config.json  adapter_model.safetensors

Each with the tokenizer's files beside it.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import nn

from burnish.errors import RunError
from burnish.tasks import Task
from burnish.torch_models.base import BaseModel, Pooling, resolve_base
from burnish.torch_models.build import build_model
from burnish.torch_models.pooled import PooledClassifier
from burnish.torch_models.quiet import quiet

__all__ = ["load_checkpoint", "load_model", "save_checkpoint"]

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
        model: a transformers model, a :class:`PooledClassifier`, or a PEFT model over either.
        directory: is made.
        base: where the tokenizer's files are taken from.
    """
    directory.mkdir(parents=True)
    with quiet():
        _save(model, directory)
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
    if (directory / _ADAPTER).exists():
        if base is None:
            raise RunError(f"{directory} holds an adapter, and its base model is not given")
        model = _load_adapter(directory, build_model(base, task, pooling=pooling, seed=0).module)
    else:
        built = build_model(resolve_base(str(directory)), task, pooling=pooling, seed=0)
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
    if not (directory / _ADAPTER).exists():
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


def _save(model: nn.Module, directory: Path) -> None:
    if hasattr(model, "peft_config"):
        adapter: Any = model
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


def _load_adapter(directory: Path, module: nn.Module) -> nn.Module:
    from peft import PeftModel

    with quiet(), torch.no_grad():
        return PeftModel.from_pretrained(module, str(directory), is_trainable=False)

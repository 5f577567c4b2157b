"""A SetFit model: a sentence-transformers body, and a head of its own.

setfit (1.2) saves the head with joblib, in ``model_head.pkl``. A pickle can run code, so burnish
reads ``model_head.safetensors`` instead, which a script writes where its user trusts the pickle
(``head_script.py``).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import torch
from safetensors import safe_open
from typing_extensions import override

from burnish.digest import file_sha256
from burnish.errors import BaseModelError
from burnish.tasks import Task
from burnish.tasks.heads import Head
from burnish.torch_models.base import BaseModel, resolve_base
from burnish.torch_models.base_files import read_json, refuse_other_file
from burnish.torch_models.build import BuiltModel, build_model
from burnish.torch_models.pooled import PooledClassifier
from burnish.torch_models.weights import check_tensors

from .found import Found, Kind, read_digests, unnamed
from .window import longest_input

__all__ = ["SetFitCheckpoint", "find_setfit", "is_setfit"]

_CONFIG, _HEAD, _PICKLE = "config_setfit.json", "model_head.safetensors", "model_head.pkl"
_READ = (
    *("config.json", "tokenizer*.json", "special_tokens_map.json", "model*.safetensors*"),
    *("modules.json", "1_Pooling/config.json", "sentence_bert_config.json", _CONFIG),
)
_MODULES = ("Transformer", "Pooling", "Normalize")


@dataclass(frozen=True)
class SetFitCheckpoint(Found):
    """A pooled encoder, and one linear layer on its vectors."""

    kind: ClassVar[Kind] = "setfit"

    head: Path
    normalized: bool
    """Whether the vectors are brought to the length 1."""

    @override
    def build(self, task: Task) -> BuiltModel:
        pooling = self.base.declared_pooling or "mean"
        built = build_model(self.base, task, pooling=pooling, seed=0, normalized=self.normalized)
        module: Any = built.module
        assert isinstance(module, PooledClassifier)  # noqa: S101  by its pooling
        with safe_open(self.head, "pt") as file, torch.no_grad():
            module.classifier.weight.copy_(file.get_tensor("weight"))
            module.classifier.bias.copy_(file.get_tensor("bias"))
        return built


def is_setfit(path: Path) -> bool:
    """Whether a directory is that of a SetFit model."""
    return any((path / name).exists() for name in (_CONFIG, _HEAD, _PICKLE))


def find_setfit(path: Path, *, source: str, head: Head) -> Found:
    """Vet a SetFit model's directory.

    Args:
        path: the directory.
        source: as the user named it.
        head: of the task.

    Raises:
        BaseModelError: it is refused, or its head is still a pickle.
    """
    if head is not Head.SEQUENCE:
        raise BaseModelError(
            f"{source} is a SetFit model, which sorts texts", "leave --task out, or give its own"
        )
    base = resolve_base(str(path))
    normalized = _read_modules(path, base, source=source)
    settings = read_json(path / _CONFIG, name=source) if (path / _CONFIG).exists() else {}
    names, several = _read_head(path, settings.get("labels"), base=base, source=source)
    place = path / "sentence_bert_config.json"
    body = read_json(place, name=source) if place.exists() else {}
    if body.get("do_lower_case"):
        raise BaseModelError(
            f"{source} turns texts into lower case before its tokenizer reads them "
            "(sentence_bert_config.json: 'do_lower_case')",
            "set it to false where tokenizer.json has a lowercasing normalizer",
        )
    return SetFitCheckpoint(
        source=source,
        base=base,
        outputs=names,
        several_labels=several,
        window=longest_input(base, said=body.get("max_seq_length")),
        files=read_digests(path, _READ),
        head=path / _HEAD,
        normalized=normalized or bool(settings.get("normalize_embeddings")),
    )


def _read_modules(path: Path, base: BaseModel, *, source: str) -> bool:
    """Whether the body normalizes; what it may consist of is checked."""
    file = path / "modules.json"
    refuse_other_file(file, name=source) if file.exists() else None
    try:
        listed = json.loads(file.read_bytes()) if file.exists() else []
        kinds = [str(each["type"]).rpartition(".")[2] for each in listed]
    except (ValueError, TypeError, KeyError) as e:
        raise BaseModelError(
            f"{source}: modules.json is not a list of modules", "save the model again"
        ) from e
    odd = [kind for kind in kinds if kind not in _MODULES]
    if odd or base.declared_pooling is None:
        what = f"a module {odd[0]}" if odd else "a pooling that is neither mean nor cls"
        raise BaseModelError(
            f"{source}: its body has {what}, which burnish does not compute",
            "burnish adopts a transformer with mean or cls pooling, normalized or not",
        )
    prompts = path / "config_sentence_transformers.json"
    if prompts.exists() and read_json(prompts, name=source).get("default_prompt_name"):
        raise BaseModelError(
            f"{source} puts a prompt before every text "
            "(config_sentence_transformers.json: 'default_prompt_name')",
            "burnish adopts models that read the text alone",
        )
    return "Normalize" in kinds


def _read_head(
    path: Path, labels: Any, *, base: BaseModel, source: str
) -> tuple[tuple[str, ...], bool]:
    """Names of the outputs, and whether a text may have several."""
    file = path / _HEAD
    if not file.exists():
        raise BaseModelError(
            f"{source}: {_PICKLE} is a pickle, which can run code: burnish never opens one",
            "where you trust the file, write its numbers as safetensors: burnish adopt "
            f"--head-script > setfit_head.py; python setfit_head.py {source}",
        )
    shapes = check_tensors(file, name=source)
    with safe_open(file, "pt") as opened:
        about = opened.metadata() or {}
    count = (shapes.get("bias") or (0,))[0]
    if shapes != {"bias": (count,), "weight": (count, base.hidden_size)} or count < 2:
        raise BaseModelError(
            f"{source}: {_HEAD} must hold a weight (labels, {base.hidden_size}) and a bias "
            "(labels), for two labels or more",
            "write it with: burnish adopt --head-script",
        )
    pickled = path / _PICKLE
    if pickled.exists() and about.get("pickle_sha256") not in (None, file_sha256(pickled)):
        raise BaseModelError(
            f"{source}: {_HEAD} was written from another {_PICKLE} than the one beside it",
            f"write it again: python setfit_head.py {source}",
        )
    return _names(about, labels, count=count, source=source), about.get("several_labels") == "true"


def _names(about: dict[str, str], labels: Any, *, count: int, source: str) -> tuple[str, ...]:
    """By the head's own classes; where they are numbers, by the labels of the configuration."""
    try:
        classes = json.loads(about.get("classes", "null")) or list(range(count))
    except ValueError as e:
        raise BaseModelError(
            f"{source}: {_HEAD}: 'classes' is not JSON",
            "write it with: burnish adopt --head-script",
        ) from e
    numbers = all(isinstance(each, int) for each in classes)
    named = isinstance(labels, list) and len(labels) > max(classes) if numbers else False
    names = [str(labels[each]) for each in classes] if named else [str(each) for each in classes]
    if numbers and not named:
        names = list(unnamed(count))
    if len(set(names)) != count:
        raise BaseModelError(
            f"{source}: the head has {count} outputs and the names {', '.join(names)}",
            "write the head again with: burnish adopt --head-script",
        )
    return tuple(names)

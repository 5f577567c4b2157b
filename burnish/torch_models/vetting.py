"""Vetting of pre-trained models: what a directory may hold before anything in it is loaded.

A configuration can make transformers import code: by ``auto_map``, and, with the package
``kernels`` installed, by ``_attn_implementation_internal`` even where remote code is off
(CVE-2026-4372). Both are refused, as is whatever points outside the directory.
"""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from burnish.errors import BaseModelError

__all__ = ["check_environment", "read_config", "vet_directory"]

_FORBIDDEN_KEYS = frozenset({"auto_map", "trust_remote_code", "custom_pipelines", "use_kernels"})
_FORBIDDEN_PREFIXES = ("_attn_implementation", "attn_implementation")
# Names of labels are the user's; the others are provenance that the loading never follows.
_FREE_TEXT = frozenset({"id2label", "label2id", "_name_or_path", "finetuning_task"})
_POINTER = re.compile(r"://|[/\\]|^~|^\.\.?$")
_LARGEST_CONFIG_BYTES = 4 * 2**20


def check_environment() -> None:
    """Refuse to load any model where hub kernels could be fetched.

    Raises:
        BaseModelError: the package ``kernels`` can be imported.
    """
    if importlib.util.find_spec("kernels") is not None:
        raise BaseModelError(
            "the package 'kernels' is installed: with it a model's config can load code from a hub",
            "pip uninstall kernels",
        )


def vet_directory(path: Path, *, name: str) -> None:
    """Refuse a model directory that could run code or lacks what training needs.

    Args:
        path: the directory.
        name: what to call it in an error.

    Raises:
        BaseModelError: says which file and which key.
    """
    vet_config(read_config(path / "config.json", name=name), file="config.json", name=name)
    tokenizer_config = path / "tokenizer_config.json"
    if tokenizer_config.exists():
        _vet_keys(read_config(tokenizer_config, name=name), file="tokenizer_config.json", name=name)
    if (path / "adapter_config.json").exists():
        raise BaseModelError(
            f"{name} holds an adapter_config.json: it is an adapter, or a model with one beside it",
            "merge the adapter into its base model first, or remove the adapter's files",
        )
    if not (path / "tokenizer.json").is_file():
        raise BaseModelError(
            f"{name} has no tokenizer.json (a fast tokenizer)",
            "write one with AutoTokenizer.from_pretrained(…, use_fast=True).save_pretrained(…), "
            "or choose a model that has one",
        )


def read_config(path: Path, *, name: str) -> dict[str, Any]:
    """Parse a JSON object.

    Raises:
        BaseModelError: missing, too large, or not a JSON object.
    """
    hint = "a model directory needs config.json, tokenizer.json and model.safetensors"
    if not path.is_file():
        raise BaseModelError(f"{name} has no {path.name}", hint)
    if path.stat().st_size > _LARGEST_CONFIG_BYTES:
        raise BaseModelError(f"{name}: {path.name} is larger than any config should be", hint)
    try:
        config = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as e:
        raise BaseModelError(f"{name}: {path.name} is not JSON: {e}", hint) from e
    if not isinstance(config, dict):
        raise BaseModelError(f"{name}: {path.name} is not a JSON object", hint)
    return config


def vet_config(config: dict[str, Any], *, file: str, name: str) -> None:
    """Refuse a model config with keys that load code, or values that point elsewhere."""
    _vet_keys(config, file=file, name=name)
    for key, value in _strings(config):
        if _POINTER.search(value):
            raise BaseModelError(
                f"{name}: {file} holds a path or an address under {key!r}: {value[:80]!r}",
                "remove the key if the model needs nothing from there",
            )
    if "quantization_config" in config:
        raise BaseModelError(
            f"{name}: the model is quantized already ({file}: 'quantization_config')",
            "train from the unquantized model; burnish quantizes at export",
        )
    if config.get("is_encoder_decoder"):
        raise BaseModelError(f"{name} is an encoder-decoder", "choose an encoder, such as BERT")


def _vet_keys(config: dict[str, Any], *, file: str, name: str) -> None:
    for key, value in _keys(config):
        # transformers itself writes the harmless null.
        if key in _FORBIDDEN_KEYS or (key.startswith(_FORBIDDEN_PREFIXES) and value is not None):
            raise BaseModelError(
                f"{name}: {file} holds {key!r}, which can make loading run code that is not "
                "transformers' own",
                "remove the key if the model works without, or choose another model",
            )


def _keys(value: Any) -> Iterator[tuple[str, Any]]:
    """Every key at any depth with its value."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key), inner
            yield from _keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _keys(inner)


def _strings(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Every string at any depth with the key that it stands under, free text left out."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for inner_key, inner in value.items():
            if inner_key not in _FREE_TEXT:
                yield from _strings(inner, str(inner_key))
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner, key)

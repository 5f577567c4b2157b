"""Vetting of pre-trained models: check a directory before anything in it is loaded.

A configuration can make transformers import code: by ``auto_map``, and, before 5.3 and with the
package ``kernels`` installed, by ``_attn_implementation_internal`` even where remote code was off
(CVE-2026-4372). Both are refused, and so is any pointer out of the directory.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from burnish.errors import BaseModelError
from burnish.torch_models.base_files import check_links, read_json

__all__ = ["check_environment", "vet_config", "vet_directory"]

_FORBIDDEN_KEYS = frozenset({"auto_map", "trust_remote_code", "custom_pipelines", "use_kernels"})
_FORBIDDEN_PREFIXES = ("_attn_implementation", "attn_implementation")
# The user names the labels; the other keys are provenance, which loading never follows.
_FREE_TEXT = frozenset({"id2label", "label2id", "_name_or_path", "finetuning_task"})
_POINTER = re.compile(r"://|[/\\]|^~|^\.\.?$")


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


def vet_directory(path: Path, *, name: str) -> dict[str, Any]:
    """Refuse a model directory whose configuration could run code or lead elsewhere.

    Args:
        path: the directory, resolved.
        name: the model's name in an error.

    Returns:
        The ``config.json``.

    Raises:
        BaseModelError: names the file and the key.
    """
    check_links(path, name=name)
    config = read_json(path / "config.json", name=name)
    vet_config(config, file="config.json", name=name)
    for file in ("tokenizer_config.json", "special_tokens_map.json"):
        if (path / file).exists():
            _vet_keys(read_json(path / file, name=name), file=file, name=name)
    if (path / "adapter_config.json").exists():
        raise BaseModelError(
            f"{name} holds an adapter_config.json: it is an adapter, or a model with one beside it",
            "merge the adapter into its base model first, or remove the adapter's files",
        )
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
    for key in ("dtype", "torch_dtype"):
        if (dtype := config.get(key)) not in (None, "float64", "float32", "float16", "bfloat16"):
            raise BaseModelError(
                f"{name}: {file}: {key!r} is {str(dtype)[:40]!r}, not a type of unquantized "
                "weights",
                "train from the model in float32, float16 or bfloat16",
            )
    if config.get("quantization_config") is not None or "compression_config" in config:
        raise BaseModelError(
            f"{name}: the model is quantized already ({file}: 'quantization_config')",
            "train from the unquantized model; burnish quantizes at export",
        )


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
    """Every string at any depth with its key, except free text."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for inner_key, inner in value.items():
            if inner_key not in _FREE_TEXT:
                yield from _strings(inner, str(inner_key))
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner, key)

"""The small files of a bundle: the tokenizer and the Hugging Face configuration."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from burnish.errors import RunError, UsageError
from burnish.tasks import Task
from burnish.tasks.heads import Head
from burnish.torch_models.tokenizer_files import write_tokenizer_files

__all__ = ["bundle_name", "check_name", "public_base_name", "write_config", "write_tokenizer"]

_LOCAL = ("_name_or_path", "dtype", "torch_dtype", "_attn_implementation", "transformers_version")
"""Keys that describe the exporting machine, not the model."""
_LABELS = ("id2label", "label2id")
_UNLABELLED = {Head.SPAN: ("start", "end")}
"""What the outputs of a head are called that has no labels."""
_INPUTS = ("input_ids", "attention_mask")
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9._-]+")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""The pattern of a name in the manifest."""
_EMBEDDED = {"minilm": "sentence-transformers/all-MiniLM-L6-v2"}


def write_tokenizer(
    source: Path, target: Path, *, max_length: int | None = None, inputs: Sequence[str] = _INPUTS
) -> None:
    """Write a run's tokenizer into a bundle, without truncation: the runtime makes windows.

    The arguments are those of :func:`burnish.torch_models.tokenizer_files.write_tokenizer_files`.

    Raises:
        RunError: the run has no fast tokenizer.
    """
    if not (source / "tokenizer.json").is_file():
        raise RunError(
            f"{source / 'tokenizer.json'} is missing",
            "train again from a base model with tokenizer.json",
        )
    write_tokenizer_files(source, target, max_length=max_length, inputs=inputs)


def write_config(config: Any, task: Task, target: Path) -> None:
    """Write a ``PretrainedConfig`` with the task's labels, so that ``ORTModelFor…`` loads it."""
    document: dict[str, Any] = json.loads(config.to_json_string(use_diff=False))
    labels = dict(enumerate(task.output_labels or _UNLABELLED.get(task.head, ())))
    kept = {key: value for key, value in document.items() if key not in (*_LOCAL, *_LABELS)}
    if labels:
        kept["id2label"] = {str(index): label for index, label in labels.items()}
        kept["label2id"] = {label: index for index, label in labels.items()}
    text = json.dumps(kept, ensure_ascii=False, indent=2, sort_keys=True)
    target.write_text(text + "\n", encoding="utf-8")


def bundle_name(output: Path) -> str:
    """Make a name that is valid in a URL from a directory's."""
    name = _NOT_IN_A_NAME.sub("-", output.absolute().name).strip("-._")[:64]
    return name or "model"


def check_name(name: str) -> str:
    """Return a bundle's name unchanged.

    Raises:
        UsageError: the name is not valid in a URL and in the manifest.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} is not a name for a bundle",
            "use 1 to 64 of A-Z a-z 0-9 . _ - with a letter or a digit first",
        )
    return name


def public_base_name(name: str) -> str:
    """The base model's name without the directories of this machine."""
    is_path = name.startswith(("/", ".", "~")) or Path(name).is_dir()
    return Path(name).name if is_path else _EMBEDDED.get(name, name)

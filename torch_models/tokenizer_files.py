"""The tokenizer's files of a run and of a bundle, so that ``AutoTokenizer`` reads as burnish does.

Without ``tokenizer_config.json`` transformers chooses a class by ``config.json``, whose defaults
override ``tokenizer.json``: it may lowercase a cased model's text. The generic class that is named
here overrides nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

__all__ = ["write_tokenizer_files"]

_ROLES = {
    "pad_token": "pad_token_id",
    "unk_token": "unk_token_id",
    "cls_token": "cls_token_id",
    "sep_token": "sep_token_id",
    "mask_token": "mask_token_id",
    "bos_token": "bos_token_id",
    "eos_token": "eos_token_id",
}
"""Special tokens by role, and the key of ``config.json`` that may hold the token's id."""


def write_tokenizer_files(
    source: Path, target: Path, *, max_length: int | None, inputs: Sequence[str]
) -> None:
    """Write ``tokenizer.json``, ``tokenizer_config.json`` and ``special_tokens_map.json``.

    Args:
        source: a directory with ``tokenizer.json``; its other files name the special tokens.
        target: a directory.
        max_length: the window, in tokens; None where the model has no limit.
        inputs: the tensors that the model takes.
    """
    document = json.loads((source / "tokenizer.json").read_bytes())
    document.update(truncation=None, padding=None)  # windows are made by whoever reads it
    text = json.dumps(document, ensure_ascii=False)
    (target / "tokenizer.json").write_text(text, encoding="utf-8")
    special = _special_tokens(source, Tokenizer.from_str(text))
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "clean_up_tokenization_spaces": False,
        "model_input_names": list(inputs),
        "padding_side": "right",
        "truncation_side": "right",
        **({} if max_length is None else {"model_max_length": max_length}),
        **special,
    }
    for name, content in (("tokenizer_config", settings), ("special_tokens_map", special)):
        text = json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True)
        (target / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def _special_tokens(source: Path, tokenizer: Tokenizer) -> dict[str, str]:
    """Special tokens of the vocabulary by role, as the directory's files name them."""
    named = [_read(source / f"{name}.json") for name in ("tokenizer_config", "special_tokens_map")]
    config = _read(source / "config.json")
    found = {}
    for role, key in _ROLES.items():
        tokens = [_content(document.get(role)) for document in named]
        if isinstance(index := config.get(key), int) and 0 <= index < 2**32:
            tokens.append(tokenizer.id_to_token(index))
        known = [t for t in tokens if t is not None and tokenizer.token_to_id(t) is not None]
        if known:
            found[role] = known[0]
    return found


def _content(token: Any) -> str | None:
    """The text of a token, which may be an object with matching options."""
    value = token.get("content") if isinstance(token, dict) else token
    return value if isinstance(value, str) else None


def _read(path: Path) -> dict[str, Any]:
    document = json.loads(path.read_bytes()) if path.is_file() else {}
    return document if isinstance(document, dict) else {}

"""A tokenizer and an embedding without the tokens that nobody needs.

What is left keeps its order and its vectors, so that a text which needs no removed token becomes
the same tokens with the same vectors:

- WordPiece takes the longest listed piece that a word begins with. A piece that was never taken
  was never the longest.
- Unigram takes the most probable pieces. Others were not part of them, and their absence makes
  nothing more probable.

Byte-pair encoding builds a token of others that no text may hold, and is refused.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import torch

from burnish.errors import BaseModelError

__all__ = ["kept_ids", "smaller_config", "smaller_tensors", "smaller_tokenizer"]

_KINDS = ("WordPiece", "Unigram")
_VOCABULARY = re.compile(
    r"(word_embeddings|embed_tokens|tok_embeddings|lm_head|decoder|predictions|vocab_projector)"
)
"""Names of the tensors that have a row for each token, where their first dimension says so."""
_IDS = (
    *("pad_token_id", "bos_token_id", "eos_token_id", "cls_token_id", "sep_token_id"),
    *("mask_token_id", "unk_token_id"),
)

_FIRST = frozenset({0, 1})
"""Families count positions from the padding's id, whatever the config says: it must stay."""


def kept_ids(
    document: Mapping[str, Any],
    used: Collection[int],
    *,
    config: Mapping[str, Any],
    name: str,
) -> list[int]:
    """Ids of the tokens to keep, in their order.

    Beside those that are used: special and added ones, and single characters, with which any word
    of the same script can still be spelled.

    Args:
        document: a ``tokenizer.json``.
        used: ids that texts need.
        config: a ``config.json``, which names ids too.
        name: the base's, in an error.

    Raises:
        BaseModelError: the tokenizer is of a kind whose tokens need each other.
    """
    model = document["model"]
    if model.get("type") not in _KINDS:
        raise BaseModelError(
            f"the vocabulary of {name} cannot be pruned: its tokenizer is {model.get('type')}, "
            "whose tokens are built of others",
            f"that of {' and '.join(_KINDS)} tokenizers can",
        )
    added = {int(each["id"]) for each in document.get("added_tokens") or ()}
    tokens = _tokens(document)
    named = {value for key in _IDS if isinstance(value := config.get(key), int)}
    kept = (
        set(used) | named | _FIRST | {index for index, token in tokens.items() if _is_basic(token)}
    )
    kept |= set(_special_ids(document.get("post_processor") or {}))
    if (unknown := _unknown(model, tokens)) is not None:
        kept.add(unknown)
    return sorted((kept & tokens.keys()) | added)


def smaller_tokenizer(document: Mapping[str, Any], kept: Sequence[int]) -> dict[str, Any]:
    """A ``tokenizer.json`` with the kept tokens alone, whose ids count from 0."""
    places = {old: new for new, old in enumerate(kept)}
    found: dict[str, Any] = copy.deepcopy(dict(document))
    model = found["model"]
    if model["type"] == "WordPiece":
        model["vocab"] = {t: places[i] for t, i in model["vocab"].items() if i in places}
    else:
        model["vocab"] = [model["vocab"][old] for old in kept if old < len(model["vocab"])]
        if model.get("unk_id") is not None:
            model["unk_id"] = places[model["unk_id"]]
    for each in found.get("added_tokens") or ():
        each["id"] = places[int(each["id"])]
    found.update(truncation=None, padding=None)
    if found.get("post_processor"):
        found["post_processor"] = _renumbered(found["post_processor"], places)
    return found


def smaller_tensors(
    tensors: Mapping[str, torch.Tensor], kept: Sequence[int], *, rows: int
) -> dict[str, torch.Tensor]:
    """A model's tensors with the kept tokens' rows alone.

    Args:
        tensors: by name.
        kept: of :func:`kept_ids`.
        rows: of the embedding.
    """
    index = torch.tensor(kept)
    return {
        name: tensor[index].contiguous()
        if tensor.ndim and tensor.shape[0] == rows and _VOCABULARY.search(name)
        else tensor
        for name, tensor in tensors.items()
    }


def smaller_config(config: Mapping[str, Any], kept: Sequence[int]) -> dict[str, Any]:
    """A ``config.json`` of a model with the kept tokens alone."""
    places = {old: new for new, old in enumerate(kept)}
    found = {**config, "vocab_size": len(kept)}
    for key in _IDS:
        if isinstance(old := config.get(key), int) and not isinstance(old, bool):
            found[key] = places.get(old, old if old < len(kept) else None)
    return found


def _tokens(document: Mapping[str, Any]) -> dict[int, str]:
    vocabulary = document["model"]["vocab"]
    if isinstance(vocabulary, Mapping):
        return {int(index): token for token, index in vocabulary.items()}
    return {index: str(entry[0]) for index, entry in enumerate(vocabulary)}


def _is_basic(token: str) -> bool:
    """A single character, alone or within a word, or a byte."""
    bare = token.removeprefix("##").removeprefix("▁")
    return len(bare) <= 1 or bool(re.fullmatch(r"<0x[0-9A-F]{2}>", token))


def _unknown(model: Mapping[str, Any], tokens: Mapping[int, str]) -> int | None:
    if isinstance(model.get("unk_id"), int):
        return int(model["unk_id"])
    name = model.get("unk_token")
    return next((index for index, token in tokens.items() if token == name), None)


def _special_ids(processor: Any) -> list[int]:
    """The ids that a post-processor puts around texts."""
    found: list[int] = []
    if isinstance(processor, Mapping):
        for key, value in processor.items():
            if key == "ids":
                found += [int(each) for each in value]
            elif key in ("sep", "cls") and isinstance(value, list):
                found.append(int(value[1]))
            else:
                found += _special_ids(value)
    elif isinstance(processor, list):
        for value in processor:
            found += _special_ids(value)
    return found


def _renumbered(processor: Any, places: Mapping[int, int]) -> Any:
    if isinstance(processor, Mapping):
        return {
            key: [places[int(each)] for each in value]
            if key == "ids"
            else [value[0], places[int(value[1])]]
            if key in ("sep", "cls") and isinstance(value, list)
            else _renumbered(value, places)
            for key, value in processor.items()
        }
    if isinstance(processor, list):
        return [_renumbered(value, places) for value in processor]
    return processor

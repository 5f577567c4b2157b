"""Tokens for words that a base reads in pieces: in its tokenizer, and in its embedding."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import PreTrainedModel

from burnish.errors import BaseModelError
from burnish.torch_models.base import BaseModel

from ...diagnostics.vocabulary import Term, Words

__all__ = ["choose_tokens", "grow_embedding", "write_tokenizer"]

_FEWEST = 5
"""Times that a word must occur: of a rarer one nothing is learned."""
_FILES = ("tokenizer_config.json", "special_tokens_map.json", "config.json")


def choose_tokens(base: BaseModel, texts: Iterable[str], count: int) -> list[Term]:
    """The words whose tokens cost most, that occur often enough.

    Args:
        base: whose tokenizer splits them.
        texts: read once.
        count: how many, at most.

    Raises:
        BaseModelError: the tokenizer is of another kind than WordPiece, where a word of the
            vocabulary is a token as soon as it is listed.
        DataError: the texts have no word.
    """
    kind = _model(base.path / "tokenizer.json")["type"]
    if kind != "WordPiece":
        raise BaseModelError(
            f"tokens can be added to a WordPiece tokenizer, and that of {base.name} is {kind}",
            "leave --add-tokens out: the base learns the words in pieces",
        )
    words = Words(base.path / "tokenizer.json")
    for text in texts:
        words.add(text)
    return words.terms(count, fewest=_FEWEST)


def write_tokenizer(base: BaseModel, directory: Path, terms: Sequence[Term]) -> None:
    """Write a base's tokenizer with more tokens, whose ids follow the last one.

    Args:
        base: has the tokenizer.
        directory: made here.
        terms: the tokens, in the order of their ids.
    """
    directory.mkdir(exist_ok=True)
    for name in _FILES:
        if (base.path / name).is_file():
            shutil.copyfile(base.path / name, directory / name)
    document = json.loads((base.path / "tokenizer.json").read_bytes())
    vocabulary: dict[str, int] = document["model"]["vocab"]
    first = _first_free(document)
    vocabulary.update({term.word: first + at for at, term in enumerate(terms)})
    text = json.dumps(document, ensure_ascii=False)
    (directory / "tokenizer.json").write_text(text, encoding="utf-8")


def grow_embedding(model: PreTrainedModel, base: BaseModel, terms: Sequence[Term]) -> None:
    """Give new tokens vectors, each the mean of its pieces', in the embedding and in the head.

    Args:
        model: a masked language model of the base, whose two are tied or not.
        base: whose tokenizer knows the pieces.
        terms: as for :func:`write_tokenizer`.
    """
    document = json.loads((base.path / "tokenizer.json").read_bytes())
    vocabulary, first = document["model"]["vocab"], _first_free(document)
    embedding: Any = model.get_input_embeddings()
    if first + len(terms) > embedding.weight.shape[0]:
        model.resize_token_embeddings(first + len(terms), mean_resizing=False)
    grown: Any = model
    tables = [grown.get_input_embeddings(), grown.get_output_embeddings()]
    with torch.no_grad():
        for table in filter(None, tables):
            for at, term in enumerate(terms):
                pieces = [vocabulary[piece] for piece in term.pieces]
                table.weight[first + at] = table.weight[pieces].mean(0)


def _first_free(document: dict[str, Any]) -> int:
    added = [int(each["id"]) for each in document.get("added_tokens") or ()]
    return 1 + max(map(int, [*document["model"]["vocab"].values(), *added]))


def _model(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_bytes())["model"]
    return found

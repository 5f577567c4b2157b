"""Whether a base model's ``tokenizer.json`` can be read and belongs to its embedding."""

from __future__ import annotations

from pathlib import Path

from tokenizers import Tokenizer

from burnish.errors import BaseModelError, InputError
from burnish.plural import plural
from burnish.tasks.windows import TextEncoder
from burnish.torch_models.base_files import first_line, refuse_other_file

__all__ = ["check_tokenizer"]

_FEWEST = 0.5
"""The least share of the embedding's rows that a model's own tokenizer uses. Published models leave
a few hundred rows unused, for a round number."""
_OTHER = "use the tokenizer.json that comes with the weights"


def check_tokenizer(path: Path, *, rows: int, name: str) -> None:
    """Refuse a tokenizer that cannot be read, or whose ids the model lacks.

    Args:
        path: a ``tokenizer.json``.
        rows: number of rows of the model's embedding.
        name: the base model's name in an error.

    Raises:
        BaseModelError: the tokenizer is refused.
    """
    if not path.exists():
        raise BaseModelError(
            f"{name} has no tokenizer.json (a fast tokenizer)",
            "write one with AutoTokenizer.from_pretrained(…, use_fast=True).save_pretrained(…), "
            "or choose a model that has one",
        )
    refuse_other_file(path, name=name)
    tokenizer = _read(path, name=name)
    vocabulary = tokenizer.get_vocab(with_added_tokens=True)
    beyond = sorted((index, token) for token, index in vocabulary.items() if index >= rows)
    if beyond:
        tokens = ", ".join(repr(token) for _, token in beyond[:3])
        more = ", …" if len(beyond) > 3 else ""
        raise BaseModelError(
            f"{name}: tokenizer.json knows "
            + plural(len(beyond), "# [token|tokens] ")
            + f"({tokens}{more}) that the model has no vector for: ids go up to "
            f"{beyond[-1][0]}, and the embedding has {rows:,} rows",
            "where tokens were added, enlarge the embedding too: "
            "model.resize_token_embeddings(len(tokenizer)), then model.save_pretrained(…); else "
            + _OTHER,
        )
    if len(vocabulary) < _FEWEST * rows:
        raise BaseModelError(
            f"{name}: tokenizer.json knows {len(vocabulary):,} tokens, and the embedding has "
            f"{rows:,} rows: it belongs to another model",
            _OTHER,
        )
    _check_templates(tokenizer, rows=rows, name=name)


def _read(path: Path, *, name: str) -> Tokenizer:
    try:
        return Tokenizer.from_file(str(path))
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as e:  # the library raises bare exceptions, and panics
        raise BaseModelError(
            f"{name}: tokenizer.json cannot be read: {first_line(e)}",
            "download the file again, and compare its size with the publisher's",
        ) from e


def _check_templates(tokenizer: Tokenizer, *, rows: int, name: str) -> None:
    """Check that a text makes tokens, and that the special tokens around it have vectors."""
    try:
        TextEncoder(tokenizer, max_length=64, stride=0)
        ids = [*tokenizer.encode("a").ids, *tokenizer.encode("a", "a").ids]
    except (InputError, IndexError, KeyError, ValueError) as e:
        raise BaseModelError(
            f"{name}: tokenizer.json makes no token of the letter 'a'", _OTHER
        ) from e
    if max(ids) >= rows:
        raise BaseModelError(
            f"{name}: tokenizer.json puts the token {max(ids)} around texts, and the embedding has "
            f"{rows:,} rows",
            _OTHER,
        )

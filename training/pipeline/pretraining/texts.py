"""Texts without labels, as one stream of tokens on disk, however many there are.

A stream is a file of int32: a token's id, and in a bit of its own whether a word begins there.
Texts are separated by the token that ends an input.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from burnish.batch.fields import Fields
from burnish.batch.sources import form_of, read_file
from burnish.errors import DataError, InputError, UsageError
from burnish.tasks import TextEncoder
from burnish.tasks.inputs import TEXT
from burnish.tasks.readable import validate_text
from burnish.tasks.table import TASKS, find_task

__all__ = [
    "Survey",
    "is_held_out",
    "read_texts",
    "readable_texts",
    "survey",
    "training_texts",
    "write_stream",
]

_TEXT_TASK = next(name for name in TASKS if find_task(name).inputs is TEXT)
"""A task whose inputs are bare texts, so that rows are read as its are."""
WORD = 1 << 30
"""The bit of a token with which a word begins."""
HELD_OUT = 0.05
"""Share of the texts that are not trained on, where no file of such texts is given."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What a first reading finds."""

    texts: int
    held_out: int
    """How many of them fall to the held-out share."""
    least: str
    """The least of all digests: held out where no other text is."""
    digest: str
    """SHA-256 over the texts' digests, in their order."""
    left_out: int
    """Rows without a text that can be read."""
    first_left_out: str
    """Why the first of them is left out; empty where none is."""


def read_texts(path: Path, field: str = "text") -> Iterator[str | InputError]:
    """The texts of a file or a folder, one after another, and why a row has none.

    Args:
        path: what ``burnish predict`` reads: .txt with a text a line, .jsonl, .csv, .tsv, .xlsx,
            .parquet, packed or not; or a folder of .txt, each a text.
        field: the column or field of the text.

    Raises:
        UsageError: there is no such file, or its format is not known.
        DataError: it cannot be read at all.
    """
    if not path.exists():
        raise UsageError(f"{path}: no such file or folder", "check the path")
    for given in read_file(path, form_of(path), Fields(task=_TEXT_TASK, text=field)):
        if isinstance(given, InputError):
            yield given
            continue
        if not str(given).strip():
            continue  # an empty line between paragraphs is nobody's mistake
        try:
            validate_text(str(given))
        except InputError as error:
            yield error
        else:
            yield str(given)


def survey(path: Path, field: str = "text") -> Survey:
    """Read all texts once, and keep none.

    Raises:
        UsageError, DataError: as :func:`read_texts`; or there is no text.
    """
    texts = held_out = left_out = 0
    first, least, whole = "", "", hashlib.sha256()
    for number, text in enumerate(read_texts(path, field), start=1):
        if isinstance(text, InputError):
            left_out += 1
            first = first or f"row {number}: {text.message}"
            continue
        digest = _digest(text)
        whole.update(digest.encode())
        texts += 1
        held_out += _falls_out(digest)
        least = min(least or digest, digest)
    if not texts:
        raise DataError(
            f"{path} holds no text" + (f" ({first})" if first else ""),
            "give texts: a .txt with one a line, a table or .jsonl with a column 'text' "
            "(--text NAME for another), or a folder of .txt",
        )
    if left_out > texts:
        raise DataError(
            f"{path}: {left_out:,} of {texts + left_out:,} rows hold no text that can be read "
            f"({first})",
            "is it a file of texts, in UTF-8? Convert it, or name another",
        )
    return Survey(texts, held_out, least, whole.hexdigest(), left_out, first)


def is_held_out(text: str, found: Survey) -> bool:
    """Whether a text falls to the held-out share: equal texts do so together."""
    digest = _digest(text)
    return _falls_out(digest) if found.held_out else digest == found.least


def readable_texts(path: Path, field: str = "text") -> Iterator[str]:
    """The texts of :func:`read_texts`, without the rows that have none."""
    return (text for text in read_texts(path, field) if not isinstance(text, InputError))


def training_texts(path: Path, field: str, found: Survey | None) -> Iterator[str]:
    """The texts that are trained on: all, or those that do not fall to the held-out share."""
    texts = readable_texts(path, field)
    return texts if found is None else (text for text in texts if not is_held_out(text, found))


def write_stream(
    path: Path,
    texts: Iterator[str],
    encoder: TextEncoder,
    *,
    end: int,
    check: Callable[[], None],
) -> int:
    """Write the tokens of texts; how many there are.

    Args:
        path: the file, which is replaced.
        texts: read once.
        encoder: tokenizes.
        end: the token between texts.
        check: called after every text; may raise.
    """
    count = 0
    with path.open("wb") as stream:
        for text in texts:
            ids = _tokens(encoder, text)
            np.append(ids, np.int32(end | WORD)).astype(np.int32).tofile(stream)
            count += len(ids) + 1
            check()
    return count


def _tokens(encoder: TextEncoder, text: str) -> npt.NDArray[np.int32]:
    """Ids of a text's tokens, those that begin a word marked."""
    encoding = encoder.encode(text)
    ids = np.zeros(encoding.tokens, dtype=np.int32)
    for window in encoding.windows:
        stop = window.prefix + window.stop - window.start
        ids[window.start : window.stop] = window.input_ids[window.prefix : stop]
    begins = np.ones(encoding.tokens, dtype=bool)
    begins[1:] = (encoding.words[1:] != encoding.words[:-1]) | (encoding.words[1:] < 0)
    return np.where(begins, ids | WORD, ids).astype(np.int32)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _falls_out(digest: str) -> bool:
    return int(digest[:8], 16) < HELD_OUT * 2**32

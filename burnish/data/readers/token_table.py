"""Token tables: CSV with a word and a tag per row, and how such a file becomes CoNLL."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from burnish.data.readers.csv import read_table
from burnish.data.tags import is_tag
from burnish.errors import DataError

__all__ = ["token_table_hint"]

_ROWS = 200
_WORDS = ("word", "token", "words", "tokens", "form", "text")
_SCRIPT = (
    'import csv; last = ""; '
    '[print(end="\\n" if r[{sentence}] not in ("", last) and (last := r[{sentence}]) else "") '
    'or print(r[{word}], r[{tag}], sep="\\t") '
    'for r in csv.DictReader(open({name}, encoding="utf-8-sig", newline=""), '
    "delimiter={delimiter})]"
)


def token_table_hint(path: Path) -> str:
    """The command that makes CoNLL of a table of tokens; empty where it is none."""
    try:
        table = read_table(path, wanted=_WORDS)
        rows = [row for _, row in islice(table.rows, _ROWS) if not isinstance(row, DataError)]
    except DataError:
        return ""
    rows = [row for row in rows if len(row) >= len(table.names)]
    columns = {name: [row[at] for row in rows] for at, name in enumerate(table.names)}
    tags = [name for name, cells in columns.items() if cells and all(map(is_tag, cells))]
    words = [name for name in columns if name.casefold() in _WORDS and name not in tags]
    sentences = [name for name, cells in columns.items() if _tells_sentences(cells)]
    if not tags or not words or not sentences:
        return ""
    script = _SCRIPT.format(
        sentence=json.dumps(sentences[0]),
        word=json.dumps(words[0]),
        tag=json.dumps(tags[-1]),
        name=json.dumps(str(path)),
        delimiter=json.dumps(table.delimiter),
    )
    command = f"python3 -c {shlex.quote(script)} > {shlex.quote(f'{path.stem}.conll')}"
    return f"it has a word and a tag per row; make CoNLL of it: {command}"


def _tells_sentences(cells: Sequence[str]) -> bool:
    """Whether cells say where a sentence begins: blank after its first, or the same throughout."""
    begins = [cell for before, cell in zip(["", *cells], cells, strict=False) if cell != before]
    named = [cell for cell in begins if cell]
    return len(named) == len(set(named)) and 0 < len(named) < len(cells)

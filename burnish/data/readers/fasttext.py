"""fastText lines: labels, as ``__label__late __label__wet``, and the words of a text.

A word that begins with ``__label__`` is a label, wherever it stands; the other words are the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from burnish.data.columns import Columns
from burnish.data.records import Item, Record, Skip
from burnish.data.source import read_lines_and_faults
from burnish.errors import DataError

__all__ = ["PREFIX", "read_fasttext"]

PREFIX = "__label__"
_LABEL = re.compile(r"(?<!\S)__label__(\S+)[ \t]*")


def read_fasttext(path: Path, columns: Columns) -> Iterator[Item]:
    """A file's lines; where each has one label, they have one label per row, else any number."""
    several = any(
        len(_LABEL.findall(line)) > 1
        for _, line in read_lines_and_faults(path)
        if isinstance(line, str)
    )
    for number, line in read_lines_and_faults(path):
        if isinstance(line, DataError):
            yield line
        elif not line.strip():
            yield Skip(id=f"{path.name}:{number}", reason="blank line")
        else:
            labels = _LABEL.findall(line)
            value = labels if several and labels else next(iter(labels), None)
            yield Record(
                path=path,
                line=number,
                position=str(number),
                fields={
                    columns.text: _LABEL.sub("", line).strip(),
                    columns.labels if several else columns.label: value,
                },
            )

"""Paths: texts that are the names of files or URLs, where the documents themselves were meant.

Labelling tools store a document's address instead of its text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from burnish.data.columns import Columns
from burnish.errors import DataError
from burnish.plural import plural
from burnish.tasks.examples import Example

__all__ = ["PATHS_HINT", "are_paths", "check_paths", "is_path", "path_rows", "paths_message"]

PATHS_HINT = (
    "put the documents' texts in the column, or name the column that holds them (data.text: "
    "NAME); where the files lie beside the table, data.documents: NAME "
    "reads them; to classify the addresses themselves, set data.allow_paths: true"
)

_MOST_CHARACTERS = 500
_ENDINGS = (
    "txt|text|md|rtf|pdf|docx?|odt|pages|html?|xml|tei|json|jsonl|csv|tsv|xlsx?|pptx?|eml|msg|tex|"
    "epub|png|jpe?g|tiff?|gif|bmp|webp|svg|djvu|mp3|wav|ogg|flac|m4a|mp4|mov|avi|zip|gz|parquet|"
    "conll|ann|xmi|alto|hocr"
)
_PATH = re.compile(
    rf"""
      [a-z][a-z0-9+.-]{{1,15}}://\S+                         # a URL of any scheme: https, s3, gs
    | [a-z][a-z0-9+.-]{{1,15}}://[^\n]*\.(?:{_ENDINGS})       # one that has spaces
    | data:[\w/+.-]+[;,]\S*                                  # a document inside its address
    | www\.\S+\.\S+
    | (?:/|~/|\.{{1,2}}/|[a-z]:[\\/]|\\\\)[^\n]*\.[a-z0-9]{{1,5}}(?:\?\S*)?  # rooted, and an ending
    | /(?:[^\s/]+/)+[^\s/]*                                  # rooted, of several parts
    | (?:[^\s/\\]+[/\\])*[^\n/\\<>|?*]{{1,120}}\.(?:{_ENDINGS})  # a file's name, a relative path
    """,
    re.VERBOSE | re.IGNORECASE,
)


def is_path(text: str) -> bool:
    """Whether a text is the address of a document and nothing else."""
    plain = text.strip()
    return len(plain) <= _MOST_CHARACTERS and _PATH.fullmatch(plain) is not None


def path_rows(examples: Sequence[Example]) -> list[Example]:
    """The rows whose text (or context) is such an address."""
    return [example for example in examples if is_path(example.text_fields[0][1])]


def are_paths(found: int, rows: int) -> bool:
    """Whether so many of so many rows show that the column does not hold the texts: a half."""
    return 2 * found >= rows > 0


def check_paths(examples: Sequence[Example], columns: Columns, *, source: str) -> None:
    """Refuse rows whose texts are addresses, unless that is meant.

    Raises:
        DataError: with the count.
    """
    found = [] if columns.allow_paths else path_rows(examples)
    if are_paths(len(found), len(examples)):
        message = paths_message(len(found), len(examples))
        raise DataError(f"{source}: {message}, for example in {found[0].id}", PATHS_HINT)


def paths_message(found: int, rows: int) -> str:
    """A sentence about such rows."""
    return f"{found:,} of " + plural(
        rows, "# [text is a file name or URL|texts are file names or URLs], not a text to read"
    )

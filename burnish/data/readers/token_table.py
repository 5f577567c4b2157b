"""Token tables: CSV or a workbook with one token per row, as Kaggle's copies of NER corpora are.

Sentences end at an empty row, or where a column whose name begins with "sent" has a new value; its
empty cells go on with the sentence (``Sentence #``: ``Sentence: 1``, empty, empty).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from burnish.data.columns import Columns
from burnish.data.readers.tables import open_table
from burnish.data.readers.token_columns import TokenColumns, UnclearColumnsError, choose_columns
from burnish.data.readers.token_rows import TokenSentence, token_records
from burnish.data.records import Item
from burnish.data.tags import is_tag
from burnish.errors import DataError

__all__ = ["read_token_table", "token_table_notes"]

_ROWS_HINT = (
    "give one token per row with its tag (O, B-LABEL, I-LABEL) in a column of its own, or JSON "
    'Lines, a text per line: {"text": "Ann", "entities": [{"start": 0, "end": 3, "label": "PER"}]}'
)


def read_token_table(path: Path, columns: Columns) -> Iterator[Item]:
    """A file's sentences; the text is the tokens joined by spaces.

    Raises:
        DataError: no column holds tags, it is not clear which columns are meant, or a row has no
            tag where it needs one.
    """
    chosen = _columns(path, columns)
    yield from token_records(path, columns, chosen, sentences=lambda: _sentences(path, columns))


def token_table_notes(path: Path, columns: Columns) -> tuple[str, ...]:
    """A note on the columns of a file that are not read.

    Raises:
        DataError: as :func:`read_token_table`.
    """
    note = _columns(path, columns).note()
    return (note,) if note else ()


def _columns(path: Path, columns: Columns) -> TokenColumns:
    rows = [sentence.rows for sentence in _sentences(path, columns)]
    if not any(is_tag(cell) for sentence in rows for cells in sentence for cell in cells):
        raise DataError(
            "is a table without a column of tags, and cannot hold extraction rows",
            _ROWS_HINT,
            file=path,
        )
    try:
        return choose_columns(rows, columns, names=_header(path, columns))
    except UnclearColumnsError as error:
        raise DataError(str(error), error.hint, file=path) from error


def _header(path: Path, columns: Columns) -> tuple[str, ...]:
    """Names of the columns; none where the first row is a token."""
    names = open_table(path, wanted=(), sheet=columns.sheet).names
    return () if any(map(is_tag, names)) else names


def _sentences(path: Path, columns: Columns) -> Iterator[TokenSentence]:
    table = open_table(path, wanted=(), sheet=columns.sheet)
    sentence = TokenSentence(0, [], [])
    if any(map(is_tag, table.names)):
        sentence = TokenSentence(0, [table.line], [list(table.names)])
    for line, row in table.rows:
        if isinstance(row, DataError):
            raise row
        cells = [cell.strip() for cell in row]
        if any(cells):
            sentence.lines.append(line)
            sentence.rows.append(cells)
        elif sentence.rows:
            yield sentence
            sentence = TokenSentence(0, [], [])
    if sentence.rows:
        yield sentence

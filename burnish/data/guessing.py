"""Guessing: the columns of a file that nobody has described, by their names and by what they hold.

A guess is said to the user and written to a recipe, where it can be changed. Where two columns
may be meant, nothing is guessed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from burnish.data.columns import Columns
from burnish.data.label_columns import seem_label_columns
from burnish.data.readers.arrow import parquet_rows
from burnish.data.readers.head import Head, guess_task, guess_task_of_rows, look
from burnish.data.readers.tables import open_table
from burnish.data.records import Record
from burnish.errors import DataError
from burnish.plural import plural
from burnish.tasks.shapes import Shape
from burnish.tasks.table import find_task

__all__ = ["Guess", "guess_columns", "guess_columns_of_rows"]

_ROWS = 2000
"""Rows that are looked at. Chosen: a table's columns show within a screenful."""
_MOST_LABELS = 200
_ROWS_PER_LABEL = 2
"""Of a column of labels, on average: one with fewer names rows or holds free text. Chosen."""
_LABEL_CHARACTERS = 60
_TEXT_WORDS = 3
"""Words of a text on average; a column with fewer holds names or codes. Chosen."""
_CLEARLY_LONGER = 2
_TEXT_NAMES = (
    *("text", "body", "message", "content", "description", "comment", "review", "sentence"),
    *("document", "note", "utterance", "query", "request", "question", "abstract"),
)
_LABEL_NAMES = (
    *("label", "category", "class", "topic", "intent", "target", "team", "queue", "tag"),
    *("sentiment", "type", "code", "department", "annotation"),
)
_ID_NAME = re.compile(r"(?i)(.*[ _-])?(ids?|nr\.?|no\.?|number|uuid|key)")
_ID_CHARACTERS = 60
_NUMBERS = re.compile(r"[\d\s.,:;/+-]+(T[\d:.]+Z?)?")
"""Numbers, dates and times: no labels, unless a column is called so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """What a file seems to hold."""

    task: str
    columns: Mapping[str, str | tuple[str, ...]]
    """Keys of a recipe's ``data`` section, without those whose default fits."""
    unused: tuple[str, ...] = ()
    """Columns that are not read."""

    def describe(self) -> str:
        """A sentence for the user."""
        read = "; ".join(
            f"{key}: {value if isinstance(value, str) else ', '.join(value)}"
            for key, value in self.columns.items()
        )
        left = f"; not read: {', '.join(self.unused)}" if self.unused else ""
        return f"task: {self.task}{'; ' if read else ''}{read}{left}"


def guess_columns(path: Path, *, task: str | None = None, given: Mapping[str, object]) -> Guess:
    """Find what a file is for, and which of its columns hold what.

    Args:
        path: a file of rows.
        task: what it is for, where that is known.
        given: keys of a recipe's ``data`` section that the user has set; they are not guessed.

    Raises:
        DataError: it is not a file of rows, or several columns may hold the texts or the labels,
            or none does.
    """
    head = look(path, Columns())
    task = task or guess_task(path)
    if find_task(task).rows.shape is not Shape.LABELS or head.is_directory:
        return Guess(task=task, columns={})
    sheet = given.get("sheet")
    fields = _fields(path, head, sheet=sheet if isinstance(sheet, str) else None)
    return _guess(path, list(islice(fields, _ROWS)), task=task, given=given)


def guess_columns_of_rows(
    rows: Iterable[Mapping[str, object]],
    *,
    task: str | None = None,
    given: Mapping[str, object],
    source: str,
) -> Guess:
    """As `guess_columns`, of rows in memory.

    Args:
        rows: the first of them are looked at.
        task: what they are for, where that is known.
        given: keys that the user has set.
        source: what messages call them.

    Raises:
        DataError: as `guess_columns`.
    """
    some = list(islice(rows, _ROWS))
    task = task or guess_task_of_rows(some)
    if find_task(task).rows.shape is not Shape.LABELS:
        return Guess(task=task, columns={})
    return _guess(Path(source), some, task=task, given=given)


def _guess(
    path: Path, rows: Sequence[Mapping[str, object]], *, task: str, given: Mapping[str, object]
) -> Guess:
    columns = Columns()
    names = tuple(dict.fromkeys(name for row in rows for name in row))
    texts = find_task(task).rows.texts(columns)
    if not names:
        return Guess(task=task, columns={})
    table = _Table(path, rows, names)
    found: dict[str, str | tuple[str, ...]] = {}
    if len(texts) == 1 and "text" not in given and columns.text not in names:
        found["text"] = table.text()
    text = str(given.get("text", found.get("text", columns.text)))
    if not {"label", "labels", "label_columns"} & given.keys():
        found |= table.labels(text)
    if "id" not in given and (named := table.id(besides={text, *map(str, found.values())})):
        found["id"] = named
    said = {name for value in (*found.values(), *given.values()) for name in _names(value)}
    return Guess(
        task=task, columns=found, unused=_unused(names, (*texts, "label", "labels", *said))
    )


def _fields(path: Path, head: Head, *, sheet: str | None) -> Iterator[Mapping[str, object]]:
    """The first rows, whatever they hold."""
    if head.start.startswith("PAR1"):
        return parquet_rows(path)
    if head.rows:
        return iter(head.rows)
    table = open_table(path, wanted=(*_TEXT_NAMES, *_LABEL_NAMES), sheet=sheet)
    return (each.fields for each in table.records() if isinstance(each, Record))


def _names(value: object) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, tuple) else ()


def _unused(names: Sequence[str], used: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name not in used)


class _Table:
    """The first rows, by column."""

    def __init__(
        self, path: Path, rows: Sequence[Mapping[str, object]], names: Sequence[str]
    ) -> None:
        self._path = path
        self._values = {name: [_text(row.get(name)) for row in rows] for name in names}
        self._rows = rows

    def id(self, *, besides: Collection[str]) -> str | None:
        """The column that names every row; None without one, or where not all rows were seen."""
        if len(self._rows) >= _ROWS:
            return None
        found = [
            name
            for name, values in self._values.items()
            if name not in besides
            and _ID_NAME.fullmatch(name.strip())
            and all(0 < len(value) <= _ID_CHARACTERS for value in values)
            and len({*values}) == len(values)
        ]
        return found[0] if len(found) == 1 else None

    def text(self) -> str:
        """The column of the texts.

        Raises:
            DataError: no column holds texts, or several do.
        """
        words = {name: _mean_words(values) for name, values in self._values.items()}
        longest = [name for name in words if words[name] >= _TEXT_WORDS]
        longest.sort(key=lambda name: -words[name])
        if len(named := _named(longest, _TEXT_NAMES)) == 1:
            return named[0]
        if len(longest) == 1 or (
            longest and words[longest[0]] >= _CLEARLY_LONGER * words[longest[1]]
        ):
            return longest[0]
        if not longest:
            listed = ", ".join(map(repr, self._values))
            raise DataError(
                f"no column holds texts; there are: {listed}",
                "name the column: data.text=NAME",
                file=self._path,
            )
        raise DataError(
            f"several columns may be the text: {', '.join(map(repr, longest))}",
            f"name one: data.text={longest[0]}",
            file=self._path,
        )

    def labels(self, text: str) -> dict[str, str | tuple[str, ...]]:
        """The column of the labels, or a column per label, as a recipe names them.

        Raises:
            DataError: no column holds labels, or several do.
        """
        others = {name: values for name, values in self._values.items() if name != text}
        for key in ("label", "labels"):
            if key in others:
                return {}
        able = [name for name, values in others.items() if _may_be_labels(values, name=name)]
        named = _named(able, _LABEL_NAMES)
        if len(named) == 1 or len(able) == 1:
            return {"label": (named or able)[0]}
        if not able:
            cells = ([row.get(name) for name in self._values] for row in self._rows)
            if one_each := seem_label_columns(list(self._values), cells, text=text):
                return {"label_columns": one_each}
            raise DataError(
                "no column holds labels",
                "name the column: data.label=NAME; rows without any labels: burnish suggest",
                file=self._path,
            )
        counted = [
            f"{name!r} ({plural(len(set(others[name]) - {''}), '# value[|s]')})" for name in able
        ]
        raise DataError(
            f"several columns may be the label: {', '.join(counted)}",
            f"name one: data.label={able[0]}",
            file=self._path,
        )


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()


def _mean_words(values: Sequence[str]) -> float:
    filled = [len(value.split()) for value in values if value]
    return sum(filled) / len(filled) if filled else 0.0


def _may_be_labels(values: Sequence[str], *, name: str) -> bool:
    counts = Counter(value for value in values if value)
    if not 2 <= len(counts) <= _MOST_LABELS or counts.total() < _ROWS_PER_LABEL * len(counts):
        return False
    if max(map(len, counts)) > _LABEL_CHARACTERS:
        return False
    return bool(_named([name], _LABEL_NAMES)) or not all(map(_NUMBERS.fullmatch, counts))


def _named(names: Sequence[str], known: Sequence[str]) -> list[str]:
    """Those of the names that are among the known ones."""
    return [name for name in names if name.casefold().strip() in known]

"""The labels of rows: one string, a list, a string with separators, or a column per label."""

from __future__ import annotations

from burnish.data.columns import Columns
from burnish.data.fields import (
    is_blank,
    name_label,
    read_label,
    refuse_printed,
    task_hint,
    type_name,
    unlabelled_error,
)
from burnish.data.label_columns import read_label_columns
from burnish.data.records import Record, UnlabelledError, missing_column
from burnish.tasks.shapes import Shape

__all__ = ["LabelReader"]


class LabelReader:
    """Reads the labels of one file: ``label`` or ``labels``, one of the two in all its rows."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._form = ""
        self._form_id = ""
        self.multi_label = False
        """Whether a row has any number of labels; known once a row was read."""

    def read(self, record: Record) -> tuple[str, ...]:
        """A row's labels, sorted.

        Raises:
            DataError: they are in no column, in another form than those above, or no labels.
            UnlabelledError: it has none.
        """
        if self._columns.label_columns:
            self.multi_label = True
            return read_label_columns(record, self._columns.label_columns)
        column = self._column(record)
        several = column == self._columns.labels or self._columns.separator is not None
        value = record.fields[column]
        if is_blank(value) and self._columns.separator is None:
            raise unlabelled_error(record)
        return self._several(record, value) if several else (self._label(record, value),)

    def _label(self, record: Record, value: object) -> str:
        names = self._columns.label_names
        named = value if names is None else name_label(record, value, names)
        if named is None:
            raise unlabelled_error(record)
        return read_label(record, named, no_label=self._columns.no_label)

    def _column(self, record: Record) -> str:
        names = self._columns.label, self._columns.labels
        present = [name for name in names if record.fields.get(name) is not None]
        if not present:
            if any(name in record.fields for name in names):
                raise unlabelled_error(record)
            message, hint = missing_column(names[0], record.fields, recipe_key="label")
            if isinstance(record.fields.get(self._columns.entities), list):
                hint = f"rows with entities are for another task: {task_hint(Shape.SPANS)}"
            raise record.error(message, hint, of=UnlabelledError)
        form = " and ".join(repr(name) for name in present)
        if len(present) > 1:
            raise record.error(f"the row has {form}", "use one of the two in the whole file")
        if self._form not in ("", form):
            raise record.error(
                f"the row has {form}, but {self._form_id} has {self._form}",
                f"in every row use {names[1]!r} (a list), or {names[0]!r} (one string)",
            )
        if not self._form:
            self._form, self._form_id = form, record.id
            separated = self._columns.separator is not None
            self.multi_label = present[0] == names[1] or separated
        return present[0]

    def _several(self, record: Record, value: object) -> tuple[str, ...]:
        separator = self._columns.separator
        if isinstance(value, str):
            refuse_printed(record, value)
            if separator is None:
                raise record.error(
                    f"{self._columns.labels!r} is one string, not a list of labels",
                    'set the separator of the labels, for example data.separator: "|"',
                )
            parts = (part.strip() for part in value.split(separator))
            return tuple(sorted({self._label(record, part) for part in parts if part}))
        if not isinstance(value, list):
            raise record.error(
                f"the labels are {type_name(value)}, not a list of strings", 'write ["one", "two"]'
            )
        return tuple(sorted({self._label(record, label) for label in value}))

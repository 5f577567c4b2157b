"""A table in memory: its rows with their answers, as `burnish predict -o` writes a file's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from burnish.batch.fields import Asked
from burnish.batch.layout import make_layout
from burnish.batch.rows import AnsweredRow
from burnish.data.columns import Columns
from burnish.data.frame_columns import add_columns
from burnish.data.frames import as_data_set, is_frame, whole_frame
from burnish.errors import DataError, InputError
from burnish.tasks import Prediction, Task
from burnish.tasks.inputs import InputForm
from burnish.tasks.table import find_task

__all__ = ["Answerer", "answer_table"]

Answerer = Callable[[Sequence[Asked]], Iterable[Prediction | InputError]]
"""Answers inputs in their order; an input that is an error stays it."""

_SHOWN = 10
_COLUMNS = {"text_pair": "pair"}
"""What `Columns` calls an input's text, where the names differ."""


def answer_table(
    table: Any, task: Task, answerer: Answerer, *, columns: Columns, top_k: int = 1
) -> Any:
    """The table with the answers' columns and ``error`` on its right.

    Args:
        table: a DataFrame, a list of dictionaries, or a data set.
        task: what is answered.
        answerer: answers the rows.
        columns: what the columns of the texts are called.
        top_k: how many labels or answers are shown at most.

    Returns:
        A DataFrame of the same library, or a list of dictionaries. Where the table has a column
        of an answer's name, the answer's column is ``predicted_…``.

    Raises:
        DataError: the table lacks a column.
        MissingExtraError: it is a DataFrame, and narwhals is not installed.
    """
    if is_frame(table):
        table = whole_frame(table).to_native()
    kind = find_task(task.task)
    source = as_data_set(table)
    names = _names(kind.inputs, columns)
    _check_columns(names, source.column_names)
    cells = kind.cells
    sample = cells.answer(task, cells.sample(task), top_k=top_k)
    layout = make_layout(source.column_names, sample)
    asked = [_asked(kind.inputs, row, names) for row in source]
    fields = [
        layout.answer_fields(
            AnsweredRow({}, None, result.message)
            if isinstance(result, InputError)
            else AnsweredRow({}, cells.answer(task, result, top_k=top_k), None)
        )
        for result in answerer(asked)
    ]
    samples: dict[str, object] = {new: sample[name] for name, new in layout.answers.items()}
    added = layout.columns[len(layout.own) :]
    return add_columns(
        table,
        {name: [row[name] for row in fields] for name in added},
        samples=dict.fromkeys(added, "") | samples,
    )


def _names(form: InputForm[Any], columns: Columns) -> tuple[str, ...]:
    return tuple(getattr(columns, _COLUMNS.get(name, name)) for name in form.fields)


def _check_columns(names: Sequence[str], there: Sequence[str]) -> None:
    missing = [name for name in names if name not in there]
    if not missing:
        return
    shown = ", ".join(there[:_SHOWN]) + (", …" if len(there) > _SHOWN else "")
    how = f'text="{there[0]}"' if there and len(names) == 1 else "columns=burnish.Columns(…)"
    hint = f"they have {shown}; name the column: {how}" if there else "they have no column at all"
    raise DataError(f"the rows have no column {missing[0]!r}", hint)


def _asked(form: InputForm[Any], row: Mapping[str, Any], names: Sequence[str]) -> Asked:
    try:
        given: Asked = form.of_row(row, names)
    except InputError as error:
        return error
    return given

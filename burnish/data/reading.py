"""Reading: a rows file of any format becomes checked examples."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from burnish.data.columns import Columns
from burnish.data.documents import with_documents
from burnish.data.label_columns import refuse_one_per_label
from burnish.data.paths import check_paths
from burnish.data.readers import choose_format
from burnish.data.readers.arrow import is_saved_data_set, saved_files
from burnish.data.readers.brat import brat_files
from burnish.data.readers.folder import folder_files, is_folder_of_texts
from burnish.data.readers.parallel import parallel_files
from burnish.data.readers.starts import is_brat_directory
from burnish.data.records import Item, Record, Skip, UnlabelledError, make_each
from burnish.data.row_names import name_rows
from burnish.data.rows import Rows, SourceFile
from burnish.data.shifts import count_offsets
from burnish.data.source import source_sha256
from burnish.data.subgroups import check_subgroups
from burnish.errors import DataError
from burnish.tasks.examples import Example
from burnish.tasks.rows import Builder
from burnish.tasks.shapes import Shape
from burnish.tasks.table import TASKS, find_task

__all__ = ["read_rows", "rows_sha256"]

_NATIVE = Columns()


def read_rows(
    path: str | Path,
    task_name: str,
    *,
    columns: Columns = _NATIVE,
    on_error: Callable[[DataError], None] | None = None,
) -> Rows:
    """Read a file; its format is known by suffix and content (docs/reference/data.md lists them).

    Rows whose text is empty are left out and counted in ``files[0].skipped``.

    Args:
        path: the file, or a directory of ``datasets``.
        task_name: what the rows are for.
        columns: what their columns are called.
        on_error: called with the error of each wrong row, which is left out (perhaps every row
            is); None raises the first error.

    Raises:
        DataError: the file or a row is wrong, or the texts are file names or URLs; names file,
            line and how to fix it.

    Examples:
        >>> rows = burnish.read_rows("tickets.csv", "classification")
        >>> len(rows), rows.examples[0].labels
        (498, ('billing',))
    """
    path = Path(path)
    if task_name not in TASKS:
        raise DataError(f"there is no task {task_name!r}", f"one of: {', '.join(TASKS)}")
    _check_file(path)
    chosen = choose_format(path, task_name, columns=columns)
    sha256 = rows_sha256(path, columns)
    task_rows = find_task(task_name).rows
    builder = task_rows.builder(columns)
    examples: list[Example] = []
    skips: list[Skip] = []
    errors = 0
    read = _until_error(chosen.read(path, columns, shape=task_rows.shape))
    items: Iterable[Item] = with_documents(name_rows(read, columns), columns)
    if task_rows.spans is not None and not chosen.has_tags:
        form = task_rows.spans(columns)
        counted = count_offsets(items, path, form, offsets=columns.offsets)
        items = counted.items
        if counted.error is not None:
            if on_error is None:
                raise counted.error
            errors += 1
            on_error(counted.error)
    if task_rows.shape is Shape.LABELS:
        items = refuse_one_per_label(items, columns, path)
    leave_out = columns.unlabelled == "leave_out"
    for built in _built(items, builder):
        if leave_out and isinstance(built, UnlabelledError):
            place = built.place or f"line {built.line}"
            skips.append(Skip(id=built.row, reason="no label", place=place))
        elif isinstance(built, Skip):
            skips.append(built)
        elif isinstance(built, DataError):
            # An error before any row is about the file as a whole: nothing else can be read.
            if on_error is None or not (examples or errors or built.row or built.line):
                raise built
            errors += 1
            on_error(built)
        else:
            examples.append(built)
    if not examples and not errors:
        left_out = f" ({len(skips)} were skipped: {skips[0].reason})" if skips else ""
        raise DataError(f"holds no rows{left_out}", "give a file with rows", file=path)
    if examples:
        check_subgroups(examples, columns, source=str(path))
        check_paths(examples, columns, source=str(path))
    file = SourceFile.read_from(path, sha256=sha256, rows=len(examples), skips=skips)
    notes = chosen.notes(path, columns) if chosen.notes is not None else ()
    return Rows(
        task=task_name,
        examples=tuple(examples),
        multi_label=builder.multi_label,
        files=(replace(file, notes=notes),),
    )


def rows_sha256(path: Path, columns: Columns = _NATIVE) -> str:
    """SHA-256 of a file of rows; of a folder or of two parallel files, over the files' digests.

    Those of a saved data set are taken in its order, those of texts in the order of their paths,
    which are part of the digest.

    Args:
        path: the file or folder.
        columns: their languages say which file is parallel to it.

    Raises:
        DataError: it cannot be opened.
    """
    if not path.is_dir():
        pair = parallel_files(path, columns.languages)
        if pair is None or not all(each.is_file() for each in pair):
            return source_sha256(path)
        return hashlib.sha256("\n".join(map(source_sha256, pair)).encode("utf-8")).hexdigest()
    if is_brat_directory(path):
        listed = "\n".join(map(source_sha256, brat_files(path)))
    elif is_saved_data_set(path):
        listed = "\n".join(map(source_sha256, saved_files(path)))
    else:
        files = folder_files(path)
        listed = "".join(f"{source_sha256(path / name)}  {name}\n" for name in files)
    return hashlib.sha256(listed.encode("utf-8")).hexdigest()


def _until_error(items: Iterator[Item]) -> Iterator[Item]:
    """The rows; an error that the reader raises comes as the last item."""
    try:
        yield from items
    except DataError as error:
        yield error


def _built(items: Iterable[Item], builder: Builder) -> Iterator[Example | Skip | DataError]:
    """Each row's example, or why it has none."""
    for item in items:
        faults = item.faults if isinstance(item, Record) else ()
        for built in faults or make_each([item], builder.build):
            if isinstance(built, Skip) and isinstance(item, Record):
                yield replace(built, place=item.place)
            else:
                yield built


def _check_file(path: Path) -> None:
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError as error:  # a run records its files' names in JSON
        hint = "rename it, or the directory that it is in"
        raise DataError("its name is not UTF-8", hint, file=path) from error
    known = (is_saved_data_set, is_brat_directory, is_folder_of_texts)
    if path.is_dir() and not any(is_so(path) for is_so in known):
        hint = "name one file in it, or a folder of .txt files"
        raise DataError("is a directory, not a rows file", hint, file=path)
    if path.exists():
        return
    siblings = [each.name for each in path.parent.iterdir()] if path.parent.is_dir() else []
    near = difflib.get_close_matches(path.name, siblings, n=1)
    hint = f"did you mean {path.parent / near[0]}?" if near else "check the path"
    raise DataError("there is no such file", hint, file=path)

"""``burnish suggest``: which of the unlabelled rows to label next."""

from __future__ import annotations

import argparse
import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeGuard

from burnish.batch.fields import Asked, Fields
from burnish.batch.sources import FORMATS, form_of, read_file
from burnish.cli.extras import needs_extra
from burnish.cli.numbers import positive_int
from burnish.cli.rows import add_column_options, given_task, read_given_rows
from burnish.cli.task_names import task_name
from burnish.cli.terminal import Terminal
from burnish.data.formulas import escape_formula
from burnish.data.writers import WRITERS, NotedRow, Project, check_form, check_output
from burnish.errors import InputError, UsageError
from burnish.escapes import ESCAPED
from burnish.plural import plural
from burnish.runtime.project import project_of
from burnish.tasks import Input
from burnish.tasks.inputs import InputForm
from burnish.tasks.marks import Marks
from burnish.tasks.readable import validate_text
from burnish.tasks.table import find_task

__all__ = ["EXAMPLE", "add_arguments", "run"]

EXAMPLE = """\
burnish suggest unlabelled.txt --train tickets.csv -n 50 > next.jsonl
burnish suggest unlabelled.csv --bundle bundles/tickets -n 50 --out next.csv
burnish suggest unlabelled.csv --bundle bundles/tickets --as label-studio --out tasks.json"""


@dataclass(frozen=True, slots=True)
class _Suggestion:
    line: int
    doubt: float
    texts: dict[str, str]
    """The input's texts, by their names."""
    marks: Marks = field(default_factory=Marks)
    """What the model answers, where there is one."""

    def fields(self) -> dict[str, object]:
        """For a row of the output."""
        return {"row": self.line, "uncertainty": round(self.doubt, 4), **self.texts}

    def noted(self, path: Path) -> NotedRow:
        """For a labelling tool."""
        (text,) = self.texts.values()
        return NotedRow(id=f"{path.name}:{self.line}", text=text, marks=self.marks)


@dataclass(frozen=True, slots=True)
class _Found:
    suggestions: list[_Suggestion]
    """The most useful first."""
    project: Project


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "rows",
        type=Path,
        metavar="UNLABELLED",
        help="rows without labels (.txt: one text per line, .jsonl, .csv, .tsv, .xlsx, .parquet)",
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--bundle", type=Path, metavar="BUNDLE", help="choose rows that this model is unsure of"
    )
    source.add_argument(
        "--train",
        type=Path,
        metavar="LABELLED",
        help="or that a classifier trained on these rows is unsure of (extra: train)",
    )
    parser.add_argument(
        "-n", "--count", type=positive_int, default=50, metavar="N", help="how many rows (50)"
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="write .jsonl or .csv (stdout)")
    parser.add_argument(
        "--as",
        dest="form",
        choices=WRITERS,
        help="write --out as a labelling tool imports it, with the bundle's answers to correct",
    )
    parser.add_argument("--format", choices=FORMATS, help="format of UNLABELLED (by its ending)")
    parser.add_argument(
        "--base-model", metavar="MODEL", default="minilm", help="encoder for --train (minilm)"
    )
    parser.add_argument(
        "--task",
        type=task_name,
        metavar="TASK",
        help="the task of LABELLED (guessed from its first row)",
    )
    add_column_options(parser)


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Print or write the rows, the most useful first."""
    _check_out(arguments)
    suggest = _with_bundle if arguments.bundle else _with_labelled
    found = suggest(arguments, terminal)
    rows = [each.fields() for each in found.suggestions]
    if arguments.form is not None:
        noted = (each.noted(arguments.rows) for each in found.suggestions)
        WRITERS[arguments.form].write(noted, arguments.out, project=found.project)
    elif arguments.out is not None:
        text = _csv(rows) if arguments.out.suffix == ".csv" else "".join(_lines(rows))
        arguments.out.write_text(text, encoding="utf-8", errors=ESCAPED, newline="")
    else:
        for line in _lines(rows):
            terminal.result(line.rstrip("\n"))
    if arguments.out is not None:
        terminal.result(f"{arguments.out}: " + plural(len(rows), "# [row|rows] to label next"))
    terminal.document({"rows": rows})
    return 0


def _check_out(arguments: argparse.Namespace) -> None:
    """Refuse an output that cannot be written as asked, before there is any work."""
    if arguments.form is not None:
        check_output(arguments.form, arguments.out)
    elif arguments.out is not None and arguments.out.suffix not in (".jsonl", ".csv"):
        raise UsageError(
            f"{arguments.out}: the format cannot be told from the file's ending",
            "name it .jsonl or .csv, or say a labelling tool's form: --as label-studio",
        )


def _with_bundle(arguments: argparse.Namespace, terminal: Terminal) -> _Found:
    import numpy as np

    import burnish
    from burnish.data.selection import hashed_vectors, pick_rows

    with burnish.load(arguments.bundle) as model:
        if arguments.form is not None:
            check_form(arguments.form, model.task)
        project = project_of(model)
        rows = _inputs(arguments, model.task, terminal)
        task, form = model.bundle.manifest.task, find_task(model.task).inputs
        answers = [*model.stream([given for _, given in rows], errors="yield")]
        doubts = np.array([0.0 if isinstance(a, InputError) else task.doubt(a) for a in answers])
    texts = [" ".join(form.texts(given)) for _, given in rows]
    picked = pick_rows(hashed_vectors(texts), doubts, count=arguments.count)
    marks = [Marks() if isinstance(a, InputError) else a.marks for a in answers]
    found = [_suggestion(rows[i], float(doubts[i]), form, marks[i]) for i in picked]
    return _Found(found, project)


def _with_labelled(arguments: argparse.Namespace, terminal: Terminal) -> _Found:
    task = given_task(arguments, arguments.train)
    if arguments.form is not None:
        check_form(arguments.form, task)
    labelled = read_given_rows(arguments.train, task, arguments=arguments)
    rows = _inputs(arguments, task, terminal)
    form = find_task(task).inputs
    with needs_extra("train"):
        from burnish.training.pipeline.suggesting import suggest_with_labelled

        picked, doubts = suggest_with_labelled(
            [" ".join(form.texts(given)) for _, given in rows],
            labelled,
            count=arguments.count,
            base_model=arguments.base_model,
        )
    found = [_suggestion(rows[i], each, form) for i, each in zip(picked, doubts, strict=True)]
    names = sorted({name for each in labelled.examples for name in each.class_names})
    shape = find_task(task).rows.shape
    return _Found(found, Project(shape=shape, labels=tuple(names), several=labelled.multi_label))


def _suggestion(
    row: tuple[int, Input], doubt: float, form: InputForm[Any], marks: Marks | None = None
) -> _Suggestion:
    number, given = row
    texts = dict(zip(form.fields, form.texts(given), strict=True))
    return _Suggestion(number, doubt, texts, marks or Marks())


def _inputs(
    arguments: argparse.Namespace, task: str, terminal: Terminal
) -> list[tuple[int, Input]]:
    """Number and input of each row that can be read, each different one once."""
    path = arguments.rows
    form = arguments.format or form_of(path)
    if not path.is_file():
        raise UsageError(f"{path}: no such file", "check the path")
    seen: dict[Input, int] = {}
    left_out: list[int] = []
    fields = Fields(task=task, text=arguments.text)
    for number, given in enumerate(read_file(path, form, fields), start=1):
        if _is_readable(given, fields.form):
            seen.setdefault(given, number)
        else:
            left_out.append(number)
    if left_out:
        left = plural(len(left_out), "# [row is|rows are] left out")
        terminal.note(
            f"{path.name}: {left}, without a text that a model can read "
            f"(the first: row {left_out[0]})"
        )
    if not seen:
        raise UsageError(f"{path} holds no rows", "give a file with rows")
    return [(number, given) for given, number in seen.items()]


def _is_readable(given: Asked, form: InputForm[Any]) -> TypeGuard[Input]:
    if isinstance(given, InputError):
        return False
    try:
        for text in form.texts(given):
            validate_text(text)
    except InputError:
        return False
    return True


def _lines(rows: Sequence[dict[str, object]]) -> Iterator[str]:
    return (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _csv(rows: Sequence[dict[str, object]]) -> str:
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, list(rows[0]) if rows else ["row"])
    writer.writeheader()
    writer.writerows({name: escape_formula(cell) for name, cell in row.items()} for row in rows)
    return stream.getvalue()

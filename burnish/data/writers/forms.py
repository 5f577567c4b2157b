"""Forms: the table that says which writer writes a tool's form, and what the form can hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from burnish.data.columns import Columns
from burnish.data.writers.brat import BRAT_CONFIGURATION, write_brat
from burnish.data.writers.conll import write_conll
from burnish.data.writers.doccano import write_doccano
from burnish.data.writers.label_studio import write_label_studio
from burnish.data.writers.prodigy import write_prodigy
from burnish.data.writers.rows import NotedRow, Project
from burnish.data.writers.tei import write_tei
from burnish.data.writers.webanno import write_webanno
from burnish.directory import check_free
from burnish.errors import UsageError
from burnish.tasks.shapes import Shape
from burnish.tasks.table import find_task

__all__ = ["WRITERS", "Form", "Writer", "check_form", "check_output"]


class Writer(Protocol):
    """Writes rows, as they come, into a file (or a directory) that is whole or not there."""

    def __call__(self, rows: Iterable[NotedRow], path: Path, *, project: Project) -> int:
        """Write the rows, and return how many there are.

        Raises:
            DataError: a row is of a kind that the form cannot hold; names the row. Nothing is left
                under ``path`` that was not there before.
        """


@dataclass(frozen=True, slots=True)
class Form:
    """A tool's form."""

    tool: str
    """Its name, for a person."""
    shapes: frozenset[Shape]
    """What it can hold."""
    suffix: str
    """Of its file's name; empty where it is a directory."""
    write: Writer

    @property
    def is_directory(self) -> bool:
        """It is a directory of files, not one file."""
        return not self.suffix


_LABELS = frozenset({Shape.LABELS})
_SPANS = frozenset({Shape.SPANS})
_BOTH = _LABELS | _SPANS
_RATED = _BOTH | {Shape.SCORES}

WRITERS: Mapping[str, Form] = {
    "label-studio": Form("Label Studio", _RATED, ".json", write_label_studio),
    "doccano": Form("doccano", _BOTH, ".jsonl", write_doccano),
    "prodigy": Form("Prodigy", _BOTH, ".jsonl", write_prodigy),
    "conll": Form("CoNLL", _SPANS, ".conll", write_conll),
    "webanno": Form("WebAnno TSV", _SPANS, ".tsv", write_webanno),
    "tei": Form("TEI", _SPANS, ".xml", write_tei),
    "brat": Form("brat", _SPANS, "", write_brat),
}
"""By the name that ``--as`` takes."""


def check_form(name: str, task: str) -> Form:
    """The form of a name, where it can hold the answers of a task.

    Raises:
        UsageError: there is no such form; or the task reads two texts per row, or its answers are
            of a shape that the form cannot hold.
    """
    if name not in WRITERS:
        raise UsageError(f"there is no form {name!r}", f"use one of: {', '.join(WRITERS)}")
    rows = find_task(task).rows
    if len(rows.texts(Columns())) > 1 or not any(rows.shape in f.shapes for f in WRITERS.values()):
        raise UsageError(
            f"the answers of task {task} cannot be written as {name}, which marks one text with "
            "labels, entities or a score",
            "write them as JSON Lines",
        )
    form = WRITERS[name]
    if rows.shape not in form.shapes:
        able = ", ".join(each for each, form in WRITERS.items() if rows.shape in form.shapes)
        raise UsageError(
            f"{form.tool}'s form ({name}) cannot hold the answers of task {task}",
            f"use one of: {able}",
        )
    return form


def check_output(name: str, path: Path | None, *, option: str = "--out") -> None:
    """Refuse an output that a form cannot be written to, before there is any work.

    Args:
        name: of the form.
        path: of the output, where the user has named one.
        option: how the user names it.

    Raises:
        UsageError: there is no path, its ending is not the form's, or it is a directory that holds
            something.
    """
    form = WRITERS[name]
    if path is None:
        what = "a new directory" if form.is_directory else "a file"
        raise UsageError(
            f"{form.tool}'s form needs {what}", f"say which: {option} tasks{form.suffix}"
        )
    if form.is_directory:
        check_free(path, marker=BRAT_CONFIGURATION)
    elif path.suffix != form.suffix:
        raise UsageError(
            f"{path}: {form.tool}'s form is a {form.suffix} file",
            f"name it {path.with_suffix(form.suffix)}",
        )

"""The data of a run: read, split and encode it once, with notes for the user."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from burnish.data import (
    DataSet,
    Rows,
    Split,
    read_data_sets,
    read_rows,
    split_rows,
    take_out_of_scope,
    tree_in_scope,
)
from burnish.data.checks.subject import Subject
from burnish.data.checks.trees import find_bare_branches, find_untaught_labels
from burnish.plural import plural
from burnish.recipe.recipe import Recipe
from burnish.tasks import Task
from burnish.tasks.encoded import EncodedRows, encode_rows
from burnish.tasks.table import find_task
from burnish.torch_models.base import BaseModel
from burnish.torch_models.writers import settle_task

__all__ = ["EncodedParts", "encode_parts", "make_task", "read_split", "size_task"]

_TRAINING_ROWS = 500
"""The most training rows that every epoch is scored on."""


@dataclass(frozen=True, slots=True)
class EncodedParts:
    """Encoded rows by part."""

    train: EncodedRows
    validation: EncodedRows
    test: EncodedRows | None
    notes: tuple[str, ...]
    """Notes on rows that were left out, and on labels that no model can find."""
    out_of_scope: EncodedRows | None = None
    """Rows that have none of the labels."""

    @property
    def evaluated(self) -> Mapping[str, EncodedRows]:
        """The parts that are scored."""
        parts = {"validation": self.validation}
        return parts if self.test is None else {**parts, "test": self.test}

    def train_sample(self, *, seed: int) -> EncodedRows:
        """Draw as many training rows as there are validation rows, but at most 500."""
        rows = max(1, min(_TRAINING_ROWS, len(self.validation)))
        return self.train.take(self.train.draw(rows, seed=seed))


def read_split(recipe: Recipe, rows_given: DataSet | Mapping[str, DataSet] | None = None) -> Split:
    """Read a recipe's files, or the given data sets instead, and split the rows.

    Raises:
        DataError: there is no validation set, or a file is not valid.
    """
    data = recipe.data
    given = {"train": data.train, "validation": data.validation, "test": data.test}
    shares = {name: part for name, part in given.items() if isinstance(part, float)}
    names = dict.fromkeys(given, data.columns())
    if rows_given is not None:
        shares = {name: part for name, part in shares.items() if not _has(rows_given, name)}
    if not shares:  # no row of train judges the model
        names["train"] = data.columns_to_learn()
    files: dict[str, Rows] = {}
    if rows_given is not None:
        files |= read_data_sets(
            rows_given, recipe.task, columns=data.columns(), train_columns=names["train"]
        )
    for name, part in given.items():
        if isinstance(part, Path) and name not in files:
            files[name] = read_rows(part, recipe.task, columns=names[name])
    rows, outside = take_out_of_scope(files, data.out_of_scope)
    parts = {name: rows.get(name, shares.get(name)) for name in ("validation", "test")}
    split = split_rows(rows["train"], **parts, seed=recipe.train.seed)
    tree = tree_in_scope(data.taxonomy, data.out_of_scope)
    return replace(split, out_of_scope=outside, tree=tree)


def _has(rows_given: DataSet | Mapping[str, DataSet], part: str) -> bool:
    return isinstance(rows_given, Mapping) and part in rows_given


def make_task(recipe: Recipe, split: Split, base: BaseModel) -> Task:
    """Make the task with the labels that occur in the rows, for a base; the recipe is resolved."""
    columns = recipe.data.columns()
    options = {**find_task(recipe.task).rows.settings(columns), **recipe.task_options()}
    if split.sources["train"].multi_label:
        options["multi_label"] = True
        if split.out_of_scope:  # rows that are known to have no label
            options.setdefault("at_least_one", False)
    task = (
        find_task(recipe.task)
        .settings.for_examples(
            [example for part in split.parts.values() for example in part],
            max_length=recipe.train.max_length,
            stride=recipe.train.stride,
            aim=recipe.thresholds,
            metric=recipe.chosen_metric,
            **options,
        )
        .naming_metric()
    )
    return settle_task(task, base)


def size_task(recipe: Recipe, task: Task, parts: EncodedParts) -> tuple[Recipe, Task]:
    """Fill in what the task takes from the training rows, unless the recipe sets it."""
    rows = parts.train
    sized = task.sized_for(rows.examples, rows.encodings)
    sized = sized.model_copy(update=dict(recipe.task_options()))
    return recipe.with_task_options(sized), sized


def encode_parts(task: Task, split: Split, tokenizer_json: Path) -> EncodedParts:
    """Encode every row, once."""
    encoder = task.text_encoder(tokenizer_json)
    parts = {name: encode_rows(task, rows, encoder) for name, rows in split.parts.items()}
    notes = _split_notes(split)
    for name, rows in parts.items():
        notes += _part_notes(name, task, rows)
    outside = encode_rows(task, split.out_of_scope, encoder) if split.out_of_scope else None
    if outside:
        count = len(outside.examples)
        notes.append(
            plural(count, "# [row|rows] out of scope [is|are] not trained on, but measured")
        )
    return EncodedParts(
        parts.get("train", EncodedRows((), (), ())),
        parts["validation"],
        parts.get("test"),
        notes=tuple(notes),
        out_of_scope=outside,
    )


def _split_notes(split: Split) -> list[str]:
    notes = [
        plural(count, "# [row|rows] of ") + f"{file.path.name} left out: {reason}"
        for rows in split.sources.values()
        for file in rows.files
        for reason, count in file.skipped.items()
    ]
    files = {file.path: file for rows in split.sources.values() for file in rows.files}
    notes += [f"{file.path.name}: {note}" for file in files.values() for note in file.notes]
    notes += [
        plural(len(leak), "# [row|rows] of ") + f"{leak.part} also in {leak.source}"
        for leak in split.leaked
    ]
    return [*notes, *split.uneven, *_tree_notes(split)]


def _tree_notes(split: Split) -> list[str]:
    """Which part of the labels' tree the rows leave out of the model, or do not teach it."""
    if split.tree is None or not split.train:
        return []
    rows = split.sources["train"]
    parts = {name: replace(rows, examples=part) for name, part in split.parts.items()}
    subject = Subject(parts, split.tree)
    findings = (*find_untaught_labels(subject), *find_bare_branches(subject))
    return [f"{each.message}; {each.fix}" for each in findings]


def _part_notes(name: str, task: Task, rows: EncodedRows) -> list[str]:
    notes = []
    if rows.unreadable:
        one, many = task.whole_noun
        ids = ", ".join(example.id for example in rows.unreadable[:5])
        more = ", …" if len(rows.unreadable) > 5 else ""
        fate = "not trained on" if name == "train" else "counted as not answered"
        notes.append(
            f"{name}: {plural(len(rows.unreadable), f'# [{one}|{many}]')} longer than half "
            f"the window of {task.max_length} tokens: {fate} ({ids}{more})"
        )
    if hidden := task.hidden_note(rows.examples, rows.encodings):
        notes.append(f"{name}: {hidden}")
    return notes

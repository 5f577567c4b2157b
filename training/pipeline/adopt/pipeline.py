"""From a checkpoint and rows to a run directory, with nothing trained; to be read from the top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from burnish.data import Columns, Rows, Split, read_rows, take_out_of_scope
from burnish.data.readers.head import guess_task
from burnish.data.unseen import split_unseen
from burnish.directory import check_free, staged_directory
from burnish.errors import UsageError
from burnish.notify import Notify, ignore
from burnish.recipe.recipe import Recipe, parse_recipe
from burnish.recipe.sections import ADOPTED
from burnish.recipe.validation import validate_keys
from burnish.run import Run, read_run
from burnish.runtime.cpus import usable_cpus
from burnish.tasks import Task
from burnish.tasks.table import find_task
from burnish.torch_models.base import BaseModel
from burnish.torch_models.support import check_task

from ...data.splits import encode_parts
from ...distributed.determinism import reproducible
from ...evaluation.bias import record_terms
from ...evaluation.subgroups import check_fairlearn
from .found import KINDS, Found
from .judged import judge_model
from .kinds import find_checkpoint
from .labels import check_labels_known, name_outputs
from .saving import save_adopted

__all__ = ["adopt"]


def adopt(
    checkpoint: str,
    data: Path,
    output: Path,
    *,
    task: str | None = None,
    test: Path | float = 0.5,
    base: str | None = None,
    revision: str | None = None,
    output_names: Sequence[str] | None = None,
    mapping: Mapping[str, str] | None = None,
    columns: Columns | None = None,
    settings: Mapping[str, Any] | None = None,
    replace_run: bool = False,
    notify: Notify | None = None,
) -> Run:
    """Judge and calibrate a model that was trained elsewhere, and leave a run directory.

    Args:
        checkpoint: a directory of transformers, SetFit or PEFT, or the id of a hub model.
        data: a file of rows that validate and test the model.
        output: the run directory to write.
        task: what the rows are for; None: what they look like.
        test: the share of the rows that tests the model, or a file of rows for that.
        base: the base of an adapter.
        revision: of what is named by a hub id.
        output_names: names of all outputs, in the checkpoint's order.
        mapping: new names of some outputs, by the checkpoint's.
        columns: what the file's columns are called.
        settings: further keys of a recipe: ``train`` (``seed``, ``max_length``, ``stride``),
            ``thresholds``, ``abstain``, ``gates``, ``bias``, ``data.out_of_scope``.
        replace_run: put the run in place of an older one.
        notify: told what is going on, a line at a time.

    Raises:
        BaseModelError: the checkpoint is refused.
        UsageError: labels of model and rows differ, or the output holds something.
        ConfigError: a key is wrong.
        DataError: the rows are wrong.
        RunError: the saved model is not the one that was judged.
    """
    say = notify or ignore
    check_free(output, marker="record.json", replace=replace_run)
    name = task or guess_task(data)
    kind = find_task(name).settings
    found = find_checkpoint(checkpoint, base=base, revision=revision, head=kind.head)
    check_task(found.base.family, name, name=found.base.name)
    recipe = _recipe(
        found, data, output, task=name, test=test, columns=columns, settings=settings or {}
    )
    validate_keys(recipe)
    check_fairlearn(recipe.data.subgroups)
    say(f"{checkpoint}: {KINDS[found.kind]} of the family {found.base.family}")
    outputs = name_outputs(found, kind, names=output_names, mapping=mapping or {})
    split, files = _read_split(recipe)
    several = _several_labels(found, files[0])
    judging = kind.for_outputs(
        outputs,
        max_length=recipe.train.max_length,
        stride=recipe.train.stride,
        aim=recipe.thresholds,
        metric=recipe.chosen_metric,
        **({"multi_label": True} if several else {}),
        **recipe.task_options(),
    ).naming_metric()
    notes = check_labels_known(judging, files, found)
    with (
        reproducible(seed=recipe.train.seed, threads=int(recipe.train.threads)),
        staged_directory(output, marker="record.json", replace=replace_run) as staging,
    ):
        parts = encode_parts(judging, split, found.base.path / "tokenizer.json")
        recipe, judging = _sized(recipe, judging, parts.validation)
        built = found.build(judging)
        model = built.module.eval().requires_grad_(False)
        judged = judge_model(
            model,
            judging,
            parts,
            split=split,
            recipe=recipe,
            encoder=judging.text_encoder(found.base.path / "tokenizer.json"),
            say=say,
        )
        said = (*notes, *parts.notes, *judged.trust.notes)
        save_adopted(
            staging,
            judged,
            found=found,
            built=built,
            outputs=outputs,
            recipe=recipe,
            split=split,
            parts=parts,
            terms=record_terms(recipe.bias),
            notes=said,
        )
    for note in said:
        say(f"note: {note}")
    return read_run(output)


def _recipe(
    found: Found,
    data: Path,
    output: Path,
    *,
    task: str,
    test: Path | float,
    columns: Columns | None,
    settings: Mapping[str, Any],
) -> Recipe:
    """A recipe that says what is known, and leaves the rest open."""
    train = dict(settings.get("train", {}))
    window = _window(found, train)
    stride = train.get("stride")
    train["max_length"] = window
    train["stride"] = window // 4 if stride in (None, "auto") else stride
    train["threads"] = usable_cpus()
    own = {key: value for key, value in settings.items() if key not in ("train", "data")}
    return parse_recipe(
        {
            "task": task,
            "base_model": _place(found.base),
            "revision": found.base.revision,
            "method": ADOPTED,
            "data": {
                **asdict(columns or Columns()),
                **settings.get("data", {}),
                "validation": str(data),
                "test": test if isinstance(test, float) else str(test),
            },
            "train": train,
            "output": str(output),
            **own,
        },
        source="adopt",
        directory=Path.cwd(),
    )


def _window(found: Found, train: Mapping[str, Any]) -> int:
    """Tokens of a window: as asked, else as long as the model was made for."""
    asked = train.get("max_length")
    if asked in (None, "auto"):
        return found.window
    found.base.check_length(int(asked))
    return int(asked)


def _place(base: BaseModel) -> str:
    return base.name if base.revision else str(base.path)


def _read_split(recipe: Recipe) -> tuple[Split, list[Rows]]:
    """The rows, divided; and as they were read, those of ``data.validation`` first."""
    data = recipe.data
    given = {"validation": data.validation, "test": data.test}
    files = {
        name: read_rows(part, recipe.task, columns=data.columns())
        for name, part in given.items()
        if isinstance(part, Path)
    }
    files, outside = take_out_of_scope(files, data.out_of_scope)
    share = data.test if isinstance(data.test, float) else None
    test = files["test"] if share is None else share
    split = split_unseen(files["validation"], test=test, seed=recipe.train.seed)
    return replace(split, out_of_scope=outside), list(files.values())


def _several_labels(found: Found, rows: Rows) -> bool:
    """Whether the model gives several labels, as it says, or as the rows do.

    Raises:
        UsageError: model and rows differ.
    """
    if found.several_labels in (None, rows.multi_label):
        return rows.multi_label
    forms = {True: "any number of labels per text", False: "one label per text"}
    raise UsageError(
        f"{found.source} gives {forms[not rows.multi_label]}, and the rows of {rows.name} have "
        f"{forms[rows.multi_label]}",
        "one name in the column label is one label, a list in the column labels is any number",
    )


def _sized(recipe: Recipe, task: Task, rows: Any) -> tuple[Recipe, Task]:
    """The task's own limits, from the validation rows, unless the settings have them."""
    if recipe.task_options():
        return recipe.with_task_options(task), task
    sized = task.sized_for(rows.examples, rows.encodings)
    return recipe.with_task_options(sized), sized

"""``burnish check``: look the data over before training on it."""

from __future__ import annotations

import argparse
import shlex
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from burnish.cli.extras import needs_extra
from burnish.cli.flags import flags_of, in_flags
from burnish.cli.numbers import positive_int
from burnish.cli.rows import add_column_options, given_columns, given_task
from burnish.cli.task_names import task_name
from burnish.cli.terminal import Terminal
from burnish.errors import MissingExtraError, UsageError
from burnish.plural import plural
from burnish.recipe.writing import NEW

if TYPE_CHECKING:
    from burnish.data.checking import CheckedFiles
    from burnish.data.split_record import PartName
    from burnish.recipe.recipe import Recipe
    from burnish.training.pipeline.diagnosis import Diagnosis

__all__ = ["EXAMPLE", "add_arguments", "run"]

EXAMPLE = """\
burnish check tickets.csv
burnish check train.jsonl --validation validation.jsonl --test test.jsonl
burnish check --recipe tickets.yaml
burnish check mails.tsv --text body --label team --fix mails-clean.jsonl
burnish check notices.conll --task extraction --quick"""

_EMBEDDED = 5000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "data", type=Path, nargs="?", metavar="DATA", help="a rows file (docs/reference/data.md)"
    )
    parser.add_argument("--validation", type=Path, metavar="FILE", help="validation rows")
    parser.add_argument("--test", type=Path, metavar="FILE", help="test rows")
    parser.add_argument(
        "--recipe", type=Path, metavar="RECIPE", help="take files, columns and base model from it"
    )
    parser.add_argument(
        "--task",
        type=task_name,
        metavar="TASK",
        help="the task of the rows (guessed from the first row)",
    )
    parser.add_argument(
        "--base-model", metavar="MODEL", help="encoder that reads the rows (minilm)"
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="run only the checks that need no encoder (seconds, without torch)",
    )
    parser.add_argument(
        "--embed",
        type=positive_int,
        metavar="N",
        default=_EMBEDDED,
        help=f"rows that the encoder reads at most, drawn with a seed ({_EMBEDDED})",
    )
    parser.add_argument(
        "--fix", type=Path, metavar="OUT", help="write a cleaned copy of DATA (.jsonl) and its log"
    )
    add_column_options(parser)


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Print what the rows hold; exit 1 where a model could not learn from them."""
    from burnish.data import render_report
    from burnish.data.fix import check_target

    recipe = _recipe(arguments, terminal)
    if arguments.fix is not None:
        check_target(arguments.fix)  # before the minutes that the rest may take
    if recipe is not None:
        _validate(recipe, arguments.base_model, quick=arguments.quick)
    checked = _checked(arguments, recipe)
    if checked.out_of_scope:
        terminal.note(
            "note: "
            + plural(
                checked.out_of_scope, "# [row|rows] out of scope [is|are] not used for training "
            )
            + "and not checked here"
        )
    report = checked.report
    skipped = arguments.quick or not report.rows
    diagnosis = None if skipped else _diagnosis(arguments, recipe, checked, terminal)
    if diagnosis is not None:
        report = report.with_findings(diagnosis.findings)
    flags = flags_of(arguments)
    report = report.reworded(lambda text: in_flags(text, flags))
    terminal.result(render_report(report))
    document = report.to_json()
    if diagnosis is not None:
        terminal.result(in_flags(diagnosis.render(), flags))
        document["enough"] = diagnosis.to_json()
    if arguments.fix is not None:
        document["fix"] = _fix(arguments, recipe, checked, terminal)
    terminal.document(document)
    return int(not report.ok)


def _recipe(arguments: argparse.Namespace, terminal: Terminal) -> Recipe | None:
    if arguments.recipe is None:
        if arguments.data is None:
            raise UsageError("there is nothing to check", "name a rows file, or use --recipe")
        if arguments.data.suffix in {".yaml", ".yml"}:
            hint = f"did you mean --recipe {shlex.quote(str(arguments.data))}?"
            raise UsageError(f"{arguments.data}: YAML holds no rows", hint)
        return None
    from burnish.recipe.recipe import load_recipe

    if arguments.data or arguments.validation or arguments.test:
        raise UsageError("--recipe names the files", "leave out DATA, --validation and --test")
    return load_recipe(arguments.recipe, notify=terminal.note)


def _validate(recipe: Recipe, base_model: str | None, *, quick: bool) -> None:
    """What a training would refuse of the recipe and its base, before a row is read."""
    from burnish.recipe.validation import validate_keys

    validate_keys(recipe)
    if quick:
        return
    try:
        with needs_extra("train"):
            from burnish.training.pipeline.preparation import find_base
            from burnish.training.pipeline.validation import validate_recipe
    except MissingExtraError:
        return  # a note says later what is left out
    validate_recipe(recipe)
    if (base_model or recipe.base_model) == NEW:
        return
    with suppress(MissingExtraError):
        find_base(recipe.model_copy(update={"base_model": base_model or recipe.base_model}))


def _checked(arguments: argparse.Namespace, recipe: Recipe | None) -> CheckedFiles:
    from burnish.data.checking import check_files, check_recipe_files

    if recipe is not None:
        data = recipe.data
        return check_recipe_files(
            recipe.task,
            data.columns(),
            train=data.train_file,
            validation=data.validation,
            test=data.test,
            seed=recipe.train.seed,
            out_of_scope=data.out_of_scope,
        )
    files: dict[PartName, Path | None] = {
        "train": arguments.data,
        "validation": arguments.validation,
        "test": arguments.test,
    }
    return check_files(
        given_task(arguments, arguments.data),
        given_columns(arguments),
        files={name: path for name, path in files.items() if path is not None},
    )


def _diagnosis(
    arguments: argparse.Namespace,
    recipe: Recipe | None,
    checked: CheckedFiles,
    terminal: Terminal,
) -> Diagnosis | None:
    try:
        with needs_extra("train"):
            from burnish.training.pipeline.diagnosis import diagnose
            from burnish.training.pipeline.validation import validate_with_rows

            if recipe is not None:
                validate_with_rows(recipe, multi_label=checked.report.multi_label)
            base = arguments.base_model or (recipe.base_model if recipe else "minilm")
            if base == NEW:
                terminal.note(
                    "note: what a base sees in the rows is left out: a new one is made of them"
                )
                return None
            return diagnose(
                {name: part for name, part in checked.parts.items() if len(part)},
                base_model=base,
                revision=recipe.revision if recipe else None,
                rows=arguments.embed,
                answer_tokens=recipe.task_options().get("max_answer_tokens") if recipe else None,
                notify=terminal.note,
            )
    except MissingExtraError as error:
        terminal.note(
            "note: likely label errors, unknown tokens and the learning curve are left out: they "
            f"need an encoder ({error.hint})"
        )
        return None


def _fix(
    arguments: argparse.Namespace,
    recipe: Recipe | None,
    checked: CheckedFiles,
    terminal: Terminal,
) -> dict[str, object]:
    from burnish.data.fix import fix_file

    columns = recipe.data.columns() if recipe else given_columns(arguments)
    path = recipe.data.train_file if recipe else arguments.data
    task = recipe.task if recipe else given_task(arguments, path)
    done = fix_file(
        path, task, columns=columns, out=arguments.fix, settled=checked.labels_beside(path)
    )
    terminal.result(f"fixed: {done.describe()}")
    return done.to_json()

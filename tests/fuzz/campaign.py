"""A campaign: right files of every form, then mutated ones, each tried alone in a directory."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

from tests.fuzz.forms import FORMS, Form
from tests.fuzz.mutations import mutated
from tests.fuzz.oracle import judge, options_as_columns
from tests.fuzz.rows import right_rows
from tests.fuzz.trial import Fault, loaded, try_commands
from tests.tiny_onnx import tiny_bundle

__all__ = ["fuzz"]

_RIGHT = 0.2
"""The share of files that are not mutated, behind the first of each form."""
_OTHERS: tuple[tuple[str, ...], ...] = (
    (), (), (), (), ("--task", "classification"), ("--task", "extraction"), ("--task", "qa"),
    ("--offsets", "utf16"), ("--offsets", "bytes"),
    ("--task", "extraction", "--offsets", "inclusive"),
    ("--separator", "|"), ("--group", "id"), ("--label-columns", "text,label"), ("--text", "label"),
    ("--word-column", "2"), ("--tag-column", "1"), ("--label", "text"), ("--tag-names", "O,B-X"),
    ("--allow-paths",), ("--no-label", "PER"), ("--entities", "label"), ("--tokens", "text"),
    ("--answers", "context"), ("--tags", "tokens"),
)  # fmt: skip


def fuzz(folder: Path, *, files: int, seed: int) -> Iterator[tuple[Path, list[Fault]]]:
    """Each file and what went wrong with it; the same seed gives the same files.

    Args:
        folder: an empty directory; a file is removed once the next is asked for.
        files: how many; the first are a right one of each form.
        seed: of the rows and of the mutations.
    """
    tasks = {each.task for each in FORMS}
    bundles = {task: tiny_bundle(folder / task, task) for task in sorted(tasks)}  # type: ignore[arg-type]
    rng = random.Random(seed)
    with loaded(bundles):
        for number in range(files):
            is_right = number < len(FORMS) or rng.random() < _RIGHT
            form = FORMS[number] if number < len(FORMS) else rng.choice(FORMS)
            inside = folder / str(number)
            inside.mkdir()
            path = inside / form.name
            yield path, _try(path, form, bundles[form.task], rng, is_right=is_right)
            shutil.rmtree(inside)


def _try(
    path: Path, form: Form, bundle: Path, rng: random.Random, *, is_right: bool
) -> list[Fault]:
    rows = right_rows(form.task, rng, plain=form.plain, several=form.several)
    content = form.write(rows, rng)
    _write(path, content if is_right else mutated(content, rng), rng, is_right=is_right)
    others = rng.choice(_OTHERS)
    faults = try_commands(path, form.task, bundle, options=form.options, others=others)
    columns = options_as_columns(form.options)
    judged = judge(path, form.task, columns, right=rows, is_right=is_right)
    return [*faults, *judged]


def _write(path: Path, content: bytes, rng: random.Random, *, is_right: bool) -> None:
    """The file; a name without an ending is a directory that `datasets` saved."""
    if path.suffix:
        path.write_bytes(content)
        return
    path.mkdir()
    state = b'{"_data_files": [{"filename": "data.arrow"}]}'
    if not is_right and rng.random() < 0.3:
        state = mutated(state, rng)
    (path / "state.json").write_bytes(state)
    (path / "data.arrow").write_bytes(content)

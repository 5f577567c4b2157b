"""A trial: one file given to `check`, `check --fix`, `predict` and `suggest`, in this process."""

from __future__ import annotations

import io
import json
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import burnish
from burnish.cli import main
from burnish.data import read_rows
from burnish.errors import BurnishError

__all__ = ["Fault", "loaded", "try_file"]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that a command may not do, whatever the file."""

    command: str
    what: str
    """traceback, defect, or what became of a right file."""
    detail: str


@contextmanager
def loaded(bundles: Mapping[str, Path]) -> Iterator[None]:
    """Each bundle is loaded once, not once a file."""
    models = {str(path): burnish.load(path) for path in bundles.values()}

    @contextmanager
    def load(path: Any, **_: Any) -> Iterator[Any]:
        yield models[str(path)]

    with patch.object(burnish, "load", load):
        yield
    for model in models.values():
        model.close()


def try_file(path: Path, task: str, bundle: Path, *, is_right: bool) -> list[Fault]:
    """What is wrong with what the commands do.

    Args:
        path: the file, alone in its directory.
        task: what its rows are for.
        bundle: a bundle of the task.
        is_right: nothing is wrong with the file.
    """
    copy = path.parent / "copy.jsonl"
    before = path.read_bytes()
    forms = ("txt", "jsonl", "csv", "tsv")
    form = path.suffix[1:] if path.suffix[1:] in forms else "jsonl"
    commands = [
        ["check", str(path), "--quick"],
        ["check", str(path), "--quick", "--task", task, "--fix", str(copy)],
        ["predict", str(bundle), str(path), "--format", form],
        ["suggest", str(path), "--bundle", str(bundle), "--format", form,
         "--out", str(path.parent / "next.csv")],
    ]  # fmt: skip
    faults = [fault for command in commands for fault in _run(command)]
    if path.read_bytes() != before:
        faults.append(Fault("all", "changed", "the file itself"))
    if copy.exists():
        faults += _compare(path, copy, task, is_right=is_right)
    elif is_right and path.suffix != ".txt":
        faults.append(Fault("check --fix", "refused", "a right file"))
    return faults


def _run(command: list[str]) -> Iterator[Fault]:
    out, notes = io.StringIO(), io.StringIO()
    try:
        with redirect_stdout(out), redirect_stderr(notes):
            code = main(command)
    except (Exception, SystemExit):  # noqa: BLE001  whatever it is, it is what is looked for
        yield Fault(command[0], "traceback", traceback.format_exc())
        return
    said = out.getvalue() + notes.getvalue()
    if "Traceback" in said or "defect of burnish" in said:
        yield Fault(command[0], "defect", notes.getvalue()[-600:])
    if code not in (0, 1, 2):
        yield Fault(command[0], "exit code", str(code))


def _compare(path: Path, copy: Path, task: str, *, is_right: bool) -> Iterator[Fault]:
    """A row that the log does not name is in the copy as it was."""
    log = [json.loads(line) for line in copy.with_suffix(".log.jsonl").read_text().splitlines()]
    touched = [each for each in log if each["kind"] not in ("left-out", "blank-line")]
    if is_right and touched:
        yield Fault("check --fix", "touched", json.dumps(touched))
    if touched:
        return
    try:
        given, copied = read_rows(path, task), read_rows(copy, task)
    except BurnishError as error:
        yield Fault("check --fix", "unreadable copy", str(error))
        return
    if [row.digest for row in given.examples] != [row.digest for row in copied.examples]:
        yield Fault("check --fix", "changed", "rows that the log does not name")

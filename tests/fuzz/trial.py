"""A trial: one file given to `check`, `check --fix`, `predict` and `suggest`, in this process."""

from __future__ import annotations

import io
import signal
import traceback
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import burnish
from burnish.cli import main

__all__ = ["Fault", "loaded", "try_commands"]

_SECONDS = 60
"""More than any command may need for so small a file."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that a command may not do, whatever the file."""

    command: str
    what: str
    """traceback, defect, or what became of a right file or row."""
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


def try_commands(
    path: Path, task: str, bundle: Path, *, options: Sequence[str], others: Collection[str]
) -> Iterator[Fault]:
    """What the commands may not do; ``copy.jsonl`` beside the file is what ``--fix`` wrote.

    Args:
        path: the file, alone in its directory.
        task: what its rows are for.
        bundle: a bundle of the task.
        options: what `check` is told to read it.
        others: options with which the file is checked once more, whatever that gives.
    """
    before = _bytes(path)
    forms = ("txt", "jsonl", "csv", "tsv")
    form = path.suffix[1:] if path.suffix[1:] in forms else "jsonl"
    name = str(path)
    for command in (
        ["check", name, "--quick", *others],
        ["check", name, "--quick", "--task", task, *options, "--fix",
         str(path.parent / "copy.jsonl")],
        ["predict", str(bundle), name, "--format", form],
        ["suggest", name, "--bundle", str(bundle), "--format", form,
         "--out", str(path.parent / "next.csv")],
    ):  # fmt: skip
        yield from _run(command)
    if _bytes(path) != before:
        yield Fault("all", "changed", "the file itself")


def _bytes(path: Path) -> list[bytes]:
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    return [each.read_bytes() for each in files]


@contextmanager
def _in_time() -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TimeoutError(f"no end after {_SECONDS} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(_SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _run(command: list[str]) -> Iterator[Fault]:
    out, notes = io.StringIO(), io.StringIO()
    try:
        with _in_time(), redirect_stdout(out), redirect_stderr(notes):
            code = main(command)
    except (Exception, SystemExit):  # noqa: BLE001  whatever it is, it is what is looked for
        yield Fault(" ".join(command), "traceback", notes.getvalue() + traceback.format_exc())
        return
    said = out.getvalue() + notes.getvalue()
    if "Traceback" in said or "bug in burnish" in said:
        yield Fault(" ".join(command), "defect", notes.getvalue()[-600:])
    if code not in (0, 1, 2):
        yield Fault(" ".join(command), "exit code", str(code))

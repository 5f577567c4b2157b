"""What the command line of `burnish predict` asks: a text, a file's rows, or a pipe's lines."""

from __future__ import annotations

import argparse
import errno
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from burnish.batch.fields import Asked, Fields
from burnish.batch.sources import ENDINGS, Format, form_of, read_file
from burnish.cli.pipe import read_pipe
from burnish.errors import BurnishError, UsageError
from burnish.tasks import Input
from burnish.tasks.table import TASKS, find_task

__all__ = ["Questions", "existing_file", "fields_of", "file_to_answer"]

_PACKED = frozenset({".gz", ".bz2", ".xz", ".zst", ".zip"})


def file_to_answer(given: str | None) -> Path:
    """The file or folder whose rows are answered with ``-o``.

    Raises:
        UsageError: it is none.
    """
    if given is None or given == "-":
        raise UsageError(
            "-o needs a file that can be read again, not standard input",
            "write the input to a file first, and name that",
        )
    path = existing_file(given, folders=True)
    if path is None:
        raise UsageError(f"{given}: no such file", "-o needs a file or a folder of .txt files")
    return path


def fields_of(arguments: argparse.Namespace, task: str) -> Fields:
    """Where the command line says that a row has its text."""
    keep = arguments.output is not None
    return Fields(task=task, text=arguments.text, sheet=arguments.sheet, keep=keep)


class Questions:
    """The inputs that the command line names."""

    def __init__(self, arguments: argparse.Namespace, fields: Fields) -> None:
        self._fields = fields
        self._one = _one_input(arguments, fields.task)
        self._given: str = "-" if arguments.given is None else arguments.given
        self.path = None if self._one else existing_file(self._given)
        self._form = _form(arguments.format, self.path, fields)

    def items(self) -> Iterator[Asked | None]:
        """The inputs, in order; None where the next is not there yet."""
        if self._one is not None:
            return iter([self._one])
        if self.path is not None:
            return read_file(self.path, self._form, self._fields)
        if self._given == "-":
            if self._form in ("csv", "tsv", "parquet"):
                raise UsageError(
                    "a table cannot be read from standard input", "give the file's name"
                )
            if sys.stdin is None:
                raise BurnishError("standard input is closed", "give a text or a file, or pipe it")
            return read_pipe(sys.stdin.fileno(), self._form, self._fields)
        return iter([self._fields.form.of_text(self._given)])


def _one_input(arguments: argparse.Namespace, task: str) -> Input | None:
    """The input that the options of a task give, one option for each of its texts."""
    for name in TASKS:
        form = find_task(name).inputs
        texts = [getattr(arguments, each) for each in form.options]
        if all(text is None for text in texts):
            continue
        first, *_ = options = [f"--{each}" for each in form.options]
        if None in texts or arguments.given is not None:
            raise UsageError(f"use {' and '.join(options)} together, without TEXT or FILE")
        if task != name:
            raise UsageError(f"this bundle is for {task}", f"give the text without {first}")
        given: Input = form.of_texts(texts)
        return given
    return None


def existing_file(given: str, *, folders: bool = False) -> Path | None:
    """The file that an argument names; None where it is a text.

    Args:
        given: the argument.
        folders: whether it may name a folder.

    Raises:
        UsageError: it looks like a name, and names no file.
    """
    if not given:
        return None
    path = Path(given)
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        if _reads_as_path(given):
            raise UsageError(
                f"{given}: no such file", "check the path; to answer this very text, pipe it"
            ) from None
        return None
    except ValueError:  # no file can be called so
        return None
    except OSError as e:
        if e.errno == errno.ENAMETOOLONG:  # a text is mostly too long for a file's name
            return None
        raise UsageError(f"{given}: {e.strerror}", "check the path") from e
    if stat.S_ISREG(mode):
        return path
    if stat.S_ISDIR(mode) and folders:
        return path
    if stat.S_ISDIR(mode):
        raise UsageError(
            f"{given}: is a directory",
            "name a file in it, or write a table of its .txt files: -o OUT.csv",
        )
    raise UsageError(f"{given}: is not a regular file", "give it on standard input: - < FILE")


def _reads_as_path(given: str) -> bool:
    """Whether a text that names no existing file looks like a file name."""
    path = Path(given)
    if path.suffix.lower() in _PACKED:
        path = path.with_suffix("")
    return given.startswith(("./", "../", "/")) or (
        path.suffix.lower() in ENDINGS and "\n" not in given
    )


def _form(said: Format | None, path: Path | None, fields: Fields) -> Format:
    if said is not None:
        return said
    return fields.form.line_format if path is None else form_of(path)

"""``burnish predict --as``: a file's texts with their answers, as a labelling tool imports them."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from burnish.batch.noting import Noting
from burnish.batch.source import Source
from burnish.batch.sources import form_of
from burnish.cli.questions import fields_of, file_to_answer
from burnish.cli.terminal import Terminal
from burnish.cli.trust import trust_of
from burnish.data.writers import WRITERS, check_form, check_output
from burnish.errors import UsageError
from burnish.plural import plural
from burnish.runtime.project import project_of

if TYPE_CHECKING:
    from burnish.runtime import Model

__all__ = ["note_file"]

Decide = Callable[["Model", argparse.Namespace], "Model"]


def note_file(arguments: argparse.Namespace, terminal: Terminal, *, decide: Decide) -> int:
    """Write the file or directory, and say which rows are left out.

    Args:
        arguments: of the command line.
        terminal: where to print.
        decide: gives a model the command line's thresholds.

    Returns:
        1 where a row could not be answered, else 0.
    """
    import burnish

    output = _output(arguments)
    path = file_to_answer(arguments.given)
    form = arguments.format or form_of(path)
    with burnish.load(
        arguments.bundle, threads=arguments.threads, trust=trust_of(arguments)
    ) as loaded:
        model = decide(loaded, arguments)
        writer = check_form(arguments.form, model.task)
        source = Source(path=path, form=form, fields=fields_of(arguments, model.task))
        noting = Noting(model, source)
        written = writer.write(noting.rows(), output, project=project_of(model))
    _report(noting, written, output, terminal)
    return int(noting.failed > 0)


def _output(arguments: argparse.Namespace) -> Path:
    """Where to write; what cannot be written is refused before there is any work."""
    output: Path = arguments.output
    check_output(arguments.form, output, option="-o")
    if arguments.resume:
        raise UsageError(
            f"--resume: {WRITERS[arguments.form].tool}'s form is written in one go",
            "use --replace to start again, or leave --as out",
        )
    if output.is_file() and not arguments.replace:
        raise UsageError(
            f"{output} exists already", "choose another output, or use --replace to replace it"
        )
    if not output.absolute().parent.is_dir():
        raise UsageError(f"{output.parent} is not a directory", "create it first")
    return output


def _report(noting: Noting, written: int, output: Path, terminal: Terminal) -> None:
    for number, reason in noting.first_failed:
        terminal.note(f"row {number} is left out: {reason}")
    if noting.failed:
        total = plural(written + noting.failed, "# [row|rows]")
        terminal.note(f"{noting.failed:,} of {total} could not be answered")
    terminal.result(f"{output}: {plural(written, '# [text|texts]')}")
    terminal.document({"output": str(output), "rows": written, "failed": noting.failed})

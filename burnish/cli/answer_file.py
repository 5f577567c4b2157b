"""``burnish predict -o``: a file's rows with their answers in a new file, to be resumed at will."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from burnish.batch.destination import Destination
from burnish.batch.job import Job, Outcome
from burnish.batch.source import Source
from burnish.batch.sources import form_of
from burnish.cli.progress import Progress
from burnish.cli.questions import fields_of, file_to_answer
from burnish.cli.terminal import Terminal
from burnish.cli.trust import trust_of
from burnish.interruption import Interruption
from burnish.plural import plural

if TYPE_CHECKING:
    from burnish.runtime import Model

__all__ = ["answer_file", "options_of"]

_OPTIONS = ("format", "text", "top_k", "threshold", "abstain_score", "abstain_reject")
"""What the answers depend on."""

Decide = Callable[["Model", argparse.Namespace], "Model"]


def answer_file(arguments: argparse.Namespace, terminal: Terminal, *, decide: Decide) -> int:
    """Write the file, and print what became of the rows.

    Args:
        arguments: of the command line.
        terminal: where to print.
        decide: gives a model the command line's thresholds.

    Returns:
        1 where a row could not be answered, else 0.
    """
    import burnish

    path = file_to_answer(arguments.given)
    output: Path = arguments.output
    destination = Destination.checked(
        output, source=path, resume=arguments.resume, replace=arguments.replace
    )
    form = arguments.format or form_of(path)
    trust = trust_of(arguments)
    with burnish.load(arguments.bundle, threads=arguments.threads, trust=trust) as model:
        job = Job(
            model=decide(model, arguments),
            source=Source(
                path=path,
                form=form,
                fields=fields_of(arguments, model.task),
            ),
            destination=destination,
            top_k=arguments.top_k,
            options=options_of(arguments),
        )
        stop = Interruption("run the same command with --resume to go on")
        done = job.run(stop=stop, watch=Progress(terminal), notify=terminal.note)
    _report(done, output, terminal)
    return int(done.failed > 0)


def options_of(arguments: argparse.Namespace) -> dict[str, object]:
    """What answers depend on beside the model and the rows, for the journal."""
    return {**_software(), **_given(arguments)}


def _software() -> dict[str, object]:
    import onnxruntime

    from burnish import __version__

    return {"burnish": __version__, "onnxruntime": onnxruntime.__version__}


def _given(arguments: argparse.Namespace) -> dict[str, object]:
    return {f"--{name.replace('_', '-')}": getattr(arguments, name) for name in _OPTIONS}


def _report(done: Outcome, output: Path, terminal: Terminal) -> None:
    for name, new in done.renamed.items():
        terminal.note(f"the input has a column {name!r} of its own; the prediction's is {new!r}")
    if done.abstained:
        marked = plural(done.abstained, "# [answer is|answers are] marked as abstained")
        terminal.note(f"{marked}: not sure enough")
    if done.failed:
        rows = plural(done.rows, "# [row|rows]")
        column = done.renamed.get("error", "error")
        terminal.note(f"{done.failed:,} of {rows} could not be answered: see column {column!r}")
    terminal.result(f"{output}: {plural(done.rows, '# [row|rows]')}")
    terminal.document(
        {
            "output": str(output),
            "rows": done.rows,
            "failed": done.failed,
            "abstained": done.abstained,
            "renamed": dict(done.renamed),
        }
    )

"""``burnish distill``: train a smaller model to answer as a run does."""

from __future__ import annotations

import argparse
from pathlib import Path

from burnish.cli.extras import needs_extra
from burnish.cli.gates import format_gates
from burnish.cli.numbers import inner_share, positive_int
from burnish.cli.scores import print_metrics
from burnish.cli.terminal import Terminal, shown
from burnish.cli.train import notifier
from burnish.gates import Gate, blocking
from burnish.run import Run, read_run
from burnish.tasks.evaluation import Evaluation

__all__ = ["EXAMPLE", "add_arguments", "run"]

EXAMPLE = """\
burnish distill runs/tickets -o runs/tickets-small
burnish distill runs/tickets -o runs/tickets-small --layers 2 --unlabelled texts.txt
burnish distill runs/tickets -o runs/tickets-half --cost 0.5
burnish distill runs/tickets -o runs/tickets-small --base bases/small train.epochs=20"""

_PARTS = ("validation", "test")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("teacher", type=Path, metavar="RUN", help="the run that teaches")
    parser.add_argument(
        "overrides", nargs="*", metavar="key=value", help="override keys of the student's recipe"
    )
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="RUN2", help="for the student's run"
    )
    size = parser.add_mutually_exclusive_group()
    size.add_argument(
        "--layers",
        type=positive_int,
        metavar="N",
        help="how many of the teacher's layers the student keeps (half)",
    )
    size.add_argument(
        "--cost",
        type=inner_share,
        metavar="F",
        help="layers and inner units such that an answer costs this share of the teacher's time, "
        "both served in int8",
    )
    size.add_argument(
        "--static",
        action="store_true",
        help="no layers: the mean of one vector a token, for the smallest machines",
    )
    size.add_argument(
        "--base", metavar="BASE", help="a base model to tune in place of the teacher's layers"
    )
    parser.add_argument(
        "--unlabelled",
        type=Path,
        metavar="FILE",
        help="texts without labels, which the teacher answers too (as for burnish predict)",
    )
    parser.add_argument("--replace", action="store_true", help="replace an older run there")
    parser.add_argument(
        "--fresh",
        action="store_true",
        help="start again instead of resuming an interrupted training",
    )


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Train the student, then print its scores beside the teacher's."""
    teacher = read_run(arguments.teacher)
    with needs_extra("train"):
        from burnish.export import served_share
        from burnish.training.pipeline.distillation.distilling import distill
        from burnish.training.pipeline.distillation.student import Asked
    done = distill(
        teacher,
        arguments.output,
        asked=Asked(arguments.layers, arguments.cost, arguments.static),
        base=arguments.base,
        unlabelled=arguments.unlabelled,
        overrides=arguments.overrides,
        served=served_share,
        replace=arguments.replace,
        fresh=arguments.fresh,
        notify=notifier(terminal),
        progress=terminal.is_interactive,
    )
    gates = tuple(Gate.model_validate(entry) for entry in done.metrics["gates"])
    print_metrics(terminal, _beside(done, teacher))
    terminal.result()
    terminal.result(_sizes(done, teacher))
    terminal.result()
    terminal.result(format_gates(gates))
    terminal.result()
    terminal.result(f"run: {shown(done.path)}")
    terminal.note(f"next: burnish export {shown(done.path)} -o BUNDLE")
    terminal.document(_document(done, teacher, gates))
    return 1 if blocking(gates) else 0


def _beside(done: Run, teacher: Run) -> dict[str, Evaluation]:
    """The student's scores, and the teacher's on the same rows; the gates name the baselines'."""
    found = {}
    for part in _PARTS:
        if part in done.metrics:
            found[part] = Evaluation.from_json(done.metrics[part])
        if part in teacher.metrics and _same_rows(done, teacher, part):
            found[f"{part}, teacher"] = Evaluation.from_json(teacher.metrics[part])
    return found


def _same_rows(done: Run, teacher: Run, part: str) -> bool:
    digests = [
        {name: each.digest for name, each in made.record.data.parts.items()}
        for made in (done, teacher)
    ]
    return part in digests[0] and digests[0][part] == digests[1].get(part)


def _sizes(done: Run, teacher: Run) -> str:
    own, theirs = (each.record.training.parameters for each in (done, teacher))
    if not own or not theirs:
        return ""
    return f"{own:,} parameters, {100 * own / theirs:.0f} % of the teacher's {theirs:,}"


def _document(done: Run, teacher: Run, gates: tuple[Gate, ...]) -> dict[str, object]:
    scores = _beside(done, teacher)
    return {
        "run": str(done.path),
        "teacher": str(teacher.path),
        "metrics": {name: each.values() for name, each in scores.items()},
        "parameters": done.record.training.parameters,
        "teacher_parameters": teacher.record.training.parameters,
        "gates": [gate.model_dump(mode="json") for gate in gates],
    }

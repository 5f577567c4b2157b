"""``burnish adopt``: judge a model that was trained elsewhere, and leave a run directory."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from burnish.cli.extras import needs_extra
from burnish.cli.gates import format_gates
from burnish.cli.numbers import positive_int
from burnish.cli.rows import add_column_options, given_columns
from burnish.cli.scores import print_label_limits, print_metrics, print_trust
from burnish.cli.task_names import task_name
from burnish.cli.terminal import Terminal, shown
from burnish.cli.train import run_parts
from burnish.errors import UsageError
from burnish.gates import Gate, blocking
from burnish.recipe.fields import file_or_share
from burnish.run import Run

__all__ = ["EXAMPLE", "add_arguments", "run"]

EXAMPLE = """\
burnish adopt output/checkpoint-500 --data tickets.csv -o runs/tickets
burnish adopt ner-model --data letters.jsonl -o runs/letters --map PER=person,LOC=place
burnish adopt lora-out --base encoders/roberta-base --data rows.csv -o runs/lora
burnish adopt --head-script > setfit_head.py"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "checkpoint",
        metavar="CHECKPOINT",
        nargs="?",
        help="a directory of transformers (Trainer, AutoTrain), SetFit or PEFT, or a hub id",
    )
    parser.add_argument(
        "--data", type=Path, metavar="ROWS", help="labelled rows that the model was not trained on"
    )
    parser.add_argument("-o", "--output", type=Path, metavar="RUN", help="the run directory")
    parser.add_argument(
        "--test",
        type=_test,
        default=0.5,
        metavar="SHARE|FILE",
        help="rows that test the model: a share of ROWS, or a file (0.5)",
    )
    parser.add_argument(
        "--task",
        type=task_name,
        metavar="TASK",
        help="the task of the rows (guessed from the first row)",
    )
    parser.add_argument("--base", metavar="BASE", help="an adapter's base: a directory or a hub id")
    parser.add_argument("--revision", metavar="COMMIT", help="of what is named by a hub id")
    parser.add_argument(
        "--output-names", type=_names, metavar="A,B,…", help="names of all outputs, in their order"
    )
    parser.add_argument(
        "--map",
        type=_pairs,
        metavar="OUTPUT=NAME,…",
        help="names of outputs, or of entity types",
    )
    parser.add_argument(
        "--max-length", type=positive_int, metavar="N", help="tokens of a window (the model's own)"
    )
    parser.add_argument("--seed", type=int, default=13, metavar="N", help="of the split (13)")
    parser.add_argument(
        "--subgroup", action="append", default=[], metavar="NAME", help="as in burnish evaluate"
    )
    parser.add_argument(
        "--out-of-scope", metavar="LABEL", help="the label of rows that have none of the labels"
    )
    parser.add_argument(
        "--abstain-error",
        type=float,
        metavar="SHARE",
        help="mark unsure answers, so that at most this share of the others is wrong",
    )
    parser.add_argument("--replace", action="store_true", help="replace an older run there")
    parser.add_argument(
        "--head-script",
        action="store_true",
        help="print a script that writes a SetFit model's pickled head as safetensors",
    )
    add_column_options(parser)


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Adopt, then print the scores, the gates, and where the run lies.

    Exit 1 where a gate blocks the export.
    """
    if arguments.head_script:
        with needs_extra("train"):
            from burnish.training.pipeline.adopt.head_script import HEAD_SCRIPT
        terminal.result(HEAD_SCRIPT.rstrip("\n"))
        terminal.document({"script": HEAD_SCRIPT})
        return 0
    _check_given(arguments)
    with needs_extra("train"):
        from burnish.training import adopt
    done = adopt(
        arguments.checkpoint,
        arguments.data,
        arguments.output,
        task=arguments.task,
        test=arguments.test,
        base=arguments.base,
        revision=arguments.revision,
        output_names=arguments.output_names,
        mapping=arguments.map,
        columns=given_columns(arguments),
        settings=_settings(arguments),
        replace_run=arguments.replace,
        notify=terminal.note,
    )
    return _show(done, terminal)


def _show(done: Run, terminal: Terminal) -> int:
    scores = run_parts(done)
    print_metrics(terminal, scores)
    print_label_limits(terminal, done.record.task, scores["test"], part="test")
    print_trust(terminal, done.metrics)
    terminal.result()
    gates = tuple(Gate.model_validate(entry) for entry in done.metrics["gates"])
    terminal.result(format_gates(gates))
    terminal.result()
    terminal.result(f"run: {shown(done.path)}")
    terminal.note(f"report: {shown(done.path / 'report.html')}")
    terminal.note(f"next: burnish export {shown(done.path)} -o BUNDLE")
    terminal.document(
        {
            "run": str(done.path),
            "metrics": {name: each.values() for name, each in scores.items()},
            "gates": [gate.model_dump(mode="json") for gate in gates],
            "notes": list(done.record.notes),
        }
    )
    for gate in blocking(gates):
        terminal.note(f"gate {gate.name} blocks the export: {gate.detail}")
    return int(bool(blocking(gates)))


def _check_given(arguments: argparse.Namespace) -> None:
    needed = {
        "CHECKPOINT": arguments.checkpoint,
        "--data ROWS": arguments.data,
        "-o RUN": arguments.output,
    }
    missing = [name for name, value in needed.items() if value is None]
    if missing:
        raise UsageError(
            f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing",
            "burnish adopt CHECKPOINT --data ROWS -o RUN",
        )


def _settings(arguments: argparse.Namespace) -> dict[str, Any]:
    """The keys of the run's recipe that options set."""
    train = {"seed": arguments.seed}
    if arguments.max_length is not None:
        train["max_length"] = arguments.max_length
    data: dict[str, Any] = {"subgroups": tuple(arguments.subgroup)}
    if arguments.out_of_scope is not None:
        data["out_of_scope"] = arguments.out_of_scope
    error = arguments.abstain_error
    return {
        "train": train,
        "data": data,
        **({} if error is None else {"abstain": {"error": error}}),
    }


def _test(text: str) -> Path | float:
    try:
        value = file_or_share(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError("a share between 0 and 1, or a file") from error
    if value is None:
        raise argparse.ArgumentTypeError("a share between 0 and 1, or a file")
    found: Path | float = value
    return found


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(","))


def _pairs(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in text.split(","):
        old, equals, new = (each.strip() for each in part.partition("="))
        if not equals or not old or not new:
            raise argparse.ArgumentTypeError(f"{part!r} is not of the form OUTPUT=NAME")
        found[old] = new
    return found

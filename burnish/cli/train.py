"""``burnish train``: train a model from a recipe, and leave a run directory."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from burnish.cli.extras import needs_extra
from burnish.cli.gates import format_gates
from burnish.cli.scores import print_label_limits, print_metrics, print_seeds, print_trust
from burnish.cli.terminal import Terminal, shown
from burnish.gates import Gate, blocking
from burnish.lock import check_unowned, training_place
from burnish.notify import Notify
from burnish.run import Run
from burnish.tasks.evaluation import Evaluation, distinct

if TYPE_CHECKING:
    from burnish.recipe.recipe import Recipe

__all__ = ["EXAMPLE", "add_arguments", "notifier", "read_recipe", "run", "run_parts"]

EXAMPLE = """\
burnish train tickets.csv
burnish train tickets.yaml
burnish train tickets.yaml method=lora train.epochs=3 output=runs/quick"""

_PARTS = ("validation", "test")
_SHORT = {
    "TF-IDF with logistic regression": "TF-IDF",
    "dictionary of the training entities": "dictionary",
    "sentence that shares most with the question": "best sentence",
}
"""Of the baselines' names, for a table."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "recipe",
        type=Path,
        metavar="RECIPE|FILE",
        help="a recipe (burnish init); or a rows file, for which a recipe is written",
    )
    parser.add_argument(
        "overrides", nargs="*", metavar="key=value", help="override keys of the recipe"
    )
    parser.add_argument("--replace", action="store_true", help="replace an older run there")
    parser.add_argument(
        "--fresh",
        action="store_true",
        help="start again instead of resuming an interrupted training",
    )


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Train, then print the scores and where the run lies.

    With several processes (``torchrun``), the first one prints; an error in one ends all.
    """
    if os.environ.get("WORLD_SIZE", "1") == "1":
        return _train(arguments, terminal)
    with needs_extra("train"):
        from burnish.training import is_first, joined
    with joined():
        return _train(arguments, terminal if is_first() else _silent())


def _silent() -> Terminal:
    return Terminal(out=StringIO(), notes=StringIO())


def _train(arguments: argparse.Namespace, terminal: Terminal) -> int:
    recipe = read_recipe(arguments.recipe, arguments.overrides, terminal=terminal)
    check_unowned(training_place(recipe.output))  # before torch is imported, which takes seconds
    with needs_extra("train"):
        from burnish.training import train
    done = train(
        recipe,
        replace=arguments.replace,
        fresh=arguments.fresh,
        notify=notifier(terminal),
        progress=terminal.is_interactive,
    )
    scores = run_parts(done)
    print_metrics(terminal, scores)
    part = [name for name in _PARTS if name in scores][-1]
    print_label_limits(terminal, done.record.task, scores[part], part=part)
    print_trust(terminal, done.metrics)
    print_seeds(terminal, done.metrics["seeds"])
    terminal.result()
    gates = tuple(Gate.model_validate(entry) for entry in done.metrics["gates"])
    terminal.result(format_gates(gates))
    terminal.result()
    terminal.result(f"run: {shown(done.path)}")
    terminal.note(f"report: {shown(done.path / 'report.html')}")
    terminal.note(f"next: burnish export {shown(done.path)} -o BUNDLE")
    terminal.document(_document(done, gates))
    return _verdict(terminal, blocking(gates))


def read_recipe(path: Path, overrides: Sequence[str], *, terminal: Terminal) -> Recipe:
    """Read a recipe; for a file of rows, write one to the working directory first."""
    from burnish.recipe.drafting import draft_recipe, is_recipe
    from burnish.recipe.overrides import override_values
    from burnish.recipe.recipe import load_recipe

    if not is_recipe(path):
        given = override_values(overrides)
        here = Path.cwd()
        draft = draft_recipe(path, beside=here, task=given.get("task"), given=given.get("data"))
        terminal.note(f"{path}: {draft.described}")
        path = here / f"{draft.name}.yaml"
        if draft.write(path):
            terminal.note(f"wrote {shown(path)}; change it there, and train again")
    return load_recipe(path, overrides, notify=terminal.note)


def notifier(terminal: Terminal) -> Notify:
    """Writes notes; above the progress bar where there is one."""
    if not terminal.is_interactive:
        return terminal.note
    from tqdm import tqdm

    return lambda text: tqdm.write(text, file=terminal.notes)


def run_parts(done: Run) -> dict[str, Evaluation]:
    """A run's scores, and those of its baselines, by part of the data.

    The linear probe is left out if its scores equal the model's.
    """
    own = _evaluations(done.metrics)
    rivals = distinct({"probe": _evaluations(done.metrics.get("baseline") or {})}, own)
    for name, parts in (done.metrics.get("baselines") or {}).items():
        rivals[_SHORT.get(name, name)] = _evaluations(parts)
    others = {
        f"{part}, {name}": evaluation
        for name, parts in rivals.items()
        for part, evaluation in parts.items()
    }
    return {**own, **others}


def _evaluations(metrics: dict[str, Any]) -> dict[str, Evaluation]:
    return {part: Evaluation.from_json(metrics[part]) for part in _PARTS if part in metrics}


def _verdict(terminal: Terminal, stopped: tuple[Gate, ...]) -> int:
    """The exit status; a run that a gate blocks is kept, as the evidence."""
    for gate in stopped:
        terminal.note(
            f"gate {gate.name} blocks the export: {gate.detail}. Fix it, or give a reason in the "
            f"recipe: gates.{gate.name}.reason"
        )
    return 1 if stopped else 0


def _document(done: Run, gates: tuple[Gate, ...]) -> dict[str, Any]:
    tuned, probe = (
        _evaluations(metrics) for metrics in (done.metrics, done.metrics.get("baseline") or {})
    )
    return {
        "run": str(done.path),
        "metrics": {name: each.values() for name, each in tuned.items()},
        "intervals": {
            name: {metric: [i.low, i.high] for metric, i in each.metrics.items()}
            for name, each in tuned.items()
        },
        "baseline": {name: each.values() for name, each in probe.items()},
        "gates": [gate.model_dump(mode="json") for gate in gates],
        "seeds": done.metrics["seeds"],
        "notes": list(done.record.notes),
    }

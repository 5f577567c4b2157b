"""``burnish up``: check, train, export and serve a file of rows; stop where one of them says no."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from burnish.bundle import Bundle
from burnish.cli import serve
from burnish.cli.extras import needs_extra
from burnish.cli.gates import format_gates
from burnish.cli.numbers import port
from burnish.cli.terminal import Terminal, shown
from burnish.cli.train import read_recipe, run_parts
from burnish.data.checking import CheckedFiles, check_recipe_files
from burnish.durations import told_duration
from burnish.gates import Gate, blocking
from burnish.plural import plural
from burnish.run import Run

if TYPE_CHECKING:
    from burnish.recipe.recipe import Recipe

__all__ = ["EXAMPLE", "add_arguments", "run"]

EXAMPLE = """\
burnish up tickets.csv
burnish up tickets.yaml method=lora --port 8080
burnish up notices.jsonl --no-serve"""

_MARGIN = 8


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "recipe",
        type=Path,
        metavar="FILE|RECIPE",
        help="a rows file, for which a recipe is written; or a recipe",
    )
    parser.add_argument(
        "overrides", nargs="*", metavar="key=value", help="override keys of the recipe"
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="BUNDLE",
        help="the bundle to write (bundles/ and the run's name)",
    )
    parser.add_argument(
        "--replace", action="store_true", help="replace an older run and an older bundle"
    )
    parser.add_argument("--no-serve", action="store_true", help="stop after the export")
    parser.add_argument(
        "--port", type=port, default=8000, metavar="N", help="(8000); 0: any free port"
    )


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Print a line or two per step; exit 1 where the rows or a gate say no."""
    with needs_extra("train"):  # told before the work begins
        import_module("burnish.training")
    if not arguments.no_serve:
        with needs_extra("serve"):
            import_module("burnish.service.server")
    recipe = read_recipe(arguments.recipe, arguments.overrides, terminal=terminal)
    if not _checks(recipe, terminal):
        return 1
    done = _trains(recipe, terminal, replace=arguments.replace)
    if done is None:
        return 1
    output = arguments.output or Path("bundles") / recipe.output.name
    bundle = _exports(done, output, terminal, replace=arguments.replace)
    document = {"run": str(done.path), "bundle": str(bundle.path)}
    if arguments.no_serve:
        _step(terminal, "next", f"burnish serve {shown(bundle.path)}")
        terminal.document(document)
        return 0
    terminal.document(document)
    return _serves(bundle, terminal, number=arguments.port)


def _step(terminal: Terminal, name: str, text: str) -> None:
    terminal.result(f"{name:{_MARGIN}}{text}")


def _checks(recipe: Recipe, terminal: Terminal) -> bool:
    """Whether a model can learn from the rows; prints what `burnish check` finds, if not."""
    from burnish.data import render_report

    data = recipe.data
    checked: CheckedFiles = check_recipe_files(
        recipe.task,
        data.columns(),
        train=data.train_file,
        validation=data.validation,
        test=data.test,
        seed=recipe.train.seed,
        out_of_scope=data.out_of_scope,
    )
    report = checked.report
    if not report.ok:
        terminal.result(render_report(report))
        _step(terminal, "stopped", "fix these rows first; nothing has been trained")
        terminal.document(report.to_json())
        return False
    kinds = dict.fromkeys(finding.kind for finding in report.findings)
    found = f"; {plural(len(kinds), '# [warning|warnings]')}: {', '.join(kinds)}" if kinds else ""
    rows = sum(len(part) for part in checked.parts.values())
    _step(terminal, "check", f"{plural(rows, '# [row|rows]')}{found}")
    return True


def _trains(recipe: Recipe, terminal: Terminal, *, replace: bool) -> Run | None:
    """The run; None where one of its gates blocks the export."""
    from burnish.training import train

    begin = time.monotonic()
    done = train(
        recipe,
        replace=replace,
        notify=_Quiet(terminal).note,
        progress=terminal.is_interactive,
    )
    parts = run_parts(done)
    part = "test" if "test" in parts else "validation"
    passed = told_duration(time.monotonic() - begin)
    _step(terminal, "train", f"{passed}: {shown(done.path)}")
    metric = done.record.task.main_metric
    for name, evaluation in parts.items():
        if name.partition(",")[0] == part:
            score = evaluation.metrics[metric]
            interval = f"[{score.low:.3f}, {score.high:.3f}]"
            _step(terminal, "", f"{name}: {metric} {score.value:.3f} {interval}")
    gates = tuple(Gate.model_validate(entry) for entry in done.metrics["gates"])
    stopped = blocking(gates)
    if stopped:
        terminal.result(format_gates(stopped))
        keys = ", ".join(f"gates.{gate.name}.reason" for gate in stopped)
        _step(terminal, "stopped", f"fix it, or give a reason in the recipe: {keys}")
        terminal.document({"run": str(done.path), "gates": [each.name for each in stopped]})
        return None
    _print_gates(terminal, gates)
    return done


def _print_gates(terminal: Terminal, gates: Sequence[Gate]) -> None:
    """How many passed, and each that did not."""
    judged = [gate for gate in gates if gate.verdict != "recorded"]
    others = [gate for gate in judged if gate.verdict != "passed"]
    _step(terminal, "", plural(len(judged) - len(others), "# [gate|gates] passed"))
    for gate in others:
        _step(terminal, "", f"{gate.verdict}: {gate.name}: {gate.told}")


def _exports(done: Run, output: Path, terminal: Terminal, *, replace: bool) -> Bundle:
    from burnish.export import export_run

    bundle = export_run(done.path, output, replace=replace, notify=_Quiet(terminal).note)
    manifest = bundle.manifest
    size = bundle.graph_bytes / 1e6
    _step(terminal, "export", f"{manifest.precision}, {size:.1f} MB: {shown(bundle.path)}")
    told = {entry["name"] for entry in done.metrics["gates"]}
    _print_gates(terminal, [gate for gate in manifest.gates if gate.name not in told])
    return bundle


def _serves(bundle: Bundle, terminal: Terminal, *, number: int) -> int:
    parser = argparse.ArgumentParser()
    serve.add_arguments(parser)
    return serve.run(parser.parse_args([str(bundle.path), "--port", str(number)]), terminal)


class _Quiet:
    """Passes on only what a person should know: notes, and how far a long step is."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def note(self, text: str) -> None:
        """Write a line that asks for attention."""
        if text.startswith("note: ") or "time: " in text:
            self._terminal.note(text)

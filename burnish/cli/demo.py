"""``burnish demo``: train, export and serve models of the sample data, and ask each a question."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from burnish.bundle import Bundle
from burnish.cli.demo_models import DEMO_MODELS, DemoModel
from burnish.cli.export import print_gates
from burnish.cli.extras import needs_extra
from burnish.cli.scores import print_metrics
from burnish.cli.served import served
from burnish.cli.terminal import Terminal
from burnish.cli.train import notifier, run_parts
from burnish.run import Run

__all__ = ["EXAMPLE", "add_arguments", "run"]

EXAMPLE = """\
burnish demo
burnish demo --only tickets --directory /tmp/demo"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "--directory", type=Path, default=Path("demo"), metavar="DIR", help="where to work (demo)"
    )
    parser.add_argument(
        "--only",
        action="append",
        choices=[model.name for model in DEMO_MODELS],
        help="one of the models instead of all; repeatable",
    )


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Do the whole line for each sample, then serve them all and ask."""
    begin = time.monotonic()
    with needs_extra("train"):  # told before the work begins
        import_module("burnish.training")
    with needs_extra("serve"):
        import_module("burnish.service.server")
    models = [m for m in DEMO_MODELS if not arguments.only or m.name in arguments.only]
    directory: Path = arguments.directory
    made = [_make(model, directory, terminal) for model in models]
    terminal.result("== serve")
    replies = list(_ask([each.model for each in made], directory / "bundles", terminal))
    seconds = time.monotonic() - begin
    _tell_places(directory, seconds, terminal)
    terminal.document(
        {
            "directory": str(directory),
            "models": [each.document() for each in made],
            "answers": replies,
            "seconds": round(seconds, 1),
        }
    )
    return 0


@dataclass(frozen=True, slots=True)
class _Made:
    model: DemoModel
    run: Run
    bundle: Bundle

    def document(self) -> dict[str, Any]:
        manifest = self.bundle.manifest
        return {
            "name": self.model.name,
            "run": str(self.run.path),
            "bundle": str(self.bundle.path),
            "precision": manifest.precision,
            "metrics": {name: each.values() for name, each in run_parts(self.run).items()},
        }


def _make(model: DemoModel, directory: Path, terminal: Terminal) -> _Made:
    """Recipe, run and bundle of one sample; those of an earlier demo are replaced."""
    from burnish.data import sample_path
    from burnish.export import export_run
    from burnish.recipe.recipe import load_recipe
    from burnish.training import train

    terminal.result(f"== {model.name}: {model.what}")
    directory.mkdir(parents=True, exist_ok=True)
    recipe = directory / f"{model.name}.yaml"
    model.write_recipe(recipe, data=sample_path(model.name), runs=(directory / "runs").absolute())
    say = notifier(terminal)
    done = train(load_recipe(recipe), replace=True, notify=say, progress=terminal.is_interactive)
    print_metrics(terminal, run_parts(done))
    terminal.result()
    bundle = export_run(
        done.path,
        directory / "bundles" / model.name,
        precision=model.precision,
        replace=True,
        notify=terminal.note,
    )
    print_gates(terminal, bundle)
    terminal.result()
    return _Made(model, done, bundle)


def _ask(models: list[DemoModel], bundles: Path, terminal: Terminal) -> Iterator[dict[str, Any]]:
    with served([bundles / model.name for model in models]) as client:
        terminal.result(f"burnish serve {bundles}  ({client.url})")
        for model in models:
            body = {"inputs": model.inputs}
            reply = client.ask(model.route, body)
            shown = json.dumps(body, ensure_ascii=False)
            terminal.result(f"\nPOST {model.route} {shown}")
            terminal.result(_lines(reply))
            yield {"route": model.route, "request": body, "reply": reply}


def _lines(reply: Any) -> str:
    """JSON, with one line per element of a list."""
    if not isinstance(reply, list):
        return json.dumps(reply, ensure_ascii=False)
    return "[\n " + ",\n ".join(json.dumps(each, ensure_ascii=False) for each in reply) + "\n]"


def _tell_places(directory: Path, seconds: float, terminal: Terminal) -> None:
    terminal.result(f"\ndone in {seconds:.0f} s; everything is in {directory.absolute()}:")
    terminal.result("  *.yaml    recipes: change one and train it again")
    terminal.result("  runs/     results of training: models, metrics, model cards")
    terminal.result(
        f"  bundles/  what is served; start it again: burnish serve {directory / 'bundles'}"
    )

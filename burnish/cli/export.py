"""``burnish export``: turn a run into a verified bundle, and show what every gate measured."""

from __future__ import annotations

import argparse
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from burnish.bundle import Bundle
from burnish.calibration.tolerance import Tolerance
from burnish.cli.extras import needs_extra
from burnish.cli.gates import format_gates
from burnish.cli.numbers import inner_share, non_negative, positive_int, share
from burnish.cli.scores import print_trust
from burnish.cli.step_bar import StepBar
from burnish.cli.terminal import Terminal, shown
from burnish.errors import UsageError

if TYPE_CHECKING:
    from burnish.export import Budgets

__all__ = ["EXAMPLE", "add_arguments", "print_gates", "run"]

EXAMPLE = """\
burnish export runs/tickets -o bundles/tickets
burnish export runs/tickets -o bundles/tickets --precision fp32 --replace
burnish export runs/tickets -o bundles/tickets --agreement 0.99 --metric-loss 0.2"""

_BUDGETS = {
    "metric_loss": (
        non_negative,
        "POINTS",
        "points of the metric that int8, and a first model, may lose (0.5, or one answer)",
    ),
    "agreement": (share, "SHARE", "share of answers that int8 must keep (0.98, or all but one)"),
    "recall_loss": (
        non_negative,
        "POINTS",
        "points of any label's recall that int8 may lose (no limit)",
    ),
    "speedup": (non_negative, "TIMES", "least speed of int8 relative to fp32 (1.0)"),
    "difference": (non_negative, "LOGITS", "largest difference between torch and ONNX (0.001)"),
    "merge_difference": (
        non_negative,
        "LOGITS",
        "largest difference between adapter and merged model (0.0001)",
    ),
    "search_rows": (
        positive_int,
        "N",
        "validation rows on which quantization is tried (1000)",
    ),
}
"""Options named as the fields of ``burnish.export.Budgets``; each help ends with the default."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("run", type=Path, metavar="RUN", help="a run directory")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="BUNDLE", required=True, help="the directory to write"
    )
    parser.add_argument(
        "--precision",
        choices=("auto", "fp32", "int8"),
        default="auto",
        help="auto: the fastest int8 graph that keeps to the budgets, else fp32 (auto)",
    )
    parser.add_argument("--name", help="the model's name over HTTP (the directory's name)")
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIRECTORY",
        help="where the run's rows files are, if they moved",
    )
    parser.add_argument(
        "--first",
        type=Path,
        metavar="RUN",
        help="a smaller run for the same labels, which answers where it is sure (burnish distill)",
    )
    parser.add_argument("--replace", action="store_true", help="replace an older bundle there")
    group = parser.add_argument_group(
        "abstaining",
        "mark answers so that few of the others are wrong (docs/explanation/calibration.md)",
    )
    group.add_argument(
        "--abstain-error",
        type=inner_share,
        metavar="SHARE",
        help="share of wrong answers that you accept (abstain.error of the recipe)",
    )
    group.add_argument(
        "--abstain-confidence",
        type=inner_share,
        metavar="SHARE",
        help="confidence that --abstain-error is kept (0.95)",
    )
    group.add_argument(
        "--abstain-reject",
        type=inner_share,
        metavar="SHARE",
        help="share of the rows out of scope to mark (abstain.reject of the recipe)",
    )
    group.add_argument(
        "--abstain-score",
        type=share,
        metavar="SCORE",
        help="mark answers with a lower score (abstain.score of the recipe); 0: none",
    )
    group = parser.add_argument_group("gates")
    for name, (kind, unit, text) in _BUDGETS.items():
        group.add_argument(f"--{name.replace('_', '-')}", type=kind, metavar=unit, help=text)
    group.add_argument(
        "--allow",
        action="append",
        default=[],
        type=_reason,
        metavar="GATE=REASON",
        help="export even if this gate fails; the reason is kept and served; repeatable",
    )


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Export, and print the gates."""
    with needs_extra("train"):
        from burnish.export import Budgets, export_run
    with StepBar(terminal) as bar:
        bundle = export_run(
            arguments.run,
            arguments.output,
            precision=arguments.precision,
            budgets=_budgets(Budgets, arguments),
            allow=dict(arguments.allow),
            data=arguments.data,
            name=arguments.name,
            replace=arguments.replace,
            tolerance=_tolerance(arguments),
            first=arguments.first,
            notify=bar.note,
            watch=bar,
        )
    print_gates(terminal, bundle)
    terminal.note(f"next: burnish serve {arguments.output}")
    terminal.document(
        {
            "bundle": str(arguments.output),
            "precision": bundle.manifest.precision,
            "gates": [gate.model_dump(mode="json") for gate in bundle.manifest.gates],
        }
    )
    return 0


def print_gates(terminal: Terminal, bundle: Bundle) -> None:
    """One row per gate, then what is exported."""
    terminal.result(format_gates(bundle.manifest.gates))
    size = bundle.graph_bytes / 1e6
    print_trust(terminal, bundle.manifest.metrics)
    terminal.result()
    terminal.result(f"{bundle.manifest.precision}, {size:.1f} MB: {shown(bundle.path)}")


def _tolerance(arguments: argparse.Namespace) -> Tolerance | None:
    error, confidence = arguments.abstain_error, arguments.abstain_confidence
    if error is None and confidence is not None:
        raise UsageError("--abstain-confidence needs an error", "add --abstain-error 0.05")
    asked = {
        "error": error,
        "confidence": confidence,
        "reject": arguments.abstain_reject,
        "score": arguments.abstain_score,
    }
    given = {name: value for name, value in asked.items() if value is not None}
    return Tolerance.model_validate(given) if given else None


def _budgets(kind: type[Budgets], arguments: argparse.Namespace) -> dict[str, float]:
    """The budgets that the command line names."""
    given = {field.name: getattr(arguments, field.name) for field in fields(kind)}
    return {name: value for name, value in given.items() if value is not None}


def _reason(text: str) -> tuple[str, str]:
    gate, _, reason = text.partition("=")
    return gate.strip(), reason.strip()

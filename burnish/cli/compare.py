"""``burnish compare``: several models on the same rows."""

from __future__ import annotations

import argparse
from pathlib import Path

from burnish.batch.destination import Destination
from burnish.cli.answering import answering_model
from burnish.cli.numbers import positive_int
from burnish.cli.rows import add_column_options, read_given_rows
from burnish.cli.terminal import Terminal, shown
from burnish.cli.trust import add_trust
from burnish.errors import UsageError
from burnish.evidence.comparison import (
    ENDINGS,
    Comparison,
    Duel,
    check_one_task,
    compare_models,
    contestant,
    differing_destination,
    write_differing,
)
from burnish.plural import plural

__all__ = ["EXAMPLE", "add_arguments", "run"]

EXAMPLE = """\
burnish compare runs/tickets bundles/tickets tickets-of-may.csv
burnish compare runs/full runs/lora runs/prefix tickets-of-may.csv --json
burnish compare runs/old runs/new tickets-of-may.csv --out changed.html"""

_SHOWN = 10
"""Rows that are named."""
_MIB = 1024 * 1024


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "models",
        type=Path,
        nargs="+",
        metavar="RUN|BUNDLE",
        help="at least two; each is compared with the first",
    )
    parser.add_argument(
        "data", type=Path, metavar="DATA", help="rows that none of them was trained on"
    )
    parser.add_argument(
        "--threads",
        type=positive_int,
        metavar="N",
        help="inputs that a bundle answers at once (one per processor)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="write the rows that they answer otherwise, with their texts: " + ", ".join(ENDINGS),
    )
    parser.add_argument("--replace", action="store_true", help="replace an older FILE")
    add_column_options(parser)
    add_trust(parser)


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Print scores, costs and differences, and which rows the models answer otherwise."""
    paths: list[Path] = arguments.models
    if len(paths) < 2:
        raise UsageError(
            f"only {paths[0]} is named, and {arguments.data} as the rows",
            "name two models or more, then the rows: burnish compare runs/a runs/b rows.csv",
        )
    if len({path.resolve() for path in paths}) < len(paths):
        raise UsageError("a model is named twice", "name each once")
    destination = _destination(arguments)
    models = {str(path): answering_model(path, arguments) for path in paths}
    task = check_one_task({name: model.task for name, model in models.items()})
    rows = read_given_rows(arguments.data, task, arguments=arguments)
    contestants = []
    for name, model in models.items():
        loaded = model.loaded(threads=arguments.threads, progress=terminal.is_interactive)
        contestants.append(contestant(name, model.task, loaded, rows, files=model.files))
    found = compare_models(rows.examples, contestants)
    _print(terminal, found, arguments.data)
    if destination is not None:
        write_differing(destination, found)
        written = plural(len(found.differing), "# [row|rows] with [its|their] texts")
        terminal.note(f"{shown(arguments.out)}: {written}, readable by you alone")
    terminal.document(found.to_json())
    return 0


def _destination(arguments: argparse.Namespace) -> Destination | None:
    if arguments.out is None:
        if arguments.replace:
            raise UsageError("--replace is about a file", "name one: --out changed.html")
        return None
    return differing_destination(arguments.out, source=arguments.data, replacing=arguments.replace)


def _print(terminal: Terminal, found: Comparison, data: Path) -> None:
    duels = {each.name: each for each in found.duels}
    rows = []
    for each in found.standings:
        score = each.metrics[found.metric]
        rows.append(
            [
                each.name,
                f"{score.value:.3f} [{score.low:.3f}, {score.high:.3f}]",
                *_cells(duels.get(each.name)),
                f"{each.cpu_ms:.2f}",
                f"{each.size_bytes / _MIB:.1f}",
            ]
        )
    head = ["model", found.metric, "difference", "right alone", "first alone", "p", "same answers"]
    terminal.table([*head, "CPU ms", "MiB"], rows)
    terminal.result()
    terminal.result(f"{plural(len(found.examples), '# [row|rows]')} of {data.name}")
    for duel in found.duels:
        terminal.result(_sentence(duel, found.standings[0].name))
    if found.differing:
        named = ", ".join(found.examples[place].id for place in found.differing[:_SHOWN])
        more = ", …" if len(found.differing) > _SHOWN else ""
        count = plural(len(found.differing), "# [row is|rows are]")
        terminal.result(f"{count} answered otherwise: {named}{more}")


def _cells(duel: Duel | None) -> list[str]:
    if duel is None:
        return ["-"] * 5
    found = duel.difference
    return [
        f"{found.value:+.3f} [{found.low:+.3f}, {found.high:+.3f}]",
        str(duel.only_this),
        str(duel.only_first),
        f"{duel.p_value:.3g}",
        str(duel.same),
    ]


def _sentence(duel: Duel, first: str) -> str:
    if duel.verdict == "not told apart":
        return f"{duel.name}: these rows do not tell it from {first}"
    return f"{duel.name}: {duel.verdict} than {first}"

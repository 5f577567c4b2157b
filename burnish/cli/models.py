"""``burnish models``: the versions of a server's models, and base models from a hub."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from burnish.cli.command import Action
from burnish.cli.extras import needs_extra
from burnish.cli.terminal import Terminal, shown
from burnish.cli.trust import add_trust, trust_of

if TYPE_CHECKING:
    from burnish.service.models.listing import ListedVersion
    from burnish.service.models.switching import Switch

__all__ = ["ACTIONS", "EXAMPLE"]

EXAMPLE = """\
burnish models list models
burnish models activate models tickets 2
burnish models rollback models tickets
burnish models fetch FacebookAI/xlm-roberta-base -o encoders/xlm-roberta-base"""

_HEADER = ("name", "version", "active", "task", "precision", "digest", "created", "metric")
_DIGITS = 12


def _declare_directory(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "directory", type=Path, metavar="MODELS", help="holds NAME/VERSION directories"
    )


def _declare_list(parser: argparse.ArgumentParser) -> None:
    _declare_directory(parser)
    add_trust(parser)


def _declare_name(parser: argparse.ArgumentParser) -> None:
    _declare_directory(parser)
    parser.add_argument("name", metavar="NAME", help="a model's directory in it")


def _declare_version(parser: argparse.ArgumentParser) -> None:
    _declare_name(parser)
    parser.add_argument("version", metavar="VERSION", help="a version in it")
    _declare_reason(parser)


def _declare_former(parser: argparse.ArgumentParser) -> None:
    _declare_name(parser)
    _declare_reason(parser)


def _declare_reason(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--labels-change",
        metavar="WHY",
        default="",
        help="accept a version with other labels; models list shows this reason",
    )
    add_trust(parser)


def _list(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Print every version; damaged ones too, with the reason."""
    from burnish.service.models.listing import list_versions

    trust = trust_of(arguments)
    how = "signature, not verified" if trust is None else "signed"
    found = list(list_versions(arguments.directory, trust=trust))
    terminal.table(_HEADER, (_row(each) for each in found))
    for each in found:
        if each.damage:
            mark = terminal.paint("damaged", "red")
            terminal.result(f"{mark}: {f'{each.name} {each.version}'.strip()}: {each.damage}")
        if each.signed_by:
            terminal.result(f"{how}: {each.name} {each.version}: {', '.join(each.signed_by)}")
        if each.labels_change:
            terminal.result(f"labels changed: {each.name} {each.version}: {each.labels_change}")
    terminal.document({"models": [asdict(each) for each in found]})
    return 0


def _row(each: ListedVersion) -> tuple[str, ...]:
    score = "" if each.value is None else f"{each.metric} {each.value:.4f}"
    return (
        each.name,
        each.version or "-",
        "active" if each.active else "",
        each.task or ("damaged" if each.damage else ""),
        each.precision,
        each.digest[:_DIGITS],
        each.created,
        score,
    )


def _activate(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Check a version in full, and make it the active one."""
    from burnish.service.models.switching import activate

    name, why = arguments.name, arguments.labels_change
    switch = activate(
        arguments.directory,
        name,
        arguments.version,
        labels_change=why,
        trust=trust_of(arguments),
    )
    return _tell(switch, terminal)


def _roll_back(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Check the former version in full, and make it the active one."""
    from burnish.service.models.switching import roll_back

    switch = roll_back(
        arguments.directory,
        arguments.name,
        labels_change=arguments.labels_change,
        trust=trust_of(arguments),
    )
    return _tell(switch, terminal)


def _tell(switch: Switch, terminal: Terminal) -> int:
    former = f", before {switch.former}" if switch.former else ""
    terminal.result(f"{switch.name}: {switch.version} is active{former}")
    if switch.labels_change:
        terminal.result(f"labels changed: {switch.labels_change}")
    if not switch.probes:
        terminal.note(
            "this bundle records no self-test: its files were verified, its answers were not"
        )
    terminal.note("next: kill -HUP PID makes a running server use it")
    terminal.document(asdict(switch))
    return 0


def _declare_fetch(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="HUB_ID", help="a model of the Hugging Face hub")
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="DIR", help="the directory to write"
    )
    parser.add_argument(
        "--revision", metavar="COMMIT", help="a commit, a tag or a branch (the main branch)"
    )


def _fetch(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Download a base model for a machine without a network, and vet it."""
    with needs_extra("train"):
        from burnish.training.pipeline.fetching import fetch_model
    fetched = fetch_model(
        arguments.id, arguments.output, revision=arguments.revision, notify=terminal.note
    )
    for name, digest in fetched.files.items():
        terminal.result(f"{digest}  {name}")
    terminal.result(f"{fetched.id} at {fetched.revision}: {shown(arguments.output)}")
    terminal.note(f"next: base_model: {shown(arguments.output)}")
    terminal.document({"output": str(arguments.output), **asdict(fetched)})
    return 0


ACTIONS = {
    "list": Action(
        "show every version: whether it is active and undamaged, and its scores",
        "burnish models list models",
        add_arguments=_declare_list,
        run=_list,
    ),
    "activate": Action(
        "verify a version, run its self-test, and make it active",
        "burnish models activate models tickets 2",
        add_arguments=_declare_version,
        run=_activate,
    ),
    "rollback": Action(
        "make the version before active again, after the same checks",
        "burnish models rollback models tickets",
        add_arguments=_declare_former,
        run=_roll_back,
    ),
    "fetch": Action(
        "download a base model from a hub, for a machine without a network",
        "burnish models fetch FacebookAI/xlm-roberta-base -o encoders/xlm-roberta-base",
        add_arguments=_declare_fetch,
        run=_fetch,
    ),
}

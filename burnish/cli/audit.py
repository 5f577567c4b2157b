"""``burnish audit``: a server's audit log."""

from __future__ import annotations

import argparse
import re
from argparse import ArgumentTypeError
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from burnish.cli.command import Action
from burnish.cli.terminal import Terminal
from burnish.plural import plural

if TYPE_CHECKING:
    from burnish.service.access import Verified

__all__ = ["ACTIONS", "EXAMPLE"]

EXAMPLE = """\
burnish audit verify audit.jsonl
burnish audit verify audit.jsonl.1 audit.jsonl"""

_HASH = re.compile(r"[0-9a-f]{64}")


def _declare_verify(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="audit logs in their order, oldest first",
    )
    parser.add_argument(
        "--expect-head",
        type=_hash,
        metavar="HASH",
        help="a head printed by an earlier verification; its line must still be there",
    )


def _verify(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Verify every line; where one is changed, missing or moved, name the first and exit 1."""
    from burnish.service.access import verify_files

    found = verify_files(arguments.files, expect_head=arguments.expect_head)
    for line in _lines(found):
        terminal.result(line)
    terminal.document(_document(found))
    if arguments.expect_head is None:
        terminal.note(
            "a log cannot show that its own end was cut off: keep the head elsewhere, and give it "
            "to a later verification as --expect-head"
        )
    return 0


def _lines(found: Verified) -> list[str]:
    figures = ((found.files, "file"), (found.lines, "line"), (found.decisions, "decision"))
    lines = [
        "whole: " + ", ".join(plural(count, f"# [{noun}|{noun}s]") for count, noun in figures),
        f"from   {found.first_time} to {found.last_time}",
    ]
    if found.turned_away:
        requests = plural(found.turned_away, "# [request|requests]")
        lines.append(f"and    {requests} without a known key, summed up by address")
    if found.follows:
        lines.append("begins after an earlier file, which was not given")
    lines += [
        f"recovered at {each.file}:{each.line}, {each.time}: {each.torn_bytes} torn bytes kept "
        "before it, " + plural(each.lost, "# [decision|decisions] known to be lost")
        for each in found.recoveries
    ]
    if found.expected_sequence is not None:
        after = found.sequence - found.expected_sequence
        before = plural(after, "# [line|lines] before the last")
        where = before if after else "the last line"
        lines.append(f"the expected head is sequence {found.expected_sequence}, {where}")
    return [*lines, f"head   {found.head} (sequence {found.sequence})"]


def _document(found: Verified) -> dict[str, Any]:
    recoveries = [{**asdict(each), "file": str(each.file)} for each in found.recoveries]
    return {**asdict(found), "recoveries": recoveries}


def _hash(text: str) -> str:
    if not _HASH.fullmatch(text):
        raise ArgumentTypeError(f"{text!r} is not a head, which has 64 hexadecimal digits")
    return text


ACTIONS = {
    "verify": Action(
        "check that no line was changed, moved or removed",
        "burnish audit verify audit.jsonl\n"
        "burnish audit verify audit.jsonl.1 audit.jsonl --json\n"
        "burnish audit verify audit.jsonl --expect-head " + "5f" * 32,
        add_arguments=_declare_verify,
        run=_verify,
    )
}
"""What ``burnish audit`` does."""

"""``burnish prune-vocabulary``: a base without the tokens that a field's texts never use."""

from __future__ import annotations

import argparse
from pathlib import Path

from burnish.cli.extras import needs_extra
from burnish.cli.terminal import Terminal, shown

__all__ = ["EXAMPLE", "add_arguments", "run"]

EXAMPLE = """\
burnish prune-vocabulary bases/multilingual letters/ -o bases/letters
burnish prune-vocabulary minilm texts.csv --text body -o bases/small"""

_MIB = 2**20
_MANY = 0.05
"""Share of held-out texts that may be read otherwise without a word on it."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("base", metavar="MODEL", help="a base model, as in a recipe")
    parser.add_argument(
        "texts",
        type=Path,
        metavar="TEXTS",
        help="texts of the field (.txt: one per line, .jsonl, .csv, .tsv, .xlsx, .parquet), or a "
        "folder of .txt",
    )
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="BASE", help="for the new base model"
    )
    parser.add_argument("--revision", metavar="COMMIT", help="of a base on the hub")
    parser.add_argument("--text", default="text", metavar="NAME", help="the column of the text")
    parser.add_argument("--replace", action="store_true", help="replace an older base there")


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Write the base, and print what it saves and what it can no longer read as before."""
    with needs_extra("train"):
        from burnish.training.pipeline.vocabulary_pruning import prune_vocabulary
    done = prune_vocabulary(
        arguments.base,
        arguments.texts,
        arguments.output,
        revision=arguments.revision,
        text=arguments.text,
        replace=arguments.replace,
        notify=terminal.note,
    )
    rows = [
        ["tokens", f"{done.before:,}", f"{done.after:,}"],
        ["weights", f"{done.bytes_before / _MIB:.1f} MiB", f"{done.bytes_after / _MIB:.1f} MiB"],
        [
            "unknown tokens, held-out texts",
            f"{100 * done.unknown_before:.3f} %",
            f"{100 * done.unknown_after:.3f} %",
        ],
    ]
    terminal.table(["", "before", "after"], rows)
    terminal.result()
    terminal.result(
        f"{done.changed:,} of {done.held_out:,} held-out texts become other tokens; the vectors of "
        f"{done.proved} texts were compared, and are equal"
    )
    if done.changed > _MANY * done.held_out:
        terminal.result(
            "words that TEXTS do not hold are now read in smaller pieces: give more texts of the "
            "field before you rely on this base"
        )
    terminal.result(f"base: {shown(done.path)}")
    terminal.note(f"next: set base_model: {shown(done.path)} in a recipe")
    terminal.document(done.to_json())
    return 0

"""``burnish vocabulary``: how a base model reads the words of texts, and what to do about it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from burnish.cli.extras import needs_extra
from burnish.cli.numbers import positive_int
from burnish.cli.terminal import Terminal, shown
from burnish.plural import plural

if TYPE_CHECKING:
    from burnish.training.pipeline.vocabulary import VocabularyReport

__all__ = ["EXAMPLE", "add_arguments", "run"]

EXAMPLE = """\
burnish vocabulary letters/
burnish vocabulary texts.jsonl --base-model bases/german -n 100"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "texts",
        type=Path,
        metavar="TEXTS",
        help="texts (.txt: one per line, .jsonl, .csv, .tsv, .xlsx, .parquet), or a folder of .txt",
    )
    parser.add_argument(
        "--base-model", metavar="MODEL", default="minilm", help="whose tokenizer reads (minilm)"
    )
    parser.add_argument("--revision", metavar="COMMIT", help="of a base on the hub")
    parser.add_argument("--text", default="text", metavar="NAME", help="the column of the text")
    parser.add_argument(
        "-n",
        "--count",
        type=positive_int,
        default=20,
        metavar="N",
        help="how many of the hundred most split terms are shown (20)",
    )


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Print how the words are read, the most split terms, and one recommendation."""
    with needs_extra("train"):
        from burnish.training.pipeline.vocabulary import judge_vocabulary
    found = judge_vocabulary(
        arguments.texts,
        base_model=arguments.base_model,
        revision=arguments.revision,
        text=arguments.text,
    )
    if found.texts.left_out:
        left = plural(found.texts.left_out, "# [row is|rows are] left out")
        terminal.note(f"{arguments.texts.name}: {left} ({found.texts.first_left_out})")
    if found.own.uncounted:
        terminal.note(
            "the texts have more different words than are kept, and the rarest were dropped: "
            f"{plural(found.own.uncounted, 'a term may occur # [time|times] more than it says')}, "
            "and the number of different words is an estimate"
        )
    _print(terminal, found, count=arguments.count)
    terminal.result()
    terminal.result(f"{found.advice}: {found.reason}")
    if (command := _command(found.advice, arguments)) is not None:
        terminal.note(f"next: {command}")
    terminal.document(found.to_json())
    return 0


def _print(terminal: Terminal, found: VocabularyReport, *, count: int) -> None:
    own, plain = found.own, found.plain
    rows = [
        ["running words", f"{own.words:,}", f"{plain.words:,}"],
        ["different words", f"{own.different:,}", f"{plain.different:,}"],
        ["tokens a word", f"{own.tokens_a_word:.2f}", f"{plain.tokens_a_word:.2f}"],
        ["split words", f"{100 * own.split:.1f} %", f"{100 * plain.split:.1f} %"],
        ["unknown tokens", f"{100 * own.unknown:.2f} %", f"{100 * plain.unknown:.2f} %"],
    ]
    terminal.table(["", "these texts", "plain sentences"], rows)
    if own.terms:
        terminal.result()
        terms = [
            [term.word, f"{term.count:,}", " ".join(term.pieces)] for term in own.terms[:count]
        ]
        terminal.table(["most split", "times", "pieces"], terms)


def _command(advice: str, arguments: argparse.Namespace) -> str | None:
    if advice not in ("adapt", "add tokens and adapt"):
        return None
    base = "" if arguments.base_model == "minilm" else f" --base-model {arguments.base_model}"
    text = "" if arguments.text == "text" else f" --text {arguments.text}"
    added = " --add-tokens 500" if advice == "add tokens and adapt" else ""
    return f"burnish pretrain {shown(arguments.texts)}{base}{text}{added} -o BASE --for RECIPE"

"""``burnish predict``: answer a text, a file or a pipe, one JSON line per input, in input order.

With ``-o`` the rows of a file and their answers go into a new file: `answer_file.py`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from burnish.batch.answering import answers
from burnish.batch.sinks import SINKS
from burnish.batch.sources import FORMATS
from burnish.cli.answer_file import answer_file
from burnish.cli.note_file import note_file
from burnish.cli.numbers import inner_share, positive_int, share
from burnish.cli.questions import Questions, fields_of
from burnish.cli.shard_files import answer_shards
from burnish.cli.terminal import Terminal
from burnish.cli.trust import add_trust, trust_of
from burnish.data.writers import WRITERS
from burnish.errors import BurnishError, InputError, UsageError
from burnish.plural import plural
from burnish.tasks import Prediction
from burnish.tasks.table import TASKS, find_task

if TYPE_CHECKING:
    from burnish.runtime import Model

__all__ = ["EXAMPLE", "add_arguments", "run"]

EXAMPLE = """\
burnish predict bundles/tickets "My card was charged twice."
burnish predict bundles/tickets texts.csv --text message > answers.jsonl
burnish predict bundles/tickets texts.csv --text message -o answers.xlsx
burnish predict bundles/notices scans/ -o entities.csv --resume
burnish predict bundles/tickets mails/*.csv -o answered --ray --resume
burnish predict bundles/notices letters.csv --as label-studio -o tasks.json
grep -i refund texts.txt | burnish predict bundles/tickets -
burnish predict bundles/handbook --question "When is rent due?" --context "Rent is due on the 1st."\
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("bundle", metavar="BUNDLE", help="a bundle directory")
    parser.add_argument(
        "given",
        metavar="TEXT|FILE|-",
        nargs="?",
        help="a text, a file (.txt: one text per line, .jsonl, .csv, .tsv, .xlsx, .parquet), "
        "or - for stdin; with -o a folder of .txt files too",
    )
    parser.add_argument("shards", metavar="SHARD", nargs="*", help="further files, with --ray")
    forms = {name: find_task(name).inputs for name in TASKS}
    for form in forms.values():
        for name, help_text in form.options.items():
            parser.add_argument(f"--{name}", metavar="TEXT", help=help_text)
    in_json = ", ".join(name for name, form in forms.items() if form.line_format == "jsonl")
    parser.add_argument(
        "--format",
        choices=FORMATS,
        help=f"format of the file or stdin (by the file's ending, else txt; jsonl for {in_json})",
    )
    parser.add_argument(
        "--text", metavar="NAME", default="text", help="the column of the text (text)"
    )
    parser.add_argument(
        "--sheet", metavar="NAME", help="the sheet of a workbook, where several have rows"
    )
    parser.add_argument("--column", help=argparse.SUPPRESS)  # its name in burnish 0.1.0
    _add_output(parser)
    _add_ray(parser)
    _add_decisions(parser)
    parser.add_argument(
        "--threads",
        type=positive_int,
        metavar="N",
        help="inputs answered at once (one per processor; with --ray one per shard)",
    )
    add_trust(parser)


def _add_output(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("a file with the rows and their answers")
    group.add_argument(
        "-o", "--output", type=Path, metavar="OUT", help=f"write it: {', '.join(SINKS)}"
    )
    group.add_argument(
        "--as",
        dest="form",
        choices=WRITERS,
        help="write OUT as a labelling tool imports it, the answers as its predictions",
    )
    group.add_argument(
        "--resume", action="store_true", help="go on with OUT where an interrupted run stopped"
    )
    group.add_argument(
        "--replace", action="store_true", help="replace OUT, and what an interrupted run left"
    )


def _add_ray(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("many files at once")
    group.add_argument(
        "--ray",
        action="store_true",
        help="answer FILE, SHARD... and the files in folders by the processes of Ray, each into a "
        "file in the directory OUT",
    )
    group.add_argument(
        "--ray-address",
        metavar="HOST:PORT",
        help="a cluster that sees the same paths (RAY_ADDRESS, else one of this machine alone)",
    )
    group.add_argument(
        "--shard-format",
        choices=[ending.removeprefix(".") for ending in SINKS],
        default="jsonl",
        help="the format of the files in OUT (jsonl)",
    )


def _add_decisions(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--top-k",
        type=positive_int,
        default=1,
        metavar="N",
        help="best labels or answers to show (1)",
    )
    parser.add_argument(
        "--threshold",
        type=share,
        metavar="SCORE",
        help="give the labels (of several) or entities with at least this score (the bundle's own)",
    )
    parser.add_argument(
        "--abstain-score",
        type=share,
        metavar="SCORE",
        help="mark answers with a lower score (the bundle's own; 0: none)",
    )
    parser.add_argument(
        "--abstain-reject",
        type=inner_share,
        metavar="SHARE",
        help="mark this share of texts out of scope, if the bundle was exported with such rows",
    )


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Print one JSON line per input, or write a file; exit 1 where one could not be answered."""
    import burnish

    if arguments.column is not None:
        terminal.note("note: --column is now --text")
        arguments.text = arguments.column
    if arguments.ray and arguments.form is None:
        return answer_shards(arguments, terminal, decide=_deciding)
    _check_one(arguments)
    if arguments.form is not None:
        return note_file(arguments, terminal, decide=_deciding)
    if arguments.output is not None:
        return answer_file(arguments, terminal, decide=_deciding)
    for flag in ("resume", "replace"):
        if getattr(arguments, flag):
            raise UsageError(f"--{flag} is about an output file", "name one with -o OUT")
    if sys.stdout is None:
        raise BurnishError("standard output is closed", "write the answers to a file: > FILE")
    trust = trust_of(arguments)
    with burnish.load(arguments.bundle, threads=arguments.threads, trust=trust) as model:
        asked = Questions(arguments, fields_of(arguments, model.task))
        total, failed = 0, 0
        found = answers(_deciding(model, arguments), asked.items())
        for result in _watched(found, asked, terminal):
            total += 1
            failed += isinstance(result, InputError)
            line = json.dumps(_document(result, arguments.top_k), ensure_ascii=False)
            print(line, file=terminal.out, flush=True)
    if not total:
        terminal.note("0 inputs")
    if failed:
        terminal.note(f"{failed} of {plural(total, '# [input|inputs]')} could not be answered")
    return int(failed > 0)


def _check_one(arguments: argparse.Namespace) -> None:
    """Without ``--ray``, there is one file, and nothing that is about many."""
    if arguments.ray:
        raise UsageError("--as writes one file, and --ray many", "leave one of them out")
    if arguments.ray_address is not None:
        raise UsageError("--ray-address is about --ray", "add --ray, or leave --ray-address out")
    if arguments.shards:
        first, *_ = arguments.shards
        raise UsageError(
            f"only one text or file can be answered at a time, and {first!r} is another",
            'put a text into "quotes"; for many files, use --ray',
        )


def _deciding(model: Model, arguments: argparse.Namespace) -> Model:
    """The model with the thresholds that the command line gives.

    Raises:
        UsageError: the model has none that could be changed.
    """
    score, reject = arguments.abstain_score, arguments.abstain_reject
    try:
        if arguments.threshold is not None:
            model = model.thresholded(arguments.threshold)
        if score is not None or reject is not None:
            model = model.abstaining(score=score, reject=reject)
    except InputError as e:
        raise UsageError(f"{arguments.bundle}: {e.message}", e.hint) from e
    return model


def _watched(
    found: Iterator[Prediction | InputError], asked: Questions, terminal: Terminal
) -> Iterator[Prediction | InputError]:
    """Show a bar for a file, where somebody watches and the answers go elsewhere."""
    if asked.path is None or not terminal.is_interactive or terminal.out.isatty():
        return found
    from tqdm import tqdm

    total = sum(1 for _ in asked.items())
    return iter(tqdm(found, total=total, unit="input", file=terminal.notes))


def _document(result: Prediction | InputError, top_k: int) -> dict[str, Any]:
    if isinstance(result, InputError):
        return {"error": str(result)}
    return result.document(top_k)

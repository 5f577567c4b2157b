"""``burnish predict``: answer a text, a file or a pipe, one JSON line per input, in input order."""

from __future__ import annotations

import argparse
import errno
import json
import stat
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

from burnish.cli.inputs import (
    ENDINGS,
    FORMATS,
    Asked,
    Fields,
    Format,
    form_of,
    read_file,
    read_pipe,
)
from burnish.cli.numbers import inner_share, positive_int, share
from burnish.cli.terminal import Terminal
from burnish.cli.trust import add_trust, trust_of
from burnish.errors import BurnishError, InputError, UsageError
from burnish.plural import plural
from burnish.tasks import Input, Prediction
from burnish.tasks.table import TASKS, find_task

if TYPE_CHECKING:
    from burnish.runtime import Model

__all__ = ["EXAMPLE", "add_arguments", "run"]

EXAMPLE = """\
burnish predict bundles/tickets "My card was charged twice."
burnish predict bundles/tickets texts.csv --text message > answers.jsonl
grep -i refund texts.txt | burnish predict bundles/tickets -
burnish predict bundles/handbook --question "When is rent due?" --context "Rent is due on the 1st."\
"""

_AHEAD = 4  # inputs in flight for each thread
_PACKED = frozenset({".gz", ".bz2", ".xz", ".zst", ".zip"})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("bundle", metavar="BUNDLE", help="a bundle directory")
    parser.add_argument(
        "given",
        metavar="TEXT|FILE|-",
        nargs="?",
        help="a text, a file (.txt: one text per line, .jsonl, .csv, .tsv), or - for stdin",
    )
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
    parser.add_argument("--column", help=argparse.SUPPRESS)  # its name in burnish 0.1.0
    parser.add_argument(
        "--top-k",
        type=positive_int,
        default=1,
        metavar="N",
        help="best labels or answers to show (1)",
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
    parser.add_argument(
        "--threads",
        type=positive_int,
        metavar="N",
        help="inputs answered at once (one per processor)",
    )
    add_trust(parser)


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Print one JSON line per input; exit 1 where one could not be answered."""
    import burnish

    if sys.stdout is None:
        raise BurnishError("standard output is closed", "write the answers to a file: > FILE")
    trust = trust_of(arguments)
    with burnish.load(arguments.bundle, threads=arguments.threads, trust=trust) as model:
        if arguments.column is not None:
            terminal.note("note: --column is now --text")
        column = arguments.text if arguments.column is None else arguments.column
        asked = _Questions(arguments, Fields(task=model.task, text=column))
        total, failed = 0, 0
        answers = _answers(_abstaining(model, arguments), asked.items())
        for result in _watched(answers, asked, terminal):
            total += 1
            failed += isinstance(result, InputError)
            line = json.dumps(_document(result, arguments.top_k), ensure_ascii=False)
            print(line, file=terminal.out, flush=True)
    if not total:
        terminal.note("0 inputs")
    if failed:
        terminal.note(f"{failed} of {plural(total, '# [input|inputs]')} could not be answered")
    return int(failed > 0)


def _abstaining(model: Model, arguments: argparse.Namespace) -> Model:
    score, reject = arguments.abstain_score, arguments.abstain_reject
    if score is None and reject is None:
        return model
    try:
        return model.abstaining(score=score, reject=reject)
    except InputError as e:
        raise UsageError(f"{arguments.bundle}: {e.message}", e.hint) from e


class _Questions:
    """The inputs that the command line names."""

    def __init__(self, arguments: argparse.Namespace, fields: Fields) -> None:
        self._fields = fields
        self._one = _one_input(arguments, fields.task)
        self._given: str = "-" if arguments.given is None else arguments.given
        self.path = None if self._one else _existing_file(self._given)
        self._form = _form(arguments.format, self.path, fields)

    def items(self) -> Iterator[Asked | None]:
        """The inputs, in order; None where the next is not there yet."""
        if self._one is not None:
            return iter([self._one])
        if self.path is not None:
            return read_file(self.path, self._form, self._fields)
        if self._given == "-":
            if self._form in ("csv", "tsv"):
                raise UsageError(
                    "a table cannot be read from standard input", "give the file's name"
                )
            if sys.stdin is None:
                raise BurnishError("standard input is closed", "give a text or a file, or pipe it")
            return read_pipe(sys.stdin.fileno(), self._form, self._fields)
        return iter([self._fields.form.of_text(self._given)])


def _one_input(arguments: argparse.Namespace, task: str) -> Input | None:
    """The input that the options of a task give, one option for each of its texts."""
    for name in TASKS:
        form = find_task(name).inputs
        texts = [getattr(arguments, each) for each in form.options]
        if all(text is None for text in texts):
            continue
        first, *_ = options = [f"--{each}" for each in form.options]
        if None in texts or arguments.given is not None:
            raise UsageError(f"use {' and '.join(options)} together, without TEXT or FILE")
        if task != name:
            raise UsageError(f"this bundle is for {task}", f"give the text without {first}")
        given: Input = form.of_texts(texts)
        return given
    return None


def _existing_file(given: str) -> Path | None:
    if not given:
        return None
    path = Path(given)
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        if _reads_as_path(given):
            raise UsageError(
                f"{given}: no such file", "check the path; to answer this very text, pipe it"
            ) from None
        return None
    except ValueError:  # no file can be called so
        return None
    except OSError as e:
        if e.errno == errno.ENAMETOOLONG:  # a text is mostly too long for a file's name
            return None
        raise UsageError(f"{given}: {e.strerror}", "check the path") from e
    if stat.S_ISREG(mode):
        return path
    if stat.S_ISDIR(mode):
        raise UsageError(
            f"{given}: is a directory", "name a file in it; to answer this very text, pipe it"
        )
    raise UsageError(f"{given}: is not a regular file", "give it on standard input: - < FILE")


def _reads_as_path(given: str) -> bool:
    """Whether a text that names no existing file looks like a file name."""
    path = Path(given)
    if path.suffix.lower() in _PACKED:
        path = path.with_suffix("")
    return given.startswith(("./", "../", "/")) or (
        path.suffix.lower() in ENDINGS and "\n" not in given
    )


def _form(said: Format | None, path: Path | None, fields: Fields) -> Format:
    if said is not None:
        return said
    return fields.form.line_format if path is None else form_of(path)


def _answers(model: Model, items: Iterable[Asked | None]) -> Iterator[Prediction | InputError]:
    """Answers in input order. While a pipe sends nothing, all inputs so far are answered."""
    ahead: deque[Future[list[Prediction | InputError]]] = deque()
    for item in items:
        if item is not None:
            ahead.append(_submit(model, item))
        while ahead and (item is None or len(ahead) > _AHEAD * model.threads):
            yield ahead.popleft().result()[0]
    while ahead:
        yield ahead.popleft().result()[0]


def _submit(model: Model, item: Asked) -> Future[list[Prediction | InputError]]:
    if not isinstance(item, InputError):
        return model.submit([item])
    refused: Future[list[Prediction | InputError]] = Future()
    refused.set_result([item])
    return refused


def _watched(
    answers: Iterator[Prediction | InputError], asked: _Questions, terminal: Terminal
) -> Iterator[Prediction | InputError]:
    """Show a bar for a file, where somebody watches and the answers go elsewhere."""
    if asked.path is None or not terminal.is_interactive or terminal.out.isatty():
        return answers
    from tqdm import tqdm

    total = sum(1 for _ in asked.items())
    return iter(tqdm(answers, total=total, unit="input", file=terminal.notes))


def _document(result: Prediction | InputError, top_k: int) -> dict[str, Any]:
    if isinstance(result, InputError):
        return {"error": str(result)}
    return result.document(top_k)

"""CSV dialects: which delimiter, quote and escape a file uses, judged by how well its rows fit."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING

from burnish.data.source import MAX_ROW_BYTES

if TYPE_CHECKING:
    from _csv import Reader

__all__ = ["Dialect", "choose_dialect", "holds_rows", "split_returns", "wide_fields"]

_DELIMITERS = ",\t;|"
_DOUBLE_QUOTED = re.compile(rf'(^|[{_DELIMITERS}])"')
_SPACED_QUOTE = re.compile(rf"[{_DELIMITERS}] +[\"']")
_DOUBLED_INSIDE = re.compile(r'(^|\t)"[^\t]*""[^\t]*"(\t|\r?\n|$)')


@dataclass(frozen=True, slots=True)
class Dialect:
    """How cells are separated. Reading is strict: a stray quote is an error, not a guess."""

    delimiter: str = ","
    quote: str | None = '"'
    """None: quotes are ordinary characters."""
    escape: str | None = None
    """None: a quote inside quotes is doubled."""
    doubtful: bool = False
    """The first lines read as well with their quotes as text."""
    skips_space: bool = False
    """White space after a delimiter is not part of the cell: ``"a", "b"``."""

    def reader(self, lines: Iterator[str]) -> Reader:
        """A csv reader of lines whose endings are kept."""
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.quote,
            quoting=csv.QUOTE_NONE if self.quote is None else csv.QUOTE_MINIMAL,
            escapechar=self.escape,
            doublequote=self.escape is None,
            strict=True,
            skipinitialspace=self.skips_space,
        )


_PLAIN_TABS = Dialect("\t", None)


def wide_fields() -> None:
    """Let a cell hold a whole document; the csv module's own limit is 131,072 characters."""
    csv.field_size_limit(MAX_ROW_BYTES)


def choose_dialect(
    sample: Sequence[str],
    *,
    wanted: Sequence[str],
    truncated: bool,
    delimiter: str | None = None,
) -> Dialect:
    """The first dialect that reads every row of the sample to the header's width, else the best.

    Direct speech with one sentence per row may begin with a quote in one row and end in another.
    So where a file with tabs reads as well with its quotes as text, a quoted cell that would hold
    whole rows is read as rows.

    Args:
        sample: the file's first lines.
        wanted: column names; a dialect whose header holds more of them is better.
        truncated: the sample ends before the file does.
        delimiter: the only one to try; None for all.
    """
    candidates = list(_candidates(sample))
    if delimiter is not None:
        candidates = list(dict.fromkeys(replace(each, delimiter=delimiter) for each in candidates))
    scores = [_score(dialect, sample, wanted, truncated) for dialect in candidates]
    best = candidates[scores.index(max(scores))]
    spaced = replace(best, skips_space=True)
    if _keeps_quotes(best, sample) and _score(spaced, sample, wanted, truncated) >= max(scores):
        return spaced
    if best.delimiter != "\t" or best == _PLAIN_TABS or candidates[-1] != _PLAIN_TABS:
        return best
    if scores[-1] < max(scores):
        return best
    return _PLAIN_TABS if _merges(best, sample) else replace(best, doubtful=True)


def holds_rows(row: Sequence[str]) -> bool:
    """Whether a row is several of the same width, were its quotes text: no row lacks a tab."""
    lines = [line for line in "\t".join(row).split("\n") if line.strip()]
    return len(lines) > 1 and all(line.count("\t") == len(row) - 1 > 0 for line in lines)


def _keeps_quotes(dialect: Dialect, sample: Sequence[str]) -> bool:
    """Whether a cell begins with a space and a quote, which then are read as its text."""
    try:
        cells = (cell for row in dialect.reader(iter(sample)) for cell in row)
        return dialect.quote is not None and any(
            cell[:1] == " " and cell.lstrip(" ")[:1] == dialect.quote for cell in cells
        )
    except csv.Error:
        return False


def _merges(dialect: Dialect, sample: Sequence[str]) -> bool:
    try:
        return any(holds_rows(row) for row in dialect.reader(iter(sample)))
    except csv.Error:
        return False


def _candidates(sample: Sequence[str]) -> Iterator[Dialect]:
    sniffed = _sniff("".join(sample[:200]))
    delimiters = dict.fromkeys([*([sniffed] if sniffed else []), *_DELIMITERS])
    quotings: list[tuple[str, str | None]] = [('"', None)]
    if not any(_DOUBLE_QUOTED.search(line) for line in sample):
        quotings.append(("'", None))
    if any('\\"' in line for line in sample):
        quotings.append(('"', "\\"))
    for (quote, escape), delimiter in product(quotings, delimiters):
        yield Dialect(delimiter, quote, escape)
        if any(_SPACED_QUOTE.search(line) for line in sample):
            yield Dialect(delimiter, quote, escape, skips_space=True)
    # A writer that quotes would have doubled the quotes of a quoted cell: here they are text.
    if not any(_DOUBLED_INSIDE.search(line) for line in sample) and not sample[0].startswith('"'):
        yield _PLAIN_TABS


def _sniff(text: str) -> str | None:
    try:
        return csv.Sniffer().sniff(text, delimiters=_DELIMITERS).delimiter
    except csv.Error:
        return None


def _score(
    dialect: Dialect, sample: Sequence[str], wanted: Sequence[str], truncated: bool
) -> tuple[int, bool, float]:
    """Columns found in the header, whether every row fits, and the share of lines read."""
    reader = dialect.reader(iter(sample))
    header: list[str] = []
    good, fits = 0, True
    try:
        for row in reader:
            header = header or row
            if row and not _fits(row, header):
                fits = False
                break
            good = reader.line_num
    except csv.Error:
        fits = truncated and reader.line_num == len(sample)
    names = {name.strip() for name in header}
    return sum(name in names for name in wanted), fits, good / max(1, len(sample))


def _fits(row: Sequence[str], header: Sequence[str]) -> bool:
    return len(row) == len(header) or (len(row) > len(header) and not any(row[len(header) :]))


def split_returns(line: str) -> list[str]:
    r"""The parts of a line that a lone ``\r`` (an old line ending) separates."""
    return re.split(r"(?<=\r)(?!\n|$)", line) if "\r" in line else [line]

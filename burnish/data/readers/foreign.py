"""Foreign formats: annotations that burnish does not read, known by how they begin."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from burnish.data.readers.starts import TMX, holds_spans
from burnish.errors import DataError

__all__ = ["refuse_foreign"]

_NATIVE = (
    'write each passage as a line of JSON: {"text": …, "entities": [{"start", "end", "label"}]}, '
    "offsets in characters (docs/reference/data.md)"
)
_INCEPTION = (
    "in INCEpTION or WebAnno export the document as 'WebAnno TSV v3.3' or 'UIMA CAS XMI', and name "
    "that file with --task extraction"
)
_CONLL_2012 = (
    '/^#/ {next} !NF {print ""; next} {tag = "O"; if (open) tag = "I-" open; '
    'if ($11 ~ /^\\(/) {open = $11; gsub(/[(*)]/, "", open); tag = "B-" open} '
    'print $4, tag; if ($11 ~ /\\)/) open = ""}'
)


@dataclass(frozen=True, slots=True)
class _Foreign:
    name: str
    start: re.Pattern[str]
    hint: Callable[[Path], str]


def _always(hint: str) -> Callable[[Path], str]:
    return lambda _: hint


def _conll_2012(path: Path) -> str:
    out = shlex.quote(f"{path.stem}.bio.conll")
    return f"make tags of its names: awk '{_CONLL_2012}' {shlex.quote(str(path))} > {out}"


def _lfs(path: Path) -> str:
    return f"fetch the file itself: git lfs pull --include {shlex.quote(path.name)}"


def _foreign(name: str, start: str, hint: Callable[[Path], str]) -> _Foreign:
    return _Foreign(name, re.compile(start, re.DOTALL), hint)


_FOREIGN = (
    _foreign("WebAnno TSV 1 or 2", r"\s*#FORMAT=WebAnno TSV (?!3)", _always(_INCEPTION)),
    _foreign(
        "UIMA CAS JSON",
        r'\s*\{\s*"(?:%TYPES|%FEATURE_STRUCTURES|%VIEWS|_context)"',
        _always(_INCEPTION),
    ),
    _foreign("TEI P4 XML", r"\s*<.{0,4000}<TEI\.2\b", _always(_NATIVE)),
    _foreign("PAGE XML", r"\s*<.{0,2000}<(?:\w+:)?PcGts\b|\s*<(?:\w+:)?PcGts\b", _always(_NATIVE)),
    _foreign("ALTO XML", r"\s*<.{0,2000}<(?:\w+:)?alto\b|\s*<(?:\w+:)?alto\b", _always(_NATIVE)),
    _foreign(
        "BioC XML",
        r"\s*<.{0,2000}(?:BioC\.dtd|<collection>\s*<source>)|\s*<collection>\s*<source>",
        _always(_NATIVE),
    ),
    _foreign("CoNLL-2012", r"\s*#begin document ", _conll_2012),
    _foreign("a Git LFS pointer", r"\s*version https://git-lfs", _lfs),
    _foreign(
        "an Excel workbook of XML or HTML",
        r'\s*<.{0,3000}(?:progid="Excel\.Sheet"|urn:schemas-microsoft-com:office:(?:spreadsheet|excel))',
        _always(
            "open it in a spreadsheet program, save the sheet as 'CSV UTF-8', and name that file"
        ),
    ),
    _foreign(
        "HTML",
        r"\s*<(?:!doctype html|html|head|body|table)\b",
        _always(
            "write its texts and their labels as rows of CSV or JSON Lines (docs/reference/data.md)"
        ),
    ),
    _foreign("XML", r"\s*<(?:\?xml|!DOCTYPE)", _always(_NATIVE)),
)


def refuse_foreign(path: Path, start: str) -> None:
    """Refuse a file of a known format that is not read, by name.

    Args:
        path: the file.
        start: its first characters.

    Raises:
        DataError: names the format, and the way that works.
    """
    if holds_spans(start) or TMX.match(start):
        return
    for each in _FOREIGN:
        if each.start.match(start):
            name = each.name if each.name.startswith(("a ", "an ")) else f"a file of {each.name}"
            raise DataError(f"is {name}, which burnish does not read", each.hint(path), file=path)

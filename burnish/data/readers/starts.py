"""Starts: how files of annotated documents begin, by which they are known."""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["BRAT", "BRAT_START", "TEI", "TMX", "WEBANNO", "XMI", "holds_spans", "is_brat_directory"]

WEBANNO = re.compile(r"\s*#FORMAT=WebAnno TSV 3")
XMI = re.compile(r"\s*(?:<.{0,2000})?<xmi:XMI\b", re.DOTALL)
TEI = re.compile(r"\s*(?:<.{0,4000})?<(?:\w+:)?(?:TEI|teiCorpus)[\s>]", re.DOTALL)
TMX = re.compile(r"\s*(?:<.{0,4000})?<tmx[\s>]", re.DOTALL)
BRAT = re.compile(
    r"\s*(?:T\d+\t\S+ \d+ \d+(?:;\d+ \d+)*\t|R\d+\t\S+ Arg1:|[EAM]\d+\t\S+[: ][TER]\d+|"
    r"#\d+\tAnnotatorNotes |\*\tEquiv )"
)
BRAT_START = "T1\tLABEL 0 1\t"
"""What the head of a directory of brat's shows."""


def holds_spans(start: str) -> bool:
    """Whether a file's first characters are those of an annotated document."""
    return any(each.match(start) for each in (WEBANNO, XMI, TEI, BRAT))


def is_brat_directory(path: Path) -> bool:
    """Whether a directory holds brat's pairs: ``.ann`` beside ``.txt``."""
    return path.is_dir() and any(each.with_suffix(".txt").is_file() for each in path.glob("*.ann"))

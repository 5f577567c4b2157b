"""A look through a workbook's parts before a library opens them: size, merges, formulas.

A workbook is a zip archive of XML. openpyxl believes what the archive says about itself, and a
sheet that is read row by row tells of its merged cells only when it has ended.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from burnish.data.packed import bomb_error, limit_of
from burnish.errors import DataError

__all__ = ["Scan", "scan_workbook"]

_CHUNK_BYTES = 1 << 20
_OVERLAP_BYTES = 1 << 15
"""More than a cell has: a formula has at most 8,192 characters."""
_READ = (".xml", ".rels")
_MERGE = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=\"([A-Z]{1,3})(\d+):([A-Z]{1,3})(\d+)\"")
_FORMULA = re.compile(
    rb"""<(?:\w+:)?c\s([^>]*)>\s*
         <(?:\w+:)?f\b[^>]*?(?:/>|>[^<]*</(?:\w+:)?f>)\s*
         (?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>|(?=</(?:\w+:)?c>))""",
    re.VERBOSE,
)
_CELL = re.compile(rb"\br=\"([A-Z]{1,3}\d+)\"")
_ANY_SIZE = 1 << 62


@dataclass(frozen=True, slots=True)
class Scan:
    """What the XML of a sheet says beside its cells."""

    merged: tuple[tuple[str, int, int], ...]
    """Merged cells as ``A1:B2``, their first row and their last."""
    uncalculated: str
    """The first cell whose formula has no result; empty where there is none."""


def scan_workbook(path: Path, archive: zipfile.ZipFile) -> dict[str, Scan]:
    """What is in each sheet of XML, by the name of the archive's member.

    Every part that is read later is unpacked here once, whatever size the archive gives it.

    Raises:
        DataError: the parts unpack to too much, or declare entities.
    """
    left = limit_of(path)
    scans = {}
    for member in archive.infolist():
        if not member.filename.lower().endswith(_READ):
            continue
        merged: set[tuple[str, int, int]] = set()
        uncalculated = ""
        tail = b""
        for chunk in _chunks(archive, member):
            left -= len(chunk)
            if left < 0:
                raise bomb_error(path)
            text = tail + chunk
            if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
                hint = "save it again with a spreadsheet program"
                raise DataError(
                    "declares entities in its XML, as no workbook does", hint, file=path
                )
            merged.update(_merges(text))
            uncalculated = uncalculated or _first_uncalculated(text)
            tail = text[-_OVERLAP_BYTES:]
        scans[member.filename] = Scan(tuple(sorted(merged, key=lambda each: each[1])), uncalculated)
    return scans


def _chunks(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    said = member.file_size
    member.file_size = _ANY_SIZE  # else zipfile reads no further than the archive says
    try:
        with archive.open(member) as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                yield chunk
    finally:
        member.file_size = said


def _merges(text: bytes) -> Iterator[tuple[str, int, int]]:
    for match in _MERGE.finditer(text):
        left, first, right, last = (each.decode("ascii") for each in match.groups())
        yield f"{left}{first}:{right}{last}", int(first), int(last)


def _first_uncalculated(text: bytes) -> str:
    for match in _FORMULA.finditer(text):
        if b't="str"' not in match[1] and (cell := _CELL.search(b" " + match[1])):
            return cell[1].decode("ascii")
    return ""

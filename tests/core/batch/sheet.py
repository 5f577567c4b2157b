"""Cells of a workbook's first sheet, read without a library: strings are written in place."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

__all__ = ["read_sheet"]

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def read_sheet(path: Path) -> list[dict[str, object]]:
    """The rows below the header, as texts, numbers and truths."""
    with zipfile.ZipFile(path) as archive:
        tree = ET.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    header, *rows = tree.iter(f"{_MAIN}row")
    names = {_column(cell): _value(cell) for cell in header}
    return [{str(names[_column(cell)]): _value(cell) for cell in row} for row in rows]


def _column(cell: ET.Element) -> str:
    return cell.attrib["r"].rstrip("0123456789")


def _value(cell: ET.Element) -> object:
    kind = cell.attrib.get("t")
    assert cell.find(f"{_MAIN}f") is None, "a formula"
    if kind == "inlineStr":
        text = "".join(each.text or "" for each in cell.iter(f"{_MAIN}t"))
        return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    text = cell.findtext(f"{_MAIN}v") or ""
    return bool(int(text)) if kind == "b" else float(text)

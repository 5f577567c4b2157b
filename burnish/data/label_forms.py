"""Forms of a label: what a value in a label's cell means, and what only looks like a label."""

from __future__ import annotations

import ast
import math
import re

__all__ = ["NO_LABEL", "bare_label", "is_doubtful", "label_text", "printed_list"]

NO_LABEL = (
    *("nan", "NaN", "NAN", "-nan", "-NaN", "<NA>", "NaT", "None", "NULL", "null", "(null)", r"\N"),
    *("#N/A", "#N/A N/A", "#NA", "#NULL!", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!"),
)
"""What pandas, Python, databases and spreadsheets write where there is no value."""

_DOUBTFUL = {
    *("none", "na", "n/a", "n.a.", "n.a", "nil", "undefined", "missing", "blank", "empty"),
    *("-", "--", "?", ".", "not available", "no label", "unlabelled", "unlabeled", "tbd", "todo"),
}
"""Values that may mean "no label" or be a class; letter case folded."""

_PRINTED = (
    re.compile(r"(?:array\()?\s*\[(.*?)\](?:,\s*dtype=.+)?\)?", re.DOTALL),
    re.compile(r"\((.*,.*)\)", re.DOTALL),
    re.compile(r"\{(\s*['\"].*)\}", re.DOTALL),
)
"""Lists and arrays, tuples (which have a comma), sets of strings."""
_ITEM = re.compile(
    r"""\s*(?:(?P<quoted>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?P<bare>-?\d+|nan|None))\s*(?:,|(?=\s|'|"|$))"""
)
_QUOTES = {'"': '"', "'": "'", "“": "”", "„": "“", "‘": "’", "«": "»", "`": "`"}  # noqa: RUF001


def label_text(value: object) -> str | None:
    """A label as its name: a whole number becomes its digits; empty where there is no value.

    Returns:
        None for what cannot be a label: a fraction, a list, an object.
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():  # a column of whole numbers with gaps
        return str(int(value))
    return str(value).strip() if isinstance(value, str | int) else None


def printed_list(text: str) -> tuple[str, ...] | None:
    """The labels of a list that was printed into a cell: ``['late', 'damaged']``.

    Python's lists, tuples and sets, JSON's lists and NumPy's arrays are known.

    Returns:
        None where the text is not such a list.
    """
    printed = (form.fullmatch(text.strip()) for form in _PRINTED)
    found = next((each for each in printed if each), None)
    if found is None:
        return None
    items, at, body = [], 0, found[1].strip()
    while at < len(body):
        item = _ITEM.match(body, at)
        if item is None:
            return None
        items.append(_literal(item["quoted"]) if item["quoted"] else item["bare"])
        at = item.end()
    return tuple(each.strip() for each in items)


def bare_label(label: str) -> str:
    """The label without quotes that enclose all of it."""
    inner = label[1:-1].strip()
    if len(label) > 2 and _QUOTES.get(label[0]) == label[-1] and inner:
        return inner if label[0] not in inner and label[-1] not in inner else label
    return label


def is_doubtful(label: str) -> bool:
    """Whether a label may well say that there is none, or is a list without quotes."""
    return label.casefold() in _DOUBTFUL or bool(re.fullmatch(r"\[[^\[\]]*\]", label))


def _literal(quoted: str) -> str:
    try:
        value = ast.literal_eval(quoted)
    except (ValueError, SyntaxError):
        return quoted[1:-1]
    return value if isinstance(value, str) else quoted[1:-1]

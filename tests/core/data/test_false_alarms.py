"""Real sets, as far as they lie beside the repository: what a check warns of is really there.

Each alarm (error or warning) is looked at again in another way than the check found it. Rows that
repeat or leak are as many as the set's README states.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from burnish.data import Finding, Place, check_parts, read_rows
from burnish.data.split_record import PartName
from tests.core.data.test_shared_data import SETS, _task, needs_data

PARTS: tuple[PartName, ...] = ("train", "validation", "test")
Rows = dict[tuple[str, int | None], Any]
"""By path and line."""


def _other(place: Place, rows: Rows) -> Any:
    """The row that a detail names."""
    match = re.search(r"(\w+)\.jsonl:(\d+)", place.detail)
    assert match
    return rows[str(Path(place.file).with_name(f"{match[1]}.jsonl")), int(match[2])]


def _text(example: Any) -> str:
    return getattr(example, "text", None) or f"{example.context}"


def _plain(example: Any) -> str:
    whole = getattr(example, "text", None) or f"{example.question} {example.context}"
    return " ".join(whole.lower().split())


def _near(place: Place, rows: Rows) -> bool:
    """Most of the words are the same, in whatever order, or most of the letters in theirs."""
    texts = [_text(each).lower() for each in (rows[place.file, place.line], _other(place, rows))]
    one, other = (Counter(re.findall(r"\w+", text)) for text in texts)
    if 2 * (one & other).total() >= 0.75 * (one.total() + other.total()):
        return True
    return difflib.SequenceMatcher(None, texts[0], texts[1], autojunk=False).ratio() >= 0.8


def _differs(place: Place, rows: Rows) -> bool:
    one, other = rows[place.file, place.line], _other(place, rows)
    return _plain(one) == _plain(other) and one.answer_key != other.answer_key


def _same(place: Place, rows: Rows) -> bool:
    return _plain(rows[place.file, place.line]) == _plain(_other(place, rows))


def _control(place: Place, rows: Rows) -> bool:
    at = int(re.findall(r"\d+", place.detail)[0])
    return unicodedata.category(_text(rows[place.file, place.line])[at]) == "Cc"


def _cut(place: Place, rows: Rows) -> bool:
    start, end = (int(number) for number in re.findall(r"\d+", place.detail)[:2])
    text = _text(rows[place.file, place.line])
    return bool(re.match(r"\w\w", text[start - 1 : start + 1]) if start else False) or bool(
        re.match(r"\w\w", text[end - 1 : end + 1])
    )


def _once(place: Place, rows: Rows) -> bool:
    folder = Path(place.file).parent
    readme = (folder / "README.md").read_text(encoding="utf-8")
    return f"| ent:{place.detail} | 1 |" in readme


LOOKS: dict[str, Callable[[Place, Rows], bool]] = {
    "near-leak": _near,
    "leak": _same,
    "conflicting-labels": _differs,
    "conflicting-answers": _differs,
    "control-character": _control,
    "cut-word": _cut,
    "single-row-label": _once,
}


def _stated(readme: str, line: str) -> dict[str, int]:
    (found,) = re.findall(rf"- {line}.*: \{{(.*)\}}", readme)
    return {name: int(count) for name, count in re.findall(r"'([\w~]+)': (\d+)", found)}


def _lines(findings: dict[Any, Finding], kind: str, file: Path) -> set[int | None]:
    rows = findings[kind].rows if kind in findings else ()
    return {row.line for row in rows if row.file == str(file)}


@needs_data
@pytest.mark.parametrize("directory", SETS, ids=lambda each: each.name)
def test_what_is_warned_of_is_really_there(directory: Path) -> None:
    files = {part: directory / f"{part}.jsonl" for part in PARTS}
    parts = {part: read_rows(file, _task(directory) or "") for part, file in files.items()}
    rows: Rows = {
        (str(files[part]), int(example.id.rpartition(":")[2])): example
        for part in PARTS
        for example in parts[part].examples
    }
    report = check_parts(parts)
    found = {finding.kind: finding for finding in report.findings}
    alarms = [each for each in report.findings if each.severity != "note"]
    assert {alarm.kind for alarm in alarms} <= set(LOOKS)
    for alarm in alarms:
        wrong = [str(place) for place in alarm.rows if not LOOKS[alarm.kind](place, rows)]
        assert not wrong, alarm.kind
    readme = (directory / "README.md").read_text(encoding="utf-8")
    across = _stated(readme, "rows of the second split")
    for part, count in _stated(readme, "exact duplicates").items():
        repeated = _lines(found, "duplicate", files[part])  # type: ignore[index]
        answers = "conflicting-answers" if "conflicting-answers" in found else "conflicting-labels"
        differing = _lines(found, answers, files[part])  # type: ignore[index]
        assert len(repeated) <= count <= len(repeated | differing)
    assert len(_lines(found, "leak", files["validation"])) == across["train~validation"]
    both = across["train~test"], across["validation~test"]
    assert max(both) <= len(_lines(found, "leak", files["test"])) <= sum(both)

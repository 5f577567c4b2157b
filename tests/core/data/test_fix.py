"""Fixing: what is certain is fixed, offsets follow, every touched row is logged, without text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from burnish.data import Columns, read_rows
from burnish.data.checking import check_files
from burnish.data.edits import certain_edits
from burnish.data.fix import fix_file
from burnish.errors import UsageError
from tests.core.data.planting import clean_rows, plant, write_files
from tests.core.data.rows_file import write, write_jsonl
from tests.core.data.seeded_faults import FAULTS
from tests.disk import Disk


def _fixed(path: Path, task: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    done = fix_file(path, task, columns=Columns(), out=path.with_name("clean.jsonl"))
    read = [done.path.read_text(encoding="utf-8"), done.log.read_text(encoding="utf-8")]
    rows, log = ([json.loads(line) for line in text.splitlines()] for text in read)
    return rows, log


def test_texts_labels_and_repeats_are_fixed(tmp_path: Path) -> None:
    content = [
        {"text": " My cafÃ© card\x07 ", "label": "billing", "kept": 1},
        {"text": "Two", "label": "billing"},
        {"text": "two", "label": "billing"},
        {"text": "Three", "label": "Billing "},
        {"text": "  ", "label": "billing"},
    ]
    rows, log = _fixed(write_jsonl(tmp_path / "rows.jsonl", content), "classification")
    assert rows == [
        {"text": "My café card", "label": "billing", "kept": 1},
        {"text": "Two", "label": "billing"},
        {"text": "Three", "label": "billing"},
    ]
    assert {(each["row"], each["action"], each["kind"]) for each in log} == {
        ("rows.jsonl:1", "changed", "mojibake"),
        ("rows.jsonl:1", "changed", "control-character"),
        ("rows.jsonl:1", "changed", "whitespace"),
        ("rows.jsonl:3", "removed", "duplicate"),
        ("rows.jsonl:4", "changed", "labels-alike"),
        ("rows.jsonl:5", "removed", "empty-text"),
    }
    assert "card" not in json.dumps(log)


def test_offsets_follow_the_edits_of_their_text(tmp_path: Path) -> None:
    text = "  MÃ¼ller meets Ada in cafÃ© Roma "
    spans = [(2, 9), (15, 19), (23, 33)]
    entities = [{"start": s, "end": e, "label": "X"} for s, e in spans]
    path = write_jsonl(tmp_path / "rows.jsonl", [{"text": text, "entities": entities}])
    (row,), _ = _fixed(path, "extraction")
    assert row["text"] == "Müller meets Ada in café Roma"
    covered = [row["text"][e["start"] : e["end"]] for e in row["entities"]]
    assert covered == ["Müller", "Ada", "café Roma"]


def test_a_text_whose_entity_begins_inside_a_damaged_character_is_left(tmp_path: Path) -> None:
    content = [{"text": "MÃ¼ller", "entities": [{"start": 2, "end": 7, "label": "X"}]}]
    rows, _ = _fixed(write_jsonl(tmp_path / "rows.jsonl", content), "extraction")
    assert rows == content


def test_a_control_character_that_windows_has_a_sign_for_becomes_it(tmp_path: Path) -> None:
    content = [{"text": "don\x92t \x81stop", "label": "a"}, {"text": "b", "label": "b"}]
    rows, log = _fixed(write_jsonl(tmp_path / "rows.jsonl", content), "classification")
    assert rows[0]["text"] == "don\u2019t stop"
    assert {each["kind"] for each in log} == {"control-character"}


def test_offsets_of_what_stands_there_once_are_corrected(tmp_path: Path) -> None:
    entity = {"start": 0, "end": 5, "label": "PLACE", "text": "Leeds"}
    content = [{"text": "Ada lives in Leeds.", "entities": [entity, entity]}]
    (row,), log = _fixed(write_jsonl(tmp_path / "rows.jsonl", content), "extraction")
    assert row["entities"] == [{**entity, "start": 13, "end": 18}]
    assert "entity-text-mismatch" in {each["kind"] for each in log}
    answers = [{"text": "1932", "start": 3}]
    asked = [{"context": "It was 1932.", "question": "When?", "answers": answers}]
    other = tmp_path / "qa"
    other.mkdir()
    (row,), _ = _fixed(write_jsonl(other / "rows.jsonl", asked), "qa")
    assert row["answers"] == [{"text": "1932", "start": 7}]


def test_what_has_no_certain_fix_is_left_and_logged(tmp_path: Path) -> None:
    content = [
        {"text": "A city.", "entities": [{"start": 2, "end": 90, "label": "X"}]},
        {"text": "A town.", "entities": []},
    ]
    rows, log = _fixed(write_jsonl(tmp_path / "rows.jsonl", content), "extraction")
    assert rows == content
    assert [(each["action"], each["kind"]) for each in log] == [("left", "span-outside-text")]


def test_an_entity_of_other_words_keeps_them_where_the_right_offset_is_unknown(tmp_path) -> None:
    entity = {"start": 0, "end": 3, "label": "X", "text": "Tom"}
    content = [{"text": "Ada lives in Leeds.", "entities": [entity]}]
    rows, log = _fixed(write_jsonl(tmp_path / "rows.jsonl", content), "extraction")
    assert rows == content
    assert [(each["action"], each["kind"]) for each in log] == [("left", "entity-text-mismatch")]


def test_a_table_becomes_json_lines_with_all_its_columns(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.csv", "text,label,case\nA b,x,7\nC d ,y,8\n\n")
    rows, _ = _fixed(path, "classification")
    assert rows == [
        {"text": "A b", "label": "x", "case": "7"},
        {"text": "C d", "label": "y", "case": "8"},
    ]


def test_a_copy_is_never_written_over_a_file(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "rows.jsonl", [{"text": "A b", "label": "x"}])
    with pytest.raises(UsageError, match="exists already"):
        fix_file(path, "classification", columns=Columns(), out=path)
    with pytest.raises(UsageError, match="JSON Lines"):
        fix_file(path, "classification", columns=Columns(), out=tmp_path / "rows.csv")
    assert [each.name for each in tmp_path.iterdir()] == ["rows.jsonl"]


MENDED = {
    "duplicate": "duplicate",
    "label in another form": "labels-alike",
    "mojibake": "mojibake",
    "mojibake twice": "mojibake",
    "control character": "control-character",
    "empty text": "empty-text",
    "blank line": "blank-line",
    "loose entity": "span-whitespace",
}


@pytest.mark.parametrize("name", MENDED)
def test_a_planted_fault_that_has_a_fix_is_gone_from_the_copy(name: str, tmp_path: Path) -> None:
    fault = FAULTS[name]
    for seed in range(3):
        folder = tmp_path / str(seed)
        folder.mkdir()
        files = write_files(plant(fault, clean_rows(fault.task), seed), folder)
        done = fix_file(files["train"], fault.task, columns=Columns(), out=folder / "clean.jsonl")
        assert {touch.kind for touch in done.touches} == {MENDED[name]}
        report = check_files(fault.task, Columns(), files={"train": done.path}).report
        assert fault.kind not in {finding.kind for finding in report.findings}


@pytest.mark.parametrize("task", ["classification", "extraction", "qa"])
def test_clean_rows_are_copied_as_they_are(task: str, tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "rows.jsonl", clean_rows(task))
    done = fix_file(path, task, columns=Columns(), out=tmp_path / "clean.jsonl")
    assert done.touches == ()
    assert read_rows(done.path, task).examples[5].digest == read_rows(path, task).examples[5].digest


def test_an_edited_text_says_where_each_offset_went() -> None:
    edited = certain_edits(" aÃ©b\x07c ")
    assert edited.text == "aébc"
    assert [edited.moved(offset) for offset in (1, 2, 4, 5, 6, 7)] == [0, 1, 2, 3, 3, 4]


def test_fixed_rows_and_their_log_are_on_the_disk_before_they_have_their_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_jsonl(tmp_path / "rows.jsonl", [{"text": " a ", "label": "b"}])
    disk = Disk.watched(monkeypatch)
    done = fix_file(path, "classification", columns=Columns(), out=tmp_path / "clean.jsonl")
    assert set(disk.renamed) == {done.path, done.log}
    assert (disk.unsynced, disk.unsynced_names) == ([], set())

"""What a form cannot hold is refused by name, and nothing is left behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from burnish.data.writers import WRITERS, NotedRow, Project, check_form, check_output
from burnish.errors import DataError, UsageError
from burnish.tasks.marks import LabelMark, Marks, SpanMark
from burnish.tasks.shapes import Shape

SPANS = Project(shape=Shape.SPANS)


def _row(text: str, *spans: SpanMark) -> NotedRow:
    return NotedRow(id="r.csv:2", text=text, marks=Marks(spans=spans))


@pytest.mark.parametrize(
    ("forms", "row", "message"),
    [
        (
            ("conll", "tei"),
            _row("Ana Silva", SpanMark(0, 9, "PER"), SpanMark(0, 3, "PER")),
            "entities 0-3 'PER' and 0-9 'PER' overlap",
        ),
        (
            ("conll", "webanno"),
            _row("Ana left", SpanMark(0, 4, "PER")),
            "the entity 0-4 'PER' begins or ends with white space",
        ),
        (("conll", "webanno"), _row(" \n"), "the text has no words"),
        (
            ("conll", "tei", "brat"),
            _row("Ana left", SpanMark(0, 3, "a person")),
            "'a person'",
        ),
        (("tei", "brat", "conll", "webanno"), _row("Ana\x00left"), "holds the character U+0000"),
        (("brat",), _row("a\nb", SpanMark(0, 2, "P")), "begins or ends with a line break"),
        (("brat", "conll"), _row("\ufeffAna"), "begins with a byte order mark"),
        (("conll",), _row("\n\ufeffAna"), "begins with a byte order mark"),
        (tuple(WRITERS), _row("Ana", SpanMark(0, 4, "P")), "from 0 to 4 is outside the text"),
        (tuple(WRITERS), _row("Ana \ud83d"), "half of a surrogate pair at character 4"),
    ],
)
def test_a_row_that_a_form_cannot_hold_is_named(
    tmp_path: Path, forms: tuple[str, ...], row: NotedRow, message: str
) -> None:
    for name in forms:
        form = WRITERS[name]
        rows = iter([_row("Tom left."), row])
        with pytest.raises(DataError) as caught:
            form.write(rows, tmp_path / f"out{form.suffix}", project=SPANS)
        assert message in caught.value.reason
        assert caught.value.row == "r.csv:2"
        assert caught.value.hint
        assert list(tmp_path.iterdir()) == []


def test_a_file_stands_as_it_did_where_the_rows_end_with_an_error(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text("before\n")

    def rows() -> Iterator[NotedRow]:
        yield _row("Tom left.")
        raise OSError("the model has gone")

    with pytest.raises(OSError, match="the model has gone"):
        WRITERS["doccano"].write(rows(), path, project=SPANS)
    assert path.read_text() == "before\n"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("name", "task", "message"),
    [
        ("excel", "extraction", "there is no form 'excel'"),
        ("brat", "classification", r"brat's form \(brat\) cannot hold the answers of task class"),
        ("doccano", "qa", "the answers of task qa cannot be written as doccano"),
        ("doccano", "pairs", "the answers of task pairs cannot be written as doccano"),
    ],
)
def test_a_form_that_cannot_hold_a_task_is_refused(name: str, task: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        check_form(name, task)
    assert caught.value.hint


def test_an_output_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    check_output("webanno", tmp_path / "a.tsv")
    check_output("brat", tmp_path)
    with pytest.raises(UsageError, match=r"WebAnno TSV's form is a \.tsv file"):
        check_output("webanno", tmp_path / "a.jsonl")
    with pytest.raises(UsageError, match="brat's form needs a new directory"):
        check_output("brat", None)
    (tmp_path / "mine").write_text("kept")
    with pytest.raises(UsageError, match="is not empty"):
        check_output("brat", tmp_path)


def test_scores_are_written_where_a_tool_keeps_them(tmp_path: Path) -> None:
    row = _row("Ana left", SpanMark(0, 3, "persName", 0.91234))
    written = {}
    for name, form in WRITERS.items():
        path = tmp_path / f"{name}{form.suffix}"
        form.write([row], path, project=SPANS)
        files = sorted(path.iterdir()) if path.is_dir() else [path]
        written[name] = "".join(each.read_text(encoding="utf-8") for each in files)
    assert '"score": 0.91234' in written["label-studio"]
    assert '"score": 0.91234' in written["prodigy"]
    assert '<persName cert="0.9123">Ana</persName>' in written["tei"]
    assert "#1\tAnnotatorNotes T1\t0.9123" in written["brat"]


def test_a_choice_has_every_label_that_the_project_names(tmp_path: Path) -> None:
    project = Project(shape=Shape.LABELS, labels=("a", "b", "c"))
    row = NotedRow(id="r:1", text="T.", marks=Marks(labels=(LabelMark("b", 0.7),)))
    path = tmp_path / "a.jsonl"
    WRITERS["prodigy"].write([row], path, project=project)
    assert '"options": [{"id": "a", "text": "a"}, {"id": "b"' in path.read_text()
    assert '"accept": ["b"]' in path.read_text()

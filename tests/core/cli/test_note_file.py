"""`burnish predict --as`: answers as a labelling tool imports them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from burnish.data import ExtractionExample, read_rows
from tests.core.data.rows_file import write_jsonl

TEXTS = ["anna was 😊 in paris.", "my e\u0301 café in berlin.", "the week"]
SUFFIXES = {
    "label-studio": ".json",
    "doccano": ".jsonl",
    "prodigy": ".jsonl",
    "conll": ".conll",
    "webanno": ".tsv",
    "tei": ".xml",
    "brat": "",
}


def rows_file(folder: Path, texts: list[object] = [*TEXTS]) -> Path:  # noqa: B006  never changed
    return write_jsonl(folder / "letters.jsonl", [{"text": text} for text in texts])


@pytest.mark.parametrize("form", [form for form in SUFFIXES if form != "label-studio"])
def test_the_tool_reads_the_entities_that_predict_gives(shell, bundles, tmp_path, form) -> None:
    rows, out = rows_file(tmp_path), tmp_path / f"out{SUFFIXES[form]}"
    bundle = bundles["extraction"]
    done = shell("predict", bundle, rows, "--as", form, "-o", out)
    assert done.code == 0, done.notes
    assert done.out == f"{out}: 3 texts\n"
    answers = [
        [(text[e["start"] : e["end"]], e["label"]) for e in answer["entities"]]
        for text, answer in zip(TEXTS, shell("predict", bundle, rows).lines, strict=True)
    ]
    assert any(answers)
    found = [
        [(row.text[span.start : span.end], span.label) for span in row.entities]
        for row in read_rows(out, "extraction").examples
        if isinstance(row, ExtractionExample)
    ]
    assert found == answers, "in the order of the input"


def test_label_studio_gets_labels_as_predictions(shell, bundles, tmp_path: Path) -> None:
    rows, out = rows_file(tmp_path), tmp_path / "tasks.json"
    bundle = bundles["classification"]
    assert shell("predict", bundle, rows, "--as", "label-studio", "-o", out).code == 0
    labels = [answer["labels"] for answer in shell("predict", bundle, rows).lines]
    tasks = json.loads(out.read_text(encoding="utf-8"))
    assert [each["predictions"][0]["result"][0]["value"]["choices"] for each in tasks] == labels


def test_a_row_without_an_answer_is_left_out_named_and_counted(shell, bundles, tmp_path) -> None:
    rows, out = rows_file(tmp_path, ["my invoice", 7, "my parcel"]), tmp_path / "out.jsonl"
    done = shell("predict", bundles["classification"], rows, "--as", "doccano", "-o", out)
    assert done.code == 1
    assert "row 2 is left out: " in done.notes
    assert "1 of 3 rows could not be answered" in done.notes
    assert len(out.read_text(encoding="utf-8").splitlines()) == 2


def test_an_output_is_replaced_only_where_that_is_asked(shell, bundles, tmp_path: Path) -> None:
    rows, out = rows_file(tmp_path), tmp_path / "out.jsonl"
    out.write_text("mine")
    words = ("predict", bundles["classification"], rows, "--as", "doccano", "-o", out)
    refused = shell(*words)
    assert (refused.code, out.read_text()) == (2, "mine")
    assert "--replace" in refused.notes
    assert shell(*words, "--replace").code == 0
    assert len(out.read_text().splitlines()) == 3


@pytest.mark.parametrize(
    ("task", "words", "message"),
    [
        ("extraction", ("--as", "tei"), "say which: -o tasks.xml"),
        ("extraction", ("--as", "tei", "-o", "a.json"), "TEI's form is a .xml file"),
        ("extraction", ("--as", "tei", "-o", "a.xml", "--resume"), "written in one go"),
        ("extraction", ("--as", "tei", "-o", "no/a.xml"), "is not a directory"),
        ("classification", ("--as", "brat", "-o", "new"), "cannot hold the answers of task"),
        ("qa", ("--as", "doccano", "-o", "a.jsonl"), "cannot be written as doccano"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_written(
    shell, bundles, tmp_path: Path, monkeypatch, task: str, words: tuple[str, ...], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = shell("predict", bundles[task], rows_file(tmp_path), *words)
    assert done.code == 2
    assert message in done.notes
    assert [each.name for each in tmp_path.iterdir()] == ["letters.jsonl"]

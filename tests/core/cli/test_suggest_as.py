"""`burnish suggest --as`: rows for a labelling tool, with the answers of a bundle."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from burnish.data import ExtractionExample, read_rows
from tests.core.data.rows_file import write_jsonl

TEXTS = ["anna was 😊 in paris.", "my e\u0301 café in berlin.", "the week"]


def _unlabelled(folder: Path) -> Path:
    return write_jsonl(folder / "new.jsonl", [{"text": text} for text in TEXTS])


@pytest.mark.parametrize("form", ["doccano", "webanno", "tei", "brat", "conll", "prodigy"])
def test_entities_are_those_that_predict_gives(shell, bundles, tmp_path: Path, form: str) -> None:
    rows = _unlabelled(tmp_path)
    suffix = {"doccano": ".jsonl", "prodigy": ".jsonl", "tei": ".xml", "webanno": ".tsv"}
    out = tmp_path / f"out{suffix.get(form, '.conll' if form == 'conll' else '')}"
    bundle = bundles["extraction"]
    done = shell("suggest", rows, "--bundle", bundle, "-n", 3, "--as", form, "--out", out)
    assert done.code == 0
    assert "3 rows to label next" in done.out
    answers = [
        {(text[e["start"] : e["end"]], e["label"]) for e in answer["entities"]}
        for text, answer in zip(TEXTS, shell("predict", bundle, rows).lines, strict=True)
    ]
    assert any(answers)
    read = read_rows(out, "extraction").examples
    found = [
        {(row.text[s.start : s.end], s.label) for s in row.entities}
        for row in read
        if isinstance(row, ExtractionExample)
    ]
    assert sorted(map(sorted, found)) == sorted(map(sorted, answers))


def test_label_studio_gets_predictions_with_the_models_name(shell, bundles, tmp_path: Path) -> None:
    out, bundle = tmp_path / "tasks.json", bundles["classification"]
    rows = _unlabelled(tmp_path)
    done = shell("suggest", rows, "--bundle", bundle, "-n", 2, "--as", "label-studio", "--out", out)
    assert done.code == 0
    tasks = json.loads(out.read_text(encoding="utf-8"))
    assert len(tasks) == 2
    for task in tasks:
        assert task["data"]["id"].startswith("new.jsonl:")
        (prediction,) = task["predictions"]
        assert prediction["model_version"]


@pytest.mark.parametrize(
    ("task", "words", "message"),
    [
        ("extraction", ("--as", "tei"), "TEI's form needs a file"),
        ("extraction", ("--as", "tei", "--out", "a.json"), "TEI's form is a .xml file"),
        ("classification", ("--as", "brat", "--out", "new"), "cannot hold the answers of task"),
        ("qa", ("--as", "doccano", "--out", "a.jsonl"), "cannot be written as doccano"),
    ],
)
def test_what_does_not_fit_is_refused_before_any_work(
    shell, bundles, tmp_path: Path, monkeypatch, task: str, words: tuple[str, ...], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = shell("suggest", _unlabelled(tmp_path), "--bundle", bundles[task], *words)
    assert done.code == 2
    assert message in done.notes
    assert [each.name for each in tmp_path.iterdir()] == ["new.jsonl"]

"""`burnish evaluate`: scores of a bundle, and rows that cannot be scored."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from burnish.data import sample_path
from tests.tiny_onnx import tiny_bundle

TICKETS = "text,label\nmy invoice,billing\nmy parcel,delivery\nthe courier,billing\nhello,other\n"


def test_evaluate_scores_a_bundle(shell, bundles, tmp_path: Path) -> None:
    file = tmp_path / "tickets.csv"
    file.write_text(TICKETS)
    done = shell("evaluate", bundles["classification"], file, "--json")
    assert done.code == 0
    assert done.document["metrics"]["accuracy"] == 0.75
    assert done.document["rows"] == 4
    assert done.document["labels"]["billing"]["support"] == 2


def test_evaluate_says_whether_the_promise_holds(shell, tmp_path: Path) -> None:
    bundle = tiny_bundle(tmp_path / "b", abstain_below=0.9)
    file = tmp_path / "tickets.csv"
    file.write_text("text,label\ninvoice,billing\ncard,other\nmy it was,other\n")
    said = shell("evaluate", bundle, file, "--json").document["abstention"]
    assert (said["claims"], said["answered"], said["wrong"]) == (3, 2, 1)
    told = shell("evaluate", bundle, file).out
    assert "not marked as abstained: 2 of 3 texts, 1 of them wrong (50.0 %)" in told


def test_evaluate_prints_a_table(shell, bundles, tmp_path: Path) -> None:
    file = tmp_path / "tickets.csv"
    file.write_text(TICKETS)
    done = shell("evaluate", bundles["classification"], file)
    lines = done.out.splitlines()
    assert lines[0] == "metric    tickets.csv (4 rows)"
    assert lines[1].startswith("accuracy  0.750 [")
    assert "label     precision  recall  f1     rows" in lines
    assert "billing  delivery       1" in lines
    assert lines[-1].startswith("calibration error: 0.")


@pytest.mark.parametrize("task", ["extraction", "qa"])
def test_evaluate_scores_a_bundle_of_the_other_tasks(shell, bundles, tmp_path, task: str) -> None:
    rows = {
        "extraction": '{"text": "anna was in paris", "entities": '
        '[{"start": 0, "end": 4, "label": "person"}, {"start": 12, "end": 17, "label": "place"}]}',
        "qa": '{"context": "that week has seven days", "question": "days?", '
        '"answers": [{"text": "seven", "start": 14}]}',
    }
    file = tmp_path / "rows.jsonl"
    file.write_text(rows[task] + "\n")
    done = shell("evaluate", bundles[task], file, "--json")
    assert done.document["metrics"]["f1"] == 1.0


def _tickets(path: Path, *labels: str) -> Path:
    rows = [f"my invoice {n},{label}" for n, label in enumerate(labels)]
    path.write_text("\n".join(["text,label", *rows]))
    return path


def test_evaluate_scores_the_rows_whose_labels_are_known(shell, bundles, tmp_path: Path) -> None:
    file = _tickets(tmp_path / "t.csv", "billing", "refund", "billing", "refund", "fraud")
    done = shell("evaluate", bundles["classification"], file, "--json")
    assert done.code == 1
    assert done.document["rows"] == 2
    assert done.document["metrics"]["accuracy"] == 1.0
    assert done.document["unknown_labels"] == {"refund": 2, "fraud": 1}
    told = shell("evaluate", bundles["classification"], file).out
    assert (
        "not scored, because the model does not know these labels (rows): refund (2), fraud (1)"
        in (told)
    )


def test_evaluate_strictly_refuses_labels_that_are_not_known(shell, bundles, tmp_path) -> None:
    file = _tickets(tmp_path / "t.csv", "billing", "refund")
    done = shell("evaluate", bundles["classification"], file, "--strict")
    assert (done.code, done.out) == (1, "")
    assert "t.csv:3: the model does not know the label 'refund'; 1 row holds such" in done.notes
    known = _tickets(tmp_path / "k.csv", "billing")
    assert shell("evaluate", bundles["classification"], known, "--strict").code == 0


def test_evaluate_refuses_a_file_without_a_row_to_score(shell, bundles, tmp_path) -> None:
    file = _tickets(tmp_path / "t.csv", "Billing", "BILLING")
    done = shell("evaluate", bundles["classification"], file)
    assert (done.code, done.out) == (1, "")
    assert "the model knows no label of these rows" in done.notes
    assert "did you mean 'billing'?" in done.notes


def test_evaluate_counts_entities_of_types_that_are_not_known(shell, bundles, tmp_path) -> None:
    row = {"text": "anna was in paris"}
    spans = [{"start": 0, "end": 4, "label": "person"}], [{"start": 0, "end": 4, "label": "who"}]
    file = tmp_path / "rows.jsonl"
    file.write_text("".join(json.dumps({**row, "entities": each}) + "\n" for each in spans))
    done = shell("evaluate", bundles["extraction"], file, "--json")
    assert (done.code, done.document["rows"]) == (1, 1)
    assert done.document["unknown_labels"] == {"who": 1}


def test_evaluate_measures_rows_out_of_scope(shell, bundles, tmp_path: Path) -> None:
    file = _tickets(tmp_path / "t.csv", "billing", "other", "billing", "other", "other")
    words = ("evaluate", bundles["classification"], file, "--out-of-scope", "other")
    done = shell(*words, "--json")
    assert (done.code, done.document["rows"]) == (0, 2)
    found = done.document["out_of_scope"]
    assert (found["label"], found["rows"]) == ("other", 3)
    assert 0 <= found["auroc"] <= 1
    assert found["coverage"] == {"in_scope": 1.0, "out_of_scope": 1.0}
    plain = shell(*words).out
    assert "out of scope: 3 rows of the label 'other'" in plain
    assert shell(*words, "--strict").code == 0


def test_evaluate_scores_a_question_that_is_too_long_as_unanswered(shell, bundles, tmp_path):
    file = tmp_path / "rows.jsonl"
    row = {"context": "that week has seven days", "answers": [{"text": "seven", "start": 14}]}
    questions = ("days?", "days " * 40)
    file.write_text("".join(json.dumps({**row, "question": q}) + "\n" for q in questions))
    done = shell("evaluate", bundles["qa"], file, "--json")
    assert done.document["metrics"]["f1"] == 0.5


def test_evaluate_does_not_score_a_model_that_is_at_fault(shell, tmp_path: Path) -> None:
    bundle = tiny_bundle(tmp_path / "qa", "qa", poison="week")
    file = tmp_path / "rows.jsonl"
    row = {"context": "that week has seven days", "question": "days?", "answers": []}
    file.write_text(json.dumps(row) + "\n")
    done = shell("evaluate", bundle, file)
    assert (done.code, done.out) == (1, "")
    assert "rows.jsonl:1: the model's numbers for this text are not finite" in done.notes


def test_evaluate_refuses_rows_of_another_task(shell, bundles) -> None:
    done = shell("evaluate", bundles["qa"], sample_path("tickets"))
    assert done.code == 1
    assert done.out == ""


def test_evaluate_refuses_what_is_neither_run_nor_bundle(shell, tmp_path: Path) -> None:
    done = shell("evaluate", tmp_path, sample_path("tickets"))
    assert done.code == 2
    assert "neither a run (record.json) nor a bundle (manifest.json)" in done.notes

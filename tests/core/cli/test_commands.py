"""The commands that need no training: init, check, evaluate on a bundle, bench, doctor."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from burnish.cli import checkup
from burnish.cli.checkup import Finding
from burnish.cli.rows import guess_task
from burnish.data import SAMPLES, sample_path
from burnish.tasks.table import TASKS
from tests.tiny_onnx import tiny_bundle

TICKETS = "text,label\nmy invoice,billing\nmy parcel,delivery\nthe courier,billing\nhello,other\n"


@pytest.mark.parametrize("task", TASKS)
def test_init_writes_a_recipe_to_standard_output(shell, task: str) -> None:
    done = shell("init", task)
    assert (done.code, done.notes) == (0, "")
    assert yaml.safe_load(done.out)["task"] == task


def test_init_makes_the_directory_of_its_file(shell, tmp_path: Path) -> None:
    file = tmp_path / "recipes" / "new" / "qa.yaml"
    assert shell("init", "qa", "-o", file).notes == f"wrote {file}; next: burnish train {file}\n"
    assert file.read_text().startswith("#")


def test_init_writes_a_file_and_leaves_an_old_one_alone(shell, tmp_path: Path) -> None:
    file = tmp_path / "r.yaml"
    assert shell("init", "qa", "-o", file).notes == f"wrote {file}; next: burnish train {file}\n"
    again = shell("init", "qa", "-o", file)
    assert (again.code, again.notes) == (
        2,
        f"error: {file} exists already\n  choose another name\n",
    )


@pytest.mark.parametrize(
    ("name", "task"), list(zip(SAMPLES, ("classification", "extraction", "qa"), strict=True))
)
def test_check_knows_what_a_file_is_for(shell, name: str, task: str) -> None:
    done = shell("check", sample_path(name), "--quick", "--json")
    assert (done.code, done.notes) == (0, "")
    assert done.document["task"] == task
    assert done.document["ok"] is True


@pytest.mark.parametrize(
    ("name", "content", "task"),
    [
        ("a.conll", "EU B-ORG\n", "extraction"),
        ("a.jsonl", '{"tokens": ["a"], "ner_tags": ["O"]}\n', "extraction"),
        ("a.json", '{\n "version": "v2.0",\n "data": []}', "qa"),
        ("a.json", '{"version": "v2.0", "data": [', "qa"),
        ("a.csv", "text,label\n", "classification"),
        ("a.jsonl", "", "classification"),
        ("a.jsonl", "[" * 100_000, "classification"),
    ],
)
def test_a_files_task_is_guessed_from_its_first_row(tmp_path, name, content, task: str) -> None:
    file = tmp_path / name
    file.write_text(content)
    assert guess_task(file) == task


def test_check_says_no_to_rows_of_one_label(shell, tmp_path: Path) -> None:
    file = tmp_path / "one.csv"
    file.write_text("text,label\na b,x\nc d,x\n")
    done = shell("check", file, "--quick")
    assert done.code == 1
    assert "error: nothing-to-learn: all rows have one label [one.csv:2]\n" in done.out


def test_check_names_file_line_and_fix(shell, tmp_path: Path) -> None:
    file = tmp_path / "gap.csv"
    file.write_text("text,label\na b,x\nc d,\n")
    done = shell("check", file, "--quick")
    assert (done.code, done.notes) == (1, "")
    named = "no-label: 1 row has no label [gap.csv:3]\n  label them"
    assert named in done.out


def test_a_finding_in_json_has_its_fix_under_the_name_of_an_older_version_too(
    shell, tmp_path: Path
) -> None:
    file = tmp_path / "gap.csv"
    file.write_text("text,label\na b,x\nc d,\n")
    found = shell("check", file, "--quick", "--json").document["findings"]
    assert found
    assert all(each["fix"] and each["mend"] == each["fix"] for each in found)


def test_check_takes_other_column_names(shell, tmp_path: Path) -> None:
    file = tmp_path / "mails.csv"
    file.write_text("body;team\na b;x\nc d;y\n")
    done = shell("check", file, "--text", "body", "--label", "team", "--quick", "--json")
    assert done.document["labels"] == {"x": 1, "y": 1}


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


SUBGROUPS: dict[str, dict[str, object]] = {
    "classification": {"text": "my invoice", "label": "billing"},
    "extraction": {
        "text": "anna was in paris",
        "entities": [{"start": 0, "end": 4, "label": "person"}],
    },
    "qa": {
        "context": "that week has seven days",
        "question": "days?",
        "answers": [{"text": "seven", "start": 14}],
    },
}


def _with_sites(file: Path, task: str) -> Path:
    """Ten rows of the north, ten of nowhere, nine of the south."""
    sites = [*["north"] * 10, *[""] * 10, *["south"] * 9]
    file.write_text("".join(json.dumps({**SUBGROUPS[task], "site": s}) + "\n" for s in sites))
    return file


@pytest.mark.parametrize("task", TASKS)
def test_evaluate_scores_each_subgroup_of_a_column(shell, bundles, tmp_path, task: str) -> None:
    file = _with_sites(tmp_path / "rows.jsonl", task)
    done = shell("evaluate", bundles[task], file, "--subgroup", "site", "--json")
    (report,) = done.document["subgroups"]
    assert (report["column"], report["part"]) == ("site", "rows.jsonl")
    assert report["metric"] in done.document["metrics"]
    assert [(each["name"], each["rows"], each["compared"]) for each in report["subgroups"]] == [
        ("north", 10, True),
        ("not given", 10, True),
        ("south", 9, False),
    ]
    assert all(each["low"] <= each["score"] <= each["high"] for each in report["subgroups"])
    assert report["low"] <= report["gap"] == 0 <= report["high"]
    plain = shell("evaluate", bundles[task], file, "--json").document
    assert plain == {**done.document, "subgroups": []}


def test_evaluate_prints_a_table_of_each_column(shell, bundles, tmp_path: Path) -> None:
    file = tmp_path / "tickets.csv"
    pair = ("my invoice,billing,a", "the courier,billing,b")
    rows = [f"{pair[index % 2]},{index // 20}" for index in range(24)]
    file.write_text("\n".join(["text,label,site,late", *rows]))
    named = ("--subgroup", "site", "--subgroup", "late")
    done = shell("evaluate", bundles["classification"], file, *named)
    lines = done.out.splitlines()
    head = lines.index("site  rows  accuracy")
    assert lines[head - 1] == ""
    assert lines[head + 1 : head + 3] == [
        "a       12  1.000 [0.758, 1.000]",
        "b       12  0.000 [0.000, 0.242]",
    ]
    assert lines[head + 3].startswith("site: largest difference 1.000 [0.")
    assert lines[head + 4 :] == [
        "",
        "late              rows  accuracy",
        "0                   20  0.500 [0.299, 0.701]",
        "1 (not compared)     4  0.500 [0.150, 0.850]",
        "late: fewer than two subgroups have enough rows",
    ]


def test_evaluate_scores_the_combinations_of_two_columns(shell, bundles, tmp_path: Path) -> None:
    file = tmp_path / "tickets.csv"
    rows = [f"my invoice,billing,{'fm'[n % 2]},{n // 20}" for n in range(40)]
    file.write_text("\n".join(["text,label,sex,late", *rows]))
    done = shell("evaluate", bundles["classification"], file, "--subgroup", "sex+late", "--json")
    (report,) = done.document["subgroups"]
    assert report["column"] == "sex+late"
    counts = {each["name"]: each["rows"] for each in report["subgroups"]}
    assert counts == {"f, 0": 10, "f, 1": 10, "m, 0": 10, "m, 1": 10}


def test_evaluate_names_the_column_that_is_not_there(shell, bundles, tmp_path: Path) -> None:
    file = tmp_path / "tickets.csv"
    file.write_text("text,label,site\nmy invoice,billing,a\n")
    done = shell("evaluate", bundles["classification"], file, "--subgroup", "sites")
    assert (done.code, done.out) == (1, "")
    assert "tickets.csv:1: there is no column 'sites'; there are: 'text', 'label', 'site'" in (
        done.notes
    )
    assert "rename the column, or name another: --subgroup site" in done.notes


@pytest.mark.parametrize("names", [("a", "a"), ("",)])
def test_evaluate_takes_a_column_once(shell, bundles, names) -> None:
    named = [word for name in names for word in ("--subgroup", name)]
    done = shell("evaluate", bundles["classification"], "nowhere.csv", *named)
    assert (done.code, done.out) == (2, "")
    assert "--subgroup must name columns, each once" in done.notes


def test_evaluate_needs_fairlearn_for_subgroups_alone(shell, bundles, tmp_path, monkeypatch):
    from burnish.training.evaluation import subgroups

    monkeypatch.setattr(subgroups, "find_spec", lambda _: None)
    file = _with_sites(tmp_path / "rows.jsonl", "classification")
    assert shell("evaluate", bundles["classification"], file).code == 0
    done = shell("evaluate", bundles["classification"], file, "--subgroup", "site")
    assert (done.code, done.out) == (1, "")
    assert "'fairlearn'" in done.notes


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


def test_bench_measures_a_bundle(shell, bundles) -> None:
    words = ("--lengths", 8, "--seconds", 0.05, "--threads", 1, "--json")
    done = shell("bench", bundles["classification"], *words)
    assert done.code == 0
    assert [each["tokens"] for each in done.document["lengths"]] == [8]


def test_doctor_prints_a_line_a_finding_and_its_fix(shell, monkeypatch) -> None:
    from burnish.cli import doctor

    findings = [Finding("base", "ok", "numpy 2"), Finding("disk", "warn", "1 GiB", "make room")]
    monkeypatch.setattr(doctor, "check_up", lambda _: findings)
    done = shell("doctor")
    assert done.code == 0
    assert done.out == ("ok    base          numpy 2\nwarn  disk          1 GiB\n      make room\n")


def test_doctor_fails_where_burnish_cannot_work(shell, monkeypatch) -> None:
    monkeypatch.setattr(checkup, "_BASE", ("onnxruntime", "no-such-package"))
    done = shell("doctor", "--json")
    assert done.code == 1
    (base,) = [check for check in done.document["checks"] if check["name"] == "base"]
    assert base["level"] == "fail"
    assert "no-such-package" in base["fix"] == base["mend"]


def test_doctor_warns_of_kernels(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "kernels.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    (finding,) = [each for each in checkup.check_up(tmp_path) if each.name == "kernels"]
    assert (finding.level, finding.fix) == ("warn", "pip uninstall kernels")


@pytest.mark.parametrize(("value", "level"), [("True", "ok"), ("", "warn")])
def test_doctor_looks_at_telemetry(monkeypatch, tmp_path: Path, value: str, level: str) -> None:
    monkeypatch.setenv("BENTOML_DO_NOT_TRACK", value)
    (finding,) = [each for each in checkup.check_up(tmp_path) if each.name == "telemetry"]
    assert finding.level == level

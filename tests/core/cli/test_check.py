"""`burnish check` and `burnish suggest` on the command line, without an encoder."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from burnish.cli import main
from burnish.data import sample_path
from tests.tiny_onnx import tiny_bundle


def _write(path: Path, rows: Sequence[Mapping[str, object]]) -> Path:
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    rows = [{"text": f"a text about {n} things", "label": "ab"[n % 2]} for n in range(20)]
    return {
        "train": _write(tmp_path / "train.jsonl", rows),
        "validation": _write(tmp_path / "validation.jsonl", rows[:2]),
        "test": _write(tmp_path / "test.jsonl", [{"text": "new words", "label": "c"}]),
    }


def test_parts_are_checked_against_each_other(files: dict[str, Path], capsys) -> None:
    options = [f"--{part}={files[part]}" for part in ("validation", "test")]
    assert main(["check", str(files["train"]), *options, "--quick", "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    found = {each["kind"]: each["rows"] for each in document["findings"]}
    assert [row["line"] for row in found["leak"]] == [1, 2]
    assert found["leak"][0]["file"] == str(files["validation"])
    assert found["unseen-label"][0]["file"] == str(files["test"])
    assert document["parts"] == {"train": 20, "validation": 2, "test": 1}


def test_a_recipe_names_files_and_shares(files: dict[str, Path], tmp_path, capsys) -> None:
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(
        "task: classification\noutput: run\n"
        "data: {train: train.jsonl, validation: 0.2, test: validation.jsonl}\n"
    )
    assert main(["check", "--recipe", str(recipe), "--quick", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["parts"] == {"train": 16, "validation": 4, "test": 2}
    assert "leak" in {each["kind"] for each in document["findings"]}


def test_a_share_that_groups_make_uneven_is_found(tmp_path, capsys) -> None:
    rows = [{"text": f"a text {n}", "label": "ab"[n % 2], "by": str(n // 52)} for n in range(100)]
    _write(tmp_path / "train.jsonl", rows)
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(
        "task: classification\noutput: run\n"
        "data: {train: train.jsonl, validation: 0.3, group: by}\n"
    )
    assert main(["check", "--recipe", str(recipe), "--quick"]) == 0
    found = capsys.readouterr().out
    assert "warning: uneven-share: validation has 48 of 100 rows (48%), not the 30%" in found


@pytest.mark.parametrize("validation", ["validation.jsonl", "0.2"], ids=["file", "share"])
def test_rows_out_of_scope_are_left_out(files, tmp_path, capsys, validation: str) -> None:
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(
        "task: classification\noutput: run\ndata: {train: train.jsonl, out_of_scope: c, "
        f"test: test.jsonl, validation: {validation}}}\n"
    )
    rows = [{"text": "known words", "label": "a"}, {"text": "new words", "label": "c"}]
    _write(files["test"], rows)
    if validation == "0.2":
        content = files["train"].read_text()
        files["train"].write_text(content + '\n{"text": "other words", "label": "c"}')
    assert main(["check", "--recipe", str(recipe), "--quick", "--json"]) == 0
    printed = capsys.readouterr()
    document = json.loads(printed.out)
    assert document["labels"].keys() == {"a", "b"}
    assert document["parts"]["test"] == 1
    assert sum(document["parts"].values()) == (21 if validation == "0.2" else 23)
    assert "not used for training and not checked here" in printed.err


def test_a_recipe_without_validation_rows_is_refused_as_in_training(tmp_path, capsys) -> None:
    _write(
        tmp_path / "train.jsonl", [{"text": f"text {n}", "label": "ab"[n % 2]} for n in range(9)]
    )
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text("task: classification\noutput: run\ndata: {train: train.jsonl}\n")
    assert main(["check", "--recipe", str(recipe), "--quick"]) == 1
    assert "error: no-validation: the recipe names no validation rows" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("method: setft", "setft"),
        ("method: setfit", "needs one label per text"),
        ("train: {synthetic_questions: 2}", "are for qa alone"),
    ],
)
def test_check_refuses_the_recipe_that_training_refuses(tmp_path, capsys, line, message) -> None:
    rows = [{"text": f"text {n}", "labels": ["ab"[n % 2]]} for n in range(9)]
    _write(tmp_path / "train.jsonl", rows)
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(
        "task: classification\noutput: run\n"
        f"data: {{train: train.jsonl, validation: 0.3}}\n{line}\n"
    )
    assert main(["check", "--recipe", str(recipe)]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], ["data.jsonl", "--recipe", "recipe.yaml"]])
def test_data_or_a_recipe_must_be_named(words: list[str], capsys) -> None:
    assert main(["check", *words]) == 2
    assert "error:" in capsys.readouterr().err


def test_every_fault_of_a_file_is_named_at_once(tmp_path: Path, capsys) -> None:
    rows = [{"text": f"text {n}", "label": "ab"[n % 2]} for n in range(6)]
    rows[1]["label"] = rows[4]["label"] = ""
    path = _write(tmp_path / "rows.jsonl", rows)
    assert main(["check", str(path), "--quick"]) == 1
    assert "no-label: 2 rows have no label [rows.jsonl:2; rows.jsonl:5]" in (
        capsys.readouterr().out
    )


def test_a_fixed_copy_is_written_and_described(tmp_path: Path, capsys) -> None:
    rows = [{"text": f" text {n}", "label": "ab"[n % 2]} for n in range(6)]
    path, out = _write(tmp_path / "rows.jsonl", rows), tmp_path / "clean.jsonl"
    assert main(["check", str(path), "--quick", "--fix", str(out)]) == 0
    assert "6 rows (6 changed, 0 removed, 0 left)" in capsys.readouterr().out
    assert json.loads(out.read_text().splitlines()[0])["text"] == "text 0"
    assert len((tmp_path / "clean.log.jsonl").read_text().splitlines()) == 6


def test_without_the_extra_the_rest_is_checked(monkeypatch, capsys) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    for name in [name for name in sys.modules if name.startswith("burnish.training")]:
        monkeypatch.delitem(sys.modules, name)
    for name in [n for n in sys.modules if n.startswith("burnish.torch_models")]:
        monkeypatch.delitem(sys.modules, name)
    assert main(["check", str(sample_path("tickets"))]) == 0
    captured = capsys.readouterr()
    assert "nothing to fix" in captured.out
    assert "pip install 'burnish[train]'" in captured.err


def test_a_bundle_suggests_rows_the_same_every_time(tmp_path: Path, capsys) -> None:
    bundle = tiny_bundle(tmp_path / "tiny")
    texts = tmp_path / "texts.csv"
    words = ("invoice", "refund", "password", "late parcel", "broken login")
    texts.write_text("text\n" + "\n".join(f"the {word} of my account" for word in words))
    outputs = []
    for name in ("one.csv", "other.csv"):
        out = tmp_path / name
        command = ["suggest", str(texts), "--bundle", str(bundle), "-n", "3", "--out", str(out)]
        assert main(command) == 0
        outputs.append(out.read_text())
    assert outputs[0] == outputs[1]
    rows = list(csv.DictReader(outputs[0].splitlines()))
    assert len(rows) == 3
    assert rows[0].keys() == {"row", "uncertainty", "text"}
    assert len({row["row"] for row in rows}) == 3


def test_suggest_refuses_what_it_cannot_read(files: dict[str, Path], tmp_path, capsys) -> None:
    labelled = ["--train", str(files["train"])]
    assert main(["suggest", str(tmp_path / "texts.pdf"), *labelled]) == 2
    assert "the format cannot be told from the file's ending" in capsys.readouterr().err
    assert main(["suggest", str(tmp_path / "texts.txt"), *labelled]) == 2
    assert "no such file" in capsys.readouterr().err


def test_the_hint_of_a_row_without_a_label_names_a_flag_that_there_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [{"text": f"a text about {n} things", "label": "ab"[n % 2]} for n in range(20)]
    labelled = _write(tmp_path / "train.jsonl", [*rows, {"text": "one more", "label": None}])
    unlabelled = tmp_path / "more.txt"
    unlabelled.write_text("another text\n", encoding="utf-8")
    flag = "--unlabelled leave_out"
    for command in (
        ["check", str(labelled), "--quick"],
        ["suggest", str(unlabelled), "--train", str(labelled)],
    ):
        assert main(command) == 1
        captured = capsys.readouterr()
        assert flag in captured.out + captured.err
    assert main(["check", str(labelled), "--quick", *flag.split()]) == 0
    assert "1 row is left out: no label" in capsys.readouterr().out


def test_a_tree_makes_the_rows_those_of_a_taxonomy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [{"text": f"a text about {n} things", "label": "ab"[n % 2]} for n in range(20)]
    path = _write(tmp_path / "rows.jsonl", [*rows, {"text": "something else", "label": "oax"}])
    tree = tmp_path / "tree.csv"
    tree.write_text("child,parent\na,top\nb,top\noak,top\n")
    asked = ["check", str(path), "--taxonomy", str(tree), "--quick"]
    assert main(asked) == 1
    said = capsys.readouterr().out
    assert "20 taxonomy rows" in said
    assert "the label 'oax' is not in the taxonomy tree.csv" in said
    assert "did you mean 'oak'?" in said
    assert "setfit" not in said
    assert main([*asked, "--task", "classification"]) == 2
    assert "the labels of classification lie in no tree" in capsys.readouterr().err
    tree.write_text("child,parent\na,b\nb,a\n")
    assert main(asked) == 1
    assert "the labels form a cycle: a -> b -> a" in capsys.readouterr().err

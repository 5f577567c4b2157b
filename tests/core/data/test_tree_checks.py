"""What `check` says of labels in a tree: branches without rows, untaught labels, rare ones."""

from __future__ import annotations

from pathlib import Path

from burnish.data import CheckReport, Columns, Finding, Rows, check_parts
from burnish.data.checking import check_recipe_files
from burnish.tasks.tree import LabelTree
from tests.core.data.example_rows import labelled, rows_of
from tests.core.data.rows_file import write_jsonl

TREE = LabelTree(
    {
        "plant": None,
        "tree": "plant",
        "elm": "tree",
        "oak": "tree",
        "moss": "plant",
        "animal": None,
        "mouse": "animal",
        "wood mouse": "mouse",
    }
)


def rows(labels: list[str], name: str) -> Rows:
    return rows_of("taxonomy", labelled(labels, name=name).examples, name=name)


def checked(train: list[str], validation: list[str]) -> CheckReport:
    parts = {"train": rows(train, "a.jsonl"), "validation": rows(validation, "b.jsonl")}
    return check_parts(parts, tree=TREE)  # type: ignore[arg-type]


def found(report: CheckReport, kind: str) -> list[Finding]:
    return [each for each in report.findings if each.kind == kind]


def test_branches_without_a_row_are_named_by_their_topmost_labels() -> None:
    (bare,) = found(checked(["elm", "moss"] * 20, ["elm"]), "bare-branch")
    assert bare.severity == "note"
    assert bare.message == (
        "2 branches of the tree (4 labels) have no row, and the model leaves them out: "
        "animal, plant > tree > oak"
    )
    assert not found(checked(["elm", "oak", "moss", "wood mouse"] * 20, ["elm"]), "bare-branch")


def test_a_label_that_validation_alone_names_is_told_with_its_rows() -> None:
    report = checked(["elm", "moss"] * 20, ["elm", "oak", "plant", "wood mouse"])
    partly, nowhere = found(report, "unseen-label")
    assert report.ok
    assert {partly.severity, nowhere.severity} == {"warning"}
    assert partly.message == (
        "validation has 1 label without a training row, so that the model learns only what lies "
        "above it: plant > tree > oak"
    )
    assert "write the nearest label above" in partly.fix
    assert nowhere.message == (
        "validation has 1 label without a training row, and no label between it and the root has "
        "one either: animal > mouse > wood mouse"
    )
    assert [row.id for row in (*partly.rows, *nowhere.rows)] == ["b.jsonl:2", "b.jsonl:4"]
    assert found(report, "bare-branch") == []  # the model has them all


def test_an_inner_label_is_as_frequent_as_all_that_lies_under_it() -> None:
    report = checked(["elm"] * 60 + ["oak"] * 60 + ["plant", "tree", "tree"], ["elm", "oak"])
    assert not found(report, "single-row-label")
    assert not found(report, "starved-label")
    assert not found(report, "missing-label")
    (rare,) = found(checked(["elm"] * 120 + ["oak"], ["elm"]), "single-row-label")
    assert "measured on it: oak" in rare.message


def test_the_label_of_rows_out_of_scope_is_not_a_branch_without_rows(tmp_path: Path) -> None:
    labels = ["elm", "moss", "other"] * 20
    path = write_jsonl(
        tmp_path / "rows.jsonl",
        [{"text": f"text {at} of {name}", "label": name} for at, name in enumerate(labels)],
    )
    tree = tmp_path / "tree.csv"
    tree.write_text("child,parent\nmoss,plant\nelm,plant\nother,\n")
    report = check_recipe_files(
        "taxonomy",
        Columns(taxonomy=tree),
        train=path,
        validation=0.25,
        test=None,
        seed=1,
        out_of_scope="other",
    ).report
    assert not found(report, "bare-branch")
    assert report.ok

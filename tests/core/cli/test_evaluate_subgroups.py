"""`burnish evaluate --subgroup`: scores per value of a column."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from burnish.tasks.table import TASKS

SUBGROUPS: dict[str, dict[str, object]] = {
    "classification": {"text": "my invoice", "label": "billing"},
    "extraction": {
        "text": "anna was in paris",
        "entities": [{"start": 0, "end": 4, "label": "person"}],
    },
    "regression": {"text": "my invoice", "score": 4},
    "summary": {"text": "My invoice is in. It was.", "summary": "My invoice is in."},
    "taxonomy": {"text": "my invoice", "label": "billing"},
    "translation": {"source": "my invoice", "target": "my card"},
    "pairs": {"text": "my invoice", "text_pair": "the card", "label": "billing"},
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

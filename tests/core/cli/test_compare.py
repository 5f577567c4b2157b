"""`burnish compare`: several models on the same rows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tiny_onnx import tiny_bundle

TICKETS = "text,label\nmy invoice,billing\nmy parcel,delivery\nthe courier,billing\nhello,other\n"


@pytest.fixture
def rivals(tmp_path: Path) -> tuple[Path, Path]:
    """Two bundles; the second calls billing what the first calls delivery, and the reverse."""
    names = ("delivery", "billing", "other")
    return (
        tiny_bundle(tmp_path / "first"),
        tiny_bundle(tmp_path / "second", labels=names),
    )


@pytest.fixture
def tickets(tmp_path: Path) -> Path:
    file = tmp_path / "tickets.csv"
    file.write_text(TICKETS)
    return file


def test_a_model_is_compared_with_the_first_on_the_same_rows(shell, rivals, tickets) -> None:
    found = shell("compare", *rivals, tickets, "--json").document
    assert (found["rows"], found["metric"]) == (4, "accuracy")
    scores = [each["metrics"]["accuracy"]["value"] for each in found["models"]]
    assert scores == [0.75, 0.5]
    assert all(each["cpu_ms"] > 0 and each["bytes"] > 0 for each in found["models"])
    (duel,) = found["against_the_first"]
    assert duel["difference"]["value"] == -0.25
    assert duel["difference"]["low"] <= -0.25 <= duel["difference"]["high"]
    assert (duel["only_this"], duel["only_first"], duel["p_value"]) == (1, 2, 1.0)
    assert (duel["same"], duel["verdict"]) == (1, "not told apart")
    assert found["differing"] == [
        {"row": "tickets.csv:2", "right": [True, False]},
        {"row": "tickets.csv:3", "right": [True, False]},
        {"row": "tickets.csv:4", "right": [False, True]},
    ]


def test_the_table_and_the_sentences_below_it(shell, rivals, tickets) -> None:
    first, second = rivals
    done = shell("compare", first, second, tickets)
    head, one, two, *rest = done.out.splitlines()
    assert head.split("  ")[0] == "model"
    assert (str(first) in one, str(second) in two) == (True, True)
    assert "-0.250 [" in two
    assert rest == [
        "",
        "4 rows of tickets.csv",
        f"{second}: these rows do not tell it from {first}",
        "3 rows are answered otherwise: tickets.csv:2, tickets.csv:3, tickets.csv:4",
    ]
    assert "invoice" not in done.out  # no text of a row


def test_a_difference_that_the_rows_can_tell(shell, rivals, tmp_path) -> None:
    file = tmp_path / "many.csv"
    file.write_text("text,label\n" + "my invoice,billing\n" * 40)
    first, second = rivals
    assert f"{second}: worse than {first}" in shell("compare", first, second, file).out
    assert f"{first}: better than {second}" in shell("compare", second, first, file).out


def test_equal_answers_are_not_proof_of_no_difference(shell, tickets, tmp_path) -> None:
    same = [tiny_bundle(tmp_path / name) for name in ("one", "two")]
    found = shell("compare", *same, tickets, "--json").document
    interval = found["against_the_first"][0]["difference"]
    assert interval["value"] == 0
    assert interval["low"] == -interval["high"] < -0.4  # four rows say little
    assert found["differing"] == []


@pytest.mark.parametrize("task", ["extraction", "qa", "pairs", "regression", "summary"])
def test_models_of_every_task_are_compared(shell, bundles, tmp_path, task) -> None:
    rows = {
        "extraction": '{"text": "anna was in paris", "entities": '
        '[{"start": 0, "end": 4, "label": "person"}, {"start": 12, "end": 17, "label": "place"}]}',
        "qa": '{"context": "that week has seven days", "question": "days?", '
        '"answers": [{"text": "seven", "start": 14}]}',
        "pairs": '{"text": "my invoice", "text_pair": "the card", "label": "billing"}',
        "regression": '{"text": "my invoice", "score": 1.5}',
        "summary": '{"text": "My invoice is in. It was.", "summary": "My invoice is in."}',
    }
    file = tmp_path / "rows.jsonl"
    file.write_text(rows[task] + "\n")
    other = tiny_bundle(tmp_path / "other", task)
    out = tmp_path / "changed.html"
    found = shell("compare", bundles[task], other, file, "--out", out, "--json").document
    assert found["against_the_first"][0]["same"] == 1
    assert "0 rows that they answer otherwise" in out.read_text()


@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".xlsx", ".html"])
def test_the_differing_rows_are_written_for_their_owner_alone(
    shell, rivals, tickets, tmp_path, ending
) -> None:
    out = tmp_path / f"changed{ending}"
    first, second = rivals
    done = shell("compare", first, second, tickets, "--out", out)
    assert "3 rows with their texts, readable by you alone" in done.notes
    assert out.stat().st_mode & 0o077 == 0
    if ending == ".jsonl":
        row = json.loads(out.read_text().splitlines()[0])
        assert row["row"] == "tickets.csv:2"
        assert (row["text"], row["gold"]) == ("my invoice", "billing")
        assert (row[f"{first}: answer"], row[f"{first}: right"]) == ("billing", True)
        assert (row[f"{second}: answer"], row[f"{second}: right"]) == ("delivery", False)
    if ending == ".html":
        page = out.read_text()
        assert page.count("<article>") == 3
        assert "my invoice" in page
        assert "hello" not in page  # both answer it alike
        assert "not told apart" in page


def test_the_page_shows_entities_for_reading(shell, bundles, tmp_path) -> None:
    file, out = tmp_path / "rows.jsonl", tmp_path / "changed.html"
    place = {"start": 12, "end": 17, "label": "place"}
    file.write_text(json.dumps({"text": "anna was in paris", "entities": [place]}) + "\n")
    other = tiny_bundle(tmp_path / "other", "extraction", labels=("person", "place"))
    shell("compare", bundles["extraction"], other, file, "--out", out)
    page = out.read_text()
    assert "paris (place)" in page
    assert "paris (person)" in page
    assert "{&#34;" not in page


def test_a_text_cannot_put_markup_into_the_page(shell, rivals, tmp_path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("text,label\n<script>alert(1)</script> invoice,billing\n")
    out = tmp_path / "page.html"
    shell("compare", *rivals, file, "--out", out)
    assert "<script" not in out.read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("{first}", "{rows}"), "name two models or more"),
        (("{first}", "{first}", "{rows}"), "a model is named twice"),
        (("{first}", "{tmp}", "{rows}"), "neither a run"),
        (("{first}", "{qa}", "{rows}"), "is for qa, and"),
        (("{first}", "{second}", "{rows}", "--replace"), "--replace is about a file"),
        (("{first}", "{second}", "{tmp}/none.csv"), "none.csv"),
        (("{first}", "{second}", "{rows}", "--out", "{tmp}/a.doc"), "cannot be told from"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    shell, rivals, bundles, tickets, tmp_path, arguments, said
) -> None:
    named = {
        "first": rivals[0],
        "second": rivals[1],
        "qa": bundles["qa"],
        "rows": tickets,
        "tmp": tmp_path,
    }
    done = shell("compare", *(each.format_map(named) for each in arguments))
    assert done.code in (1, 2)
    assert said in done.notes
    assert "Traceback" not in done.notes


def test_rows_of_a_label_that_a_model_does_not_know(shell, rivals, tmp_path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("text,label\nmy invoice,refund\n")
    done = shell("compare", *rivals, file)
    assert done.code == 1
    assert "does not know the label 'refund'" in done.notes

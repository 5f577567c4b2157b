"""`burnish pretrain`: what it asks for, and what it prints."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch")

from tests.tiny import tiny_base

QUICK = ("--epochs", "1", "--batch-size", "4", "--max-length", "24", "--threads", "1")


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return tiny_base(tmp_path / "base", pooling="mean")


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    path = tmp_path / "texts.csv"
    lines = [f"my card is late and the parcel {number}" for number in range(60)]
    path.write_text("body\n" + "\n".join(lines))
    return path


@pytest.fixture
def recipe(tmp_path: Path, base: Path) -> Path:
    words = {"billing": "my card", "access": "my login"}
    labels = [("billing", "access")[index % 2] for index in range(60)]
    rows = [f"{words[label]} is late {at},{label}" for at, label in enumerate(labels)]
    (tmp_path / "rows.csv").write_text("text,label\n" + "\n".join(rows) + "\n")
    path = tmp_path / "tickets.yaml"
    path.write_text(
        f"task: classification\nbase_model: {base}\noutput: runs/tickets\n"
        "data: {train: rows.csv, validation: 0.25, test: 0.2}\n"
        "train: {max_length: 32, threads: 1}\n"
    )
    return path


def test_losses_before_and_after_are_printed(shell, base, texts, tmp_path: Path) -> None:
    out = tmp_path / "new"
    done = shell("pretrain", texts, "-o", out, "--base-model", base, "--text", "body", *QUICK)
    assert done.code == 0, done.notes
    assert done.out.splitlines()[0].split() == ["masked-token", "loss", "before", "after", "change"]
    assert "held-out texts" in done.out
    assert "one was trained alone before" in done.out
    assert f"base: {out}" in done.out
    assert f"set base_model: {out} in a recipe" in done.notes
    assert (out / "pretraining.json").is_file()


def test_a_recipe_says_whether_it_helped(shell, base, texts, recipe, tmp_path: Path) -> None:
    given = ("--base-model", base, "--text", "body", "--for", recipe, *QUICK, "--json")
    done = shell("pretrain", texts, "-o", tmp_path / "new", *given)
    assert done.code == 0, done.notes
    judged = done.document["judged"]
    assert judged["rows"] == 12
    assert [each["model"] for each in judged["models"]] == [str(base), str(tmp_path / "new")]
    assert judged["against_the_first"][0]["verdict"] in ("better", "worse", "not told apart")


def test_the_verdict_is_a_sentence(shell, base, texts, recipe, tmp_path: Path) -> None:
    given = ("--base-model", base, "--text", "body", "--for", recipe, *QUICK)
    done = shell("pretrain", texts, "-o", tmp_path / "new", *given)
    assert "tickets, 12 rows: accuracy" in done.out
    assert "on the old base" in done.out
    assert any(
        line.startswith(("the new base is", "these rows do not tell"))
        for line in done.out.splitlines()
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--full",), "--full is about a recipe"),
        (("--learning-rate", "2"), "between 0 and 1"),
        (("--learning-rate", "fast"), "between 0 and 1"),
        (("--max-length", "8"), "a window has 16 tokens or more"),
        (("--epochs", "0"), "--epochs"),
    ],
)
def test_wrong_options_are_said(shell, texts, tmp_path: Path, given, said) -> None:
    done = shell("pretrain", texts, "-o", tmp_path / "new", *given)
    assert done.code == 2
    assert said in done.notes
    assert not (tmp_path / "new").exists()


def test_no_texts_are_said(shell, base, tmp_path: Path) -> None:
    done = shell("pretrain", tmp_path / "none", "-o", tmp_path / "new", "--base-model", base)
    assert done.code == 2
    assert "no such file or folder" in done.notes

"""Answers of more than 30 tokens are given where the rows have them, and counted elsewhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from burnish.cli import main
from burnish.errors import ConfigError
from burnish.export import export_run
from burnish.recipe.recipe import load_recipe
from burnish.tasks import QATask
from burnish.training import train

_WORDS = "late broken card parcel login account money refund"


def _row(index: int, words: int) -> dict[str, Any]:
    answer = " ".join((_WORDS.split() * 20)[:words])
    context = f"anna says my {answer} . thanks"
    answers = [{"text": answer, "start": context.index(answer)}]
    return {"context": f"{context} {index}", "question": "what is my order", "answers": answers}


def _file(path: Path, lengths: list[int]) -> str:
    rows = [_row(index, words) for index, words in enumerate(lengths)]
    path.write_text("\n".join(json.dumps(row) for row in rows))
    return str(path)


@pytest.fixture
def data(tmp_path: Path) -> dict[str, str]:
    """12 answers of 40 words in train; of validation's 10 answers one has 50."""
    return {
        "train": _file(tmp_path / "train.jsonl", [2] * 20 + [40] * 12),
        "validation": _file(tmp_path / "validation.jsonl", [2] * 9 + [50]),
        "test": None,  # type: ignore[dict-item]
    }


def _limit(task: object) -> int:
    assert isinstance(task, QATask)
    return task.max_answer_tokens


def test_the_rows_set_the_limit_which_run_and_bundle_keep(make_recipe, tmp_path, data) -> None:
    run = train(make_recipe("qa", data=data, train={"epochs": 1, "max_length": 96}))
    assert _limit(run.record.task) == 40
    assert run.recipe.qa.max_answer_tokens == 40
    budgets = dict.fromkeys(("difference", "merge_difference"), 1.0)
    allow = {"leaked_rows": "the rows of the test are alike on purpose"}
    bundle = export_run(run.path, tmp_path / "b", precision="fp32", budgets=budgets, allow=allow)
    assert _limit(bundle.manifest.task) == 40


def test_a_given_limit_is_kept(make_recipe, data) -> None:
    settings = {"epochs": 1, "max_length": 96}
    run = train(make_recipe("qa", data=data, train=settings, qa={"max_answer_tokens": 7}))
    assert _limit(run.record.task) == 7
    assert load_recipe(run.path / "recipe.yaml").qa.max_answer_tokens == 7


@pytest.mark.parametrize("value", [0, -1, "many", 1.5, True])
def test_a_limit_that_is_none_is_refused(make_recipe, value) -> None:
    with pytest.raises(ConfigError, match="qa -> max_answer_tokens"):
        make_recipe("qa", qa={"max_answer_tokens": value})


def _check(tmp_path: Path, data: dict[str, str], bert: Path, **keys: Any) -> str:
    document = {
        "task": "qa",
        "base_model": str(bert),
        "data": data,
        "train": {"max_length": 96},
        "output": str(tmp_path / "run"),
        **keys,
    }
    path = tmp_path / "recipe.yaml"
    path.write_text(json.dumps(document))
    main(["check", "--recipe", str(path)])
    return str(path)


def test_check_says_how_many_answers_are_longer(tmp_path, data, bert, capsys) -> None:
    _check(tmp_path, data, bert)
    said = capsys.readouterr().out
    assert "12 of 32 answers have more than 30 tokens: answers of up to 40 tokens" in said
    assert "1 of 42 answers has more than 40 tokens, the longest 50" in said
    assert "set qa.max_answer_tokens=50" in said

    _check(tmp_path, data, bert, qa={"max_answer_tokens": 30})
    said = capsys.readouterr().out
    assert "13 of 42 answers have more than 30 tokens, the longest 50" in said

    _check(tmp_path, data, bert, qa={"max_answer_tokens": 50})
    assert "never give them" not in capsys.readouterr().out

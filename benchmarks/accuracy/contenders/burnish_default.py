"""burnish as its user runs it: a recipe with nothing but files, then ``evaluate``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from given import Given, Row, take_part


def answer(given: Given) -> tuple[list[Any], str]:
    """Answers for the test rows."""
    directory = Path(given.directory)
    run, out = directory / "run", directory / "answers.jsonl"
    recipe = {
        "task": given.task,
        "base_model": given.base,
        "data": {
            "train": str(directory / "train.jsonl"),
            "validation": str(directory / "validation.jsonl"),
        },
        "train": {"threads": given.threads, "seed": given.seed},
        "output": str(run),
    }
    (directory / "recipe.yaml").write_text(json.dumps(recipe), encoding="utf-8")
    _burnish("train", str(directory / "recipe.yaml"), *os.environ.get("ACCURACY_SET", "").split())
    asked = directory / "asked.jsonl"
    rows = (json.dumps(each) + "\n" for each in _scorable(given))
    asked.write_text("".join(rows), encoding="utf-8")
    _burnish("evaluate", str(run), str(asked), "--out", str(out), "--all")
    answered = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    record = json.loads((run / "record.json").read_text(encoding="utf-8"))
    return [_said(given, row["predicted"]) for row in answered], json.dumps(record["training"])


def _scorable(given: Given) -> list[Row]:
    """The test rows without labels that no training row has, which ``evaluate`` does not score."""
    if given.answer == "answers":
        return given.rows("test")
    train = [_labels(row[given.answer]) for row in given.rows("train")]
    known = {label for labels in train for label in labels}
    return [{**row, given.answer: _without(row[given.answer], known)} for row in given.rows("test")]


def _without(answer: Any, known: set[str]) -> Any:
    if isinstance(answer, str):
        return answer if answer in known else min(known)
    return [each for each in answer if _labels([each]) <= known]


def _labels(answer: Any) -> set[str]:
    if isinstance(answer, str):
        return {answer}
    return {each["label"] if isinstance(each, dict) else each for each in answer}


def _burnish(*arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "burnish", *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"burnish {arguments[0]}: {done.stderr[-2000:]}")


def _said(given: Given, predicted: Any) -> Any:
    """In the form of the rows' own answers."""
    if given.answer == "labels":
        return [predicted] if isinstance(predicted, str) else predicted
    return predicted


if __name__ == "__main__":
    take_part(answer)

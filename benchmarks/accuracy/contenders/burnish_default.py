"""burnish as its user runs it: a recipe with nothing but files, then ``evaluate``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from given import Given, take_part


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
    _burnish("evaluate", str(run), str(directory / "test.jsonl"), "--out", str(out), "--all")
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    record = json.loads((run / "record.json").read_text(encoding="utf-8"))
    return [_said(given, row["predicted"]) for row in rows], json.dumps(record["training"])


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

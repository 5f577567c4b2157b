"""What a contender's process is given, and what it gives back.

A contender is a program: it gets one JSON object as its argument (`Given`), chooses on validation
alone, and prints one as its last line: the predictions for the test rows, in the form of the rows'
own answers, and what it chose. It runs in an environment of its own where it needs one, and so
imports nothing of burnish and nothing but this module.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True)
class Given:
    """Files and settings."""

    directory: str
    """Holds ``train``, ``validation`` and ``test.jsonl``."""
    task: str
    answer: str
    """The key of a row's answer: label, labels, entities or answers."""
    base: str
    """Directory of the base model."""
    threads: int
    seed: int

    def rows(self, part: str) -> list[Row]:
        """The rows of a part."""
        lines = (Path(self.directory) / f"{part}.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]


def take_part(answer: Callable[[Given], tuple[list[Any], str]]) -> None:
    """Answer the test rows of the draw that the command line names."""
    said, chosen = answer(Given(**json.loads(sys.argv[1])))
    print(json.dumps({"said": said, "chosen": chosen}))


def labels_of(row: Row) -> list[str]:
    """A row's labels, one or several."""
    return [row["label"]] if "label" in row else list(row["labels"])

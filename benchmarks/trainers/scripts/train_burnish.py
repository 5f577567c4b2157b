"""burnish, as ``burnish train`` runs it, but for the clock."""

from __future__ import annotations

import json
import re
import sys
import tempfile
from pathlib import Path

from clock import Clock

from burnish.recipe.recipe import parse_recipe
from burnish.training import train

SCORES = re.compile(r"(?:linear probe: validation \w+|epoch \d+: validation) ([0-9.]+)(?:,|$)")


def main(given: dict[str, str]) -> None:
    """Train as the given keys say."""
    clock = Clock()

    def note(line: str) -> None:
        if found := SCORES.match(line):
            clock.scored(float(found[1]))

    with tempfile.TemporaryDirectory() as directory:
        recipe = parse_recipe(
            {
                "task": given["task"],
                "base_model": given["model"],
                "data": {"train": given["train"], "validation": given["validation"]},
                "train": {
                    "threads": int(given["threads"]),
                    "epochs": int(given["epochs"]),
                    "seeds": 1,
                },
                "output": str(Path(directory) / "run"),
            }
        )
        train(recipe, notify=note)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))

"""Rows whose label a model is not to know: every fourth label of a data set becomes ``other``.

    python examples/results/hide_labels.py ../shared/data/banking77 build/banking77_hidden

``data.out_of_scope=other`` then measures whether a model of the remaining labels tells those rows.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

OTHER = "other"
EVERY = 4


def hide(given: Path, folder: Path) -> None:
    """Write a data set's files anew."""
    files = {path.name: read(path) for path in sorted(given.glob("*.jsonl"))}
    labels = sorted({row["label"] for rows in files.values() for row in rows})
    hidden = set(labels[::EVERY])
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in files.items():
        lines = [
            json.dumps(row | {"label": OTHER if row["label"] in hidden else row["label"]})
            for row in rows
        ]
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(hidden)} of {len(labels)} labels are {OTHER}: {folder}")


def read(path: Path) -> list[dict[str, object]]:
    """The rows of a JSONL file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("given", type=Path, help="a folder of JSON Lines with labels")
    parser.add_argument("folder", type=Path, help="where the files go")
    arguments = parser.parse_args()
    hide(arguments.given, arguments.folder)

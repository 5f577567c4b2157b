"""Real data sets, where they lie beside the repository: all rows are read, none skipped."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from burnish.data import read_rows, restore_split, split_rows
from burnish.data.checks.subject import count_labels

ROOT = Path(__file__).parents[3]
SHARED = Path(os.environ.get("BURNISH_SHARED_DATA", ROOT.parent / "shared" / "data"))
TASKS = {"single-label": "classification", "multi-label": "classification"} | {
    "NER": "extraction",
    "extractive": "qa",
}


def _task(directory: Path) -> str | None:
    readme = (directory / "README.md").read_text(encoding="utf-8")
    first = re.search(r"^Task: (\S+)", readme, flags=re.MULTILINE)
    return TASKS.get(first[1]) if first else None


def _sets() -> list[Path]:
    folders = sorted(SHARED.iterdir()) if SHARED.is_dir() else []
    return [each for each in folders if (each / "README.md").exists() and _task(each)]


SETS = _sets()
needs_data = pytest.mark.skipif(not SETS, reason=f"there are no data sets in {SHARED}")


@needs_data
@pytest.mark.parametrize("directory", SETS, ids=lambda each: each.name)
def test_every_row_of_a_real_set_is_read_split_and_restored(directory: Path) -> None:
    readme = (directory / "README.md").read_text(encoding="utf-8")
    task = _task(directory) or ""
    counts = dict(re.findall(r"\| (\w+)\.jsonl \| (\d+) \|", readme))
    parts = {name: read_rows(directory / f"{name}.jsonl", task) for name in counts}
    assert {name: str(len(rows)) for name, rows in parts.items()} == counts
    assert all(not rows.files[0].skipped for rows in parts.values())
    given = split_rows(parts["train"], validation=parts["validation"], test=parts["test"], seed=13)
    stated = {f"{b} in {a}": int(n) for a, b, n in re.findall(r"'(\w+)~(\w+)': (\d+)", readme)}
    assert given.record().leaked == {name: count for name, count in stated.items() if count}
    shared = split_rows(parts["train"], validation=0.15, seed=13)
    assert len(shared.validation) == pytest.approx(0.15 * len(parts["train"]), rel=0.02)
    assert restore_split(shared.record(), train=parts["train"]) == shared


@needs_data
@pytest.mark.parametrize("directory", SETS, ids=lambda each: each.name)
def test_labels_are_counted_as_the_set_states_them(directory: Path) -> None:
    readme = (directory / "README.md").read_text(encoding="utf-8")
    rows = read_rows(directory / "train.jsonl", _task(directory) or "")
    table = readme.split("## Labels")[1]
    stated = dict(re.findall(r"^\| (?:ent:)?(\S.*?) \| (\d+) \|", table, flags=re.MULTILINE))
    counted = {
        label.replace("not answerable", "unanswerable"): n
        for label, n in count_labels(rows.examples).items()
    }
    assert {label: str(count) for label, count in counted.items()} == stated

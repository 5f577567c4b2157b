"""The scholar: tagged tokens of a newspaper, a folder of texts, and a table of names back."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from tests.walks.conftest import serving

PLACES = ("Leyden", "Gent", "Delft", "Breda")


def sentence(number: int) -> str:
    lines = [
        ("On", "O"),
        ("day", "O"),
        (str(number), "O"),
        ("a", "O"),
        ("ship", "O"),
        ("left", "O"),
    ]
    lines += [(PLACES[number % 4], "B-LOC"), (".", "O")]
    return "".join(f"{word}\t{tag}\n" for word, tag in lines) + "\n"


def test_from_tagged_tokens_to_a_table_of_a_folder(walk, small, tmp_path: Path) -> None:
    tokens = tmp_path / "gazette.conll"
    tokens.write_text("".join(map(sentence, range(80))), encoding="utf-8")
    walk("check", "gazette.conll", "--quick")
    walk("up", "gazette.conll", *small, "--no-serve")
    folder = tmp_path / "scans"
    for number in range(12):
        page = folder / f"year {number % 3}" / f"{number:04}.txt"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(f"On day {number} a ship left {PLACES[number % 4]}.\n", encoding="utf-8")
    (folder / "notes.md").write_text("not a page")
    bundle = tmp_path / "bundles" / "gazette"
    walk("predict", bundle, "scans", "-o", "names.csv", "--threshold", "0")
    with (tmp_path / "names.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["file"] for row in rows] == sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*.txt")
    )
    for row in rows:
        text = (folder / row["file"]).read_text(encoding="utf-8")
        for entity in json.loads(row["entities"] or "[]"):
            assert text[entity["start"] : entity["end"]].strip()
            assert entity["label"] == "LOC"
    with serving(bundle) as client:
        assert isinstance(client.ask("/extract", {"inputs": "a ship left Gent."}), list)

"""The law firm: spans labelled in Label Studio, and contracts with predictions to correct there."""

from __future__ import annotations

import json
from pathlib import Path

from burnish.data import ExtractionExample, read_rows
from tests.walks.conftest import serving

NAMES = ("Anna", "Boris", "Clara", "Dora")


def task(number: int) -> dict[str, object]:
    """A task as Label Studio exports it, with offsets as a browser counts them."""
    name, day = NAMES[number % 4], f"{1 + number % 28} May"
    text = f"📄 {name} signed lease {number} on {day}."
    spans = [(text.index(name), len(name), "PARTY"), (text.index(day), len(day), "DATE")]
    result = [
        {
            "from_name": "label",
            "to_name": "text",
            "type": "labels",
            "value": {
                "start": start + 1,  # the sign before it is two units
                "end": start + 1 + length,
                "text": text[start : start + length],
                "labels": [label],
            },
        }
        for start, length, label in spans
    ]
    return {"id": number, "data": {"text": text}, "annotations": [{"result": result}]}


def test_from_label_studio_to_a_served_model_and_back(walk, small, tmp_path: Path) -> None:
    export = tmp_path / "leases.json"
    export.write_text(json.dumps([task(number) for number in range(60)]), encoding="utf-8")
    walk("train", "leases.json", *small)
    walk("export", "runs/leases", "-o", "bundles/leases", "--precision", "fp32")
    bundle = tmp_path / "bundles" / "leases"
    with serving(bundle) as client:
        found = client.ask("/extract", {"inputs": "📄 Anna signed lease 7 on 3 May."})
    assert isinstance(found, list)

    new = tmp_path / "new.txt"
    new.write_text("📄 Boris signed lease 9 on 4 May.\n📄 Clara left.\n", encoding="utf-8")
    walk("predict", bundle, new, "--as", "label-studio", "-o", "tasks.json", "--threshold", "0")
    tasks = json.loads((tmp_path / "tasks.json").read_text(encoding="utf-8"))
    assert [each["data"]["text"] for each in tasks] == new.read_text(encoding="utf-8").splitlines()
    # Accepted as they are, they are rows again.
    for each in tasks:
        each["annotations"] = each.pop("predictions")
    export.write_text(json.dumps(tasks), encoding="utf-8")
    rows = read_rows(export, "extraction").examples
    assert len(rows) == 2
    for row in rows:
        assert isinstance(row, ExtractionExample)
        assert all(row.text[span.start : span.end].strip() for span in row.entities)

"""The support desk: tickets with some out of scope, a model behind HTTP, and its next version."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from burnish.bundle import read_bundle
from tests.walks.conftest import serving

SAID = {
    "billing": "my invoice of {n} euro is wrong",
    "delivery": "the parcel number {n} is late",
    "other": "what a lovely day number {n} it is",
}


def write_tickets(path: Path, rows: int) -> None:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["body", "queue"])
        for number in range(rows):
            queue = tuple(SAID)[number % 3]
            writer.writerow([SAID[queue].format(n=number), queue])


def test_a_second_version_replaces_the_first(walk, small, tmp_path: Path) -> None:
    write_tickets(tmp_path / "tickets.csv", 90)
    scope = ("data.out_of_scope=other", "abstain={reject: 0.5}")
    walk("up", "tickets.csv", *small, *scope, "--no-serve")
    bundle = tmp_path / "bundles" / "tickets"
    first = read_bundle(bundle)
    assert set(first.manifest.task.answer_labels) == {"billing", "delivery"}
    with serving(bundle) as client:
        assert client.ask("/classify", {"inputs": "my invoice is wrong"})

    write_tickets(tmp_path / "tickets.csv", 120)
    walk("up", "tickets.csv", *small, *scope, "--replace", "--no-serve")
    second = read_bundle(bundle)
    assert second.digest != first.digest
    words = ("predict", bundle, "tickets.csv", "--text", "body", "-o", "answered.jsonl")
    walk(*words)
    lines = (tmp_path / "answered.jsonl").read_text(encoding="utf-8").splitlines()
    answers = [json.loads(line) for line in lines]
    assert len(answers) == 120
    assert {"body", "queue", "label", "score", "abstained"} <= answers[0].keys()
    assert any(answer["abstained"] for answer in answers)

"""A whole training by each method."""

from __future__ import annotations

import pytest

from burnish.training import train
from burnish.training.methods import METHODS

SUFFIXES = {".json", ".jsonl", ".md", ".safetensors", ".txt", ".yaml", ".html"}


@pytest.mark.parametrize("method", METHODS)
def test_no_run_holds_a_pickle(make_recipe, method) -> None:
    run = train(make_recipe("one", method=method, train={"epochs": 1}))

    files = [path for path in run.path.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} <= SUFFIXES
    # A pickle of protocol 2 and later, and the archive in which torch keeps one.
    assert not [
        path for path in files if path.read_bytes()[:2] in (b"\x80\x02", b"\x80\x04", b"PK")
    ]


@pytest.mark.parametrize("method", [name for name in METHODS if name not in ("full", "setfit")])
def test_a_method_beside_the_whole_encoder_trains_a_part(make_recipe, method) -> None:
    training = train(make_recipe("one", method=method, train={"epochs": 1})).record.training
    assert (training.parameters_trained or 0) < training.parameters / 2


def test_a_prefix_does_not_claim_to_start_at_the_probe(make_recipe) -> None:
    notes = train(
        make_recipe("one", method="prefix", train={"learning_rate": 1e-9, "epochs": 1})
    ).record.notes
    assert not any("so the probe is this" in note for note in notes)


def test_a_prefix_starts_with_a_head_for_the_vectors_that_it_gives(make_recipe) -> None:
    said: list[str] = []
    train(make_recipe("one", method="prefix", train={"epochs": 1}), notify=said.append)
    start = next(line for line in said if line.startswith("epoch 0"))
    assert float(start.split()[3].rstrip(",")) >= 0.9

"""Runs and bundles of earlier versions are read: what 0.1.0 left is kept in ``tests/kept``.

They are tiny models, trained on rows that were made up in code, with settings that have gone since
(``train.keep: mixout``) or have another name.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import torch

import burnish
from burnish.export import export_run
from burnish.run import read_run
from burnish.tasks import ClassificationTask, Question
from burnish.torch_models.base import resolve_base
from burnish.torch_models.checkpoint import load_checkpoint

KEPT = Path(__file__).parent / "kept" / "0.1.0"
ANSWERS: dict[str, list[dict[str, Any]]] = json.loads((KEPT / "answers.json").read_text())


def assert_answers_as_kept(bundle: Path, task: str) -> None:
    kept = ANSWERS[task]
    given = [Question(**e["input"]) if task == "qa" else e["input"] for e in kept]
    for answer, each in zip(burnish.load(bundle, threads=1).predict(given), kept, strict=True):
        assert flat(asdict(answer)) == pytest.approx(flat(each["answer"]), abs=1e-5)


def flat(value: Any, path: str = "") -> dict[str, Any]:
    """The numbers of a nested answer by their place; other values as part of the place."""
    if isinstance(value, dict):
        return {k: v for name, e in value.items() for k, v in flat(e, f"{path}.{name}").items()}
    if isinstance(value, list | tuple):
        return {k: v for n, e in enumerate(value) for k, v in flat(e, f"{path}[{n}]").items()}
    return {path: float(value)} if isinstance(value, int | float) else {f"{path}={value}": 0.0}


@pytest.mark.parametrize("task", ["classification", "extraction", "qa"])
def test_a_bundle_of_0_1_0_answers_as_it_did(task):
    assert_answers_as_kept(KEPT / task / "bundle", task)


@pytest.mark.parametrize("task", ["classification", "qa"])
def test_a_run_of_0_1_0_is_exported_and_answers_as_it_did(task, tmp_path):
    run = read_run(KEPT / task / "run")
    assert run.record.burnish_version == "0.1.0"
    export_run(run.path, tmp_path / "bundle", precision="fp32", data=KEPT / task)
    assert_answers_as_kept(tmp_path / "bundle", task)


@pytest.mark.parametrize(("method", "pooling"), [("adapters", "native"), ("prefix", "mean")])
def test_adapters_and_a_prefix_of_0_1_0_answer_as_they_did(method, pooling):
    """The package ``adapters`` trained them: a Pfeiffer adapter, and a prefix by a network."""
    kept = KEPT / "structures"
    base, task = resolve_base(str(kept / "base")), ClassificationTask(labels=("a", "b", "c"))
    model = load_checkpoint(kept / method, base=base, task=task, pooling=pooling)
    ids = torch.tensor([[2, 20, 21, 22, 23, 3], [2, 30, 3, 0, 0, 0]])
    with torch.no_grad():
        logits = model(input_ids=ids, attention_mask=(ids != 0).long()).logits
    expected = torch.tensor(json.loads((kept / "logits.json").read_text())[method])
    torch.testing.assert_close(logits, expected, rtol=0, atol=1e-5)

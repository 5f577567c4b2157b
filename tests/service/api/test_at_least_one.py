"""A model that always gives one of several labels says so, and its replies have one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.tiny_onnx import LABELS, tiny_bundle

SURE = dict.fromkeys(LABELS, 0.999999)


def test_a_reply_has_the_best_label_where_none_reaches_its_threshold(tmp_path: Path, local) -> None:
    scalings = {"delivery": {"temperature": 1.0, "shift": 9.0}}
    settings: dict[str, Any] = {"multi_label": True, "thresholds": SURE, "scalings": scalings}
    tiny_bundle(tmp_path / "b" / "one", name="one", at_least_one=True, **settings)
    tiny_bundle(tmp_path / "b" / "any", name="any", **settings)
    client = local(folder=tmp_path / "b")
    models = {each["name"]: each for each in client.get("/models").json()["models"]}
    assert {name: each["at_least_one"] for name, each in models.items()} == {
        "one": True,
        "any": False,
    }
    asked = {"model": "one", "inputs": "my invoice"}
    (given,) = client.post("/classify", json=asked).json()
    every = client.post("/classify", json={**asked, "parameters": {"threshold": 0}}).json()
    assert every[0] == given
    assert given["label"] == "billing"
    assert given["score"] < every[1]["score"]  # by its scaling alone
    assert client.post("/classify", json={**asked, "model": "any"}).json() == []
    high = {**asked, "parameters": {"threshold": 0.9999}}
    assert given not in client.post("/classify", json=high).json()

"""A search from Python: from a recipe in any form to the path of the best one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("optuna")

import burnish
from burnish.errors import ConfigError, UsageError
from burnish.recipe.recipe import parse_recipe, write_recipe
from tests.tiny import tiny_base


@pytest.fixture
def keys(tmp_path: Path) -> dict[str, Any]:
    base = tiny_base(tmp_path / "base", pooling="mean")
    words = {"billing": "my card", "access": "my login"}
    labels = [("billing", "access")[index % 2] for index in range(60)]
    lines = [f"{words[label]} is late {at},{label}\n" for at, label in enumerate(labels)]
    (tmp_path / "rows.csv").write_text("text,label\n" + "".join(lines))
    return {
        "task": "classification",
        "base_model": str(base),
        "data": {"train": tmp_path / "rows.csv", "validation": 0.25},
        "train": {"max_length": 32, "threads": 1, "learning_rate": 1e-3},
        "search": {"ranges": {"train.epochs": [1, 2]}},
        "output": tmp_path / "runs" / "tickets",
    }


def test_the_best_recipe_lies_beside_the_output(keys, tmp_path) -> None:
    found = burnish.search(keys, trials=1, progress=False)
    assert found.recipe == tmp_path / "runs" / "tickets-search" / "best.yaml"
    best = burnish.load_recipe(found.recipe)
    assert best.train.epochs == found.best.values["train.epochs"]
    write_recipe(parse_recipe(keys), tmp_path / "tickets.yaml")
    assert burnish.search(tmp_path / "tickets.yaml", trials=1).trials == found.trials


def test_overrides_and_another_directory(keys, tmp_path) -> None:
    override = "search.ranges={train.batch_size: [8, 16]}"
    found = burnish.search(keys, override, trials=1, output=str(tmp_path / "tried"), progress=False)
    assert found.recipe.parent == tmp_path / "tried"
    assert "train.batch_size" in found.best.values


def test_what_cannot_be_searched_is_refused(keys, tmp_path) -> None:
    with pytest.raises(UsageError, match="0 trials find nothing"):
        burnish.search(keys, trials=0)
    with pytest.raises(ConfigError, match="there is nothing to try"):
        burnish.search({**keys, "search": {}}, trials=1)
    with pytest.raises(UsageError, match="no recipe can be read from the type int"):
        burnish.search(7, trials=1)  # type: ignore[arg-type]
    assert not (tmp_path / "runs").exists()

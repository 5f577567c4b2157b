"""The range test, and what ``auto`` is without it."""

from __future__ import annotations

import json
import math
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
import yaml

from burnish.cli.curve import draw_curve
from burnish.cli.main import main
from burnish.training import train
from burnish.training.pipeline import lr_finder
from burnish.training.pipeline.learning_rate import find_rate
from burnish.training.pipeline.lr_finder import read_curve
from tests.tiny import tiny_base

RATES: list[float] = np.geomspace(1e-7, 1e-1, 100).tolist()


def _bowl(rate: float) -> float:
    """Falls most steeply at 1e-4, is least near 1e-3, then explodes."""
    return 1 - 0.8 / (1 + (1e-4 / rate) ** 2) + (rate / 1e-2) ** 2


def test_the_suggestion_is_before_the_least_loss_and_well_before_the_explosion() -> None:
    found = read_curve(RATES, [_bowl(rate) for rate in RATES])

    assert 3e-5 < found.suggestion <= found.least / 10 * 1.05
    assert 5e-4 < found.least < 5e-3
    assert found.diverged is not None
    assert found.suggestion < found.least < found.diverged


def test_a_loss_that_is_no_number_ends_the_curve() -> None:
    found = read_curve([1e-3, 2e-3, 4e-3], [1.0, 0.9, math.inf])

    assert found.diverged == 4e-3
    assert found.least == 2e-3


def test_a_loss_that_only_rises_suggests_little() -> None:
    losses = [1 + rate for rate in RATES]

    assert read_curve(RATES, losses).suggestion <= RATES[0]


def test_the_test_raises_the_rate_and_spoils_no_model(make_recipe) -> None:
    found, resolved = find_rate(make_recipe("one"), steps=12)
    again, _ = find_rate(make_recipe("one"), steps=12)

    assert found == again
    assert found.rates[0] == pytest.approx(1e-7)
    steps = np.diff(np.log(found.rates))
    assert np.allclose(steps, math.log(1e6) / 11)
    assert resolved.train.learning_rate == 1e-3
    assert not resolved.output.exists()


def test_a_training_takes_auto_from_the_table_and_tests_nothing(make_recipe, monkeypatch) -> None:
    def fail(*_, **__) -> None:
        raise AssertionError

    monkeypatch.setattr(lr_finder, "run_range_test", fail)
    run = train(make_recipe("one", train={"learning_rate": "auto"}))

    assert run.record.training.learning_rate == pytest.approx(1e-4)
    assert run.record.training.head_learning_rate == pytest.approx(1e-4)


def test_the_command_prints_draws_and_answers_in_json(files, tmp_path: Path, capsys) -> None:
    base = tiny_base(tmp_path / "base", checkpoint="mlm", pooling="mean")
    document = {
        "task": "classification",
        "base_model": str(base),
        "data": {"train": str(files["one"]), "validation": 0.25},
        "train": {"threads": 1, "max_length": 32, "stride": 8},
        "output": "run",
    }
    recipe, plot = tmp_path / "recipe.yaml", tmp_path / "curve.svg"
    recipe.write_text(yaml.safe_dump(document))

    assert main(["lr-find", str(recipe), "--steps", "8", "--plot", str(plot), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found["curve"]) <= 8
    assert found["suggestion"] > 0
    assert found["recipe"] == pytest.approx(1e-4)
    assert "svg" in ET.fromstring(plot.read_text()).tag
    assert not (tmp_path / "run").exists()


def test_a_curve_is_whole_svg_and_leaves_out_what_is_no_number() -> None:
    text = draw_curve([1e-4, 1e-3, 1e-2], {"a & b": [1.0, 0.5, math.inf]}, marks={"here": 1e-3})

    root = ET.fromstring(text)
    line = root.find("{http://www.w3.org/2000/svg}polyline")
    assert line is not None
    assert len(line.get("points", "").split()) == 2
    assert "prefers-color-scheme:dark" in text
    assert "nan" not in text
    assert "inf" not in text

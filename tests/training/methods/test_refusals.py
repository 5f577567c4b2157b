"""What a method cannot do it refuses before a row is read, with the reason."""

from __future__ import annotations

import re

import pytest

from burnish.errors import ConfigError
from burnish.recipe.recipe import parse_recipe
from burnish.training import train
from burnish.training.methods import METHODS, Cell, check_cell, find_method
from tests.tiny import tiny_base

POSITIONS = 512


def cell(method: str, family: str, **settings) -> Cell:
    recipe = parse_recipe(
        {
            "task": "classification",
            "method": method,
            "data": {"train": "rows.csv"},
            "output": "run",
            **settings,
        }
    )
    return Cell(recipe=recipe, family=family, positions=POSITIONS, max_length=128)


@pytest.mark.parametrize(
    ("method", "family", "reason"),
    [
        ("prefix", "gpt2", "where a 'gpt2' model computes attention is not known"),
        ("adapters", "gpt2", "where a 'gpt2' model keeps its layers is not known"),
        ("lora", "gpt2", "where a 'gpt2' model keeps its layers is not known"),
        ("ia3", "gpt2", "where a 'gpt2' model keeps its layers is not known"),
    ],
)
def test_a_family_that_a_method_cannot_do_is_refused(method, family, reason) -> None:
    with pytest.raises(ConfigError, match=reason) as caught:
        check_cell(cell(method, family))
    others = re.findall(r"\w+", caught.value.hint)
    assert method not in others
    assert {"full", "head"} <= set(others)


@pytest.mark.parametrize("method", METHODS)
def test_no_method_refuses_bert(method) -> None:
    check_cell(cell(method, "bert"))


def test_a_prefix_leaves_the_window_its_positions() -> None:
    check_cell(cell("prefix", "bert", prefix={"length": POSITIONS - 128}))
    with pytest.raises(ConfigError, match="128 tokens behind a prefix of 385 is more than the 512"):
        check_cell(cell("prefix", "bert", prefix={"length": POSITIONS - 128 + 1}))


def test_an_automatic_window_makes_room_for_the_prefix(make_recipe, tmp_path) -> None:
    settings = {"train": {"max_length": "auto", "stride": "auto", "epochs": 1}}
    run = train(make_recipe("one", method="prefix", prefix={"length": 20}, **settings))
    assert run.record.task.max_length == 130 - 20


def test_a_refusal_comes_before_the_rows_are_read(make_recipe, tmp_path) -> None:
    base = tiny_base(tmp_path / "bert", "bert")
    recipe = make_recipe(
        "one",
        method="prefix",
        prefix={"length": 130},
        base_model=str(base),
        data={"train": str(tmp_path / "nowhere.csv")},
    )
    with pytest.raises(ConfigError, match="prefix cannot tune this bert model"):
        train(recipe)
    assert [path.name for path in tmp_path.iterdir()] == ["bert"]


def test_an_unknown_method_is_answered_with_all_of_them() -> None:
    with pytest.raises(ConfigError, match="'prefixes' is not a tuning method") as caught:
        find_method("prefixes")
    assert caught.value.hint.startswith("did you mean prefix?")
    assert all(name in caught.value.hint for name in METHODS)


@pytest.mark.parametrize("train", [{"freeze": 1}, {"gradual_unfreezing": True}], ids=str)
def test_adalora_is_refused_where_layers_have_no_gradient(train) -> None:
    with pytest.raises(ConfigError, match="weighs the ranks of every layer by their gradients"):
        check_cell(cell("lora", "bert", lora={"variant": "adalora"}, train=train))
    check_cell(cell("lora", "bert", lora={"variant": "dora"}, train=train))
    check_cell(cell("lora", "bert", lora={"variant": "adalora"}))


def test_lora_plus_is_not_for_adalora() -> None:
    with pytest.raises(ConfigError, match="none of whose factors starts at zero"):
        cell("lora", "bert", lora={"variant": "adalora", "plus_ratio": 16})

"""The table behind ``auto``."""

from __future__ import annotations

from dataclasses import replace

import pytest

from burnish.tasks.heads import Head
from burnish.tasks.regimes import Regime, regime_of
from burnish.torch_models.base import resolve_base
from burnish.training.methods import METHODS
from burnish.training.pipeline.defaults import resolve_recipe


@pytest.mark.parametrize(
    ("kind", "method", "hidden_size", "rate"),
    [
        ("one", "full", 128, 5e-5),
        ("one", "full", 384, 5e-5),
        ("one", "full", 768, 1.3e-5),
        ("one", "lora", 384, 8e-4),
        ("one", "lora", 768, 4e-4),
        ("extraction", "full", 384, 3e-4),
        ("extraction", "full", 768, 7.5e-5),
        ("extraction", "lora", 768, 1e-3),
        ("qa", "full", 1024, 2.8e-5),
    ],
)
def test_auto_is_the_tables_rate_and_less_for_a_wider_model(
    make_recipe, bert, kind, method, hidden_size, rate
) -> None:
    recipe = make_recipe(kind, method=method, train={"learning_rate": "auto"})
    base = replace(resolve_base(str(bert)), hidden_size=hidden_size)

    assert resolve_recipe(recipe, base, rows=2000).train.learning_rate == pytest.approx(rate)


@pytest.mark.parametrize(
    ("kind", "method", "rows", "expected"),
    [
        ("one", "full", 2000, (5e-5, 5, 32)),
        ("one", "full", 1999, (1e-4, 10, 16)),
        ("several", "full", 1999, (2e-4, 10, 16)),
        ("one", "lora", 1999, (8e-4, 6, 32)),
        ("extraction", "full", 1999, (3e-4, 8, 16)),
    ],
)
def test_few_rows_take_more_and_larger_steps(
    make_recipe, bert, kind, method, rows, expected
) -> None:
    asked = dict.fromkeys(("learning_rate", "epochs", "batch_size"), "auto")
    base = replace(resolve_base(str(bert)), hidden_size=384)
    recipe = make_recipe(kind, method=method, train=asked)
    train = resolve_recipe(recipe, base, rows=rows, multi_label=kind == "several").train
    assert (train.learning_rate, train.epochs, train.batch_size) == expected


@pytest.mark.parametrize(
    ("kind", "method", "expected"),
    [
        ("one", "full", (5, 32, 1.0, 0.0, "tuned", "base")),
        ("several", "full", (5, 16, 1.0, 0.0, "tuned", "base")),
        ("extraction", "full", (8, 16, 1.0, 0.0, "tuned", "base")),
        ("qa", "full", (5, 16, 5.0, 4.0, "frozen", "none")),
        ("one", "lora", (6, 32, 0.125, 0.0, "tuned", "base")),
        ("several", "lora", (5, 16, 1.0, 0.0, "tuned", "base")),
        ("qa", "lora", (5, 16, 1.0, 0.0, "frozen", "none")),
        ("one", "setfit", (3, 64, 1.0, 0.0, "tuned", "base")),
    ],
)
def test_auto_goes_by_what_the_model_learns_from(make_recipe, bert, kind, method, expected) -> None:
    asked = ("epochs", "batch_size", "learning_rate", "head_learning_rate", "synthetic_questions")
    recipe = make_recipe(kind, method=method, train=dict.fromkeys(asked, "auto"))
    base = resolve_base(str(bert))
    train = resolve_recipe(recipe, base, rows=2000, multi_label=kind == "several").train
    assert (
        train.epochs,
        train.batch_size,
        pytest.approx(float(train.head_learning_rate) / float(train.learning_rate)),
        train.synthetic_questions,
        train.embeddings,
        train.attention_dropout,
    ) == expected


@pytest.mark.parametrize(
    ("rows", "given", "patience"),
    [
        (2000, {}, 2),
        (1999, {}, 10),
        (1999, {"epochs": 4}, 4),
        (1999, {"patience": 1}, 1),
        (2000, {"patience": 3}, 3),
    ],
)
def test_few_rows_run_all_their_epochs(make_recipe, bert, rows, given, patience) -> None:
    recipe = make_recipe("one", train={"epochs": "auto", **given})
    train = resolve_recipe(recipe, resolve_base(str(bert)), rows=rows).train
    assert train.patience == patience


@pytest.mark.parametrize(("kind", "window"), [("one", 128), ("extraction", 128), ("qa", 384)])
def test_the_window_is_the_tasks_own(make_recipe, bert, kind, window) -> None:
    recipe = make_recipe(kind, train={"max_length": "auto", "stride": "auto"})
    base = replace(resolve_base(str(bert)), positions=512)
    train = resolve_recipe(recipe, base, rows=100).train
    assert (train.max_length, train.stride) == (window, {128: 32, 384: 96}[window])


def test_every_method_has_a_rate_for_what_it_can_learn_from() -> None:
    some = {"setfit": {Regime.ONE_LABEL}}
    every = {regime_of(head, several_labels=several) for head in Head for several in (False, True)}
    writers = {"full", "lora"}
    for name, method in METHODS.items():
        wanted = some.get(name, every if name in writers else every - {Regime.WRITTEN})
        assert set(method.defaults.learning_rate) == wanted, name


@pytest.mark.parametrize(
    ("kind", "layers", "expected"),
    [
        ("one", 3, (2e-4, 8)),
        ("one", 0, (2e-3, 10)),
        ("several", 0, (2e-3, 10)),
        ("several", 3, (2e-4, 5)),
        ("extraction", 3, (3e-4, 8)),
    ],
)
def test_a_student_takes_larger_steps(make_recipe, bert, kind, layers, expected) -> None:
    asked = dict.fromkeys(("learning_rate", "epochs"), "auto")
    base = replace(resolve_base(str(bert)), hidden_size=384, layers=layers)
    recipe = make_recipe(kind, train=asked, distill={"teacher": "run"})
    train = resolve_recipe(recipe, base, rows=2000, multi_label=kind == "several").train
    assert train.learning_rate == pytest.approx(expected[0])
    assert train.epochs == expected[1]

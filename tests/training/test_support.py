"""Which bases can be trained and exported for a task is one table, true on both sides."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from transformers import CONFIG_MAPPING, AutoModelForCausalLM, AutoModelForSeq2SeqLM

from burnish.cli import main
from burnish.errors import BaseModelError
from burnish.recipe.recipe import Recipe
from burnish.tasks.heads import Head
from burnish.torch_models.base import resolve_base
from burnish.torch_models.build import _AUTO
from burnish.torch_models.support import (
    SUPPORTED,
    check_family,
    check_task,
)
from burnish.torch_models.writers import _FAMILIES as HALVES
from burnish.training import train
from burnish.training.pipeline.preparation import find_base
from tests.tiny import FAMILIES, tiny_base


@pytest.mark.parametrize(
    ("family", "head"), [(f, head) for f, heads in SUPPORTED.items() for head in sorted(heads)]
)
def test_what_the_table_allows_transformers_knows(family, head) -> None:
    if head is Head.WRITTEN and family in HALVES:
        assert CONFIG_MAPPING[family] in AutoModelForCausalLM._model_mapping
    elif head is Head.WRITTEN:
        assert CONFIG_MAPPING[family] in AutoModelForSeq2SeqLM._model_mapping
    else:
        assert CONFIG_MAPPING[family] in _AUTO[head]._model_mapping


def test_encoders_that_become_both_halves_are_those_of_the_table() -> None:
    several = {f for f, heads in SUPPORTED.items() if Head.WRITTEN in heads and len(heads) > 1}
    assert several == set(HALVES)


def test_every_family_that_is_tested_is_in_the_table() -> None:
    assert set(FAMILIES) <= set(SUPPORTED)


def test_the_docs_name_every_family_of_the_table() -> None:
    text = (Path(__file__).parents[2] / "docs" / "explanation" / "methods.md").read_text(
        encoding="utf-8"
    )
    named = text.partition("## Base models")[2].partition("Causal models")[0]
    assert set(re.findall(r"`([a-z0-9_-]+)`", named)) - {"base_model", "minilm"} == set(SUPPORTED)


@pytest.mark.parametrize("family", ["convbert", "luke", "xlm-roberta-xl", "fnet", "led", "new"])
def test_a_family_that_no_export_knows_is_refused_by_name(family) -> None:
    with pytest.raises(BaseModelError, match=f"'{family}', which burnish cannot export") as caught:
        check_family({"model_type": family}, name="base")
    assert "modernbert" in caught.value.hint


@pytest.mark.parametrize(
    "config",
    [
        {"model_type": "gpt2"},
        {"model_type": "llama", "architectures": ["LlamaModel"]},
        {"model_type": "qwen3", "architectures": ["Qwen3ForCausalLM"]},
        {"model_type": "bert", "is_decoder": True},
        {"model_type": "bert", "architectures": ["BertLMHeadModel"]},
        {"model_type": "nobodys", "architectures": ["NobodysForCausalLM"]},
    ],
    ids=str,
)
def test_a_causal_model_is_refused_by_name(config) -> None:
    with pytest.raises(BaseModelError, match="base is a causal language model"):
        check_family(config, name="base")


def test_a_task_that_a_family_cannot_do_is_refused_with_those_that_it_can() -> None:
    check_task("big_bird", "extraction", name="base")
    with pytest.raises(BaseModelError, match="for qa; it can for classification and extraction"):
        check_task("big_bird", "qa", name="base")


@pytest.fixture
def unread(tmp_path: Path) -> dict[str, str]:
    """Data that no reader could read."""
    path = tmp_path / "rows.csv"
    path.write_bytes(b"\x00")
    return {"train": str(path)}


def test_it_is_refused_before_a_row_is_read(make_recipe, tmp_path, unread) -> None:
    base = tiny_base(tmp_path / "base")
    config = json.loads((base / "config.json").read_text())
    (base / "config.json").write_text(json.dumps({**config, "model_type": "convbert"}))
    with pytest.raises(BaseModelError, match="convbert"):
        train(make_recipe("one", base_model=str(base), data=unread))


@pytest.mark.parametrize("family", ["bert", "mpnet", "roberta"])
def test_a_window_beyond_the_positions_passes_neither_train_nor_check(
    make_recipe, tmp_path, unread, family, capsys
) -> None:
    base = resolve_base(str(tiny_base(tmp_path / "base", family)))
    assert base.positions is not None

    def recipe(length: int) -> Recipe:
        given = {"max_length": length, "stride": 8}
        return make_recipe("one", base_model=str(base.path), data=unread, train=given)

    assert find_base(recipe(base.positions)).positions == base.positions
    for refuse in (find_base, train):
        with pytest.raises(BaseModelError, match=f"reads at most {base.positions} tokens"):
            refuse(recipe(base.positions + 1))
    document = {
        "task": "classification",
        "base_model": str(base.path),
        "data": {**unread, "validation": 0.2},
        "train": {"max_length": base.positions + 1},
        "output": str(tmp_path / "run"),
    }
    (tmp_path / "recipe.yaml").write_text(json.dumps(document))
    assert main(["check", "--recipe", str(tmp_path / "recipe.yaml")]) == 1
    assert f"reads at most {base.positions} tokens" in capsys.readouterr().err

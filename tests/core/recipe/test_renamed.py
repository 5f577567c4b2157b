"""Old names of a recipe's keys are read for one release, and the new ones are named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from burnish.errors import ConfigError
from burnish.recipe.recipe import Recipe, load_recipe, parse_recipe, recipe_keys
from burnish.recipe.renamed import RENAMED_KEYS

CASES = [
    ("train.unfreezing", "gradual", True),
    ("train.unfreezing", "all", False),
    ("train.unfreezing", "auto", "auto"),
    ("train.keep", "l2", "l2"),
    ("train.keep_strength", 0.25, 0.25),
    ("train.cloze", 2, 2.0),
    ("train.tracker_place", "events", "events"),
    ("setfit.rows_a_class", 3, 3),
    ("setfit.share", 0.75, 0.75),
    ("setfit.label_names", "tried", "auto"),
    ("setfit.label_names", "ignored", "never"),
]
"""Old key, its value, and what the new key has."""


def _document(key: str = "", value: Any = None) -> dict[str, Any]:
    section, _, name = key.partition(".")
    base = {"task": "classification", "data": {"train": "x.csv"}, "output": "y"}
    return {**base, section: {name: value}} if key else base


def _write(folder: Path, document: dict[str, Any]) -> Path:
    path = folder / "recipe.yaml"
    path.write_text(yaml.safe_dump(document))
    return path


def _value(recipe: Recipe, key: str) -> Any:
    section, _, name = key.partition(".")
    return getattr(getattr(recipe, section), name)


def test_the_cases_are_the_table_and_its_new_keys_are_keys() -> None:
    assert {old for old, _, _ in CASES} == set(RENAMED_KEYS)
    assert {new.key for new in RENAMED_KEYS.values()} <= set(recipe_keys())
    assert not set(RENAMED_KEYS) & set(recipe_keys())


@pytest.mark.parametrize(("old", "value", "now"), CASES)
def test_an_old_key_in_a_recipe_is_read_and_the_new_one_named(
    tmp_path: Path, old: str, value: Any, now: Any
) -> None:
    path, told = _write(tmp_path, _document(old, value)), list[str]()
    recipe = load_recipe(path, notify=told.append)
    new = RENAMED_KEYS[old].key
    assert _value(recipe, new) == now
    (notice,) = told
    assert notice.startswith(f"{path}: {old}")
    assert f" is now {new}" in notice
    assert notice.endswith("; 0.3 drops the old name")
    assert parse_recipe(_document(old, value)) == parse_recipe(_document(new, now))


@pytest.mark.parametrize(("old", "value", "now"), CASES)
def test_an_old_key_on_the_command_line_is_read_and_the_new_one_named(
    tmp_path: Path, old: str, value: Any, now: Any
) -> None:
    path, told = _write(tmp_path, _document()), list[str]()
    recipe = load_recipe(path, [f"{old}={value}"], notify=told.append)
    assert _value(recipe, RENAMED_KEYS[old].key) == now
    assert len(told) == 1
    assert f" is now {RENAMED_KEYS[old].key}" in told[0]


def test_several_old_keys_make_one_notice_and_new_ones_none(tmp_path: Path) -> None:
    train = {"keep": "l2", "keep_strength": 0.1, "unfreezing": "gradual"}
    told: list[str] = []
    path = _write(tmp_path, {**_document(), "train": train})
    load_recipe(path, ["train.gradual_unfreezing=false"], notify=told.append)
    (notice,) = told
    assert notice == (
        f"{path}: train.unfreezing: gradual is now train.gradual_unfreezing: true; train.keep is "
        "now train.regularization; train.keep_strength is now train.regularization_strength; 0.3 "
        "drops the old names"
    )


@pytest.mark.parametrize(
    ("file", "override"), [("keep", "regularization"), ("regularization", "keep")]
)
def test_the_command_line_wins_whichever_name_it_has(
    tmp_path: Path, file: str, override: str
) -> None:
    path = _write(tmp_path, _document(f"train.{file}", "l2"))
    assert load_recipe(path, [f"train.{override}=none"]).train.regularization == "none"
    whole = load_recipe(path, [f"train={{{override}: none, epochs: 3}}"]).train
    assert (whole.regularization, whole.epochs) == ("none", 3)


def test_a_key_under_both_names_is_an_error(tmp_path: Path) -> None:
    train = {"cloze": 1, "synthetic_questions": 2}
    with pytest.raises(ConfigError, match=r"old name of train\.synthetic_questions") as caught:
        load_recipe(_write(tmp_path, {**_document(), "train": train}))
    assert caught.value.hint == "remove train.cloze"


def test_the_recipe_of_a_run_is_read_without_a_notice(tmp_path: Path) -> None:
    path, told = _write(tmp_path, _document("train.keep", "l2")), list[str]()
    (tmp_path / "record.json").write_text("{}")
    assert load_recipe(path, notify=told.append).train.regularization == "l2"
    assert told == []


@pytest.mark.parametrize("value", [[1], {"a": 1}, None, "perhaps", 3])
def test_a_wrong_value_under_an_old_key_is_an_error_of_the_new_one(value: Any) -> None:
    with pytest.raises(ConfigError, match="train -> gradual_unfreezing: must be auto, true or"):
        parse_recipe(_document("train.unfreezing", value))


@pytest.mark.parametrize("section", [None, "l2", ["keep"], 3])
def test_a_section_that_is_none_is_left_to_the_check(section: Any) -> None:
    with pytest.raises(ConfigError, match="train: is a group of keys"):
        parse_recipe({**_document(), "train": section})


def test_the_documents_name_every_renamed_key() -> None:
    page = Path(__file__).parents[3] / "docs" / "reference" / "recipe.md"
    text = page.read_text(encoding="utf-8")
    for old, new in RENAMED_KEYS.items():
        assert f"| `{old}` | `{new.key}` |" in text

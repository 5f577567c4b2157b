"""Recipes: readable errors, overrides, and paths that mean what they say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from burnish.errors import ConfigError
from burnish.recipe.recipe import Recipe, init_recipe, load_recipe, parse_recipe, write_recipe
from burnish.tasks import QATask
from burnish.tasks.table import TASKS

MINIMAL = "task: classification\ndata: {train: rows.csv, validation: 0.2}\noutput: runs/x\n"


@pytest.fixture
def recipe_file(tmp_path) -> Path:
    path = tmp_path / "recipe.yaml"
    path.write_text(MINIMAL)
    return path


def _error(tmp_path: Path, text: str, *overrides: str) -> str:
    path = tmp_path / "recipe.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_recipe(path, overrides)
    assert caught.value.exit_code == 2
    assert caught.value.hint
    return caught.value.message


@pytest.mark.parametrize("task", TASKS)
def test_the_text_of_init_is_a_recipe_with_a_comment_on_every_line(tmp_path, task) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text(init_recipe(task))
    recipe = load_recipe(path)
    assert recipe.task == task
    keys = [line for line in init_recipe(task).splitlines() if ": " in line]
    assert all("#" in line for line in keys if not line.startswith(("task", "output")))


@pytest.mark.parametrize("task", TASKS)
def test_the_text_of_init_says_the_defaults(tmp_path, task) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text(init_recipe(task))
    given = load_recipe(path)
    plain = parse_recipe({"task": task, "data": {"train": "x"}, "output": "y"})
    assert (given.train, given.lora, given.method) == (plain.train, plain.lora, plain.method)


def test_files_are_relative_to_the_recipe(recipe_file) -> None:
    recipe = load_recipe(recipe_file)
    assert recipe.data.train == recipe_file.parent / "rows.csv"
    assert recipe.data.validation == 0.2
    assert recipe.output == recipe_file.parent / "runs" / "x"


def test_overrides_are_relative_to_where_one_stands(recipe_file, tmp_path, monkeypatch) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    recipe = load_recipe(recipe_file, ["data.train=other.csv", "output=there"])
    assert recipe.data.train == tmp_path / "elsewhere" / "other.csv"
    assert recipe.output == tmp_path / "elsewhere" / "there"


def test_a_base_model_directory_is_relative_to_the_recipe_and_a_hub_id_is_not(
    recipe_file, tmp_path
) -> None:
    (tmp_path / "models" / "mine").mkdir(parents=True)
    recipe_file.write_text(MINIMAL + "base_model: models/mine\n")
    assert load_recipe(recipe_file).base_model == str(tmp_path / "models" / "mine")
    recipe_file.write_text(MINIMAL + "base_model: google/electra-small\n")
    assert load_recipe(recipe_file).base_model == "google/electra-small"


def test_overrides_win_and_make_sections(recipe_file) -> None:
    recipe = load_recipe(
        recipe_file, ["train.epochs=3", "lora.r=4", "method=lora", "train.learning_rate=1e-3"]
    )
    assert recipe.train.epochs == 3
    assert recipe.lora.r == 4
    assert recipe.method == "lora"
    assert recipe.train.learning_rate == 1e-3


def test_a_resolved_recipe_reads_back_the_same(recipe_file, tmp_path) -> None:
    recipe = load_recipe(recipe_file, ["train.learning_rate=2e-5"])
    write_recipe(recipe, tmp_path / "other.yaml")
    assert load_recipe(tmp_path / "other.yaml") == recipe


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (MINIMAL + "methd: lora\n", "methd: unknown key; did you mean method?"),
        (
            MINIMAL + "abstain: 0.05\n",
            "abstain: is a group of keys: error, confidence, reject, score (abstain.err",
        ),
        (MINIMAL + "abstain: {eror: 0.1}\n", "abstain -> eror: unknown key; did you mean error?"),
        (MINIMAL + "lora: 16\n", "lora: is a group of keys: r, alpha, dropout"),
        (MINIMAL + "train: {epoch: 3}\n", "train -> epoch: unknown key; did you mean epochs?"),
        (MINIMAL + "lora: {xyzzy: 3}\n", "lora -> xyzzy: unknown key; known: r, alpha, dropout"),
        (MINIMAL + "train: {epochs: many}\n", "train -> epochs: must be auto or a number"),
        (MINIMAL + "train: {batch_size: 2.5}\n", "train -> batch_size: "),
        (MINIMAL + "train: {learning_rate: -1}\n", "train -> learning_rate: "),
        (MINIMAL + "train: {epochs: 0}\n", "train -> epochs: "),
        (MINIMAL + "train: {learning_rate: .nan}\n", "train -> learning_rate: "),
        (MINIMAL + "train: {learning_rate: true}\n", "train -> learning_rate: must be auto"),
        (MINIMAL.replace("0.2", "1.5"), "data -> validation: must be a file, or a share"),
        (MINIMAL.replace("0.2", "true"), "data -> validation: must be a file, or a share"),
        ("data: {train: x}\noutput: y\n", "task: is missing"),
        ("task: classification\noutput: y\n", "data: is missing"),
        (MINIMAL.replace("classification", "poetry"), "task: input should be"),
        (MINIMAL + "output: z\n", "the key 'output' is given twice"),
        (MINIMAL + "train: {max_length: 8}\n", "train -> max_length: must be auto or a whole"),
        (MINIMAL + "train: {max_length: 10000}\n", "train -> max_length: must be auto or a whole"),
        (
            MINIMAL + "train: {max_length: 64, stride: 60}\n",
            "train -> stride: 60 is more than half of max_length, 64; use auto or at most 32",
        ),
        (MINIMAL + "train: {{file}}\n", "is not YAML: a key must be a word"),
        (MINIMAL + "train: {? [epochs] : 3}\n", "is not YAML: a key must be a word"),
        ("- a\n", "holds no keys"),
        ("", "holds no keys"),
        ("a: [", "is not YAML"),
        ("a: !!python/object/apply:os.system [ls]", "is not YAML"),
    ],
)
def test_an_error_names_section_key_and_fix(tmp_path, text, message) -> None:
    assert message in _error(tmp_path, text)


def test_a_key_that_stands_twice_is_told_with_its_place(tmp_path) -> None:
    message = _error(tmp_path, MINIMAL + "output: z\n")
    assert f'in "{tmp_path / "recipe.yaml"}", line 4, column 1' in message
    assert "<unicode string>" not in message


def test_a_recipe_nested_too_deep_is_refused(tmp_path) -> None:
    deep = "[" * 5000 + "]" * 5000
    assert "recipe.yaml is nested too deep" in _error(tmp_path, f"task: {deep}\n")
    assert "task: the value is nested too deep" in _error(tmp_path, MINIMAL, f"task={deep}")


def test_a_wrong_value_is_named_once(tmp_path) -> None:
    message = _error(tmp_path, MINIMAL + "train: {epochs: many, seed: -1}\n")
    assert message.count("train -> epochs") == 1
    assert message.count("train -> seed") == 1


@pytest.mark.parametrize("override", ["train.epochs", "=3", "train..epochs=3", "train.epochs=["])
def test_a_malformed_override_is_refused(tmp_path, override) -> None:
    _error(tmp_path, MINIMAL, override)


def test_a_missing_recipe_says_how_to_write_one(tmp_path) -> None:
    with pytest.raises(ConfigError, match="cannot read") as caught:
        load_recipe(tmp_path / "none.yaml")
    assert "burnish init" in caught.value.hint


def test_column_names_reach_the_readers() -> None:
    recipe = parse_recipe(
        {
            "task": "classification",
            "data": {"train": "x", "text": "body", "labels": "tags", "separator": "|"},
            "output": "y",
        }
    )
    columns = recipe.data.columns()
    assert (columns.text, columns.labels, columns.separator) == ("body", "tags", "|")


def test_a_recipe_does_not_change() -> None:
    recipe = parse_recipe({"task": "qa", "data": {"train": "x"}, "output": "y"})
    with pytest.raises(ValueError, match="frozen"):
        recipe.task = "extraction"  # type: ignore[misc]
    assert isinstance(recipe, Recipe)


@pytest.mark.parametrize(
    ("max_length", "stride"), [(15, 1), (16, 8), (16, 9), (64, 32), (64, 33), (8192, 1), (8193, 1)]
)
def test_a_recipe_takes_the_windows_that_a_task_takes(max_length, stride) -> None:
    def fits(make: Callable[[], object]) -> bool:
        try:
            make()
        except (ConfigError, ValidationError):
            return False
        return True

    window = {"max_length": max_length, "stride": stride}
    recipe = {"task": "qa", "data": {"train": "x"}, "output": "y", "train": window}
    assert fits(lambda: parse_recipe(recipe)) == fits(lambda: QATask(**window))

"""What every task says of itself fits together: its inputs, neutral texts and words."""

from __future__ import annotations

import pytest
import yaml

from burnish.recipe.recipe import Recipe, init_recipe, parse_recipe, recipe_keys
from burnish.tasks.inputs import TEXT
from burnish.tasks.table import TASKS, find_task


@pytest.mark.parametrize("task", TASKS)
def test_neutral_inputs_are_inputs_of_the_task(task: str) -> None:
    kind = find_task(task)
    for given in (*kind.neutral.probes, kind.neutral.around("a few words")):
        assert kind.inputs.checked(given) == given
    assert "a few words" in kind.inputs.texts(kind.neutral.around("a few words"))
    assert all(TEXT.checked(text) for text in kind.inputs.texts(kind.neutral.probes[0]))


@pytest.mark.parametrize("task", TASKS)
def test_options_are_one_per_text_and_no_other_task_has_them(task: str) -> None:
    mine = find_task(task).inputs
    assert not mine.options or len(mine.options) == len(mine.fields)
    others = {name for each in TASKS if each != task for name in find_task(each).inputs.options}
    assert not others & set(mine.options)


@pytest.mark.parametrize("task", TASKS)
def test_an_alias_names_one_task(task: str) -> None:
    others = [find_task(each).words.aliases.split() for each in TASKS if each != task]
    aliases = set(find_task(task).words.aliases.split())
    assert aliases
    assert not aliases & {alias for each in others for alias in each}


@pytest.mark.parametrize("task", TASKS)
def test_a_new_recipe_has_the_tasks_lines_and_is_read(task: str) -> None:
    text = init_recipe(task)
    lines = find_task(task).words.recipe
    assert lines.columns in text
    assert f"runs/{lines.train.partition('.')[0]}" in text
    assert parse_recipe(yaml.safe_load(text)).task == task


@pytest.mark.parametrize("task", TASKS)
def test_a_tasks_own_section_holds_settings_of_the_task(task: str) -> None:
    kind = find_task(task)
    own = [key for key in recipe_keys() if kind.section and key.startswith(f"{kind.section}.")]
    assert {key.partition(".")[2] for key in own} <= set(kind.settings.model_fields)
    assert bool(kind.section) == bool(own)
    recipe = Recipe.model_validate({"task": task, "data": {"train": "a.csv"}, "output": "runs/a"})
    assert recipe.task_options() == {}


def test_options_of_a_task_are_read_from_its_section() -> None:
    document = {"data": {"train": "a.csv"}, "output": "runs/a", "qa": {"max_answer_tokens": 40}}
    assert parse_recipe({"task": "qa", **document}).task_options() == {"max_answer_tokens": 40}
    assert parse_recipe({"task": "classification", **document}).task_options() == {}

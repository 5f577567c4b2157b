"""What a recipe asks of a task that cannot give it is refused, with the tasks that can."""

from __future__ import annotations

import pytest

from burnish.errors import ConfigError
from burnish.recipe.recipe import Recipe, parse_recipe
from burnish.training.pipeline.preparation import check_options


def recipe(task: str, *, data: dict[str, str] | None = None, **train: object) -> Recipe:
    return parse_recipe(
        {
            "task": task,
            "data": {"train": "rows.csv", **(data or {})},
            "train": train,
            "output": "run",
        }
    )


@pytest.mark.parametrize("task", ["extraction", "qa"])
def test_what_only_labelled_rows_have_is_refused(task) -> None:
    with pytest.raises(ConfigError, match="balanced is for classification and pairs alone"):
        check_options(recipe(task, class_weights="balanced"))
    with pytest.raises(ConfigError, match="other is for classification and pairs alone"):
        check_options(recipe(task, data={"out_of_scope": "other"}))


@pytest.mark.parametrize("task", ["classification", "extraction"])
def test_synthetic_questions_are_refused_where_none_can_be_made(task) -> None:
    with pytest.raises(ConfigError, match="2 questions per row are for qa alone"):
        check_options(recipe(task, synthetic_questions=2))


def test_what_a_task_can_have_passes() -> None:
    data = {"out_of_scope": "other"}
    check_options(recipe("classification", data=data, class_weights="balanced"))
    check_options(recipe("qa", synthetic_questions=2))

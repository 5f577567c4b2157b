"""What all tasks share: the window, and what cannot be tokenized."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import ValidationError

from burnish.errors import InputError
from burnish.tasks import ClassificationTask, ExtractionTask, QATask
from burnish.tasks.readable import require_tokens, validate_text


@pytest.mark.parametrize("stride", [0, 8])
def test_an_overlap_of_up_to_half_a_window_is_taken(stride: int) -> None:
    assert ClassificationTask(labels=("a",), max_length=16, stride=stride).stride == stride


def test_a_larger_overlap_is_refused() -> None:
    with pytest.raises(ValidationError, match="stride 9 is more than half of max_length 17"):
        ClassificationTask(labels=("a",), max_length=17, stride=9)


@pytest.mark.parametrize("changed", [{"max_length": 15}, {"max_length": 8193}, {"stride": -1}])
def test_a_window_has_bounds(changed: dict[str, int]) -> None:
    with pytest.raises(ValidationError, match=next(iter(changed))):
        ClassificationTask(**{"labels": ("a",), "max_length": 16, "stride": 0, **changed})


def test_windows_have_the_size_that_suits_the_task() -> None:
    text, entities = ClassificationTask(labels=("a",)), ExtractionTask(labels=("a",))
    assert (text.max_length, text.stride) == (entities.max_length, entities.stride) == (128, 32)
    assert (QATask().max_length, QATask().stride) == (384, 128)
    assert ClassificationTask(labels=("a",), max_length=16, stride=0).max_length == 16
    assert ClassificationTask(labels=("a",), max_length=8192).max_length == 8192


def test_a_new_task_marks_nothing_and_gives_everything() -> None:
    task = ExtractionTask(labels=("a",))
    assert (task.abstain_below, task.score_threshold, task.aim) == (0.0, 0.0, "f1")
    assert (QATask().no_answer_threshold, QATask().temperature) == (0.0, 1.0)
    assert QATask().max_answer_tokens == 30
    assert not ClassificationTask(labels=("a",)).multi_label
    assert ClassificationTask(labels=("a",)).temperature == 1.0


@pytest.mark.parametrize("below", [-0.1, float("inf"), float("nan")])
def test_a_score_to_abstain_below_is_a_finite_number(below: float) -> None:
    with pytest.raises(ValidationError, match="abstain_below"):
        ClassificationTask(labels=("a",), abstain_below=below)


@pytest.mark.parametrize("threshold", [-0.1, 1.1])
def test_the_score_of_an_entity_is_a_share(threshold: float) -> None:
    with pytest.raises(ValidationError, match="score_threshold"):
        ExtractionTask(labels=("a",), score_threshold=threshold)
    assert ExtractionTask(labels=("a",), score_threshold=1.0).score_threshold == 1.0


def test_an_answer_has_a_token_at_least() -> None:
    assert QATask(max_answer_tokens=1).max_answer_tokens == 1
    with pytest.raises(ValidationError, match="max_answer_tokens"):
        QATask(max_answer_tokens=0)


def test_what_is_empty_is_named() -> None:
    with pytest.raises(InputError, match="the question is empty"):
        validate_text("\u2003\n", what="question")
    validate_text(" a ")


def test_a_lone_surrogate_is_named_by_its_place() -> None:
    with pytest.raises(InputError, match="the context holds a lone surrogate at character 2"):
        validate_text("ab\ud800", what="context")


def test_a_text_without_a_token_is_refused_and_one_with_a_token_is_not() -> None:
    none: Any = SimpleNamespace(tokens=0)
    one: Any = SimpleNamespace(tokens=1)
    with pytest.raises(InputError, match="the model sees no word in this context"):
        require_tokens(none, what="context")
    require_tokens(one)

"""Questions made of contexts: answers stand where they are said to, and a share has none."""

from __future__ import annotations

import json

import pytest

from burnish.data import read_rows
from burnish.data.sample_files import sample_path
from burnish.errors import ConfigError
from burnish.tasks.qa.example import GoldAnswer, QAExample
from burnish.training import train
from burnish.training.data.wording import Wording, sentences, shape_of, words
from burnish.training.tasks.qa.synthetic_questions import ClozeWriter

QUESTIONS = 300


@pytest.fixture(scope="module")
def handbook() -> tuple[QAExample, ...]:
    examples = read_rows(sample_path("handbook"), "qa").examples
    return tuple(e for e in examples if isinstance(e, QAExample))


@pytest.fixture(scope="module")
def made_up(handbook) -> list[QAExample]:
    return ClozeWriter(handbook, seed=1).write(QUESTIONS)


def test_as_many_are_written_as_asked_for(made_up) -> None:
    assert len(made_up) == QUESTIONS
    assert len({example.id for example in made_up}) == QUESTIONS


def test_an_answer_stands_where_it_is_said_to(made_up) -> None:
    for example in made_up:
        for answer in example.answers:
            end = answer.start + len(answer.text)
            assert example.context[answer.start : end] == answer.text


def test_a_question_does_not_give_its_answer_away(made_up) -> None:
    answered = [example for example in made_up if example.answers]
    assert answered
    for example in answered:
        assert example.answers[0].text.lower() not in example.question.lower()


def test_passages_are_cut_from_the_contexts(handbook, made_up) -> None:
    contexts = {example.context for example in handbook}
    for example in made_up:
        assert any(example.context in context for context in contexts)


def test_about_a_third_has_no_answer(made_up) -> None:
    share = sum(not example.answers for example in made_up) / QUESTIONS
    assert 0.2 < share < 0.45


def test_the_seed_decides(handbook, made_up) -> None:
    assert ClozeWriter(handbook, seed=1).write(QUESTIONS) == made_up
    assert ClozeWriter(handbook, seed=2).write(QUESTIONS) != made_up


def test_questions_open_as_labelled_ones_with_such_answers_do(handbook, made_up) -> None:
    openings = {words(example.question)[0] for example in handbook if example.answers}
    opened = [words(example.question)[0] in openings for example in made_up]
    assert sum(opened) > 0.9 * QUESTIONS


@pytest.mark.parametrize("context", ["yes", "", "of the of the", "……"])
def test_contexts_with_nothing_to_ask_about_give_no_question(context) -> None:
    row = QAExample(id="a:1", context=context, question="?", answers=())
    assert ClozeWriter([row], seed=1).write(5) == []


def test_no_rows_give_no_question() -> None:
    assert ClozeWriter([], seed=1).write(5) == []


@pytest.mark.parametrize(
    ("text", "shape"),
    [("in 1685", "number"), ("Anna Lee", "name"), ("a red card", "other"), ("…", "other")],
)
def test_a_stretch_is_a_number_a_name_or_another(text, shape) -> None:
    assert shape_of(text) == shape


def test_sentences_cover_the_text() -> None:
    text = "It ended in 3.5 hours. Why? 終わった。次。"
    assert [text[begin:end] for begin, end in sentences(text)] == [
        "It ended in 3.5 hours.",
        "Why?",
        "終わった。",
        "次。",
    ]


def test_a_stretch_ends_at_a_common_word_and_at_punctuation() -> None:
    wording = Wording(["the of " * 3] + [f"w{i} w{i}" for i in range(118)])
    text = "the red parcel of Anna Lee, Paris"
    assert [text[begin:end] for begin, end in wording.stretches(text)] == [
        "red parcel",
        "Anna Lee",
        "Paris",
    ]


def test_practice_changes_the_model_and_is_told(make_recipe, tmp_path, handbook) -> None:
    rows = tmp_path / "rows.jsonl"
    kept = [
        {
            "context": example.context[:300],
            "question": example.question,
            "answers": [
                {"text": answer.text, "start": answer.start}
                for answer in example.answers
                if answer.start + len(answer.text) <= 300
            ],
        }
        for example in handbook[:40]
    ]
    rows.write_text("\n".join(json.dumps(row) for row in kept))
    told: list[str] = []
    settings = {"epochs": 1, "max_length": 96}
    options = {"data": {"train": str(rows)}}
    with_practice = train(make_recipe("qa", **options, train=settings), notify=told.append)
    without = train(
        make_recipe("qa", **options, train={**settings, "synthetic_questions": 0}), replace=True
    )

    assert any(line.startswith("warming up on ") for line in told)
    assert with_practice.recipe.train.synthetic_questions == 4
    assert without.recipe.train.synthetic_questions == 0
    weights = [run.record.files["model/model.safetensors"] for run in (with_practice, without)]
    assert weights[0] != weights[1]


def test_practice_is_for_questions_alone(make_recipe) -> None:
    with pytest.raises(ConfigError, match="for qa alone"):
        train(make_recipe("extraction", train={"synthetic_questions": 2}))


@pytest.mark.parametrize("value", [-1, "many", True, float("inf")])
def test_a_wrong_number_of_questions_is_refused(make_recipe, value) -> None:
    with pytest.raises(ConfigError, match="train -> synthetic_questions: must be auto"):
        make_recipe("qa", train={"synthetic_questions": value})


def test_an_answer_may_be_the_whole_of_a_sentence() -> None:
    row = QAExample(id="a:1", context="Anna.", question="Who?", answers=(GoldAnswer("Anna", 0),))
    assert ClozeWriter([row], seed=1).write(3) == []

"""Errors are counted by kind and by slice, and the surest come first; no text is kept."""

from __future__ import annotations

import json
from dataclasses import replace

from burnish.evidence.error_analysis import ErrorAnalysis, analyse
from burnish.evidence.error_analysis.analyse import count_kinds
from burnish.tasks import ClassificationTask, QATask
from burnish.tasks.classification.example import ClassificationExample
from burnish.tasks.classification.prediction import Classification, LabelScore
from burnish.tasks.extraction.errors import EntityErrors
from burnish.tasks.extraction.example import ExtractionExample, Span
from burnish.tasks.extraction.prediction import Entity, Extraction
from burnish.tasks.qa.errors import AnswerErrors
from burnish.tasks.qa.example import GoldAnswer, QAExample
from burnish.tasks.qa.prediction import Answer, QAPrediction

TASK = ClassificationTask(labels=("a", "b"), max_length=32, stride=8)


def said(label: str, score: float) -> Classification:
    other = "b" if label == "a" else "a"
    scores = (LabelScore(label, score), LabelScore(other, 1 - score))
    return Classification(labels=(label,), scores=scores, tokens=3, windows=1)


def rows(count: int, label: str = "a", text: str = "some words here") -> list:
    return [
        ClassificationExample(id=f"f:{i}", text=text, labels=(label,), group=f"g{i % 2}")
        for i in range(count)
    ]


def test_the_surest_mistakes_come_first_and_only_by_their_rows() -> None:
    examples = rows(4, text="a secret text")
    predictions = [said("b", 0.7), said("a", 0.9), said("b", 0.9), said("a", 0.6)]
    found = analyse(TASK, examples, predictions, part="test")
    assert [(m.row, m.true, m.predicted) for m in found.mistakes] == [
        ("f:2", "a", "b"),
        ("f:0", "a", "b"),
    ]
    assert (found.rows, found.wrong) == (4, 2)
    assert "secret" not in json.dumps(found.to_json())
    assert ErrorAnalysis.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_the_worst_slice_comes_first_and_small_ones_are_left_out() -> None:
    examples = [*rows(40), *rows(25, "b"), *rows(5, text=" ".join(["word"] * 50))]
    predictions = [said("a", 0.9)] * 70
    found = analyse(TASK, examples, predictions, part="test")
    assert (found.slices[0].by, found.slices[0].name, found.slices[0].score) == ("label", "b", 0.0)
    assert {each.by for each in found.slices} == {"label", "length", "group"}
    assert all(each.rows >= 20 for each in found.slices)


def test_a_column_of_subgroups_is_sliced_by_its_values() -> None:
    sites = [("north", "x")] * 30 + [("south", "x")] * 25 + [("east", "x")] * 19
    examples = [replace(e, subgroups=s) for e, s in zip(rows(74), sites, strict=True)]
    predictions = [said("a", 0.9)] * 30 + [said("b", 0.9)] * 25 + [said("a", 0.9)] * 19
    found = analyse(TASK, examples, predictions, part="test", columns=("site", "ward"))
    assert (found.slices[0].by, found.slices[0].name, found.slices[0].rows) == ("site", "south", 25)
    assert [(s.name, s.rows) for s in found.slices if s.by == "site"] == [
        ("south", 25),
        ("north", 30),
    ]
    assert [(s.name, s.rows) for s in found.slices if s.by == "ward"] == [("x", 74)]


def entity(label: str, start: int, end: int) -> Entity:
    return Entity(label, 0.9, "x", start, end)


def test_entities_are_missed_invented_or_wrong_in_boundary_or_type() -> None:
    true = (Span(0, 4, "p"), Span(5, 9, "p"), Span(10, 14, "p"), Span(20, 24, "p"))
    example = ExtractionExample(id="f:1", text="x" * 40, entities=true)
    found = (
        *(entity("p", 0, 4), entity("q", 5, 9), entity("p", 10, 13)),
        *(entity("q", 19, 24), entity("p", 30, 33)),
    )
    kinds = count_kinds(
        EntityErrors(), [example], [Extraction(entities=found, tokens=1, windows=1)]
    )
    assert kinds == {"type": 1, "boundary": 1, "boundary and type": 1, "invented": 1}
    nothing = Extraction(entities=(), tokens=1, windows=1)
    assert count_kinds(EntityErrors(), [example], [nothing]) == {"missed": 4}


def test_answers_are_missed_invented_partial_or_elsewhere() -> None:
    gold = (GoldAnswer("red brick house", 0),)
    context = "red brick house by a lake"

    def kinds(answers, text: str) -> dict[str, int]:
        example = QAExample(id="f:1", context=context, question="what?", answers=answers)
        best = Answer(text, 0.9, 0, len(text))
        prediction = QAPrediction(answers=(best,), tokens=1, windows=1)
        return count_kinds(AnswerErrors(), [example], [prediction])

    assert kinds(gold, "red brick house") == {}
    assert kinds(gold, "house") == {"partial": 1}
    assert kinds(gold, "lake") == {"elsewhere": 1}
    assert kinds(gold, "") == {"missed": 1}
    assert kinds((), "lake") == {"invented": 1}


def test_questions_are_sliced_by_their_word() -> None:
    answers = (GoldAnswer("lake", 0),)
    examples = [
        QAExample(id=f"f:{i}", context="lake", question=question, answers=answers)
        for i, question in enumerate(["Where is it?", "And who was it?"] * 20)
    ]
    right = QAPrediction(answers=(Answer("lake", 0.9, 0, 4),), tokens=1, windows=1)
    found = analyse(QATask(), examples, [right] * 40, part="validation")
    assert {each.name for each in found.slices if each.by == "question word"} == {"where", "who"}

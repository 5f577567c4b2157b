"""What a model learns from follows from its head, and from whether labels are several."""

from __future__ import annotations

import pytest

from burnish.tasks import (
    ClassificationTask,
    ExtractionTask,
    QATask,
    RegressionTask,
    SummaryTask,
    TranslationTask,
)
from burnish.tasks.classification.example import ClassificationExample
from burnish.tasks.heads import Head
from burnish.tasks.regimes import Regime, regime_of, task_regime


@pytest.mark.parametrize(
    ("task", "regime"),
    [
        (ClassificationTask(labels=("a",)), Regime.ONE_LABEL),
        (ClassificationTask(labels=("a",), multi_label=True), Regime.SEVERAL_LABELS),
        (ExtractionTask(labels=("a",)), Regime.TAGS),
        (QATask(), Regime.SPAN),
        (RegressionTask(), Regime.NUMBER),
        (SummaryTask(), Regime.MARKS),
        (TranslationTask(), Regime.WRITTEN),
    ],
    ids=lambda each: str(getattr(each, "answers", each)),
)
def test_a_task_names_its_regime(task, regime) -> None:
    assert task_regime(task) is regime


def test_only_a_sequence_has_several_labels() -> None:
    assert {head: regime_of(head, several_labels=True) for head in Head} == {
        Head.SEQUENCE: Regime.SEVERAL_LABELS,
        Head.TOKENS: Regime.TAGS,
        Head.SPAN: Regime.SPAN,
        Head.SCORE: Regime.NUMBER,
        Head.MARKS: Regime.MARKS,
        Head.WRITTEN: Regime.WRITTEN,
    }


def test_a_label_is_a_row_by_its_name_where_a_name_can_be_an_input() -> None:
    row = ClassificationTask(labels=("lost",)).name_example("lost", "card lost")
    assert row == ClassificationExample(id="label:lost", text="card lost", labels=("lost",))
    assert QATask().name_example("lost", "card lost") is None

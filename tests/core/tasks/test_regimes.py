"""What a model learns from follows from its head, and from whether labels are several."""

from __future__ import annotations

import pytest

from burnish.tasks import ClassificationTask, ExtractionTask, QATask
from burnish.tasks.heads import Head
from burnish.tasks.regimes import Regime, regime_of


@pytest.mark.parametrize(
    ("task", "regime"),
    [
        (ClassificationTask(labels=("a",)), Regime.ONE_LABEL),
        (ClassificationTask(labels=("a",), multi_label=True), Regime.SEVERAL_LABELS),
        (ExtractionTask(labels=("a",)), Regime.TAGS),
        (QATask(), Regime.SPAN),
    ],
    ids=lambda each: str(getattr(each, "answers", each)),
)
def test_a_task_names_its_regime(task, regime) -> None:
    assert task.regime is regime
    assert task.several_labels == (regime is Regime.SEVERAL_LABELS)


def test_only_a_sequence_has_several_labels() -> None:
    assert {head: regime_of(head, several_labels=True) for head in Head} == {
        Head.SEQUENCE: Regime.SEVERAL_LABELS,
        Head.TOKENS: Regime.TAGS,
        Head.SPAN: Regime.SPAN,
    }

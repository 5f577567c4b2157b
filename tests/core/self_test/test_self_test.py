import json

import numpy as np
import pytest

from burnish.bundle import read_bundle
from burnish.errors import BundleError, InputError
from burnish.runtime import load_model
from burnish.runtime.session import Session
from burnish.self_test import Probes, answer_record, mismatches, probes_for
from burnish.self_test.asking import record_probes
from burnish.tasks import (
    Classification,
    ClassificationTask,
    Extraction,
    ExtractionTask,
    QAPrediction,
    QATask,
)
from burnish.tasks.classification.prediction import LabelScore
from burnish.tasks.extraction.prediction import Entity
from burnish.tasks.qa.prediction import Answer
from burnish.tasks.table import TASKS, find_task
from tests.tiny_onnx import tiny_bundle

TASK = ClassificationTask(labels=("a", "b", "c"))
SEVERAL = ClassificationTask(labels=("a", "b"), multi_label=True, thresholds={"a": 0.4})
ENTITIES = ExtractionTask(labels=("place",))


def labelled(*given: str, **scores: float) -> Classification:
    ranked = sorted(scores.items(), key=lambda each: -each[1])
    labels = given or (ranked[0][0],)
    pairs = tuple(LabelScore(label, score) for label, score in ranked)
    return Classification(labels=labels, scores=pairs, tokens=5, windows=1)


def entities(*found: tuple[int, int, float]) -> Extraction:
    made = tuple(Entity("place", score, "x", start, end) for start, end, score in found)
    return Extraction(entities=made, tokens=5, windows=1)


def answers(*found: tuple[int, int, float]) -> QAPrediction:
    made = tuple(Answer("x" * (end - start), score, start, end) for start, end, score in found)
    return QAPrediction(answers=made, tokens=5, windows=1)


def differences(task, before, now, *, tolerance=0.05, close=False) -> list[str]:
    record = answer_record(task, before, tolerance=tolerance, close=close)
    probes = Probes(set="neutral-1", tolerance=tolerance, answers=(record,))
    return list(mismatches(probes, [now], task))


@pytest.mark.parametrize("task", ["classification", "extraction", "qa"])
@pytest.mark.parametrize("int8", [False, True])
def test_a_bundle_answers_its_own_probes(tmp_path, task, int8):
    bundle = tiny_bundle(tmp_path / "b", task, probes=True, int8=int8)
    with load_model(bundle) as model:
        recorded = model.bundle.manifest.probes
        assert recorded is not None
        assert recorded.tolerance == (0.05 if int8 else 0.001)
        given = probes_for(task)
        found = list(model.stream(given, errors="yield"))
        assert list(mismatches(recorded, found, model.bundle.manifest.task)) == []


@pytest.mark.parametrize("task", TASKS)
def test_the_set_is_small_has_long_ones_and_other_scripts(tmp_path, task):
    given = probes_for(task)
    texts = [text for each in given for text in find_task(task).inputs.texts(each)]
    assert 8 <= len(given) <= 12
    assert sum(not text.isascii() for text in texts) >= 2
    with load_model(tiny_bundle(tmp_path / "b", task, max_length=128)) as model:
        windows = [each.windows for each in model.predict(given)]
    assert sum(count > 1 for count in windows) >= 2


def test_a_manifest_holds_no_text_of_a_probe(tmp_path):
    bundle = tiny_bundle(tmp_path / "b", probes=True)
    text = (bundle / "manifest.json").read_text()
    assert not [each for each in probes_for("classification") if str(each) in text]
    assert len(json.loads(text)["probes"]["answers"]) == len(probes_for("classification"))


def test_a_score_within_the_tolerance_is_the_same(tmp_path):
    before = labelled(a=0.7, b=0.2, c=0.1)
    assert differences(TASK, before, labelled(a=0.66, b=0.24, c=0.1)) == []


def test_a_score_beyond_it_is_told_with_both_figures():
    before = labelled(a=0.7, b=0.2, c=0.1)
    found = differences(TASK, before, labelled(a=0.6, b=0.3, c=0.1))
    assert found[0] == (
        "self-test 1: label 'a' has the score 0.6000, recorded 0.7000 (tolerance 0.05)"
    )


def test_two_labels_nearly_as_good_are_a_tie():
    before = labelled(a=0.46, b=0.44, c=0.1)
    assert differences(TASK, before, labelled(b=0.46, a=0.44, c=0.1)) == []


def test_another_label_is_a_mismatch_where_there_is_no_tie():
    before = labelled(a=0.5, b=0.34, c=0.16)
    found = differences(TASK, before, labelled("b", a=0.5, b=0.34, c=0.16))
    assert found == ["self-test 1: label 'b' is given, the opposite of the answer at export"]


def test_a_score_beside_its_threshold_is_a_tie():
    before = labelled("a", a=0.42, b=0.1)
    assert differences(SEVERAL, before, labelled("b", a=0.38, b=0.1))[0].startswith(
        "self-test 1: label 'b' is given"
    )
    none = Classification(labels=(), scores=labelled(a=0.38, b=0.1).scores, tokens=5, windows=1)
    assert differences(SEVERAL, before, none) == []


def test_the_best_of_labels_below_their_thresholds_is_a_tie_where_another_is_as_good():
    task = SEVERAL.model_copy(update={"at_least_one": True})
    now = labelled(b=0.22, a=0.2)
    assert differences(task, labelled(a=0.22, b=0.2), now) == []
    assert differences(task, labelled(a=0.24, b=0.1), now) != []
    assert differences(SEVERAL, labelled(a=0.22, b=0.2), now) != []


def test_entities_have_to_be_the_same_unless_the_logits_were_close():
    before = entities((0, 5, 0.9), (10, 15, 0.6))
    now = entities((0, 5, 0.9), (20, 25, 0.6))
    assert differences(ENTITIES, before, now) == [
        "self-test 1: entity 'place' at 10 to 15 is not found, recorded with 0.6000",
        "self-test 1: entity 'place' at 20 to 25 is found with 0.6000, recorded as not found",
    ]
    assert differences(ENTITIES, before, now, close=True) == []
    changed = entities((0, 5, 0.7))
    assert len(differences(ENTITIES, before, changed, close=True)) == 1


def test_the_best_answer_has_to_be_the_same_unless_two_were_nearly_as_good():
    clear, tie = answers((3, 9, 0.7), (0, 0, 0.3)), answers((3, 9, 0.52), (0, 0, 0.48))
    assert differences(QATask(), clear, answers((0, 0, 0.52), (3, 9, 0.48))) != []
    assert differences(QATask(), tie, answers((0, 0, 0.52), (3, 9, 0.48))) == []


def test_other_tokens_are_a_mismatch():
    before, now = (
        labelled(a=1.0),
        Classification(labels=("a",), scores=(LabelScore("a", 1.0),), tokens=6, windows=1),
    )
    assert differences(TASK, before, now) == [
        "self-test 1: 6 tokens in 1 window, recorded 5 tokens in 1 window"
    ]


def test_what_cannot_be_answered_has_to_stay_so():
    refused = InputError("too long")
    assert differences(QATask(), None, refused) == []
    assert "did not at export" in differences(QATask(), None, answers((0, 0, 1.0)))[0]
    assert "the model cannot answer it: too long" in differences(TASK, labelled(a=1.0), refused)[0]


def test_another_number_of_answers_is_a_mismatch():
    probes = Probes(set="neutral-1", tolerance=0.05, answers=())
    assert list(mismatches(probes, [labelled(a=1.0)], TASK)) == [
        "the self-test records 0 answers, and asks 1 text"
    ]


def test_a_model_whose_numbers_are_not_finite_cannot_record(tmp_path):
    bundle = read_bundle(tiny_bundle(tmp_path / "b", poison="hello"))
    with pytest.raises(BundleError, match=r"self-test 2: .* not finite"):
        record_probes(
            bundle.manifest.task,
            graph=bundle.model_path,
            tokenizer=bundle.tokenizer_path,
            inputs=bundle.manifest.inputs,
            precision="fp32",
        )


@pytest.mark.parametrize(("gap", "close"), [(0.1, True), (0.5, False)])
def test_entities_are_close_where_a_tag_is_nearly_the_best(tmp_path, monkeypatch, gap, close):
    bundle = read_bundle(tiny_bundle(tmp_path / "b", "extraction"))

    def run(self, window):
        logits = np.zeros((len(window), 5), dtype=np.float32)
        logits[:, 0] = gap
        return logits

    monkeypatch.setattr(Session, "run", run)
    found = record_probes(
        bundle.manifest.task,
        graph=bundle.model_path,
        tokenizer=bundle.tokenizer_path,
        inputs=bundle.manifest.inputs,
        precision="int8",
    )
    assert {each.close for each in found.answers} == {close}  # type: ignore[union-attr]

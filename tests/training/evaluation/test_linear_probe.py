"""The linear probe is scikit-learn's logistic regression, and the head starts there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression

from burnish.tasks import ClassificationTask
from burnish.tasks.classification.example import ClassificationExample
from burnish.tasks.encoded import encode_rows
from burnish.torch_models.base import resolve_base
from burnish.torch_models.build import build_model
from burnish.torch_models.logits import predict_logits
from burnish.training.evaluation.linear_probe import (
    Probe,
    _Folds,
    fit_probe,
    keep_probe,
    load_probe,
    pooled_vectors,
    start_head,
)
from burnish.training.evaluation.logistic import LOGISTIC_STRENGTHS
from burnish.training.loop.loss import balanced_weights

_WORDS = ("refund", "money", "card", "parcel", "password", "login", "account", "invoice")


def _examples(labels, *, several=False, rows=60):
    examples = []
    for index in range(rows):
        label = labels[index % len(labels)]
        words = f"{_WORDS[(index % len(labels)) * 2]} {_WORDS[index % 8]} {index % 5}"
        chosen = (label,) if not several or index % 3 else (label, labels[0])
        repeats = 20 if index % 7 == 0 else 1
        examples.append(
            ClassificationExample(
                id=f"rows:{index}", text=f"{words} " * repeats, labels=tuple(sorted(set(chosen)))
            )
        )
    return examples


@pytest.fixture(params=["mean", "cls", "native"])
def pooling(request):
    return request.param


def _set_up(bert, labels, pooling, *, several=False, normalized=False):
    examples = _examples(labels, several=several)
    task = ClassificationTask(labels=labels, multi_label=several, max_length=32, stride=8)
    base = resolve_base(str(bert))
    model = build_model(base, task, pooling=pooling, seed=3, normalized=normalized).module
    rows = encode_rows(task, examples, task.text_encoder(base.path / "tokenizer.json"))
    return examples, task, model, rows


def _standardized(vectors):
    least = 0.01 * np.sqrt((vectors**2).mean())
    return (vectors - vectors.mean(0)) / np.maximum(vectors.std(0), least)


@pytest.mark.parametrize("labels", [("a", "b"), ("a", "b", "c")])
def test_the_started_model_decides_as_scikit_learn_does(bert, pooling, labels) -> None:
    examples, task, model, rows = _set_up(bert, labels, pooling)
    vectors = pooled_vectors(model, task, rows.encodings)
    probe = fit_probe(model, task, rows, validation=rows)
    start_head(model, probe)

    standard = _standardized(vectors)
    truth = np.array([labels.index(e.labels[0]) for e in examples])
    reference = LogisticRegression(C=probe.strength, max_iter=2000, tol=1e-6).fit(standard, truth)
    logits = predict_logits(model, task, rows.encodings)
    scores = np.stack([task.scores(windows) for windows in logits])
    assert np.abs(scores - reference.predict_proba(standard)).max() < 0.05
    assert (scores.argmax(1) == reference.predict(standard)).mean() > 0.98


def test_several_labels_are_one_regression_each(bert) -> None:
    labels = ("a", "b", "c")
    examples, task, model, rows = _set_up(bert, labels, "mean", several=True)
    vectors = pooled_vectors(model, task, rows.encodings)
    probe = fit_probe(model, task, rows, validation=rows)
    start_head(model, probe)

    standard = _standardized(vectors)
    logits = predict_logits(model, task, rows.encodings)
    scores = np.stack([task.scores(windows) for windows in logits])
    for index, label in enumerate(labels):
        truth = [label in e.labels for e in examples]
        reference = LogisticRegression(C=probe.strength, max_iter=2000, tol=1e-6)
        expected = reference.fit(standard, truth).predict_proba(standard)[:, 1]
        assert np.abs(scores[:, index] - expected).max() < 0.02


def test_vectors_of_one_length_are_divided_by_one_number(bert) -> None:
    """Standardized, each dimension would be divided by its own, and the length be lost."""
    labels = ("a", "b", "c")
    examples, task, model, rows = _set_up(bert, labels, "mean", normalized=True)
    vectors = pooled_vectors(model, task, rows.encodings)
    short = [len(each.windows) == 1 for each in rows.encodings]
    assert np.linalg.norm(vectors[short], axis=1) == pytest.approx(1.0, abs=1e-6)
    start_head(model, probe := fit_probe(model, task, rows, validation=rows))

    moved = vectors - vectors.mean(0)
    scaled = moved / np.sqrt((vectors.std(0) ** 2).mean())
    truth = np.array([labels.index(e.labels[0]) for e in examples])
    reference = LogisticRegression(C=probe.strength, max_iter=2000, tol=1e-6).fit(scaled, truth)
    logits = predict_logits(model, task, rows.encodings)
    scores = np.stack([task.scores(windows) for windows in logits])
    assert np.abs(scores - reference.predict_proba(scaled)).max() < 0.05


def test_a_long_text_has_the_mean_vector_of_its_windows(bert) -> None:
    _, task, model, rows = _set_up(bert, ("a", "b"), "mean")
    long = [e for e in rows.encodings if len(e.windows) > 2][:1]
    vector = pooled_vectors(model, task, long)[0]
    logits = predict_logits(model, task, long)[0]

    head = model.classifier
    expected = head.weight.detach().numpy() @ vector + head.bias.detach().numpy()
    assert np.mean(logits, axis=0) == pytest.approx(expected, abs=1e-5)


def test_a_label_without_training_rows_is_never_the_answer(bert) -> None:
    examples, task, model, rows = _set_up(bert, ("a", "b", "never"), "mean")
    kept = [i for i, e in enumerate(examples) if e.labels != ("never",)]
    train = type(rows)(
        tuple(rows.examples[i] for i in kept),
        tuple(rows.inputs[i] for i in kept),
        tuple(rows.encodings[i] for i in kept),
        (),
    )
    start_head(model, fit_probe(model, task, train, validation=train))

    logits = predict_logits(model, task, rows.encodings)
    answers = {int(task.scores(windows).argmax()) for windows in logits}
    assert answers == {0, 1}


def test_the_looser_fit_has_a_tenth_of_the_strength_and_is_kept(bert, tmp_path) -> None:
    labels = ("a", "b", "c")
    examples, task, model, rows = _set_up(bert, labels, "mean")
    vectors = pooled_vectors(model, task, rows.encodings)
    probe = fit_probe(model, task, rows, validation=rows)
    keep_probe(tmp_path / "probe", probe)
    kept = load_probe(tmp_path / "probe")
    assert kept is not None
    start_head(model, kept, looser=True)

    standard = _standardized(vectors)
    truth = np.array([labels.index(e.labels[0]) for e in examples])
    reference = LogisticRegression(C=probe.strength / 10, max_iter=2000, tol=1e-6)
    expected = reference.fit(standard, truth).predict_proba(standard)
    logits = predict_logits(model, task, rows.encodings)
    scores = np.stack([task.scores(windows) for windows in logits])
    assert np.abs(scores - expected).max() < 0.05
    assert LOGISTIC_STRENGTHS[LOGISTIC_STRENGTHS.index(probe.strength) - 2] == pytest.approx(
        probe.strength / 10
    )


def test_a_probe_of_the_least_strength_can_be_kept(tmp_path) -> None:
    linear = np.ones((2, 3)), np.zeros(2)
    keep_probe(tmp_path / "probe", Probe(*linear, LOGISTIC_STRENGTHS[0], 0.5, linear))
    kept = load_probe(tmp_path / "probe")
    assert kept is not None
    assert np.array_equal(kept.weight, kept.looser[0])


def test_the_model_is_left_as_it_was(bert) -> None:
    _, task, model, rows = _set_up(bert, ("a", "b"), "native")
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    fit_probe(model, task, rows, validation=rows)

    after = model.state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_class_weights_move_the_probe_towards_the_rare_label(bert) -> None:
    labels = ("a", "b")
    task = ClassificationTask(labels=labels, max_length=32, stride=8)
    base = resolve_base(str(bert))
    rare = [
        ClassificationExample(
            id=f"r:{i}", text=f"{_WORDS[i % 8]} {i}", labels=(labels[i % 9 == 0],)
        )
        for i in range(90)
    ]
    rows = encode_rows(task, rare, task.text_encoder(base.path / "tokenizer.json"))
    shares = []
    for weights in (None, balanced_weights(task, rare)):
        model = build_model(base, task, pooling="mean", seed=3).module
        start_head(model, fit_probe(model, task, rows, validation=rows, class_weights=weights))
        logits = predict_logits(model, task, rows.encodings)
        shares.append(np.mean([task.scores(windows)[1] for windows in logits]))
    assert shares[1] > shares[0] + 0.1


def test_of_few_rows_each_is_asked_of_a_fit_without_it(bert) -> None:
    labels = ("a", "b", "c")
    examples, task, model, rows = _set_up(bert, labels, "mean")
    vectors = pooled_vectors(model, task, rows.encodings)
    vectors = (vectors - vectors.mean(0)) / vectors.std(0)
    folds = _Folds(task, rows, vectors, None)
    outputs = folds.outputs(0.1)

    truth = np.array([labels.index(e.labels[0]) for e in examples])
    order = np.random.default_rng(13).permutation(len(rows))
    expected = []
    for out in np.array_split(order, 5):
        rest = np.setdiff1d(order, out)
        reference = LogisticRegression(C=0.1, max_iter=2000, tol=1e-6)
        expected.append(reference.fit(vectors[rest], truth[rest]).predict_proba(vectors[out]))
    assert [each.id for each in folds.rows.examples] == [examples[i].id for i in order]
    assert np.abs(softmax(outputs, axis=1) - np.vstack(expected)).max() < 0.02


@pytest.mark.parametrize("several", [False, True])
def test_a_row_of_a_label_that_its_fold_did_not_see_chooses_no_strength(bert, several) -> None:
    labels = ("a", "b", "once")
    examples = _examples(("a", "b"))
    task = ClassificationTask(labels=labels, multi_label=several, max_length=32, stride=8)
    named = [replace(examples[0], labels=("once",)), *examples[1:]]
    encoder = task.text_encoder(resolve_base(str(bert)).path / "tokenizer.json")
    rows = encode_rows(task, named, encoder)
    folds = _Folds(task, rows, np.random.default_rng(0).normal(size=(len(rows), 4)), None)
    assert {each.id for each in folds.rows.examples} == {each.id for each in examples[1:]}
    assert len(folds.outputs(0.1)) == len(examples) - 1


def test_a_handful_of_validation_rows_does_not_choose_the_strength_alone(bert) -> None:
    """The labels are chance, but those of three validation rows, which are training rows too."""
    rng = np.random.default_rng(3)
    examples, task, model, _ = _set_up(bert, ("a", "b"), "mean")
    chance = [replace(each, labels=(str(rng.choice(["a", "b"])),)) for each in examples]
    encoder = task.text_encoder(resolve_base(str(bert)).path / "tokenizer.json")
    given = encode_rows(task, chance, encoder)
    probe = fit_probe(model, task, given, validation=given.take([0, 1, 2]))
    assert probe.strength <= 0.03

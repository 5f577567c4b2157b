"""The estimator of scikit-learn: its own checks where they apply, and what it does with texts."""

from __future__ import annotations

import gc
import pickle
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import parametrize_with_checks

import burnish
from burnish import BurnishClassifier
from burnish.errors import ConfigError, InputError

ROOT = Path(__file__).parents[3]
WORDS = {"money": ("refund", "invoice", "charge"), "access": ("password", "login", "account")}
TEXTS = [f"my {words[n % 3]} is late {n}" for n in range(24) for words in WORDS.values()]
LABELS = [label for _ in range(24) for label in WORDS]
SMALL = {"train": {"stride": 8, "threads": 1}}

NUMBERS = "trains on a matrix of numbers; texts are one-dimensional"
SHAPE = "is about the shape or the storage of a matrix of numbers"
DO_NOT_APPLY = {
    "check_array_api_input": SHAPE,
    "check_classifier_data_not_an_array": NUMBERS,
    "check_classifiers_classes": NUMBERS,
    "check_classifiers_one_label": NUMBERS,
    "check_classifiers_train": NUMBERS,
    "check_dict_unchanged": NUMBERS,
    "check_dont_overwrite_parameters": NUMBERS,
    "check_dtype_object": NUMBERS,
    "check_estimator_sparse_array": SHAPE,
    "check_estimator_sparse_matrix": SHAPE,
    "check_estimator_sparse_tag": SHAPE,
    "check_estimators_dtypes": NUMBERS,
    "check_estimators_empty_data_messages": SHAPE,
    "check_estimators_fit_returns_self": NUMBERS,
    "check_estimators_nan_inf": SHAPE,
    "check_estimators_overwrite_params": NUMBERS,
    "check_estimators_pickle": NUMBERS,
    "check_f_contiguous_array_estimator": SHAPE,
    "check_fit1d": SHAPE,
    "check_fit2d_1feature": SHAPE,
    "check_fit2d_1sample": SHAPE,
    "check_fit2d_predict1d": SHAPE,
    "check_fit_check_is_fitted": NUMBERS,
    "check_fit_idempotent": NUMBERS,
    "check_fit_score_takes_y": NUMBERS,
    "check_methods_sample_order_invariance": NUMBERS,
    "check_methods_subset_invariance": NUMBERS,
    "check_n_features_in": SHAPE,
    "check_n_features_in_after_fitting": SHAPE,
    "check_pipeline_consistency": NUMBERS,
    "check_positive_only_tag_during_fit": NUMBERS,
    "check_readonly_memmap_input": SHAPE,
    "check_supervised_y_2d": NUMBERS,
}
"""scikit-learn's checks that cannot pass, and why; every other one must. Where a check trains, a
test below does the same with texts."""


class AllChecks(BurnishClassifier):
    """scikit-learn leaves out nearly all checks of what takes no matrix: this one hides that."""

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = True
        tags.no_validation = False
        return tags


@pytest.mark.filterwarnings("ignore")
@parametrize_with_checks(
    [AllChecks()], expected_failed_checks=lambda _: DO_NOT_APPLY, xfail_strict=True
)
def test_every_check_of_scikit_learn_that_applies_passes(estimator: Any, check: Any) -> None:
    check(estimator)


def test_the_docs_name_the_checks_that_do_not_apply() -> None:
    page = (ROOT / "docs" / "how-to" / "scikit-learn.md").read_text(encoding="utf-8")
    assert [name for name in DO_NOT_APPLY if f"`{name}`" not in page] == []


@pytest.fixture
def small(bert: Path) -> BurnishClassifier:
    return BurnishClassifier(
        base_model=str(bert), epochs=1, max_length=32, learning_rate=1e-3, settings=SMALL
    )


def own_directories() -> set[Path]:
    return set(Path(tempfile.gettempdir()).glob("burnish-*"))


@pytest.fixture
def _temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


@pytest.mark.usefixtures("_temporary")
def test_a_fitted_model_answers_is_pickled_and_leaves_nothing(small) -> None:
    model = clone(small)
    settings = model.get_params()
    assert model.fit(np.array(TEXTS), LABELS) is model
    assert model.get_params() == settings
    assert list(model.classes_) == ["access", "money"]
    shares = model.predict_proba(TEXTS)
    assert shares.shape == (len(TEXTS), 2)
    assert shares.sum(axis=1) == pytest.approx(1)
    assert list(model.predict(TEXTS)) == list(model.classes_[shares.argmax(axis=1)])
    assert 0 <= model.score(TEXTS, LABELS) <= 1

    order = np.random.default_rng(0).permutation(len(TEXTS))
    assert model.predict_proba(np.array(TEXTS)[order]) == pytest.approx(shares[order], abs=1e-6)
    assert model.predict_proba(TEXTS[:3]) == pytest.approx(shares[:3], abs=1e-6)

    again = pickle.loads(pickle.dumps(model))
    assert (again.predict_proba(TEXTS) == shares).all()
    assert not hasattr(clone(model), "run_")

    (first,) = own_directories() - {again.run_.path.parent}
    model.fit(TEXTS, LABELS)
    assert (model.predict_proba(TEXTS) == shares).all(), "the same rows and seed, the same model"
    assert not first.exists(), "a fit replaces the run of the one before"
    with pytest.raises(ConfigError):
        model.set_params(method="magic").fit(TEXTS, LABELS)
    assert model.run_.path.is_dir(), "a fit that fails keeps what there was"
    del model, again
    gc.collect()
    assert own_directories() == set()


@pytest.mark.usefixtures("_temporary")
def test_a_named_directory_is_kept(small, tmp_path: Path) -> None:
    model = clone(small)
    place = tmp_path / "kept" / "run"
    model.set_params(directory=place).fit(TEXTS, [label == "money" for label in LABELS])
    assert model.predict(TEXTS).dtype == np.bool_
    assert own_directories() == set()
    validation = model.run_.record.data.parts["validation"].rows
    assert validation == pytest.approx(0.2 * len(TEXTS), abs=1)
    del model
    gc.collect()
    assert burnish.read_run(place).record.data.parts["validation"].rows == validation


@pytest.mark.parametrize("labels", [[0, 1] * 24, ["None", "nan"] * 24, [" a", "a"] * 24])
def test_labels_keep_their_type_whatever_they_look_like(small, labels: list[Any]) -> None:
    predicted = small.fit(TEXTS, labels).predict(TEXTS[:4])
    assert set(predicted.tolist()) <= set(labels)


def test_it_works_in_pipelines_searches_and_cross_validation(small) -> None:
    lower = FunctionTransformer(lambda texts: [text.lower() for text in texts])
    line = Pipeline([("lower", lower), ("model", small)])
    assert len(cross_val_score(line, TEXTS, LABELS, cv=2)) == 2
    search = GridSearchCV(line, {"model__learning_rate": [1e-4, 1e-3]}, cv=2)
    search.fit(TEXTS, LABELS)
    assert search.best_params_["model__learning_rate"] in (1e-4, 1e-3)
    assert Counter(search.predict(TEXTS)).total() == len(TEXTS)


def test_what_cannot_be_fitted_is_refused_before_a_training(small) -> None:
    with pytest.raises(NotFittedError):
        small.predict(TEXTS)
    with pytest.raises(InputError, match=r"X\[1\]: it is missing"):
        small.fit(["a text", None], ["a", "b"])
    with pytest.raises(InputError, match="2 dimensions"):
        small.fit(np.zeros((4, 2)), ["a", "b"] * 2)
    with pytest.raises(ValueError, match="1 classes"):
        small.fit(TEXTS, ["a"] * len(TEXTS))
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        small.fit(TEXTS, LABELS[:-1])
    with pytest.raises(ValueError, match="y to be passed"):
        small.fit(TEXTS, None)

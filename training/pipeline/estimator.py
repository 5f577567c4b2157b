"""An estimator of scikit-learn: texts and labels in, a classifier out.

::

    model = BurnishClassifier(epochs=3).fit(texts, labels)
    model.predict(["Where is my parcel?"])
"""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags, assert_all_finite, column_or_1d
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from burnish.arrays import DoubleArray
from burnish.data.frames import as_data_set
from burnish.data.label_forms import NO_LABEL
from burnish.errors import InputError
from burnish.recipe.recipe import Recipe, parse_recipe
from burnish.run import Run, read_run
from burnish.runtime.inputs import inputs_of
from burnish.tasks.inputs import TEXT
from burnish.tasks.shapes import Shape
from burnish.tasks.table import find_task, tasks_of

from .packing import pack, unpack
from .predicting import predict_run
from .train import train

__all__ = ["BurnishClassifier"]

_TUNED = ("epochs", "learning_rate", "batch_size", "max_length")
"""Parameters that are keys of the recipe's ``train``."""


class BurnishClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # untyped bases
    """Fine-tunes an encoder to sort texts under labels, as scikit-learn's classifiers do.

    `fit` keeps a share of its rows apart to choose the best epoch and to calibrate the scores:
    those are not trained on. The fitted model is a run in a directory of its own. That is a
    temporary one, which goes with the object, unless ``directory`` names one. A pickle holds the
    whole run, but not the base model's weights for the methods that keep those frozen.

    Args:
        base_model: the encoder, as in a recipe.
        method: the tuning method, as in a recipe.
        epochs: how often the rows are read. None takes what suits the method.
        learning_rate: None takes what suits the method.
        batch_size: texts per step. None takes what suits the rows.
        max_length: tokens that are read at once; longer texts are read in windows. None takes
            what suits the rows.
        validation: the share of the rows that is kept apart, by labels.
        seed: of the split and of the training. The same rows and seed give the same model.
        settings: further keys of a recipe, as nested dictionaries: ``{"train": {"patience": 3}}``.
        directory: where the run is kept; each `fit` replaces the run there. Leave it out in a
            search or a cross-validation, whose models would replace each other.

    Attributes:
        classes_: the labels that `fit` saw, sorted.
        run_: the fitted run.

    Examples:
        >>> from sklearn.model_selection import cross_val_score
        >>> cross_val_score(burnish.BurnishClassifier(epochs=2), texts, labels, cv=3)
    """

    def __init__(
        self,
        *,
        base_model: str = "minilm",
        method: str = "full",
        epochs: int | None = None,
        learning_rate: float | None = None,
        batch_size: int | None = None,
        max_length: int | None = None,
        validation: float = 0.2,
        seed: int = 13,
        settings: Mapping[str, Any] | None = None,
        directory: str | os.PathLike[str] | None = None,
    ) -> None:
        self.base_model = base_model
        self.method = method
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.max_length = max_length
        self.validation = validation
        self.seed = seed
        self.settings = settings
        self.directory = directory

    def fit(self, X: Iterable[object], y: Sequence[Any]) -> Self:  # noqa: N803  scikit-learn's name
        """Train on texts and their labels.

        Args:
            X: texts: a list, a ``Series``, an array of one dimension.
            y: one label per text: texts, numbers or truth values, of two kinds at least.

        Raises:
            BurnishError: as `burnish.train`; `InputError` where X does not hold texts.
            ValueError: y does not hold one label per text, or has one kind of label alone.
        """
        if y is None:
            raise ValueError("fit requires y to be passed, but the target y is None")
        labels = column_or_1d(y, warn=True)
        assert_all_finite(labels, input_name="y")
        check_classification_targets(labels)
        texts = _texts(X)
        check_consistent_length(texts, labels)
        classes = np.unique(labels)
        if len(classes) < 2:
            raise ValueError(f"y has {len(classes)} classes, and a classifier needs two at least")
        names = _names(classes)
        rows = [
            {"text": text, "label": names[place]}
            for text, place in zip(texts, np.searchsorted(classes, labels), strict=True)
        ]
        own = self._temporary() if self.directory is None else None
        output = own / "run" if own is not None else Path(self.directory or "")
        try:
            recipe = self._recipe(output)
            run = train(recipe, data=as_data_set(rows), replace=True, fresh=True, progress=False)
        except BaseException:
            if own is not None:
                shutil.rmtree(own)
            raise
        self._keep(run, own)
        self.classes_ = classes
        self._names = names
        return self

    def _temporary(self) -> Path:
        return Path(tempfile.mkdtemp(prefix="burnish-"))

    def _keep(self, run: Run, own: Path | None) -> None:
        """Take a run over; a temporary directory goes with the object, or with its next run."""
        if (earlier := getattr(self, "_remove", None)) is not None:
            earlier()
        remove = own and weakref.finalize(self, shutil.rmtree, own, ignore_errors=True)
        self._remove = remove
        self.run_ = run

    def _recipe(self, output: Path) -> Recipe:
        tuned = {name: getattr(self, name) for name in _TUNED}
        keys: dict[str, Any] = {
            "task": next(n for n in tasks_of(Shape.LABELS) if find_task(n).inputs is TEXT),
            "base_model": os.fspath(self.base_model),
            "method": self.method,
            "data": {"train": "train", "validation": self.validation},
            "train": {
                "seed": self.seed,
                "seeds": 1,
                **{name: value for name, value in tuned.items() if value is not None},
            },
            "output": str(output),
        }
        return parse_recipe(_merged(keys, self.settings or {}), directory=Path.cwd())

    def predict(self, X: Iterable[object]) -> npt.NDArray[Any]:  # noqa: N803
        """The label of each text.

        Args:
            X: texts, as for `fit`.

        Returns:
            (texts,) of the labels' own type.

        Raises:
            sklearn.exceptions.NotFittedError: it was not fitted.
            InputError: X does not hold texts, or one of them cannot be answered.
        """
        shares = self.predict_proba(X)
        labels: npt.NDArray[Any] = self.classes_[shares.argmax(axis=1)]
        return labels

    def predict_proba(self, X: Iterable[object]) -> DoubleArray:  # noqa: N803
        """The calibrated probability of each label.

        Args:
            X: texts, as for `fit`.

        Returns:
            (texts, labels), the labels in the order of ``classes_``.

        Raises:
            sklearn.exceptions.NotFittedError: it was not fitted.
            InputError: X does not hold texts, or one of them cannot be answered.
        """
        check_is_fitted(self, "run_")
        columns = {name: place for place, name in enumerate(self._names)}
        texts = _texts(X)
        shares = np.zeros((len(texts), len(self.classes_)))
        for place, answer in enumerate(predict_run(self.run_, texts)):
            if isinstance(answer, InputError):
                raise _placed(answer, place) from answer
            for said in answer.answer_document(len(columns))["scores"]:
                shares[place, columns[said["label"]]] = said["score"]
        return shares

    def __sklearn_tags__(self) -> Tags:
        tags: Tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.no_validation = True
        return tags

    def __getstate__(self) -> dict[str, Any]:
        state = {**super().__getstate__()}
        state.pop("_remove", None)
        if (run := state.pop("run_", None)) is not None:
            state["_packed"] = pack(run.path)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        state = dict(state)
        packed = state.pop("_packed", None)
        super().__setstate__(state)
        if packed is not None:
            own = self._temporary()
            unpack(packed, own / "run")
            self._keep(read_run(own / "run"), own)


def _texts(given: Iterable[object]) -> list[str]:
    texts = []
    for place, each in enumerate(inputs_of(given, form=TEXT)):
        try:
            texts.append(TEXT.checked(each))
        except InputError as error:
            raise _placed(error, place) from None
    return texts


def _placed(error: InputError, place: int) -> InputError:
    return type(error)(f"X[{place}]: {error.message}", error.hint)


def _names(classes: npt.NDArray[Any]) -> list[str]:
    """The labels as texts that burnish keeps apart; numbered where their own would not do."""
    names = [str(each) for each in classes]
    forms = {" ".join(name.split()) for name in names} - {"", *NO_LABEL}
    return names if len(forms) == len(names) else [f"class {place}" for place in range(len(names))]


def _merged(keys: Mapping[str, Any], further: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(keys)
    for name, value in further.items():
        own = merged.get(name)
        if isinstance(own, Mapping) and isinstance(value, Mapping):
            merged[name] = {**own, **value}
        else:
            merged[name] = value
    return merged

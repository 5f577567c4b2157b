"""What people pass to a model: tables and dicts are refused by name, columns of them are read."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import burnish
from burnish.errors import InputError
from burnish.runtime import Model
from burnish.tasks import Question
from tests.tiny_onnx import tiny_bundle

pd = pytest.importorskip("pandas")
TEXTS = ["my card", "the parcel", "hello"]


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Iterator[Model]:
    with burnish.load(tiny_bundle(tmp_path_factory.mktemp("b") / "b"), threads=2) as model:
        yield model


@pytest.fixture(scope="module")
def answering(tmp_path_factory) -> Iterator[Model]:
    with burnish.load(tiny_bundle(tmp_path_factory.mktemp("b") / "b", "qa"), threads=2) as model:
        yield model


class PolarsSeries:
    """As polars' ``Series``: neither a sequence of the standard library nor with dimensions."""

    def __iter__(self) -> Iterator[str | None]:
        return iter(TEXTS)


class PolarsFrame(PolarsSeries):
    @property
    def columns(self) -> list[str]:
        return TEXTS


READ: dict[str, Any] = {
    "list": TEXTS,
    "tuple": tuple(TEXTS),
    "Series": pd.Series(TEXTS, index=["columns", "b", "ndim"]),
    "string Series": pd.Series(TEXTS, dtype="string"),
    "categories": pd.Series(TEXTS, dtype="category"),
    "Index": pd.Index(TEXTS),
    "array": np.array(TEXTS),
    "object array": np.array(TEXTS, dtype=object),
    "arrow array": pa.array(TEXTS),
    "arrow chunks": pa.chunked_array([TEXTS[:1], TEXTS[1:]]),
    "polars": PolarsSeries(),
    "dict values": dict(enumerate(TEXTS)).values(),
    "dict keys": dict.fromkeys(TEXTS).keys(),
    "numpy scalars": [np.str_(text) for text in TEXTS],
}


@pytest.mark.parametrize("kind", READ)
def test_anything_that_holds_one_text_after_the_other_is_read(model, kind):
    alone = [model.predict_one(text) for text in TEXTS]
    assert model.predict(READ[kind]) == alone
    assert list(model.stream(READ[kind])) == alone
    assert model.submit(READ[kind]).result() == alone


def test_generators_are_read(model):
    alone = model.predict(TEXTS)
    assert model.predict(text for text in TEXTS) == alone
    assert model.predict(map(str, TEXTS)) == alone


REFUSED: dict[str, Any] = {
    "str": "a text",
    "str_": np.str_("a text"),
    "bytes": b"a text",
    "bytearray": bytearray(b"a text"),
    "DataFrame": pd.DataFrame({"text": TEXTS, "label": TEXTS}),
    "Table": pa.table({"text": TEXTS}),
    "RecordBatch": pa.record_batch({"text": TEXTS}),
    "PolarsFrame": PolarsFrame(),
    "dict": {"text": TEXTS},
    "mappingproxy": MappingProxyType({"text": TEXTS}),
    "set": set(TEXTS),
    "frozenset": frozenset(TEXTS),
    "ndarray": np.array([TEXTS]),
    "int": 3,
    "NoneType": None,
    "Question": Question("a", "b"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_list_of_texts_is_refused_by_name(model, kind):
    for ask in (model.predict, model.submit, lambda given: list(model.stream(given))):
        with pytest.raises(InputError, match=f"inputs is a {kind}") as caught:
            ask(REFUSED[kind])
        assert caught.value.hint


def test_an_array_without_dimensions_is_refused(model):
    with pytest.raises(InputError, match="0 dimensions"):
        model.predict(np.array("a text"))


MISSING = [None, float("nan"), np.nan, np.float32("nan"), Decimal("nan"), pd.NA, pd.NaT]
MISSING += [np.ma.masked, pa.scalar(None, pa.string()), pa.NA]


@pytest.mark.parametrize("missing", MISSING, ids=lambda each: type(each).__name__)
def test_a_missing_text_fails_alone_and_predict_says_which(model, missing):
    found = list(model.stream(["my card", missing, "hello"], errors="yield"))
    assert isinstance(found[1], InputError)
    assert "missing" in found[1].message
    assert [found[0], found[2]] == model.predict(["my card", "hello"])
    for ask in (model.predict, lambda given: list(model.stream(given))):
        with pytest.raises(InputError, match="input 1: it is missing"):
            ask(["my card", missing, "hello"])


def test_missing_cells_of_columns_fail_alone(model):
    for column in (
        pd.Series(["my card", None]),
        pd.Series(["my card", None], dtype="string"),
        np.array(["my card", np.nan], dtype=object),
        pa.array(["my card", None]),
        np.ma.array(["my card", "x"], mask=[False, True]),
    ):
        first, second = model.stream(column, errors="yield")
        assert first == model.predict_one("my card")
        assert isinstance(second, InputError)


WRONG = [3, 2.5, True, b"bytes", np.bytes_(b"b"), ["text"], ("q", "c"), {"text": "a"}]
WRONG += [Question("a", "b"), np.int64(3), np.array(["a"]), object()]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda each: type(each).__name__)
def test_an_input_of_another_kind_is_refused_by_its_index_before_anything_is_computed(model, wrong):
    before = model._workers.totals.steps
    with pytest.raises(InputError, match=f"input 1: it is a {type(wrong).__name__}") as caught:
        model.predict(["my card", wrong])
    assert caught.value.hint
    assert model._workers.totals.steps == before
    assert isinstance(list(model.stream(["hello", wrong], errors="yield"))[1], InputError)


def test_questions_come_as_objects_or_as_dicts_of_both_fields(answering):
    question = Question("how many days is it?", "it was seven days")
    alone = answering.predict_one(question)
    row = {"question": question.question, "context": question.context, "id": 7}
    frame = pd.DataFrame([row])
    assert answering.predict_one(row) == alone
    assert answering.predict([row, question]) == [alone, alone]
    assert answering.predict(frame[["question", "context"]].to_dict("records")) == [alone]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("a text", "it is a str"),
        (("question", "context"), "it is a tuple"),
        ({"question": "a"}, "it is a dict"),
        ({"question": None, "context": "b"}, "its question is missing"),
        (Question("a", float("nan")), "its context is missing"),  # type: ignore[arg-type]
        (Question(3, "b"), "its question is a int"),  # type: ignore[arg-type]
        (None, "it is missing"),
    ],
)
def test_what_is_no_question_is_refused(answering, wrong, message):
    with pytest.raises(InputError, match=f"input 0: {message}"):
        answering.predict([wrong])
    with pytest.raises(InputError, match=message):
        answering.predict_one(wrong)


def test_one_question_is_no_list_of_questions(answering):
    with pytest.raises(InputError, match="inputs is a dict") as caught:
        answering.predict({"question": "a", "context": "b"})
    assert "predict_one" in caught.value.hint
    with pytest.raises(InputError, match="inputs is a DataFrame") as caught:
        answering.predict(pd.DataFrame({"question": ["a"], "context": ["b"]}))
    assert "to_dict('records')" in caught.value.hint

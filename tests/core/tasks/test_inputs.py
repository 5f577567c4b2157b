"""What a task's inputs are made of: one text, or a dataclass of several, as a fourth task has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from burnish.errors import InputError, UsageError
from burnish.tasks.inputs import TEXT, FieldsInput


@dataclass(frozen=True, slots=True)
class Pair:
    text: str
    text_pair: str


PAIR = FieldsInput(
    Pair,
    noun="pair",
    wants="labels pairs of texts",
    options={"first": "the one text", "second": "the other"},
)
ONE = Pair("a rule", "a clause")


@pytest.mark.parametrize("given", [ONE, {"text_pair": "a clause", "text": "a rule", "id": 3}])
def test_a_pair_is_sent_as_its_dataclass_or_as_a_dict(given: object) -> None:
    assert PAIR.checked(given) == ONE


@pytest.mark.parametrize(
    ("given", "message", "hint"),
    [
        ("a rule", "it is a str, and this model takes a Pair", "Pair(text, text_pair)"),
        ({"text": "a rule"}, "takes a Pair", "the keys 'text' and 'text_pair'"),
        (Pair("a rule", None), "its text_pair is missing (None)", "give it a text_pair"),  # type: ignore[arg-type]
        (Pair(3, "a"), "its text is a int", "give a string as text"),  # type: ignore[arg-type]
        (None, "it is missing", "leave it out"),
    ],
)
def test_another_value_is_refused_by_its_type_and_by_what_is_wanted(
    given: object, message: str, hint: str
) -> None:
    with pytest.raises(InputError) as caught:
        PAIR.checked(given)
    assert message in caught.value.message
    assert hint in (caught.value.hint or "")


def test_a_row_has_the_texts_in_the_columns_that_are_named() -> None:
    columns = ("clause", "text_pair")
    row: dict[str, Any] = {"text_pair": "a clause", "clause": "a rule"}
    assert PAIR.of_row(row, columns) == ONE
    with pytest.raises(InputError, match="the row has no 'text_pair'") as caught:
        PAIR.of_row({"clause": "a rule", "text_pair": None}, columns)
    assert caught.value.hint == 'write {"clause": …, "text_pair": …}'
    with pytest.raises(InputError, match="not an object"):
        PAIR.of_row("a rule", columns)
    assert TEXT.of_row("a rule", ("text",)) == "a rule"


def test_one_text_makes_no_pair_and_the_hint_names_the_options() -> None:
    with pytest.raises(UsageError, match="this bundle labels pairs of texts") as caught:
        PAIR.of_text("a rule")
    assert caught.value.hint == "use --first and --second"
    assert TEXT.of_text("a rule") == "a rule"


def test_texts_and_input_are_each_others_inverse() -> None:
    assert PAIR.fields == ("text", "text_pair")
    assert PAIR.of_texts(PAIR.texts(ONE)) == ONE
    assert TEXT.of_texts(TEXT.texts("a rule")) == "a rule"


def test_containers_get_advice_that_names_the_fields() -> None:
    assert PAIR.table_hint == "pass its rows: inputs[['text', 'text_pair']].to_dict('records')"
    assert "predict_one({'text': ..., 'text_pair': ...})" in PAIR.mapping_hint

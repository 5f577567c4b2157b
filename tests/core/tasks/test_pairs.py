"""Text pairs: two texts, read together, and their labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import burnish
from burnish.data import Columns, check_rows, read_rows, render_report
from burnish.data.readers.head import guess_task
from burnish.errors import DataError, InputError, TextTooLongError
from burnish.tasks import Classification, PairExample, PairsTask, TextPair
from tests.core.data.rows_file import write, write_jsonl
from tests.tiny_onnx import tiny_bundle

TASK = PairsTask(labels=("no", "yes"), max_length=16, stride=4)
ROW = {"text": "Is it open?", "text_pair": "We are closed.", "label": "no"}


def test_logits_of_the_longer_texts_windows_are_averaged(wordpiece: Path) -> None:
    encoder = TASK.text_encoder(wordpiece)
    given = TextPair("the card", "it was found where it is lost the card was lost a i")
    encoding = TASK.encode(given, encoder)
    assert encoding.tokens == 15
    assert len(encoding.windows) == 2
    logits = [np.array([4.0, 0.0], np.float32), np.array([0.0, 2.0], np.float32)]
    found = TASK.decode(given, encoding, logits)
    assert found.labels == ("no",)
    assert found.scores[0].score == pytest.approx(1 / (1 + np.exp(-1)))
    assert (found.tokens, found.windows) == (15, 2)


def test_the_order_of_the_texts_matters(wordpiece: Path) -> None:
    encoder = TASK.text_encoder(wordpiece)
    one = TASK.encode(TextPair("the card", "is lost"), encoder)
    other = TASK.encode(TextPair("is lost", "the card"), encoder)
    assert one.windows[0].input_ids.tolist() != other.windows[0].input_ids.tolist()


@pytest.mark.parametrize(
    ("given", "error", "what"),
    [
        (TextPair("", "a"), InputError, "the first text is empty"),
        (TextPair("a", " "), InputError, "the second text is empty"),
        (TextPair("a\ud800", "a"), InputError, "the first text holds a lone surrogate"),
        (TextPair("a " * 9, "a " * 12), TextTooLongError, "shorter of the two texts has 9 tokens"),
    ],
)
def test_a_pair_that_no_model_can_read_is_refused(
    wordpiece: Path, given: TextPair, error: type[InputError], what: str
) -> None:
    with pytest.raises(error, match=what):
        TASK.encode(given, TASK.text_encoder(wordpiece))


def test_rows_are_read_under_their_own_names_and_under_others(tmp_path: Path) -> None:
    (example,) = read_rows(write_jsonl(tmp_path / "a.jsonl", [ROW]), "pairs").examples
    assert isinstance(example, PairExample)
    assert (example.text, example.text_pair, example.labels) == (*list(ROW.values())[:2], ("no",))
    file = write(tmp_path / "b.csv", "claim,proof,verdict\nIs it open?,We are closed.,no\n")
    columns = Columns(text="claim", pair="proof", label="verdict")
    (again,) = read_rows(file, "pairs", columns=columns).examples
    assert again.digest == example.digest


def test_a_row_without_its_second_text_names_the_column_and_the_option(tmp_path: Path) -> None:
    file = write_jsonl(tmp_path / "a.jsonl", [{"text": "a", "label": "no"}])
    with pytest.raises(DataError, match="text_pair") as caught:
        read_rows(file, "pairs")
    assert "pair" in caught.value.hint


def test_a_row_with_an_empty_text_is_left_out_and_counted(tmp_path: Path) -> None:
    rows = [ROW, {**ROW, "text_pair": " "}, {**ROW, "text": "", "label": "yes"}]
    read = read_rows(write_jsonl(tmp_path / "a.jsonl", rows), "pairs")
    assert read.files[0].skipped == {"empty text_pair": 1, "empty text": 1}


def test_a_file_with_two_texts_is_guessed_to_hold_pairs(tmp_path: Path) -> None:
    assert guess_task(write_jsonl(tmp_path / "a.jsonl", [ROW])) == "pairs"
    file = write(tmp_path / "a.csv", "text,text_pair,label\na,b,c\n")
    assert guess_task(file) == "pairs"


def test_the_same_pair_with_two_labels_is_a_conflict(tmp_path: Path) -> None:
    other = {"text": "Is it far?", "text_pair": "It is near.", "label": "yes"}
    rows = [ROW, {**ROW, "label": "yes"}, other, {**other, "text_pair": "Nobody knows."}]
    report = render_report(check_rows(read_rows(write_jsonl(tmp_path / "a.jsonl", rows), "pairs")))
    assert "conflicting-labels: 1 text has different labels in different rows" in report


def test_a_bundle_answers_pairs_and_dicts_and_refuses_a_text(tmp_path: Path) -> None:
    with burnish.load(tiny_bundle(tmp_path / "b", "pairs")) as model:
        found = model.predict_one(TextPair("my invoice", "the card"))
        assert isinstance(found, Classification)
        assert found.labels == ("billing",)
        assert model.predict_one({"text": "my invoice", "text_pair": "the card"}) == found
        with pytest.raises(InputError, match="takes a TextPair"):
            model.predict_one("my invoice")

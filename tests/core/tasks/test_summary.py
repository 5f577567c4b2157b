"""Summaries: what the model learns, which sentences are given, and how both are judged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from burnish.data import read_rows
from burnish.data.readers.head import guess_task
from burnish.errors import DataError
from burnish.self_test.record import EntitiesProbe
from burnish.tasks import Summary, SummaryExample, SummaryTask
from burnish.tasks.regimes import IGNORED
from burnish.tasks.summary.choosing import Length, choose
from burnish.tasks.summary.errors import SummaryErrors
from burnish.tasks.summary.self_test import RECORDER
from burnish.tasks.windows import Encoding
from tests.core.data.rows_file import write, write_jsonl

TEXT = "The card was lost. My card is not here. The card was lost and found. It was the card."
PLACES = [(0, 18), (19, 39), (40, 68), (69, 85)]
TASK = SummaryTask(max_length=16, stride=4, sentences=2, diversity=0.0)


def example(*places: int, text: str = TEXT, summary: str = "") -> SummaryExample:
    key = tuple(PLACES[place] for place in places)
    words = summary or " ".join(text[start:end] for start, end in key)
    return SummaryExample(id="a:1", text=text, summary=words, key=key)


def read(wordpiece: Path, text: str = TEXT, task: SummaryTask = TASK) -> Encoding:
    return task.encode(text, task.text_encoder(wordpiece))


def logits(encoding: Encoding, *scores: float) -> list[np.ndarray[Any, Any]]:
    """Each token has the score of its sentence; what a window does not own is noise."""
    starts = [start for start, _ in PLACES]
    of_token = np.array(scores)[np.searchsorted(starts, encoding.offsets[:, 0], "right") - 1]
    found = []
    for window in encoding.windows:
        array = np.full((len(window), 1), 9.0, dtype=np.float32)
        stop = window.prefix + window.stop - window.start
        array[window.prefix : stop, 0] = of_token[window.start : window.stop]
        found.append(array)
    return found


def answer(wordpiece: Path, *scores: float, task: SummaryTask = TASK, text: str = TEXT) -> Summary:
    encoding = read(wordpiece, text, task)
    return task.decode(text, encoding, logits(encoding, *scores))


def test_a_token_learns_whether_its_sentence_is_key(wordpiece: Path) -> None:
    encoding = read(wordpiece)
    assert len(encoding.windows) > 1
    for window, target in zip(encoding.windows, TASK.targets(example(1), encoding), strict=True):
        assert target.dtype == np.float32
        assert (target[0], target[-1]) == (IGNORED, IGNORED)
        starts = encoding.offsets[window.start : window.stop, 0]
        assert target[window.prefix : -1].tolist() == [float(19 <= s < 39) for s in starts]


def test_the_best_sentences_are_given_in_the_documents_order(wordpiece: Path) -> None:
    found = answer(wordpiece, -2, 1, -1, 3)
    assert [(e.start, e.end) for e in found.sentences] == [PLACES[1], PLACES[3]]
    assert found.text == "My card is not here. It was the card."
    assert [e.text for e in found.candidates] == [TEXT[start:end] for start, end in PLACES]
    assert found.sentences[0].score == pytest.approx(1 / (1 + np.exp(-1)))
    assert (found.windows, found.said[0].start) == (len(read(wordpiece).windows), 69)


def test_early_sentences_gain_what_validation_says(wordpiece: Path) -> None:
    early = TASK.model_copy(update={"lead": 4.0})
    found = answer(wordpiece, -1, -2, 0, 1, task=early)
    assert [e.start for e in found.sentences] == [0, 69]  # -1 + 4 and 1 + 1, then 0 + 4/3


@pytest.mark.parametrize(
    ("length", "starts"),
    [({"sentences": 1}, [69]), ({"words": 9}, [19, 69]), ({"ratio": 0.3}, [69])],
)
def test_a_length_is_in_sentences_words_or_a_share(
    wordpiece: Path, length: dict[str, Any], starts: list[int]
) -> None:
    task = TASK.model_copy(update={"sentences": None, **length})
    found = answer(wordpiece, -2, 1, -1, 3, task=task)
    assert [e.start for e in found.sentences] == starts
    again = TASK.chosen(answer(wordpiece, -2, 1, -1, 3), Length(**length))
    assert again.spans == found.spans


def test_a_paragraphs_number_is_not_chosen_to_fill_a_summary() -> None:
    scores = np.array([0.9, 0.2, 0.8])
    places = choose(scores, ["[2] 1.", "It ends.", "The card was lost."], length=Length(words=6))
    assert places == [1, 2]


def test_a_summary_has_one_length() -> None:
    with pytest.raises(ValidationError, match="one of sentences, words and ratio"):
        SummaryTask(sentences=2, words=10)


def test_length_and_lead_are_those_that_score_best_on_validation(wordpiece: Path) -> None:
    task = SummaryTask(max_length=16, stride=4)
    encoding = read(wordpiece, task=task)
    examples, given = [example(1)] * 3, [logits(encoding, -2, 1, -1, 0)] * 3
    tuned = task.tune(examples, [encoding] * 3, given)
    assert (tuned.count, tuned.lead) == (1, 0.0)
    assert tuned.tune(examples, [encoding] * 3, given) == tuned
    other = tuned.model_copy(update={"count": 4, "lead": 4.0, "penalty": 0.5})
    assert other.tune(examples, [encoding] * 3, given) == tuned
    found = tuned.decode(TEXT, encoding, given[0])
    assert found.spans == {PLACES[1]}
    asked = SummaryTask(max_length=16, stride=4, sentences=3).tune(examples, [encoding] * 3, given)
    assert len(asked.decode(TEXT, encoding, given[0]).sentences) == 3


def test_scores_become_the_share_of_key_sentences(wordpiece: Path) -> None:
    encoding = read(wordpiece)
    rng = np.random.default_rng(3)
    examples = [example(*np.flatnonzero(rng.random(4) < 0.25)) for _ in range(60)]
    sure = [
        logits(encoding, *(3.0 if p in e.key else rng.choice((3.0, -1.0)) for p in PLACES))
        for e in examples
    ]
    fitted = TASK.calibrate(examples, [encoding] * 60, sure)
    found = fitted.decode(TEXT, encoding, logits(encoding, 3, 3, 3, 3))
    plain = TASK.decode(TEXT, encoding, logits(encoding, 3, 3, 3, 3))
    assert found.sentences[0].score < plain.sentences[0].score
    assert found.spans == plain.spans
    assert fitted.uncalibrated() == TASK


def test_rouge_and_its_ceiling(wordpiece: Path) -> None:
    right = answer(wordpiece, -2, 1, -1, 3)
    row = example(1, 3)
    scores = TASK.score_of(np.stack([TASK.row_statistics(row, right)]))
    assert scores["rouge_l"] == scores["rouge1"] == scores["ceiling"] == pytest.approx(1.0)
    assert TASK.correct(row, right)
    wrong = answer(wordpiece, 3, -2, 1, -1)
    lower = TASK.score_of(np.stack([TASK.row_statistics(row, wrong)]))
    assert lower["rouge_l"] < 1.0 == lower["ceiling"]
    assert TASK.shared_answers(right, wrong) == (0.0, 2.0)
    half = answer(wordpiece, -2, 3, 1, -1)
    assert TASK.shared_answers(right, half) == (1.0, 2.0)
    assert right.distance(half) == pytest.approx(2 / 3)
    assert [claim.right for claim in TASK.claims(row, half)] == [True, False]
    counts = TASK.label_counts(TASK.row_statistics(row, half))["key sentence"]
    assert (counts.right, counts.predicted, counts.true) == (1, 2, 2)
    assert list(SummaryErrors().kinds(row, half)) == ["passed over", "not key"]
    assert SummaryErrors().describe(row, half).true == "69 to 85"


def test_a_moved_answer_keeps_its_sentences(wordpiece: Path) -> None:
    moved = answer(wordpiece, -2, 1, -1, 3).relocated(lambda start, end: (start + 5, end + 5))
    assert [(e.start, e.end) for e in moved.sentences] == [(24, 44), (74, 90)]
    assert moved.candidates[0].start == 5


def test_the_self_test_tells_other_sentences_and_scores(wordpiece: Path) -> None:
    found = answer(wordpiece, -2, 1, -1, 3)
    encoding = read(wordpiece)
    given = logits(encoding, -2, 1, -1, 3)
    assert not RECORDER.is_close(TASK, TEXT, encoding, given, shift=0.1)
    tie = logits(encoding, -2, 1, 0.9, 3)
    assert RECORDER.is_close(TASK, TEXT, encoding, tie, shift=0.1)
    record = RECORDER.record(TASK, found, tolerance=0.05, close=False)
    assert isinstance(record, EntitiesProbe)
    assert list(RECORDER.differences(record, found, TASK, tolerance=0.05)) == []
    other = answer(wordpiece, -2, 1, 5, 3)
    told = list(RECORDER.differences(record, other, TASK, tolerance=0.05))
    assert "the sentence at 19 to 39 is not given, and was where it was recorded" in told


ROW = {"text": TEXT, "summary": "My card is not here, it was lost."}


def test_free_text_has_the_key_sentences_that_share_most_words(tmp_path: Path) -> None:
    (row,) = read_rows(write_jsonl(tmp_path / "a.jsonl", [ROW]), "summary").examples
    assert isinstance(row, SummaryExample)
    assert row.summary == ROW["summary"]
    assert PLACES[1] in row.key
    assert row.text_fields == (("text", TEXT),)


@pytest.mark.parametrize(
    "marks",
    [
        ["My card is not here.", "It was the card."],
        [{"start": 19, "end": 39}, {"start": 69, "end": 85}],
        ["card is not here", {"start": 72, "end": 85}],
    ],
)
def test_marked_sentences_are_the_key_sentences(tmp_path: Path, marks: list[Any]) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", [{"text": TEXT, "summary": marks}])
    (row,) = read_rows(path, "summary").examples
    assert isinstance(row, SummaryExample)
    assert row.key == (PLACES[1], PLACES[3])
    assert row.summary == "My card is not here. It was the card."


@pytest.mark.parametrize(
    ("summary", "said"),
    [
        ("  ", "no label"),
        (None, "no label"),
        ([], "no label"),
        (5, "a number, not a summary"),
        (["Nobody wrote this."], "a sentence that the document does not"),
        ([{"start": 5, "end": 500}], "marks characters 5 to 500 of 85"),
        ([{"start": "5", "end": 9}], "holds an object"),
        ([[1, 2]], "holds a list"),
    ],
)
def test_another_summary_is_refused(tmp_path: Path, summary: Any, said: str) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", [{"text": TEXT, "summary": summary}])
    with pytest.raises(DataError, match=said):
        read_rows(path, "summary")


def test_a_table_with_summaries_is_known(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", f'text,summary\n"{TEXT}","It was the card."\n')
    assert guess_task(path) == "summary"
    (row,) = read_rows(path, "summary").examples
    assert isinstance(row, SummaryExample)
    assert row.key == (PLACES[3],)
    missing = write(tmp_path / "b.csv", f'text,abstract\n"{TEXT}","It was the card."\n')
    with pytest.raises(DataError, match="summary"):
        read_rows(missing, "summary")

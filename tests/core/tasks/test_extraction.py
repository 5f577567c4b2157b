"""Entities keep exact offsets, whatever the text, and are scored as seqeval scores them."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from burnish.errors import InputError
from burnish.tasks import Encoding, ExtractionTask
from burnish.tasks.evaluation import evaluate
from burnish.tasks.extraction.example import ExtractionExample, Span
from burnish.tasks.extraction.prediction import Entity, Extraction
from burnish.tasks.scaling import Scaling

TASK = ExtractionTask(labels=("LOC", "PER"), max_length=16, stride=4)


def oracle(task: ExtractionTask, example: ExtractionExample, encoding: Encoding) -> list:
    logits = []
    for window, target in zip(encoding.windows, task.targets(example, encoding), strict=True):
        array = np.full((len(window), len(task.tags)), -4, dtype=np.float32)
        array[np.arange(len(window)), np.maximum(target, 0)] = 4
        logits.append(array)
    return logits


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("zoe muller flew to new york", ["zoe muller", "new york"]),
        ("Zoë Müller — in MÜNCHEN!", ["Zoë Müller", "MÜNCHEN"]),
        (
            "Zoe\u0308 Mu\u0308ller was in Mu\u0308nchen",
            ["Zoe\u0308 Mu\u0308ller", "Mu\u0308nchen"],
        ),
        ("👩\u200d👩\u200d👧 zoe 👍🏽 in york", ["zoe", "york"]),
        ("  \t zoe\r\n\r\nyork  ", ["zoe", "york"]),
        ("the card " * 12 + "zoe" + " is lost" * 12 + " york", ["zoe", "york"]),
    ],
)
def test_what_is_tagged_is_found_at_its_offsets(
    wordpiece: Path, text: str, spans: list[str]
) -> None:
    first, second = (text.index(span) for span in spans)
    gold = (
        Span(first, first + len(spans[0]), "PER"),
        Span(second, second + len(spans[1]), "LOC"),
    )
    example = ExtractionExample(id="a:1", text=text, entities=gold)
    encoding = TASK.encode(text, TASK.text_encoder(wordpiece))
    found = TASK.decode(text, encoding, oracle(TASK, example, encoding))
    assert [(e.text, e.label) for e in found.entities] == [(spans[0], "PER"), (spans[1], "LOC")]
    assert all(text[e.start : e.end] == e.text for e in found.entities)
    assert TASK.representable(example, encoding) == 2
    assert found.windows == len(encoding.windows)


def test_an_entity_behind_a_space_is_exact_where_tokens_hold_the_space(metaspace: Path) -> None:
    text = "the card zoe muller lost in new york"
    example = ExtractionExample(
        id="a:1", text=text, entities=(Span(9, 19, "PER"), Span(28, 36, "LOC"))
    )
    encoding = TASK.encode(text, TASK.text_encoder(metaspace))
    found = TASK.decode(text, encoding, oracle(TASK, example, encoding))
    assert [e.text for e in found.entities] == ["zoe muller", "new york"]
    assert TASK.representable(example, encoding) == 2


def test_entities_do_not_overlap_within_a_character_of_several_bytes(byte_level: Path) -> None:
    text = "Mr Nguyễn left"
    encoding = TASK.encode(text, TASK.text_encoder(byte_level))
    begin, inside = TASK.tags.index("B-PER"), TASK.tags.index("I-PER")
    logits = [np.zeros((len(window), len(TASK.tags)), np.float32) for window in encoding.windows]
    for window, array in zip(encoding.windows, logits, strict=True):
        array[:, 0] = 2
        for token in range(window.start, window.stop):
            row = window.prefix + token - window.start
            if 3 <= encoding.offsets[token, 0] < 9:
                array[row, inside] = 4
        for token in {3, 8} & set(range(window.start, window.stop)):  # "N", a byte of "ễ"
            array[window.prefix + token - window.start, begin] = 9
    found = TASK.decode(text, encoding, logits)
    assert [(e.text, e.start, e.end) for e in found.entities] == [("Nguyễn", 3, 9)]


def test_an_entity_inside_a_word_cannot_be_represented(wordpiece: Path) -> None:
    example = ExtractionExample(id="a:1", text="the yorkshire card", entities=(Span(4, 8, "LOC"),))
    encoding = TASK.encode(example.text, TASK.text_encoder(wordpiece))
    assert TASK.representable(example, encoding) == 0


@pytest.mark.parametrize("text", ["", "  \n"])
def test_an_empty_text_is_refused(wordpiece: Path, text: str) -> None:
    with pytest.raises(InputError, match="empty"):
        TASK.encode(text, TASK.text_encoder(wordpiece))


def test_a_lone_surrogate_is_refused_without_its_text(wordpiece: Path) -> None:
    with pytest.raises(InputError, match="lone surrogate at character 3") as caught:
        TASK.encode("abc\ud800", TASK.text_encoder(wordpiece))
    assert "abc" not in str(caught.value)


@pytest.mark.filterwarnings("ignore")
def test_strict_scores_equal_those_of_seqeval() -> None:
    from seqeval.metrics import f1_score, precision_score, recall_score
    from seqeval.scheme import IOB2

    rng = np.random.default_rng(5)
    examples, predictions = [], []
    gold_tags: list[list[str]] = []
    our_tags: list[list[str]] = []
    for row in range(60):
        text = " ".join("word" for _ in range(12))
        sides = []
        for tags in (gold_tags, our_tags):
            drawn = _draw_spans(rng)
            sequence = ["O"] * 12
            for begin, end, label in drawn:
                sequence[begin:end] = [f"B-{label}"] + [f"I-{label}"] * (end - begin - 1)
            tags.append(sequence)
            sides.append([(b * 5, e * 5 - 1, label) for b, e, label in drawn])
        examples.append(
            ExtractionExample(id=f"a:{row}", text=text, entities=tuple(Span(*s) for s in sides[0]))
        )
        found = tuple(Entity(label, 1.0, text[b:e], b, e) for b, e, label in sides[1])
        predictions.append(Extraction(entities=found, tokens=12, windows=1))
    ours = evaluate(TASK, examples, predictions, resamples=20).values()
    options = {"mode": "strict", "scheme": IOB2}
    assert ours["precision"] == pytest.approx(precision_score(gold_tags, our_tags, **options))
    assert ours["recall"] == pytest.approx(recall_score(gold_tags, our_tags, **options))
    assert ours["f1"] == pytest.approx(f1_score(gold_tags, our_tags, **options))
    assert 0 < ours["f1"] < 1


def _draw_spans(rng: np.random.Generator) -> list[tuple[int, int, str]]:
    spans, place = [], 0
    while place < 11:
        begin = place + int(rng.integers(0, 3))
        end = min(begin + int(rng.integers(1, 3)), 12)
        if begin < end:
            spans.append((begin, end, str(rng.choice(["LOC", "PER"]))))
        place = end + int(rng.integers(0, 2))
    return spans


def tagged(wordpiece: Path, *shares: tuple[str, float]) -> tuple[Encoding, list[np.ndarray]]:
    """The text "the card is lost", with a tag and its probability for each word."""
    encoding = TASK.encode("the card is lost", TASK.text_encoder(wordpiece))
    (window,) = encoding.windows
    array = np.zeros((len(window), len(TASK.tags)))
    for place, (tag, share) in enumerate(shares, window.prefix):
        array[place] = math.log((1 - share) / (len(TASK.tags) - 1))
        array[place, TASK.tags.index(tag)] = math.log(share)
    return encoding, [array.astype(np.float32)]


SEQUENCE = (("O", 0.9), ("B-PER", 0.9), ("I-PER", 0.6), ("B-LOC", 0.7))
GOLD = ExtractionExample(
    id="a:1", text="the card is lost", entities=(Span(4, 11, "PER"), Span(12, 16, "PER"))
)


def test_the_score_of_an_entity_is_the_mean_share_of_its_tags(wordpiece: Path) -> None:
    encoding, logits = tagged(wordpiece, *SEQUENCE)
    found = TASK.decode("the card is lost", encoding, logits).entities
    assert [(e.label, e.text, e.start, e.end) for e in found] == [
        ("PER", "card is", 4, 11),
        ("LOC", "lost", 12, 16),
    ]
    assert [e.score for e in found] == pytest.approx([0.75, 0.7])
    scaled = TASK.model_copy(update={"scaling": Scaling(temperature=2.0)})
    found = scaled.decode("the card is lost", encoding, logits).entities
    assert found[0].score == pytest.approx(1 / (1 + 3**-0.5))


@pytest.mark.parametrize(
    ("least", "texts"), [(0.69, ["card is", "lost"]), (0.71, ["card is"]), (0.76, [])]
)
def test_entities_below_the_threshold_are_not_given(
    wordpiece: Path, least: float, texts: list[str]
) -> None:
    encoding, logits = tagged(wordpiece, *SEQUENCE)
    task = TASK.model_copy(update={"score_threshold": least})
    found = task.decode("the card is lost", encoding, logits)
    assert [entity.text for entity in found.entities] == texts
    exact = TASK.decode("the card is lost", encoding, logits).entities[1].score
    task = TASK.model_copy(update={"score_threshold": exact, "abstain_below": exact})
    last = task.decode("the card is lost", encoding, logits).entities[-1]
    assert (last.text, last.abstained) == ("lost", False)


@pytest.mark.parametrize(
    ("least", "marked", "whole"),
    [(0.0, [False, False], False), (0.72, [False, True], False), (0.8, [True, True], True)],
)
def test_entities_with_a_low_score_are_marked(
    wordpiece: Path, least: float, marked: list[bool], whole: bool
) -> None:
    encoding, logits = tagged(wordpiece, *SEQUENCE)
    task = TASK.model_copy(update={"abstain_below": least})
    found = task.decode("the card is lost", encoding, logits)
    assert [entity.abstained for entity in found.entities] == marked
    assert found.abstained == whole
    assert not Extraction(entities=(), tokens=4, windows=1).abstained


@pytest.mark.parametrize(
    ("aim", "threshold"),
    [("f1", 0.0), ("precision>=0.9", 0.725), ("precision>=0.5", 0.7), ("recall>=0.5", 0.725)],
)
def test_a_threshold_is_tuned_for_the_aim(wordpiece: Path, aim: str, threshold: float) -> None:
    """Right with 0.75, wrong with 0.7, of two true entities."""
    encoding, logits = tagged(wordpiece, *SEQUENCE)
    task = TASK.model_copy(update={"aim": aim, "score_threshold": 0.74 if aim != "f1" else 0.0})
    tuned = task.tune([GOLD], [encoding], [logits])
    assert tuned.score_threshold == pytest.approx(threshold)


def test_entities_are_calibrated_by_their_own_scores(wordpiece: Path) -> None:
    """Of 40 with a score of 0.9 and 40 with 0.6 all of the first are right, and no other."""
    encoding, logits = tagged(wordpiece, ("O", 0.9), ("B-PER", 0.9), ("I-PER", 0.9), ("B-LOC", 0.6))
    before = TASK.model_copy(update={"scaling": Scaling(shift=3.0), "score_threshold": 0.9})
    fitted = before.calibrate([GOLD] * 40, [encoding] * 40, [logits] * 40)
    found = fitted.model_copy(update={"score_threshold": 0.0})
    entities = found.decode("the card is lost", encoding, logits).entities
    # The smoothed targets: of 40 right answers 41 / 42, of 40 wrong ones 1 / 42.
    assert [e.score for e in entities] == pytest.approx([41 / 42, 1 / 42], abs=1e-5)
    assert fitted.score_threshold == 0.9
    few = TASK.calibrate([GOLD] * 19, [encoding] * 19, [logits] * 19)
    assert few.scaling == Scaling()


def test_a_threshold_moves_with_the_scores_when_calibration_is_undone() -> None:
    task = TASK.model_copy(update={"scaling": Scaling(temperature=2.0), "score_threshold": 0.75})
    assert task.uncalibrated().score_threshold == pytest.approx(0.9)
    assert task.uncalibrated().scaling == Scaling()
    shifted = TASK.model_copy(update={"scaling": Scaling(shift=2.0), "score_threshold": 0.0})
    assert shifted.uncalibrated().score_threshold == 0.0


def test_a_row_counts_right_predicted_and_true_entities_of_each_type(wordpiece: Path) -> None:
    encoding, logits = tagged(wordpiece, *SEQUENCE)
    found = TASK.decode("the card is lost", encoding, logits)
    statistics = TASK.row_statistics(GOLD, found)
    assert statistics.tolist() == [0, 1, 1, 1, 0, 2]
    counts = TASK.label_counts(statistics)
    assert {n: (c.right, c.predicted, c.true) for n, c in counts.items()} == {
        "LOC": (0, 1, 0),
        "PER": (1, 1, 2),
    }
    assert TASK.metrics(statistics) == {"precision": 0.5, "recall": 0.5, "f1": 0.5}
    claims = TASK.claims(GOLD, found)
    assert [claim.right for claim in claims] == [True, False]
    assert [claim.score for claim in claims] == pytest.approx([0.75, 0.7])
    assert TASK.most_right(GOLD) == 2
    assert not TASK.correct(GOLD, found)
    right = ExtractionExample(
        id="a:1", text=GOLD.text, entities=(Span(12, 16, "LOC"), Span(4, 11, "PER"))
    )
    assert TASK.correct(right, found)


def test_rows_count_as_trials_of_what_they_say_something_of() -> None:
    nothing, found, missed, both = [0] * 6, [0, 0, 3, 0, 0, 0], [0, 0, 0, 0, 0, 2], [1] * 6
    rows = np.array([nothing, found, missed, both, both], dtype=float)
    assert TASK.trials(rows) == {"precision": 3.0, "recall": 3.0, "f1": 4.0}


def test_tags_are_numbered_from_outside_with_begin_before_inside() -> None:
    assert TASK.tags == TASK.output_labels == ("O", "B-LOC", "I-LOC", "B-PER", "I-PER")
    assert TASK.numbers_per_token == 5
    rows = [GOLD, ExtractionExample(id="a:2", text="x", entities=(Span(0, 1, "LOC"),))]
    assert ExtractionTask.for_examples(rows).labels == ("LOC", "PER")


def test_targets_tag_every_token_that_an_entity_overlaps(wordpiece: Path) -> None:
    encoding = TASK.encode(GOLD.text, TASK.text_encoder(wordpiece))
    (target,) = TASK.targets(GOLD, encoding)
    assert target.tolist() == [-100, 0, 3, 4, 3, -100]
    inside = ExtractionExample(id="a:1", text=GOLD.text, entities=(Span(5, 10, "LOC"),))
    (target,) = TASK.targets(inside, encoding)
    assert target.tolist() == [-100, 0, 1, 2, 0, -100]
    between = ExtractionExample(id="a:1", text=GOLD.text, entities=(Span(3, 4, "LOC"),))
    assert TASK.targets(between, encoding)[0].tolist() == [-100, 0, 0, 0, 0, -100]


def test_targets_of_a_long_text_are_the_same_in_every_window(wordpiece: Path) -> None:
    text = "the card zoe muller lost in new york " * 5
    spans = tuple(
        Span(begin + 37 * n, end + 37 * n, label)
        for n in range(5)
        for begin, end, label in ((9, 19, "PER"), (28, 36, "LOC"))
    )
    example = ExtractionExample(id="a:1", text=text, entities=spans)
    encoding = TASK.encode(text, TASK.text_encoder(wordpiece))
    whole = [0, 0, 3, 4, 0, 0, 1, 2] * 5
    assert len(encoding.windows) > 2
    for window, target in zip(encoding.windows, TASK.targets(example, encoding), strict=True):
        expected = [-100, *whole[window.start : window.stop], -100]
        assert target.tolist() == expected


def test_entities_are_the_same_where_type_and_place_are() -> None:
    one = Extraction(entities=(Entity("PER", 0.9, "a", 0, 1),), tokens=1, windows=1)
    surer = Extraction(entities=(Entity("PER", 0.1, "a", 0, 1),), tokens=1, windows=1)
    other = Extraction(entities=(Entity("LOC", 0.9, "a", 0, 1),), tokens=1, windows=1)
    longer = Extraction(entities=(Entity("PER", 0.9, "ab", 0, 2),), tokens=1, windows=1)
    assert TASK.same_answer(one, surer)
    assert not TASK.same_answer(one, other)
    assert not TASK.same_answer(one, longer)

"""Entities keep exact offsets, whatever the text, and are scored as seqeval scores them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from burnish.data.examples import ExtractionExample, Span
from burnish.errors import InputError
from burnish.tasks import Encoding, ExtractionTask
from burnish.tasks.evaluation import evaluate
from burnish.tasks.predictions import Entity, Extraction

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
